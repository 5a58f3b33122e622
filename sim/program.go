package sim

// NodeID numbers the machines of a world from 1 in the order in which they were added. 0 is the
// network.
type NodeID int32

// Port distinguishes the services of one machine. Programs choose the numbers.
type Port uint8

// ConnID identifies a connection at both of its ends, and is never reused. The program that dials
// chooses it: it uses Conn+1 for its first dial, Conn+2 for its second, and so on, where Conn is
// the Conn field of its Boot event.
type ConnID uint64

// Message is what travels on a connection. It is never changed once sent.
type Message interface {
	// Name is the message's kind as plans, documents and traces write it, such as PROPOSAL.
	Name() string
	// Size is the message's length on the wire in bytes.
	Size() int
	// Key is a hash of the message's content, for the run's fingerprint.
	Key() uint64
}

// EventKind says what happened to a program.
type EventKind uint8

// These are the kinds of events. The comment of each kind names the fields of [Event] that are set
// for it.
const (
	Boot       EventKind = iota + 1 // the process starts (Conn: base for its ConnIDs)
	Wake                            // Deadline has passed
	Connected                       // our Dial came through (Conn, From, Port)
	Refused                         // our Dial failed: no process, or no answer (Conn, From, Port)
	Accepted                        // another machine dialled us (Conn, From, Port)
	Received                        // a message (Conn, From, Port, Msg)
	Closed                          // the other end closed, or a reset (Conn, From, Port)
	Fsynced                         // an Fsync is complete (Token)
	DiskFailed                      // an Append or an Fsync failed, in part or in whole (Token)
	Told                            // a word from outside: a client's next command (Msg)
)

// Event is one thing that happened to a program.
type Event struct {
	Kind  EventKind
	Port  Port
	From  NodeID
	Conn  ConnID
	Token uint64
	Msg   Message
	Wall  Time // what the machine's wall clock shows; it may jump
	Late  bool // it arrived while the process was paused, and the pause has just ended
}

// EffectKind is the kind of an effect.
type EffectKind uint8

// These are the kinds of effects. The comment of each kind names the fields of [Effect] that the
// world uses for it.
const (
	Dial     EffectKind = iota + 1 // open a connection (Conn, To, Port, Span: give up after)
	Send                           // (Conn, Msg); on a closed connection it is lost silently
	Close                          // (Conn); the other end learns of it after all that was sent
	Append                         // add Data to File, made if absent: in the page cache only
	Truncate                       // cut File, which exists, to N bytes: in the page cache only
	Rename                         // File, which exists, becomes Name: in the directory's cache only
	Remove                         // delete File, if it exists: in the directory's cache only
	Fsync                          // make File durable, then Fsynced{Token}; "" is the directory
	Exit                           // end this process (Name: why), as System.exit does
)

// Effect is one action that a program requests. The world carries effects out in order.
type Effect struct {
	Kind  EffectKind
	Port  Port
	Fixed bool // nobody changes the bytes of Data any more: the disk may keep Data, not a copy
	To    NodeID
	Conn  ConnID
	Msg   Message
	Span  Time
	File  string
	Name  string
	Data  []byte
	N     int64
	Token uint64
}

// Program is what runs on a machine: a state machine that takes an event and appends effects. What
// it does must depend only on how it was made and on the arguments of its calls to Step. So it must
// not read a real clock, and must take random numbers only from a seed.
type Program interface {
	// Step takes one event at local time now and appends effects to out.
	Step(now Time, e Event, out []Effect) []Effect
	// Deadline returns the local time at which the program wants its next Wake, or Never.
	Deadline() Time
}
