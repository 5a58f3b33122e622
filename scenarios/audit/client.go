package audit

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// clientConduct watches one life of a client from outside. It wraps the client's program.
type clientConduct struct {
	sim.Program
	a      *Audit
	m      *sim.Machine
	client *client.Client
	office bool // its programs declare a lock or an election

	conn      sim.ConnID // that the client has dialled last
	connected sim.Time   // when it opened, by the client's clock; -1 before
	up        bool       // the server has answered CONNECT
	heard     sim.Time   // when a message came last on conn, by the client's clock
	ended     sim.Time   // when conn ended, by the client's clock
	to        sim.NodeID // that it has dialled last; 0 if an operator has named another server since
	waits     int        // before it dialled again after an attempt that had failed
	longest   sim.Time   // of these waits
	manners   manners
	logins    logins
}

// leastWait is how long a client waits at least before it dials again, if the server that it
// dialled last has not let it in: the default of [client.Config].BackoffMin.
const leastWait = 100 * sim.Millisecond

// Visit wraps p, the program of client c on machine m. The returned program behaves like p, and
// lets the audit watch it.
//
// The audit checks how the client behaves: the properties that manners.go checks, and these:
//   - NoticesLoss: a client that learns of the end of its connection closes the connection in that
//     step. A client leaves a server that has been silent for 2/3 of the session timeout. And a
//     client waits for the answer to its CONNECT at least as long as it waits for a connection to
//     open.
//   - CallsEnd: an addAuth ends when its answer comes.
//   - MovesWhenTold: a client that is told to move to another server closes its connection.
//   - ServersInOrder: a client tries all servers of its list in order.
//   - WaitsToDial: a client whose connection failed waits for a random time before it dials again.
//
// The last argument lists the recipes that the programs of the client declare.
func (a *Audit) Visit(m *sim.Machine, c *client.Client, p sim.Program,
	is ...recipe.Recipe) sim.Program {
	if a.config.NoSafety {
		return p
	}
	visit := &clientConduct{Program: p, a: a, m: m, client: c,
		office: slices.ContainsFunc(is, func(r recipe.Recipe) bool { return r.Office() })}
	a.visits[c] = visit
	return visit
}

// Unwrap returns the program itself.
func (c *clientConduct) Unwrap() sim.Program { return c.Program }

// Step passes an event to the client, and checks what the client does.
func (c *clientConduct) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	n := len(out)
	ends := c.hears(now, &e)
	c.manners.before(c)
	if _, ok := e.Msg.(*client.Move); ok {
		c.to = 0
	}
	was := c.standing()
	out = c.Program.Step(now, e, out)
	for i := n; i < len(out); i++ {
		switch f := &out[i]; f.Kind {
		case sim.Send:
			c.sends(now, f.Msg)
		case sim.Dial:
			c.dials(now, f, &was)
			ends = false
		case sim.Close:
			c.closes(now, &e, f, &was)
		}
	}
	c.obeys(&e, out[n:], &was)
	c.after(now, &e)
	c.notices(now, ends)
	return out
}

// clientStanding is what was true of a client before it handled an event.
type clientStanding struct {
	server  sim.NodeID
	session int64
	conn    sim.ConnID
	limit   sim.Time // how long it waits for an answer to CONNECT
	asked   bool     // it had sent an addAuth that had not ended
	ended   int      // addAuths
}

func (c *clientConduct) standing() clientStanding {
	return clientStanding{
		server: c.client.Server(), session: c.client.Session(), conn: c.conn,
		limit: c.client.Timeout() / sim.Time(max(1, c.a.config.Servers)),
		asked: c.logins.sent(), ended: c.logins.ended,
	}
}

// hears notes what an event says of the client's connection. It reports whether the connection ends
// with it.
func (c *clientConduct) hears(now sim.Time, e *sim.Event) (ends bool) {
	if e.Conn != c.conn {
		return false
	}
	c.heard = now
	switch e.Kind {
	case sim.Connected:
		c.connected = now
	case sim.Received:
		if _, ok := e.Msg.(*tree.ConnectResponse); ok {
			c.up = true
		}
	case sim.Closed, sim.Refused:
		if ends = c.client.Server() != 0; ends {
			c.ended = now
		}
	}
	return ends
}

// dials checks that the client dials the next server of its list, after a wait if the last attempt
// failed.
func (c *clientConduct) dials(now sim.Time, f *sim.Effect, was *clientStanding) {
	if c.conn != 0 && !c.up && was.session != 0 && was.session == c.client.Session() {
		c.waited(now - c.ended)
	}
	if n := sim.NodeID(c.a.config.Servers); c.to != 0 && f.To != c.to%n+1 {
		c.a.broken(ServersInOrder, "%s dials S%d at %s after S%d: a client tries all servers of "+
			"its list in order", c.m.Name, f.To, c.a.world.Now().Seconds(), c.to)
	}
	c.to = f.To
	c.conn, c.connected, c.up = f.Conn, -1, false
	c.manners.up = false
}

// closes checks that the client does not close its connection before it has waited for the answer
// to CONNECT.
func (c *clientConduct) closes(now sim.Time, e *sim.Event, f *sim.Effect, was *clientStanding) {
	if f.Conn == c.conn {
		c.ended = now
	}
	if e.Kind == sim.Wake && f.Conn == c.conn && c.connected >= 0 && !c.up &&
		now < c.connected+was.limit && was.session == c.client.Session() {
		c.a.broken(NoticesLoss, "%s closes its connection at %s, only %s after it sent "+
			"CONNECT: a client must wait %s for the answer", c.m.Name,
			c.a.world.Now().Seconds(), (now - c.connected).Seconds(), was.limit.Seconds())
	}
}

// obeys checks what an event demands of the client.
func (c *clientConduct) obeys(e *sim.Event, out []sim.Effect, was *clientStanding) {
	if _, ok := e.Msg.(*client.Move); ok && was.server != 0 && !shut(out, was.conn) {
		c.a.broken(MovesWhenTold, "%s is told to move to another server at %s, but does not close its "+
			"connection", c.m.Name, c.a.world.Now().Seconds())
	}
	if m, ok := e.Msg.(*tree.Reply); ok && m.Xid == tree.XidAuth && e.Conn == was.conn && was.asked &&
		c.logins.ended == was.ended {
		c.a.broken(CallsEnd, "%s has received the answer to an addAuth at %s, but the call does not "+
			"end", c.m.Name, c.a.world.Now().Seconds())
	}
	if c.client.Server() != 0 && c.client.State().Final() {
		c.a.broken(AsksAsItIs, "%s has or opens a connection at %s, although its session "+
			"is %s", c.m.Name, c.a.world.Now().Seconds(), c.client.State())
	}
}

// notices checks that the client leaves a silent server, and a connection that has ended.
func (c *clientConduct) notices(now sim.Time, ends bool) {
	silent := c.client.Timeout() * 2 / 3
	if c.up && c.client.Server() != 0 && now >= c.heard+silent && c.client.State() == client.Connected {
		c.a.broken(NoticesLoss, "%s is still connected at %s to a server that has been silent for "+
			"%s: a client must leave a server after %s of silence, 2/3 of the session timeout",
			c.m.Name, c.a.world.Now().Seconds(), (now - c.heard).Seconds(), silent.Seconds())
	}
	if ends && c.client.Server() != 0 {
		c.a.broken(NoticesLoss, "%s still uses a connection at %s, although it has learned that "+
			"the connection has ended",
			c.m.Name, c.a.world.Now().Seconds())
	}
}

// waited checks how long a client has waited before it dials again.
func (c *clientConduct) waited(wait sim.Time) {
	c.waits++
	c.longest = max(c.longest, wait)
	if wait < leastWait {
		c.a.broken(WaitsToDial, "%s dials a server at %s, only %s after its last attempt failed: a "+
			"client must wait for at least %s", c.m.Name, c.a.world.Now().Seconds(),
			wait.Seconds(), leastWait.Seconds())
	}
	if c.waits == spreadOver && c.longest <= leastSpread {
		c.a.broken(WaitsToDial, "%s has tried to reconnect %d times by %s, and each time has "+
			"waited at most %s before it tried: clients must wait for random times, so that they "+
			"do not all reconnect at once",
			c.m.Name, c.waits, c.a.world.Now().Seconds(), c.longest.Seconds())
	}
}

// The waits of a client are random, from 0.1 to 1 s: that each of so many is that short has a chance
// of 1 in 10,000 million.
const (
	spreadOver  = 6
	leastSpread = 120 * sim.Millisecond
)

// setsWatches checks SetsWatches: only a setWatches2 may have persistent and recursive watches.
func (c *clientConduct) setsWatches(r *tree.Request) {
	lasting := len(r.SetWatches.Persistent)+len(r.SetWatches.Recursive) > 0
	if lasting != (r.Type == tree.OpSetWatches2) {
		c.a.broken(SetsWatches, "%s sends %s at %s with %d persistent and %d recursive watches: a "+
			"client must send setWatches2 if it has such watches, and setWatches if it has none",
			c.m.Name, r.Type, c.a.world.Now().Seconds(), len(r.SetWatches.Persistent),
			len(r.SetWatches.Recursive))
	}
}

// poll is how often a client has read a path of a recipe lately with the same result.
type poll struct {
	client, path string
	stat         tree.Stat
	since        sim.Time
	n            int
	missing      int // reads in a row that have found no node
	refused      int // reads that its ACL refuses, since asked
	asked        sim.Time
	failed       tree.OpCode // the write that a server has refused since failedAt, and how often
	code         tree.Code
	failedAt     sim.Time
	failures     int
	unknown      int // creates below the path whose answers were lost
	synced       int // syncs of the path
}

// syncs checks Polls: a program that waits in line syncs only if the answer to the create of its
// ticket was lost, and once for each.
func (a *Audit) syncs(name string, c *client.Client, call *client.Call) {
	line := call.Op.Path
	switch {
	case call.Outcome == client.Unknown && call.Op.Type == tree.OpCreate:
		line, _, _ = tree.SplitPath(line)
	case call.Outcome != client.OK || call.Op.Type != tree.OpSync:
		return
	}
	if c.Queuing(line) == 0 {
		return
	}
	p := a.poll(name, line)
	if call.Op.Type == tree.OpCreate {
		p.unknown++
	} else if p.synced++; p.synced > p.unknown {
		a.broken(Polls, "%[1]s has synced %[2]s %[3]d times, although only %[4]d of its creates "+
			"below %[2]s lost their answers: a recipe syncs at most once for each lost answer",
			name, line, p.synced, p.unknown)
	}
}

// repeats checks Polls: a program of a recipe waits before it repeats a write that a server has
// refused.
func (a *Audit) repeats(name string, call *client.Call) {
	if call.Outcome != client.Failed || !call.Op.Type.Writes() || call.Code == tree.ConnectionLoss ||
		!a.concerns(name, call.Op.Path) {
		return
	}
	now, p := a.world.Now(), a.poll(name, call.Op.Path)
	if p.failed != call.Op.Type || p.code != call.Code || now > p.failedAt+sim.Second {
		p.failed, p.code, p.failedAt, p.failures = call.Op.Type, call.Code, now, 0
	}
	if p.failures++; p.failures > mostRefused {
		a.broken(Polls, "%s has repeated a %s of %s %d times since %s, always with the code %s: a "+
			"recipe waits before it repeats a write that is refused", name, call.Op.Type,
			call.Op.Path, p.failures, p.failedAt.Seconds(), call.Code)
	}
}

// concerns reports whether a program of the client has said something about an office at this path,
// or above it.
func (a *Audit) concerns(name, path string) bool {
	return slices.ContainsFunc(a.said, func(s said) bool {
		return s.client == name && s.mark.Office != "" && strings.HasPrefix(path, s.mark.Office)
	})
}

// poll returns what a client has read of a path.
func (a *Audit) poll(name, path string) *poll {
	i := slices.IndexFunc(a.reads, func(p poll) bool { return p.client == name && p.path == path })
	if i < 0 {
		i = len(a.reads)
		a.reads = append(a.reads, poll{client: name, path: path})
	}
	return &a.reads[i]
}

// polls checks Polls: a program that waits sets a watch, instead of reading again and again.
func (a *Audit) polls(name string, c *client.Client, call *client.Call) {
	a.syncs(name, c, call)
	a.repeats(name, call)
	missing := call.Code == tree.NoNode && call.Op.Type != tree.OpExists
	refused := call.Code == tree.NoAuth
	if call.Outcome != client.OK && !missing && !refused || call.Op.Type.Writes() ||
		!a.concerns(name, call.Op.Path) {
		return
	}
	now, p := a.world.Now(), a.poll(name, call.Op.Path)
	if refused {
		if now > p.asked+sim.Second {
			p.asked, p.refused = now, 0
		}
		if p.refused++; p.refused > mostRefused {
			a.broken(Polls, "%s has no permission to read %s, but has tried %d times since %s: a "+
				"recipe must wait before it repeats a call that was refused", name, call.Op.Path,
				p.refused,
				p.asked.Seconds())
		}
		return
	}
	if missing {
		if p.missing++; p.missing > mostMisses {
			a.broken(Polls, "%s has read the missing node %s %d times: a recipe must create the node, "+
				"or set a watch and wait until the node exists", name, call.Op.Path, p.missing)
		}
		return
	}
	p.missing = 0
	if p.n == 0 || p.stat != call.Result.Stat || now > p.since+sim.Second {
		p.stat, p.since, p.n = call.Result.Stat, now, 0
	}
	if p.n++; p.n > mostReads {
		a.broken(Polls, "%s has read %s %d times since %s, always with the same result: a recipe "+
			"must set a watch and wait for a change", name, call.Op.Path, p.n, p.since.Seconds())
	}
}

// mostReads is how often the programs of a client may read one node of a recipe within a second,
// while it does not change.
const mostReads = 20

// mostRefused is how often the programs of a client may read a node of a recipe within a second,
// while its ACL forbids that: each waits for a second.
const mostRefused = 8

// mostMisses is how often in a row the programs of a client may read a node of a recipe that does
// not exist: they create the parent of their nodes, and watch another's node until it exists.
const mostMisses = 6

// Returned reports to the audit that a call of a client has ended.
//
// Returned checks these properties:
//   - KeepsQueue: a call that the client has not sent yet stays in its queue: the call fails only
//     when the session is over.
//   - Polls: a program that waits sets a watch, instead of reading again and again. It syncs at
//     most once for each create whose answer was lost.
//   - AnswerFits: the result of a call has the type of the call's operation: a create gets the
//     result of a create.
//   - TimesCalls: the times at which a call was made, sent and answered are in this order. A call
//     that was not sent has no send time.
//   - CodeFits: the outcome of a call agrees with its error code. If the session ends before a call
//     is answered, the call has the error code for the way in which the session ended.
//   - NeedlessRefusal: a server answers "bad arguments" only to a call whose arguments are invalid.
func (a *Audit) Returned(name string, c *client.Client, call *client.Call) {
	if c != nil { // a remote client's program is not known
		a.polls(name, c, call)
		a.drops(c, call)
	}
	if v := a.visits[c]; v != nil && call.Op.Type == tree.OpAuth {
		v.logins.end(call)
	}
	if ok := call.Code == tree.OK; call.Outcome == client.OK && !ok ||
		call.Outcome == client.Failed && ok && call.Op.Type != tree.OpNotification {
		a.broken(CodeFits, "a %s by client %s has the outcome %s and the code %s, which "+
			"contradict each other", call.Op.Type, name, call.Outcome, call.Code)
	}
	if is, of := call.Result.Type, call.Op.Type; call.Outcome == client.OK && is != of &&
		of != tree.OpAuth && of != tree.OpNotification {
		a.broken(AnswerFits, "client %s gets the result of a %s as the answer to a %s of %s", name,
			is, of, call.Op.Path)
	}
	if refused := call.Code == tree.AuthFailed; call.Outcome == client.NotSent && c.State().Final() &&
		refused != (c.State() == client.AuthFailed) {
		a.broken(CodeFits, "a %s by client %s ends with the code %s, which does not fit the state of "+
			"the client: %s", call.Op.Type, name, call.Code, c.State())
	}
	if op := &call.Op; call.Code == tree.BadArguments && call.Outcome == client.Failed && good(op) {
		a.broken(NeedlessRefusal, "a %s of %s by client %s is refused because of bad arguments, "+
			"although its arguments are valid", op.Type, op.Path,
			name)
	}
	if call.Outcome == client.NotSent && !c.State().Final() && !c.Library().Drops() {
		a.broken(KeepsQueue, "client %s fails a call without sending it, although its session is "+
			"not over: the client is %s",
			name, c.State())
	}
	sent := call.CalledAt <= call.SentAt && call.SentAt <= call.ReturnedAt
	if unsent := call.Outcome == client.NotSent; unsent && call.SentAt >= 0 || !unsent && !sent {
		a.broken(TimesCalls, "a %s by client %s has the outcome %s, but its times are %s (called), %s "+
			"(sent) and %s (answered): the times of a sent call must not decrease, and a call "+
			"that was not sent must have the sending time -1 µs", call.Op.Type, name,
			call.Outcome, call.CalledAt, call.SentAt, call.ReturnedAt)
	}
}

// logins has the addAuths of a client that have not ended, and how many have ended.
type logins struct {
	open  []*client.Call
	ended int
}

// end notes that an addAuth has ended.
func (l *logins) end(call *client.Call) {
	l.open = slices.DeleteFunc(l.open, func(c *client.Call) bool { return c == call })
	l.ended++
}

// sent reports whether the client has sent one of its open addAuths: the others wait in its queue.
func (l *logins) sent() bool {
	return slices.ContainsFunc(l.open, func(c *client.Call) bool { return c.SentAt >= 0 })
}

// said is what a program of a client has marked last.
type said struct {
	client  string
	program int
	mark    client.Mark
}

// Marked reports to the audit a mark that a program of a client has made ([client.Mark]).
//
// Marked checks SharesReads: a reader waits in line only for a writer. It checks GivesUp: a recipe gives up waiting only when the session is over. And it checks
// BeliefEnds: a client whose programs hold nothing any more does not believe that it leads. A
// program that declares its own recipe (package recipe) is not checked here: it may give up at any
// time.
func (a *Audit) Marked(name string, c *client.Client, program int, m client.Mark) {
	if c.Declares() {
		return
	}
	if m.Kind == client.LetsGo && c.Believes() && !c.Holding() {
		a.broken(BeliefEnds, "a program of %s gives up %s, and the client's programs hold nothing "+
			"else, but %s still believes that it leads", name, m.Office, name)
	}
	if m.Kind == client.Waits && m.As == client.Shared && m.For != "" && !writes(m.For) {
		a.broken(SharesReads, "a reader of client %s waits until the node %s is deleted, "+
			"although that node is not a writer's: several readers may hold %s at the same time",
			name, m.For, m.Office)
	}
	i := slices.IndexFunc(a.said, func(s said) bool {
		return s.client == name && s.program == program
	})
	if i < 0 {
		i = len(a.said)
		a.said = append(a.said, said{client: name, program: program})
	}
	before := &a.said[i].mark
	if m.Kind == client.LetsGo && before.Office == m.Office && !c.State().Final() {
		switch before.Kind {
		case client.Waits, client.Takes, client.Enters, client.Leaves:
			a.broken(GivesUp, "a program of %[1]s stops waiting for %[2]s, although the session "+
				"of %[1]s is not over",
				name, m.Office)
		}
	}
	*before = m
}

// writes reports whether a node is the ticket of a writer in a line (package client).
func writes(node string) bool {
	_, name, _ := tree.SplitPath(node)
	_, rest, _ := strings.Cut(name, "-")
	return strings.HasPrefix(rest, "w_")
}

// good reports whether the arguments of an operation are certainly good: its path is valid, and it
// has no others that may be bad.
func good(op *tree.Op) bool {
	switch op.Type {
	case tree.OpSetData, tree.OpDelete, tree.OpCheck, tree.OpSetACL:
	case tree.OpAddWatch:
		if op.WatchMode != tree.WatchPersistent && op.WatchMode != tree.WatchPersistentRecursive {
			return false
		}
	default:
		return false
	}
	return tree.ValidatePath(op.Path) == nil && op.Path != "/" && !tree.IsSpecialPath(op.Path)
}
