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

// Kind is the kind of an [Act]: a call, a reply, a fault, and so on.
type Kind string

// The kinds.
const (
	Call      Kind = "call"      // a client calls the ensemble
	Heartbeat Kind = "heartbeat" // a session is expected to be alive
	Reply     Kind = "reply"     // an answer is expected
	Event     Kind = "event"     // a notification is expected
	Happening Kind = "happening" // an event at the servers is expected
	Packet    Kind = "message"   // a message between servers is expected
	Fault     Kind = "fault"     // a machine or a link fails or recovers
	Wait      Kind = "wait"      // time passes
	Write     Kind = "write"     // a client writes to a resource
	Remark    Kind = "remark"    // for the reader only
	Block     Kind = "block"     // par, alt, opt, loop
	Absence   Kind = "absence"   // an event must not happen before its participants' next line
	Condition Kind = "condition" // the text states a setting of the stage, or the parameters of a call
	Unread    Kind = "unread"    // not understood, and not played
)

// Act is a compiled arrow, note or block.
type Act struct {
	Kind Kind
	ID   int // index among the arrows and notes of its diagram
	Pos  diagram.Pos
	Text string
	// Supplied says what the lab added to the line to read it. Problem is the reason why the line
	// is unread, and Nearest is a similar line that is understood.
	Supplied []string
	// Besides are those of Supplied that are not about the text of the line, but about what stands
	// around it: a node that exists before. Lasts is that of Supplied which says how long a pause
	// without a length lasts.
	Besides []string
	Lasts   string
	Problem string
	Nearest string
	at      diagram.Pos // where the text begins
	split   []word      // the words of Text, if it has no quotes or blanks of other programs
	vague   bool        // of a call: its text does not name the node
	param   bool        // of a condition: it has the parameters of the call above it
	heading bool        // of a fault: a heading says it
	counts  bool        // of a set: it adds one to a counter
	// detailed is true for an answer whose values stand in the note below it.
	detailed bool
	noted    bool   // of a call: a note says it
	Joint    bool   // of a call: its line makes several
	named    string // the node that a sequential create is said to make
	watches  string // the node of which an answer says that its client watches it
	whose    string // of a notification: the client whose session it says is over
	gets     bool   // of a create: its text has the token that its client gets by it
	mine     bool   // of a call: it is about the own node of its client
	ahead    bool   // of a watch: it is on the node before its client's own
	sibling  *Act   // of a call: the create among whose siblings it looks
	end      string // of a call that a note says: the end of its arrow, as drawn

	Via    string // the library through which a client acts, or empty
	From   string
	To     string
	Expect diagram.Expect

	Op        tree.Op
	Reply     Answer
	Notice    Notice
	Doubt     int  // the line in another language that this line may follow from, or 0
	Either    bool // a reply, or a notification if no call is unanswered
	Order     bool // of a notification: it orders its client to do something; ZooKeeper never does
	Happening Occurrence
	Packet    string
	Others    []string // names that the message may have instead: DIFF/TRUNC/SNAP
	Early     int      // of a NEWLEADER: the line below it with the DIFF, TRUNC or SNAP before it; or 0
	Empty     bool     // of a DIFF: it announces nothing that its learner lacks
	Zxid      zab.Zxid
	HasZxid   bool
	VoteFor   zab.ID // of "vote for S3": the server; 0 if the vote names none
	Node      string // of "PROPOSAL 1/3 create /x": the path; empty if the message has none
	Fault     FaultNote
	Wait      sim.Time
	Wakes     string // of a wait: the client whose pause it outlasts
	Denied    *Act   // of an absence: what must not happen
	Lost      bool   // of an absence: the message is sent, but does not arrive
	Claims    bool   // of a call: its text has the outcome, which is in Reply
	Version   int32  // of an answer that HasVersion: of the node
	Count     uint32 // of an answer that HasCount: of the node's children
	Presents  bool   // of a write: the lock whose token it shows is supplied
	Trails    bool   // of a call for children that claims a place: its client's node is not first
	Own       bool   // of a call: its client runs a recipe, which makes the call
	Loses     bool   // of a call: its answer is drawn as lost
	// Beside is true for an act that a line tells beside its own: the end of a session in the note
	// of a fault, or, if Ahead, before the call of the line.
	Beside, Ahead bool
	Turned        bool // of a call: it is drawn on the arrow of its answer
	// Refuted says why the line cannot come as drawn in any run, because it contradicts other lines
	// of the drawing; it is empty if it does not.
	Refuted string
	// Astray says of an answer why its sender sends none; it is empty if the sender may.
	Astray string

	HasVersion, HasCount bool
	// Shift is how much greater the version is that the text shows, because the drawing does not show
	// how the node got it.
	Shift int32
	Contents

	Before  []Supply // calls that the act needs, made directly before it
	Watch   *tree.Op // of an answer or a remark that mentions a watch: the call that sets it
	Watcher string   // the client that makes the call Watch; empty if there is no such call
	Awaits  bool     // of a call that sets a watch: a change of an existing node is drawn
	Of      *Act     // of an answer: its call
	Judges  *Act     // of an answer of a resource: the write that it is for
	Answer  *Act     // of a call: its answer in the drawing, if there is one
	Number  int      // of a block: its number in the diagram, from 1

	Block    string // of a block: par, alt, opt, loop
	Options  bool   // of an alt: a critical with options, of which those not played are told
	Race     bool   // of a par: the lab counts which branch wins
	Branches []Branch
	Times    int
}

// Branch is one branch of a compiled block.
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
	slab   []Act // of which the next acts are made
}

// Scene is a compiled diagram.
type Scene struct {
	Diagram *diagram.Diagram
	Stage   engine.Stage
	Fresh   bool // the diagram begins a new world

	world      *World
	stageLines []Reading
	Acts       []*Act
	Arrows     []*Act // every arrow and note, in order
	blocks     int

	contradicts map[int]string // by line: why the session timeout that it names does not count
}

// World is a sequence of diagrams that continue one another, with the same settings and
// participants.
type World struct {
	Stage  engine.Stage
	Cast   *Cast
	Scenes []*Scene

	Timeouts map[string]sim.Time // by client: a session timeout of its own, see [World.Timeout]

	spoken    spoken
	Supplies  []Supply // calls made before the first drawing begins
	NoParents bool     // parents=strict: Supplies is empty
	History   []History
	Faults    []TimedFault
	Calls     []TimedCall
	Recipes   []Recipe
	Seeded    bool // a diagram has the setting seed
}

// Setting is a setting from the command line, which overrides the setting with the same key in the
// "%% lab:" lines.
type Setting struct{ Key, Value string }

// Arrows returns the number of arrows and notes in all diagrams.
func (s *Script) Arrows() (n int) {
	for _, d := range s.Diagrams {
		n += len(d.Arrows)
	}
	return n
}

// Options say how [Compile] reads a document. With the zero value, a line that Compile does not
// understand causes no error: it gets the kind [Unread] and is not played, but the other lines are.
type Options struct {
	Set    []Setting // settings that override those of documents
	Race   bool      // send consecutive calls of different clients at the same time
	Strict bool      // a line that is not understood is an error
}

// DrawsExpiry reports whether an act is a note that says that a session ends.
func (a *Act) DrawsExpiry() bool {
	return a.Kind == Happening && (a.Happening.What == SessionOver || a.From != a.To &&
		expiryWords.in(a.words()))
}

var expiryWords = lexiconOf([]string{"expires", "expired", "times out", "timeout",
	"session timeout"})

// DrawsMessages reports whether a diagram of the world shows messages between servers. To judge
// such a diagram, the player must keep the records of the run.
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

// watched is the path of the call Watch, or empty if there is none.
func (a *Act) watched() string {
	if a.Watch == nil {
		return ""
	}
	return a.Watch.Path
}

// Paths returns the paths in the arrows and notes of a world, in order.
func (w *World) Paths() (list []string) {
	for _, s := range w.Scenes {
		for _, a := range s.Arrows {
			for _, word := range a.words() {
				if word.isPath() {
					list = append(list, word.path())
				}
			}
			if a.Kind == Reply && a.Of != nil && a.Of.Op.Type == tree.OpGetChildren2 && a.Lists() {
				list = append(list, a.listed()...)
			}
			for _, path := range []string{a.named, a.Op.Path, a.Notice.Path, a.Happening.Path,
				a.watched()} {
				if path != "" && strings.Contains(strings.ToLower(a.Text), lastName(path)) {
					list = append(list, path)
				}
			}
		}
	}
	return list
}
