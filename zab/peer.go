package zab

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Config is what a peer is told once. The zero value of a field with a default means the
// default, which is ZooKeeper's.
type Config struct {
	ID        ID
	Voters    Set // participants
	Observers Set

	TickTime  sim.Time // default 2s
	InitLimit int      // ticks, default 10
	SyncLimit int      // ticks, default 5

	FinalizeWait sim.Time // default 200ms: how long an election with a quorum waits for a better vote
	MaxNotify    sim.Time // default 60s: the most that the election's resending backs off to
	ConnectRetry sim.Time // default 100ms: between a follower's five tries to reach its leader

	CommittedLog int    // default 500: committed transactions kept in memory for DIFF
	SnapCount    int    // default 100 000: transactions between snapshots, roughly
	SnapChunk    int    // default 4096: bytes of a snapshot sent or written at a time
	MaxCounter   uint32 // default 2^32-1: the largest counter; an epoch ends before it is used up
	NoLogSync    bool   // do not serve DIFF from the log on disk (zookeeper.snapshotSizeFactor < 0)

	// QuorumSync makes sync ask a quorum whether the leader still leads. ZooKeeper does not
	// (ZOOKEEPER-1675, 2136): there a deposed leader answers at once.
	QuorumSync bool

	Rand  *sim.Rand
	Probe Probe // may be nil

	Flaw flaw.Flaw // a bug to have; None is none
}

func (c *Config) setDefaults() {
	def := func(t *sim.Time, d sim.Time) {
		if *t == 0 {
			*t = d
		}
	}
	defInt := func(n *int, d int) {
		if *n == 0 {
			*n = d
		}
	}
	def(&c.TickTime, 2*sim.Second)
	def(&c.FinalizeWait, 200*sim.Millisecond)
	def(&c.MaxNotify, 60*sim.Second)
	def(&c.ConnectRetry, 100*sim.Millisecond)
	defInt(&c.InitLimit, 10)
	defInt(&c.SyncLimit, 5)
	defInt(&c.CommittedLog, 500)
	defInt(&c.SnapCount, 100_000)
	defInt(&c.SnapChunk, 4096)
	if c.MaxCounter == 0 {
		c.MaxCounter = 1<<32 - 1
	}
	if c.Rand == nil {
		c.Rand = sim.NewRand(uint64(c.ID))
	}
}

// App is the state machine that a peer replicates: its holder. It is called from within Step,
// at the points that the protocol names, and may append effects of its own through IO.
type App interface {
	// Restore replaces the state by a snapshot's; what the snapshot does not say is as on an
	// empty server.
	Restore(snapshot []byte) error
	// Deliver applies one transaction. replayed is true for what is read back from the own
	// log, of which nobody may know whether it was committed.
	Deliver(e Entry, replayed bool)
	// Snapshot begins a fuzzy snapshot: what is delivered while it is read may be in it.
	Snapshot() SnapshotReader
	// Changed says that the peer's state or phase is another now.
	Changed()
	// Forwarded is a REQUEST, REVALIDATE or SYNC that learner from sent its leader: us.
	Forwarded(from ID, m Message)
	// Answered is the leader's answer to a REVALIDATE or a SYNC of ours.
	Answered(m Message)
	// Touched empties the table of sessions heard of since the last PING.
	Touched() []Touch
	// Heard is such a table, from learner from.
	Heard(from ID, touched []Touch)
}

// SnapshotReader yields a snapshot piece by piece.
type SnapshotReader interface {
	// Next returns about max bytes more, and whether that was the last of it.
	Next(max int) (piece []byte, last bool)
}

// IO is the buffer in which one step collects its effects. A peer and its holder share one, so
// that their effects come out in the order in which they were wanted.
type IO struct {
	Now  sim.Time // local
	Wall sim.Time
	Out  []sim.Effect
	conn sim.ConnID

	scratch []byte // what this step's effects refer to, until they are carried out
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

// Close appends the closing of a connection; 0 is none.
func (io *IO) Close(conn sim.ConnID) {
	if conn != 0 {
		io.Out = append(io.Out, sim.Effect{Kind: sim.Close, Conn: conn})
	}
}

// Dial appends the opening of a connection and returns its name.
func (io *IO) Dial(to ID, port sim.Port, giveUp sim.Time) sim.ConnID {
	conn := io.NewConn()
	io.Out = append(io.Out, sim.Effect{Kind: sim.Dial, Conn: conn, To: to, Port: port, Span: giveUp})
	return conn
}

// Peer is one server's share of the protocol.
type Peer struct {
	config Config
	app    App
	io     *IO
	probe  Probe

	state State
	phase Phase
	blank bool // started from an empty disk, and has learnt nothing yet
	// promisedElsewhere is an epoch that a participant had promised when we led an earlier one.
	promisedElsewhere uint32
	// needSnap: a TRUNC went further back than our oldest snapshot.
	needSnap bool

	// On disk, as far as completed writes go (D8: the file first, then the variable).
	acceptedEpoch uint32
	currentEpoch  uint32
	history       history
	writer        writer
	snapper       snapper
	recoverError  error
	stored        *Stored

	mark      Zxid    // e/0 of an epoch that this server was established leader of
	applied   Zxid    // last delivered
	committed []Entry // committedLog: the last of what was delivered

	round       uint64 // electionEpoch, logicalclock
	currentVote Vote
	voteRound   uint64
	links       links

	// Exactly one is set once the peer is started: its role.
	elect *electing
	lead  *leading
	learn *learning

	waiting    bool   // for the writer, to begin an election
	generation uint32 // counts roles: what an old one asked the disk for is not its successor's
	pingOut    *Ping  // the last PING without a table, sent again while nothing changes
	exited     bool
}

// New returns a peer with what its disk held. The first event must be Boot.
func New(config Config, stored Stored, recoverError error, app App, io *IO) *Peer {
	config.setDefaults()
	p := &Peer{config: config, app: app, io: io, probe: config.Probe}
	p.recoverError = recoverError
	p.stored = &stored
	p.links.init(p)
	p.writer.p = p
	p.snapper.p = p
	return p
}

// Step takes one event and appends the effects that follow. A peer under a holder is handed its
// events by [Peer.Handle] instead, between the holder's own IO.Begin and its end.
func (p *Peer) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	p.io.Begin(now, e, out)
	p.Handle(e)
	out, p.io.Out = p.io.Out, nil
	return out
}

// Handle dispatches one event.
func (p *Peer) Handle(e sim.Event) {
	if p.exited {
		return
	}
	switch e.Kind {
	case sim.Boot:
		p.onBoot()
	case sim.Synced:
		p.onSynced(e.Token)
	case sim.DiskFailed:
		p.exit("disk: a write failed, and nothing about it is known") // R8, ZOOKEEPER-4882
	case sim.Wake:
		p.onWake()
	default:
		if e.Port == PortElection {
			p.links.handle(e)
		} else if e.Port == PortQuorum {
			p.onQuorum(e)
		}
	}
	if !p.exited {
		p.check()
	}
}

func (p *Peer) onQuorum(e sim.Event) {
	switch {
	case e.Kind == sim.Accepted && p.lead == nil:
		p.io.Close(e.Conn) // nobody listens there unless LEADING
	case p.lead != nil:
		p.onLearnerEvent(e)
	case p.learn != nil:
		p.onLeaderEvent(e)
	}
}

func (p *Peer) onWake() {
	switch {
	case p.elect != nil:
		p.electionTimers()
	case p.lead != nil:
		p.leaderTimers()
	case p.learn != nil:
		p.learnerTimers()
	}
}

// Deadline is when the peer wants to be woken, in local time.
func (p *Peer) Deadline() sim.Time {
	switch {
	case p.elect != nil:
		return min(p.elect.resendAt, p.elect.finalizeAt)
	case p.lead != nil:
		return p.lead.nextAt
	case p.learn != nil:
		return min(p.learn.deadline, p.learn.retryAt)
	}
	return sim.Never
}

// onBoot restores the state machine and repairs what a crash left, before anything is said.
func (p *Peer) onBoot() {
	s := p.stored
	p.stored = nil
	if p.recoverError != nil {
		if p.probe != nil {
			p.probe.Inconsistent(p, "LogContiguous", p.recoverError.Error())
		}
		p.exit(p.recoverError.Error())
		return
	}
	p.blank = s.Blank && p.config.Flaw != flaw.EmptyVotes
	p.acceptedEpoch, p.currentEpoch = s.AcceptedEpoch, s.CurrentEpoch
	garbage := p.history.load(s)
	if p.probe != nil {
		p.probe.Booted(p)
	}
	p.reload()
	if p.exited {
		return
	}
	p.writer.files = s.files
	// R7: what is re-read after the death of a process may not be durable yet (D9), and the
	// torn end of the log must go before anything is appended behind it.
	p.writer.add(job{kind: jobRepair, garbage: garbage})
	if s.Blank && !p.blank {
		empty, _ := p.app.Snapshot().Next(1 << 20)
		p.writer.add(job{kind: jobInstall, data: empty})
	}
	// R0, ZOOKEEPER-2354: a crash between the records of an epoch and the epoch itself.
	last := p.history.last().Epoch()
	p.writer.recovered(max(p.currentEpoch, last), max(p.acceptedEpoch, p.currentEpoch, last))
}

// onStarted is the end of what onBoot asked of the disk.
func (p *Peer) onStarted() { p.becomeLooking("start") }

// reload rebuilds the state machine from what the disk holds, or will hold.
func (p *Peer) reload() {
	p.snapper.cancel()
	base := p.history.base()
	if err := p.app.Restore(base.data); err != nil {
		p.exit("restore snapshot " + base.zxid.String() + ": " + err.Error())
		return
	}
	p.applied = base.zxid
	p.committed = p.committed[:0]
	p.fastForward()
}

// fastForward applies what is logged and not applied yet, so that a vote speaks for memory and
// disk alike (ZOOKEEPER-2845).
func (p *Peer) fastForward() {
	for _, e := range p.history.after(p.applied) {
		p.deliver(e, true)
	}
}

// deliver applies one transaction. It is the only place where the state machine moves.
func (p *Peer) deliver(e Entry, replayed bool) {
	if e.Zxid <= p.applied {
		p.assert(false, "commitInconsistent", "delivers %v behind %v", e.Zxid, p.applied)
	}
	p.applied = e.Zxid
	if p.config.Flaw != flaw.SkipCommittedLog || p.learn == nil || p.phase == Broadcast {
		p.pushCommitted(e)
	}
	if p.probe != nil {
		p.probe.Delivered(e, replayed)
	}
	p.app.Deliver(e, replayed)
}

// pushCommitted adds to committedLog. Within an epoch it has no holes (ZOOKEEPER-4925).
func (p *Peer) pushCommitted(e Entry) {
	if len(p.committed) >= 2*p.config.CommittedLog {
		n := copy(p.committed, p.committed[len(p.committed)-p.config.CommittedLog+1:])
		p.committed = p.committed[:n]
	}
	p.committed = append(p.committed, e)
}

// committedLog is the window that DIFF is served from.
func (p *Peer) committedLog() []Entry {
	return p.committed[max(0, len(p.committed)-p.config.CommittedLog):]
}

// lastZxid is what this server votes with: the end of its log, or the mark of an epoch that it
// was established in and that has no transaction yet.
func (p *Peer) lastZxid() Zxid {
	if p.blank {
		return NoZxid
	}
	if p.config.Flaw == flaw.NoFastForward && p.applied < p.history.last() {
		return max(p.applied, p.mark)
	}
	return max(p.history.last(), p.mark)
}

// exit ends the process.
func (p *Peer) exit(why string) {
	p.exited = true
	p.io.Emit(sim.Effect{Kind: sim.Exit, Name: why})
}

// leave ends the present role, whatever it is.
func (p *Peer) leave() {
	p.generation++
	if p.config.Flaw == flaw.KeepWriter {
		p.writer.outlive()
	}
	p.snapper.cancel() // R5: what follows may apply what nobody has committed
	if p.lead != nil {
		for _, l := range p.lead.learners {
			p.io.Close(l.conn)
		}
		p.lead = nil
	}
	if l := p.learn; l != nil {
		p.io.Close(l.conn)
		p.learn = nil
		if l.unsaved && p.config.Flaw != flaw.KeepPartialSnap { // R2: memory holds a snapshot that the disk was never given
			p.reload()
		}
	}
	p.elect = nil
	p.waiting = false
}

func (p *Peer) setState(s State, ph Phase) {
	p.state, p.phase = s, ph
	if p.probe != nil {
		p.probe.Changed(p)
	}
	p.app.Changed()
}

func (p *Peer) setPhase(ph Phase) { p.setState(p.state, ph) }

// refuse records that something which the fault model allows came at the wrong time.
func (p *Peer) refuse(format string, args ...any) {
	if p.probe != nil {
		p.probe.Refused(format, args)
	}
}

// inconsistent records a message that stands where none of a sound leader's can, on a connection that
// keeps order (ZAB.md I3, I4). We go on as if it had come by a fault, and break the connection.
func (p *Peer) inconsistent(name, format string, args ...any) {
	p.refuse(format+" ("+name+")", args...)
	if p.probe != nil {
		p.probe.Inconsistent(p, name, fmt.Sprintf(format, args...))
	}
}

// assert ends the run: what the fault model forbids has happened.
// The name is that of the invariant (ZAB.md B.1).
func (p *Peer) assert(ok bool, name, format string, args ...any) {
	if !ok {
		text := fmt.Sprintf("S%d: "+format, append([]any{p.config.ID}, args...)...)
		panic(&sim.AssertionError{Text: text + " (" + name + ")"})
	}
}

// check is what is true of a peer between any two events.
func (p *Peer) check() {
	if p.currentEpoch > p.acceptedEpoch {
		p.assert(false, "TypeOK", "holds the history of epoch %d but promised only %d", p.currentEpoch, p.acceptedEpoch)
	}
	if last := p.history.last(); p.applied > last && p.learn == nil {
		p.assert(false, "TypeOK", "applied %v but holds only up to %v", p.applied, last)
	}
	if p.state == Leading != (p.lead != nil) || (p.state == Following || p.state == Observing) != (p.learn != nil) {
		p.assert(false, "TypeOK", "is %v in another role", p.state)
	}
}
