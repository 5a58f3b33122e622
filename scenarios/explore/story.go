package explore

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/zab"
)

// Story is a run of a small world, step by step. Unlike a plan of faults, it says which message
// arrives next, which fsync ends next and which timer fires. Every counter-example is one, and so is
// a document that [ReadStory] reads.
type Story struct {
	Setup Setup
	Line  int // of the diagram, in a document
	Lines []Line
}

// Line is one step of a story, as a line of a sequence diagram: an arrow from one machine to
// another, or a note over one or more servers.
type Line struct {
	From, To string // of an arrow; empty for a note
	Over     []string
	Text     string
	Pos      diagram.Pos // in a document
}

// client is the participant that writes.
const client = "Client"

// String returns the line as Mermaid writes it.
func (l *Line) String() string {
	if l.To == "" {
		return "Note over " + strings.Join(l.Over, ",") + ": " + l.Text
	}
	return l.From + "->>" + l.To + ": " + l.Text
}

// same reports whether two lines are the same step.
func (l *Line) same(o *Line) bool {
	clean := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	return l.From == o.From && l.To == o.To && slices.Equal(l.Over, o.Over) &&
		strings.EqualFold(clean(l.Text), clean(o.Text))
}

// lines returns a line for each of the choices, all different: of two messages that look the same
// and are on different connections, the second line has a number.
func (x *world) lines(choices []action) []Line {
	list := make([]Line, len(choices))
	times := make(map[string]int)
	for i, a := range choices {
		l := x.line(a)
		text := l.String()
		if times[text]++; times[text] > 1 {
			l.Text += fmt.Sprintf(" (connection %d)", times[text])
		}
		list[i] = l
	}
	return list
}

// line returns an action as a line, before it is carried out.
func (x *world) line(a action) Line {
	who := fmt.Sprintf("S%d", a.a)
	note := func(format string, args ...any) Line {
		return Line{Over: []string{who}, Text: fmt.Sprintf(format, args...)}
	}
	switch a.kind {
	case doDeliver:
		return x.delivery(a)
	case doFsync:
		file := cmp.Or(x.servers[a.a].syncs[0].asked.File, "its directory")
		if x.setup.Atomic {
			return note("has written %s", file)
		}
		return note("has fsynced %s", file)
	case doTimer:
		if a.early {
			return note("an early timeout: %s", zab.Timer(a.b))
		}
		return note("timer: %s", zab.Timer(a.b))
	case doElect:
		names := x.setup.members(a.set)
		return Line{Over: []string{names[0], names[len(names)-1]}, Text: x.election(a, names)}
	case doJoin:
		return note("learns that S%d leads", a.b)
	case doWrite:
		return Line{From: client, To: who, Text: fmt.Sprintf("write %c",
			written[x.spent.of(spentWrites)])}
	}
	return note("%s", map[actionKind]string{doRestart: "restarts", doCrash: "crashes",
		doPower: "loses power", doWipe: "loses its disk"}[a.kind])
}

// delivery returns the line of a message that arrives.
func (x *world) delivery(a action) Line {
	c := x.scene.find(a.conn)
	l := Line{From: fmt.Sprintf("S%d", a.conn.end(int(a.b))),
		To: fmt.Sprintf("S%d", a.conn.end(1-int(a.b)))}
	head := x.scene.queues.list[c.q[a.b]].head
	if head == endMark {
		l.Text = connectionEnds
		return l
	}
	l.Text = messageText(x.words.messages[head].(zab.Message))
	return l
}

// connectionEnds is the text of the arrow that tells a server that a connection has ended.
const connectionEnds = "end of the connection"

// messageText names a message, and its zxid if it has one.
func messageText(m zab.Message) string {
	if m.At() == zab.NoZxid {
		return m.Name()
	}
	return fmt.Sprintf("%s %v", m.Name(), m.At())
}

// members returns the names of the servers in a set.
func (s *Setup) members(set uint8) (names []string) {
	for i := 1; i <= s.all(); i++ {
		if has(set, i) {
			names = append(names, fmt.Sprintf("S%d", i))
		}
	}
	return names
}

// election says which server the servers with these names elect.
func (x *world) election(a action, names []string) string {
	return fmt.Sprintf("%s elect S%d", enumerate(names),
		x.setup.best(a.set, &x.scene.sums, x.words, x.judge))
}

// enumerate joins names as a sentence does: S1, S2 and S3.
func enumerate(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Played is the result of playing a story.
type Played struct {
	Setup    Setup
	Steps    []Step
	Servers  []string   // the servers' states at the end, in the words of a goal
	Broken   *Violation // the last step broke a check
	Unplayed int        // lines after the step that broke a check, which were not played
	// Refused is the first line that is not possible after the steps before it, or nil if all lines
	// were played. Possible has the lines that are possible in its place.
	Refused  *Line
	Possible []Line

	tracer *tracer
	line   int // of the diagram
}

// Unjudged reports whether the story may break a check that only a search can judge: that every server
// can serve again (Setup.Rest).
func (r *Played) Unjudged() bool { return r.Setup.Rest && r.Broken == nil }

// Play plays a story on new servers, up to the first line that breaks a check or is not possible.
func (s *Story) Play() (*Played, error) {
	if err := s.Setup.Check(); err != nil {
		return nil, err
	}
	w := newWorld(&s.Setup, newWords())
	r := &Played{Setup: s.Setup, line: s.Line, tracer: newTracer(w)}
	r.Refused, r.Possible = s.follow(w, func(a action) {
		i := len(r.Steps)
		r.tracer.before(a)
		r.Steps = append(r.Steps, w.tell(a))
		r.tracer.after(a, &s.Lines[i], &r.Steps[i])
	})
	switch {
	case r.Refused != nil:
		r.tracer.never(r.Refused)
	case w.broken != nil:
		r.Unplayed = len(s.Lines) - len(r.Steps)
	}
	if w.broken == nil && r.Refused == nil && quiet(w.choices()) {
		w.broken = s.Setup.unserved(&w.scene.sums)
	}
	if r.Broken = w.broken; r.Broken != nil {
		r.tracer.violation(r.Broken)
	}
	r.Servers = w.describe()
	return r, nil
}

// follow hands do the action of each line, to be carried out, up to the first that breaks a check or
// is not possible. In the second case it returns the line, and what is possible.
func (s *Story) follow(w *world, do func(action)) (refused *Line, possible []Line) {
	for i := range s.Lines {
		if w.broken != nil {
			break
		}
		choices := w.choices()
		list := w.lines(choices)
		at := slices.IndexFunc(list, func(l Line) bool { return l.same(&s.Lines[i]) })
		if at < 0 {
			return &s.Lines[i], list
		}
		do(choices[at])
	}
	return nil, nil
}

// actions returns the actions of a story. It returns an error if a step is not possible or breaks a
// check.
func (s *Story) actions() (list []action, err error) {
	w := newWorld(&s.Setup, newWords())
	refused, _ := s.follow(w, func(a action) {
		list = append(list, a)
		w.take(a)
	})
	switch {
	case refused != nil:
		return nil, fmt.Errorf("line %d: within the bounds of this search, the step is not "+
			"possible: %s: zablab replay shows which steps are possible", refused.Pos.Line, refused)
	case w.broken != nil && len(list) < len(s.Lines):
		return nil, fmt.Errorf("line %d comes after a step that breaks %s, and nothing can follow "+
			"such a step: leave out that step and all later steps",
			s.Lines[len(list)].Pos.Line, w.broken.Name)
	case w.broken != nil:
		return nil, fmt.Errorf("the steps break %s, and nothing can follow: leave out the last step",
			w.broken.Name)
	}
	return list, nil
}

// retell carries out actions, and returns the steps and the story. If an action is not possible, or
// comes after one that breaks a check, it returns false, and the steps before it.
func (x *world) retell(list []action) (steps []Step, story *Story, ok bool) {
	story = &Story{Setup: *x.setup}
	for _, a := range list {
		choices := x.choices()
		at := slices.Index(choices, a)
		if x.broken != nil || at < 0 {
			return steps, story, false
		}
		story.Lines = append(story.Lines, x.lines(choices)[at])
		steps = append(steps, x.tell(a))
	}
	return steps, story, true
}
