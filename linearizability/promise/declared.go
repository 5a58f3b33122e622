package promise

import (
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/recipe"
)

// This file judges programs by what they declare themselves to be (package recipe), whatever nodes
// they use.

// declared reads the declarations, and when sessions ended.
func (j *judge) declared() {
	if len(j.Recipes) == 0 {
		return
	}
	j.is, j.ends = make(map[lin.Path]*recipe.Recipe), make(map[lin.Session]int64)
	for i := range j.Recipes {
		r := &j.Recipes[i]
		if j.is[lin.Path(r.Path)] == nil {
			j.is[lin.Path(r.Path)] = r
		}
	}
	j.names = make(map[lin.Path]bool)
	for i := range j.Marks {
		m := &j.Marks[i]
		if is := j.is[m.Office]; is != nil && is.Kind == recipe.KindQueue && m.Node != "" &&
			!strings.HasPrefix(string(m.Node), string(m.Office)+"/") {
			j.names[m.Office] = true
		}
	}
	for i := range j.Ops {
		o := &j.Ops[i]
		if o.Kind != lin.CloseSession {
			continue
		}
		at := o.Call // a client that closes its session gives up what it holds by it
		if o.Client == "ensemble" {
			at = o.Return // before that no server shows the end
		}
		if end, ended := j.ends[o.Session]; !ended || at < end {
			j.ends[o.Session] = at
		}
	}
}

// sessionEnd returns when a session ended, in µs. A belief without a session has nothing that could
// end it.
func (j *judge) sessionEnd(s lin.Session) int64 {
	if end, ended := j.ends[s]; ended && s != 0 {
		return end
	}
	return lin.Infinity
}

// leased reports whether an office is declared to be a lease.
func (j *judge) leased(office lin.Path) bool {
	is := j.is[office]
	return is != nil && is.Leased
}

// unnamed judges OwnNode of a declared office whose programs do not name their nodes. If they hold
// the office by ephemeral nodes, the session of each holder must have made one.
func (j *judge) unnamed(h *hold) {
	if is := j.is[h.Office]; is == nil || is.Leased {
		return
	}
	used, own := false, false
	for i := range j.Lives {
		l := &j.Lives[i]
		if !l.Ephemeral || l.Path != h.Office && !strings.HasPrefix(string(l.Path), string(h.Office)+"/") {
			continue
		}
		used = true
		own = own || l.Maker == h.Session && l.Made <= h.from
	}
	if !used {
		return
	}
	if j.judged(OwnNode); !own {
		j.broken(OwnNode, h.At, []int64{h.from},
			"%s holds %s from %s on, although its session never created an ephemeral node there",
			h.name(), h.Office, seconds(h.At))
	}
}

// effective returns when a belief has ended, or, if that is earlier, the node or the session that
// was its reason.
func (h *hold) effective() int64 {
	if h.As == lin.Lease {
		return h.ended
	}
	return min(h.ended, h.gone())
}

// freeDeclared returns since when no other program has held a declared office; free is false if one
// does. A lease is left out: its holder's clock decides when it is free.
func (j *judge) freeDeclared(w wait, since, end int64) (_ int64, free bool) {
	if j.leased(w.Office) {
		return 0, false
	}
	for i := range j.holds {
		h := &j.holds[i]
		if h.Office != w.Office || h.At >= end || h.Client == w.Client && h.Program == w.Program {
			continue
		}
		until := h.effective()
		if until >= end {
			return 0, false
		}
		since = max(since, until)
	}
	return since, true
}

// fenced judges FencedInOrder: of the writes to a resource that is declared to be fenced, none is
// accepted after one of a later holder, and none of a program that holds nothing.
func (j *judge) fenced() {
	for i := range j.Recipes {
		if r := &j.Recipes[i]; r.Resource != "" {
			j.fencedBy(r)
		}
	}
}

func (j *judge) fencedBy(r *recipe.Recipe) {
	var newest *hold
	var last *lin.Access
	for i := range j.Accesses {
		a := &j.Accesses[i]
		if a.Resource != r.Resource || !a.Accepted {
			continue
		}
		j.judged(FencedInOrder)
		h := j.holding(lin.Path(r.Path), a)
		switch {
		case h == nil:
			j.broken(FencedInOrder, a.At, nil,
				"%s accepts a write of %s at %s, although %s does not hold %s at that time",
				a.Resource,
				a.Client, seconds(a.At), a.Client, r.Path)
		case newest != nil && h.from < newest.from && h.As != lin.Shared:
			j.broken(FencedInOrder, a.At, []int64{h.from, newest.from},
				"%s accepts a write of %s at %s, although it has already accepted a write of the "+
					"later holder %s, at %s: %[2]s got %[6]s at %[7]s, before %[4]s did",
				a.Resource, a.Client, seconds(a.At), last.Client, seconds(last.At), r.Path,
				seconds(h.At))
		default:
			newest, last = h, a
		}
	}
}

// holding is the latest hold of an access's client, at the moment of the access.
func (j *judge) holding(office lin.Path, a *lin.Access) (found *hold) {
	for i := range j.holds {
		if h := &j.holds[i]; h.Office == office && h.Client == a.Client && h.At <= a.At &&
			a.At <= h.ended {
			found = h
		}
	}
	return found
}

// item is one item of a declared queue, by its name.
type item struct {
	put       *lin.Mark // Puts, HasPut or PerhapsPut: the last of them
	took      *lin.Mark // for certain
	perhaps   bool      // taken
	withdrawn bool      // certainly not put
}

// items judges TakenOnce and NothingLost of declared queues whose items have names: each item that
// is taken was put, and is taken once; and none that was put is missing at the end, although a
// program waits for one.
func (j *judge) items() {
	for i := range j.Recipes {
		if office := lin.Path(j.Recipes[i].Path); j.names[office] {
			j.itemsOf(office)
		}
	}
}

func (j *judge) itemsOf(office lin.Path) {
	items := make(map[lin.Path]*item)
	var order []*item
	taking := make(map[who]bool)
	excused := 0 // how many items may be gone with a taker that died or does not know
	for i := range j.Marks {
		m := &j.Marks[i]
		at := who{m.Client, m.Program, office}
		if m.Kind == lin.Died || m.Kind == lin.SessionOver {
			for at := range taking { // order: each ends separately
				if at.client == m.Client {
					if m.At <= j.FaultFree.From { // later, the run ends
						excused++
					}
					if m.Kind == lin.Died {
						delete(taking, at)
					}
				}
			}
			continue
		}
		if m.Office != office {
			continue
		}
		switch m.Kind {
		case lin.Takes:
			taking[at] = true
			continue
		case lin.LetsGo:
			delete(taking, at)
			continue
		case lin.Took, lin.PerhapsTook:
			delete(taking, at)
		}
		if m.Node == "" {
			if m.Kind == lin.PerhapsTook {
				excused++
			}
			continue
		}
		x := items[m.Node]
		if x == nil {
			x = &item{}
			items[m.Node], order = x, append(order, x)
		}
		j.item(x, m)
	}
	j.missing(office, order, excused)
}

// item notes what a mark says of an item, and judges TakenOnce.
func (j *judge) item(x *item, m *lin.Mark) {
	switch m.Kind {
	case lin.Puts, lin.HasPut, lin.PerhapsPut:
		x.put, x.withdrawn = m, false
	case lin.NotPut:
		x.withdrawn = true
	case lin.PerhapsTook:
		x.perhaps = true
	case lin.Took:
		if !j.again(x.took, m) && (x.put == nil || x.withdrawn) {
			j.broken(TakenOnce, m.At, []int64{m.Place},
				"%s took %s at %s, although no program had put it into the "+
					"queue", m.Client, m.Node, seconds(m.At))
		}
		x.took = m
	}
}

// missing judges NothingLost of a declared queue: no item is left over while a program waits. An
// item is left over if it was certainly put, and nobody has taken or perhaps taken it, although a
// connected program has waited for longer than the bound.
func (j *judge) missing(office lin.Path, items []*item, excused int) {
	waiter, since := j.lastTaker(office)
	for _, x := range items {
		if x.put == nil || x.put.Kind != lin.HasPut || x.withdrawn {
			continue
		}
		j.judged(NothingLost)
		if x.took != nil || x.perhaps || waiter == nil ||
			j.runEnd()-max(since, x.put.At) <= j.FaultFree.Within {
			continue
		}
		if excused--; excused >= 0 {
			continue
		}
		j.broken(NothingLost, x.put.At, []int64{x.put.Place},
			"%s put %s into %s at %s, but no program took it, although %s has waited for an item "+
				"since %s and no fault was active in that time", x.put.Client, x.put.Node, office,
			seconds(x.put.At), waiter.Client, seconds(since))
	}
}

// runEnd is the moment of the last mark: all programs end before it.
func (j *judge) runEnd() int64 { return j.Marks[len(j.Marks)-1].At }

// lastTaker returns a connected program that waits for an item of a queue when the run ends, and
// since when it has waited in fault-free time; nil without one.
func (j *judge) lastTaker(office lin.Path) (_ *lin.Mark, since int64) {
	if j.FaultFree.Within == 0 {
		return nil, 0
	}
	takes := make(map[who]*lin.Mark)
	connected := make(map[lin.Client]int64)
	var best *lin.Mark
	for i := range j.Marks {
		m := &j.Marks[i]
		at := who{m.Client, m.Program, office}
		switch {
		case m.Kind == lin.Connected:
			connected[m.Client] = m.At
		case m.Kind == lin.ConnectionLost, m.Kind == lin.SessionOver:
			delete(connected, m.Client)
		case m.Kind == lin.Died:
			for at, w := range takes { // order: the earliest is kept
				from, up := connected[m.Client]
				if at.client != m.Client {
					continue
				}
				delete(takes, at)
				from = max(from, w.At, j.FaultFree.From)
				if up && m.At > j.FaultFree.From && (best == nil || from < since ||
					from == since && w.Place < best.Place) {
					best, since = w, from
				}
			}
		case m.Office != office:
		case m.Kind == lin.Takes:
			if takes[at] == nil {
				takes[at] = m
			}
		case m.Kind == lin.Took, m.Kind == lin.PerhapsTook, m.Kind == lin.LetsGo:
			delete(takes, at)
		}
	}
	return best, since
}

// covered counts what programs did at what they declare to be.
func (j *judge) covered() {
	if len(j.is) == 0 {
		return
	}
	f := &j.report.Figures
	waits := make(map[who]bool) // true if another program has held the office meanwhile
	holds := make(map[who]bool)
	for i := range j.Marks {
		m := &j.Marks[i]
		at := who{m.Client, m.Program, m.Office}
		if m.Kind == lin.Died {
			forget(waits, m.Client)
			forget(holds, m.Client)
			continue
		}
		if j.is[m.Office] == nil {
			continue
		}
		_, waited := waits[at]
		switch m.Kind {
		case lin.Waits:
			if !waited {
				f.Waits++
				waits[at] = false
				for h := range holds { // order: a question about all
					if h.office == m.Office && h != at && !waits[at] {
						waits[at] = true
						f.Met++
					}
				}
			}
		case lin.Holds:
			delete(waits, at)
			holds[at] = true
			for w, met := range waits { // order: each is counted once
				if w.office == m.Office && !met {
					waits[w] = true
					f.Met++
				}
			}
		case lin.LetsGo:
			delete(waits, at)
			delete(holds, at)
		case lin.Took:
			f.Taken++
		case lin.Passes:
			f.Passed++
		}
	}
}
