package atlas

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// These are the faults that an atlas can play.
const (
	Crash = "crash"
	Power = "power"
	Pause = "pause"
	Cut   = "cut"
)

// Faults lists the faults.
func Faults() []string { return []string{Crash, Power, Pause, Cut} }

// Leading stands for the server that leads at the moment of the fault.
const Leading = "LEADER"

// Options say what to play.
type Options struct {
	scenarios.Options
	Fault string
	Who   []string // servers or clients, or Leading; nil for all servers
	All   bool     // without Who: clients too
	Span  sim.Time // of a pause
	Most  int      // the most moments for each server; 0 for all
	// Traces keeps the trace of each world's run without a fault in World.Trace.
	Traces bool
	// Played, if set, is called after each run with how many are done, and of how many. If it
	// returns false, Play stops.
	Played func(done, of int) bool
}

// Atlas has the outcome of a fault at each moment of a document.
type Atlas struct {
	Name, Title string
	Fault       string
	Span        sim.Time
	Every       int // moments: all if 1, else every k-th
	Runs        int
	Cut         bool // stopped by Options.Played
	Worlds      []World
}

// World has the results for one series of diagrams of the document. In such a series, each diagram
// continues where the previous diagram ended.
type World struct {
	Title    string
	Diagrams []string // titles
	Lines    []int    // where they begin
	Trace    []byte   // in the format zablab.trace/1, if Options.Traces asks for it
	Events   []trace.Event
	Rows     []Row
}

// Row has the outcomes of the fault on one server or client, one for each moment.
type Row struct {
	Who   string
	Cells []Cell // by moment
}

// Cell is one moment.
type Cell struct {
	Came
	Step int64
	Plan string // the line that plays it again; empty if nothing was played
}

// Play plays a document once for each moment, with a fault at that moment.
func Play(doc *diagram.Document, o Options) (*Atlas, error) {
	s, err := script.Compile(doc, o.Options.Options)
	if err != nil {
		return nil, err
	}
	first := o.Options
	first.Keep = true
	base, err := scenarios.Replay(s, first)
	if err != nil {
		return nil, err
	}
	a := &Atlas{Name: base.Name, Title: base.Title, Fault: o.Fault, Span: o.Span, Every: 1}
	var ranges [][2]int
	from := 0
	for i := range base.Worlds {
		w := &base.Worlds[i]
		to := from + len(s.Worlds[i].Scenes)
		ranges = append(ranges, [2]int{from, to})
		made := World{Title: w.Title}
		for d := from; d < to; d++ {
			made.Diagrams = append(made.Diagrams, base.Diagrams[d].Title)
			made.Lines = append(made.Lines, base.Diagrams[d].Line)
		}
		if w.Ensemble != nil {
			w.Ensemble.Recording().Events(w.Records, func(e *trace.Event) {
				made.Events = append(made.Events, *e)
			})
		}
		for _, who := range o.Who {
			if err := checkName(w, who); err != nil {
				return nil, err
			}
		}
		made.Rows = rows(w, made.Events, &o)
		if o.Traces {
			var b bytes.Buffer
			if err := w.WriteTrace(&b); err != nil {
				return nil, err
			}
			made.Trace = b.Bytes()
		}
		a.Worlds = append(a.Worlds, made)
		from = to
		w.Close()
	}
	a.thin(o.Most)
	return a, a.play(s, base, ranges, &o)
}

func checkName(w *scenarios.World, who string) error {
	if who == Leading || slices.ContainsFunc(w.Nodes, func(n trace.Node) bool { return n.ID == who }) {
		return nil
	}
	var names []string
	for _, n := range w.Nodes {
		names = append(names, n.ID)
	}
	return fmt.Errorf("no machine %s: the machines are %s: use one of these names, or %s", who,
		strings.Join(names, " "), Leading)
}

// rows returns the moments of a world, for each server, with the faults to play.
func rows(w *scenarios.World, events []trace.Event, o *Options) (list []Row) {
	who := o.Who
	if len(who) == 0 {
		for _, n := range w.Nodes {
			if n.Kind == "server" || n.Kind == "observer" || o.All && n.Kind == "client" {
				who = append(who, n.ID)
			}
		}
	}
	for _, name := range who {
		r := Row{Who: name}
		up, leader := map[string]bool{}, ""
		for i := range events {
			e := &events[i]
			switch {
			case e.K == sim.KindBoot.String():
				up[e.N] = true
			case e.K == sim.KindCrash.String():
				if up[e.N] = false; e.N == leader {
					leader = ""
				}
			case e.Key == "leader":
				leader = e.N
			}
			if e.I < 1 {
				continue
			}
			victim := name
			if name == Leading {
				victim = leader
			}
			c := Cell{Step: e.I}
			if up[victim] {
				c.Plan = fmt.Sprintf("at step %d %s", e.I, o.fault(victim, w.Nodes))
			}
			r.Cells = append(r.Cells, c)
		}
		list = append(list, r)
	}
	return list
}

// fault returns the line of a plan, without its moment.
func (o *Options) fault(who string, nodes []trace.Node) string {
	switch o.Fault {
	case Pause:
		return sim.Pause(who, o.Span).Action()
	case Cut:
		var others []string
		for _, n := range nodes {
			if n.ID != who && n.Kind != "resource" {
				others = append(others, n.ID)
			}
		}
		return sim.Split([]string{who}, others).Action()
	case Power:
		return sim.PowerLoss(who).Action()
	}
	return sim.Crash(who).Action()
}

// thin keeps every k-th moment, so that no row has more than most.
func (a *Atlas) thin(most int) {
	longest := 0
	for i := range a.Worlds {
		for _, r := range a.Worlds[i].Rows {
			longest = max(longest, len(r.Cells))
		}
	}
	if most <= 0 || longest <= most {
		return
	}
	a.Every = (longest + most - 1) / most
	for i := range a.Worlds {
		for k := range a.Worlds[i].Rows {
			r := &a.Worlds[i].Rows[k]
			var kept []Cell
			for j := 0; j < len(r.Cells); j += a.Every {
				kept = append(kept, r.Cells[j])
			}
			r.Cells = kept
		}
	}
}

// task is one run, for a cell.
type task struct {
	cell     *Cell
	world    int // from 1
	from, to int // diagrams
}

// tasks lists the runs.
func (a *Atlas) tasks(ranges [][2]int) (list []task) {
	for i := range a.Worlds {
		for k := range a.Worlds[i].Rows {
			for j := range a.Worlds[i].Rows[k].Cells {
				if c := &a.Worlds[i].Rows[k].Cells[j]; c.Plan != "" {
					list = append(list, task{c, i + 1, ranges[i][0], ranges[i][1]})
				}
			}
		}
	}
	return list
}

// play plays every task, on all processors.
func (a *Atlas) play(s *script.Script, base *scenarios.Result, ranges [][2]int, o *Options) error {
	tasks := a.tasks(ranges)
	type done struct {
		result *scenarios.Result
		err    error
	}
	seeds.Run(len(tasks), 0, func(i int) *done {
		again := o.Options
		again.PlanWorld = tasks[i].world
		f, err := sim.ParseFault(tasks[i].cell.Plan)
		if err != nil {
			return &done{nil, err}
		}
		again.Plan = append(append(sim.Plan(nil), again.Plan...), f)
		r, err := scenarios.Replay(s, again)
		return &done{r, err}
	}, func(i int, d *done) bool {
		a.Runs++
		if t := &tasks[i]; d.err != nil {
			t.cell.Came = Came{Outcome: Refused, Says: d.err.Error()}
		} else {
			t.cell.Came = compare(base, d.result, t.from, t.to)
		}
		a.Cut = o.Played != nil && !o.Played(i+1, len(tasks))
		return !a.Cut
	})
	return nil
}

// Count returns how many moments have this outcome.
func (a *Atlas) Count(o Outcome) (n int) {
	for i := range a.Worlds {
		for k := range a.Worlds[i].Rows {
			for _, c := range a.Worlds[i].Rows[k].Cells {
				if c.Outcome == o {
					n++
				}
			}
		}
	}
	return n
}

// Stretch is a series of neighbouring moments of a row that have the same outcome.
type Stretch struct {
	First, Last *Cell
	Outcome     Outcome
	Moments     int
	Least, Most sim.Time // how much later
}

// Stretches groups neighbouring moments of the row that have the same outcome.
func (r *Row) Stretches() (list []Stretch) {
	for i := range r.Cells {
		c := &r.Cells[i]
		n := len(list) - 1
		if n < 0 || list[n].Outcome != c.Outcome || list[n].First.Line != c.Line {
			list = append(list, Stretch{First: c, Outcome: c.Outcome, Least: c.Later})
			n++
		}
		x := &list[n]
		x.Last = c
		x.Moments++
		x.Least, x.Most = min(x.Least, c.Later), max(x.Most, c.Later)
	}
	return list
}

// Event returns the event that happened at a step.
func (w *World) Event(step int64) *trace.Event {
	i, ok := slices.BinarySearchFunc(w.Events, step, func(e trace.Event, step int64) int {
		return cmp.Compare(e.I, step)
	})
	if !ok {
		return nil
	}
	return &w.Events[i]
}
