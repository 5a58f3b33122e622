package main

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/raft/spec"
	"github.com/zablab/zablab/sim"
)

// request is what a client asks of a server, and answer what it gets.
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
	leader  int // who leads, if it is known
	value   string
	version uint64
}

func (a *answer) Name() string { return "REPLY" }
func (a *answer) Size() int    { return 24 + len(a.value) }
func (a *answer) Key() uint64  { return a.number<<1 ^ a.version<<32 ^ sim.HashString(a.value) }

// user is a client: a program like any other of the world's.
type user struct {
	l      *lab
	c      *spec.Client
	m      *sim.Machine
	rand   *sim.Rand
	conn   sim.ConnID
	base   sim.ConnID
	up     bool
	server int
	op     *spec.Op // under way
	number uint64
	wakeAt sim.Time
	lateAt sim.Time // when it has waited long enough for an answer, or for a connection
}

func newUser(l *lab, c *spec.Client) *user {
	u := &user{l: l, c: c, rand: l.w.Rand("client " + c.Name), server: max(1, c.Home), wakeAt: sim.Never, lateAt: sim.Never}
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
				u.done(now, spec.Unknown)
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
				u.done(now, spec.Unknown)
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
			u.done(now, spec.OK)
			u.wakeAt = now + u.pause()
		case a.refused:
			u.done(now, spec.Failed)
			return u.leave(now, a.leader, out)
		default:
			u.done(now, spec.Unknown)
			return u.leave(now, a.leader, out)
		}
	}
	return out
}

// pause is drawn, so that clients do not keep step.
func (u *user) pause() sim.Time {
	if u.c.Pause == 0 {
		return 0
	}
	return u.rand.Between(u.c.Pause/2, u.c.Pause*3/2)
}

// leave goes to another server: to who leads, if that is told.
func (u *user) leave(now sim.Time, leader int, out []sim.Effect) []sim.Effect {
	if u.conn != 0 {
		out = append(out, sim.Effect{Kind: sim.Close, Conn: u.conn})
	}
	u.conn, u.up, u.lateAt = 0, false, sim.Never
	if !u.c.Stays {
		if u.server = u.server%u.l.s.Servers + 1; leader != 0 {
			u.server = leader
		}
	}
	u.wakeAt = now + u.rand.Between(10*sim.Millisecond, 50*sim.Millisecond)
	return out
}

// next begins an operation, or connects first.
func (u *user) next(now sim.Time, out []sim.Effect) []sim.Effect {
	if u.c.Stop > 0 && now >= u.c.Stop {
		return out
	}
	patience := u.l.s.Timeout
	if !u.up {
		if u.conn == 0 {
			u.base++
			u.conn = u.base
			u.lateAt = now + patience
			out = append(out, sim.Effect{Kind: sim.Dial, Conn: u.conn, To: sim.NodeID(u.server), Port: portClient, Span: patience})
		}
		return out
	}
	u.number++
	key := fmt.Sprintf("r%d", u.rand.Intn(max(1, u.c.Keys)))
	q := &request{number: u.number, key: key, read: u.rand.Intn(100) < u.c.Reads, local: u.c.Stays}
	u.op = &spec.Op{Client: u.c.Name, Key: key, Read: q.read, Call: now, Return: -1, Outcome: spec.Unknown, Server: u.server}
	if !q.read {
		q.value = fmt.Sprintf("%s%d", u.c.Name, u.number)
		q.value += strings.Repeat("x", max(0, u.c.Size-len(q.value)))
		u.op.Value = q.value
	}
	u.lateAt = now + patience
	return append(out, sim.Effect{Kind: sim.Send, Conn: u.conn, Msg: q})
}

func (u *user) done(now sim.Time, o spec.Outcome) {
	u.op.Outcome = o
	u.op.Return = now
	u.l.result.Ops = append(u.l.result.Ops, *u.op)
	u.op, u.lateAt = nil, sim.Never
}

// giveUp notes what was still under way at the end.
func (u *user) giveUp() {
	if u.op != nil {
		u.l.result.Ops = append(u.l.result.Ops, *u.op)
	}
}
