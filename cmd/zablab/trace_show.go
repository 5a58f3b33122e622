package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// fewEvents is how many a person looks through without being asked to.
const fewEvents = 60

type traceShow struct {
	around string
	lines  int
	nodes  []string
	kinds  []string
	key    bool
	causes int64
	effect int64
	state  bool
}

func newTraceShow() *cobra.Command {
	var f traceShow
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Tell a run: all of it, the moments that count, or what led to one event",
		Long: "Prints the events of a trace. Without any choice a long trace is told by its key moments, and a very\n" +
			"long one by those that are not a client's call or answer.",
		Example: "  zablab trace show t.ndjson\n" +
			"  zablab trace show t.ndjson --around 1.7s --state\n" +
			"  zablab trace show t.ndjson --causes 579",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.around, "around", "", "only what is near a moment (1.7s) or a step (911)")
	flags.IntVar(&f.lines, "lines", 0, "how many events at most (default: 24 with --around, 60 else)")
	flags.StringSliceVar(&f.nodes, "node", nil, "only these nodes: S1,A")
	flags.StringSliceVar(&f.kinds, "kind", nil, "only these kinds: recv,commit")
	flags.BoolVar(&f.key, "key", false, "only key moments")
	flags.Int64Var(&f.causes, "causes", -1, "tell what led to this step, nearest first")
	flags.Int64Var(&f.effect, "effects", -1, "tell what this step led to")
	flags.BoolVar(&f.state, "state", false, "add the state of every node behind the last event shown")
	cmd.MarkFlagsMutuallyExclusive("causes", "effects", "around")
	return cmd
}

// told is what a show found, in order.
type told struct {
	first, last []trace.Event
	missing     int64 // between the two
	asides      []trace.Aside
	total       int64
	word        string // of the events that were chosen from
	header      trace.Header
	ended       bool
}

func (s *told) events() []trace.Event { return append(slices.Clone(s.first), s.last...) }

func (f *traceShow) run(cmd *cobra.Command, name string) error {
	if f.lines < 0 {
		return fmt.Errorf("--lines %d: show at least one", f.lines)
	}
	s, err := f.choose(cmd, name)
	if err != nil {
		return err
	}
	var state *trace.State
	if list := s.events(); f.state && len(list) > 0 {
		last := list[0].I
		for i := range list {
			last = max(last, list[i].I)
		}
		r, err := each(name, func(e *trace.Event, r *trace.Reader) bool { return e.I < last })
		if err != nil {
			return err
		}
		state = r.State()
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		return s.json(cmd.OutOrStdout(), state)
	}
	p := &traceTable{paint: painter(cmd.OutOrStdout()), out: cmd.OutOrStdout()}
	if cmd.Flags().Changed("causes") {
		p.story(name, s, f.lines)
	} else {
		p.show(name, s)
	}
	if state != nil {
		p.state(state, s)
	}
	return nil
}

func (f *traceShow) choose(cmd *cobra.Command, name string) (*told, error) {
	switch {
	case cmd.Flags().Changed("causes"):
		return f.chooseCauses(name)
	case f.around != "":
		return f.chooseAround(name)
	}
	filter := trace.Filter{Nodes: f.nodes, Kinds: f.kinds, Key: f.key}
	effects := trace.Effects{Of: f.effect}
	lines := f.lines
	if lines == 0 {
		lines = fewEvents
	}
	// Three ways to tell it, of which the fullest that is short enough is taken.
	ways := []struct {
		word   string
		filter trace.Filter
		pick   trace.Pick
	}{
		{word: "events", filter: filter}, {word: "key moments", filter: filter},
		{word: "key moments but calls and answers", filter: filter},
	}
	ways[1].filter.Key, ways[2].filter.Story = true, true
	for i := range ways {
		ways[i].pick = trace.Pick{First: lines - lines/3, Last: lines / 3}
	}
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		if f.effect >= 0 && !effects.Add(e) {
			return true
		}
		for i := range ways {
			if ways[i].filter.Takes(e) {
				ways[i].pick.Add(e)
			}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if f.effect >= r.Count() {
		return nil, noStep(name, "effects", f.effect, r)
	}
	way := 0
	asked := len(f.nodes) > 0 || len(f.kinds) > 0 || f.effect >= 0 || f.lines > 0
	for !asked && !f.key && way < 2 && ways[way].pick.Count > int64(lines) {
		way++
	}
	if f.key && !asked && ways[1].pick.Count > int64(lines) {
		way = 1
	}
	s := &told{word: ways[way].word, total: r.Count(), header: r.Header, ended: r.Ended}
	s.first, s.last, s.missing = ways[way].pick.Events()
	return s, nil
}

func noStep(name, flag string, step int64, r *trace.Reader) error {
	return fmt.Errorf("%s: --%s %d: no such step: there are 0 to %d", name, flag, step, r.Count()-1)
}

func (f *traceShow) chooseAround(name string) (*told, error) {
	at, err := point("around", f.around)
	if err != nil {
		return nil, err
	}
	lines := f.lines
	if lines == 0 {
		lines = 24
	}
	filter := trace.Filter{Nodes: f.nodes, Kinds: f.kinds, Key: f.key}
	w := trace.NewWindow(at, lines/2, lines-lines/2)
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		if filter.Takes(e) {
			w.Add(e)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return &told{first: w.Events(), word: "events", total: r.Count(), header: r.Header, ended: r.Ended}, nil
}

// chooseCauses reads twice: first for who caused whom, then for the events of the chain.
func (f *traceShow) chooseCauses(name string) (*told, error) {
	var parents []int64
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		parents = append(parents, e.Cause)
		return true
	})
	if err != nil {
		return nil, err
	}
	if f.causes < 0 || f.causes >= r.Count() {
		return nil, noStep(name, "causes", f.causes, r)
	}
	chain := trace.Causes(parents, f.causes)
	slices.Reverse(chain)
	asides := trace.Asides{Chain: chain}
	s := &told{word: "causes", total: r.Count(), header: r.Header, ended: r.Ended}
	_, err = each(name, func(e *trace.Event, r *trace.Reader) bool {
		if _, in := slices.BinarySearch(chain, e.I); in {
			s.first = append(s.first, *e)
		}
		asides.Add(e, r.State())
		return true
	})
	slices.Reverse(s.first)
	s.asides = asides.Found
	return s, err
}

// traceTable prints parts of traces for a person.
type traceTable struct {
	paint
	out io.Writer
}

func (p *traceTable) line(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

func (p *traceTable) show(name string, s *told) {
	p.line("%s  %s", p.bold(s.header.Title),
		p.faint(fmt.Sprintf("%s · seed %#x · %s events", name, s.header.Seed, steps(s.total))))
	if s.word != "events" {
		p.line("%s", p.faint("The "+s.word+"; --lines, --around, --node, --kind and --causes show more."))
	}
	p.events(s)
	if !s.ended {
		p.line("%s", p.yellow("The file ends here without an end line: it was cut off."))
	}
}

func (p *traceTable) events(s *told) {
	t := newTable(p.out, "Step", "Time", "Who", "What happened")
	for i := range s.first {
		p.row(t, &s.first[i])
	}
	if s.missing > 0 {
		t.row("", "", "", p.faint("… "+steps(s.missing)+" more …"))
	}
	for i := range s.last {
		p.row(t, &s.last[i])
	}
	t.render()
	p.whys(s)
}

func (p *traceTable) row(t *table, e *trace.Event) {
	say := "  " + e.Say
	if e.Key != "" {
		say = p.mark(e.Key) + " " + p.bold(e.Say)
	}
	t.row(p.faint(fmt.Sprint(e.I)), seconds(e.T), e.N, say)
}

// mark is the sign of a key moment.
func (p *traceTable) mark(key string) string {
	switch key {
	case "crash", "expire", "split", "violation":
		return p.red("✕")
	case "leader", "belief":
		return p.green("★")
	case "watch":
		return p.yellow("◆")
	case "call":
		return "→"
	case "ret":
		return "←"
	}
	return "•"
}

// whys explains the key moments that are shown, each explanation once.
func (p *traceTable) whys(s *told) {
	var keys []string
	for _, e := range s.events() {
		if e.Key != "" && e.Why != "" && e.Why != "op" && !slices.Contains(keys, e.Why) {
			keys = append(keys, e.Why)
		}
	}
	if len(keys) == 0 {
		return
	}
	p.line("\n%s", p.bold("Why"))
	for _, k := range keys {
		for _, w := range s.header.Why {
			if w.Key == k {
				p.line("  %-12s %s", k, p.faint(wrap(w.Text, 80, strings.Repeat(" ", 15))))
			}
		}
	}
}

// story tells a chain of causes, nearest first. A send is told by the arrival that it led to, and
// a row of timers by the first and the last. Of a long story the middle is left out.
func (p *traceTable) story(name string, s *told, most int) {
	if most == 0 {
		most = fewEvents
	}
	list := s.first
	p.line("%s  %s", p.bold("Why: "+list[0].Say),
		p.faint(fmt.Sprintf("%s · step %d at %s", name, list[0].I, seconds(list[0].T))))
	var rows [][]string
	row := func(cells ...string) { rows = append(rows, cells) }
	timers := 0
	for i := range list {
		e := &list[i]
		within := i > 0 && i+1 < len(list)
		if within && e.K == "send" {
			continue
		}
		if within && e.K == "timer.fire" && list[i-1].K == "timer.fire" && list[i+1].K == "timer.fire" {
			timers++
			continue
		}
		if timers > 0 {
			row("", "", "", p.faint(fmt.Sprintf("  … %s of %s before it", plural(timers, "timer", "timers"), e.N)))
			timers = 0
		}
		since := ""
		if i+1 < len(list) && e.T > list[i+1].T {
			since = "+" + sim.Time(e.T-list[i+1].T).Brief()
		}
		say := "  " + e.Say
		if e.Key != "" {
			say = p.mark(e.Key) + " " + p.bold(e.Say)
		}
		row(p.faint(fmt.Sprint(e.I)), seconds(e.T), since, say)
		for _, a := range s.asides {
			if a.For == e.I {
				row(p.faint(fmt.Sprint(a.Event.I)), seconds(a.Event.T), "",
					p.yellow("  ↳ "+p.because(e)+": "+a.Event.Say))
			}
		}
	}
	t := newTable(p.out, "Step", "Time", "Since", "What happened, nearest first")
	for i, cells := range rows {
		switch hidden := len(rows) - most; {
		case hidden <= 0 || i < most-most/3 || i >= len(rows)-most/3:
			t.row(cells...)
		case i == most-most/3:
			t.row("", "", "", p.faint("  … "+steps(int64(hidden))+" more …"))
		}
	}
	t.render()
	last := list[len(list)-1]
	spent := trace.SpentOn(list)
	p.line("\n%s from the first cause on: %s in timers, %s on the network, %s at disks, %s else",
		sim.Time(list[0].T-last.T).Brief(), sim.Time(spent.Timers).Brief(), sim.Time(spent.Network).Brief(),
		sim.Time(spent.Disk).Brief(), sim.Time(spent.Other).Brief())
	p.whys(s)
}

// because says what an aside is to an event.
func (p *traceTable) because(e *trace.Event) string {
	if e.K == "watch.fire" {
		return "it had asked to be told"
	}
	return "the last of that client"
}

func (p *traceTable) state(state *trace.State, s *told) {
	list := s.events()
	last := list[0]
	for _, e := range list {
		if e.I > last.I {
			last = e
		}
	}
	p.line("\n%s  %s", p.bold("State"), p.faint(fmt.Sprintf("behind step %d at %s", last.I, seconds(last.T))))
	t := newTable(p.out, "Node", "Role", "Epoch", "Leader", "Log", "Committed", "Tree", "Watches", "Sessions")
	for i := range state.Nodes {
		n := &state.Nodes[i]
		f := make(map[string]string)
		for _, fact := range n.Facts() {
			f[fact.Name] = fact.Value
		}
		if n.Server != "" {
			f["leader"] = "at " + n.Server
		}
		if n.Belief {
			f["role"] += ", believes it leads"
		}
		if n.Epoch == 0 {
			f["epoch"] = ""
		}
		t.row(n.ID, f["role"], f["epoch"], f["leader"], f["log"], f["committed"],
			clip(f["tree"], 36), clip(f["watches"], 36), fmt.Sprint(len(n.Sessions)))
	}
	t.render()
	for _, g := range state.Groups {
		p.line("  cut off together: %s", strings.Join(g, " "))
	}
}
