package zab

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Peer is the part of one server that runs the protocol.
type Peer struct {
	config Config
	app    App
	io     *IO
	probe  Probe

	state State
	phase Phase
	// blank: the disk was lost, and with it what we had acked. We must not vote until we hold a
	// leader's history: an empty vote would claim that nothing was ever committed here.
	blank bool
	// promisedElsewhere is an epoch that a participant had promised when we led an earlier one.
	promisedElsewhere uint32
	// needSnap: a TRUNC went further back than our oldest snapshot, so only a whole state helps: we
	// join as an empty server would, and get one.
	needSnap bool

	// The epochs on disk, as of the last completed write (rule D8: the file first, then the
	// variable).
	acceptedEpoch uint32
	currentEpoch  uint32
	history       history
	writer        writer
	snapper       snapper
	recoverError  error
	stored        *Stored

	mark      Zxid    // e/0 of an epoch that we led, once established: no record has it (rule L1)
	applied   Zxid    // last delivered
	committed []Entry // committedLog: the last transactions delivered

	round       uint64 // electionEpoch, logicalclock
	currentVote Vote
	voteRound   uint64
	links       links

	// Exactly one of these is set once the peer is started: its role.
	elect *electing
	lead  *leading
	learn *learning

	waiting    bool   // for the writer, before it begins an election
	generation uint32 // counts roles, to recognise a write that an earlier role asked for
	pingOut    *Ping  // the last PING without a table, sent again while nothing changes
	exited     bool
	refusals   Refusals
	flawed     flawed
}

// New returns a peer that continues from what [Recover] has read from its disk. The first event of
// the peer must be Boot.
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

// Step handles one event and appends the effects that follow from it. An [App] that has events of
// its own calls [IO.Begin] and [Peer.Handle] instead.
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
	case sim.Fsynced:
		p.onFsynced(e.Token)
	case sim.DiskFailed:
		p.exit("disk: a write failed, and nothing about it is known") // rule R8
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
		p.refuse(NotLeading, e.From, NoZxid)
		p.io.Close(e.Conn)
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

// Deadline returns the local time at which the peer wants a Wake.
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

// lastZxid is the zxid that this server votes with: the end of its log; or the mark e/0 of an epoch
// in which it was established, if that epoch has no transaction yet (rule L1).
func (p *Peer) lastZxid() Zxid {
	if p.blank {
		return NoZxid
	}
	if p.leavesUnapplied() {
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
	p.outlive()
	p.snapper.cancel() // the next role may apply transactions that are not committed (rule R5)
	if p.lead != nil {
		for _, k := range p.lead.learners {
			p.io.Close(k.conn)
		}
		p.lead = nil
	}
	if l := p.learn; l != nil {
		p.io.Close(l.conn)
		p.learn = nil
		// Memory holds a snapshot that is not on disk: a vote must not count it (rule R2).
		if l.unsaved && !p.has(flaw.KeepPartialSnap) {
			p.reload()
		}
	}
	p.elect = nil
	p.waiting = false
}

func (p *Peer) setState(s State, ph Phase) {
	p.state, p.phase = s, ph
	p.probe.Changed(p)
	p.app.Changed()
}

func (p *Peer) setPhase(ph Phase) { p.setState(p.state, ph) }

// check asserts what must be true of a peer between any two events.
func (p *Peer) check() {
	if p.currentEpoch > p.acceptedEpoch {
		p.broken("TypeOK", "currentEpoch %d is larger than acceptedEpoch %d",
			p.currentEpoch, p.acceptedEpoch)
	}
	if last := p.history.last(); p.applied > last && p.learn == nil {
		p.broken("TypeOK", "this server has applied %v, but its log ends at %v", p.applied, last)
	}
	leads, learns := p.state == Leading, p.state == Following || p.state == Observing
	if leads != (p.lead != nil) || learns != (p.learn != nil) {
		p.broken("TypeOK", "the state is %v, but the variables that are set are not those of this "+
			"role", p.state)
	}
}
