package audit

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// duties is what one life of a server owes to others, because of what it has received or stated.
type duties struct {
	deadline sim.Time // that the server asked for last
	synced   []int32  // by request: syncs that the leader has answered
	heard    []int64  // sessions whose clients have sent something since the last PING
	callers  []caller
	cut      cut

	durable zab.Zxid // where the log ends on disk, as the server says
	shorter bool     // it may say less once: its log was truncated or replaced
}

// caller is an open connection of a client.
type caller struct {
	conn      sim.ConnID
	connected bool  // CONNECT has come on it
	session   int64 // that this server, as a learner, has confirmed there; 0 before
}

// cut is the last truncation of a file, while nothing was appended to the file and no TRUNC came.
type cut struct {
	file string
	size int64
}

// mostSyncs is how many answered syncs a server is expected to keep for one reply each.
const mostSyncs = 64

// owes notes what an event obliges the server to, before the server handles the event.
func (c *conduct) owes(e *sim.Event) {
	d := &c.duties
	switch m := e.Msg.(type) {
	case *zab.Sync:
		if body, ok := m.Body.(*server.Sync); ok && c.leader != 0 && e.Conn == c.leader {
			if len(d.synced) == mostSyncs {
				d.synced = d.synced[:copy(d.synced, d.synced[1:])]
			}
			d.synced = append(d.synced, body.Cxid)
		}
	case *zab.Trunc:
		d.cut = cut{}
	case *zab.AckEpoch:
		if k := c.link(e.Conn); k != nil {
			k.last = m.LastZxid
		}
	}
}

// fulfils checks the effects of a step in which the server has handled e.
//
// It checks TimersAhead: the server sets no timer to a moment that has passed. It checks WorksOnce:
// the server truncates a log once for each TRUNC. The other checks look at single messages.
func (c *conduct) fulfils(now sim.Time, e *sim.Event, out []sim.Effect) {
	d := &c.duties
	for i := range out {
		switch f := &out[i]; f.Kind {
		case sim.Send:
			c.keeps(now, f, out)
		case sim.Append:
			if f.File == d.cut.file {
				d.cut = cut{}
			}
		case sim.Truncate:
			if d.cut == (cut{f.File, f.N}) {
				c.a.broken(WorksOnce, "%s truncates %s to %d bytes at %s, although it has done so "+
					"already", c.m.Name, f.File, f.N, c.a.world.Now().Seconds())
			}
			d.cut = cut{f.File, f.N}
		}
	}
	if e.Port == zab.PortClient {
		c.calls(e, out)
	}
	for i := range out {
		if out[i].Kind != sim.Close {
			continue
		}
		if k := d.caller(out[i].Conn); k >= 0 {
			d.callers = slices.Delete(d.callers, k, k+1)
		}
	}
	if c.peer.Phase() != zab.Broadcast {
		d.heard, d.synced = d.heard[:0], d.synced[:0]
		for i := range d.callers {
			d.callers[i].session = 0
		}
	}
	at := c.Program.Deadline()
	if at < now && at < d.deadline {
		c.a.broken(TimersAhead, "%s sets a timer at %s for a moment in the past: %s ago, by its "+
			"own clock", c.m.Name, c.a.world.Now().Seconds(), (now - at).Seconds())
	}
	d.deadline = at
}

// calls follows the connections of clients. It notes that the client of a session has sent something,
// unless the server closes the connection in this step.
//
// It checks ClosesStrangers: a server closes the connection of a client that sends a request before
// CONNECT, a second CONNECT, or a message that no client sends.
func (c *conduct) calls(e *sim.Event, out []sim.Effect) {
	d := &c.duties
	closed := e.Kind == sim.Closed || shut(out, e.Conn)
	if e.Kind == sim.Accepted {
		if !closed {
			d.callers = append(d.callers, caller{conn: e.Conn})
		}
		return
	}
	i := d.caller(e.Conn)
	if i < 0 || closed { // fulfils forgets what the server closes
		if i >= 0 {
			d.callers = slices.Delete(d.callers, i, i+1)
		}
		return
	}
	k := &d.callers[i]
	was := k.connected
	if e.Kind != sim.Received {
		return
	}
	if k.session != 0 {
		c.spoke(k.session)
	}
	switch e.Msg.(type) {
	case *tree.ConnectRequest:
		if k.connected = true; !was {
			return
		}
	case *tree.Request:
		if was {
			return
		}
	}
	c.a.broken(ClosesStrangers, "%s keeps a connection open at %s, although a client has sent %s "+
		"on it: the server must close it",
		c.m.Name, c.a.world.Now().Seconds(), e.Msg.Name())
}

// caller returns the index of a client's connection, or -1.
func (d *duties) caller(conn sim.ConnID) int {
	return slices.IndexFunc(d.callers, func(k caller) bool { return k.conn == conn })
}

// spoke notes that a session must be in the answer to the next PING of the leader.
func (c *conduct) spoke(session int64) {
	if d := &c.duties; c.leader != 0 && !slices.Contains(d.heard, session) {
		d.heard = append(d.heard, session)
	}
}

// keeps checks a message that a server sends.
//
// It checks CatchUpHeader: DIFF and SNAP of an established leader name a zxid of its epoch. It
// checks SmallDiff: a leader reads no more of its log for a DIFF than a third of the snapshot that
// it could send instead. It checks TellsTouched: an answer to PING has every session whose client
// has sent something since the last answer. It checks TouchesSessions: a leader that confirms a
// session gives it a whole timeout from now. It checks SyncAnswered: a server answers a client's
// sync when the leader's answer has come. And it checks ClosesEnded: a server that ends a session,
// or refuses an identity, closes the connection.
func (c *conduct) keeps(now sim.Time, f *sim.Effect, out []sim.Effect) {
	d := &c.duties
	switch m := f.Msg.(type) {
	case *zab.Diff:
		c.header(m.Name(), m.Zxid)
		c.small(f.Conn)
	case *zab.Snap:
		c.header(m.Name(), m.Zxid)
	case *zab.Ping:
		if c.leader == 0 || f.Conn != c.leader {
			return
		}
		for _, session := range d.heard {
			if !slices.ContainsFunc(m.Touched, func(t zab.Touch) bool { return t.Session == session }) {
				c.a.broken(TellsTouched, "%s's answer to PING at %s does not list session %x, "+
					"although the client of that session has sent something since the previous "+
					"answer to PING", c.m.Name,
					c.a.world.Now().Seconds(), session)
			}
		}
		d.heard = d.heard[:0]
	case *zab.Revalidate:
		if m.Valid {
			c.touched(now, m.Session)
		}
	case *tree.ConnectResponse:
		if m.TimeoutMs <= 0 {
			c.ends(f.Conn, out, "says that a session is over")
			return
		}
		if c.leader != 0 { // a leader touches the session itself
			i := d.caller(f.Conn)
			if i < 0 { // accepted before the audit began
				i = len(d.callers)
				d.callers = append(d.callers, caller{conn: f.Conn, connected: true})
			}
			d.callers[i].session = m.SessionID
		}
		if c.spoke(m.SessionID); c.peer.State() == zab.Leading {
			c.touched(now, m.SessionID)
		}
	case *tree.Reply:
		switch {
		case m.Xid == tree.XidAuth && m.Code != tree.OK:
			c.ends(f.Conn, out, "answers a client's addAuth with an error")
		case m.Result.Type == tree.OpSync && c.leader != 0:
			i := slices.Index(d.synced, m.Xid)
			if i < 0 {
				c.a.broken(SyncAnswered, "%s answers sync %d of a client at %s, before its leader has "+
					"answered it", c.m.Name, m.Xid, c.a.world.Now().Seconds())
				return
			}
			d.synced = slices.Delete(d.synced, i, i+1)
		}
	}
}

// header checks the zxid in a DIFF or a SNAP.
func (c *conduct) header(name string, z zab.Zxid) {
	if c.peer.State() == zab.Leading && c.peer.Phase() == zab.Broadcast &&
		z.Epoch() < c.peer.Epoch() {
		c.a.broken(CatchUpHeader, "%s sends a %s with the zxid %v at %s, although it is the "+
			"established leader of epoch %d: the zxid must be of that epoch", c.m.Name, name, z,
			c.a.world.Now().Seconds(), c.peer.Epoch())
	}
}

// small checks the size of what a leader reads of its log to send it after a DIFF. What it has in
// memory needs no reading.
func (c *conduct) small(conn sim.ConnID) {
	k := c.link(conn)
	if k == nil || k.last == zab.NoZxid {
		return
	}
	entries := c.peer.Entries()
	to := len(entries)
	for to > 0 && entries[to-1].Zxid > c.peer.Applied() {
		to--
	}
	from := to
	for from > 0 && entries[from-1].Zxid >= k.last {
		from--
	}
	if to-from <= c.peer.Settings().CommittedLog+1 {
		return
	}
	size := 0
	for _, e := range entries[from:to] {
		size += len(zab.AppendRecord(nil, e))
	}
	for _, name := range c.m.Disk().Names() {
		if z, log, ok := zab.FileZxid(name); !ok || log || z != c.peer.Base() {
			continue
		}
		if whole := len(c.m.Disk().Read(name)); 3*size > whole {
			c.a.broken(SmallDiff, "%s sends a DIFF of %d transactions, %d bytes of its log, at %s: more "+
				"than a third of its snapshot of %d bytes", c.m.Name, to-from, size,
				c.a.world.Now().Seconds(), whole)
		}
	}
}

// touched checks that a session lives for at least its timeout from now.
func (c *conduct) touched(now sim.Time, session int64) {
	if c.expiry == nil {
		return
	}
	if at, timeout, ok := c.expiry(session); ok && at < now+timeout {
		c.a.broken(TouchesSessions, "%s confirms session %x at %s, but lets it expire %s later: "+
			"its timeout is %s", c.m.Name, session, c.a.world.Now().Seconds(),
			(at - now).Seconds(), timeout.Seconds())
	}
}

// ends checks that a connection is closed in this step.
func (c *conduct) ends(conn sim.ConnID, out []sim.Effect, what string) {
	if !shut(out, conn) {
		c.a.broken(ClosesEnded, "%s %s at %s, but does not close the connection", c.m.Name, what,
			c.a.world.Now().Seconds())
	}
}

// Durable reports to the audit that a server says that its log is durable up to z.
//
// Durable checks DurableTruth: the zxid that a server reports as durable never decreases, unless
// its log was truncated or replaced meanwhile.
func (a *Audit) Durable(m *sim.Machine, z zab.Zxid) {
	c := a.conductOf(m)
	if c == nil {
		return
	}
	d := &c.duties
	if z < d.durable && !d.shorter {
		a.broken(DurableTruth, "%s says at %s that its log is durable up to %v, but it has "+
			"already said that its log is durable up to %v", m.Name, a.world.Now().Seconds(), z,
			d.durable)
	}
	d.durable, d.shorter = z, d.shorter && z >= d.durable
}

// Shortened reports to the audit that a server truncates or replaces its log.
func (a *Audit) Shortened(m *sim.Machine) {
	if c := a.conductOf(m); c != nil {
		c.duties.shorter = true
	}
}

// conductOf returns what watches the present life of a server, or nil.
func (a *Audit) conductOf(m *sim.Machine) *conduct {
	if int(m.ID) < len(a.conducts) {
		return a.conducts[m.ID]
	}
	return nil
}
