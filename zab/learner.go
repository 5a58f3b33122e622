package zab

import "github.com/zablab/zablab/sim"

// learning is the role of a server that is FOLLOWING or OBSERVING: ZooKeeper's Learner.
type learning struct {
	stage    learnStage
	leader   ID
	conn     sim.ConnID
	tries    int
	epoch    uint32   // from LEADERINFO; 0 before
	retryAt  sim.Time // the next try to connect
	deadline sim.Time // of the read timeout, or of connecting

	mode      catchUpMode
	piece     []byte // of the snapshot that is arriving
	snapshot  Zxid
	data      []byte  // a whole snapshot that is not on disk yet
	unsaved   bool    // memory holds that snapshot
	unlogged  []Entry // packetsNotLogged: proposed, and not yet given to the writer
	committed []Zxid  // packetsCommitted: to be applied when it is logged

	pending []Entry // pendingTxns: logged, and not committed
}

// learnStage is how far a learner has come with its leader. Each stage includes those before it.
type learnStage uint8

const (
	awaitsEpoch   learnStage = iota // the leader may not know yet that it leads
	awaitsHistory                   // LEADERINFO came
	storesHistory                   // NEWLEADER came
	ackedHistory                    // the ACK of NEWLEADER went
)

// connectTries is how often a learner tries to reach its leader.
const connectTries = 5

func (p *Peer) becomeLearner(leader ID) {
	p.learn = &learning{leader: leader, retryAt: sim.Never, deadline: p.initDeadline()}
	s := Following
	if p.config.Observers.Has(p.config.ID) {
		s = Observing
	}
	p.setState(s, Discovery)
	p.connectLeader()
}

func (p *Peer) connectLeader() {
	l := p.learn
	l.tries++
	l.retryAt = sim.Never
	l.conn = p.io.Dial(l.leader, PortQuorum, sim.Time(p.config.InitLimit)*p.config.TickTime)
}

func (p *Peer) onLeaderEvent(e sim.Event) {
	l := p.learn
	if e.Conn != l.conn {
		p.refuse(StaleConnection, e.From, NoZxid)
		return
	}
	switch e.Kind {
	case sim.Connected:
		p.introduce()
		p.heard()
	case sim.Refused, sim.Closed:
		p.lostLeader()
	case sim.Received:
		// Every message shows that the leader is alive. A message that is not due must not extend
		// the role: onLeaderPacket ends the role or the run.
		p.heard()
		p.onLeaderPacket(e.Msg)
	}
}

func (p *Peer) onLeaderPacket(msg sim.Message) {
	switch m := msg.(type) {
	case *LeaderInfo:
		p.onLeaderInfo(m)
	case *Diff, *Trunc, *Snap:
		p.onCatchUpMode(m.(Message))
	case *SnapData:
		p.onSnapData(m)
	case *NewLeader:
		p.onNewLeader(m)
	case *UpToDate:
		p.onUpToDate(m)
	case *Proposal:
		p.onProposal(m.Entry)
	case *Commit:
		p.onCommit(m.Zxid)
	case *Inform:
		p.onInform(m.Entry)
	case *Ping:
		p.answerPing(m)
	case *Revalidate:
		p.app.Answered(m)
	case *Sync:
		p.app.Answered(m)
	default:
		p.broken("messageIllegal", "leader S%d sent %s, which no leader sends",
			p.learn.leader, msg.Name())
	}
}

// lostLeader handles a lost connection. It tries again while the leader may not know yet that it
// leads; later it ends the role.
func (p *Peer) lostLeader() {
	l := p.learn
	l.conn = 0
	if l.stage == awaitsEpoch && l.tries < connectTries {
		l.retryAt = p.io.Now + p.config.ConnectRetry
		return
	}
	p.becomeLooking("the connection to the leader is lost")
}

// heard restarts the read timeout: initLimit until NEWLEADER is acked, syncLimit from then on.
func (p *Peer) heard() {
	limit := p.config.InitLimit
	if p.learn.stage == ackedHistory {
		limit = p.config.SyncLimit
	}
	p.learn.deadline = p.io.Now + sim.Time(limit)*p.config.TickTime
}

func (p *Peer) learnerTimers() {
	l := p.learn
	switch {
	case p.io.Now >= l.deadline:
		p.becomeLooking("the leader has been silent for too long")
	case p.io.Now >= l.retryAt:
		p.connectLeader()
	}
}

// answerPing answers a PING with the sessions that clients have used since the last PING.
func (p *Peer) answerPing(m *Ping) {
	touched := p.app.Touched()
	if len(touched) == 0 {
		p.io.Send(p.learn.conn, m)
		return
	}
	p.io.Send(p.learn.conn, &Ping{Zxid: m.Zxid, Touched: touched})
}
