package narration

import (
	"io"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Recording is a simulated run whose world kept its records.
type Recording struct {
	World    *sim.World
	Nodes    []trace.Node               // the machines of the world
	Ops      []*engine.Op               // OpCalled.Op and OpReturned.Op are indices of it
	ClientOf func(session int64) string // names a session's client; empty if unknown
}

// WriteTrace writes a trace of the first n records to out. It adds the nodes and explanations to
// the header h, and the time and the operations to the end line.
func (run *Recording) WriteTrace(
	out io.Writer, h trace.Header, n int, end trace.End, v *trace.Verdict,
) error {
	h.Nodes, h.Why = run.Nodes, Whys()
	w := trace.NewWriter(out, &h)
	run.Events(n, func(event *trace.Event) {
		w.Add(event)
		end.T = event.T
	})
	for _, o := range run.Ops {
		if o.CallIndex >= int64(n) {
			break
		}
		op := trace.Op{
			Client: o.Client, What: o.Op.Type.String(), Path: o.Op.Path, Call: o.CallIndex,
			Return: o.RetIndex, Status: "unknown", Apply: -1,
		}
		if o.AppliedAt >= 0 && o.AppliedZ != 0 && o.ApplyIndex < int64(n) {
			op.Z, op.Apply = o.AppliedZ.String(), o.ApplyIndex
		}
		if o.RetIndex >= int64(n) {
			op.Return = -1
		}
		switch o.Outcome.String() {
		case "ok":
			op.Status = "ok"
		case "failed", "not sent":
			op.Status = "err"
		}
		end.Ops = append(end.Ops, op)
	}
	return w.End(&end, v)
}

// Events calls the function do with an event for each of the first n records, in order. An event
// has the number of its record. The event is valid only until do returns.
func (run *Recording) Events(n int, do func(*trace.Event)) {
	records := run.World.Records()
	t := &narrator{run: run}
	for i := range records[:min(n, len(records))] {
		event := t.event(&records[i])
		do(&event)
	}
}

// narrator converts records, one after the other, to events of a trace.
type narrator struct {
	run     *Recording
	ended   map[int64]bool // by session: whether its end is drawn
	deleted string         // text for the nodes that the last session's end deletes
}

func (t *narrator) name(id sim.NodeID) string {
	if m := t.run.World.Machine(id); m != nil {
		return m.Name
	}
	return "net"
}

func (t *narrator) isClient(id sim.NodeID) bool {
	m := t.run.World.Machine(id)
	return m != nil && m.Kind == "client"
}

func (t *narrator) event(r *sim.Record) trace.Event {
	v := trace.Event{
		I: r.Index, T: int64(r.At), N: t.name(r.Node), K: KindName(r.Kind), Cause: r.Cause,
	}
	switch r.Kind {
	case sim.KindSend, sim.KindRecv, sim.KindDrop:
		v.M = r.Number
	case sim.KindOpen, sim.KindClose:
		if _, fault := r.Body.(sim.Fault); !fault {
			v.K = sim.KindNote.String()
		}
	}
	if r.Kind == sim.KindSend {
		v.Msg = t.message(r)
	}
	v.Patch = t.patch(r)
	say, why, key := t.say(r)
	v.Say, v.Why, v.Key = trace.Clip(say), why, key
	v.Drawn = strings.ToValidUTF8(t.drawn(r), "\ufffd")
	t.write(&v, r)
	return v
}

func (t *narrator) message(r *sim.Record) *trace.Message {
	m := &trace.Message{
		To: t.name(r.To), Kind: r.Message.Name(), Bytes: r.Message.Size(), At: int64(r.Arrive),
	}
	switch b := r.Message.(type) {
	case zab.Message:
		m.Z, m.Epoch = zxidText(b.At()), b.At().Epoch()
		if b.At() == zab.NoZxid {
			m.Epoch = 0
		}
	case *tree.Reply:
		m.Z = zxidText(zab.Zxid(b.Zxid))
	}
	return m
}

func zxidText(z zab.Zxid) string {
	if z == 0 || z == zab.NoZxid {
		return ""
	}
	return z.String()
}
