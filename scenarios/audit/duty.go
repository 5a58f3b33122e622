package audit

import (
	"encoding/binary"
	"slices"
	"strings"

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
	connected bool          // CONNECT has come on it
	early     *tree.Request // the first that has come since, before the session was open
	open      bool          // the server has confirmed its session there
	asked     int32         // the timeout in ms that CONNECT asks for, if it asks for a new session; 0 otherwise
	session   int64         // that this server, as a learner, has confirmed there; 0 before
	asks      []question    // requests without an answer, in order
	auths     []int32       // numbers of addAuths without an answer, if the client numbers them
}

// question is a request of a client, for which the server owes an answer.
type question struct {
	xid int32
	of  tree.OpCode
}

// cut is the last truncation of a file, while nothing was appended to the file and no TRUNC came.
type cut struct {
	file string
	size int64
}

// recordHeader is the size in bytes of the header of a record in a log: the length and the checksum
// of the data, and the zxid (zab.AppendRecord).
const recordHeader = 16

// sized checks the size of a record.
func (c *conduct) sized(f *sim.Effect) {
	if len(f.Data) < recordHeader || !strings.HasPrefix(f.File, "log.") {
		return
	}
	if n := int(binary.LittleEndian.Uint32(f.Data)); n > 0 && len(f.Data) != recordHeader+n {
		c.a.broken(RealSizes, "%s appends a record of %d bytes to %s at %s: with %d bytes of data, "+
			"a record must have %d bytes", c.m.Name, len(f.Data), f.File,
			c.a.world.Now().Seconds(), n, recordHeader+n)
	}
}

// packetSize is the size in bytes of a QuorumPacket without data: its length, type and zxid, and the
// lengths of data and authinfo.
const packetSize = 24

// truncated checks TruncFits: a server that has carried out a TRUNC ends at its zxid.
func (c *conduct) truncated(z zab.Zxid, out []sim.Effect) {
	learns := c.peer.State() == zab.Following || c.peer.State() == zab.Observing
	if last := c.peer.LastZxid(); learns && last > z && !slices.ContainsFunc(out, func(f sim.Effect) bool {
		return f.Kind == sim.Dial || f.Kind == sim.Exit // it asks for a snapshot instead
	}) {
		c.a.broken(TruncFits, "%s has truncated its log to %v at %s, but says that its history ends at %v",
			c.m.Name, z, c.a.world.Now().Seconds(), last)
	}
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
		d.cut, c.replaced = cut{}, true
	case *zab.Snap:
		c.replaced = true
	case *zab.AckEpoch:
		if k := c.link(e.Conn); k != nil {
			k.last = m.LastZxid
		}
	case *tree.Request:
		if k := d.caller(e.Conn); k >= 0 && m.Xid >= 0 {
			d.callers[k].owe(m)
		}
	}
}

// owe notes a request with a number. An addAuth is answered at once, before earlier requests, and the
// answer to a ping has a number of its own, whatever number a client gives them
// (ZooKeeperServer.processPacket).
func (k *caller) owe(m *tree.Request) {
	switch m.Type {
	case tree.OpPing:
	case tree.OpAuth:
		k.auths = append(k.auths, m.Xid)
	default:
		k.asks = append(k.asks, question{m.Xid, m.Type})
	}
}

// answersInTurn checks AnswersInTurn: a server answers the requests on a connection in the order in
// which they came, each with the result of its own kind (ClientCnxn ends the connection otherwise,
// with the message "Xid out of order").
func (c *conduct) answersInTurn(f *sim.Effect, m *tree.Reply) {
	i := c.duties.caller(f.Conn)
	if i < 0 || m.Xid < 0 {
		return
	}
	k := &c.duties.callers[i]
	if at := slices.Index(k.auths, m.Xid); at >= 0 {
		k.auths = slices.Delete(k.auths, at, at+1)
		return
	}
	if len(k.asks) == 0 || k.asks[0].xid != m.Xid {
		c.a.broken(AnswersInTurn, "%s answers request %d of a connection at %s, although this is "+
			"not the earliest request of the connection that has no answer yet", c.m.Name, m.Xid,
			c.a.world.Now().Seconds())
		return
	}
	if of := k.asks[0].of; m.Code == tree.OK && m.Result.Type != of {
		c.a.broken(AnswersInTurn, "%s answers a %s at %s with the result of a %s", c.m.Name, of,
			c.a.world.Now().Seconds(), m.Result.Type)
	}
	k.asks = k.asks[:copy(k.asks, k.asks[1:])]
}

// endsUnconfirmed checks EndsConfirmed: a server that ends a session because a connection broke has
// confirmed the session on that connection.
func (c *conduct) endsUnconfirmed(k *caller, out []sim.Effect) {
	if k.open {
		return
	}
	for i := range out {
		if m, ok := out[i].Msg.(*zab.Request); ok {
			if r, ok := m.Body.(*server.Request); ok && r.Dropped {
				c.a.broken(EndsConfirmed, "%s asks its leader at %s to end session %x, because a "+
					"connection broke on which it has never confirmed that session", c.m.Name,
					c.a.world.Now().Seconds(), uint64(r.Session))
			}
		}
	}
}

// fulfils checks the effects of a step in which the server has handled e.
//
// It checks TimersAhead: the server sets no timer to a moment that has passed. It checks WorksOnce:
// the server truncates a log once for each TRUNC. It checks TruncFits: a server can carry out a TRUNC,
// and ends at its zxid then.
// The other checks look at single messages.
func (c *conduct) fulfils(now sim.Time, e *sim.Event, out []sim.Effect) {
	d := &c.duties
	for i := range out {
		switch f := &out[i]; f.Kind {
		case sim.Send:
			c.keeps(now, f, out)
			if m, ok := f.Msg.(*tree.Reply); ok {
				c.answersInTurn(f, m)
			}
		case sim.Append:
			if f.File == d.cut.file {
				d.cut = cut{}
			}
			c.sized(f)
		case sim.Remove:
			c.keepsLog(f.File)
		case sim.Exit:
			if strings.HasPrefix(f.Name, "truncate to ") {
				c.a.broken(TruncFits, "%s exits at %s, because it cannot carry out a TRUNC: %s",
					c.m.Name, c.a.world.Now().Seconds(), f.Name)
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
	if m, ok := e.Msg.(*zab.Trunc); ok {
		c.truncated(m.Zxid, out)
	}
	for i := range out {
		if out[i].Kind != sim.Close {
			continue
		}
		if k := d.caller(out[i].Conn); k >= 0 {
			d.callers = slices.Delete(d.callers, k, k+1)
		}
	}
	if c.peer.Phase() == zab.Broadcast {
		d.shorter = false // the history of the epoch is durable: no truncation is under way
	} else {
		d.heard, d.synced = d.heard[:0], d.synced[:0]
		for i := range d.callers {
			d.callers[i].session = 0
		}
	}
	at := c.Program.Deadline()
	if e.Kind == sim.Wake && at <= now {
		c.a.broken(TimersAhead, "%s wakes up at %s, and sets its timer to the same moment again",
			c.m.Name, c.a.world.Now().Seconds())
	}
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
// CONNECT, a second CONNECT, or a message that is not in the client protocol.
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
			if c.takes(&d.callers[i], e); e.Kind == sim.Closed {
				c.endsUnconfirmed(&d.callers[i], out)
			}
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
	switch m := e.Msg.(type) {
	case *tree.ConnectRequest:
		if k.connected = true; !was {
			if m.SessionID == 0 {
				k.asked = max(m.TimeoutMs, 1)
			}
			return
		}
	case *tree.Request:
		if was && !k.open && k.early == nil {
			k.early = m
		}
		if was {
			return
		}
	}
	c.a.broken(ClosesStrangers, "%s keeps a connection open at %s, although a client has sent %s "+
		"on it: the server must close it",
		c.m.Name, c.a.world.Now().Seconds(), e.Msg.Name())
}

// takes checks TakesRequests: a server that serves closes no connection because of a write that is
// small enough.
func (c *conduct) takes(k *caller, e *sim.Event) {
	m, ok := e.Msg.(*tree.Request)
	if !ok || e.Kind != sim.Received || !k.open || c.peer.Phase() != zab.Broadcast {
		return
	}
	switch m.Type {
	case tree.OpCreate, tree.OpCreate2, tree.OpSetData, tree.OpDelete:
		if n := m.Size(); n <= mostBytes {
			c.a.broken(TakesRequests, "at %s, %s closes the connection of a client that has sent a %s "+
				"of %d bytes: a server must accept requests of up to %d bytes",
				c.a.world.Now().Seconds(), c.m.Name, m.Type, n, mostBytes)
		}
	}
}

// mostBytes is the size of the largest request that a server takes, with the length before it
// (jute.maxbuffer).
const mostBytes = 4 + 0xfffff

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
// sync when the leader's answer has come. It checks GrantsTimeout: see grants. It checks RealSizes: a
// message has the size that it has in ZooKeeper, and a record of a log the size of its format. And it
// checks ClosesEnded: a server that ends a session, or refuses an identity, closes the connection.
func (c *conduct) keeps(now sim.Time, f *sim.Effect, out []sim.Effect) {
	d := &c.duties
	switch m := f.Msg.(type) {
	case *zab.Diff:
		c.header(m.Name(), m.Zxid)
		c.small(f.Conn)
	case *zab.Snap:
		c.header(m.Name(), m.Zxid)
		c.needed(f.Conn)
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
		if len(m.Touched) == 0 && m.Size() != packetSize {
			c.a.broken(RealSizes, "%s sends a PING of %d bytes at %s: without data, it must have %d "+
				"bytes", c.m.Name, m.Size(), c.a.world.Now().Seconds(), packetSize)
		}
	case *zab.Revalidate:
		if m.Valid {
			c.touched(now, m.Session)
			c.grants(m.Session, m.TimeoutMs, 0)
		}
	case *tree.ConnectResponse:
		if m.TimeoutMs <= 0 {
			c.ends(f.Conn, out, "tells a client that its session is over")
			return
		}
		i := d.caller(f.Conn)
		if i < 0 { // accepted before the audit began
			i = len(d.callers)
			d.callers = append(d.callers, caller{conn: f.Conn, connected: true})
		}
		k := &d.callers[i]
		c.grants(m.SessionID, m.TimeoutMs, k.asked)
		if k.asked != 0 && !k.open {
			c.a.givesID(c, m.SessionID)
		}
		if k.open = true; k.early != nil {
			c.answersEarly(k, out)
		}
		if c.leader != 0 { // a leader touches the session itself
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
				c.a.broken(SyncAnswered, "%s answers a client's sync with xid %d at %s, before "+
					"the leader has answered that sync", c.m.Name, m.Xid, c.a.world.Now().Seconds())
				return
			}
			d.synced = slices.Delete(d.synced, i, i+1)
		}
	}
}

// givesID checks SessionsDiffer: a server that has started again gives other ids to sessions than
// before. Bits 40 to 55 of an id count the starts.
func (a *Audit) givesID(c *conduct, session int64) {
	at := int(c.m.ID)
	for len(a.gave) <= at {
		a.gave = append(a.gave, given{})
	}
	starts := session >> 40
	if g := &a.gave[at]; g.by != nil && g.by != c && g.starts == starts {
		a.broken(SessionsDiffer, "after a restart, %s gives a session the id %x at %s: this id is in "+
			"the range that the server used before the restart", c.m.Name, uint64(session),
			a.world.Now().Seconds())
	}
	a.gave[at] = given{starts, c}
}

// given is what a server has given ids from last.
type given struct {
	starts int64
	by     *conduct
}

// grants checks what a server says of the timeout of a session: it is that of the session, and for a
// new session it is what the client has asked for, but at least 2 and at most 20 ticks.
func (c *conduct) grants(session int64, says, asked int32) {
	if c.timeout == nil {
		return
	}
	tick := int32(c.peer.Settings().TickTime / sim.Millisecond)
	if has, ok := c.timeout(session); ok && has != says {
		c.a.broken(GrantsTimeout, "%s says at %s that session %x has a timeout of %d ms, but the "+
			"timeout of that session is %d ms", c.m.Name, c.a.world.Now().Seconds(), session, says,
			has)
	} else if want := min(max(asked, 2*tick), 20*tick); asked != 0 && says != want {
		c.a.broken(GrantsTimeout, "%s gives session %x a timeout of %d ms at %s: a client that asks for "+
			"%d ms gets %d ms", c.m.Name, session, says, c.a.world.Now().Seconds(), asked, want)
	}
}

// answersEarly checks AnswersEarly: what a client has sent before its session was open is handled when
// it is open. The first of it, if it is a read, is answered at once.
func (c *conduct) answersEarly(k *caller, out []sim.Effect) {
	m := k.early
	if k.early = nil; m.Type != tree.OpGetData && m.Type != tree.OpExists {
		return
	}
	if !slices.ContainsFunc(out, func(f sim.Effect) bool {
		r, ok := f.Msg.(*tree.Reply)
		return ok && f.Conn == k.conn && r.Xid == m.Xid
	}) {
		c.a.broken(AnswersEarly, "%s opens a session at %s, but does not answer the %s that the "+
			"client sent before the session was open", c.m.Name, c.a.world.Now().Seconds(), m.Type)
	}
}

// Addressed checks AddressesDiffer: no two machines have the same address. For ACLs of the scheme
// ip, servers identify a client by its address (IPAuthenticationProvider).
func (a *Audit) Addressed(m *sim.Machine, address func(sim.NodeID) string) {
	is := address(m.ID)
	for _, other := range a.world.Machines() {
		if other != m && address(other.ID) == is {
			a.broken(AddressesDiffer, "%s and %s both have the address %s", m.Name, other.Name, is)
		}
	}
}

// expires checks ExpiresWhenTold: a server that is told to end a session, and has proposed nothing,
// asks its leader to.
func (c *conduct) expires(session int64, out []sim.Effect) {
	for i := range out {
		if m, ok := out[i].Msg.(*zab.Request); ok {
			r, ok := m.Body.(*server.Request)
			if ok && r.Session == session && r.Op.Type == tree.OpCloseSession {
				return
			}
		}
	}
	c.a.broken(ExpiresWhenTold, "%s is told to end session %x at %s, but neither proposes a "+
		"closeSession nor sends its leader a closeSession request",
		c.m.Name, uint64(session), c.a.world.Now().Seconds())
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
			c.a.broken(SmallDiff, "%s sends a DIFF of %d transactions at %s, although these "+
				"transactions take %d bytes of its log, more than a third of the size of its "+
				"snapshot (%d bytes): it must send SNAP",
				c.m.Name, to-from, c.a.world.Now().Seconds(), size, whole)
		}
	}
}

// needed checks that a leader sends SNAP only if it must: neither its memory nor its log has the
// point where the learner's history ends, or too much follows there.
func (c *conduct) needed(conn sim.ConnID) {
	k := c.link(conn)
	if k == nil || k.last == zab.NoZxid || c.peer.Settings().NoLogSync {
		return
	}
	if w := c.peer.CommittedLog(); len(w) > 0 && w[0].Zxid <= k.last {
		i := 0
		for i < len(w) && w[i].Zxid < k.last {
			i++
		}
		if e0 := k.last.Counter() == 0; i == len(w) && !e0 || i < len(w) && (w[i].Zxid == k.last || e0 ||
			w[i].Zxid.Epoch() == k.last.Epoch()) {
			c.a.broken(SmallDiff, "%s sends SNAP at %s, although the learner's history ends at %v, and "+
				"the leader has the transactions around that zxid in memory", c.m.Name,
				c.a.world.Now().Seconds(), k.last)
		}
		return
	}
	size, from, entries := 0, -1, c.peer.Entries()
	for i := range entries {
		switch e := &entries[i]; {
		case e.Zxid > c.peer.Applied():
		case from < 0 && (e.Zxid == k.last || k.last.Counter() == 0 && i > 0 && e.Zxid > k.last &&
			entries[i-1].Zxid < k.last):
			from = i
			fallthrough
		case from >= 0:
			size += recordHeader + len(e.Data)
		}
	}
	if from < 0 {
		return
	}
	for _, name := range c.m.Disk().Names() {
		if z, log, ok := zab.FileZxid(name); !ok || log || z != c.peer.Base() {
			continue
		}
		if whole := len(c.m.Disk().Read(name)); 3*size <= whole {
			c.a.broken(SmallDiff, "%s sends SNAP at %s, although its log has all transactions "+
				"after %v, which the learner lacks, and the size of these transactions (%d "+
				"bytes) is at most a third of the snapshot's (%d bytes): the leader must send a "+
				"DIFF", c.m.Name,
				c.a.world.Now().Seconds(), k.last, size, whole)
		}
	}
}

// touched checks that a session lives for at least its timeout from now.
func (c *conduct) touched(now sim.Time, session int64) {
	if c.expiry == nil {
		return
	}
	if at, timeout, ok := c.expiry(session); ok && at < now+timeout {
		c.a.broken(TouchesSessions, "%s confirms session %x at %s, but lets the session expire "+
			"%s later, which is less than the session's timeout of %s",
			c.m.Name, session, c.a.world.Now().Seconds(),
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
		a.broken(DurableTruth, "%s says at %s that its log is durable up to %v, although it has "+
			"said earlier that its log is durable up to %v, which is later",
			m.Name, a.world.Now().Seconds(), z,
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
