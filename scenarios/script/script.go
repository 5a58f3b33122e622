package script

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Kind is what an arrow or a note means to the lab.
type Kind string

// The kinds.
const (
	Call      Kind = "call"      // a client asks the ensemble for something
	Heartbeat Kind = "heartbeat" // a session is said to be up
	Reply     Kind = "reply"     // an answer is expected
	Event     Kind = "event"     // a notification is expected
	Happening Kind = "happening" // something is expected to happen at the servers
	Packet    Kind = "message"   // a message between servers is expected
	Fault     Kind = "fault"     // something is broken or mended
	Wait      Kind = "wait"      // time passes
	Write     Kind = "write"     // a client writes to a resource
	Remark    Kind = "remark"    // for the reader only
	Block     Kind = "block"     // par, alt, opt, loop
	Absence   Kind = "absence"   // something must not happen until the next line of its lane
	Condition Kind = "condition" // it states a setting of the stage
	Unread    Kind = "unread"    // not understood, and not played
)

// Act is one arrow, note or block, compiled.
type Act struct {
	Kind Kind
	ID   int // index among the arrows and notes of its diagram
	Pos  diagram.Pos
	Text string
	// Supplied is what the lab supplied to read it. Problem says why it is unread, and Nearest is
	// the nearest line that is understood.
	Supplied []string
	Problem  string
	Nearest  string
	at       diagram.Pos // where the text begins
	vague    bool        // of a call: its text does not name the node
	noted    bool        // of a call: a note says it
	named    string      // the node that a sequential create is said to make
	watches  string      // the node of which an answer says that its client watches it
	end      string      // of a call that a note says: the end of its arrow, as drawn

	Via    string // the library that does it for a client
	From   string
	To     string
	Expect diagram.Expect

	Op        tree.Op
	Reply     Answer
	Notice    Notice
	Either    bool // a reply, or a notification if no call is unanswered
	Happening Occurrence
	Packet    string
	Others    []string // names that the message may have instead: DIFF/TRUNC/SNAP
	Zxid      zab.Zxid
	HasZxid   bool
	VoteFor   zab.ID // of a vote with a candidate: vote for S3
	Node      string // of a proposal with an operation: PROPOSAL 1/3 create /x
	Fault     FaultNote
	Wait      sim.Time
	Wakes     string // of a wait: until this client's pause is over
	Denied    *Act   // of an absence: what must not happen
	Lost      bool   // of an absence: it is sent, and does not arrive
	Loses     bool   // of a call: its answer is drawn as lost
	Claims    bool   // a call that says its outcome, in Reply
	Own       bool   // a call that its client makes by itself: it runs a recipe
	Contents

	Before  []Supply // calls that it presupposes, made directly before it
	Watch   tree.Op  // that an answer or a remark speaks of, and that is set after it
	Watcher string   // who sets it; empty if nobody
	Awaits  bool     // a watch that is drawn to tell of a change of a node that exists
	Of      *Act     // of an answer: its call
	Answer  *Act     // of a call: its answer in the drawing, if there is one
	Number  int      // of a block: its number in the diagram, from 1

	Block    string // of a block: par, alt, opt, loop
	Race     bool   // a par whose winner is counted
	Branches []Branch
	Times    int
}

// Branch is one branch of a block.
type Branch struct {
	Label string
	Pos   diagram.Pos
	Acts  []*Act
}

// Script is a compiled document.
type Script struct {
	Doc      *diagram.Document
	Diagrams []*Scene
	Notices  []string
	Worlds   []*World

	strict bool
	errors []error
}

// Scene is one diagram of a script.
type Scene struct {
	Diagram *diagram.Diagram
	Stage   engine.Stage
	Fresh   bool // it begins a new world

	world      *World
	stageLines []Reading
	Acts       []*Act
	Arrows     []*Act // every arrow and note, in order
	blocks     int
}

// World is a sequence of diagrams that continue one another, with one stage and one cast.
type World struct {
	Stage  engine.Stage
	Cast   *Cast
	Scenes []*Scene

	spoken    spoken
	timeout   sim.Time // the session timeout that a drawing states
	Supplies  []Supply // calls made before the first drawing begins
	NoParents bool     // parents=strict: none are supplied
	Faults    []TimedFault
	Calls     []TimedCall
	Recipes   []Recipe
	Seeded    bool // a diagram says which seed
}

// Setting is a stage setting from the command line.
type Setting struct{ Key, Value string }

// Arrows counts the arrows and notes of all diagrams.
func (s *Script) Arrows() (n int) {
	for _, d := range s.Diagrams {
		n += len(d.Arrows)
	}
	return n
}

// Options say how a document is read. With the zero value, lines that are not understood are
// unread, and the rest plays.
type Options struct {
	Set    []Setting // override what documents say
	Race   bool      // consecutive calls of different clients start together
	Strict bool      // a line that is not understood is an error
}

// DrawsExpiry reports whether a note shows the end of a session itself, not only its effects.
func (a *Act) DrawsExpiry() bool {
	return a.Kind == Happening && (a.Happening.What == SessionOver || a.From != a.To &&
		expiryWords.in(wordsOf(a.Text)))
}

var expiryWords = lexiconOf([]string{"expires", "expired", "times out", "timeout",
	"session timeout"})

// DrawsMessages reports whether a diagram of the world shows messages between servers, which only
// records contain.
func (w *World) DrawsMessages() bool {
	for _, s := range w.Scenes {
		if slices.ContainsFunc(s.Arrows, func(a *Act) bool {
			return a.Kind == Packet || a.Kind == Absence && a.Denied.Kind == Packet
		}) {
			return true
		}
	}
	return false
}

// Paths lists the paths in the arrows and notes of a world, in order.
func (w *World) Paths() (list []string) {
	for _, s := range w.Scenes {
		for _, a := range s.Arrows {
			for _, word := range wordsOf(a.Text) {
				if word.isPath() {
					list = append(list, word.path())
				}
			}
			for _, path := range []string{a.named, a.Op.Path, a.Notice.Path, a.Happening.Path,
				a.Watch.Path} {
				if path != "" && strings.Contains(strings.ToLower(a.Text), lastName(path)) {
					list = append(list, path)
				}
			}
		}
	}
	return list
}
