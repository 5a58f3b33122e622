package ensemble

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// Client is one client machine of an ensemble. It stays the same when its process crashes and
// restarts.
type Client struct {
	Name    string
	e       *Ensemble
	machine *sim.Machine
	home    int
	timeout sim.Time // of its sessions, as it asks for
	program *client.Client
	remote  *Remote // if its program is outside the world; then program is nil
	session int64   // the last one it had
	events  []engine.Notice
	lives   int
	ended   bool // its process has ended, or is ending
	states  []engine.StateChange
	deaths  []engine.StateChange // of its process: State is Closed
	beliefs []engine.Belief
	marks   []engine.Mark
	before  *engine.Held // what was inferred of it from what was forgotten: see [Ensemble.Forget]
}

// AddClient adds a client; Start starts it. home is the number of the server that the client tries
// first; 0 picks servers round robin. AddClient fails if the name is taken.
func (e *Ensemble) AddClient(
	name string, home int, programs ...func(*client.Proc),
) (*Client, error) {
	return e.AddClientWith(name, home, client.Config{Programs: programs})
}

// AddClientWith adds a client with configuration c. The ensemble itself sets the name, the servers,
// the hooks and the randomness in c.
func (e *Ensemble) AddClientWith(name string, home int, c client.Config) (*Client, error) {
	if e.World.Find(name) != nil {
		return nil, fmt.Errorf("client %s: another machine has this name: choose another "+
			"name", name)
	}
	if home < 0 || home > e.total {
		return nil, fmt.Errorf("client %s cannot start at server S%d, which does not exist: choose one "+
			"of S1 to S%d", name, home, e.total)
	}
	if home == 0 {
		home = len(e.clients)%e.total + 1
	}
	for i := range c.Is {
		if err := c.Is[i].Check(); err != nil {
			return nil, fmt.Errorf("client %s: %w", name, err)
		}
		if !slices.Contains(e.recipes, c.Is[i]) {
			e.recipes = append(e.recipes, c.Is[i])
		}
	}
	k := &Client{Name: name, e: e, home: home}
	c.Name, c.Home, c.Hooks = name, home-1, (*hooks)(k)
	c.Flaw, c.Hits, c.Places = e.config.Flaw, &e.flawHits, e.places()
	if c.Library == client.Plain {
		c.Library = e.config.Library
	}
	if c.SessionTimeout == 0 {
		c.SessionTimeout = e.config.SessionTimeout
	}
	k.timeout = c.SessionTimeout
	for i := 1; i <= e.total; i++ {
		c.Servers = append(c.Servers, sim.NodeID(i))
	}
	k.machine = e.World.Add(name, "client", func(m *sim.Machine) sim.Program {
		own := c
		own.Wait = c.Wait && k.lives == 0
		own.Rand = e.World.Rand(name + " " + fmt.Sprint(k.lives))
		k.lives++
		k.ended = false
		k.program = client.New(own)
		e.calm.ClientUp(e.World.Now(), name)
		return e.count("client", e.audit.Visit(m, k.program, e.tamper(m, k.program), c.Is...))
	})
	e.add(k)
	e.audit.Addressed(k.machine, e.addressAt)
	e.calm.Client(e.World.Now(), name)
	return k, nil
}

// add adds a client to the list.
func (e *Ensemble) add(k *Client) {
	if e.named == nil {
		e.named = make(map[string]*Client)
	}
	e.clients, e.named[k.Name] = append(e.clients, k), k
}

// Client returns the client of that name, or nil.
func (e *Ensemble) Client(name string) *Client {
	return e.named[name]
}

// Clients returns all clients, in the order in which they were added.
func (e *Ensemble) Clients() []*Client { return e.clients }

// Ops returns all operations so far, in the order of their calls. The caller must not change the
// slice.
func (e *Ensemble) Ops() []*engine.Op { return e.ops }

// Start starts the client now. Until then its machine is off.
func (c *Client) Start() { c.e.World.Start(c.machine) }

// Do tells the client to call op one microsecond from now. The delay puts the call after any answer
// that arrives now: a call and an answer in the same microsecond would count as concurrent. The new
// [engine.Op] has the given tag.
func (c *Client) Do(op tree.Op, tag int64) {
	c.e.World.TellAt(c.e.World.Now()+1, c.machine, &client.Command{Op: op, Tag: tag})
}

// Renew makes the client open a new session.
func (c *Client) Renew() { c.e.World.TellAt(c.e.World.Now()+1, c.machine, &client.Renew{}) }

// Server returns the name of the server that the client is connected to, or tries to connect to, or
// "" if there is no such server.
func (c *Client) Server() string {
	if p := c.Program(); p != nil && p.Server() != 0 {
		return engine.ServerName(p.Server())
	}
	return ""
}

// Move makes the client connect to another server and keep its session.
func (c *Client) Move(server string) {
	if m := c.e.World.Find(server); m != nil {
		c.e.World.TellAt(c.e.World.Now()+1, c.machine, &client.Move{To: m.ID})
	}
}

// Machine returns the client's machine.
func (c *Client) Machine() *sim.Machine { return c.machine }

// Program returns the running program of the client, or nil while the client is down.
func (c *Client) Program() *client.Client {
	if !c.machine.Up() {
		return nil
	}
	return c.program
}

// Connected reports whether a server has confirmed the client's session on the current connection.
func (c *Client) Connected() bool {
	if c.remote != nil {
		return c.machine.Up() && c.remote.state == client.Connected
	}
	p := c.Program()
	return p != nil && p.State() == client.Connected
}

// Session returns the client's session, or its last session; 0 if it never had a session.
func (c *Client) Session() int64 {
	if p := c.Program(); p != nil && p.Session() != 0 {
		c.session = p.Session()
	}
	return c.session
}

// Beliefs returns what the client's programs have declared: that they lead, or no longer lead.
func (c *Client) Beliefs() []engine.Belief { return c.beliefs }

// Events returns the watch events that reached the client.
func (c *Client) Events() []engine.Notice { return c.events }

// States returns the changes of the client's state.
func (c *Client) States() []engine.StateChange { return c.states }

func (c *Client) stop() {
	if c.program != nil {
		c.program.Stop()
	}
}

// crashed ends the operations of a process that has died. An operation that the process had not
// sent never happened.
func (c *Client) crashed() {
	e := c.e
	if session := c.Session(); session != 0 {
		e.audit.ClientDied(session)
	}
	c.ended = true
	c.stop()
	e.audit.VisitEnds(c.program)
	c.deaths = append(c.deaths, engine.StateChange{
		State: client.Closed, Session: c.session, At: e.World.Now(), Index: e.World.Index(),
	})
	kept := e.open[:0]
	for _, u := range e.open {
		o := e.ops[u.op]
		if o.Client != c.Name {
			kept = append(kept, u)
			continue
		}
		e.take(u)
		o.Lost = true
		if o.SentAt < 0 {
			o.Outcome = client.NotSent
		} else if o.AppliedAt < 0 {
			e.unknown = append(e.unknown, u.op)
		}
	}
	e.open = kept
}

// openOp is an operation that has not ended: its index in ops, and the client's view of it.
type openOp struct {
	op   int
	call *client.Call
}

// take updates an open operation from what its client knows, and returns the operation.
func (e *Ensemble) take(u openOp) *engine.Op {
	o, c := e.ops[u.op], u.call
	o.Session, o.Xid = c.Session, c.Xid
	if c.SentAt >= 0 && o.SentAt < 0 {
		o.SentAt = e.World.Now()
	}
	return o
}

// takeCalls updates all open operations.
func (e *Ensemble) takeCalls() {
	for _, u := range e.open {
		e.take(u)
	}
}

// hooks is notified of what a client does.
type hooks Client

func (h *hooks) Called(c *client.Client, call *client.Call) {
	e := h.e
	e.audit.Acts(h.machine, h.ended, "calls")
	e.audit.Called(c, call)
	index := e.World.Index()
	key := sim.Mix(uint64(call.Op.Type)) ^ sim.HashString(call.Op.Path)
	if r := e.World.Emit(narration.KindOpCall, h.machine.ID, key); r != nil {
		r.Body = narration.OpCalled{Op: len(e.ops), What: call.Op}
	}
	e.open = append(e.open, openOp{len(e.ops), call})
	e.ops = append(e.ops, e.newOp(engine.Op{
		Client: h.Name, Tag: call.Tag, Op: call.Op, CalledAt: e.World.Now(),
		CallIndex: index, SentAt: -1, AppliedAt: -1, ReturnedAt: -1, RetIndex: -1, ApplyIndex: -1,
	}))
}

// newOp allocates operations many at a time. They never move: callers hold pointers to them.
func (e *Ensemble) newOp(o engine.Op) *engine.Op {
	if len(e.room) == 0 {
		e.room = make([]engine.Op, 32)
	}
	p := &e.room[0]
	e.room = e.room[1:]
	*p = o
	return p
}

func (h *hooks) Returned(c *client.Client, call *client.Call) {
	e := h.e
	e.audit.Returned(h.Name, c, call)
	for n, u := range e.open {
		if u.call != call {
			continue
		}
		o := e.take(u)
		o.Outcome, o.Code, o.Result, o.Zxid = call.Outcome, call.Code, call.Result, call.Zxid
		o.ReturnedAt, o.RetIndex = e.World.Now(), e.World.Index()
		key := uint64(call.Outcome)<<32 ^ uint64(uint32(call.Code)) ^ uint64(call.Zxid)<<8
		if r := e.World.Emit(narration.KindOpRet, h.machine.ID, key); r != nil {
			r.Body = narration.OpReturned{
				Op: u.op, Outcome: o.Outcome, Code: o.Code, Result: o.Result,
				Zxid: zab.Zxid(o.Zxid),
			}
		}
		e.open = append(e.open[:n], e.open[n+1:]...)
		if o.Outcome == client.Unknown && o.AppliedAt < 0 {
			e.unknown = append(e.unknown, u.op)
		}
		return
	}
}

func (h *hooks) Notified(c *client.Client, event tree.WatchEvent) {
	h.notified(c.Session(), event, c.Stays(event))
}

func (h *hooks) notified(session int64, event tree.WatchEvent, persistent bool) {
	w := h.e.World
	if h.remote == nil { // only the lab's own recipes promise what this checks
		h.e.audit.Woke(h.Name, event)
	}
	h.events = append(h.events, engine.Notice{
		Client: h.Name, Session: session, Event: event, Persistent: persistent,
		At: w.Now(), Index: w.Index(),
	})
	key := uint64(event.Zxid) ^ sim.HashString(event.Path)
	if r := w.Emit(narration.KindWatchFire, h.machine.ID, key); r != nil {
		r.Body = narration.WatchFired{Session: session, Event: event}
	}
}

func (h *hooks) Changed(c *client.Client, s client.State) {
	w := h.e.World
	h.states = append(h.states, engine.StateChange{
		State: s, Session: c.Session(), At: w.Now(), Index: w.Index(), Moved: c.Moving(),
	})
	switch s {
	case client.Connected:
		h.e.noteSession(c.Session(), h.Name)
	case client.Expired:
		h.e.audit.Expired(h.Name, c.Session())
	}
	if r := w.Emit(narration.KindRole, h.machine.ID, uint64(s)); r != nil {
		r.Body = narration.ClientState{State: s, Session: c.Session(), Server: c.Server()}
	}
}

func (h *hooks) Believes(c *client.Client, leads bool) {
	w := h.e.World
	h.e.audit.Acts(h.machine, h.ended, "says what it believes")
	if leads {
		h.e.audit.Believes(c)
	}
	h.beliefs = append(h.beliefs, engine.Belief{Leads: leads, At: w.Now(), Index: w.Index()})
	key := uint64(1)
	if leads {
		key = 2
	}
	if r := w.Emit(sim.KindNote, h.machine.ID, key); r != nil {
		r.Body = narration.Belief{Leads: leads}
	}
}

// Marked keeps a mark. It is no record of the world: what programs say changes nothing there.
func (h *hooks) Marked(c *client.Client, program int, m client.Mark) {
	w := h.e.World
	h.e.audit.Acts(h.machine, h.ended, "reports what it does")
	h.e.audit.Marked(h.Name, c, program, m)
	h.marks = append(h.marks, engine.Mark{
		Mark: m, Program: program, Session: c.Session(), At: w.Now(), Index: w.Index(),
	})
}

func (h *hooks) Uses(c *client.Client, u client.Use) bool { return h.e.use(h.Name, u) }

// owner is a session and the client that has it, or had it.
type owner struct {
	session int64
	client  string
}

func (e *Ensemble) noteSession(session int64, name string) {
	if e.ClientOf(session) == "" {
		e.owners = append(e.owners, owner{session, name})
	}
}

// ClientOf returns the name of the client that has or had a session, or "" if unknown.
func (e *Ensemble) ClientOf(session int64) string {
	for _, o := range e.owners {
		if o.session == session {
			return o.client
		}
	}
	return ""
}
