package linearizability

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
)

// Model names a model and its version: a verdict of znode/1 can be compared with another.
type Model string

// The models.
const (
	ZNode    Model = "znode/1"    // the whole tree; the default
	Register Model = "register/1" // set and get of single values
	Lock     Model = "lock/1"     // one holder at a time, and fencing tokens that grow
	Election Model = "election/1" // one leader at a time, and who it is
)

// Models are all of them.
var Models = []Model{ZNode, Register, Lock, Election}

// Scope says which operations have to fit into one order.
type Scope string

// The scopes. ZooKeeper claims Writes, failed ones included: a read is answered by whichever
// server the client is connected to, and may be old. All asks for more than ZooKeeper gives.
const (
	Writes Scope = "writes"
	All    Scope = "all"
)

// Answer is a verdict in a word. Undecided, a time limit, is never to be shown as Linearizable.
type Answer string

// The answers.
const (
	Linearizable Answer = "ok"
	Broken       Answer = "broken"
	Undecided    Answer = "undecided"
)

var badness = map[Answer]int{Linearizable: 0, Undecided: 1, Broken: 2}

// Worse says that a tells of more trouble than b: a break is worse than no answer, and that is
// worse than Linearizable.
func (a Answer) Worse(b Answer) bool { return badness[a] > badness[b] }

// Node is a node that is there before the history begins. The root always is.
type Node struct {
	Path    Path
	Data    string
	Version int32
	Creates int32 // how many children it ever had, from which sequential names count
}

// Options say what to ask. The zero value asks whether all writes fit one order of the tree.
type Options struct {
	Model   Model
	Scope   Scope // default: Writes; All for Register, which cannot judge less
	Initial []Node
	Timeout time.Duration // 0 is as long as it takes
	// Patience is how long porcupine may look for an order before that of the zxids is tried; 0 is
	// 200 ms. What has no answer may go anywhere, and every such write doubles the search.
	Patience time.Duration
}

// Verdict is what came out. All but Elapsed, and what an Undecided one says, depends on the
// history alone.
type Verdict struct {
	Result  Answer
	Model   Model
	Scope   Scope
	Order   []int  // one order that explains everything, if there is one; indices into the history
	Longest []int  // the longest order found that explains its part
	Blame   []int  // for each part that is broken, the operation at which Longest got stuck
	Misses  []Miss // the same, explained
	Left    []int  // operations that were not judged
	Parts   int    // independent parts of the history
	Steps   int64  // how often the model was asked
	Elapsed time.Duration

	// Certified is true if porcupine took too long and the order of the zxids was tried: it explains
	// everything, and an order that does is proof, wherever it comes from.
	Certified bool

	model porcupine.Model
	info  porcupine.LinearizationInfo
	drawn bool
}

// Check judges a history, which must not be changed as long as its [Page] is to be drawn. It fails only for a history that makes no sense, see
// [History.Validate], or an option that does not exist.
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
		return v, fmt.Errorf("model %q: write %s, %s, %s or %s", v.Model, ZNode, Register, Lock,
			Election)
	case v.Scope != Writes && v.Scope != All:
		return v, fmt.Errorf("scope %q: write %s or %s", v.Scope, Writes, All)
	}
	begin := time.Now()
	taken := v.take(h, o.Initial)
	parts, counted := split(h, taken)
	steps := new(atomic.Int64)
	switch v.Model {
	case ZNode:
		v.model = treeModel(&tree{counted}, o.Initial, steps)
	case Register:
		v.model = registerModel(o.Initial, steps)
	case Lock, Election:
		v.model = officeModel(steps)
	}
	v.Parts = len(parts)
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
	v.Steps, v.Elapsed = steps.Load(), time.Since(begin)
	return v, nil
}

// take picks the operations that the question is about.
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
		fits := op.Kind != Sync && op.Kind != AddWatch && op.Kind != RemoveWatches &&
			!op.Kind.Office()
		switch {
		case v.Model == Register:
			fits = forRegister(op, marks)
		case v.Model == Lock || v.Model == Election:
			fits = forOffice(op, v.Model, v.Scope, marks)
		case !op.Kind.Write():
			fits = fits && v.Scope == All && op.Outcome != Unknown
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

// judge hands the parts to porcupine.
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
			// What never returned may take effect after everything else: that is never.
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

// sorted is the operation with its lists in the order of the model's: itself, if they are.
func sorted(op *Operation) *Operation {
	if slices.IsSorted(op.Result.Children) && slices.IsSorted(op.Result.Deleted) &&
		len(op.Ops) == 0 {
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

// conclude reads porcupine's answer.
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

// longest picks one of porcupine's partial orders: the longest, and of several the first in
// lexical order, since they come in no order.
func longest(partial [][]int) []int {
	var best []int
	for _, p := range partial {
		if len(p) > len(best) || len(p) == len(best) && slices.Compare(p, best) < 0 {
			best = p
		}
	}
	return slices.Clone(best)
}

// certain cuts off the operations without an answer at the end of an order: nobody saw them.
func certain(h History, order []int) []int {
	for len(order) > 0 && h[order[len(order)-1]].Outcome == Unknown {
		order = order[:len(order)-1]
	}
	return order
}

// stuck returns the operation that could not be put into the order of its part although it had
// to come next: the first to return of those that are missing. It returns -1 if none is.
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

// merge makes one order of the orders of independent parts, as locality allows: every
// operation takes effect as early as the order of its part lets it.
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
