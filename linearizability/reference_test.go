package linearizability

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"
)

// reference is a second tree, written in the plainest way, to test the model with: it changes in
// place, keeps no lists of children, and knows no partitions.
type reference struct {
	nodes  map[Path]refNode
	closed map[Session]bool
}

type refNode struct {
	data    string
	version int32
	owner   Session
	made    int
}

func newReference() *reference {
	return &reference{map[Path]refNode{"/": {}, "/d": {}, "/d/x": {}}, map[Session]bool{}}
}

var refInitial = []Node{{Path: "/d"}, {Path: "/d/x"}}

func (r *reference) clone() *reference {
	return &reference{maps.Clone(r.nodes), maps.Clone(r.closed)}
}

func refParent(p Path) Path {
	i := strings.LastIndex(string(p), "/")
	if i == 0 {
		return "/"
	}
	return p[:i]
}

func (r *reference) kids(p Path) []string {
	kids := []string{}
	for q := range r.nodes {
		if q != "/" && refParent(q) == p {
			kids = append(kids, string(q[strings.LastIndex(string(q), "/")+1:]))
		}
	}
	slices.Sort(kids)
	return kids
}

// do carries out an operation, and returns it with the answer.
func (r *reference) do(op Operation) Operation {
	op.Outcome, op.Code, op.Result = OK, "", Result{}
	if op.Kind == Multi {
		before := r.clone()
		op.Ops = slices.Clone(op.Ops)
		for i := range op.Ops {
			op.Ops[i].Session = op.Session
			op.Ops[i] = r.do(op.Ops[i])
			if op.Ops[i].Outcome == OK {
				continue
			}
			op.Outcome, op.Code = Failed, op.Ops[i].Code
			for k := range i {
				op.Ops[k].Result = Result{}
			}
			for k := i + 1; k < len(op.Ops); k++ {
				part := &op.Ops[k]
				part.Outcome, part.Code, part.Result = Failed, RuntimeInconsistency, Result{}
			}
			*r = *before
			break
		}
		return op
	}
	op.Code, op.Result = r.one(op)
	if op.Code != "" {
		op.Outcome, op.Result = Failed, Result{}
	}
	return op
}

func (r *reference) one(op Operation) (Code, Result) {
	if op.Kind == CloseSession {
		gone := []Path{}
		for p, n := range r.nodes {
			if n.owner == op.Session {
				gone = append(gone, p)
			}
		}
		for _, p := range gone {
			delete(r.nodes, p)
		}
		slices.Sort(gone)
		r.closed[op.Session] = true
		return "", Result{Deleted: gone}
	}
	if op.Kind == Create {
		parent, ok := r.nodes[refParent(op.Path)]
		path := op.Path
		if op.Sequential {
			path = Path(fmt.Sprintf("%s%010d", op.Path, parent.made))
		}
		_, there := r.nodes[path]
		switch {
		case op.Ephemeral && r.closed[op.Session]:
			return SessionExpired, Result{}
		case !ok:
			return NoNode, Result{}
		case there:
			return NodeExists, Result{}
		case parent.owner != 0:
			return NoChildrenForEphemerals, Result{}
		}
		n := refNode{data: op.Data}
		if op.Ephemeral {
			n.owner = op.Session
		}
		parent.made++
		r.nodes[refParent(op.Path)] = parent
		r.nodes[path] = n
		return "", Result{Path: path, Stat: &Stat{Owner: n.owner}}
	}
	n, ok := r.nodes[op.Path]
	if !ok {
		return NoNode, Result{}
	}
	wants := op.Kind == Set || op.Kind == Delete || op.Kind == CheckVersion
	if wants && op.Version != -1 && op.Version != n.version {
		return BadVersion, Result{}
	}
	stat := &Stat{Version: n.version, Owner: n.owner}
	switch op.Kind {
	case Delete:
		if len(r.kids(op.Path)) > 0 {
			return NotEmpty, Result{}
		}
		delete(r.nodes, op.Path)
	case Set:
		n.data, n.version = op.Data, n.version+1
		r.nodes[op.Path] = n
		return "", Result{Stat: &Stat{Version: n.version, Owner: n.owner}}
	case Get:
		return "", Result{Data: n.data, Stat: stat}
	case Exists:
		return "", Result{Stat: stat}
	case Children:
		return "", Result{Children: r.kids(op.Path)}
	}
	return "", Result{}
}

// explains tries every order of the operations in the list that real time permits.
func (r *reference) explains(h History, rest []int) bool {
	if len(rest) == 0 {
		return true
	}
	for k, i := range rest {
		others := slices.Delete(slices.Clone(rest), k, k+1)
		if h[i].Outcome == Unknown && r.explains(h, others) {
			return true // never
		}
		late := slices.ContainsFunc(others, func(j int) bool {
			return h[j].Outcome != Unknown && h[j].Return < h[i].Call
		})
		if late {
			continue
		}
		next := r.clone()
		got := next.do(h[i])
		if h[i].Outcome == Unknown || same(got, h[i]) {
			if next.explains(h, others) {
				return true
			}
		}
	}
	return false
}

// same reports whether the reference's answer a is the answer b.
func same(a, b Operation) bool {
	if a.Outcome != b.Outcome || a.Code != b.Code || len(a.Ops) != len(b.Ops) {
		return false
	}
	for i := range a.Ops {
		if !same(a.Ops[i], b.Ops[i]) {
			return false
		}
	}
	stats := (a.Result.Stat == nil) == (b.Result.Stat == nil)
	if stats && a.Result.Stat != nil {
		x, y := a.Result.Stat, b.Result.Stat
		stats = x.Version == y.Version && (y.Owner == 0 || x.Owner == y.Owner)
	}
	return stats && a.Result.Path == b.Result.Path && a.Result.Data == b.Result.Data &&
		slices.Equal(a.Result.Children, b.Result.Children) &&
		slices.Equal(a.Result.Deleted, b.Result.Deleted)
}

var genPaths = []Path{"/a", "/a/x", "/b", "/b/y", "/d", "/d/x", "/d/z", "/q", "/q/n-0000000000",
	"/q/n-0000000001", "/c"}

func genOp(t *rapid.T, part bool) Operation {
	kinds := []Kind{Create, Create, Create, Delete, Set, CheckVersion}
	if !part {
		kinds = append(kinds, Multi, CloseSession, Get, Exists, Children)
	}
	op := Operation{
		Kind:    rapid.SampledFrom(kinds).Draw(t, "kind"),
		Session: Session(rapid.IntRange(1, 2).Draw(t, "session")),
		Version: -1,
	}
	op.Client = Client("ABC"[op.Session-1 : op.Session])
	switch op.Kind {
	case Multi:
		for range rapid.IntRange(1, 3).Draw(t, "parts") {
			op.Ops = append(op.Ops, genOp(t, true))
		}
		return op
	case CloseSession:
		return op
	}
	op.Path = rapid.SampledFrom(genPaths).Draw(t, "path")
	switch op.Kind {
	case Create:
		op.Ephemeral = rapid.IntRange(0, 2).Draw(t, "ephemeral") == 0
		if rapid.IntRange(0, 3).Draw(t, "sequential") == 0 {
			op.Sequential = true
			prefixes := []Path{"/q/n-", "/a/n-", "/q/n-0000000000/s-"}
			op.Path = rapid.SampledFrom(prefixes).Draw(t, "prefix")
		}
		fallthrough
	case Set:
		op.Data = rapid.SampledFrom([]string{"1", "2"}).Draw(t, "data")
	}
	if (op.Kind == Set || op.Kind == Delete || op.Kind == CheckVersion) &&
		rapid.Bool().Draw(t, "versioned") {
		op.Version = int32(rapid.IntRange(0, 1).Draw(t, "version"))
	}
	return op
}

// genHistory runs n operations one after the other, and then widens the interval of each.
func genHistory(t *rapid.T, n, blur int) History {
	r := newReference()
	var h History
	for i := range n {
		op := genOp(t, false)
		unknown := op.Kind != CloseSession && rapid.IntRange(0, 5).Draw(t, "unknown") == 0
		if !unknown || rapid.Bool().Draw(t, "happened") {
			op = r.do(op)
		}
		at := int64(10 * (i + 1))
		op.Call = at - int64(rapid.IntRange(0, blur).Draw(t, "before"))
		op.Return = at + int64(rapid.IntRange(0, blur).Draw(t, "after"))
		if unknown {
			op.Outcome, op.Code, op.Result = Unknown, "", Result{}
			for k := range op.Ops {
				op.Ops[k].Outcome, op.Ops[k].Code, op.Ops[k].Result = Unknown, "", Result{}
			}
		}
		h = append(h, op)
	}
	return h
}

// mutate changes one answer in the history.
func mutate(t *rapid.T, h History) {
	op := &h[rapid.IntRange(0, len(h)-1).Draw(t, "victim")]
	switch rapid.IntRange(0, 5).Draw(t, "mutation") {
	case 0:
		if op.Outcome == OK && op.Kind != CloseSession {
			op.Outcome, op.Result = Failed, Result{}
			op.Code = rapid.SampledFrom([]Code{NodeExists, NoNode, BadVersion, NotEmpty,
				NoChildrenForEphemerals}).Draw(t, "code")
			for k := range op.Ops {
				op.Ops[k].Result = Result{}
			}
		}
	case 1:
		if op.Outcome == Failed && op.Kind != Multi {
			*op = newReference().do(*op)
			op.Outcome, op.Code = OK, ""
			switch op.Kind {
			case Create:
				op.Result = Result{Path: op.Path, Stat: &Stat{}}
			case Set, Get, Exists:
				op.Result.Stat = &Stat{}
			}
		}
	case 2:
		if op.Result.Stat != nil {
			op.Result.Stat = &Stat{Version: op.Result.Stat.Version + 1, Owner: op.Result.Stat.Owner}
		}
	case 3:
		op.Result.Path = strings0(op.Result.Path)
	case 4:
		if op.Kind == Get && op.Outcome == OK {
			op.Result.Data += "x"
		}
	case 5:
		if len(op.Result.Deleted) > 0 {
			op.Result.Deleted = op.Result.Deleted[1:]
		}
	}
}

// strings0 gives a sequential name another number.
func strings0(p Path) Path {
	if strings.HasSuffix(string(p), "0") {
		return p[:len(p)-1] + "1"
	}
	return p
}
