package odds

import (
	"fmt"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/trace"
)

// Outcome is something that a run of a document has or has not. Says is a sentence about it.
type Outcome struct {
	Says string
	of   func(*scenarios.Result) bool
}

// In reports whether a run has the outcome. The run must have been played with Options.Keep.
func (o *Outcome) In(r *scenarios.Result) bool { return o.of(r) }

// Forms lists what [Of] reads, each with a sentence about it.
func Forms() [][2]string {
	return [][2]string{
		{"NAME leads", "a client believes at the end that it leads or holds a lock; or a server " +
			"leads at the end"},
		{"two believed to lead", "two clients believe at the same time that they lead or hold a lock"},
		{"a stale read", "a read shows a state that was replaced before the call"},
		{"an older token accepted", "a resource accepts a fencing token that is out of date"},
		{"line N", "the arrow or note in line N of the document has the same verdict"},
		{"CHECK", "the check with this name fails, such as NoDivergence"},
	}
}

// Of returns the outcome with this description. base is the run whose outcome is examined, and
// nodes are the machines in it.
func Of(description string, base *scenarios.Result, nodes []trace.Node) (*Outcome, error) {
	words := strings.Fields(description)
	switch text := strings.Join(words, " "); {
	case text == "":
		return usual(base, nodes)
	case text == "two believed to lead":
		return &Outcome{"two clients believe at once that they lead", overlapped}, nil
	case text == "a stale read":
		return &Outcome{"a client reads a stale state", stale}, nil
	case text == "an older token accepted":
		return &Outcome{"a resource accepts a fencing token that is out of date", unfenced}, nil
	case len(words) == 2 && words[1] == "leads":
		return leads(words[0], nodes)
	case len(words) == 2 && words[0] == "line":
		n, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, fmt.Errorf("%q is not the number of a line", words[1])
		}
		return line(n, base)
	}
	if has(base, description, false) {
		name := description
		return &Outcome{"the check " + name + " fails",
			func(r *scenarios.Result) bool { return has(r, name, true) }}, nil
	}
	var forms []string
	for _, f := range Forms() {
		forms = append(forms, strconv.Quote(f[0]))
	}
	return nil, fmt.Errorf("%q is not an outcome: write one of %s", description,
		strings.Join(forms, ", "))
}

// usual returns what is most remarkable about a run: a check that fails, a line that does not come
// as drawn, two believed leaders, a stale read. Of a run without any of these it is the leader.
func usual(base *scenarios.Result, nodes []trace.Node) (*Outcome, error) {
	for i := range base.Diagrams {
		for _, c := range base.Diagrams[i].Checks {
			if c.Promised && c.Verdict == lin.Broken {
				return Of(c.Name, base, nodes)
			}
		}
	}
	for i := range base.Diagrams {
		for k := range base.Diagrams[i].Arrows {
			if a := &base.Diagrams[i].Arrows[k]; a.Surprise() && a.Verdict != scenarios.Unread {
				return line(a.Line, base)
			}
		}
	}
	for _, f := range []string{"an older token accepted", "two believed to lead", "a stale read"} {
		o, err := Of(f, base, nodes)
		if err != nil || o.In(base) {
			return o, err
		}
	}
	for i := len(nodes) - 1; i >= 0; i-- { // clients come after servers
		o, err := leads(nodes[i].ID, nodes)
		if err != nil || o.In(base) {
			return o, err
		}
	}
	return nil, fmt.Errorf("%s: nobody leads at the end, and nothing else is remarkable: describe "+
		"an outcome", base.Name)
}

// leads is the outcome that a client or a server leads at the end.
func leads(name string, nodes []trace.Node) (*Outcome, error) {
	var names []string
	for _, n := range nodes {
		if names = append(names, n.ID); n.ID != name {
			continue
		}
		if n.Kind == "client" {
			return &Outcome{name + " believes at the end that it leads",
				func(r *scenarios.Result) bool { return believes(r, name) }}, nil
		}
		return &Outcome{name + " leads the ensemble at the end",
			func(r *scenarios.Result) bool { return reigns(r, name) }}, nil
	}
	return nil, fmt.Errorf("no machine %s: the machines are %s", name, strings.Join(names, " "))
}

// believes reports whether a client holds an office at the end of the last world that has it.
func believes(r *scenarios.Result, name string) bool {
	for i := range r.Worlds {
		w := &r.Worlds[i]
		for _, b := range w.Record.Beliefs {
			if string(b.Client) == name && b.To >= int64(w.Until) {
				return true
			}
		}
	}
	return false
}

// reigns reports whether a server leads at the end of a world.
func reigns(r *scenarios.Result, name string) bool {
	for i := range r.Diagrams {
		d := &r.Diagrams[i]
		if !d.Ends {
			continue
		}
		for _, x := range d.Facts.Reigns {
			if x.To < 0 && fmt.Sprintf("S%d", x.Leader) == name {
				return true
			}
		}
	}
	return false
}

// line is the outcome that a line has the same verdict as in the base run.
func line(n int, base *scenarios.Result) (*Outcome, error) {
	for i := range base.Diagrams {
		for k := range base.Diagrams[i].Arrows {
			a := &base.Diagrams[i].Arrows[k]
			if a.Line != n {
				continue
			}
			diagram, arrow, want := i, k, alike(a.Verdict)
			return &Outcome{fmt.Sprintf("line %d is %s: %s", n, want, a.Text),
				func(r *scenarios.Result) bool {
					return alike(r.Diagrams[diagram].Arrows[arrow].Verdict) == want
				}}, nil
		}
	}
	return nil, fmt.Errorf("line %d has no arrow and no note: give the number of a line that has an arrow or a note", n)
}

// alike returns a verdict, with later as as-drawn: when a line comes is no outcome.
func alike(v scenarios.Verdict) scenarios.Verdict {
	if v == scenarios.Later {
		return scenarios.AsDrawn
	}
	return v
}

func overlapped(r *scenarios.Result) bool {
	return figure(r, func(d *diagramResult) bool { return d.Figures.Overlap > 0 })
}
func stale(r *scenarios.Result) bool {
	return figure(r, func(d *diagramResult) bool { return d.Figures.Stale > 0 })
}
func unfenced(r *scenarios.Result) bool {
	return figure(r, func(d *diagramResult) bool { return d.Figures.Unfenced > 0 })
}

type diagramResult = scenarios.DiagramResult

// figure reports whether a diagram has a figure.
func figure(r *scenarios.Result, has func(*diagramResult) bool) bool {
	for i := range r.Diagrams {
		if has(&r.Diagrams[i]) {
			return true
		}
	}
	return false
}

// has reports whether a run has a check of this name; with broken, one that fails.
func has(r *scenarios.Result, name string, broken bool) bool {
	for i := range r.Diagrams {
		for _, c := range r.Diagrams[i].Checks {
			if c.Name == name && (!broken || c.Verdict == lin.Broken) {
				return true
			}
		}
	}
	return false
}
