package scenarios

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// drawnAnswer is a server's answer to a client that an arrow has shown.
type drawnAnswer struct {
	line   int
	server zab.ID // that sent it
	sent   int64  // the record of its sending, or -1 if the run has no records
	came   int64  // the record of its arrival
	zxid   zab.Zxid
	client string
	above  int // how many messages are drawn above it
}

// answered returns the record in which a server sent the answer to an operation, and that server;
// false if the run has no records, or if no server answered.
func (p *player) answered(o *engine.Op) (send int64, server zab.ID, ok bool) {
	if p.sim == nil || o.RetIndex < 0 {
		return -1, 0, false
	}
	records := p.sim.World.Records()
	if o.RetIndex >= int64(len(records)) {
		return -1, 0, false
	}
	for i := o.RetIndex; i >= 0; i = records[i].Cause {
		r := &records[i]
		if _, reply := r.Message.(*tree.Reply); reply && r.Kind == sim.KindSend {
			return i, r.Node, true
		}
	}
	return -1, 0, false
}

// answerer returns the name of the server that answered an operation, or "" if it is unknown or if
// no server answered.
func (p *player) answerer(i int) string {
	o := p.e.Ops()[i]
	if !o.Done() || o.Lost || o.Outcome != client.OK && o.Outcome != client.Failed ||
		!o.Code.Definite() {
		return ""
	}
	if _, server, ok := p.answered(o); ok {
		return engine.ServerName(server)
	}
	if c := p.calls[i]; o.Server == "" && c != nil {
		return c.by
	}
	return o.Server
}

// notifier returns the name of the server that sent an event to a client, or "" if it is unknown.
func (p *player) notifier(who string, event int) string {
	c := p.e.Actor(who)
	if event < 0 || event >= len(c.Events()) {
		return ""
	}
	e := &c.Events()[event]
	if e.Server != "" {
		return e.Server
	}
	m, ok := c.(engine.Mover)
	for _, s := range c.States() {
		ok = ok && s.Index <= e.Index // it may be connected to another server now
	}
	if !ok {
		return ""
	}
	return m.Server()
}

// otherServer says that another server than the drawn one has answered or notified a client; empty
// if that is not so. by is the server that has done so.
func (p *player) otherServer(a *script.Act, by string) string {
	if !p.isServer(a.From) || by == "" || by == a.From {
		return ""
	}
	return p.spec.Cast.Drawn(p.roleOf(by))
}

// calledAt reports whether the drawing shows that a call is made to this server. If its client has
// reconnected, another server answers, and the verdict says so.
func (p *player) calledAt(server string, op int) bool {
	c := p.calls[op]
	return c != nil && c.a.To == server
}

// isServer reports whether a name is a server's.
func (p *player) isServer(name string) bool {
	return len(name) == 2 && name[0] == 'S' && name[1] >= '1' && name[1] <= '9'
}

// roleOf returns the participant that a server is drawn as, such as Leader: the opposite of role.
func (p *player) roleOf(server string) string {
	for _, name := range p.spec.Cast.Order {
		if p.roles[name] == server {
			return name
		}
	}
	return server
}

// show adds an answer to the lanes: messages drawn below it may contradict it.
func (p *player) show(x *expectation, l *lanes) {
	send, server, ok := p.answered(p.e.Ops()[x.op])
	if !ok {
		send = -1
		if by := p.answerer(x.op); p.isServer(by) {
			server = zab.ID(by[1] - '0')
		}
	}
	o := p.e.Ops()[x.op]
	l.answers = append(l.answers, drawnAnswer{line: x.a.Pos.Line, server: server, sent: send,
		came: o.RetIndex, zxid: o.AppliedZ, client: x.a.To, above: len(l.drawn)})
}

// refutes returns an answer shown above that a message, drawn below it, came before; nil if there
// is none. The message came before it on the lane of the server that answered, or it brought about
// the write that was answered.
func (l *lanes) refutes(m *drawnMessage, quorum int) *drawnAnswer {
	for i := range l.answers {
		a := &l.answers[i]
		if a.zxid != 0 && l.broughtAbout(a, m) || a.sent >= 0 && l.cameBefore(a, m, quorum) {
			return a
		}
	}
	return nil
}

// broughtAbout reports whether a message is the proposal of the write that was answered, and no
// other such proposal is drawn above the answer.
func (l *lanes) broughtAbout(a *drawnAnswer, m *drawnMessage) bool {
	_, proposal := m.message.(*zab.Proposal)
	return proposal && m.message.At() == a.zxid && m.send < a.came && !l.likeAbove(a, m)
}

// likeAbove reports whether a message to another server that needs no order with m is drawn above
// an answer.
func (l *lanes) likeAbove(a *drawnAnswer, m *drawnMessage) bool {
	for i := range l.drawn[:a.above] {
		if d := &l.drawn[i]; d.from == m.from && alike(d, m) {
			return true
		}
	}
	return false
}

// cameBefore reports whether a message came before an answer on the lane of the server that
// answered. An acknowledgement counts only if the write waited for it.
func (l *lanes) cameBefore(a *drawnAnswer, m *drawnMessage, quorum int) bool {
	switch m.message.(type) {
	case *zab.Proposal, *zab.Commit, *zab.Inform, *zab.Request:
		return m.to == a.server && m.recv < a.sent ||
			m.from == a.server && m.send < a.sent && !l.likeAbove(a, m)
	case *zab.Ack:
		if m.from == a.server {
			return m.send < a.sent && m.message.At() <= a.zxid
		}
		return m.to == a.server && m.recv < a.sent && a.zxid != 0 && m.message.At() >= a.zxid &&
			l.acknowledged(a) < quorum
	}
	return false
}

// acknowledged returns how many servers have acknowledged the write of an answer in the messages
// above it, the server that answered included.
func (l *lanes) acknowledged(a *drawnAnswer) int {
	have := zab.SetOf(a.server)
	for i := range l.drawn[:a.above] {
		d := &l.drawn[i]
		if _, ok := d.message.(*zab.Ack); ok && d.to == a.server && d.message.At() >= a.zxid {
			have |= zab.SetOf(d.from)
		}
	}
	return have.Len()
}

// beforeAnswer says that a message was sent before an answer that is drawn above the message.
func beforeAnswer(at string, a *drawnAnswer) string {
	return fmt.Sprintf("sent at %s, before the answer to %s in line %d", at, a.client, a.line)
}
