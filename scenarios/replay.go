package scenarios

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"sync/atomic"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Result is what came of a document.
type Result struct {
	Name     string
	Title    string
	Notices  []string
	Diagrams []DiagramResult
	Worlds   []World // of the first seed; kept if Options.Keep asks for it
	Done     int     // seeds played
}

// World is one run of the first seed, for traces and pictures. Whoever has it calls Close.
type World struct {
	Ensemble *ensemble.Ensemble // nil of another engine: of that there is the story
	Nodes    []trace.Node       // who took part
	Story    []trace.Event
	Stage    Stage
	Name     string
	Title    string
	Actions  []string // faults that were added to the document
	Seed     uint64

	Fingerprint uint64
	Until       sim.Time      // what the document covers; the check of liveness goes on behind it
	Records     int           // that the document covers
	Record      lin.Record    // what the judges were given
	HistoryOps  []int         // of each entry of the history: the client's operation, or -1
	Verdicts    []lin.Verdict // porcupine's
	Checks      []Check
}

// Picture is the verdict that is worth a picture: the first that is broken, else the first.
func (w *World) Picture() lin.Verdict { return picture(w.Verdicts) }

func picture(list []lin.Verdict) lin.Verdict {
	if i := slices.IndexFunc(list, func(v lin.Verdict) bool { return v.Result == lin.Broken }); i >= 0 {
		return list[i]
	}
	if len(list) == 0 {
		return lin.Verdict{}
	}
	return list[0]
}

// WritePicture writes porcupine's page of that verdict, with what happened beside the operations.
func (w *World) WritePicture(out io.Writer) error {
	events, err := w.Events()
	if err != nil {
		return err
	}
	return lin.Page(out, w.Picture(), Annotations(events)...)
}

// Events is the run as a trace has it.
func (w *World) Events() ([]trace.Event, error) {
	if w.Ensemble == nil {
		return w.Story, nil
	}
	var b bytes.Buffer
	if err := w.WriteTrace(&b); err != nil {
		return nil, err
	}
	run, err := trace.Read(w.Name, &b)
	if err != nil {
		return nil, err
	}
	return run.Events, nil
}

// Close lets go of the world.
func (w *World) Close() {
	if w.Ensemble != nil {
		w.Ensemble.Close()
	}
}

// DiagramResult is what came of one diagram.
type DiagramResult struct {
	Title       string
	Line        int
	Seed        uint64
	Seeds       int
	Fingerprint uint64
	Verdict     Verdict
	Arrows      []Arrow
	Branches    []Count // over all seeds, in order of the document
	Winners     []Count
	Checks      []Check
	Figures     witness.Figures // of all seeds, and of the diagrams before it in the same world
	Ends        bool            // no other diagram goes on with it
	Facts       Facts           // of the first seed
	Cut         bool            // stopped by Until, or interrupted
	Failure     error           // of the first seed that broke a check, with the seed in FailureSeed
	FailureSeed uint64
}

// Arrow is one arrow or note and what came of it: with several seeds, the worst of it.
type Arrow struct {
	Line    int
	Column  int
	Text    string
	Kind    Kind
	From    string
	To      string
	Expect  diagram.Expect
	Verdict Verdict
	At      sim.Time // -1 if it never happened
	Omitted []Omitted
	Instead string
	Answer  string
	Whom    string
	Seed    uint64 // that this is from
	Counts  map[Verdict]int
}

// Surprise is true if something else happened than was drawn, and the author has not said so.
func (a *Arrow) Surprise() bool {
	return a.Verdict.Wrong() && string(a.Expect) != string(a.Verdict)
}

// seedRun is what one seed came to.
type seedRun struct {
	seed   uint64
	scenes []*sceneRun // by diagram; nil for what was not reached
	worlds []World
	cut    bool
	err    error
}

// Replay plays a compiled document with as many seeds as the options ask for.
func Replay(s *Script, o Options) (*Result, error) {
	first := s.worlds[0].stage.Seed
	if o.Seed != nil {
		first = *o.Seed
	}
	n := max(1, o.Seeds)
	res := &Result{Name: s.Doc.Name, Title: s.Doc.Title, Notices: s.Notices}
	total := newTally(s, first, n)
	var failed error
	runSeeds(n, 0, func(i int) *seedRun {
		return s.playSeed(first+uint64(i), &o, i == 0)
	}, func(i int, r *seedRun) bool {
		if r.err != nil {
			failed = r.err
			return false
		}
		total.add(r)
		if i == 0 {
			res.Worlds = r.worlds
		}
		res.Done = i + 1
		if o.Progress != nil {
			o.Progress(i + 1)
		}
		return o.Stop == nil || !o.Stop()
	})
	if failed != nil {
		for i := range res.Worlds {
			res.Worlds[i].Close()
		}
		return nil, failed
	}
	res.Diagrams = total.finish(res.Done)
	return res, s.explain(res, &o)
}

// explain plays a seed that broke a check once more, to tell the events that led there. On another engine
// nothing comes twice.
func (s *Script) explain(res *Result, o *Options) error {
	if o.Engine != nil {
		return nil
	}
	for i := range res.Diagrams {
		d := &res.Diagrams[i]
		if !slices.ContainsFunc(d.Checks, func(c Check) bool { return len(c.Breaches) > 0 }) {
			continue
		}
		seed := d.FailureSeed
		if seed == 0 {
			seed = d.Seed
		}
		again := *o
		again.Keep = true
		run := s.playSeed(seed, &again, true)
		for k := range run.worlds {
			run.worlds[k].Close()
		}
		if run.err != nil || run.scenes[i] == nil {
			return run.err
		}
		for k := range d.Checks {
			for _, c := range run.scenes[i].checks {
				if c.Name == d.Checks[k].Name && c.Verdict == lin.Broken && d.Checks[k].Verdict == lin.Broken {
					d.Checks[k].Breaches = c.Breaches
				}
			}
		}
	}
	return nil
}

// runSeeds plays seeds on so many processors, 0 for all, and hands what came of them over in order. take returns
// false to end it early.
func runSeeds[T any](n, workers int, play func(int) *T, take func(int, *T) bool) {
	if workers = min(n, workers); workers < 1 {
		workers = min(n, runtime.GOMAXPROCS(0))
	}
	if workers == 1 {
		for i := range n {
			if !take(i, play(i)) {
				return
			}
		}
		return
	}
	var (
		next atomic.Int64
		stop atomic.Bool
		wg   sync.WaitGroup
		mu   sync.Mutex
		done = make(map[int]*T)
		want int
	)
	for range workers {
		wg.Go(func() {
			for !stop.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				r := play(i)
				mu.Lock()
				done[i] = r
				for r := done[want]; r != nil && !stop.Load(); r = done[want] {
					delete(done, want)
					if !take(want, r) {
						stop.Store(true)
					}
					want++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// playSeed plays the whole document once.
func (s *Script) playSeed(seed uint64, o *Options, first bool) *seedRun {
	out := &seedRun{seed: seed, scenes: make([]*sceneRun, len(s.Diagrams))}
	n := 0
	for _, w := range s.worlds {
		if out.cut || out.err != nil {
			n += len(w.scenes)
			continue
		}
		n = s.playWorld(w, out, n, o, first)
	}
	return out
}

func (s *Script) playWorld(w *worldSpec, out *seedRun, n int, o *Options, first bool) int {
	p, err := newPlayer(s, w, out.seed, o, first || w.packets())
	if err != nil {
		out.err = err
		return n
	}
	kept := false
	defer func() {
		if !kept {
			p.e.Close()
		}
	}()
	var last *sceneRun
	var verdicts []lin.Verdict
	alive := true
	for _, scene := range w.scenes {
		if alive {
			alive = p.play(scene)
			last = p.run
			out.scenes[n] = last
			last.checks, verdicts = p.judgeRun(o)
		}
		n++
	}
	if p.err != nil {
		out.err = p.err
		return n
	}
	out.cut = p.cut
	worlds := len(out.worlds)
	switch teller, tells := p.e.(engine.Storyteller); {
	case !first || !o.Keep:
	case tells:
		out.worlds = append(out.worlds, s.toldWorld(w, p, teller.Story(), verdicts))
	case p.sim != nil:
		kept = true
		out.worlds = append(out.worlds, s.world(w, p, verdicts, o))
		out.err = out.explain(worlds, n-len(w.scenes), n)
	}
	if !p.cut && last.failure == nil {
		live := checkLive(p.e, &w.stage)
		if out.cut = p.interrupted(); !out.cut {
			last.checks = append(last.checks, live)
		}
	}
	if len(out.worlds) > worlds {
		out.worlds[worlds].Checks = last.checks
	}
	return n
}

// explain adds to what is broken in a world's diagrams, which are those from..to, what led there.
func (r *seedRun) explain(world, from, to int) error {
	var events []trace.Event
	for _, scene := range r.scenes[from:to] {
		if scene == nil || !slices.ContainsFunc(scene.checks, func(c Check) bool { return len(c.Breaches) > 0 }) {
			continue
		}
		if events == nil {
			var err error
			if events, err = r.worlds[world].Events(); err != nil {
				return err
			}
		}
		Explain(scene.checks, events)
	}
	return nil
}

// world is a run as it stands when all that the document covers has been played, still without
// its checks.
func (s *Script) world(w *worldSpec, p *player, verdicts []lin.Verdict, o *Options) World {
	kw := World{
		Ensemble: p.sim, Nodes: p.sim.Nodes(), Stage: w.stage, Name: s.Doc.Name, Title: s.Doc.Title, Seed: p.seed, Until: p.now(),
		Fingerprint: p.sim.World.Fingerprint(), Records: len(p.sim.World.Records()), Record: p.record(),
		HistoryOps: p.sim.HistoryOps(), Verdicts: verdicts,
	}
	for _, f := range o.Plan {
		kw.Actions = append(kw.Actions, f.String())
	}
	return kw
}

// toldWorld is a run of an engine that can only tell of it.
func (s *Script) toldWorld(w *worldSpec, p *player, story *engine.Story, verdicts []lin.Verdict) World {
	return World{
		Stage: w.stage, Name: s.Doc.Name, Title: s.Doc.Title + ", on real servers", Seed: p.seed, Until: p.now(),
		Nodes: story.Nodes, Story: ensemble.StoryEvents(story), Record: p.record(), Verdicts: verdicts,
	}
}

// packets says that a world's drawings show messages between servers, which only records tell of.
func (w *worldSpec) packets() bool {
	for _, s := range w.scenes {
		if slices.ContainsFunc(s.arrows, func(a *act) bool { return a.kind == Packet }) {
			return true
		}
	}
	return false
}

// tally adds the runs of many seeds up.
type tally struct {
	diagrams []DiagramResult
	counts   []map[string]int // of branches and winners
}

func newTally(s *Script, first uint64, n int) *tally {
	t := new(tally)
	ends := make(map[*Scene]bool)
	for _, w := range s.worlds {
		if n := len(w.scenes); n > 0 {
			ends[w.scenes[n-1]] = true
		}
	}
	for _, scene := range s.Diagrams {
		d := DiagramResult{
			Ends:  ends[scene],
			Title: scene.Diagram.Title, Line: scene.Diagram.Line, Seed: first, Seeds: n,
			Arrows: make([]Arrow, len(scene.arrows)),
		}
		for i, a := range scene.arrows {
			d.Arrows[i] = Arrow{
				Line: a.pos.Line, Column: a.pos.Column, Text: a.text, Kind: a.kind, From: a.from, To: a.to,
				Expect: a.expect, At: -1, Counts: make(map[Verdict]int),
			}
		}
		t.diagrams = append(t.diagrams, d)
		t.counts = append(t.counts, make(map[string]int))
	}
	return t
}

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

func (a *Arrow) add(r *arrowRun, seed uint64) {
	first := len(a.Counts) == 0
	a.Counts[r.verdict]++
	if first || r.verdict.worse(a.Verdict) {
		a.Verdict, a.At, a.Omitted, a.Instead = r.verdict, r.at, r.omitted, r.instead
		a.Answer, a.Whom, a.Seed = r.answer, r.whom, seed
	}
}

func (d *DiagramResult) addCheck(c Check, seed uint64) {
	for i := range d.Checks {
		old := &d.Checks[i]
		if old.Name != c.Name {
			continue
		}
		if c.Verdict.Worse(old.Verdict) {
			if d.Seeds > 1 {
				c.Text = fmt.Sprintf("seed %#x: %s", seed, c.Text)
			}
			*old = c
			if c.Promised && d.FailureSeed == 0 {
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

// finish drops what no seed came to and names the worst.
func (t *tally) finish(done int) []DiagramResult {
	for i := range t.diagrams {
		d := &t.diagrams[i]
		d.Seeds = done
		d.Verdict = Remark
		kept := d.Arrows[:0]
		for _, a := range d.Arrows {
			if len(a.Counts) == 0 {
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

// named sorts the counts of one kind by line and name. The line is left out of a name where only
// one block of the diagram counts.
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
