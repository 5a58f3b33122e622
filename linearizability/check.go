package linearizability

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// Model names a model and its version: compare only verdicts of the same version.
type Model string

// The models.
const (
	ZNode    Model = "znode/1"    // the whole tree; the default
	Register Model = "register/1" // set and get of single values
	Lock     Model = "lock/1"     // one holder at a time, and fencing tokens that grow
	Election Model = "election/1" // one leader at a time, and who it is
)

// Models are all models.
var Models = []Model{ZNode, Register, Lock, Election}

// Scope says which operations must fit into one order.
type Scope string

// These are the scopes. [Writes] is what ZooKeeper promises: one order of all writes, failed writes
// included. [All] adds the reads, for which ZooKeeper promises no such order: the client's own
// server answers a read, and the answer may be stale.
const (
	Writes Scope = "writes"
	All    Scope = "all"
)

// Answer is a verdict in one word. Undecided means that time ran out: never show it as
// Linearizable.
type Answer string

// The answers.
const (
	Linearizable Answer = "ok"
	Broken       Answer = "broken"
	Undecided    Answer = "undecided"
)

var badness = map[Answer]int{Linearizable: 0, Undecided: 1, Broken: 2}

// Worse reports whether a is worse than b: Broken is worse than Undecided, which is worse than
// Linearizable.
func (a Answer) Worse(b Answer) bool { return badness[a] > badness[b] }

// Node is a node that exists before the history begins. The root always exists.
type Node struct {
	Path    Path
	Data    string
	Version int32
	Creates int32   // how many children were ever created: the next sequential number
	Owner   Session // of an ephemeral node

	// Evidence for package witness; Check ignores it. A zxid of 0 is unknown.
	Czxid, Mzxid, Pzxid Zxid
	Aversion            int32
	ACL                 []Grant // nil if everybody may do everything
}

// Options say what to check. The zero value checks whether there is one order of all writes to the
// tree that explains their answers.
type Options struct {
	Model   Model
	Scope   Scope // default: Writes; All for Register, which cannot judge less
	Initial []Node
	Closed  []Session     // that ended before the history begins; in order
	Timeout time.Duration // 0 is none
	// Patience is how long porcupine may search before the order of the zxids is tried; 0 is 200
	// ms. A write without an answer may have any place in the order, so each such write doubles the
	// search.
	Patience time.Duration
	// ZxidsFirst tries the order of the zxids before porcupine, which then searches only if that
	// order does not explain every answer. If it does, it is the proof that porcupine would search
	// for: the result is the same, unless porcupine would have run out of time.
	ZxidsFirst bool
}

// Verdict is the result of a check. If the verdict is not Undecided, equal histories and options
// give equal verdicts, except for the field Elapsed.
type Verdict struct {
	Result  Answer // of the check; type [Result] is that of an operation
	Model   Model
	Scope   Scope
	Order   []int  // one order that explains every answer, if any; indices into the history
	Longest []int  // the longest order found that explains the answers in it
	Blame   []int  // for each broken part, the operation that cannot extend Longest
	Misses  []Miss // Blame, explained: Misses[i].Op is Blame[i]
	Left    []int  // operations that were not judged
	Parts   int    // independent parts of the history
	Steps   int64  // calls of the model
	Elapsed time.Duration

	// Certified is true if porcupine took too long or was not asked ([Options.ZxidsFirst]), but the
	// order of the zxids explains every answer: an order that does so is a proof, wherever it comes
	// from.
	Certified bool

	model porcupine.Model
	tree  *tree // nil if the model is another one
	steps *atomic.Int64
	info  porcupine.LinearizationInfo
	drawn bool
}

// Check judges a history. It returns an error only if the history is invalid ([History.Validate])
// or an option is unknown. Do not change the history before you have called [Page] with the
// verdict.
func Check(h History, o Options) (Verdict, error) {
	if err := h.Validate(); err != nil {
		return Verdict{}, err
	}
	v := Verdict{Model: o.Model, Scope: o.Scope}
	if v.Model == "" {
		v.Model = ZNode
	}
	switch {
	case v.Model == Register:
		v.Scope = All
	case v.Scope == "":
		v.Scope = Writes
	}
	switch {
	case !slices.Contains(Models, v.Model):
		return v, fmt.Errorf("unknown model %q: must be %s, %s, %s or %s", v.Model, ZNode, Register,
			Lock, Election)
	case v.Scope != Writes && v.Scope != All:
		return v, fmt.Errorf("unknown scope %q: must be %s or %s", v.Scope, Writes, All)
	}
	begin := time.Now()
	taken := v.take(h, o.Initial)
	parts, counted := [][]int(nil), map[Path]bool(nil)
	if v.Model == Register {
		parts = byPath(h, taken)
	} else {
		parts, counted = split(h, taken, v.Model != ZNode, o.Initial)
	}
	steps := new(atomic.Int64)
	v.steps = steps
	switch v.Model {
	case ZNode:
		v.tree = &tree{counted}
		v.model = treeModel(v.tree, &o, steps)
	case Register:
		v.model = registerModel(o.Initial, steps)
	case Lock, Election:
		v.model = officeModel(steps)
	}
	v.Parts = len(parts)
	v.decide(h, parts, &o)
	v.Steps, v.Elapsed = steps.Load(), time.Since(begin)
	return v, nil
}

// decide asks porcupine and tries the order of the zxids, in the order that the options say.
func (v *Verdict) decide(h History, parts [][]int, o *Options) {
	if o.ZxidsFirst {
		if !v.certify(h, parts) {
			v.judge(h, parts, o.Timeout)
		}
		return
	}
	first := o.Patience
	if first == 0 {
		first = patience
	}
	if o.Timeout > 0 {
		first = min(first, o.Timeout)
	}
	v.judge(h, parts, first)
	switch {
	case v.Result != Undecided:
	case v.certify(h, parts):
	case o.Timeout != first:
		v.judge(h, parts, max(0, o.Timeout-first))
	}
}

// modelled reports whether the models of a tree know operations of the kind.
func (k Kind) modelled() bool {
	switch k {
	case Sync, AddWatch, RemoveWatches, CheckWatches, SetACL, GetACL, Ephemerals, Descendants:
		return false
	}
	return !k.Office()
}

// take picks the operations that are judged.
func (v *Verdict) take(h History, initial []Node) (taken []int) {
	var marks map[Path]bool
	switch v.Model {
	case Register:
		marks = unfit(h)
	case Lock, Election:
		marks = noOffice(h, initial)
	}
	for i := range h {
		op := &h[i]
		fits := op.Kind.modelled()
		switch {
		case op.Earlier:
			fits = false
		case v.Model == Register:
			fits = forRegister(op, marks)
		case v.Model == Lock || v.Model == Election:
			fits = forOffice(op, v.Model, v.Scope, marks)
		case !fits:
		case !op.Kind.Write():
			fits = v.Scope == All && op.Outcome != Unknown
		case op.Outcome == Failed && !op.Code.judged():
			fits = false
		}
		if fits {
			taken = append(taken, i)
		} else {
			v.Left = append(v.Left, i)
		}
	}
	return taken
}

// judge lets porcupine check the parts.
func (v *Verdict) judge(h History, parts [][]int, limit time.Duration) {
	last := int64(0)
	clients := make(map[Client]int)
	for i := range h {
		last = max(last, h[i].Call)
		if h[i].Outcome != Unknown {
			last = max(last, h[i].Return)
		}
		if _, ok := clients[h[i].Client]; !ok {
			clients[h[i].Client] = len(clients)
		}
	}
	all := make([][]porcupine.Operation, len(parts))
	for k, part := range parts {
		all[k] = make([]porcupine.Operation, 0, len(part))
		for _, i := range part {
			op := sorted(&h[i])
			// An operation that never returned may take effect after all others, which means never.
			end := op.Return
			if op.Outcome == Unknown {
				end = last + 1
			}
			all[k] = append(all[k], porcupine.Operation{
				ClientId: clients[op.Client], Input: op, Call: op.Call, Return: end,
			})
		}
	}
	v.model.Partition = func([]porcupine.Operation) [][]porcupine.Operation { return all }
	result, info := porcupine.CheckOperationsVerbose(v.model, nil, limit)
	v.info, v.drawn = info, true
	v.conclude(h, parts, result)
}

// sorted returns the operation with its lists sorted, as the model's lists are. It returns op
// itself if they are sorted already.
func sorted(op *Operation) *Operation {
	if op.isSorted() {
		return op
	}
	own := *op
	own.Result.Children = slices.Sorted(slices.Values(op.Result.Children))
	own.Result.Deleted = slices.Sorted(slices.Values(op.Result.Deleted))
	if op.Result.Deleted != nil && own.Result.Deleted == nil {
		own.Result.Deleted = []Path{}
	}
	own.Ops = make([]Operation, len(op.Ops))
	for i := range op.Ops {
		own.Ops[i] = *sorted(&op.Ops[i])
	}
	return &own
}

func (op *Operation) isSorted() bool {
	for i := range op.Ops {
		if !op.Ops[i].isSorted() {
			return false
		}
	}
	return slices.IsSorted(op.Result.Children) && slices.IsSorted(op.Result.Deleted)
}

// conclude turns porcupine's result into the verdict.
func (v *Verdict) conclude(h History, parts [][]int, result porcupine.CheckResult) {
	orders := make([][]int, len(parts))
	for k, partial := range v.info.PartialLinearizations() {
		orders[k] = longest(partial)
	}
	for k, part := range parts {
		for n, id := range orders[k] {
			orders[k][n] = part[id]
		}
	}
	switch result {
	case porcupine.Ok:
		v.Result = Linearizable
		for k := range orders {
			orders[k] = certain(h, orders[k])
		}
		v.Order = merge(h, orders)
		v.Longest = v.Order
		return
	case porcupine.Illegal:
		v.Result = Broken
		for k, part := range parts {
			if i := stuck(h, part, orders[k]); i >= 0 {
				v.Blame = append(v.Blame, i)
				v.Misses = append(v.Misses, v.explain(h, orders[k], i))
			}
		}
	default:
		v.Result = Undecided
	}
	v.Longest = merge(h, orders)
}

// longest picks the longest of porcupine's partial orders. If several are equally long, it picks
// the first in lexical order, because porcupine returns them in no fixed order.
func longest(partial [][]int) []int {
	var best []int
	for _, p := range partial {
		if len(p) > len(best) || len(p) == len(best) && slices.Compare(p, best) < 0 {
			best = p
		}
	}
	return slices.Clone(best)
}

// certain cuts the operations without an answer off the end of an order: nothing shows that they
// happened.
func certain(h History, order []int) []int {
	for len(order) > 0 && h[order[len(order)-1]].Outcome == Unknown {
		order = order[:len(order)-1]
	}
	return order
}

// stuck returns the operation that had to come next in the order of its part and could not: the
// first to return of the operations missing there. It returns -1 if none is missing.
func stuck(h History, part, order []int) int {
	placed := make(map[int]bool)
	for _, i := range order {
		placed[i] = true
	}
	first := -1
	for _, i := range part {
		if placed[i] || h[i].Outcome == Unknown {
			continue
		}
		if first < 0 || h[i].Return < h[first].Return {
			first = i
		}
	}
	return first
}

// merge merges the orders of independent parts into one, as locality allows: each operation takes
// effect as early as the order of its part permits.
func merge(h History, orders [][]int) []int {
	type point struct {
		at int64
		op int
	}
	var points []point
	for _, order := range orders {
		at := int64(0)
		for n, i := range order {
			if n == 0 || h[i].Call > at {
				at = h[i].Call
			}
			points = append(points, point{at, i})
		}
	}
	slices.SortStableFunc(points, func(a, b point) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	var merged []int
	for _, p := range points {
		merged = append(merged, p.op)
	}
	return merged
}
