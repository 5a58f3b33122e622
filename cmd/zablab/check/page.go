package check

import (
	"bytes"
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/web"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/trace"
)

// mostOrigin is the latest first call, in µs, whose time a page keeps. Later times are shown from
// the first call on, because a history often has times since 1970.
const mostOrigin = 60_000_000

// moment is something that a history says: a call, an answer, a watch event, or a change of what a
// client believes.
type moment struct {
	at    int64
	event trace.Event
	op    int // index of the operation, or -1
}

// page writes a page that shows the history: its operations, watch events and beliefs on one axis
// of time, and the verdicts of j. A history has no servers and no states, and the page shows none.
func (h *history) page(file, name string, j *judge.Judgement) error {
	if h.events != nil {
		return fmt.Errorf("check --html %s: %s is a trace, and check --html draws only histories "+
			"in JSON Lines: use zablab trace page %s, which also shows the "+
			"servers", file, name, name)
	}
	moments, nodes := h.moments()
	header := trace.Header{Commit: "unknown", Scenario: filepath.Base(name),
		Title: "History " + filepath.Base(name), Nodes: nodes, Why: []trace.Explanation{
			{Key: "unknown", Text: "Nobody knows whether this call took effect: it has no answer."},
			{Key: "history", Text: "The page shows what the clients recorded, such as calls, " +
				"answers and watch events. The history does not contain what the servers did."},
		}}
	var b bytes.Buffer
	w := trace.NewWriter(&b, &header)
	end := trace.End{Ops: make([]trace.Op, len(h.record.Ops))}
	for i := range end.Ops {
		end.Ops[i] = operation(&h.record.Ops[i])
	}
	for i := range moments {
		m := &moments[i]
		m.event.I, m.event.T, m.event.Cause = int64(i), m.at, -1
		if m.op >= 0 && m.event.K == "op.call" {
			end.Ops[m.op].Call = int64(i)
		} else if m.op >= 0 {
			m.event.Cause, end.Ops[m.op].Return = end.Ops[m.op].Call, int64(i)
		}
		w.Add(&m.event)
		end.T = m.at
	}
	for i := range j.Checks {
		c := &j.Checks[i]
		end.Invariants = append(end.Invariants, c.Traced())
		if c.Verdict == lin.Broken {
			end.Broken = append(end.Broken, trace.Broken{Name: c.Name, Text: c.Text,
				Step: trace.Place(h.shows(c, end.Ops))})
		}
	}
	for _, line := range h.record.Lines() {
		end.Record = append(end.Record, line)
	}
	if err := w.End(&end, found(j)); err != nil {
		return err
	}
	p := web.Page{Title: header.Title, Trace: b.Bytes(),
		WhyNot: "This page was made from a history. A history cannot be played again; only a " +
			"document can."}
	text, err := p.Bytes()
	if err != nil {
		return fmt.Errorf("write %s: %w", file, err)
	}
	return command.WriteFile(file, text)
}

// found has porcupine's verdict, in the form of a trace. Its indices are those of the operations.
func found(j *judge.Judgement) *trace.Verdict {
	if len(j.Verdicts) == 0 {
		return &trace.Verdict{}
	}
	p := j.Picture()
	return &trace.Verdict{Model: string(p.Model), Scope: string(p.Scope), Result: string(p.Result),
		Order: p.Order, Longest: p.Longest, Blame: p.Blame, States: p.Steps,
		Ms: p.Elapsed.Milliseconds()}
}

// operation returns an operation in the form in which a trace lists it, without its events.
func operation(op *lin.Operation) trace.Op {
	o := trace.Op{Client: string(op.Client), What: string(op.Kind), Path: string(op.Path),
		Return: -1, Apply: -1, Status: "unknown"}
	switch op.Outcome {
	case lin.OK:
		o.Status = "ok"
	case lin.Failed:
		o.Status = "err"
	}
	return o
}

// moments returns what the history says, by time, and its clients, by name. At equal times calls
// come first: operations that meet at one time are concurrent.
func (h *history) moments() (list []moment, nodes []trace.Node) {
	clients := make(map[lin.Client]bool)
	add := func(at int64, client lin.Client, op int, e trace.Event) {
		clients[client] = true
		e.N = string(client)
		e.Say = trace.Clip(e.Say)
		list = append(list, moment{at, e, op})
	}
	for i := range h.record.Ops {
		op := &h.record.Ops[i]
		asked := strings.TrimSpace(string(op.Kind) + " " + string(op.Path))
		whole := strings.TrimPrefix(op.String(), string(op.Client)+": ")
		why := "history"
		if op.Outcome == lin.Unknown {
			why = "unknown"
		}
		add(op.Call, op.Client, i, trace.Event{K: "op.call", Key: "call", Why: why, Drawn: asked,
			Say: string(op.Client) + " calls " + asked})
		if op.Outcome != lin.Unknown {
			add(op.Return, op.Client, i, trace.Event{K: "op.ret", Key: "ret", Why: "history",
				Say: string(op.Client) + ": " + whole})
		}
	}
	for i := range h.record.Events {
		e := &h.record.Events[i]
		add(e.At, e.Client, -1, trace.Event{K: "watch.fire", Key: "watch", Why: "history",
			Say: strings.TrimSpace(fmt.Sprintf("%s is told: %s %s", e.Client, e.Kind, e.Path))})
	}
	for i := range h.record.Beliefs {
		b := &h.record.Beliefs[i]
		lead := func(on bool) trace.Patch { return trace.Patch{Belief: &on} }
		add(b.From, b.Client, -1, trace.Event{K: "note", Key: "belief", Why: "history",
			Say: string(b.Client) + " believes it holds " + b.Role, Patch: lead(true)})
		if b.To != lin.Infinity {
			add(b.To, b.Client, -1, trace.Event{K: "note", Key: "belief", Why: "history",
				Say: string(b.Client) + " no longer holds " + b.Role, Patch: lead(false)})
		}
	}
	slices.SortStableFunc(list, func(a, b moment) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(rank(&a), rank(&b)))
	})
	if len(list) > 0 && (list[0].at < 0 || list[0].at > mostOrigin) {
		for i, origin := 0, list[0].at; i < len(list); i++ {
			list[i].at -= origin
		}
	}
	for client := range clients {
		nodes = append(nodes, trace.Node{ID: string(client), Kind: "client"})
	}
	slices.SortFunc(nodes, func(a, b trace.Node) int { return strings.Compare(a.ID, b.ID) })
	return list, nodes
}

func rank(m *moment) int {
	if m.event.K == "op.call" {
		return 0
	}
	return 1
}

// shows returns the index of the event at which a broken check shows, or -1: the answer, or else
// the call, of the operation that it blames.
func (h *history) shows(c *judge.Check, ops []trace.Op) int64 {
	for _, x := range c.Breaches {
		for i := range h.record.Ops {
			op := &h.record.Ops[i]
			if int64(x.Called) != op.Call || x.Operation != op.String() {
				continue
			}
			if ops[i].Return >= 0 {
				return ops[i].Return
			}
			return ops[i].Call
		}
	}
	return -1
}
