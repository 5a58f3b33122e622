package trace

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/trace"
)

// printer prints parts of traces.
type printer struct {
	terminal.Paint
	out io.Writer
}

func newPrinter(out io.Writer) *printer { return &printer{terminal.PaintFor(out), out} }

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

// show prints the chosen events as a table.
func (p *printer) show(name string, s *shown) {
	seed := fmt.Sprintf(" · seed %#x", s.header.Seed)
	if s.header.Seedless() {
		seed = ""
	}
	p.line("%s  %s", p.Bold(s.header.Title),
		p.Faint(fmt.Sprintf("%s%s · %s events", name, seed, terminal.Thousands(s.total))))
	if s.word != "events" {
		p.line("%s",
			p.Faint("Only "+s.word+" are shown; --lines, --around, --node, --kind and --causes "+
				"show more."))
	}
	p.events(s)
	if !s.ended {
		p.line("%s", p.Yellow("The file is truncated here: it has no end line."))
	}
}

func (p *printer) events(s *shown) {
	t := terminal.NewTable(p.out, "Step", "Time", "Who", "What happened")
	for i := range s.first {
		p.row(t, &s.first[i])
	}
	if s.missing > 0 {
		t.Row("", "", "", p.Faint("… "+terminal.Thousands(s.missing)+" more …"))
	}
	for i := range s.last {
		p.row(t, &s.last[i])
	}
	t.Render()
	p.whys(s)
}

func (p *printer) row(t *terminal.Table, e *trace.Event) {
	t.Row(p.Faint(fmt.Sprint(e.I)), seconds(e.T), e.N, p.say(e))
}

// say returns the description of an event, with a mark for a key moment.
func (p *printer) say(e *trace.Event) string {
	if e.Key == "" {
		return "  " + e.Say
	}
	return p.mark(e.Key) + " " + p.Bold(e.Say)
}

// mark returns the mark of a kind of key moment.
func (p *printer) mark(key string) string {
	switch key {
	case "crash", "expire", "split", "violation":
		return p.Red("✕")
	case "leader", "belief":
		return p.Green("★")
	case "watch":
		return p.Yellow("◆")
	case "call":
		return "→"
	case "ret":
		return "←"
	}
	return "•"
}

// whys prints an explanation for each kind of key moment in the table.
func (p *printer) whys(s *shown) {
	var keys []string
	for _, e := range s.events() {
		if e.Key != "" && e.Why != "" && e.Why != "op" && !slices.Contains(keys, e.Why) {
			keys = append(keys, e.Why)
		}
	}
	if len(keys) == 0 {
		return
	}
	p.line("\n%s", p.Bold("Why"))
	for _, k := range keys {
		for _, w := range s.header.Why {
			if w.Key == k {
				p.line("  %-12s %s", k, p.Faint(terminal.Wrap(w.Text, 80, strings.Repeat(" ", 15))))
			}
		}
	}
}

// state prints the state of every node after the last event shown.
func (p *printer) state(state *trace.State, s *shown) {
	last := s.latest()
	p.line("\n%s  %s", p.Bold("State"),
		p.Faint(fmt.Sprintf("after step %d at %s", last.I, seconds(last.T))))
	t := terminal.NewTable(p.out, "Node", "Role", "Epoch", "Leader", "Log", "Committed", "Tree",
		"Watches", "Sessions")
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
			f["role"] = fmt.Sprintf("%s, believes that it leads", f["role"])
		}
		if n.Epoch == 0 {
			f["epoch"] = ""
		}
		t.Row(n.ID, f["role"], f["epoch"], f["leader"], f["log"], f["committed"],
			terminal.Clip(f["tree"], 36), terminal.Clip(f["watches"],
				36), fmt.Sprint(len(n.Sessions)))
	}
	t.Render()
	for _, g := range state.Groups {
		p.line("  the network is split: %s can reach only each other", strings.Join(g, " "))
	}
}
