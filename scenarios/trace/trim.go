package trace

import (
	"fmt"
	"io"
	"strings"
)

// Bounds say which part of a trace [Trim] copies: from the first event at From or later to the last
// event at To or earlier.
type Bounds struct {
	From Point
	To   Point // inclusive
}

// Has reports whether an event is within the bounds.
func (b *Bounds) Has(e *Event) bool { return b.From.Reached(e) && !b.past(e) }

func (b *Bounds) past(e *Event) bool {
	if b.To.ByTime {
		return e.T > b.To.At
	}
	return e.I > b.To.Step
}

// Trim copies a part of a trace into a new trace, the cut, and returns the cut's hash. The cut
// begins with notes that restore the state at its start. One note restores one participant ([Node])
// with at most one watch; each further watch of a participant has its own note. The events get new
// indices. Causes and operations outside the bounds are left out.
func Trim(out io.Writer, r *Reader, b Bounds) (*Origin, string, error) {
	t := &trimming{w: NewWriter(out, &r.Header), ms: make(map[string]int32), cut: Origin{From: -1}}
	before := NewState(r.Header.Nodes)
	for r.Next() {
		e := r.Event()
		switch {
		case t.cut.From < 0 && !b.From.Reached(e):
			before.Apply(e)
			t.sessions(e)
		case b.past(e):
		default:
			if t.cut.From < 0 {
				t.cut.From = e.I
				t.begin(before, e)
			}
			t.add(e)
		}
	}
	if r.Err() != nil {
		return nil, "", r.Err()
	}
	if t.cut.From < 0 {
		return nil, "", r.Nothing()
	}
	err := t.end(r)
	return &t.cut, t.w.SHA256(), err
}

// Nothing returns the error for bounds that contain no event. Call it after all events are read.
func (r *Reader) Nothing() error {
	return &Error{r.name, 1, 1, fmt.Errorf(
		"no event within these bounds: the trace has events 0 to %d, the last at %d µs",
		r.count-1, r.event.T)}
}

type trimming struct {
	w    *Writer
	cut  Origin
	next int64            // index in the cut of the next event
	own  []int64          // by event since cut.From: its index in the cut; -1 for a check
	ms   map[string]int32 // session timeouts by session ID, which a State does not have
	last int64            // µs
}

func (t *trimming) sessions(e *Event) {
	for _, s := range e.Patch.Sess {
		if s.Open {
			t.ms[s.ID] = s.Ms
		}
	}
}

func (t *trimming) emit(e Event) {
	e.I = t.next
	t.next++
	t.w.Add(&e)
	t.last = e.T
}

// begin writes the notes that restore state s, the state before the cut's first event.
func (t *trimming) begin(s *State, first *Event) {
	if first.I == 0 {
		return
	}
	note := Event{T: first.T, K: "note", Cause: -1}
	if len(s.Groups) > 0 {
		note.N, note.Patch = "net", Patch{Groups: s.Groups}
		note.Say = "the network at the start of this trace"
		t.emit(note)
	}
	for i := range s.Nodes {
		n := &s.Nodes[i]
		note.N, note.Patch = n.ID, n.patch(t.ms)
		note.Say = Clip(n.ID + "'s state at the start of this trace")
		t.emit(note)
		for k := 1; k < len(n.Watches); k++ {
			note.Patch = Patch{Watch: n.watch(k)}
			note.Say = Clip("a watch that " + n.ID + " has at the start of this trace")
			t.emit(note)
		}
	}
	t.cut.Events = t.next
}

func (n *NodeState) watch(k int) *WatchChange {
	at := strings.LastIndexByte(n.Watches[k], ' ')
	return &WatchChange{Set: true, Path: n.Watches[k][:at], Client: n.Watches[k][at+1:]}
}

// patch returns the patch that gives an empty node the state n. It has only the first watch,
// because a patch has at most one.
func (n *NodeState) patch(ms map[string]int32) (p Patch) {
	word := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	number := func(v uint32) *uint32 {
		if v == 0 {
			return nil
		}
		return &v
	}
	p = Patch{
		Role: n.Role, Epoch: number(n.Epoch), Leader: word(n.Leader), Acc: number(n.Acc),
		Cur: number(n.Cur), Durable: word(n.Durable), Com: word(n.Com), Tree: n.Tree,
		Server: word(n.Server),
	}
	if n.Base != "" || len(n.Log) > 0 {
		p.Reload = &Reload{Base: n.Base, Records: n.Log}
	}
	if n.Belief {
		p.Belief = &n.Belief
	}
	for _, line := range n.Sessions {
		id, client, _ := strings.Cut(line, " ")
		p.Sess = append(p.Sess, SessionChange{Open: true, ID: id, Client: client, Ms: ms[id]})
	}
	if len(n.Watches) > 0 {
		p.Watch = n.watch(0)
	}
	return p
}

// add copies one event into the cut.
func (t *trimming) add(e *Event) {
	t.cut.To = e.I
	if e.K == "check" {
		t.own = append(t.own, -1)
		return // the writer adds other checks
	}
	t.own = append(t.own, t.next)
	moved := *e
	moved.Cause = t.place(e.Cause)
	t.emit(moved)
}

// place converts an event's index in the original to its index in the cut; -1 for an event outside.
func (t *trimming) place(i int64) int64 {
	if i -= t.cut.From; i >= 0 && i < int64(len(t.own)) {
		return t.own[i]
	}
	return -1
}

// end writes the original's end line and verdict, reduced to the operations in the cut.
func (t *trimming) end(r *Reader) error {
	end := r.End
	t.cut.SHA256 = r.SHA256
	end.T, end.Cut, end.Ops, end.Record = t.last, &t.cut, nil, nil
	t.findings(&end)
	kept := make([]int, len(r.End.Ops))
	for i, o := range r.End.Ops {
		kept[i] = -1
		if o.Call = t.place(o.Call); o.Call >= 0 {
			kept[i] = len(end.Ops)
			o.Return, o.Apply = t.place(o.Return), t.place(o.Apply)
			end.Ops = append(end.Ops, o)
		}
	}
	var v *Verdict
	if r.Verdict != nil {
		v = new(*r.Verdict)
		for _, list := range []*[]int{&v.Order, &v.Longest, &v.Blame} {
			*list = remap(*list, kept)
		}
	}
	if err := t.w.End(&end, v); err != nil {
		return fmt.Errorf("write the end of the new trace: %w", err)
	}
	return nil
}

func remap(list, to []int) (out []int) {
	for _, i := range list {
		if i >= 0 && i < len(to) && to[i] >= 0 {
			out = append(out, to[i])
		}
	}
	return out
}
