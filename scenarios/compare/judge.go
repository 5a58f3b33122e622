package compare

import (
	"slices"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/raft/spec"
	"github.com/zablab/zablab/sim"
)

// History is what clients did and were told, as porcupine may judge it by the model of registers.
func History(r *spec.Result) (h lin.History) {
	for i := range r.Ops {
		o := &r.Ops[i]
		op := lin.Operation{Client: lin.Client(o.Client), Path: lin.Path("/" + o.Key), Call: int64(o.Call), Return: int64(o.Return)}
		switch {
		case o.Read && o.Outcome != spec.OK:
			continue // it says nothing
		case o.Read:
			op.Kind, op.Outcome, op.Result.Data = lin.Get, lin.OK, o.Value
			if o.Value == "" { // nobody had written it
				op.Outcome, op.Code = lin.Failed, lin.NoNode
			}
		default:
			op.Kind, op.Data, op.Version = lin.Set, o.Value, lin.AnyVersion
			switch o.Outcome {
			case spec.OK:
				op.Outcome = lin.OK
			case spec.Failed:
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
func judge(r *spec.Result) (lin.Answer, error) {
	v, err := lin.Check(History(r), lin.Options{Model: lin.Register, Timeout: judgeLimit})
	return v.Result, err
}

// lost counts writes that were told as done, and that a later write of the same register does not stand behind: each
// adds one to its register's version. stale counts reads that came back with less than had been told before they began.
func lost(ops []spec.Op) (lost, stale int) {
	type told struct {
		at      sim.Time
		version uint64
	}
	done := slices.DeleteFunc(slices.Clone(ops), func(o spec.Op) bool { return o.Outcome != spec.OK })
	slices.SortStableFunc(done, func(a, b spec.Op) int { return int(a.Return - b.Return) })
	newest := map[string][]told{} // by register, the versions that were told, ever larger
	for _, o := range done {
		list := newest[o.Key]
		i, _ := slices.BinarySearchFunc(list, o.Call, func(t told, at sim.Time) int { return int(t.at - at) })
		switch {
		case i > 0 && o.Read && list[i-1].version > o.Version:
			stale++
		case i > 0 && !o.Read && list[i-1].version >= o.Version:
			lost++
		}
		if !o.Read && (len(list) == 0 || o.Version > list[len(list)-1].version) {
			newest[o.Key] = append(list, told{o.Return, o.Version})
		}
	}
	return lost, stale
}
