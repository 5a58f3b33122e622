package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Reading says how the lab understands one line of a document.
type Reading struct {
	Line     int // of the document, from 1
	Column   int
	Text     string   // the line without Mermaid's markup
	Kind     Kind     // kind of the arrow or note; or Stage, Participant or Block
	Says     string   // the meaning: create /controller = "1", ephemeral, as Broker1
	Supplied []string // what the lab supplied: the path that was mentioned last: /leader
	Problem  string   // of an unread line: the reason
	Nearest  string   // of an unread line: a similar line that is understood, or empty
}

// These are the kinds of lines that are neither arrows nor notes.
const (
	Stage       Kind = "stage"       // a "%% lab:" line
	Participant Kind = "participant" // a line that declares a participant
)

// Plays reports whether the line is an arrow or a note. A [Tally] counts only these lines.
func (r *Reading) Plays() bool {
	return r.Kind != Stage && r.Kind != Participant && r.Kind != Block
}

// Tally counts the arrows and notes of a drawing: how many the lab has read, how many are remarks,
// and how many are unread. A remark does not count as read.
type Tally struct {
	Lines   int `json:"lines"`
	Read    int `json:"read"`
	Remarks int `json:"remarks"`
	Unread  int `json:"unread"`
}

// String formats a tally: "14 of 16 lines read, 2 remarks".
func (t Tally) String() string {
	s := fmt.Sprintf("%d of %d lines read", t.Read, t.Lines)
	if t.Remarks == 1 {
		s += ", 1 remark"
	} else if t.Remarks > 1 {
		s += fmt.Sprintf(", %d remarks", t.Remarks)
	}
	if t.Unread > 0 {
		s += fmt.Sprintf(", %d unread", t.Unread)
	}
	return s
}

// Add adds the counts of u to t.
func (t *Tally) Add(u Tally) {
	t.Lines += u.Lines
	t.Read += u.Read
	t.Remarks += u.Remarks
	t.Unread += u.Unread
}

// Read counts the arrows and notes of one diagram: those that the lab has read, the remarks, and
// the unread ones (see [Tally]).
func (s *Scene) Read() (t Tally) {
	for _, a := range s.Arrows {
		t.Lines++
		switch a.Kind {
		case Remark:
			t.Remarks++
		case Unread:
			t.Unread++
		default:
			t.Read++
		}
	}
	return t
}

// Read counts the arrows and notes of all diagrams: those that the lab has read, the remarks, and
// the unread ones (see [Tally]).
func (s *Script) Read() (t Tally) {
	for _, scene := range s.Diagrams {
		t.Add(scene.Read())
	}
	return t
}

// Readings returns the readings of all diagrams, in document order.
func (s *Script) Readings() (list []Reading) {
	for _, scene := range s.Diagrams {
		list = append(list, scene.Readings()...)
	}
	return list
}

// Readings returns the readings of one diagram's lines, in document order.
func (s *Scene) Readings() []Reading {
	list := append(make([]Reading, 0, len(s.stageLines)+len(s.Arrows)), s.stageLines...)
	for _, a := range s.Arrows {
		list = append(list, Reading{
			Line: a.at.Line, Column: a.at.Column, Text: s.line(a), Kind: a.Kind,
			Says: s.Says(a), Supplied: a.Supplied, Problem: a.Problem, Nearest: a.Nearest,
		})
	}
	slices.SortStableFunc(list, func(a, b Reading) int { return a.Line - b.Line })
	return list
}

// stage adds the readings of the lines with participants and settings.
func (s *Scene) stage(d *diagram.Diagram, cast *Cast) {
	for _, p := range d.Participants {
		if !p.Declared {
			continue
		}
		text := p.Name
		if p.Alias != "" {
			text += " as " + p.Label()
		}
		s.stageLines = append(s.stageLines, Reading{Line: p.Line, Column: 1, Text: text,
			Kind: Participant, Says: cast.says(p.Name)})
	}
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if dir, ok := it.(*diagram.Directive); ok {
			var words []string
			for _, w := range dir.Words {
				if w.Bare {
					words = append(words, w.Key)
				} else {
					words = append(words, w.Key+"="+w.Value)
				}
			}
			says := strings.Join(words, " ")
			s.stageLines = append(s.stageLines, Reading{Line: dir.Line, Column: dir.Column,
				Text: "%% lab: " + says, Kind: Stage, Says: "stage: " + says})
		}
		return true
	})
}

// says describes the role of a participant in plain words.
func (c *Cast) says(name string) string {
	r := c.role(name)
	switch r.Kind {
	case RoleServer:
		switch {
		case r.Leads:
			return "the current leader"
		case r.Follows > 0:
			return fmt.Sprintf("follower %d", r.Follows)
		case r.Observes > 0:
			return fmt.Sprintf("observer %d", r.Observes)
		case c.name(name) != name:
			return "server " + c.name(name)
		}
		return "a server"
	case RoleLibrary:
		return "a client library: its calls are played as calls of the client that used the " +
			"library last"
	case RoleOther:
		return "another service, which is not simulated"
	case RoleEnsemble:
		if r.Part {
			return "a part of the ensemble"
		}
		return "the ensemble"
	case RoleResource:
		if r.Fenced {
			return "a resource, fenced"
		}
		return "a resource"
	}
	if c.name(name) != name {
		return "a client, named " + c.name(name) + " in the run"
	}
	return "a client"
}

// sayBlock describes in plain words how a block is played.
func sayBlock(a *Act) string {
	switch {
	case a.Block == "par":
		return "all branches of this block begin together"
	case a.Block == "alt":
		return "one branch of this block is played"
	case a.Block == "opt":
		return "a run plays this block or skips it: this depends on what happens in the run, or " +
			"on the seed"
	case a.Times > 1:
		return fmt.Sprintf("this block is played %d times", a.Times)
	}
	return "this block is played once"
}

// line returns an arrow or a note as text: A → ZK: create /leader.
func (s *Scene) line(a *Act) string {
	from, to := s.Ends(a)
	if from == "" {
		return a.Text
	}
	if to == "" {
		return "Note over " + from + ": " + a.Text
	}
	return from + " → " + to + ": " + a.Text
}

// Ends returns the names of the participants at the two ends of an arrow, as they are written in
// the diagram. For a note it returns the participant's name and an empty string.
func (s *Scene) Ends(a *Act) (from, to string) {
	if strings.IndexByte(a.From, ',') < 0 {
		return s.world.Cast.Drawn(a.From), s.world.Cast.Drawn(a.To)
	}
	names := strings.Split(a.From, ",")
	for i, name := range names {
		names[i] = s.world.Cast.Drawn(name)
	}
	return strings.Join(names, ","), s.world.Cast.Drawn(a.To)
}

// Says describes the meaning of an act in plain words.
func (s *Scene) Says(a *Act) string {
	switch a.Kind {
	case Call:
		says := sayOp(&a.Op) + ", as " + s.world.Cast.Drawn(a.From)
		if a.Claims {
			says += "; answer: " + sayAnswer(&a.Reply)
		}
		return says
	case Heartbeat:
		return "the client's session is alive"
	case Reply:
		if a.Either {
			return "an answer if a call waits for one, otherwise a " +
				"notification: " + sayNotice(&a.Notice)
		}
		return "answer: " + sayAnswer(&a.Reply)
	case Event:
		if a.Order {
			return "a command from ZooKeeper to " + s.world.Cast.Drawn(a.To) +
				", which never happens: ZooKeeper sends clients only answers and notifications"
		}
		return "notification: " + sayNotice(&a.Notice)
	case Happening:
		return "expected of " + sayHappening(&a.Happening)
	case Packet:
		return "message " + sayPacket(a)
	case Fault:
		return "fault: " + sayFault(&a.Fault)
	case Condition:
		if a.param && len(a.Supplied) > 0 {
			return a.Supplied[0]
		}
		return `a setting of the run, like a line "%% lab: ..."`
	case Wait:
		if a.Wakes != "" {
			return "wait until the pause of " + s.world.Cast.Drawn(a.Wakes) + " is over"
		}
		return "wait " + a.Wait.String()
	case Write:
		return "write to " + s.world.Cast.Drawn(a.To)
	case Absence:
		if a.Lost {
			return "lost in transit: " + s.Says(a.Denied)
		}
		return "between this line and the next, this must not happen: " + s.Says(a.Denied)
	case Unread:
		return a.Problem
	}
	return string(a.Kind)
}

// sayOp describes an operation in plain words: create /x = "1", ephemeral, sequential.
func sayOp(op *tree.Op) string {
	path := op.Path
	add := ""
	switch op.Version {
	case tree.AnyVersion:
	case neverVersion:
		add = ", with a version that the node never has (so the call fails)"
	default:
		add = fmt.Sprintf(", version %d", op.Version)
	}
	switch op.Type {
	case tree.OpCreate, tree.OpCreate2:
		s := "create " + path
		if len(op.Data) > 0 {
			s += fmt.Sprintf(" = %q", op.Data)
		}
		if op.Flags.IsEphemeral() {
			s += ", ephemeral"
		}
		if op.Flags.IsSequential() {
			s += ", sequential"
		}
		return s
	case tree.OpSetData:
		return fmt.Sprintf("set %s to %q", path, op.Data) + add
	case tree.OpDelete:
		return "delete " + path + add
	case tree.OpCheck:
		return "check " + path + add
	case tree.OpGetData:
		return "get " + path + watching(op)
	case tree.OpExists:
		return "exists " + path + watching(op)
	case tree.OpGetChildren, tree.OpGetChildren2:
		return "children " + path + watching(op)
	case tree.OpSync:
		return "sync"
	case tree.OpAddWatch:
		if op.WatchMode == tree.WatchPersistentRecursive {
			return "add a persistent, recursive watch on " + path
		}
		return "add a persistent watch on " + path
	case tree.OpCloseSession:
		return "close the session"
	case tree.OpMulti:
		parts := make([]string, len(op.Ops))
		for i := range op.Ops {
			parts[i] = sayOp(&op.Ops[i])
		}
		return "multi: " + strings.Join(parts, "; ")
	}
	return path
}

func watching(op *tree.Op) string {
	if op.Watch {
		return ", and watch it"
	}
	return ""
}

// sayAnswer describes an expected answer in plain words.
func sayAnswer(r *Answer) string {
	s := ""
	switch {
	case r.Exists:
		s = "it exists"
	case r.Code != tree.OK:
		s = r.Code.Error()
	case r.Outcome == WentWell:
		s = "success"
	case r.Outcome == WentWrong:
		s = "failure"
	case r.Outcome == Unanswered:
		s = "connection lost"
	}
	if len(r.Values) > 0 {
		if s != "" {
			s += ", "
		}
		s += "[" + strings.Join(r.Values, " ") + "]"
	}
	return s
}

func sayNotice(n *Notice) string {
	s := "any event"
	if n.Event != 0 {
		s = n.Event.String()
	}
	if n.Path != "" {
		s += " for " + n.Path
	}
	return s
}

func sayHappening(h *Occurrence) string {
	who := "the ensemble"
	if h.Server != "" {
		who = h.Server
	}
	session := "a session"
	if h.Client != "" {
		session = h.Client + "'s session"
	}
	if h.What >= LearnsLoss && h.What <= StopsLeading {
		return sayState(h)
	}
	what := map[OccurrenceKind]string{
		NodeDeleted: "deletes " + h.Path, NodeCreated: "creates " + h.Path,
		SessionOver: "ends " + session, LeaderElected: "elects a leader", BecomesLeader: "leads",
		IsLeading:       "leads",
		BecomesFollower: "follows", BecomesLooking: "looks for a leader",
	}
	return who + ": " + what[h.What]
}

// sayState describes what a client learns about its connection, or that it leads or stops leading.
func sayState(h *Occurrence) string {
	return h.Client + ": " + map[OccurrenceKind]string{
		LearnsLoss:       "learns that its connection is lost",
		LearnsExpiry:     "learns that its session has expired",
		LearnsConnection: "learns that it is connected again",
		BeginsToLead:     "believes that it leads", StopsLeading: "stops leading",
	}[h.What]
}

func sayPacket(a *Act) string {
	s := strings.Join(append([]string{a.Packet}, a.Others...), " or ")
	if a.HasZxid {
		s += " " + a.Zxid.String()
	}
	if a.Empty {
		s += ", empty"
	}
	if a.Node != "" {
		s += " of " + a.Node
	}
	if a.VoteFor != 0 {
		s += fmt.Sprintf(" for S%d", a.VoteFor)
	}
	return s
}

func sayFault(f *FaultNote) string {
	fault := f.Fault
	who := map[Target]string{
		LeaderServer: "the leader", FollowerServer: "a follower",
		LeaderClient: "the client that leads", AllDown: "all servers that are down",
	}[f.Target]
	if fault.Kind == sim.FaultSplit && len(fault.Groups) == 0 {
		return who + " is cut off from all servers"
	}
	if f.Target != ByName && len(fault.Who) == 0 {
		fault.Who = []string{who}
	}
	return fault.Action() + sayLength(f)
}

// sayLength describes when a fault happens, and how long it lasts.
func sayLength(f *FaultNote) (says string) {
	if f.Delay > 0 {
		says += ", after " + f.Delay.Brief()
	}
	switch {
	case f.Back && f.For > 0:
		says += ", for " + f.For.Brief()
	case f.Back:
		says += ", for a moment"
	}
	return says
}

// misread is the error of a line that is not understood: the reason, and a similar line that is
// understood, or "".
type misread struct {
	why, nearest string
	foreign      bool // the line is in another language
}

func (m *misread) Error() string { return m.why }

// problem makes an act unread, with the reason from err.
func (a *Act) problem(err error) {
	a.Kind, a.Problem = Unread, err.Error()
	var m *misread
	if errors.As(err, &m) {
		a.Nearest = m.nearest
	}
	var e *diagram.Error
	if errors.As(err, &e) {
		a.Problem = e.Message
	}
}
