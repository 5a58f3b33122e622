package trial

import (
	"encoding/binary"
	"strconv"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// Client is a client of a trial: it writes and reads registers, one operation at a time.
type Client struct {
	Name      string
	Mix       registers.Mix
	Transfers int // percent of its operations that ask the leader to hand over; 100: to another server
	Most      int // operations that succeed; 0 for no limit

	Start sim.Time                    // of its first operation; 0 for a drawn moment after its start
	Stop  sim.Time                    // it begins no operation from then on; 0 for no limit
	Home  func(t *Trial) (server int) // the first server that it asks; nil for a drawn one
	Local bool                        // it reads the state of the server that it asks, as it is
}

// Op is one operation of a client.
type Op struct {
	Client     string
	Do         contract.Do
	Key, Value string // Value is what was written, or read
	CalledAt   sim.Time
	CallIndex  int64
	ReturnedAt sim.Time // -1 without an answer
	RetIndex   int64
	Status     contract.Status
	Server     string // that was asked
	Index      uint64
	Version    uint64
	Why        string

	number uint64
}

// user is the program of a client, in all its lives.
type user struct {
	t      *Trial
	c      Client
	m      *sim.Machine
	work   *registers.Program
	chance *sim.Rand
	done   int
	number uint64
	placed bool // it has chosen its first server

	base   sim.ConnID
	conn   sim.ConnID
	up     bool
	server int // that it is connected to, or tries
	in     []byte
	open   *Op // without an answer yet
	next   sim.Time
	late   sim.Time // when it gives up waiting

	only *contract.Request // the only one that it makes, of the server that it was added for
}

// AddClient adds a client and starts it.
func (t *Trial) AddClient(c Client) {
	u := &user{
		t: t, c: c, work: registers.New(t.Config.Seed, c.Name, c.Mix),
		chance: t.World.Rand("client " + c.Name), next: sim.Never, late: sim.Never,
	}
	u.server = 1 + u.chance.Intn(t.Config.Servers)
	u.m = t.World.Add(c.Name, "client", func(*sim.Machine) sim.Program { return u })
	t.clients = append(t.clients, u)
	t.World.Start(u.m)
}

// Deadline is when it begins its next operation, or gives up the one under way.
func (u *user) Deadline() sim.Time { return min(u.next, u.late) }

// Step takes an event.
func (u *user) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	switch e.Kind {
	case sim.Boot:
		u.base, u.conn, u.up, u.in, u.open = e.Conn, 0, false, nil, nil
		u.next, u.late = max(now, u.c.Start), sim.Never
		if u.c.Start == 0 {
			u.next += u.pause()
		}
	case sim.Wake:
		if now >= u.late {
			u.ends(contract.Unknown)
			return u.leave(now, "", out)
		}
		if now >= u.next {
			u.next = sim.Never
			return u.begin(now, out)
		}
	case sim.Connected:
		if e.Conn == u.conn {
			u.up, u.late = true, sim.Never
			return u.begin(now, out)
		}
	case sim.Refused, sim.Closed:
		if e.Conn == u.conn {
			u.ends(contract.Unknown)
			u.conn = 0
			return u.leave(now, "", out)
		}
	case sim.Received:
		if s, ok := e.Msg.(*guest.Segment); ok && e.Conn == u.conn {
			u.in = append(u.in, s.Data...)
			return u.hear(now, out)
		}
	}
	return out
}

// hear takes the answers that have arrived.
func (u *user) hear(now sim.Time, out []sim.Effect) []sim.Effect {
	for len(u.in) >= 4 {
		n := int(binary.LittleEndian.Uint32(u.in))
		if len(u.in)-4 < n {
			break
		}
		a, ok := contract.ParseAnswer(u.in[4 : 4+n])
		u.in = u.in[4+n:]
		if !ok || u.open == nil || a.Number != u.open.number {
			continue
		}
		o := u.open
		o.Index, o.Version, o.Why = a.Index, a.Version, a.Why
		if a.Status == contract.OK && o.Do != contract.Write {
			o.Value = a.Value
		}
		u.ends(a.Status)
		if a.Status != contract.OK && o.Do != contract.Transfer {
			return u.leave(now, a.Leader, out)
		}
		u.done++
		u.next = now + max(1, u.pause())
	}
	return out
}

// pause is how long it waits before its next operation.
func (u *user) pause() sim.Time {
	if u.only != nil {
		return 0
	}
	return u.work.Pause()
}

// leave goes to another server: to the leader, if it is known.
func (u *user) leave(now sim.Time, leader string, out []sim.Effect) []sim.Effect {
	if u.conn != 0 {
		out = append(out, sim.Effect{Kind: sim.Close, Conn: u.conn})
	}
	u.conn, u.up, u.in, u.late = 0, false, nil, sim.Never
	if u.only != nil {
		return out
	}
	u.server = u.server%u.t.Config.Servers + 1
	if m := u.t.World.Find(leader); m != nil && u.t.server(m.ID) != nil {
		u.server = int(m.ID)
	}
	u.next = now + u.chance.Between(10*sim.Millisecond, 50*sim.Millisecond)
	return out
}

// begin begins the next operation; without a connection it connects first.
func (u *user) begin(now sim.Time, out []sim.Effect) []sim.Effect {
	if u.c.Most > 0 && u.done >= u.c.Most || u.c.Stop > 0 && now >= u.c.Stop {
		return out
	}
	patience := u.t.Config.Timeout
	u.late = now + patience
	if !u.up {
		if u.base++; u.c.Home != nil && !u.placed {
			u.server, u.placed = u.c.Home(u.t), true
		}
		u.conn = u.base
		return append(out, sim.Effect{
			Kind: sim.Dial, Conn: u.conn, To: sim.NodeID(u.server), Port: contract.PortClients,
			Span: patience,
		})
	}
	u.number++
	q := u.choose()
	q.Number = u.number
	u.open = &Op{
		Client: u.c.Name, Do: q.Do, Key: q.Key, Value: q.Value, CalledAt: u.t.World.Now(),
		CallIndex: u.t.World.Index(), ReturnedAt: -1, RetIndex: -1, Status: contract.Unknown,
		Server: serverName(u.server), number: u.number,
	}
	u.t.ops = append(u.t.ops, u.open)
	u.t.record(u.m, kindCall, u.open)
	s := &guest.Segment{Kind: "REQUEST", Data: q.Bytes()}
	return append(out, sim.Effect{Kind: sim.Send, Conn: u.conn, Msg: s})
}

func (u *user) choose() contract.Request {
	if u.only != nil {
		return *u.only
	}
	if u.c.Transfers > 0 && u.chance.Intn(100) < u.c.Transfers {
		q := contract.Request{Do: contract.Transfer}
		switch n := u.t.Config.Servers; {
		case u.c.Transfers == 100 && n > 1: // an operator names another server
			q.Key = serverName(1 + (u.server+u.chance.Intn(n-1))%n)
		case u.chance.Intn(2) == 0:
			q.Key = serverName(1 + u.chance.Intn(n))
		}
		return q
	}
	o := u.work.Next()
	if o.Read {
		q := contract.Request{Do: contract.Read, Key: o.Register}
		if u.c.Local {
			q.Do = contract.Local
		}
		return q
	}
	return contract.Request{Do: contract.Write, Key: o.Register, Value: o.Value}
}

// ends gives the open operation its outcome, if there is one.
func (u *user) ends(s contract.Status) {
	if o := u.open; o != nil {
		o.Status, o.ReturnedAt, o.RetIndex = s, u.t.World.Now(), u.t.World.Index()
		u.t.record(u.m, kindReturn, o)
	}
	u.open, u.late = nil, sim.Never
}

// giveUp ends the client's process: its open operation never gets an answer.
func (u *user) giveUp() { u.open = nil }

// Idle reports whether no client waits for an answer.
func (t *Trial) Idle() bool {
	for _, u := range t.clients {
		if u.m.Up() && u.open != nil {
			return false
		}
	}
	return true
}

// user returns the client on a machine, or nil.
func (t *Trial) user(id sim.NodeID) *user {
	if i := int(id) - len(t.servers); i >= 0 && i < len(t.clients) {
		return t.clients[i]
	}
	return nil
}

// Ops returns all operations, in the order of their calls.
func (t *Trial) Ops() []*Op { return t.ops }

// History returns the reads and writes for porcupine, which judges each register. It leaves out
// requests to hand the leadership over, and operations that certainly had no effect.
func (t *Trial) History() (h lin.History) {
	for _, o := range t.ops {
		op := lin.Operation{
			Client: lin.Client(o.Client), Path: lin.Path("/" + o.Key), Call: int64(o.CalledAt),
			Return: int64(o.ReturnedAt), CallPlace: o.CallIndex + 1, Place: max(0, o.RetIndex+1),
		}
		switch {
		case o.Do == contract.Write && o.Status != contract.Refused:
			op.Kind, op.Data, op.Version = lin.Set, o.Value, lin.AnyVersion
			op.Outcome = lin.Unknown
			if o.Status == contract.OK {
				op.Outcome = lin.OK
			}
		case o.Do == contract.Read && o.Status == contract.OK:
			op.Kind, op.Outcome, op.Result.Data = lin.Get, lin.OK, o.Value
			if o.Version == 0 { // never written
				op.Outcome, op.Code = lin.Failed, lin.NoNode
			}
		default:
			continue
		}
		h = append(h, op)
	}
	return h
}

// Ask sends a request to a server, from a separate client that sends only this request. If the
// server refuses the request or does not answer in time, the client does not try again.
func (t *Trial) Ask(server string, q contract.Request) {
	name := "Q" + strconv.Itoa(len(t.clients)+1)
	u := &user{
		t: t, c: Client{Name: name, Most: 1}, chance: t.World.Rand("client " + name), next: sim.Never,
		late: sim.Never, only: &q,
	}
	u.server = int(t.World.Find(server).ID)
	u.m = t.World.Add(name, "client", func(*sim.Machine) sim.Program { return u })
	t.clients = append(t.clients, u)
	t.World.Start(u.m)
}
