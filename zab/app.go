package zab

import "github.com/zablab/zablab/sim"

// App is the state machine that a [Peer] replicates; the caller of this package implements it.
// [Peer.Step] calls the methods of the App. In these calls the App may append effects of its own to
// the [IO] that it shares with the peer.
type App interface {
	// Restore replaces the state with that of a snapshot. State that is not in the snapshot becomes
	// that of an empty server. Nobody changes the bytes of the snapshot afterwards.
	Restore(snapshot []byte) error
	// Deliver applies one transaction. replayed is true for a transaction that was read back from
	// the server's own log, and may not be committed.
	Deliver(e Entry, replayed bool)
	// Snapshot begins a fuzzy snapshot: transactions that are delivered while the caller reads it
	// may be in it.
	Snapshot() SnapshotReader
	// Changed reports a change of the peer's state or phase.
	Changed()
	// Forwarded gives the leader's App a REQUEST, REVALIDATE or SYNC that the learner from sent.
	Forwarded(from ID, m Message)
	// Answered gives a learner's App the leader's answer to its REVALIDATE or SYNC.
	Answered(m Message)
	// Touched returns the list of the sessions that clients have used since the last PING, and
	// starts a new list.
	Touched() []Touch
	// Heard gives the leader's App the sessions that clients of the learner from have used.
	Heard(from ID, touched []Touch)
}

// SnapshotReader reads a snapshot piece by piece.
type SnapshotReader interface {
	// Next appends the next piece, of about max bytes, to dst. last is true for the last piece.
	Next(dst []byte, max int) (result []byte, last bool)
	// Size returns about how many bytes the snapshot will have.
	Size() int
}

// IO collects the effects of one step. A peer and its [App] share one IO, so that the effects of
// both are carried out in the order in which they were appended.
type IO struct {
	Now  sim.Time // local time
	Wall sim.Time
	Out  []sim.Effect
	conn sim.ConnID

	name func(to ID, port sim.Port) sim.ConnID // see NameConns; nil to count

	scratch []byte // bytes that this step's effects refer to, until they are carried out
}

// Begin starts the step that handles the event e. The effects of the step are appended to out.
func (io *IO) Begin(now sim.Time, e sim.Event, out []sim.Effect) {
	io.Now, io.Wall, io.Out = now, e.Wall, out
	io.scratch = io.scratch[:0]
	if e.Kind == sim.Boot {
		io.conn = e.Conn
	}
}

// NewConn returns the ID of a connection that the caller is about to dial.
func (io *IO) NewConn() sim.ConnID {
	io.conn++
	return io.conn
}

// Emit appends one effect.
func (io *IO) Emit(e sim.Effect) { io.Out = append(io.Out, e) }

// Send appends the effect that sends m on a connection.
func (io *IO) Send(conn sim.ConnID, m sim.Message) {
	io.Out = append(io.Out, sim.Effect{Kind: sim.Send, Conn: conn, Msg: m})
}

// Close appends the effect that closes a connection. For connection 0 it does nothing.
func (io *IO) Close(conn sim.ConnID) {
	if conn != 0 {
		io.Out = append(io.Out, sim.Effect{Kind: sim.Close, Conn: conn})
	}
}

// Dial appends the effect that opens a connection to a port of a server, and returns the
// connection's ID. giveUp is the timeout: without an answer in that time, the attempt fails.
func (io *IO) Dial(to ID, port sim.Port, giveUp sim.Time) sim.ConnID {
	var conn sim.ConnID
	if io.name != nil {
		conn = io.name(to, port)
	} else {
		conn = io.NewConn()
	}
	io.Emit(sim.Effect{Kind: sim.Dial, Conn: conn, To: to, Port: port, Span: giveUp})
	return conn
}
