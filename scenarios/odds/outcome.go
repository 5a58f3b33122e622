package odds

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
)

// Outcome is a property that the run of one world of a document may or may not have. Says describes
// the outcome in a sentence.
type Outcome struct {
	Says  string
	scope scope
	of    func(*world) bool
}

// scope is one world of a document: its index, and those of its diagrams.
type scope struct{ index, from, to int }

// world is the run of one world.
type world struct {
	*scenarios.World
	diagrams []scenarios.DiagramResult
}

// scopeOf returns the scope of a world of a script, numbered from 1.
func scopeOf(s *script.Script, number int) scope {
	w := scope{index: number - 1}
	for _, earlier := range s.Worlds[:number-1] {
		w.from += len(earlier.Scenes)
	}
	w.to = w.from + len(s.Worlds[number-1].Scenes)
	return w
}

// in returns the world of a run.
func (s scope) in(r *scenarios.Result) *world {
	return &world{&r.Worlds[s.index], r.Diagrams[s.from:s.to]}
}

// In reports whether a run has the outcome. The run must have been played with Options.Keep. If the
// run ended before it reached the world that the outcome is about, In returns false.
func (o *Outcome) In(r *scenarios.Result) bool {
	return len(r.Worlds) > o.scope.index && o.of(o.scope.in(r))
}

// Forms lists the forms in which an outcome can be described to [OfDocument], each with a sentence
// that explains it.
func Forms() [][2]string {
	return [][2]string{
		{"NAME leads", "at the end, the client NAME believes that it leads or holds a lock, or " +
			"the server NAME leads"},
		{"two believed to lead", "two clients believe at the same time that they lead or hold a lock"},
		{"a stale read", "a read shows a state that was replaced before the call"},
		{"an older token accepted", "a resource accepts a fencing token that is out of date"},
		{"line N", "the arrow or note in line N of the document has the same verdict as in the " +
			"original run"},
		{"CHECK", "the check with this name, such as invariants, fails"},
	}
}

// outcomeOf returns the outcome with this description, of a world of the run base.
func outcomeOf(description string, base *scenarios.Result, in scope) (*Outcome, error) {
	o, err := in.in(base).outcome(description)
	if err != nil {
		return nil, err
	}
	o.scope = in
	return o, nil
}

func (w *world) outcome(description string) (*Outcome, error) {
	words := strings.Fields(description)
	switch text := strings.Join(words, " "); {
	case text == "":
		return w.usual()
	case text == "two believed to lead":
		return &Outcome{Says: "two clients believe at the same time that they lead or hold a " +
			"lock", of: overlapped}, nil
	case text == "a stale read":
		return &Outcome{Says: "a client reads a stale state", of: stale}, nil
	case text == "an older token accepted":
		return &Outcome{Says: "a resource accepts a fencing token that is out of date", of: unfenced}, nil
	case len(words) == 2 && words[1] == "leads":
		return w.leads(words[0])
	case len(words) == 2 && words[0] == "line":
		n, err := strconv.Atoi(words[1])
		if err != nil {
			return nil, fmt.Errorf("%q is not the number of a line: write, for example, "+
				"\"line 12\"", words[1])
		}
		return w.line(n)
	}
	if w.has(description, false) {
		return &Outcome{Says: "the check " + description + " fails",
			of: func(w *world) bool { return w.has(description, true) }}, nil
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
func (w *world) usual() (*Outcome, error) {
	for i := range w.diagrams {
		for _, c := range w.diagrams[i].Checks {
			if c.Promised && c.Verdict == lin.Broken {
				return w.outcome(c.Name)
			}
		}
	}
	for i := range w.diagrams {
		for k := range w.diagrams[i].Arrows {
			if a := &w.diagrams[i].Arrows[k]; a.Surprise() && a.Verdict != scenarios.Unread {
				return w.line(a.Line)
			}
		}
	}
	for _, f := range []string{"an older token accepted", "two believed to lead", "a stale read"} {
		if o, err := w.outcome(f); err != nil || o.of(w) {
			return o, err
		}
	}
	for i := len(w.Nodes) - 1; i >= 0; i-- { // clients come after servers
		if o, err := w.leads(w.Nodes[i].ID); err != nil || o.of(w) {
			return o, err
		}
	}
	return nil, errors.New("this run has no remarkable outcome, because no check fails, every " +
		"line happens as drawn, and nobody leads at the end: describe an outcome with --of")
}

// leads is the outcome that a client or a server leads at the end.
func (w *world) leads(name string) (*Outcome, error) {
	var names []string
	for _, n := range w.Nodes {
		if names = append(names, n.ID); n.ID != name {
			continue
		}
		if n.Kind == "client" {
			return &Outcome{Says: name + " believes at the end that it leads",
				of: func(w *world) bool { return w.believes(name) }}, nil
		}
		return &Outcome{Says: name + " leads the ensemble at the end",
			of: func(w *world) bool { return w.reigns(name) }}, nil
	}
	return nil, fmt.Errorf("no machine %s: the machines are %s", name, strings.Join(names, " "))
}

// believes reports whether a client holds an office at the end.
func (w *world) believes(name string) bool {
	return slices.ContainsFunc(w.Record.Beliefs, func(b lin.Belief) bool {
		return string(b.Client) == name && b.To >= int64(w.Until)
	})
}

// reigns reports whether a server leads at the end.
func (w *world) reigns(name string) bool {
	last := &w.diagrams[len(w.diagrams)-1]
	return slices.ContainsFunc(last.Facts.Reigns, func(x engine.Reign) bool {
		return x.To < 0 && engine.ServerName(x.Leader) == name
	})
}

// line is the outcome that a line has the same verdict as in this run.
func (w *world) line(n int) (*Outcome, error) {
	a := w.arrow(n, 0)
	if a == nil {
		return nil, fmt.Errorf("no arrow or note in line %d was played in this world of the "+
			"document: give the number of another line", n)
	}
	column, want := a.Column, alike(a.Verdict)
	return &Outcome{Says: fmt.Sprintf("line %d is %s: %s", n, want, a.Text),
		of: func(w *world) bool {
			b := w.arrow(n, column)
			return b != nil && alike(b.Verdict) == want
		}}, nil
}

// arrow returns the arrow at a line and a column of the document, or the first of the line if
// column is 0. It returns nil if the run has not reached it, such as one of another branch.
func (w *world) arrow(line, column int) *scenarios.Arrow {
	for i := range w.diagrams {
		for k := range w.diagrams[i].Arrows {
			if a := &w.diagrams[i].Arrows[k]; a.Line == line && (column == 0 || a.Column == column) {
				return a
			}
		}
	}
	return nil
}

// alike returns a verdict, with later as as-drawn: when a line comes is no outcome.
func alike(v scenarios.Verdict) scenarios.Verdict {
	if v == scenarios.Later {
		return scenarios.AsDrawn
	}
	return v
}

func overlapped(w *world) bool {
	return w.figure(func(f *witness.Figures) bool { return f.Overlap > 0 })
}

func stale(w *world) bool { return w.figure(func(f *witness.Figures) bool { return f.Stale > 0 }) }

func unfenced(w *world) bool {
	return w.figure(func(f *witness.Figures) bool { return f.Unfenced > 0 })
}

// figure reports whether a diagram has a figure.
func (w *world) figure(has func(*witness.Figures) bool) bool {
	return slices.ContainsFunc(w.diagrams,
		func(d scenarios.DiagramResult) bool { return has(&d.Figures) })
}

// has reports whether the run has a check of this name; with broken, one that fails.
func (w *world) has(name string, broken bool) bool {
	for i := range w.diagrams {
		for _, c := range w.diagrams[i].Checks {
			if c.Name == name && (!broken || c.Verdict == lin.Broken) {
				return true
			}
		}
	}
	return false
}
