package linearizability

import (
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/anishathalye/porcupine"
)

// office is the model of a lock, or of an office such as leader: who holds it, and its tokens. It
// knows the operations of locks ([Acquire], [Release], [Holder], [Use]) and those of ZooKeeper's
// recipe, in which an ephemeral node is the office: creating the node acquires it, deleting the
// node releases it, and so does the end of the holder's session.
//
// A fenced resource distinguishes a holder from its successor by the token: each grant has a larger
// token than the grant before. The token of a node is its czxid.
type office struct {
	held   bool
	holder Session
	name   string // of the holder: what a Holder, or a get of the node, returns
	token  int64  // of the last grant whose token is known
	seen   int64  // the largest token that the resource has seen
}

// step returns whether an operation can have had its outcome in this state, and the state after the
// operation.
func (s office) step(op *Operation) (bool, office) {
	switch op.Kind {
	case Acquire, Create:
		return s.acquire(op)
	case Release:
		return s.release(op, NotHeld, s.held && s.holder == op.Session)
	case Delete:
		return s.release(op, NoNode, s.held)
	case CloseSession:
		return s.close(op)
	case Use:
		return s.use(op)
	}
	// holder, get or exists
	if op.Outcome == Failed {
		return !s.held, s
	}
	return s.held && (op.Kind == Exists || s.name == op.Result.Data), s
}

func (s office) acquire(op *Operation) (bool, office) {
	if op.Outcome == Failed || s.held {
		return op.Outcome != OK && s.held || op.Outcome == Unknown, s
	}
	token := op.Result.Token
	if stat := op.Result.Stat; stat != nil && op.Kind == Create {
		token = int64(stat.Czxid)
	}
	if op.Outcome == OK && token != 0 {
		if token <= s.token {
			return false, s
		}
		s.token = token
	}
	s.held, s.holder, s.name = true, op.Session, op.Data
	if op.Kind == Acquire && op.Data == "" {
		s.name = string(op.Client)
	}
	return true, s
}

// release gives up the office if may is true, and otherwise fails with a code.
func (s office) release(op *Operation, failure Code, may bool) (bool, office) {
	if op.Outcome == Failed {
		return !may && op.Code == failure, s
	}
	if !may {
		return op.Outcome == Unknown, s
	}
	s.held, s.holder, s.name = false, 0, ""
	return true, s
}

func (s office) close(op *Operation) (bool, office) {
	own := s.held && s.holder == op.Session
	if own {
		s.held, s.holder, s.name = false, 0, ""
	}
	return true, s
}

// use models a write to the resource that the lock guards.
func (s office) use(op *Operation) (bool, office) {
	if op.Outcome == Failed {
		return op.Token < s.seen, s
	}
	if op.Token < s.seen {
		return op.Outcome == Unknown, s
	}
	s.seen = op.Token
	return true, s
}

func (s office) String() string {
	text := "free"
	if s.held {
		text = "held by " + s.name
		if s.name == "" {
			text = "held by session " + session(s.holder)
		}
	}
	if s.token != 0 {
		text += ", token " + Zxid(s.token).either()
	}
	if s.seen != 0 {
		text += ", newest token seen by the resource: " + Zxid(s.seen).either()
	}
	return text
}

// either prints a token: as a zxid if it has an epoch, otherwise as a plain number.
func (z Zxid) either() string {
	if z>>32 == 0 {
		return strconv.FormatInt(int64(z), 10)
	}
	return z.String()
}

// officeModel returns the model of a lock or an election in porcupine's form.
func officeModel(steps *atomic.Int64) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return office{} },
		Step: func(s, in, _ any) (bool, any) {
			steps.Add(1)
			ok, next := s.(office).step(in.(*Operation))
			return ok, next
		},
		Hash: func(s any) uint64 {
			o := s.(office)
			h := mix(uint64(o.holder)) ^ mix(uint64(o.token)+1)<<1 ^ mix(uint64(o.seen)+2)
			if o.held {
				h++
			}
			return hash(h, o.name)
		},
		DescribeOperation: func(in, _ any) string { return in.(*Operation).String() },
		DescribeState:     func(s any) string { return s.(office).String() },
	}
}

// noOffice marks the nodes that cannot be a lock or an election: those that exist from the
// beginning, that a multi touches, that are never created, or that are created as anything but a
// plain ephemeral node.
func noOffice(h History, initial []Node) map[Path]bool {
	marks := make(map[Path]bool)
	for i := range initial {
		marks[initial[i].Path] = true
	}
	made := make(map[Path]bool)
	for i := range h {
		op := &h[i]
		for k := range op.Ops {
			marks[op.Ops[k].Path] = true
		}
		if op.Kind == Create {
			made[op.Path] = true
			if !op.Ephemeral || op.Sequential {
				marks[op.Path] = true
			}
			if op.Result.Path != "" && op.Result.Path != op.Path {
				marks[op.Result.Path] = true
			}
		}
	}
	for i := range h {
		if p := h[i].Path; p != "" && !made[p] {
			marks[p] = true
		}
	}
	return marks
}

// forOffice reports whether the model of a lock or an election judges an operation. Only the model
// of a lock judges uses of the resource; only the model of an election judges the holder's name.
func forOffice(op *Operation, m Model, scope Scope, none map[Path]bool) bool {
	switch op.Kind {
	case Acquire, Release:
		return op.Outcome != Failed || op.Code == Held || op.Code == NotHeld
	case Use:
		return m == Lock && (op.Outcome != Failed || op.Code == StaleToken)
	case Holder:
		return m == Election && op.Outcome != Unknown && (op.Outcome == OK || op.Code == NotHeld)
	case CloseSession:
		return true
	case Create, Delete:
		told := op.Outcome != Failed || op.Code == NodeExists ||
			op.Code == NoNode && op.Kind == Delete
		return told && !none[op.Path]
	case Get, Exists:
		told := op.Outcome == OK || op.Outcome == Failed && op.Code == NoNode
		return m == Election && scope == All && told && !none[op.Path]
	}
	return false
}

// Office reports whether a kind belongs to locks and elections, not to the tree.
func (k Kind) Office() bool {
	return slices.Contains([]Kind{Acquire, Release, Holder, Use}, k)
}
