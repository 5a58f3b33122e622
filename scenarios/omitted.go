package scenarios

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// Omitted is an event that the drawing does not show, and that had to happen before an arrow could:
// an election, a connection, the end of a session.
type Omitted struct {
	What OmittedKind `json:"what"`
	Us   sim.Time    `json:"us"`  // how long it took, in µs
	Say  string      `json:"say"` // in a sentence
}

// OmittedKind is the kind of an undrawn event.
type OmittedKind string

// These are the kinds of undrawn events.
const (
	OmittedExpiry    OmittedKind = "session-expiry"
	OmittedElection  OmittedKind = "election"
	OmittedReconnect OmittedKind = "reconnect"
	OmittedConnect   OmittedKind = "connect"
	OmittedLag       OmittedKind = "lag"
)

// between returns what happened to a client between an action and a later moment: elections, and
// connections that the client made.
func (p *player) between(from action, to sim.Time, who string) (list []Omitted) {
	for i, r := range p.e.Reigns() {
		if r.Index > from.index && r.From <= to {
			list = append(list, p.election(i, from))
		}
	}
	if c := p.e.Actor(who); c != nil {
		list = append(list, reconnects(c, from, to)...)
	}
	return list
}

// reconnects returns the connections that a client made between an action and a later moment.
func reconnects(c engine.Actor, from action, to sim.Time) (list []Omitted) {
	lost := sim.Time(-1)
	for _, s := range c.States() {
		switch {
		case s.At > to:
			return list
		case s.State == client.Disconnected:
			lost = s.At
		case s.State == client.Connected && s.Index > from.index && lost < 0:
			list = append(list, Omitted{OmittedConnect, s.At - from.at, fmt.Sprintf(
				"%s had to connect first, which took %s", c.Who(), (s.At - from.at).Brief())})
		case s.State == client.Connected && s.Index > from.index:
			list = append(list, Omitted{OmittedReconnect, s.At - lost, fmt.Sprintf(
				"%s lost its connection and reconnected %s later", c.Who(), (s.At - lost).Brief())})
			lost = -1
		case s.State == client.Connected:
			lost = -1
		}
	}
	return list
}

// election describes the election that started reign i.
func (p *player) election(i int, from action) Omitted {
	r := p.e.Reigns()[i]
	since := from.at
	for _, old := range p.e.Reigns()[:i] {
		if old.To >= 0 {
			since = max(since, old.To)
		}
	}
	if since > r.From {
		since = from.at
	}
	duration := r.From - since
	return Omitted{OmittedElection, duration, fmt.Sprintf(
		"the servers took %s to elect %s for epoch %d", duration.Brief(),
		engine.ServerName(r.Leader), r.Epoch)}
}

// causes returns what delayed the effect of a transaction, a notification or the end of a node,
// since the last action of the drawing. An undrawn end of a session may be part of this.
func (p *player) causes(f *found, who string, a *script.Act) (list []Omitted) {
	if f.zxid == 0 {
		return nil
	}
	for i := range p.e.Ops() {
		o := p.e.Ops()[i]
		if o.AppliedAt >= 0 && o.AppliedZ == f.zxid {
			return p.between(action{at: o.CalledAt, index: o.CallIndex - 1}, f.at, who)
		}
	}
	for i := range p.e.Closings() {
		c := &p.e.Closings()[i]
		if c.Zxid != f.zxid {
			continue
		}
		from := p.since(c.Index)
		if a.DrawsExpiry() {
			p.known[c.Zxid] = true
		}
		if c.Why == engine.TimedOut && !p.known[c.Zxid] {
			list = append(list, p.expiry(c, from))
		}
		return append(list, p.between(from, f.at, who)...)
	}
	return nil
}

// expiry describes a session that timed out.
func (p *player) expiry(c *engine.Closing, from action) Omitted {
	name := p.e.ClientOf(c.Session)
	timeout := p.spec.Timeout(name)
	return Omitted{OmittedExpiry, c.AppliedAt - from.at, fmt.Sprintf(
		"%s's session had to expire first: its timeout is %s, and the leader had not heard "+
			"from %[1]s for %[3]s", name, timeout, c.Silent.Brief())}
}
