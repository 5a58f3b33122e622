package linearizability

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// tree is the model of the whole tree: the answers of a single server without peers, network or
// crashes. It is written from ZooKeeper's documented behaviour, not from the lab's tree.
type tree struct {
	counted map[Path]bool // parents below which sequential names are asked for
}

// reply is the model's answer.
type reply struct {
	code     Code
	path     Path
	node     *node // its state after the operation
	children []string
	deleted  []Path
}

// step returns whether an operation can have had its outcome in state s, and the state after the
// operation. If s is the caller's own, step may change s, even if the operation cannot have had its
// outcome.
func (t *tree) step(s *state, op *Operation, own bool) (bool, *state) {
	if op.Outcome == Failed && !op.Code.judged() {
		return true, s
	}
	if op.Kind == Multi {
		return t.multi(s, op)
	}
	next, r := t.apply(s, op, op.Session, own)
	switch op.Outcome {
	case Unknown:
		return true, next
	case Failed:
		return r.code == op.Code, s
	}
	return t.agree(next, own || next != s, op, &r)
}

// apply carries out an operation, whatever its outcome was. A failure changes nothing.
func (t *tree) apply(s *state, op *Operation, session Session, own bool) (*state, reply) {
	if op.Kind == Create {
		return t.create(s, op, session, own)
	}
	if op.Kind == CloseSession {
		next, gone := s.close(session)
		return next, reply{deleted: gone}
	}
	i, n := s.find(op.Path)
	if n == nil {
		return s, reply{code: NoNode}
	}
	switch op.Kind {
	case Delete, Set, CheckVersion:
		if op.Version != AnyVersion && op.Version != n.version {
			return s, reply{code: BadVersion}
		}
	}
	switch op.Kind {
	case Delete:
		if !s.empty(op.Path) {
			return s, reply{code: NotEmpty}
		}
		return s.remove(i, own), reply{}
	case Set:
		changed := *n
		changed.data, changed.mzxid = op.Data, 0
		changed.version = NextVersion(changed.version)
		if stat := op.Result.Stat; op.Outcome == OK && stat != nil &&
			stat.Version != changed.version {
			return s, reply{node: &changed} // agree will reject it
		}
		return s.put(&changed, own), reply{node: &changed}
	case Children:
		return s, reply{node: n, children: s.children(op.Path)}
	}
	return s, reply{node: n}
}

func (t *tree) create(s *state, op *Operation, session Session, own bool) (*state, reply) {
	if op.Ephemeral && s.isClosed(session) {
		return s, reply{code: SessionExpired}
	}
	above := op.Path.parent()
	_, p := s.find(above)
	if p == nil {
		if above == "" {
			return s, reply{code: NodeExists} // the root
		}
		return s, reply{code: NoNode}
	}
	path := op.Path
	if op.Sequential {
		path = numbered(path, p.creates)
		switch told := op.Result.Path; {
		case p.creates == LastNumber && overflowed(op.Path, told):
			path = told
		case p.creates == LastNumber && op.Code == NodeExists:
			return s, reply{code: NodeExists}
		case op.Outcome == OK && told != "" && told != path:
			return s, reply{path: path} // agree will reject it
		}
	}
	if _, n := s.find(path); n != nil {
		return s, reply{code: NodeExists}
	}
	if p.owner != 0 {
		return s, reply{code: NoChildrenForEphemerals}
	}
	n := &node{path: path, data: op.Data}
	if op.Ephemeral {
		n.owner = session
	}
	next := s.put(n, own)
	if t.counted[above] && p.creates < LastNumber {
		counted := *p
		counted.creates++
		next.replace(&counted)
	}
	return next, reply{path: path, node: n}
}

// numbered returns a path with a number of ten digits appended.
func numbered(path Path, n int32) Path {
	digits := strconv.Itoa(int(n))
	return path + Path("0000000000"[:max(0, 10-len(digits))]+digits)
}

// LastNumber is the largest number of a sequential node. In ZooKeeper the counter that is stored in
// a parent stops at LastNumber, so all later names get the same number. There is one exception: if
// a create begins while the create with LastNumber is still in progress, the leader adds 1 to the
// number of the pending create, and the result overflows to a negative number.
const LastNumber = math.MaxInt32

// overflowed reports whether a name that a sequential create was given can be one that comes after
// [LastNumber].
func overflowed(asked, told Path) bool {
	digits, ok := strings.CutPrefix(string(told), string(asked))
	n, err := strconv.ParseInt(digits, 10, 32)
	return ok && err == nil && (n == LastNumber || n < -LastNumber+1000)
}

// multi carries out all parts of a multi, or none.
func (t *tree) multi(s *state, op *Operation) (bool, *state) {
	next, blamed := s, false
	for i := range op.Ops {
		part, own := &op.Ops[i], next != s // s stays, for the case that a later part fails
		after, r := t.apply(next, part, op.Session, own)
		if r.code != noCode {
			// The multi changes nothing, and its answer must name this part as the one that failed.
			told := !blamed && part.Outcome != OK && (part.Code == noCode || part.Code == r.code)
			return op.Outcome == Unknown || op.Outcome == Failed && op.Code == r.code && told, s
		}
		blamed = blamed || part.Code.judged()
		if op.Outcome == OK {
			var ok bool
			if ok, after = t.agree(after, after != s, part, &r); !ok {
				return false, s
			}
		}
		next = after
	}
	return op.Outcome != Failed, next
}

// agree reports whether the model's answer is the client's, and adds to the state the zxids of the
// node that the client's answer shows. own is true if this operation has made state s.
func (t *tree) agree(s *state, own bool, op *Operation, r *reply) (bool, *state) {
	if r.code != noCode {
		return false, s
	}
	switch op.Kind {
	case Create:
		if op.Result.Path != "" && op.Result.Path != r.path {
			return false, s
		}
	case Get:
		if op.Result.Data != r.node.data {
			return false, s
		}
	case Children:
		return slices.Equal(op.Result.Children, r.children), s
	case CloseSession:
		return op.Result.Deleted == nil || slices.Equal(op.Result.Deleted, r.deleted), s
	case Delete:
		return true, s
	}
	if op.Result.Stat == nil {
		return true, s
	}
	return s.learn(own, r.node, op.Result.Stat)
}

// learn compares a stat with a node. The model cannot know zxids: it learns a zxid from the first
// operation that shows it, and all later operations must show the same zxid.
func (s *state) learn(own bool, n *node, stat *Stat) (bool, *state) {
	if stat.Version != n.version || stat.Owner != 0 && stat.Owner != n.owner {
		return false, s
	}
	told := *n
	if told.czxid == 0 {
		told.czxid = stat.Czxid
	}
	if told.mzxid == 0 {
		told.mzxid = stat.Mzxid
	}
	if stat.Czxid != 0 && stat.Czxid != told.czxid || stat.Mzxid != 0 && stat.Mzxid != told.mzxid {
		return false, s
	}
	if told == *n {
		return true, s
	}
	if own {
		s.replace(&told)
		return true, s
	}
	return true, s.put(&told, false)
}
