package sim

// NodeID numbers the machines of a world from 1 in the order in which they were added. 0 is
// nobody, or the network itself.
type NodeID int32

// Port tells the services of one machine apart. The numbers are the programs' own.
type Port uint8

// ConnID names one connection for both of its ends, and is never used again. The dialling
// program chooses it: the base that its Boot event carried plus a count of its own.
type ConnID uint64

// Message is what travels on a connection. It is never changed once sent.
type Message interface {
	// Name is the message's kind as plans, documents and traces write it: PROPOSAL.
	Name() string
	// Size is its length on the wire in bytes.
	Size() int
	// Key is what the run's fingerprint keeps of its content.
	Key() uint64
}

// EventKind says what happened to a program.
type EventKind uint8

// The events. What each one fills in stands behind it.
const (
	Boot       EventKind = iota + 1 // the process starts (Conn: base for its ConnIDs)
	Wake                            // Deadline has passed
	Connected                       // our Dial came through (Conn, From, Port)
	Refused                         // our Dial failed: nobody there, or timed out (Conn, From, Port)
	Accepted                        // somebody dialled us (Conn, From, Port)
	Received                        // a message (Conn, From, Port, Msg)
	Closed                          // the other end closed, or the connection was reset (Conn, From, Port)
	Fsynced                         // an Fsync is complete: what it was asked for is durable (Token)
	DiskFailed                      // an append or an fsync failed; nothing about it is known (Token)
	Told                            // word from outside the world: a client's next command (Msg)
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
}

// EffectKind says what a program wants done.
type EffectKind uint8

// The effects. What each one reads stands behind it.
const (
	Dial     EffectKind = iota + 1 // open a connection (Conn, To, Port, Span: give up after)
	Send                           // (Conn, Msg); on a connection that is gone, lost in silence
	Close                          // (Conn); the other end learns of it behind all that was sent
	Append                         // add Data to File, made if absent: in the page cache only
	Truncate                       // cut File to N bytes: in the page cache only
	Rename                         // File becomes Name, replacing it: in the directory's cache only
	Remove                         // delete File: in the directory's cache only
	Fsync                          // make File durable, then Fsynced{Token}; File "" is the directory
	Exit                           // end this process (Name: why), as System.exit does
)

// Effect is one thing that a program wants done. Effects are carried out in order.
type Effect struct {
	Kind  EffectKind
	Port  Port
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

// Program is what runs on a machine: a state machine that is told what happened and appends
// what it wants done. It must be a function of its events alone.
type Program interface {
	// Step takes one event at local time now and appends effects to out.
	Step(now Time, e Event, out []Effect) []Effect
	// Deadline is the local time at which it next wants a Wake, or Never.
	Deadline() Time
}
