package promise

import (
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// begins has, for each mark that ends what a program does, the mark that begins it.
var begins = map[lin.MarkKind]lin.MarkKind{
	lin.HasPut: lin.Puts, lin.PerhapsPut: lin.Puts, lin.NotPut: lin.Puts,
	lin.Took: lin.Takes, lin.PerhapsTook: lin.Takes,
	lin.Passes: lin.Enters, lin.HasLeft: lin.Leaves,
}

// doing is what a program has begun, by its marks, and not ended.
type doing struct {
	kind  lin.MarkKind // Puts, Takes, Enters or Leaves; "" if none of these
	waits bool         // for the office
	held  []lin.Path   // its nodes by which it holds the office
}

// sequence judges MarksInOrder: a program ends only what it has begun, and ends one thing before it
// begins the next. The other promises rely on this: a put that no mark begins is not compared with
// the items that it made.
func (j *judge) sequence() {
	now := make(map[who]*doing)
	for i := range j.Marks {
		m := &j.Marks[i]
		at := who{m.Client, m.Program, m.Office}
		d := now[at]
		if d == nil {
			d = &doing{}
			now[at] = d
		}
		switch m.Kind {
		case lin.SessionOver, lin.Connected, lin.ConnectionLost:
			continue
		case lin.Died:
			forget(now, m.Client)
			continue
		}
		ok := d.take(m)
		if !ok || m.Kind == lin.LetsGo || begins[m.Kind] != "" {
			j.judged(MarksInOrder)
		}
		if !ok {
			j.broken(MarksInOrder, m.At, []int64{m.Place},
				"%s reports %q for %s at %s, which contradicts what it reported before: %s",
				m.Client, m.Kind, m.Office, seconds(m.At), d)
		}
	}
}

// take notes a mark, and reports whether it may follow the marks before it.
func (d *doing) take(m *lin.Mark) (ok bool) {
	switch m.Kind {
	case lin.Waits:
		ok, d.waits = d.kind == "", true
	case lin.Holds:
		ok, d.waits = d.kind == "", false
		if !slices.Contains(d.held, m.Node) {
			d.held = append(d.held, m.Node)
		}
	case lin.LetsGo:
		n := len(d.held)
		d.held = slices.DeleteFunc(d.held, func(node lin.Path) bool {
			return node == m.Node || m.Node == ""
		})
		// Without a node it says that the program waits no longer, if it did.
		ok = d.kind != lin.Puts && (d.kind != "" || m.Node == "" || d.waits || len(d.held) < n)
		d.kind, d.waits = "", false
	case lin.Puts, lin.Takes, lin.Enters, lin.Leaves:
		ok, d.kind = d.kind == "", m.Kind
	default:
		ok, d.kind = d.kind == begins[m.Kind], ""
	}
	return ok
}

// String says what the program has begun and not ended.
func (d *doing) String() string {
	switch {
	case d.kind != "":
		return "it " + string(d.kind)
	case d.waits:
		return "it waits"
	case len(d.held) > 0:
		return "it holds " + string(d.held[0])
	}
	return "it has nothing in progress"
}

// beliefs judges the part of MarksInOrder that is about beliefs: a client believes that it leads
// only while one of its programs holds an office. Clients that never say that they hold one are
// left out.
func (j *judge) beliefs() {
	of := make(map[lin.Client][]*hold)
	for i := range j.holds {
		h := &j.holds[i]
		of[h.Client] = append(of[h.Client], h)
	}
	for i := range j.Beliefs {
		b := &j.Beliefs[i]
		holds := of[b.Client]
		if len(holds) == 0 {
			continue
		}
		j.judged(MarksInOrder)
		at := b.From
		for _, h := range holds { // by their beginnings
			if h.At <= at {
				at = max(at, h.ended)
			}
		}
		if at < b.To && at != lin.Infinity {
			j.broken(MarksInOrder, at, nil, "%s has believed since %s that it leads or holds a "+
				"lock, but at %s no program of %[1]s leads or holds one", b.Client, seconds(b.From),
				seconds(at))
		}
	}
}
