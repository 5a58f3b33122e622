package trial

import (
	"fmt"
	"io"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Header returns the header for a trace of the run. The caller names the scenario and its faults.
func (t *Trial) Header() trace.Header {
	c := &t.Config
	h := trace.Header{
		Commit: "unknown", Seed: c.Seed,
		Config: []trace.Setting{
			{Key: "servers", Number: int64(c.Servers)},
			{Key: "heartbeat_us", Number: int64(c.Heartbeat)},
			{Key: "election_us", Number: int64(c.Election)},
			{Key: "engine", Word: t.Library.Name()},
		},
		Why: []trace.Explanation{{Key: "raft", Text: "This is " + t.Library.Name() +
			". Its log positions are written term/index."}},
	}
	for _, m := range t.World.Machines() {
		h.Nodes = append(h.Nodes, trace.Node{ID: m.Name, Kind: m.Kind})
	}
	return h
}

// WriteTrace writes the run in the format zablab.trace/1. Its records must have been kept.
func (t *Trial) WriteTrace(out io.Writer, h trace.Header, end trace.End) error {
	w := trace.NewWriter(out, &h)
	t.Events(func(e *trace.Event) {
		w.Add(e)
		end.T = e.T
	})
	for _, o := range t.ops {
		op := trace.Op{
			Client: o.Client, What: o.what(), Path: "/" + o.Key, Call: o.CallIndex,
			Return: o.RetIndex, Status: "unknown",
		}
		switch o.Status {
		case contract.OK:
			op.Status = "ok"
		case contract.Refused:
			op.Status = "err"
		}
		end.Ops = append(end.Ops, op)
	}
	return w.End(&end, &trace.Verdict{})
}

// Records returns the number of records that were kept.
func (t *Trial) Records() int { return len(t.World.Records()) }

// Record returns the history of the clients' operations, in the form that a judge reads
// ([lin.Record]).
func (t *Trial) Record() lin.Record { return lin.Record{Ops: t.History()} }

// what is the operation in ZooKeeper's words, which traces have.
func (o *Op) what() string {
	switch o.Do {
	case contract.Write:
		return "setData"
	case contract.Transfer:
		return "sync"
	}
	return "getData"
}

// words returns the operation in words.
func (o *Op) words() string {
	switch o.Do {
	case contract.Write:
		return fmt.Sprintf("set %s to %s", o.Key, o.Value)
	case contract.Transfer:
		if o.Key == "" {
			return "hand over the leadership"
		}
		return "hand over the leadership to " + o.Key
	}
	return "get " + o.Key
}

// outcome is the answer, as a person says it.
func (o *Op) outcome() string {
	switch {
	case o.Status == contract.Refused:
		return "refused: " + o.Why
	case o.Status != contract.OK && o.Why != "":
		return "unknown: " + o.Why
	case o.Status != contract.OK:
		return "no answer"
	case o.Do == contract.Read:
		return fmt.Sprintf("%q", o.Value)
	}
	return "ok"
}

// Events calls the function do once for each record, in order, with an event made from the record.
func (t *Trial) Events(do func(*trace.Event)) {
	records, terms := t.World.Records(), make(map[string]uint32)
	for i := range records {
		e := t.event(&records[i])
		learnTerm(&e, &records[i], terms)
		do(&e)
	}
}

// learnTerm adds to an event the term that its server has reached. The library tells its term with
// its role only, and a follower keeps its role from one leader to the next; but an entry that a
// server applies is never of a later term than its own.
func learnTerm(e *trace.Event, r *sim.Record, terms map[string]uint32) {
	switch b := r.Body.(type) {
	case Became:
		terms[e.N] = uint32(b.Term) // lower than before if its disk was wiped
	case Took:
		if term := uint32(b.Term); term > terms[e.N] {
			terms[e.N] = term
			e.Patch.Epoch = &term
		}
	}
}

// names of the kinds that the trial adds.
var kindNames = map[sim.RecordKind]string{
	kindRole: "role", kindCommit: "commit", kindCall: "op.call", kindReturn: "op.ret",
}

func (t *Trial) name(id sim.NodeID) string {
	if m := t.World.Machine(id); m != nil {
		return m.Name
	}
	return "net"
}

// event describes a record as an event of a trace.
func (t *Trial) event(r *sim.Record) trace.Event {
	who := t.name(r.Node)
	kind := r.Kind.String()
	if name, ok := kindNames[r.Kind]; ok {
		kind = name
	}
	e := trace.Event{
		I: r.Index, T: int64(r.At), N: who, K: kind, Cause: r.Cause, Why: "raft",
		Say: kind + " at " + who,
	}
	if r.Text != "" {
		e.Say = r.Text
	}
	switch r.Kind {
	case sim.KindSend, sim.KindRecv, sim.KindDrop:
		t.message(&e, r, who)
	case sim.KindRestart:
		e.Key, e.Say = "restart", who+" starts again"
	case sim.KindResume:
		e.Key, e.Say = "resume", who+" goes on"
	case sim.KindTimerFire:
		e.Say = "a timer of " + who + " is due"
	case sim.KindFsync:
		e.Say = "an fsync of " + who + " is complete"
	case sim.KindOpen, sim.KindClose:
		if _, fault := r.Body.(sim.Fault); !fault {
			e.K = sim.KindNote.String()
		}
	}
	t.body(&e, r, who)
	if len(e.Say) > trace.MaxSay {
		e.Say = e.Say[:trace.MaxSay-3] + "..."
	}
	return e
}

// message tells the sending, the arrival or the loss of a message.
func (t *Trial) message(e *trace.Event, r *sim.Record, who string) {
	e.M = r.Number
	way := map[sim.RecordKind]string{
		sim.KindSend: "%s sends %s to %s", sim.KindRecv: "%s gets %s from %s",
		sim.KindDrop: "%s loses %s of %s",
	}[r.Kind]
	e.Say = fmt.Sprintf(way, who, r.Message.Name(), t.name(r.To))
	if s, ok := r.Message.(*guest.Segment); ok && r.Kind == sim.KindSend {
		e.Msg = &trace.Message{
			To: t.name(r.To), Kind: s.Kind, Z: s.Place, Bytes: s.Size(), At: int64(r.Arrive),
		}
	}
}

// body describes what the trial, or a fault, has added to a record.
func (t *Trial) body(e *trace.Event, r *sim.Record, who string) {
	switch b := r.Body.(type) {
	case Became:
		term := uint32(b.Term)
		e.Patch.Role = map[string]string{
			leading: "leading", "candidate": "looking", "follower": "following",
		}[b.Role]
		e.Patch.Epoch = &term
		e.Say = fmt.Sprintf("%s has the role %s in term %d", who, b.Role, b.Term)
		if b.Role == leading {
			e.Say = fmt.Sprintf("%s leads term %d", who, b.Term)
			e.Key, e.Drawn = "leader", fmt.Sprintf("leads term %d", b.Term)
		}
	case Took:
		at := position{b.Term, b.Index}.String()
		e.Patch.Com = &at
		e.Say = fmt.Sprintf("%s applies %s: %s=%s", who, at, b.Key, b.Value)
		if b.Restored {
			e.Say = fmt.Sprintf("%s restores a snapshot at %s", who, at)
		} else if b.Key != "" {
			e.Patch.Tree = []trace.TreeChange{{Path: "/" + b.Key, Data: b.Value, Mz: at}}
		}
	case *Op:
		e.Say, e.Drawn = fmt.Sprintf("%s: %s", who, b.words()), b.words()
		if r.Kind == kindReturn {
			e.Say = fmt.Sprintf("%s: %s: %s", who, b.words(), b.outcome())
			e.Drawn = b.outcome()
		}
	case sim.Fault:
		e.Key, e.Drawn = b.Kind.String(), b.Action()
		switch b.Kind {
		case sim.FaultCrash, sim.FaultPower, sim.FaultWipe: // its registers were only in memory
			e.Key, e.Patch.Role, e.Patch.Wipe = "crash", "down", true
		case sim.FaultSplit:
			e.Patch.Groups = b.Groups
		case sim.FaultHeal:
			e.Patch.Groups = [][]string{}
		}
	}
}
