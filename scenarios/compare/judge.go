package compare

import (
	"cmp"
	"slices"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

// History is what clients did and were told, as porcupine may judge it by the model of registers.
func History(r *task.Result) (h lin.History) {
	for i := range r.Ops {
		o := &r.Ops[i]
		op := lin.Operation{Client: lin.Client(o.Client), Path: lin.Path("/" + o.Key), Call: int64(o.Call), Return: int64(o.Return)}
		switch {
		case o.Read && o.Outcome != task.OK:
			continue // it says nothing
		case o.Read:
			op.Kind, op.Outcome, op.Result.Data = lin.Get, lin.OK, o.Value
			if o.Value == "" { // nobody had written it
				op.Outcome, op.Code = lin.Failed, lin.NoNode
			}
		default:
			op.Kind, op.Data, op.Version = lin.Set, o.Value, lin.AnyVersion
			switch o.Outcome {
			case task.OK:
				op.Outcome = lin.OK
			case task.Failed:
				continue // it never was
			default:
				op.Outcome = lin.Unknown
			}
		}
		h = append(h, op)
	}
	return h
}

// judgeLimit is how long porcupine may take for a run; past it the verdict is undecided.
const judgeLimit = 10 * time.Second

// judge is porcupine's verdict: one order of all reads and writes explains every value.
func judge(r *task.Result) (lin.Answer, error) {
	v, err := lin.Check(History(r), lin.Options{Model: lin.Register, Timeout: judgeLimit})
	return v.Result, err
}

// told is a version of a register that a client was told of, and when.
type told struct {
	at      sim.Time
	version uint64
}

// replay goes through what was done, in the order of the answers, and has see look at each operation beside the versions
// of its register that were told before, ever larger. Each write adds one to its register's version.
func replay(ops []task.Op, see func(o *task.Op, newest []told)) {
	done := slices.DeleteFunc(slices.Clone(ops), func(o task.Op) bool { return o.Outcome != task.OK })
	slices.SortStableFunc(done, func(a, b task.Op) int { return int(a.Return - b.Return) })
	newest := map[string][]told{} // by register
	for i := range done {
		o := &done[i]
		list := newest[o.Key]
		n, _ := slices.BinarySearchFunc(list, o.Call, func(t told, at sim.Time) int { return int(t.at - at) })
		see(o, list[:n])
		if !o.Read && (len(list) == 0 || o.Version > list[len(list)-1].version) {
			newest[o.Key] = append(list, told{o.Return, o.Version})
		}
	}
}

// lost counts writes that were told as done, and that a later write of the same register does not stand behind.
func lost(ops []task.Op) (n int) {
	replay(ops, func(o *task.Op, newest []told) {
		if k := len(newest); k > 0 && !o.Read && newest[k-1].version >= o.Version {
			n++
		}
	})
	return n
}

// stale counts reads that came back with less than had been told before they began; oldest is how long before, at most.
func stale(ops []task.Op) (n int, oldest sim.Time) {
	replay(ops, func(o *task.Op, newest []told) {
		if k := len(newest); k > 0 && o.Read && newest[k-1].version > o.Version {
			n++
			i, _ := slices.BinarySearchFunc(newest, o.Version+1, func(t told, v uint64) int { return cmp.Compare(t.version, v) })
			oldest = max(oldest, o.Call-newest[i].at)
		}
	})
	return n, oldest
}

// doubled counts writes that took effect more often than they were asked for: versions that no writes account for.
func doubled(ops []task.Op) (n int) {
	type count struct{ asked, seen uint64 }
	of := map[string]count{} // by register
	for _, o := range ops {
		c := of[o.Key]
		if !o.Read && o.Outcome != task.Failed {
			c.asked++
		}
		c.seen = max(c.seen, o.Version)
		of[o.Key] = c
	}
	for _, c := range of { // order: a sum
		n += int(c.seen - min(c.seen, c.asked))
	}
	return n
}
