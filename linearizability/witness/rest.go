package witness

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// forgotten finds the operations that belong to the part of the history before Since, which is no
// longer known. A write cannot get a zxid so late. A read may show an old state, which nothing here
// can confirm.
func (j *judge) forgotten() {
	s := j.search
	for p := range s.items {
		it := &s.items[p]
		switch {
		case it.z > j.Since || it.read && it.z == j.Since:
			return
		case !it.read:
			j.broken(checkOrder, int(it.op), -1, "a zxid after "+j.Since.String(), it.z.String(),
				fmt.Sprintf("%s has zxid %v, although all writes up to %v had been answered before",
					j.Ops[it.op].String(), it.z, j.Since))
		default:
			if v := j.report.Of(checkReads); v.Result == lin.Linearizable {
				v.Result, v.Text = lin.Undecided, fmt.Sprintf("undecided: %s shows zxid %v, and the "+
					"history before %v was forgotten", j.Ops[it.op].String(), it.z, j.Since)
			}
		}
		s.excused[p] = true
	}
}

// rest returns what the next part of the history needs: see [JudgePart].
func (j *judge) rest() *lin.Rest {
	if j.aborted || len(j.search.loose) > 0 || j.report.Result() != lin.Linearizable {
		return nil
	}
	w := j.search.w
	r := &lin.Rest{Zxid: j.Since}
	if items := j.search.items; len(items) > 0 {
		r.Zxid = max(r.Zxid, items[len(items)-1].z)
	}
	for i := range w.nodes {
		n := &w.nodes[i]
		if !n.live {
			continue
		}
		r.Nodes = append(r.Nodes, lin.Node{Path: n.path, Data: n.data, Version: n.version,
			Creates: n.creates, Owner: n.owner, Czxid: n.czxid.at, Mzxid: n.mzxid.at,
			Pzxid: n.pzxid.at, Aversion: n.aversion, ACL: n.acl})
	}
	slices.SortFunc(r.Nodes, func(a, b lin.Node) int {
		return strings.Compare(string(a.Path), string(b.Path))
	})
	r.Closed = slices.Sorted(maps.Keys(w.closed))
	keep := make(map[int]bool)
	for _, l := range j.hear {
		if !w.closed[l.session] && !l.leaves(r, keep) {
			return nil
		}
	}
	for _, i := range slices.Sorted(maps.Keys(keep)) {
		op := j.Ops[i]
		op.Earlier = true
		r.Earlier = append(r.Earlier, op)
	}
	r.Earlier = append(r.Earlier, j.tops()...)
	return r
}

// leaves notes the operations whose watches have not fired, and the last reconnection. It returns
// false if an event about a known change may still come.
func (w *listener) leaves(r *lin.Rest, keep map[int]bool) bool {
	if w.again != "" {
		return false
	}
	for i := range w.open {
		if _, fired := w.due(&w.open[i]); fired {
			return false
		}
		keep[w.open[i].op] = true
	}
	for i := range w.stays {
		keep[w.stays[i].op] = true
	}
	diary := w.search.w.diary
	for _, p := range w.late {
		if w.covered(&diary[p]) {
			return false
		}
	}
	for p := w.next; p < len(diary) && len(w.stays) > 0; p++ {
		if w.covered(&diary[p]) {
			return false
		}
	}
	last := -1
	for _, t := range w.line {
		if t.event < 0 {
			continue
		}
		if k := w.Events[t.event].Kind; k == lin.Reconnected || k == lin.Unwatched {
			last = t.event
		}
	}
	if last >= 0 {
		r.Events = append(r.Events, w.Events[last])
	}
	for i := range w.Ops { // without them the listener would seem to know all its watches
		op := &w.Ops[i]
		if w.blind && op.Client == w.client && op.Session == w.session &&
			(op.Outcome == lin.Unknown || op.Zxid == 0) &&
			(op.Watch || op.Kind == lin.AddWatch || op.Kind == lin.RemoveWatches) {
			keep[i] = true
		}
	}
	return true
}

// tops returns, for each session that is not over, a stand-in for its last reply: with the newest
// zxid that the session has seen.
func (j *judge) tops() (list lin.History) {
	at := make(map[lin.Session]int)
	for i := range j.Ops {
		op := &j.Ops[i]
		if op.Session == 0 || op.Zxid == 0 || op.Outcome == lin.Unknown ||
			j.search.w.closed[op.Session] {
			continue
		}
		k, known := at[op.Session]
		if !known {
			k = len(list)
			at[op.Session] = k
			list = append(list, lin.Operation{Client: op.Client, Session: op.Session, Kind: lin.Sync,
				Path: "/", Outcome: lin.Failed, Code: "connection lost", Earlier: true})
		}
		top := &list[k]
		top.Zxid = max(top.Zxid, op.Zxid)
		top.Call, top.Return = max(top.Call, op.Call), max(top.Return, op.Return)
		top.Place, top.CallPlace = max(top.Place, op.Place), max(top.CallPlace, op.CallPlace)
	}
	slices.SortFunc(list, func(a, b lin.Operation) int { return cmp.Compare(a.Session, b.Session) })
	return list
}
