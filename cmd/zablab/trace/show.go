package trace

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/trace"
)

// fewEvents is the default number of events: about two screens.
const fewEvents = 60

// showFlags are the flags of zablab trace show.
type showFlags struct {
	around string
	lines  int
	nodes  []string
	kinds  []string
	key    bool
	causes int64
	effect int64
	state  bool
}

func newShow() *cobra.Command {
	var f showFlags
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Print a run: all of it, its key moments, or the causes of one event",
		Long: `Prints the events of a trace. If the trace is long, the command prints by default
only the key moments. If the trace is very long, it also leaves out the key moments that are
calls or answers of clients.

Exit status: 0 success; 2 wrong usage or an unreadable file.`,
		Example: "  zablab trace show t.ndjson\n" +
			"  zablab trace show t.ndjson --around 1.7s --state\n" +
			"  zablab trace show t.ndjson --causes 579",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.around, "around", "",
		"show only events near this time or step, such as 1.7s or 911")
	flags.IntVar(&f.lines, "lines", 0, "maximum number of events (default: 24 with --around, "+
		"else 60)")
	flags.StringSliceVar(&f.nodes, "node", nil, "show only the events of these servers and "+
		"clients, such as S1,A")
	flags.StringSliceVar(&f.kinds, "kind", nil, "show only events of these kinds, such as "+
		"recv,commit")
	flags.BoolVar(&f.key, "key", false, "show only key moments")
	flags.Int64Var(&f.causes, "causes", -1, "show the causes of this step, the latest first")
	flags.Int64Var(&f.effect, "effects", -1, "show the effects of this step")
	flags.BoolVar(&f.state, "state", false,
		"also show the state of every server and client after the last event shown")
	cmd.MarkFlagsMutuallyExclusive("causes", "effects", "around")
	return cmd
}

// shown has the events to print, in order.
type shown struct {
	first, last []trace.Event
	missing     int64 // events between first and last that are not shown
	asides      []trace.Aside
	total       int64
	word        string // the plural noun for the events: events, key moments, causes
	header      trace.Header
	ended       bool
}

func (s *shown) events() []trace.Event { return append(slices.Clone(s.first), s.last...) }

// latest returns the event with the highest step, because causes are listed in reverse.
func (s *shown) latest() trace.Event {
	return slices.MaxFunc(s.events(), func(a, b trace.Event) int { return cmp.Compare(a.I, b.I) })
}

func (f *showFlags) run(cmd *cobra.Command, name string) error {
	if f.lines < 0 {
		return fmt.Errorf("--lines %d: must be at least 1", f.lines)
	}
	s, err := f.choose(cmd, name)
	if err != nil {
		return err
	}
	var state *trace.State
	if f.state && len(s.events()) > 0 {
		last := s.latest().I
		r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool { return e.I < last })
		if err != nil {
			return err
		}
		state = r.State()
	}
	if command.JSON(cmd) {
		s.json(cmd.OutOrStdout(), state)
		return nil
	}
	p := newPrinter(cmd.OutOrStdout())
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

// choose returns the events to show.
func (f *showFlags) choose(cmd *cobra.Command, name string) (*shown, error) {
	switch {
	case cmd.Flags().Changed("causes"):
		return f.chooseCauses(name)
	case f.around != "":
		return f.chooseAround(name)
	}
	lines := cmp.Or(f.lines, fewEvents)
	filter := trace.Filter{Nodes: f.nodes, Kinds: f.kinds, Key: f.key}
	effects := trace.Effects{Of: f.effect}
	views := viewsOf(filter, lines)
	kinds := make(map[string]bool)
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		kinds[e.K] = true
		if f.effect >= 0 && !effects.Add(e) {
			return true
		}
		for i := range views {
			if views[i].filter.Takes(e) {
				views[i].pick.Add(e)
			}
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	if err := f.occur(name, kinds, r); err != nil {
		return nil, err
	}
	if f.effect >= r.Count() {
		return nil, noStep(name, "effects", f.effect, r)
	}
	v := f.fullest(views, int64(lines))
	s := &shown{word: v.word, total: r.Count(), header: r.Header, ended: r.Ended}
	s.first, s.last, s.missing = v.pick.Events()
	return s, nil
}

// occur returns an error for a --kind or --node that the trace does not have.
func (f *showFlags) occur(name string, kinds map[string]bool, r *trace.Reader) error {
	for _, k := range f.kinds {
		if !kinds[k] {
			return fmt.Errorf("%s: --kind %s: no events of that kind: the trace has %s", name, k,
				strings.Join(slices.Sorted(maps.Keys(kinds)), ", "))
		}
	}
	var nodes []string
	for _, n := range r.Header.Nodes {
		nodes = append(nodes, n.ID)
	}
	for _, n := range f.nodes {
		if n != "net" && !slices.Contains(nodes, n) {
			return fmt.Errorf("%s: --node %s: no such node: the trace has %s", name, n,
				strings.Join(nodes, ", "))
		}
	}
	return nil
}

// view is one of the ways to shorten a run.
type view struct {
	word   string
	filter trace.Filter
	pick   trace.Pick
}

// viewsOf returns the three views of a run, the fullest first.
func viewsOf(filter trace.Filter, lines int) []view {
	key, story := filter, filter
	key.Key, story.Story = true, true
	pick := trace.Pick{First: lines - lines/3, Last: lines / 3}
	return []view{
		{"events", filter, pick},
		{"key moments", key, pick},
		{"key moments without calls and answers", story, pick},
	}
}

// fullest returns the fullest view with at most this many lines. With flags that narrow the choice
// it is the view of all events.
func (f *showFlags) fullest(views []view, lines int64) *view {
	narrowed := len(f.nodes) > 0 || len(f.kinds) > 0 || f.effect >= 0 || f.lines > 0
	i := 0
	switch {
	case narrowed:
	case f.key:
		if views[1].pick.Count > lines {
			i = 1
		}
	default:
		for i < 2 && views[i].pick.Count > lines {
			i++
		}
	}
	return &views[i]
}

// chooseAround returns the events around the time or step of --around.
func (f *showFlags) chooseAround(name string) (*shown, error) {
	at, err := point("around", f.around)
	if err != nil {
		return nil, err
	}
	lines := cmp.Or(f.lines, 24)
	filter := trace.Filter{Nodes: f.nodes, Kinds: f.kinds, Key: f.key}
	w := trace.NewWindow(at, lines/2, lines-lines/2)
	kinds := make(map[string]bool)
	r, err := each(name, func(e *trace.Event, _ *trace.Reader) bool {
		kinds[e.K] = true
		if filter.Takes(e) {
			w.Add(e)
		}
		return true
	})
	if err == nil {
		err = f.occur(name, kinds, r)
	}
	if err != nil {
		return nil, err
	}
	return &shown{first: w.Events(), word: "events", total: r.Count(), header: r.Header,
		ended: r.Ended}, nil
}
