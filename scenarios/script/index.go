package script

import (
	"slices"

	"github.com/zablab/zablab/tree"
)

// reach limits how many lines above or below a line are searched where there is no index. It keeps
// the time linear in the number of lines; real drawings are shorter.
const reach = 1000

// after returns the acts below act i, at most reach of them.
func (s *supplier) after(i int) []*Act {
	return s.acts[min(i+1, len(s.acts)):min(len(s.acts), i+1+reach)]
}

// index says where the acts of a world do something, so that no act has to be compared with all
// others. Numbers are places in supplier.acts; a map without an entry means nowhere.
type index struct {
	creates map[string]int   // by path or series: the first create
	listed  map[string]int   // by parent: the first create whose name a list may show otherwise
	owns    map[string][]int // by client: its ephemeral creates
	series  map[string][]int // by path: sequential creates
	asks    map[string][]int // by client: its calls and what else shows that it has asked
	own     map[string]int   // by path: the last ephemeral create
	writes  map[string]int   // by path: the first write
	under   map[string]int   // by parent: the first write of a child
	ends    map[string][]int // by path: acts that change or delete it, or tell of that
}

// newIndex makes the index of a world's acts, whose paths are complete.
func newIndex(acts []*Act) *index {
	x := &index{creates: make(map[string]int), listed: make(map[string]int),
		owns: make(map[string][]int), series: make(map[string][]int),
		asks: make(map[string][]int), own: make(map[string]int), writes: make(map[string]int),
		under: make(map[string]int), ends: make(map[string][]int)}
	for i, a := range acts {
		if who := a.asker(); who != "" {
			x.asks[who] = append(x.asks[who], i)
		}
		if path := a.endOf(); path != "" {
			x.ends[path] = append(x.ends[path], i)
		}
		if a.Kind != Call {
			continue
		}
		x.create(i, a, &a.Op)
		for k := range a.Op.Ops {
			x.create(i, a, &a.Op.Ops[k])
		}
		if a.Op.Type.Writes() {
			first(x.writes, a.Op.Path, i)
			first(x.under, parentOf(a.Op.Path), i)
		}
	}
	return x
}

// create takes in a create.
func (x *index) create(i int, a *Act, op *tree.Op) {
	if op.Type != tree.OpCreate2 {
		return
	}
	first(x.creates, op.Path, i)
	if a.named != "" {
		first(x.creates, a.named, i)
	}
	if op.Flags.IsSequential() {
		first(x.creates, op.Path+"#", i)
		x.series[op.Path] = append(x.series[op.Path], i)
	}
	if a.vague || op.Flags.IsSequential() {
		first(x.listed, parentOf(op.Path), i)
	}
	if op.Flags.IsEphemeral() && op == &a.Op {
		x.owns[a.From] = append(x.owns[a.From], i)
		x.own[op.Path] = i
	}
}

// first keeps the first place of a key.
func first(places map[string]int, key string, i int) {
	if _, ok := places[key]; !ok {
		places[key] = i
	}
}

// above says whether a place that an index has is above an act.
func above(places map[string]int, key string, i int) bool {
	at, ok := places[key]
	return ok && at < i
}

// lastAbove returns the last of some places that is at act i or above it; -1 if all are below.
func lastAbove(places []int, i int) int {
	n, found := slices.BinarySearch(places, i)
	switch {
	case found:
		return i
	case n > 0:
		return places[n-1]
	}
	return -1
}

// asker returns the client that has made a call according to an act, or "".
func (a *Act) asker() string {
	switch a.Kind {
	case Call, Write:
		return a.From
	case Absence:
		if a.Denied.Kind == Call {
			return a.From
		}
	case Reply:
		return a.To
	case Heartbeat:
		if anew, _ := a.Connects(); anew {
			return a.From
		}
	}
	return ""
}

// endOf returns the path of the node that an act changes, deletes or reports, or "".
func (a *Act) endOf() string {
	switch {
	case a.Kind == Event && (a.Notice.Event == tree.NodeDeleted ||
		a.Notice.Event == tree.NodeDataChanged):
		return a.Notice.Path
	case a.Kind == Happening:
		return a.Happening.Path
	case a.Kind == Call && (a.Op.Type == tree.OpDelete || a.Op.Type == tree.OpSetData):
		return a.Op.Path
	}
	return ""
}
