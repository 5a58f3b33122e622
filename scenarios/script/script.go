package scenarios

import (
	"slices"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Kind is what an arrow or a note of a drawing is to the lab.
type Kind string

// The kinds.
const (
	Call       Kind = "call"       // a client asks the ensemble for something
	Heartbeat  Kind = "heartbeat"  // a session is said to be up
	Reply      Kind = "reply"      // an answer is expected
	Event      Kind = "event"      // a notification is expected
	Happening  Kind = "happening"  // something is expected to happen at the servers
	Packet     Kind = "message"    // a message between servers is expected
	Fault      Kind = "fault"      // something is broken or mended
	Wait       Kind = "wait"       // time passes
	Write      Kind = "write"      // a client writes to a resource
	RemarkKind Kind = "remark"     // for the reader only
	block      Kind = "block"      // par, alt, opt, loop
	Unread     Kind = "not-played" // left out because of --lenient
)

// act is one thing to do or to expect, compiled.
type act struct {
	kind   Kind
	id     int // index among the arrows of its diagram
	pos    diagram.Pos
	text   string
	from   string
	to     string
	expect diagram.Expect

	op        tree.Op
	reply     reply
	notice    notice
	either    bool // a reply, or a notification if nothing was asked
	happening ensembleNote
	packet    string
	zxid      zab.Zxid
	hasZxid   bool
	voteFor   zab.ID // of a vote that says for whom: vote for S3
	node      string // of a proposal that says what of: PROPOSAL 1/3 create /x
	fault     faultSpec
	wait      sim.Time

	name     string // of a block: par, alt, opt, loop
	race     bool   // a par whose winner counts
	branches []branch
	times    int
}

type branch struct {
	label string
	pos   diagram.Pos
	acts  []*act
}

// Script is a document ready to be played.
type Script struct {
	Doc      *diagram.Document
	Diagrams []*Scene
	Notices  []string
	worlds   []*worldSpec
}

// Scene is one diagram of a script.
type Scene struct {
	Diagram *diagram.Diagram
	Stage   Stage
	Fresh   bool // it begins a world of its own

	world  *worldSpec
	acts   []*act
	arrows []*act // every arrow and note, in order
}

// worldSpec is what diagrams that continue one another share.
type worldSpec struct {
	stage  Stage
	cast   *cast
	scenes []*Scene
}

// Setting is one thing of a stage that the command line sets.
type Setting struct{ Key, Value string }

// Arrows counts the arrows and notes of all diagrams.
func (s *Script) Arrows() (n int) {
	for _, d := range s.Diagrams {
		n += len(d.arrows)
	}
	return n
}

// compileOptions say how a document is read. The zero value reads it as it stands.
type compileOptions struct {
	Set     []Setting // override what documents say
	Race    bool      // consecutive calls of different clients start together
	Lenient bool      // what is not understood is left out and listed
}

// drawsExpiry says that a note shows the end of a session itself, not only what follows from it.
func (a *act) drawsExpiry() bool {
	return a.kind == Happening && (a.happening.what == sessionOver ||
		has(wordsOf(a.text), "expires", "expired", "times out", "timeout", "session timeout"))
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
