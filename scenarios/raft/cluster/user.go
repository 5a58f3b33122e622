package main

import (
	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// request is a client's message to a server, answer the server's message to the client.
type request struct {
	number     uint64
	read       bool
	local      bool
	key, value string
}

func (q *request) Name() string { return "REQUEST" }
func (q *request) Size() int    { return 16 + len(q.key) + len(q.value) }
func (q *request) Key() uint64  { return q.number ^ sim.HashString(q.key+q.value) }

type answer struct {
	number  uint64
	ok      bool
	refused bool
	leader  int // server number; 0 if unknown
	value   string
	version uint64
}

func (a *answer) Name() string { return "REPLY" }
func (a *answer) Size() int    { return 24 + len(a.value) }
func (a *answer) Key() uint64  { return a.number<<1 ^ a.version<<32 ^ sim.HashString(a.value) }

// user is a client: an ordinary program of the world.
type user struct {
	l      *lab
	c      *task.Client
	m      *sim.Machine
	rand   *sim.Rand // for its pauses between servers
	work   *registers.Program
	did    int // number of operations done
	conn   sim.ConnID
	base   sim.ConnID
	up     bool
	server int      // its number; 0 before the first choice
	op     *task.Op // in progress
	number uint64
	wakeAt sim.Time
	lateAt sim.Time // when the wait for an answer or a connection ends
}

func newUser(l *lab, c *task.Client) *user {
	u := &user{
		l: l, c: c, rand: l.w.Rand("client " + c.Name), work: c.Program(l.s.Seed),
		server: max(0, c.Home), wakeAt: sim.Never, lateAt: sim.Never,
	}
	u.m = l.w.Add(c.Name, "client", func(*sim.Machine) sim.Program { return u })
	return u
}

func (u *user) Deadline() sim.Time { return min(u.wakeAt, u.lateAt) }

func (u *user) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	switch e.Kind {
	case sim.Boot:
		u.base, u.up, u.op = e.Conn, false, nil
		u.wakeAt = max(now, u.c.Start)
	case sim.Wake:
		if now >= u.lateAt {
			u.lateAt = sim.Never
			if u.op != nil {
				u.done(now, task.Unknown)
			}
			return u.leave(now, 0, out)
		}
		if now >= u.wakeAt {
			u.wakeAt = sim.Never
			return u.next(now, out)
		}
	case sim.Connected:
		if e.Conn == u.conn {
			u.up = true
			return u.next(now, out)
		}
	case sim.Refused, sim.Closed:
		if e.Conn == u.conn {
			if u.op != nil {
				u.done(now, task.Unknown)
			}
			u.conn, u.up = 0, false
			return u.leave(now, 0, out)
		}
	case sim.Received:
		a, ok := e.Msg.(*answer)
		if !ok || e.Conn != u.conn || u.op == nil || a.number != u.number {
			return out
		}
		u.op.Server, u.op.Version = u.server, a.version
		switch {
		case a.ok:
			if u.op.Read {
				u.op.Value = a.value
			}
			u.done(now, task.OK)
			u.did++
			u.wakeAt = now + u.work.Pause()
		case a.refused:
			u.done(now, task.Failed)
			return u.leave(now, a.leader, out)
		default:
			u.done(now, task.Unknown)
			return u.leave(now, a.leader, out)
		}
	}
	return out
}

// leave changes to another server: to the leader, if that is known.
func (u *user) leave(now sim.Time, leader int, out []sim.Effect) []sim.Effect {
	if u.conn != 0 {
		out = append(out, sim.Effect{Kind: sim.Close, Conn: u.conn})
	}
	u.conn, u.up, u.lateAt = 0, false, sim.Never
	if u.server = u.server%u.l.s.Servers + 1; leader != 0 {
		u.server = leader
	}
	u.wakeAt = now + u.rand.Between(10*sim.Millisecond, 50*sim.Millisecond)
	return out
}

// next begins the client's next operation; without a connection it connects first.
func (u *user) next(now sim.Time, out []sim.Effect) []sim.Effect {
	if u.c.Stop > 0 && now >= u.c.Stop || u.c.Most > 0 && u.did >= u.c.Most {
		return out
	}
	patience := u.l.s.Timeout
	if !u.up {
		if u.conn == 0 {
			if u.server == 0 {
				u.server = u.home()
			}
			u.base++
			u.conn = u.base
			u.lateAt = now + patience
			out = append(out, sim.Effect{
				Kind: sim.Dial, Conn: u.conn, To: sim.NodeID(u.server), Port: portClient,
				Span: patience,
			})
		}
		return out
	}
	u.number++
	o := u.work.Next()
	q := &request{
		number: u.number, key: o.Register, value: o.Value, read: o.Read,
		local: u.c.Way == task.Local,
	}
	u.op = &task.Op{
		Client: u.c.Name, Key: o.Register, Value: o.Value, Read: o.Read, Call: now, Return: -1,
		Outcome: task.Unknown, Server: u.server,
	}
	u.lateAt = now + patience
	return append(out, sim.Effect{Kind: sim.Send, Conn: u.conn, Msg: q})
}

// home is the client's first server: the leader, unless the client only reads locally.
func (u *user) home() int {
	leader := u.l.leader()
	if leader > 0 && u.c.Home < 0 && u.c.Way == task.Local {
		return leader%u.l.s.Servers + 1
	}
	return max(1, leader)
}

func (u *user) done(now sim.Time, o task.Outcome) {
	u.op.Outcome = o
	u.op.Return = now
	u.l.result.Ops = append(u.l.result.Ops, *u.op)
	u.op, u.lateAt = nil, sim.Never
}

// giveUp records an operation without an answer, at the end of the run.
func (u *user) giveUp() {
	if u.op != nil {
		u.l.result.Ops = append(u.l.result.Ops, *u.op)
	}
}
