package zab

import "github.com/zablab/zablab/sim"

// App is the state machine that a peer replicates. It owns the peer. Step calls its methods, which
// may append effects through IO.
type App interface {
	// Restore replaces the state with that of a snapshot. What the snapshot leaves out is as on an
	// empty server.
	Restore(snapshot []byte) error
	// Deliver applies one transaction. replayed is true for a transaction read back from the
	// server's own log: it may not be committed.
	Deliver(e Entry, replayed bool)
	// Snapshot begins a fuzzy snapshot: what is delivered while it is read may be in it.
	Snapshot() SnapshotReader
	// Changed reports a change of the peer's state or phase.
	Changed()
	// Forwarded hands the leader a REQUEST, REVALIDATE or SYNC that learner from sent it.
	Forwarded(from ID, m Message)
	// Answered hands a learner the leader's answer to its REVALIDATE or SYNC.
	Answered(m Message)
	// Touched returns the sessions heard of since the last PING, and empties that table.
	Touched() []Touch
	// Heard hands the leader such a table from learner from.
	Heard(from ID, touched []Touch)
}

// SnapshotReader yields a snapshot piece by piece.
type SnapshotReader interface {
	// Next returns about max more bytes, and whether they are the last.
	Next(max int) (piece []byte, last bool)
}

// IO is the buffer in which one step collects its effects. A peer and its App share one, so that
// their effects leave in the order of the requests.
type IO struct {
	Now  sim.Time // local
	Wall sim.Time
	Out  []sim.Effect
	conn sim.ConnID

	scratch []byte // bytes that this step's effects refer to, until they are carried out
}

// Begin starts a step.
func (io *IO) Begin(now sim.Time, e sim.Event, out []sim.Effect) {
	io.Now, io.Wall, io.Out = now, e.Wall, out
	io.scratch = io.scratch[:0]
	if e.Kind == sim.Boot {
		io.conn = e.Conn
	}
}

// NewConn names a connection about to be dialled.
func (io *IO) NewConn() sim.ConnID {
	io.conn++
	return io.conn
}

// Emit appends one effect.
func (io *IO) Emit(e sim.Effect) { io.Out = append(io.Out, e) }

// Send appends the sending of a message.
func (io *IO) Send(conn sim.ConnID, m sim.Message) {
	io.Out = append(io.Out, sim.Effect{Kind: sim.Send, Conn: conn, Msg: m})
}

// Close appends the closing of a connection; for connection 0 it does nothing.
func (io *IO) Close(conn sim.ConnID) {
	if conn != 0 {
		io.Out = append(io.Out, sim.Effect{Kind: sim.Close, Conn: conn})
	}
}

// Dial appends the opening of a connection and returns its name.
func (io *IO) Dial(to ID, port sim.Port, giveUp sim.Time) sim.ConnID {
	conn := io.NewConn()
	io.Emit(sim.Effect{Kind: sim.Dial, Conn: conn, To: to, Port: port, Span: giveUp})
	return conn
}
