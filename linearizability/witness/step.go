package witness

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// miss is a difference between the reference and a reply.
type miss struct{ check, reference, seen string }

// judged reports whether the state of the tree alone decides if a failure with this code is
// correct.
func judged(op *lin.Operation) bool {
	switch op.Code {
	case lin.NodeExists, lin.NoNode, lin.BadVersion, lin.NotEmpty, lin.NoChildrenForEphemerals:
		return true
	case lin.NotAuthorised, lin.InvalidACL:
		return op.Who != nil
	}
	return false
}

// step carries out an operation, and returns whether its reply is the reference's.
func (w *world) step(op *lin.Operation, at stamp) (m miss, ok bool) {
	if op.Outcome == lin.Failed && !judged(op) {
		return m, true
	}
	if op.Kind == lin.Multi {
		return w.multi(op, at)
	}
	a := w.do(op, op.Session, at)
	switch {
	case op.Outcome == lin.Unknown:
		return m, true
	case op.Outcome == lin.Failed && a.code == op.Code:
		return m, true
	case op.Outcome == lin.Failed || a.code != "":
		return w.otherCode(op, a), false
	}
	return w.agree(op, &a, at)
}

// force does what the reply says, even if the reference disagrees: what follows a breach is judged
// as if the reply had been right.
func (w *world) force(op *lin.Operation, at stamp) {
	if op.Outcome == lin.Failed {
		return
	}
	parts := op.Ops
	if op.Kind != lin.Multi {
		parts = []lin.Operation{*op}
	}
	for i := range parts {
		part := &parts[i]
		if w.do(part, op.Session, at).code == "" || part.Kind == lin.CloseSession {
			continue
		}
		path := part.Path
		if part.Result.Path != "" {
			path = part.Result.Path
		}
		id := w.id(path)
		v := w.nodes[id].value
		switch part.Kind {
		case lin.Create:
			w.set(id, value{live: true, data: part.Data, czxid: at, mzxid: at, pzxid: at},
				lin.EventCreated, at)
		case lin.Delete:
			if v.live {
				w.set(id, value{}, lin.EventDeleted, at)
			}
		case lin.Set:
			v.live, v.data, v.mzxid = true, part.Data, at
			if part.Result.Stat != nil {
				v.version = part.Result.Stat.Version
			}
			w.set(id, v, lin.EventChanged, at)
		}
	}
}

func (w *world) otherCode(op *lin.Operation, a answer) miss {
	m := miss{checkResults, codeWords(a.code), codeWords(op.Code)}
	if op.Outcome == lin.OK {
		m.seen = "ok"
	}
	switch {
	case a.code == lin.SessionExpired:
		m.check = checkEphemerals
	case a.id >= 0 && (a.code == lin.BadVersion || op.Code == lin.BadVersion):
		m.reference += fmt.Sprintf(" (the node has version %d)", w.nodes[a.id].version)
	case a.id >= 0 && w.nodes[a.id].owner != 0 || op.Ephemeral && op.Kind == lin.Create:
		m.check = checkEphemerals
	case op.Sequential:
		m.check = checkSequential
	}
	if !op.Kind.Write() {
		m.check = checkReads
	}
	return m
}

func codeWords(c lin.Code) string {
	if c == "" {
		return "ok"
	}
	return string(c)
}

// multi carries out all parts of a multi, or none.
func (w *world) multi(op *lin.Operation, at stamp) (m miss, ok bool) {
	mark := len(w.journal)
	blamed := slices.IndexFunc(op.Ops, func(p lin.Operation) bool { return judged(&p) })
	for i := range op.Ops {
		part := &op.Ops[i]
		a := w.do(part, op.Session, at)
		if a.code != "" {
			w.back(mark)
			told := (blamed < 0 || blamed >= i) && part.Outcome != lin.OK &&
				(part.Code == "" || part.Code == a.code)
			if op.Outcome == lin.Unknown || op.Outcome == lin.Failed && op.Code == a.code && told {
				return m, true
			}
			reference := fmt.Sprintf("part %d (%s) fails with %q, so nothing is applied",
				i+1, part.Kind, a.code)
			return miss{checkMulti, reference, op.String()}, false
		}
		if op.Outcome == lin.OK {
			if m, ok = w.agree(part, &a, at); !ok {
				w.back(mark)
				m.check = checkMulti
				return m, false
			}
		}
	}
	if op.Outcome == lin.Failed {
		w.back(mark)
		return miss{checkMulti, "every part succeeds, so all are applied",
			codeWords(op.Code)}, false
	}
	return m, true
}

// agree compares a successful reply with the reference's answer.
func (w *world) agree(op *lin.Operation, a *answer, at stamp) (m miss, ok bool) {
	check := checkResults
	if !op.Kind.Write() {
		check = checkReads
	}
	switch op.Kind {
	case lin.Create:
		if path := w.nodes[a.id].path; op.Result.Path != "" && op.Result.Path != path {
			if op.Sequential {
				check = checkSequential
			}
			return miss{check, string(path), string(op.Result.Path)}, false
		}
	case lin.Get:
		if data := w.nodes[a.id].data; data != op.Result.Data {
			return miss{check, fmt.Sprintf("%q", data), fmt.Sprintf("%q", op.Result.Data)}, false
		}
	case lin.Children:
		if m, ok = w.sameNames(a.id, op.Result.Children); !ok {
			return m, false
		}
	case lin.Ephemerals:
		return w.sameEphemerals(op)
	case lin.Descendants:
		if n := w.below(a.id); n != op.Result.Number {
			return miss{check, fmt.Sprint(n), fmt.Sprint(op.Result.Number)}, false
		}
	case lin.GetACL:
		list := shown(w.nodes[a.id].acl, op.Who)
		if op.Who != nil && !slices.Equal(list, op.Result.ACL) {
			return miss{check, fmt.Sprint(list), fmt.Sprint(op.Result.ACL)}, false
		}
	case lin.CloseSession:
		return w.samePaths(a.gone, op.Result.Deleted)
	case lin.Delete:
		return m, true
	}
	if op.Result.Stat == nil {
		return m, true
	}
	if op.Kind.Write() {
		check = checkStats
	}
	return w.sameStat(a.id, op.Result.Stat, at, check)
}

func (w *world) sameNames(id int32, names []string) (m miss, ok bool) {
	n := &w.nodes[id]
	same := len(names) == len(n.kids)
	w.name = append(w.name[:0], n.path...)
	if n.path != "/" {
		w.name = append(w.name, '/')
	}
	cut := len(w.name)
	for i := 0; i < len(names) && same; i++ {
		w.name = append(w.name[:cut], names[i]...)
		kid, known := w.ids[lin.Path(w.name)]
		same = known && w.nodes[kid].live && !slices.Contains(names[:min(i, 8)], names[i])
	}
	if same {
		return m, true
	}
	var own []string
	for _, kid := range n.kids {
		own = append(own, string(w.nodes[kid].path[cut:]))
	}
	slices.Sort(own)
	return miss{checkReads, bracketed(own), bracketed(names)}, false
}

func bracketed(names []string) string { return "[" + strings.Join(names, " ") + "]" }

func (w *world) samePaths(gone []int32, told []lin.Path) (m miss, ok bool) {
	if told == nil {
		return m, true
	}
	own := make([]lin.Path, len(gone))
	for i, id := range gone {
		own[i] = w.nodes[id].path
	}
	slices.Sort(own)
	sorted := slices.Sorted(slices.Values(told))
	if slices.Equal(own, sorted) {
		return m, true
	}
	return miss{checkEphemerals, fmt.Sprintf("deletes %v", own),
		fmt.Sprintf("deleted %v", sorted)}, false
}

// sameStat compares a stat, and learns zxids that no reply has shown before.
func (w *world) sameStat(id int32, s *lin.Stat, at stamp, check string) (m miss, ok bool) {
	n := &w.nodes[id]
	v := n.value
	switch {
	case s.Version != n.version:
		return miss{check, fmt.Sprintf("version %d", n.version),
			fmt.Sprintf("version %d", s.Version)}, false
	case s.Owner != 0 && s.Owner != n.owner:
		return miss{checkEphemerals, fmt.Sprintf("owner 0x%x", int64(n.owner)),
			fmt.Sprintf("owner 0x%x", int64(s.Owner))}, false
	case !v.czxid.learn(s.Czxid):
		return miss{checkStats, "czxid " + v.czxid.String(), "czxid " + s.Czxid.String()}, false
	case !v.mzxid.learn(s.Mzxid):
		return miss{checkStats, "mzxid " + v.mzxid.String(), "mzxid " + s.Mzxid.String()}, false
	case s.Owner == 0 && n.owner != 0 && s.More != nil:
		return miss{checkEphemerals, fmt.Sprintf("owner 0x%x", int64(n.owner)), "no owner"}, false
	}
	if s.More != nil {
		if m, ok = w.sameMore(n, &v, s.More); !ok {
			return m, false
		}
	}
	if v.czxid != n.czxid || v.mzxid != n.mzxid || v.pzxid != n.pzxid {
		w.put(id, v)
	}
	return m, true
}

// sameMore compares the rest of a stat. The root has one more child, which is not in the judges'
// tree, and which no create made.
func (w *world) sameMore(n *vertex, v *value, s *lin.More) (m miss, ok bool) {
	children := int32(len(n.kids))
	if n.parent < 0 {
		children++
	}
	for _, f := range []struct {
		name     string
		own, got int64
	}{
		{"cversion", int64(n.creates*2 - children), int64(s.Cversion)},
		{"aversion", int64(n.aversion), int64(s.Aversion)},
		{"length", int64(len(n.data)), int64(s.Length)},
		{"children", int64(children), int64(s.Children)},
	} {
		if f.own != f.got {
			return miss{checkStats, fmt.Sprintf("%s %d", f.name, f.own),
				fmt.Sprintf("%s %d", f.name, f.got)}, false
		}
	}
	if !v.pzxid.learn(s.Pzxid) {
		return miss{checkStats, "pzxid " + v.pzxid.String(), "pzxid " + s.Pzxid.String()}, false
	}
	return m, true
}

// sameEphemerals compares the paths of a session's ephemeral nodes.
func (w *world) sameEphemerals(op *lin.Operation) (m miss, ok bool) {
	var own []string
	for _, id := range w.owned[op.Session] {
		n := &w.nodes[id]
		if n.live && n.owner == op.Session && strings.HasPrefix(string(n.path), string(op.Path)) {
			own = append(own, string(n.path))
		}
	}
	slices.Sort(own)
	own = slices.Compact(own) // a path that was created again is listed twice
	told := slices.Sorted(slices.Values(op.Result.Children))
	if slices.Equal(own, told) {
		return m, true
	}
	return miss{checkEphemerals, bracketed(own), bracketed(told)}, false
}

// below counts the nodes below a vertex.
func (w *world) below(id int32) (n int64) {
	for _, kid := range w.nodes[id].kids {
		n += 1 + w.below(kid)
	}
	return n
}

// learn stores a zxid that was unknown, and returns whether it can be right.
func (s *stamp) learn(z lin.Zxid) bool {
	switch {
	case z == 0:
		return true
	case s.at != 0:
		return s.at == z
	case z <= s.lo || z >= s.hi:
		return false
	}
	s.at = z
	return true
}

func (s stamp) String() string {
	switch {
	case s.at != 0:
		return s.at.String()
	case s.lo < 0:
		return "before " + s.hi.String()
	}
	return "between " + s.lo.String() + " and " + s.hi.String()
}
