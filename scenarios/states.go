package scenarios

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// learnt maps a drawn event, such as the loss of a connection, to the state that the client is
// told.
var learnt = map[script.OccurrenceKind]client.State{
	script.LearnsLoss: client.Disconnected, script.LearnsExpiry: client.Expired,
	script.LearnsConnection: client.Connected,
}

// lookState finds the moment after a record at which a client is told the drawn state of its
// connection.
func (p *player) lookState(h *script.Occurrence, after int64) found {
	for _, s := range p.e.Actor(h.Client).States() {
		if s.Index > after && s.State == learnt[h.What] {
			return found{ok: true, op: -1, at: s.At, index: s.Index}
		}
	}
	return found{op: -1}
}

// whyNotLearnt returns the reason why a client did not learn the drawn state of its connection.
func (p *player) whyNotLearnt(h *script.Occurrence) string {
	c := p.e.Actor(h.Client)
	if !c.Up() {
		return h.Client + " is down"
	}
	library := p.spec.Stage.Library
	is, closed := state(c), p.closed(c.Session())
	switch {
	case h.What == script.LearnsExpiry && closed:
		return fmt.Sprintf(
			"the session of %s is over, but %[1]s is %s and can learn this only from a server",
			h.Client, library.Word(is))
	case h.What == script.LearnsExpiry:
		return fmt.Sprintf("the session of %s did not expire within %s", h.Client, p.e.GiveUp())
	}
	return fmt.Sprintf("%s stayed %s for %s", h.Client, library.Word(is), p.e.GiveUp())
}

// returns reports whether a client that was cut off can reach the servers again for this call,
// because the drawn answer can only come from a server.
func (p *player) returns(a *script.Act) bool {
	if !p.apart[a.From] || !p.supplies(a.Expect) {
		return false
	}
	if a.Answer == nil {
		return true
	}
	r := &a.Answer.Reply
	return p.supplies(a.Answer.Expect) && r.Outcome != script.Unanswered &&
		r.Code != tree.ConnectionLoss
}

// mend heals the links between the servers and a client that the drawing cut off. It returns a
// sentence for the reader.
func (p *player) mend(who string) (told string) {
	delete(p.apart, who)
	for _, server := range p.e.ServerNames() {
		for _, f := range []sim.Fault{sim.Mend(who, server), sim.Mend(server, who)} {
			if err := p.e.Apply(f); err != nil {
				return who + " stays cut off: " + err.Error()
			}
		}
	}
	return who + " reaches the servers again"
}
