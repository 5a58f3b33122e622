package server

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// leader is the state that a server has only while it leads and serves: the changes that are not
// applied yet, and the sessions of the whole ensemble (ZooKeeper's PrepRequestProcessor and
// SessionTrackerImpl).
type leader struct {
	changes    changes
	sessions   []*tracked // by id
	nextExpiry sim.Time   // no session expires before this
	nextLook   sim.Time   // at containers and nodes with a time to live
}

// tracked is a session of the whole ensemble, as the leader tracks it.
type tracked struct {
	id        int64
	timeout   sim.Time
	owner     zab.ID // the server that the client is connected to; 0 while unknown
	closing   bool   // a closeSession is proposed: no more writes (ZOOKEEPER-1208)
	touchedAt sim.Time
	expireAt  sim.Time
}

// newLeader tracks every session of the tree, including those received while catching up
// (ZOOKEEPER-1367), each with a full timeout from now.
func (s *Server) newLeader() *leader {
	l := &leader{nextExpiry: sim.Never, nextLook: sim.Never}
	l.changes.latest = make(map[string]*change)
	s.lead = l
	sessions := s.tree.AppendSessions(nil)
	if len(sessions) > 0 && s.has(flaw.NoSessionTable) {
		return l
	}
	for _, e := range sessions {
		s.track(e.ID, e.TimeoutMs, 0)
	}
	return l
}

func (l *leader) find(id int64) (int, bool) {
	return slices.BinarySearchFunc(l.sessions, id, func(t *tracked, id int64) int {
		return cmp.Compare(t.id, id)
	})
}

// session returns the session with that id, or nil if it is over or being closed.
func (l *leader) session(id int64) *tracked {
	if i, ok := l.find(id); ok && !l.sessions[i].closing {
		return l.sessions[i]
	}
	return nil
}

// track adds a session to the leader's table.
func (s *Server) track(id int64, timeoutMs int32, owner zab.ID) {
	t := &tracked{id: id, timeout: sim.Time(timeoutMs) * sim.Millisecond, owner: owner}
	if i, ok := s.lead.find(id); ok {
		s.lead.sessions[i] = t
	} else {
		s.lead.sessions = slices.Insert(s.lead.sessions, i, t)
	}
	s.touch(t)
}

func (l *leader) forget(id int64) {
	if i, ok := l.find(id); ok {
		l.sessions = slices.Delete(l.sessions, i, i+1)
	}
}

// touch extends a session: it will expire at the end of the tick in which its timeout ends. So a
// session lives for longer than its timeout, by at most a tick (ZooKeeper's ExpiryQueue).
func (s *Server) touch(t *tracked) {
	tick := s.peer.Settings().TickTime
	t.touchedAt = s.io.Now
	t.expireAt = max(t.expireAt, ((s.clock()+t.timeout)/tick+1)*tick)
	s.lead.nextExpiry = min(s.lead.nextExpiry, t.expireAt)
}

// clock returns the time by which sessions expire. It never jumps (ZOOKEEPER-1366).
func (s *Server) clock() sim.Time {
	if s.byWall() {
		return s.io.Wall
	}
	return s.io.Now
}

// expireSessions proposes the end of every session whose timeout has passed. A touch only makes an
// expiry later, so there is nothing to do before the earliest known expiry.
func (s *Server) expireSessions() {
	l := s.lead
	if s.clock() < l.nextExpiry {
		return
	}
	next := sim.Never
	for i := 0; s.lead == l && i < len(l.sessions); i++ {
		t := l.sessions[i]
		if t.closing {
			continue
		}
		if t.expireAt > s.clock() {
			next = min(next, t.expireAt)
			continue
		}
		s.probe.Expiring(t.id, s.io.Now-t.touchedAt)
		s.submitClose(t.id, false)
	}
	l.nextExpiry = next
}

// own makes a server the owner of a session, and reports if another server owned it. As in
// ZooKeeper the last REVALIDATE decides, which may be a late one:
//
//	A > S1  CONNECT       S1 is paused; A gives up
//	A > S2  CONNECT       REVALIDATE, the owner is S2, A is let in
//	S1      wakes         REVALIDATE, the owner is S1, which A has left
//	A > S2  write         SESSIONMOVED: the connection is closed, and A reconnects
func (s *Server) own(t *tracked, owner zab.ID) {
	if t.owner != 0 && t.owner != owner {
		s.probe.SessionMoved(t.id)
	}
	t.owner = owner
}

// revalidate reports whether a session is alive, whose client has reconnected to server from. A
// paused leader that has been replaced may say no to a session that is alive, as ZooKeeper's may:
// the client loses a session that it could have kept, and nobody else is affected.
func (s *Server) revalidate(id int64, from zab.ID) (timeoutMs int32, valid bool) {
	t := s.lead.session(id)
	if t == nil {
		return 0, false
	}
	s.touch(t)
	s.own(t, from)
	return int32(t.timeout / sim.Millisecond), true
}

// Touched returns the list of the sessions that clients of this server have used since the last
// PING, and starts a new list.
func (s *Server) Touched() []zab.Touch {
	if len(s.touched) == 0 {
		return nil
	}
	for _, c := range s.conns {
		c.touched = false
	}
	// Messages never change, so an equal list can be sent again.
	if !slices.Equal(s.touched, s.sent) {
		s.sent = slices.Clone(s.touched)
	}
	s.touched = s.touched[:0]
	return s.sent
}

// Heard postpones the expiry of the sessions in the list touched. The server whose ID is from has
// sent this list, because its clients have used these sessions. On a server that is not the leader,
// Heard does nothing.
func (s *Server) Heard(from zab.ID, touched []zab.Touch) {
	if s.lead == nil {
		return
	}
	for i := range touched {
		if t := s.lead.session(touched[i].Session); t != nil {
			s.touch(t)
		}
	}
}

// heardOf records that a client of this server is alive.
func (s *Server) heardOf(c *conn) {
	if s.lead != nil {
		if t := s.lead.session(c.session); t != nil {
			s.touch(t)
		}
		return
	}
	if !c.touched {
		c.touched = true
		s.touched = append(s.touched, zab.Touch{Session: c.session, TimeoutMs: c.timeoutMs})
	}
}

// firstSessionID returns the first session id that this start of the process gives. Its top byte is
// the server, with which ids stay positive (ZOOKEEPER-1622). Then come 16 bits that count the
// starts of the process, 24 bits of the wall clock in seconds, and 16 bits that count sessions.
// ZooKeeper's ids have 40 bits of the clock, and so repeat when the clock is set back.
func (s *Server) firstSessionID(e sim.Event) int64 {
	seconds := int64((s.config.WallBase + e.Wall) / sim.Second)
	starts := int64(e.Conn>>24) & 0xffff
	return int64(s.config.Peer.ID)<<56 | starts<<40 | (seconds&0xffffff)<<16
}

// passwordSecret is part of every password, so that an id alone does not give the password
// (ZooKeeperServer.superSecret).
const passwordSecret = 0xb3415c00

// password returns a session's password, which every server can compute.
func password(id int64) []byte {
	b := binary.BigEndian.AppendUint64(make([]byte, 0, 16), sim.Mix(uint64(id)^passwordSecret))
	return binary.BigEndian.AppendUint64(b, sim.Mix(uint64(id)+passwordSecret))
}

// SessionInfo is what a server knows about one session.
type SessionInfo struct {
	ID        int64
	TimeoutMs int32
	Here      bool     // the client is connected to this server
	Owner     zab.ID   // on the leader: the server that the client is connected to; 0 if unknown
	Closing   bool     // on the leader: a closeSession is proposed and not applied
	TouchedAt sim.Time // on the leader, local time
	ExpireAt  sim.Time // on the leader, local time
}

// AppendSessions appends the sessions of the tree, in the order of their ids.
func (s *Server) AppendSessions(dst []SessionInfo) []SessionInfo {
	for _, e := range s.tree.AppendSessions(nil) {
		info := SessionInfo{ID: e.ID, TimeoutMs: e.TimeoutMs}
		c := s.bySession[e.ID]
		info.Here = c != nil && c.phase == connOpen
		if s.lead != nil {
			if i, ok := s.lead.find(e.ID); ok {
				t := s.lead.sessions[i]
				info.Owner, info.Closing = t.owner, t.closing
				info.TouchedAt, info.ExpireAt = t.touchedAt, t.expireAt
			}
		}
		dst = append(dst, info)
	}
	return dst
}

// Tracked returns how many sessions this server tracks as the leader: those of its tree, and those
// whose beginning or end is proposed. It returns 0 if the server does not lead.
func (s *Server) Tracked() (n int) {
	if s.lead != nil {
		n = len(s.lead.sessions)
	}
	return n
}

// negotiate limits the session timeout that a client has requested.
func (s *Server) negotiate(askedMs int32) int32 {
	asked := sim.Time(askedMs) * sim.Millisecond
	asked = min(max(asked, s.config.MinSessionTimeout), s.config.MaxSessionTimeout)
	return int32(asked / sim.Millisecond)
}

// submitClose ends a session whose client has not asked for it.
func (s *Server) submitClose(id int64, dropped bool) {
	s.submit(&Request{Session: id, Op: &tree.Op{Type: tree.OpCloseSession}, Dropped: dropped})
}

// Expiry returns the time, by the leader's own clock, at which the leader will let the session
// expire, and the session's timeout. It returns false if the server does not lead, or if the
// session is over or being closed.
func (s *Server) Expiry(session int64) (at, timeout sim.Time, ok bool) {
	if s.lead == nil {
		return 0, 0, false
	}
	t := s.lead.session(session)
	if t == nil {
		return 0, 0, false
	}
	return t.expireAt, t.timeout, true
}
