package ensemble

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// Client is one client machine of an ensemble, over all lives of its process.
type Client struct {
	Name     string
	e        *Ensemble
	machine  *sim.Machine
	home     int
	program  *client.Client
	session  int64 // the last one that it had
	events   []Notice
	lives    int
	states   []StateChange
	deaths   []StateChange // of its process: State is Closed
	thoughts []thought
}

// Notice is a watch event that reached a client.
type Notice struct {
	Client     string
	Session    int64
	Event      tree.WatchEvent
	Persistent bool // it is of a watch that stays, and perhaps of a plain one as well
	At         sim.Time
	Index      int64  // of the record
	Server     string // that sent it, where no record tells
}

// StateChange is a client that came to stand otherwise with its session.
type StateChange struct {
	State   client.State
	Session int64
	At      sim.Time
	Index   int64
}

// Op is one operation of a client, as the world saw it.
type Op struct {
	Client  string
	Tag     int64
	Op      tree.Op
	Session int64
	Xid     int32
	Server  string       // whom it was sent to, where no record tells
	Call    *client.Call // nil once it has ended: Result and the rest hold what it was

	CalledAt   sim.Time
	CallIndex  int64
	SentAt     sim.Time // -1 if it was not sent
	AppliedAt  sim.Time // when the first server applied its transaction; -1 before
	ApplyIndex int64
	AppliedZ   zab.Zxid
	Refused    bool     // its transaction is an error
	ReturnedAt sim.Time // -1 while it is under way, and for ever if its client died
	RetIndex   int64

	Outcome client.Outcome
	Code    tree.Code
	Result  tree.OpResult
	Zxid    int64 // of the reply
	Lost    bool  // its client died before it was answered
}

// Done is true when nothing more will be heard of it.
func (o *Op) Done() bool { return o.Outcome != client.Pending || o.Lost }

// AddClient puts a client into the world; Start starts it. home is the number of the server that it
// tries first, 0 for the next one round robin. It fails for a name that is taken.
func (e *Ensemble) AddClient(name string, home int, programs ...func(*client.Proc)) (*Client, error) {
	return e.AddClientWith(name, home, client.Config{Programs: programs})
}

// AddClientWith is AddClient with more to say: name, servers, hooks and randomness of the
// configuration are filled in.
func (e *Ensemble) AddClientWith(name string, home int, c client.Config) (*Client, error) {
	if e.World.Find(name) != nil {
		return nil, fmt.Errorf("client %s: there is a machine of that name already: take another", name)
	}
	if home < 0 || home > e.total {
		return nil, fmt.Errorf("client %s: no such server as S%d: there are %d", name, home, e.total)
	}
	if home == 0 {
		home = len(e.clients)%e.total + 1
	}
	k := &Client{Name: name, e: e, home: home}
	c.Name, c.Home, c.Hooks, c.Flaw = name, home-1, (*hooks)(k), e.config.Flaw
	if c.SessionTimeout == 0 {
		c.SessionTimeout = e.config.SessionTimeout
	}
	for i := 1; i <= e.total; i++ {
		c.Servers = append(c.Servers, sim.NodeID(i))
	}
	k.machine = e.World.Add(name, "client", func(m *sim.Machine) sim.Program {
		own := c
		own.Rand = e.World.Rand(name + " " + fmt.Sprint(k.lives))
		k.lives++
		k.program = client.New(own)
		return e.tamper(m, k.program)
	})
	e.clients = append(e.clients, k)
	return k, nil
}

// Client finds a client by name, or nil.
func (e *Ensemble) Client(name string) *Client {
	for _, c := range e.clients {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Clients are all clients, in the order of their coming.
func (e *Ensemble) Clients() []*Client { return e.clients }

// Ops are all operations so far, in the order in which they were called. The slice is the
// ensemble's own.
func (e *Ensemble) Ops() []*Op { return e.ops }

// Start starts the client now. Before, its machine is off.
func (c *Client) Start() { c.e.World.Start(c.machine) }

// Do tells a client an operation, which it asks for a microsecond from now: what is asked at the
// moment of an answer counts as concurrent with it, and whoever calls Do means behind it. tag comes
// back in the Op.
func (c *Client) Do(op tree.Op, tag int64) {
	c.e.World.TellAt(c.e.World.Now()+1, c.machine, &client.Command{Op: op, Tag: tag})
}

// Machine is the client's machine.
func (c *Client) Machine() *sim.Machine { return c.machine }

// Program is the running client, nil while it is down.
func (c *Client) Program() *client.Client {
	if !c.machine.Up() {
		return nil
	}
	return c.program
}

// Connected is true while a server has confirmed the client's session.
func (c *Client) Connected() bool {
	p := c.Program()
	return p != nil && p.State() == client.Connected
}

// Session is the client's session, or the last one it had; 0 if it never had one.
func (c *Client) Session() int64 {
	if p := c.Program(); p != nil && p.Session() != 0 {
		c.session = p.Session()
	}
	return c.session
}

// Events are the watch events that reached the client.
func (c *Client) Events() []Notice { return c.events }

// States are the changes of its session's state.
func (c *Client) States() []StateChange { return c.states }

func (c *Client) stop() {
	if c.program != nil {
		c.program.Stop()
	}
}

// crashed ends what the dead process had under way. What it had not sent certainly did not happen.
func (c *Client) crashed() {
	e := c.e
	if session := c.Session(); session != 0 {
		e.orphaned(session)
	}
	c.stop()
	c.deaths = append(c.deaths, StateChange{client.Closed, c.session, e.World.Now(), e.World.Index()})
	kept := e.open[:0]
	for _, i := range e.open {
		o := e.ops[i]
		if o.Client != c.Name {
			kept = append(kept, i)
			continue
		}
		e.sync(o)
		o.Lost, o.Call = true, nil
		if o.SentAt < 0 {
			o.Outcome = client.NotSent
		} else if o.AppliedAt < 0 {
			e.unknown = append(e.unknown, i)
		}
	}
	e.open = kept
}

// sync takes over what is known of an operation under way.
func (e *Ensemble) sync(o *Op) {
	if c := o.Call; c != nil {
		o.Session, o.Xid = c.Session, c.Xid
		if c.SentAt >= 0 && o.SentAt < 0 {
			o.SentAt = e.World.Now()
		}
	}
}

// hooks is a client's line to the ensemble.
type hooks Client

func (h *hooks) Called(c *client.Client, call *client.Call) {
	e := h.e
	index := e.World.Index()
	key := sim.Mix(uint64(call.Op.Type)) ^ sim.HashString(call.Op.Path)
	if r := e.World.Emit(sim.KindOpCall, h.machine.ID, key); r != nil {
		r.Body = OpCalled{len(e.ops), call.Op}
	}
	e.open = append(e.open, len(e.ops))
	e.ops = append(e.ops, e.newOp(Op{
		Client: h.Name, Tag: call.Tag, Op: call.Op, Call: call, CalledAt: e.World.Now(),
		CallIndex: index, SentAt: -1, AppliedAt: -1, ReturnedAt: -1, RetIndex: -1, ApplyIndex: -1,
	}))
}

// newOp puts an operation into memory that is taken many at a time and never moved.
func (e *Ensemble) newOp(o Op) *Op {
	if len(e.room) == 0 {
		e.room = make([]Op, 32)
	}
	p := &e.room[0]
	e.room = e.room[1:]
	*p = o
	return p
}

func (h *hooks) Returned(c *client.Client, call *client.Call) {
	e := h.e
	for n, i := range e.open {
		o := e.ops[i]
		if o.Call != call {
			continue
		}
		e.sync(o)
		o.Call = nil
		o.Outcome, o.Code, o.Result, o.Zxid = call.Outcome, call.Code, call.Result, call.Zxid
		o.ReturnedAt, o.RetIndex = e.World.Now(), e.World.Index()
		key := uint64(call.Outcome)<<32 ^ uint64(uint32(call.Code)) ^ uint64(call.Zxid)<<8
		if r := e.World.Emit(sim.KindOpRet, h.machine.ID, key); r != nil {
			r.Body = OpReturned{Op: i, Outcome: o.Outcome, Code: o.Code, Result: o.Result, Zxid: zab.Zxid(o.Zxid)}
		}
		e.open = append(e.open[:n], e.open[n+1:]...)
		if o.Outcome == client.Unknown && o.AppliedAt < 0 {
			e.unknown = append(e.unknown, i)
		}
		return
	}
}

func (h *hooks) Notified(c *client.Client, event tree.WatchEvent) {
	w := h.e.World
	h.e.recipes.woke(h.e, h.Name, event)
	h.events = append(h.events, Notice{h.Name, c.Session(), event, c.Stays(event), w.Now(), w.Index(), ""})
	if r := w.Emit(sim.KindWatchFire, h.machine.ID, uint64(event.Zxid)^sim.HashString(event.Path)); r != nil {
		r.Body = WatchFired{c.Session(), event}
	}
}

func (h *hooks) Changed(c *client.Client, s client.State) {
	w := h.e.World
	h.states = append(h.states, StateChange{s, c.Session(), w.Now(), w.Index()})
	if s == client.Connected {
		h.e.noteSession(c.Session(), h.Name)
	}
	if r := w.Emit(sim.KindRole, h.machine.ID, uint64(s)); r != nil {
		r.Body = ClientState{s, c.Session(), c.Server()}
	}
}

func (h *hooks) Believes(c *client.Client, leads bool) {
	w := h.e.World
	if leads {
		h.e.recipes.believes(h.e, c)
	}
	h.thoughts = append(h.thoughts, thought{leads, w.Now(), w.Index()})
	key := uint64(1)
	if leads {
		key = 2
	}
	if r := w.Emit(sim.KindNote, h.machine.ID, key); r != nil {
		r.Body = Belief{leads}
	}
}

func (h *hooks) Uses(c *client.Client, resource string, token int64) bool {
	return h.e.recipes.use(h.e, h.Name, resource, token)
}

// owner is a session and whose it is, or was.
type owner struct {
	session int64
	client  string
}

func (e *Ensemble) noteSession(session int64, name string) {
	if e.ClientOf(session) == "" {
		e.owners = append(e.owners, owner{session, name})
	}
}

// ClientOf is the name of the client that has, or had, a session; empty if none is known to.
func (e *Ensemble) ClientOf(session int64) string {
	for _, o := range e.owners {
		if o.session == session {
			return o.client
		}
	}
	return ""
}
