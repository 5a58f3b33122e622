package audit

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// conduct watches one life of a server from outside: what it receives, what it sends, and when. It
// wraps the server's program.
type conduct struct {
	sim.Program
	a    *Audit
	m    *sim.Machine
	peer observed

	looking bool
	named   []zab.Set    // by voter: the leaders that its votes have named since this server looks
	own     zab.Set      // the leaders that this server's votes have named since
	lead    zab.Set      // the servers that have said since that they lead
	told    []sim.ConnID // of elections, on which it has sent a notification
	joined  zab.Set      // voters that have sent FOLLOWERINFO to this leader, and itself

	links  []link   // of learners, while this server leads
	heard  sim.Time // when this learner has last heard its leader, or begun to learn
	acked  bool     // this learner has acked NEWLEADER
	silent sim.Time // how long its leader may be silent; 0 if it is no learner

	leader  sim.ConnID // this learner's connection to its leader; 0 without one
	dialled int        // how often this learner has dialled its leader

	replaced bool // TRUNC or SNAP has come: they make parts of the disk void

	fsyncs int // of the snapshot that the server writes: asked for, and not completed
	turn   turn
	duties duties

	// expiry returns when the server, as the leader, lets a session expire; nil if unknown.
	expiry func(session int64) (at, timeout sim.Time, ok bool)
	// timeout returns the timeout of a session of the server's tree, in ms; nil if unknown.
	timeout func(session int64) (ms int32, ok bool)
}

// observed is what the audit asks a server's peer: a [zab.Peer].
type observed interface {
	State() zab.State
	Phase() zab.Phase
	Leader() zab.ID
	Settings() *zab.Config
	Snapping() bool
	CurrentEpoch() uint32
	LastZxid() zab.Zxid
	Epoch() uint32
	Applied() zab.Zxid
	Base() zab.Zxid
	Entries() []zab.Entry
	Round() uint64
	Elects() bool
	CommittedLog() []zab.Entry
}

// link is a learner's connection, as its leader uses it.
type link struct {
	conn   sim.ConnID
	from   zab.ID
	heard  sim.Time // when a message came last
	acked  bool     // the learner has acked NEWLEADER
	pinged sim.Time // when the last PING left; -1 before
	pieces sim.Time // when a piece of a snapshot left last
	last   zab.Zxid // where the learner's history ends, as it says in ACKEPOCH
}

// mostDials is how often a learner may dial its leader (Learner.connectToLeader).
const mostDials = 5

// pieceEvery is how long reading and sending one piece of a snapshot takes: package zab says so
// too.
const pieceEvery = sim.Millisecond

// Follow wraps p, the program of a server on machine m. The returned program behaves like p, and
// lets the audit watch its messages.
//
// The audit checks how the server behaves: the properties that duty.go checks, and these:
//   - ElectedByQuorum: a server accepts a leader only if, since the server began to look, the votes
//     of a quorum have named that leader. If the server joins because other servers already follow
//     the leader, the leader itself must also have told the server that it is leading.
//   - RoundsInTurn: a server that enters a later round of an election either goes to the next
//     round, or adopts the round that a voter has named.
//   - ClaimsEpoch: a server that votes for itself claims the epoch of its last transaction (rule R0).
//   - LostInTime: no leader keeps a learner that has been silent for longer than the limit, and no
//     learner keeps a leader that has been silent for that long.
//   - PingsInTurn: a leader pings a learner once every half tick. After a pause of its process it
//     does not send the missed pings together. It sends at most one piece of a snapshot per
//     millisecond.
//   - AnswersUpToDate: a learner acknowledges UPTODATE at once.
//   - ClosesLinks: a learner that leaves its leader closes the connection, and a leader closes a
//     learner's connection when the learner opens another.
//   - GivesUpLeader: a learner dials its leader at most five times.
//   - RefusesClients: while a server does not serve clients, it closes each connection that a
//     client opens.
//   - StepsAside: a leader that does not yet have a quorum steps down if another voter's history is
//     ahead of its own. A leader that has not chosen its epoch yet does not step down because of a
//     FOLLOWERINFO.
//   - AnswersVotes: a voter in the state LOOKING answers each notification of an observer; an
//     observer answers no notification.
//   - QuorumFirst: a leader sends its own history to a learner only when a quorum has accepted the
//     leader's epoch (ACKEPOCH).
//   - WaitsForDisk: as long as a server is writing a snapshot, an fsync of the snapshot is pending.
//   - SnapshotsInTurn: a server writes a snapshot when enough transactions have passed, not sooner.
//   - TidyDisk: a server removes the snapshots and logs that it no longer needs.
//   - KeepsLogs: a server removes a log only if the server's newest snapshot is later than all
//     transactions in that log.
func (a *Audit) Follow(m *sim.Machine, s *server.Server, p sim.Program) sim.Program {
	if a.config.NoSafety {
		return p
	}
	c := a.follow(m, s.Peer(), p)
	c.expiry = s.Expiry
	c.timeout = func(session int64) (int32, bool) { return s.Tree().Session(session) }
	return c
}

func (a *Audit) follow(m *sim.Machine, peer observed, p sim.Program) *conduct {
	c := &conduct{Program: p, a: a, m: m, peer: peer, looking: true,
		named: make([]zab.Set, a.config.Servers+1)}
	if len(a.conducts) <= int(m.ID) {
		a.conducts = append(a.conducts, make([]*conduct, int(m.ID)+1-len(a.conducts))...)
	}
	a.conducts[m.ID] = c
	return c
}

// Unwrap returns the program itself.
func (c *conduct) Unwrap() sim.Program { return c.Program }

// Step passes an event to the server, and checks what the server does.
func (c *conduct) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	n := len(out)
	c.turn.applied = 0
	served := c.peer.Phase() == zab.Broadcast
	ahead, round := c.ahead(&e), c.peer.Round()
	last := c.peer.LastZxid()
	elects, chooses := c.peer.Elects(), c.chooses(&e)
	c.owes(&e)
	switch e.Port {
	case zab.PortElection:
		if v, ok := e.Msg.(*zab.Notification); ok && int(e.From) < len(c.named) {
			c.named[e.From] = c.named[e.From].With(v.Vote.Leader)
			if v.State == zab.Leading {
				c.lead = c.lead.With(e.From)
			}
		}
	case zab.PortQuorum:
		c.receives(now, &e)
	}
	if e.Kind == sim.Fsynced && zab.OfSnapshot(e.Token) {
		c.fsyncs--
	}
	if e.Port == zab.PortQuorum && e.Conn == c.leader && (e.Kind == sim.Closed ||
		e.Kind == sim.Refused) {
		c.leader = 0
	}
	out = c.Program.Step(now, e, out)
	c.snapshots(served, out[n:])
	c.accepts(&e, out[n:])
	c.fulfils(now, &e, out[n:])
	c.rounds(round, &e)
	c.votes(round, elects, &e, out[n:])
	if chooses && c.peer.State() == zab.Looking {
		c.a.broken(StepsAside, "%s steps down at %s because of a FOLLOWERINFO, although it has not chosen "+
			"its epoch yet", c.m.Name, c.a.world.Now().Seconds())
	}
	if m, ok := e.Msg.(*server.Expire); ok && served && m.Session != 0 &&
		c.peer.Phase() == zab.Broadcast && c.peer.LastZxid() == last {
		c.expires(m.Session, out[n:])
	}
	c.dials(&e, out[n:])
	if ahead && c.peer.State() == zab.Leading {
		c.a.broken(StepsAside, "%s continues to lead at %s, although a voter's history is ahead of its own",
			c.m.Name, c.a.world.Now().Seconds())
	}
	if _, ok := e.Msg.(*zab.UpToDate); ok && c.peer.Phase() == zab.Broadcast {
		c.answers(&e, out[n:])
	}
	if looks := c.peer.State() == zab.Looking; looks != c.looking {
		c.turns(now, looks)
		c.joins(&e)
	}
	if c.looking || c.peer.State() == zab.Leading {
		for i := n; i < len(out); i++ {
			if out[i].Kind == sim.Send {
				c.sends(now, &out[i])
			}
		}
	} else if c.silent > 0 {
		c.waits(now)
	}
	return out
}

// rounds checks the round of an election: a server begins the next one, or adopts the one that a
// voter has named.
func (c *conduct) rounds(before uint64, e *sim.Event) {
	now := c.peer.Round()
	if now <= before+1 {
		return
	}
	if m, ok := e.Msg.(*zab.Notification); !ok || !c.a.config.Voters.Has(e.From) || now > m.Round+1 {
		c.a.broken(RoundsInTurn, "%s goes from round %d of the election to round %d at %s, although no "+
			"voter has named that round", c.m.Name, before, now, c.a.world.Now().Seconds())
	}
}

// votes checks AnswersVotes: a voter in the state LOOKING answers each notification of an observer;
// an observer answers no notification. It is checked on connections that work.
func (c *conduct) votes(round uint64, elects bool, e *sim.Event, out []sim.Effect) {
	if e.Kind == sim.Closed && e.Port == zab.PortElection {
		c.told = slices.DeleteFunc(c.told, func(conn sim.ConnID) bool { return conn == e.Conn })
	}
	m, received := e.Msg.(*zab.Notification)
	works := received && elects && slices.Contains(c.told, e.Conn)
	answers := false
	for i := range out {
		f := &out[i]
		_, ok := f.Msg.(*zab.Notification)
		switch {
		case f.Kind == sim.Close:
			c.told = slices.DeleteFunc(c.told, func(conn sim.ConnID) bool { return conn == f.Conn })
		case ok:
			if answers = answers || f.Conn == e.Conn; !slices.Contains(c.told, f.Conn) {
				c.told = append(c.told, f.Conn)
			}
		}
	}
	voter, asks := c.a.config.Voters.Has(c.m.ID), !c.a.config.Voters.Has(e.From)
	switch {
	case works && voter && asks && !answers:
		c.a.broken(AnswersVotes, "%s does not answer the notification of S%d, an observer, at %s",
			c.m.Name, e.From, c.a.world.Now().Seconds())
	case received && elects && !voter && m.State == zab.Looking && m.Round < round && answers:
		c.a.broken(AnswersVotes, "%s is an observer, but answers the notification of S%d in round "+
			"%d at %s", c.m.Name, e.From, m.Round, c.a.world.Now().Seconds())
	}
}

// chooses reports whether a FOLLOWERINFO comes to a leader that has certainly not chosen its epoch:
// no quorum has sent one.
func (c *conduct) chooses(e *sim.Event) bool {
	if c.peer.State() != zab.Leading || c.peer.Phase() != zab.Discovery {
		return false
	}
	if _, ok := e.Msg.(*zab.FollowerInfo); !ok {
		return false
	}
	c.joined = c.joined.With(c.m.ID)
	few := !c.joined.Majority(c.a.config.Voters)
	c.joined = c.joined.With(e.From)
	return few
}

// turns notes that the server begins to look for a leader, or checks that it may end its search.
func (c *conduct) turns(now sim.Time, looks bool) {
	c.looking = looks
	c.links, c.heard, c.acked, c.silent = c.links[:0], now, false, 0
	if looks {
		clear(c.named)
		c.own, c.lead, c.joined = 0, 0, 0
		return
	}
	leader := c.peer.Leader()
	var by zab.Set
	for id := range c.named {
		if c.named[id].Has(leader) {
			by = by.With(zab.ID(id))
		}
	}
	if c.own.Has(leader) || leader == c.m.ID {
		by = by.With(c.m.ID)
	}
	if !by.Majority(c.a.config.Voters) {
		c.a.broken(ElectedByQuorum, "%s takes S%d as its leader at %s, but only %d of %d voters "+
			"have voted for S%d in this election", c.m.Name, leader, c.a.world.Now().Seconds(),
			(by & c.a.config.Voters).Len(), c.a.config.Voters.Len(), leader)
	}
	if leader != c.m.ID {
		c.silent = c.limit(false)
	}
}

// joins checks a server that ends its election because of the vote of a server that looks no longer:
// the leader itself must have said that it leads.
func (c *conduct) joins(e *sim.Event) {
	m, ok := e.Msg.(*zab.Notification)
	leader := c.peer.Leader()
	if ok && !c.looking && m.State != zab.Looking && leader != c.m.ID && !c.lead.Has(leader) {
		c.a.broken(ElectedByQuorum, "%s takes S%d as its leader at %s because of the vote of a "+
			"server that is not LOOKING, but S%d itself has not said that it "+
			"leads", c.m.Name, leader,
			c.a.world.Now().Seconds(), leader)
	}
}

// limit returns how long a leader or a learner may be silent before the other one gives it up: its
// ticks, and two for the leader, which counts only whole ticks.
func (c *conduct) limit(acked bool) sim.Time {
	config := c.peer.Settings()
	n := config.SyncLimit + 2
	if !acked {
		n += config.InitLimit
	}
	return sim.Time(n) * config.TickTime
}

// receives notes a message on a connection between a leader and a learner.
func (c *conduct) receives(now sim.Time, e *sim.Event) {
	c.heard = now
	if e.Kind == sim.Accepted {
		c.links = append(c.links, link{conn: e.Conn, from: e.From, heard: now, pinged: -1,
			pieces: -1})
		return
	}
	for i := range c.links {
		k := &c.links[i]
		if k.conn != e.Conn {
			continue
		}
		if k.heard = now; e.Kind == sim.Closed {
			c.links = append(c.links[:i], c.links[i+1:]...)
			return
		}
		if _, ok := e.Msg.(*zab.Ack); ok {
			k.acked = true
		}
		return
	}
}

// sends checks a message of a server that leads or looks.
func (c *conduct) sends(now sim.Time, e *sim.Effect) {
	switch m := e.Msg.(type) {
	case *zab.Notification:
		c.own = c.own.With(m.Vote.Leader)
		if m.State == zab.Looking && m.Vote.Leader == c.m.ID && m.Vote.Epoch < m.Vote.Zxid.Epoch() {
			c.a.broken(ClaimsEpoch, "%s votes for itself with epoch %d at %s, although its "+
				"history ends at %v, in a later epoch",
				c.m.Name, m.Vote.Epoch, c.a.world.Now().Seconds(), m.Vote.Zxid)
		}
	case *zab.Diff, *zab.Trunc, *zab.Snap, *zab.NewLeader:
		if c.peer.State() == zab.Leading && c.peer.Phase() == zab.Discovery {
			c.a.broken(QuorumFirst, "%[1]s sends its own history to a learner at %[2]s, although "+
				"no quorum has accepted the epoch of %[1]s", c.m.Name, c.a.world.Now().Seconds())
		}
	case *zab.SnapData:
		if k := c.link(e.Conn); k != nil {
			if k.pieces >= 0 && now < k.pieces+pieceEvery {
				c.a.broken(PingsInTurn, "%s sends a piece of a snapshot at %s, only %s after the "+
					"last piece: a leader must wait for %s", c.m.Name, c.a.world.Now().Seconds(),
					(now - k.pieces).Seconds(), pieceEvery.Seconds())
			}
			k.pieces = now
		}
	case *zab.Ping:
		k := c.link(e.Conn)
		if k == nil {
			return
		}
		if k.pinged == now && k.pieces != now && !c.peer.Settings().QuorumSync {
			c.a.broken(PingsInTurn, "%s sends a learner two PINGs at the same time, at %s",
				c.m.Name,
				c.a.world.Now().Seconds())
		}
		k.pinged = now
		if quiet := now - k.heard; quiet > c.limit(k.acked) {
			c.a.broken(LostInTime, "%s still pings a learner at %s, although by the server's "+
				"clock that learner has been silent for %s: the limit is %s",
				c.m.Name, c.a.world.Now().Seconds(),
				quiet.Seconds(), c.limit(k.acked).Seconds())
		}
	}
}

func (c *conduct) link(conn sim.ConnID) *link {
	for i := range c.links {
		if c.links[i].conn == conn {
			return &c.links[i]
		}
	}
	return nil
}

// waits checks a learner.
func (c *conduct) waits(now sim.Time) {
	if !c.acked && c.peer.Phase() == zab.Broadcast {
		c.acked, c.silent = true, c.limit(true)
	}
	if quiet := now - c.heard; quiet > c.silent {
		c.a.broken(LostInTime, "%s still follows S%d at %s, although by the follower's clock that "+
			"leader has been silent for %s: the limit is %s",
			c.m.Name, c.peer.Leader(), c.a.world.Now().Seconds(),
			quiet.Seconds(), c.silent.Seconds())
	}
}

// slept gives a server more time, because it is about to be paused.
func (c *conduct) slept(span sim.Time) {
	span *= 2 // its clock may run at twice the speed
	c.heard += span
	for i := range c.links {
		c.links[i].heard += span
	}
}

// ahead reports whether e tells a leader, before its epoch has a quorum, that the history of
// another voter is ahead of its own: then a quorum may hold what the leader lacks (rule R11).
func (c *conduct) ahead(e *sim.Event) bool {
	m, ok := e.Msg.(*zab.AckEpoch)
	if !ok || m.Again || m.LastZxid == zab.NoZxid || !c.a.config.Voters.Has(e.From) ||
		c.peer.State() != zab.Leading || c.peer.Phase() != zab.Discovery {
		return false
	}
	own := c.peer.CurrentEpoch()
	return m.CurrentEpoch > own || m.CurrentEpoch == own && m.LastZxid > c.peer.LastZxid()
}

// accepts checks what a server does with a connection that opens: a leader closes the learner's
// earlier one, and a server that does not serve clients closes a connection that a client opens.
func (c *conduct) accepts(e *sim.Event, out []sim.Effect) {
	if e.Kind != sim.Accepted {
		return
	}
	if e.Port == zab.PortClient && c.peer.Phase() != zab.Broadcast && !shut(out, e.Conn) {
		c.a.broken(RefusesClients, "%[1]s accepts a client's connection at %[2]s and does not "+
			"close it at once, although %[1]s is not serving clients",
			c.m.Name, c.a.world.Now().Seconds())
	}
	if e.Port != zab.PortQuorum || c.peer.State() != zab.Leading {
		return
	}
	for i := range c.links {
		if k := &c.links[i]; k.from == e.From && k.conn != e.Conn && !shut(out, k.conn) {
			c.a.broken(ClosesLinks, "%s keeps an earlier connection of S%d at %s, although S%d has "+
				"connected again", c.m.Name, e.From, c.a.world.Now().Seconds(), e.From)
		}
	}
}

// shut reports whether a connection is closed.
func shut(out []sim.Effect, conn sim.ConnID) bool {
	return slices.ContainsFunc(out, func(f sim.Effect) bool {
		return f.Kind == sim.Close && f.Conn == conn || f.Kind == sim.Exit
	})
}

// answers checks that a learner has answered UPTODATE.
func (c *conduct) answers(e *sim.Event, out []sim.Effect) {
	for i := range out {
		if a, ok := out[i].Msg.(*zab.Ack); ok && out[i].Conn == e.Conn && a.Zxid.Counter() == 0 {
			return
		}
	}
	c.a.broken(AnswersUpToDate, "%s does not answer UPTODATE at %s", c.m.Name,
		c.a.world.Now().Seconds())
}

// dials follows the connection of a learner to its leader, and checks that it closes that
// connection when it leaves.
func (c *conduct) dials(e *sim.Event, out []sim.Effect) {
	for i := range out {
		f := &out[i]
		if f.Kind == sim.Close && len(c.links) > 0 {
			c.links = slices.DeleteFunc(c.links, func(k link) bool { return k.conn == f.Conn })
		}
		switch {
		case f.Kind == sim.Dial && f.Port == zab.PortQuorum:
			if e.Kind == sim.Received && e.Port == zab.PortQuorum {
				c.dialled = 0 // it cannot carry out a TRUNC, and joins the leader again for a SNAP
			}
			if c.leader, c.dialled = f.Conn, c.dialled+1; c.dialled > mostDials {
				c.a.broken(GivesUpLeader, "%s dials its leader for the %dth time at %s, instead of "+
					"looking for a leader again", c.m.Name, c.dialled, c.a.world.Now().Seconds())
			}
		case f.Kind == sim.Close && f.Conn == c.leader:
			c.leader = 0
		case f.Kind == sim.Exit:
			c.leader = 0
		}
	}
	s := c.peer.State()
	if s != zab.Looking && s != zab.Leading {
		return
	}
	if c.dialled = 0; c.leader != 0 {
		c.a.broken(ClosesLinks, "%s is %v at %s, but has not closed the connection to its leader",
			c.m.Name, s, c.a.world.Now().Seconds())
	}
}
