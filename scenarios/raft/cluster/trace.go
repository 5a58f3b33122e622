package main

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/hashicorp/go-msgpack/v2/codec"
	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// The bodies of the records that package cluster adds to the world's.
type (
	// role is a server's new state.
	role struct {
		state string
		term  uint64
	}
	// took is a write that a server has applied to its registers.
	took struct {
		index, term uint64
		key         string
		register
	}
)

// note adds a record to the run.
func (n *node) note(kind sim.RecordKind, key uint64, body any) {
	if r := n.lab.w.Emit(kind, n.m.ID, key); r != nil {
		r.Body = body
	}
}

// position is the term/index of the last entry of an AppendEntries; empty for any other message.
func position(data []byte) string {
	var req raft.AppendEntriesRequest
	if len(data) == 0 || data[0] != 0 ||
		codec.NewDecoderBytes(data[1:], handle).Decode(&req) != nil || len(req.Entries) == 0 {
		return ""
	}
	last := req.Entries[len(req.Entries)-1]
	return fmt.Sprintf("%d/%d", last.Term, last.Index)
}

// written is the trace of the run (zablab.trace/1).
func (l *lab) written() string {
	var b bytes.Buffer
	h := trace.Header{
		Commit: "unknown", Scenario: "raft", Title: "hashicorp/raft under a plan", Seed: l.s.Seed,
		Config: []trace.Setting{
			{Key: "servers", Number: int64(l.s.Servers)},
			{Key: "heartbeat_us", Number: int64(l.s.Heartbeat)},
			{Key: "election_us", Number: int64(l.s.Election)},
			{Key: "engine", Word: "hashicorp/raft"},
		},
		Why: []trace.Explanation{{
			Key: "raft", Text: "This is hashicorp/raft. Its log positions are written term/index.",
		}},
	}
	for line := range strings.Lines(l.s.Plan) {
		h.Actions = append(h.Actions, strings.TrimSpace(line))
	}
	for _, m := range l.w.Machines() {
		h.Nodes = append(h.Nodes, trace.Node{ID: m.Name, Kind: m.Kind})
	}
	w := trace.NewWriter(&b, &h)
	end := trace.End{Fingerprint: l.w.Fingerprint()}
	records := l.w.Records()
	for i := range records {
		e := l.event(&records[i])
		end.T = e.T
		w.Add(&e)
	}
	if w.End(&end, nil) != nil {
		return ""
	}
	return b.String()
}

// The kinds of records that a cluster adds to those of package sim. They have the same numbers and
// names as the kinds of package narration.
const (
	kindRole   = sim.FirstFreeKind + 1
	kindCommit = sim.FirstFreeKind + 3
)

func kindName(k sim.RecordKind) string {
	switch k {
	case kindRole:
		return "role"
	case kindCommit:
		return "commit"
	}
	return k.String()
}

func (l *lab) name(id sim.NodeID) string {
	if m := l.w.Machine(id); m != nil {
		return m.Name
	}
	return "net"
}

// event converts a record to an event of the trace.
func (l *lab) event(r *sim.Record) trace.Event {
	who := l.name(r.Node)
	e := trace.Event{
		I: r.Index, T: int64(r.At), N: who, K: kindName(r.Kind), Cause: r.Cause, Why: "raft",
		Say: kindName(r.Kind) + " at " + who,
	}
	if r.Text != "" {
		e.Say = r.Text
	}
	switch r.Kind {
	case sim.KindSend, sim.KindRecv, sim.KindDrop:
		e.M = r.Number
		way := map[sim.RecordKind]string{
			sim.KindSend: "sends %s to", sim.KindRecv: "gets %s from", sim.KindDrop: "loses %s of",
		}[r.Kind]
		e.Say = who + " " + fmt.Sprintf(way, r.Message.Name()) + " " + l.name(r.To)
	case sim.KindRestart, sim.KindResume:
		e.Key = map[sim.RecordKind]string{
			sim.KindRestart: "restart", sim.KindResume: "resume",
		}[r.Kind]
		e.Say = who + map[sim.RecordKind]string{
			sim.KindRestart: " starts again", sim.KindResume: " goes on",
		}[r.Kind]
	case sim.KindOpen, sim.KindClose:
		if _, fault := r.Body.(sim.Fault); !fault {
			e.K = sim.KindNote.String()
		}
	}
	if r.Kind == sim.KindSend {
		e.Msg = &trace.Message{
			To: l.name(r.To), Kind: r.Message.Name(), Bytes: r.Message.Size(), At: int64(r.Arrive),
		}
		if p, ok := r.Message.(*packet); ok {
			e.Msg.Z = p.z
		}
	}
	switch b := r.Body.(type) {
	case role:
		term := uint32(b.term)
		e.Patch.Role = map[string]string{
			"leader": "leading", "candidate": "looking", "follower": "following",
		}[b.state]
		e.Patch.Epoch = &term
		e.Say = fmt.Sprintf("%s is a %s of term %d", who, b.state, b.term)
		if b.state == "leader" {
			e.Say = fmt.Sprintf("%s leads term %d", who, b.term)
			e.Key, e.Drawn = "leader", "leads term "+fmt.Sprint(b.term)
		}
	case took:
		com := fmt.Sprintf("%d/%d", b.term, b.index)
		e.Patch.Com = &com
		e.Patch.Tree = []trace.TreeChange{{
			Path: "/" + b.key, Data: b.value, Version: int32(b.version), Mz: com,
		}}
		e.Say = fmt.Sprintf("%s applies %s", who, com)
	case sim.Fault:
		e.Key, e.Drawn = b.Kind.String(), b.Action()
		switch b.Kind {
		case sim.FaultCrash, sim.FaultPower, sim.FaultWipe:
			// its registers were only in memory
			e.Key, e.Patch.Role, e.Patch.Wipe = "crash", "down", true
		case sim.FaultSplit:
			e.Patch.Groups = b.Groups
		case sim.FaultHeal:
			e.Patch.Groups = [][]string{}
		}
	}
	if len(e.Say) > trace.MaxSay {
		e.Say = e.Say[:trace.MaxSay-3] + "..."
	}
	return e
}
