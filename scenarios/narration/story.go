package narration

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// Events converts a story to the events of a trace: clients' calls and answers, servers' messages,
// leaders, and faults. The events are in the order of their numbers, which are not consecutive.
// About the state of a server, the events say only whether the server leads and whether it is down.
func Events(s *engine.Story) (list []trace.Event) {
	t := teller{Story: s, words: narrator{run: &Recording{ClientOf: s.ClientOf}}}
	t.operations()
	t.packets()
	for i := range s.Heard {
		for k := range s.Heard[i].Events {
			t.notice(&s.Heard[i].Events[k])
		}
	}
	for i := range s.Reigns {
		t.reign(&s.Reigns[i])
	}
	for i := range s.Closings {
		c := &s.Closings[i]
		text := t.words.clientName(c.Session) + "'s session expires"
		t.add(c.Index, c.AppliedAt, trace.Event{
			N: "net", K: "session", Key: "expire", Say: text, Drawn: text + deletes(c.Paths),
		})
	}
	for i := range s.Faults {
		t.fault(&s.Faults[i])
	}
	slices.SortStableFunc(t.list, func(a, b trace.Event) int { return cmp.Compare(a.I, b.I) })
	t.atOnce()
	return t.list
}

// atOnce is the longest time between calls that count as made at the same moment, in µs.
const atOnce = 1_000

// atOnce sets the times of calls that follow each other closely to the time of the first, if no
// call took effect and no client got an answer or a notification in between. Their order is chance,
// so a diagram draws them in a par.
func (t *teller) atOnce() {
	first := int64(-1)
	for i := range t.list {
		switch e := &t.list[i]; {
		case e.K == "send" || e.K == "recv":
		case e.K != "op.call":
			first = -1
		case first >= 0 && e.T-first <= atOnce:
			e.T = first
		default:
			first = e.T
		}
	}
}

// teller collects the events of a story.
type teller struct {
	*engine.Story
	words narrator
	list  []trace.Event
	sent  uint64 // the number of messages so far
}

func (t *teller) add(index int64, at sim.Time, e trace.Event) {
	e.I, e.T, e.Cause, e.Say = index, int64(at), -1, trace.Clip(e.Say)
	e.Drawn = strings.ToValidUTF8(e.Drawn, "\ufffd")
	t.list = append(t.list, e)
}

// moment is an event's number and its time.
type moment struct {
	index int64
	at    sim.Time
}

// send adds the event of a message that is sent and, unless recv is negative, that of its arrival
// with the number recv.
func (t *teller) send(from, to string, m *trace.Message, drawn string, sent moment, recv int64) {
	t.sent++
	m.To = to
	t.add(sent.index, sent.at, trace.Event{
		N: from, K: "send", M: t.sent, Msg: m, Say: from + " sends " + m.Kind, Drawn: drawn,
	})
	if recv >= 0 {
		t.add(recv, sent.at, trace.Event{N: to, K: "recv", M: t.sent, Say: to + " gets " + m.Kind})
	}
}

// operations adds the events of all operations. Each appears twice: between its client and the
// ensemble, and between its client and that client's server.
func (t *teller) operations() {
	for _, o := range t.Ops {
		called, returned := moment{o.CallIndex, o.CalledAt}, moment{o.RetIndex, o.ReturnedAt}
		what := opWords(&o.Op)
		t.add(called.index, called.at, trace.Event{
			N: o.Client, K: "op.call", Drawn: Asked(&o.Op), Say: o.Client + " asks: " + what,
		})
		if o.Server != "" {
			t.send(o.Client, o.Server, &trace.Message{Kind: "REQUEST"}, Asked(&o.Op), called, -1)
		}
		if o.ApplyIndex >= 0 {
			t.add(o.ApplyIndex, o.AppliedAt, trace.Event{
				N: "net", K: "apply", Say: o.Client + "'s " + what + " takes effect",
			})
		}
		if o.RetIndex < 0 || o.Lost || !o.Done() {
			continue
		}
		t.add(returned.index, returned.at, trace.Event{
			N: o.Client, K: "op.ret", Drawn: told(o), Say: o.Client + " hears: " + told(o),
		})
		if o.Server != "" && (o.Outcome == client.OK || o.Outcome == client.Failed) {
			t.send(o.Server, o.Client, &trace.Message{Kind: "REPLY"}, told(o), returned, -1)
		}
	}
}

func (t *teller) notice(n *engine.Notice) {
	text := notified(n.Event)
	t.add(n.Index, n.At, trace.Event{
		N: n.Client, K: "watch.fire", Drawn: text, Say: n.Client + " hears: " + eventWords(n.Event),
	})
	if n.Server != "" {
		sent := moment{n.Index, n.At}
		t.send(n.Server, n.Client, &trace.Message{Kind: "EVENT"}, text, sent, -1)
	}
}

func (t *teller) packets() {
	for _, p := range t.Packets {
		from, to := engine.ServerName(p.From), engine.ServerName(p.To)
		m := &trace.Message{Kind: p.Message.Name(), Z: zxidText(p.Message.At())}
		t.send(from, to, m, t.words.drawnMessage(p.Message), moment{p.Send, p.SentAt}, p.Recv)
	}
}

func (t *teller) reign(r *engine.Reign) {
	who := engine.ServerName(r.Leader)
	t.add(r.Index, r.From, trace.Event{
		N: who, K: "role", Say: who + " is elected",
		Patch: trace.Patch{Role: "syncing", Epoch: &r.Epoch},
	})
	t.add(r.Index, r.From, trace.Event{
		N: who, K: "role", Key: "leader", Say: fmt.Sprintf("%s leads epoch %d", who, r.Epoch),
		Patch: trace.Patch{Role: "leading"},
	})
	if r.To < 0 {
		return
	}
	end := r.Index
	for i := range t.list {
		if t.list[i].T <= int64(r.To) {
			end = max(end, t.list[i].I)
		}
	}
	t.add(end, r.To, trace.Event{
		N: who, K: "role", Say: who + " no longer leads", Patch: trace.Patch{Role: "looking"},
	})
}

func (t *teller) fault(h *engine.Happened) {
	text := h.Fault.Action()
	kind := h.Fault.Kind.String()
	e := trace.Event{N: "net", K: kind, Key: kind, Say: text, Drawn: text}
	if len(h.Fault.Who) > 0 {
		e.N = h.Fault.Who[0]
	}
	switch h.Fault.Kind {
	case sim.FaultCrash, sim.FaultPower, sim.FaultWipe:
		e.Key, e.Patch.Role = "crash", "down"
	case sim.FaultRestart:
		e.Patch.Role = "looking"
	case sim.FaultPause:
		t.add(h.Index, h.At+h.Fault.Span, trace.Event{
			N: e.N, K: "resume", Key: "resume", Say: e.N + " resumes",
		})
	}
	t.add(h.Index, h.At, e)
}
