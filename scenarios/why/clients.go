package why

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
)

// clients joins the run's events with the clients' record, which has the versions, the stats and
// the marks that events lack.
type clients struct {
	record *lin.Record
	ops    map[int64]*lin.Operation // by the step of the call
	rets   map[int64]int64          // by the step of a call: the step of its answer
	calls  map[int64]int64          // by the step of an answer: the step of its call
	number map[int64]int            // by the step of a call: its number among its client's calls
}

// newClients pairs calls with answers. A client's answers come in the order of its calls, so an
// answer belongs to the first open call of the same text.
func newClients(events []trace.Event, r *lin.Record) *clients {
	c := &clients{record: r, ops: make(map[int64]*lin.Operation), rets: make(map[int64]int64),
		calls: make(map[int64]int64), number: make(map[int64]int)}
	if r == nil {
		c.record = &lin.Record{}
	}
	ops := make(map[string][]*lin.Operation)
	for i := range c.record.Ops {
		op := &c.record.Ops[i]
		key := moment(string(op.Client), op.Call)
		ops[key] = append(ops[key], op)
	}
	open := make(map[string][]int64)
	count := make(map[string]int)
	for i := range events {
		e := &events[i]
		switch e.K {
		case "op.call":
			count[e.N]++
			c.number[e.I] = count[e.N]
			open[e.N] = append(open[e.N], int64(i))
			for _, op := range ops[moment(e.N, e.T)] {
				if fits(e.Drawn, op) {
					c.ops[e.I] = op
				}
			}
		case "op.ret":
			list := open[e.N]
			k := slices.IndexFunc(list, func(at int64) bool { return answers(&events[at], e) })
			if k >= 0 {
				c.rets[list[k]], c.calls[e.I] = e.I, list[k]
				open[e.N] = slices.Delete(list, k, k+1)
			}
		}
	}
	return c
}

func moment(client string, at int64) string { return fmt.Sprintf("%s %d", client, at) }

// fits reports whether a call's text is that of an operation.
func fits(drawn string, op *lin.Operation) bool {
	verb, rest, _ := strings.Cut(drawn, " ")
	if op.Kind == lin.Multi {
		return verb == "multi"
	}
	path, _, _ := strings.Cut(rest, " ")
	return verb == string(op.Kind) && path == string(op.Path) ||
		verb == "watch" && op.Kind == lin.Exists && path == string(op.Path)
}

// answers reports whether an answer names a call.
func answers(call, ret *trace.Event) bool {
	_, what, _ := strings.Cut(ret.Say, "(")
	if what == "" {
		_, what, _ = strings.Cut(ret.Say, "answer to ")
	}
	what = strings.TrimRight(what, ")…")
	_, asked, _ := strings.Cut(call.Say, "asks: ")
	return strings.HasPrefix(asked, what) || strings.HasPrefix(what, strings.TrimRight(asked, "…"))
}

// session names a session by its client: "C's 2nd session".
func (d *fold) session(id lin.Session) string {
	text := fmt.Sprintf("0x%x", int64(id))
	for _, n := range d.header.Nodes {
		if k := slices.Index(d.all[n.ID], text); k >= 0 {
			return fmt.Sprintf("%s's %s session", n.ID, ordinal(k+1))
		}
	}
	return "session " + text
}

func ordinal(n int) string {
	switch {
	case n%10 == 1 && n%100 != 11:
		return fmt.Sprintf("%dst", n)
	case n%10 == 2 && n%100 != 12:
		return fmt.Sprintf("%dnd", n)
	case n%10 == 3 && n%100 != 13:
		return fmt.Sprintf("%drd", n)
	}
	return fmt.Sprintf("%dth", n)
}

// asked is a call as the story tells it: with its number, and the version of a delete.
func (d *fold) asked(e *trace.Event) string {
	text := e.Drawn
	if op := d.clients.ops[e.I]; op != nil && op.Kind == lin.Delete &&
		!strings.Contains(text, "(version") {
		if op.Version == lin.AnyVersion {
			text += " (any version)"
		} else {
			text += fmt.Sprintf(" (version %d)", op.Version)
		}
	}
	return fmt.Sprintf("%s asks #%d: %s", e.N, d.clients.number[e.I], text)
}

// answered is the answer to a call, with the owner of the node and the zxid of the state.
func (d *fold) answered(call int64, ret *trace.Event) string {
	text := few(ret.Drawn)
	op := d.clients.ops[call]
	if op == nil {
		return text
	}
	var more []string
	if t := op.Result.Stat; t != nil && t.Owner != 0 {
		more = append(more, "owner "+d.session(t.Owner))
	}
	if d.zxids && op.Zxid > 0 {
		more = append(more, "state at "+op.Zxid.String())
	}
	if len(more) > 0 {
		text += " {" + strings.Join(more, ", ") + "}"
	}
	return text
}

// few shortens a long list of names.
func few(text string) string {
	const most = 5
	list, ok := strings.CutPrefix(text, "ok [")
	names := strings.Fields(strings.TrimSuffix(list, "]"))
	if !ok || len(names) <= most {
		return text
	}
	return fmt.Sprintf("ok [%s … %d more … %s]", strings.Join(names[:2], " "), len(names)-3,
		names[len(names)-1])
}

// call describes a call and its answer in one line, if the answer came up to the step of the
// failure.
func (d *fold) call(events []trace.Event, e *trace.Event, broke int64) string {
	text := d.asked(e)
	ret, ok := d.clients.rets[e.I]
	switch {
	case !ok:
		return text + " → no answer"
	case ret > broke:
		return text + " → not answered yet"
	}
	r := &events[ret]
	at := " at " + brief(r.T)
	if strings.Contains(text, "watch ") && r.Drawn == "failed: no node" {
		return text + " → no node; a watch for its creation is set" + at
	}
	return text + " → " + d.answered(e.I, r) + at
}

// marked describes a mark in a sentence, or returns "" for a mark that the explanation leaves out.
func (d *fold) marked(m *lin.Mark) string {
	who := string(m.Client)
	switch m.Kind {
	case lin.Waits:
		if m.For == "" {
			return ""
		}
		return fmt.Sprintf("%s, whose node is %[3]s, waits until %[2]s is deleted", who, m.For,
			m.Node)
	case lin.Holds:
		office := string(m.Office)
		if m.Node != "" {
			office += " with its node " + string(m.Node)
		}
		if m.As == lin.Shared {
			office += ", as a reader"
		}
		return fmt.Sprintf("%s believes that it holds %s, in %s", who, office, d.session(m.Session))
	case lin.LetsGo:
		return fmt.Sprintf("%s releases %s", who, m.Office)
	case lin.Took:
		return fmt.Sprintf("%s says that it took the item %s from the queue", who, m.Node)
	case lin.Enters:
		return fmt.Sprintf("%s begins to enter barrier %s", who, m.Office)
	case lin.Passes:
		return fmt.Sprintf("%s passes barrier %s", who, m.Office)
	case lin.HasPut:
		return fmt.Sprintf("%s says that it has put the item %s into the queue", who, m.Node)
	case lin.PerhapsPut:
		return fmt.Sprintf("%s does not know whether its put added an item to %s", who, m.Office)
	}
	return ""
}

// written describes a write to a resource.
func written(a *lin.Access) string {
	verdict := "refuses"
	if a.Accepted {
		verdict = "accepts"
	}
	return fmt.Sprintf("%s %s a write of %s with token %v", a.Resource, verdict, a.Client,
		lin.Zxid(a.Token))
}

// extras are the lines of the story that are no events: what the programs say, and the writes to
// resources, from one moment up to another, at most most of each client.
func (d *fold) extras(s *subjects, from, to int64, most int) (list []Line) {
	count := make(map[string]int)
	add := func(who string, at int64, say string) {
		if say != "" && count[who] < most {
			count[who]++
			list = append(list, Line{At: at, Step: -1, Who: who, Say: say})
		}
	}
	r := d.clients.record
	for i := len(r.Accesses) - 1; i >= 0; i-- {
		a := &r.Accesses[i]
		if from <= a.At && a.At <= to && s.hasNode(string(a.Client)) &&
			strings.Contains(s.text, a.Resource) {
			add(string(a.Client), a.At, written(a))
		}
	}
	for i := len(r.Marks) - 1; i >= 0; i-- {
		m := &r.Marks[i]
		if from <= m.At && m.At <= to && s.hasNode(string(m.Client)) &&
			s.speaks(string(m.Client)) &&
			(s.hasPath(string(m.Office)) || s.hasPath(string(m.Node))) {
			add(string(m.Client), m.At, d.marked(m))
		}
	}
	return list
}

// speaks reports whether the sentence of the check names a machine.
func (s *subjects) speaks(who string) bool {
	return slices.Contains(wordPattern.FindAllString(s.text, -1), who)
}

// episode is the span of time in which a client last tried for an office, in µs: from its first
// mark of the attempt up to its last. ok is false if it has no mark.
func (d *fold) episode(s *subjects, client string, until int64) (from, to int64, ok bool) {
	r := d.clients.record
	for i := len(r.Marks) - 1; i >= 0; i-- {
		m := &r.Marks[i]
		if string(m.Client) != client || m.At > until || !s.hasPath(string(m.Office)) {
			continue
		}
		if !ok {
			to, ok = m.At, true
		}
		from = m.At
		if m.Kind == lin.Enters || m.Kind == lin.Takes || m.Kind == lin.LetsGo && m.At < to ||
			m.Kind == lin.Waits && m.Node == "" {
			break
		}
	}
	return from, to, ok
}
