package scenarios

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
)

// tally adds up the runs of many seeds.
type tally struct {
	diagrams []DiagramResult
	counts   []map[string]int // counts of branches and winners
}

func newTally(s *script.Script, first uint64, n int) *tally {
	t := new(tally)
	ends := make(map[*script.Scene]bool)
	for _, w := range s.Worlds {
		if n := len(w.Scenes); n > 0 {
			ends[w.Scenes[n-1]] = true
		}
	}
	for _, scene := range s.Diagrams {
		d := DiagramResult{
			Ends: ends[scene], Stage: scene.Stage,
			Title: scene.Diagram.Title, Line: scene.Diagram.Line, Read: scene.Read(), Seed: first, Seeds: n,
			Arrows: make([]Arrow, len(scene.Arrows)),
		}
		racers := make(map[*script.Act]bool)
		raced(scene.Acts, false, racers)
		for i, a := range scene.Arrows {
			from, to := scene.Ends(a)
			d.Arrows[i] = Arrow{
				Line: a.Pos.Line, Column: a.Pos.Column, Text: a.Text, Kind: a.Kind,
				From: from, To: to,
				Expect: a.Expect, At: -1, Counts: make(map[Verdict]int),
				Supplied: slices.Clone(a.Supplied),
				Says:     scene.Says(a), Nearest: a.Nearest,
				Races: racers[a] || a.Of != nil && racers[a.Of],
			}
		}
		t.diagrams = append(t.diagrams, d)
		t.counts = append(t.counts, make(map[string]int))
	}
	return t
}

// Nobody is the winner of a race that nobody wins.
const Nobody = "nobody"

// raced collects the writes that are drawn in par blocks whose winner is counted.
func raced(acts []*script.Act, inside bool, racers map[*script.Act]bool) {
	for _, a := range acts {
		if inside && a.Kind == script.Call && a.Op.Type.Writes() {
			racers[a] = true
		}
		for i := range a.Branches {
			raced(a.Branches[i].Acts, inside || a.Block == "par" && a.Race, racers)
		}
	}
}

// add adds the run of one seed.
func (t *tally) add(r *seedRun) {
	for i, run := range r.scenes {
		d := &t.diagrams[i]
		if run == nil {
			d.Cut = d.Cut || r.cut
			continue
		}
		if r.seed == d.Seed {
			d.Fingerprint, d.Facts, d.Cut = run.fingerprint, run.facts, run.cut
		}
		for id, ar := range run.arrows {
			if ar != nil {
				d.Arrows[id].add(ar, r.seed)
			}
		}
		for _, b := range run.branches {
			t.counts[i]["b"+b]++
		}
		for _, w := range run.winners {
			t.counts[i]["w"+w]++
		}
		for _, c := range run.checks {
			d.addCheck(c, r.seed)
		}
		d.Figures.Add(&run.figures)
		if run.failure != nil && d.Failure == nil {
			d.Failure, d.FailureSeed = run.failure, r.seed
		}
	}
}

// add adds the outcome of one seed. The worst outcome is kept.
func (a *Arrow) add(r *arrowRun, seed uint64) {
	first := len(a.Counts) == 0
	a.Counts[r.verdict]++
	for _, s := range r.supplied {
		if first {
			a.Supplied = append(a.Supplied, s)
		}
	}
	if first || r.verdict.worse(a.Verdict) {
		a.Verdict, a.At, a.Omitted, a.Instead = r.verdict, r.at, r.omitted, r.instead
		a.Answer, a.Whom, a.Bad, a.Seed = r.answer, r.whom, r.bad, seed
	}
}

// addCheck adds a check of one seed. The worst verdict of each check is kept.
func (d *DiagramResult) addCheck(c judge.Check, seed uint64) {
	for i := range d.Checks {
		old := &d.Checks[i]
		if old.Name != c.Name {
			continue
		}
		if worse(&c, old) {
			if d.Seeds > 1 && c.Verdict.Worse(lin.Linearizable) {
				c.Text = fmt.Sprintf("seed %#x: %s", seed, c.Text)
			}
			*old = c
			if c.Promised && c.Verdict != lin.Linearizable && d.FailureSeed == 0 {
				d.FailureSeed = seed
			}
		}
		return
	}
	d.Checks = append(d.Checks, c)
	if c.Promised && c.Verdict != lin.Linearizable && d.FailureSeed == 0 {
		d.FailureSeed = seed
	}
}

// worse reports whether check c is worse than old, a check of the same name: broken, bad, or at
// least with something to check.
func worse(c, old *judge.Check) bool {
	switch {
	case c.Verdict != old.Verdict:
		return c.Verdict.Worse(old.Verdict)
	case c.Bad != old.Bad:
		return c.Bad
	}
	return old.Idle && !c.Idle
}

// finish removes the arrows that no seed reached, unless they are unread, and finds the worst
// verdict of each diagram.
func (t *tally) finish(done int) []DiagramResult {
	for i := range t.diagrams {
		d := &t.diagrams[i]
		d.Seeds = done
		d.Verdict = Remark
		kept := d.Arrows[:0]
		for _, a := range d.Arrows {
			switch {
			case len(a.Counts) > 0:
			case a.Kind == script.Unread: // in a branch that is not played
				a.Verdict, a.At, a.Instead = Unread, -1, a.Says
			default:
				continue
			}
			if a.Verdict.worse(d.Verdict) {
				d.Verdict = a.Verdict
			}
			kept = append(kept, a)
		}
		d.Arrows = kept
		d.Branches = t.named(i, "b")
		d.Winners = t.named(i, "w")
	}
	return t.diagrams
}

// named returns the counts of one kind, by line and name. A name includes the line only if several
// blocks of the diagram have counts.
func (t *tally) named(i int, kind string) (list []Count) {
	type entry struct {
		line int
		name string
		n    int
	}
	var all []entry
	lines := make(map[int]bool)
	for key, n := range t.counts[i] { // order: sorted below
		rest, ok := strings.CutPrefix(key, kind)
		if !ok {
			continue
		}
		var e entry
		fmt.Sscanf(rest, "%d", &e.line)
		_, e.name, _ = strings.Cut(rest, " ")
		e.n = n
		all = append(all, e)
		lines[e.line] = true
	}
	sort.Slice(all, func(a, b int) bool {
		if all[a].line != all[b].line {
			return all[a].line < all[b].line
		}
		return all[a].name < all[b].name
	})
	for _, e := range all {
		if len(lines) > 1 {
			e.name += fmt.Sprintf(" (line %d)", e.line)
		}
		list = append(list, Count{e.name, e.n})
	}
	return list
}
