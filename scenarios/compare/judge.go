package compare

import (
	"cmp"
	"slices"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// History converts the operations of a run to a history of registers, which porcupine can judge.
func History(r *Result) (h lin.History) {
	for i := range r.Ops {
		o := &r.Ops[i]
		op := lin.Operation{
			Client: lin.Client(o.Client), Path: lin.Path("/" + o.Key), Call: int64(o.Call),
			Return: int64(o.Return),
		}
		switch {
		case o.Read && o.Outcome != OK:
			continue // a read without an answer shows nothing
		case o.Read:
			op.Kind, op.Outcome, op.Result.Data = lin.Get, lin.OK, o.Value
			if o.Value == "" { // nothing written yet
				op.Outcome, op.Code = lin.Failed, lin.NoNode
			}
		default:
			op.Kind, op.Data, op.Version = lin.Set, o.Value, lin.AnyVersion
			switch o.Outcome {
			case OK:
				op.Outcome = lin.OK
			case Failed:
				continue // the write had no effect
			default:
				op.Outcome = lin.Unknown
			}
		}
		h = append(h, op)
	}
	return h
}

// judgeLimit is how long porcupine may take for a run. After that the verdict is undecided.
const judgeLimit = 10 * time.Second

// judge returns porcupine's verdict on a run. The run is linearizable if one order of all reads and
// writes explains every value.
func judge(r *Result) (lin.Answer, error) {
	v, err := lin.Check(History(r), lin.Options{Model: lin.Register, Timeout: judgeLimit})
	return v.Result, err
}

// checks has the verdicts on a run, in the form of a trace. promised says whether the engine
// promises that reads are linearizable: ZooKeeper does not.
func checks(r *Result, promised bool) ([]trace.Check, error) {
	answer, err := judge(r)
	if err != nil {
		return nil, err
	}
	kept := trace.Check{Name: "acknowledged-writes-are-kept", Result: string(lin.Linearizable)}
	if n := lost(r.Ops); n > 0 {
		kept.Result = string(lin.Broken)
	}
	return []trace.Check{kept,
		{Name: "linearizable-registers", Result: string(answer), Allowed: !promised}}, nil
}

// told is a version of a register, and when the first client got an answer with that version.
type told struct {
	at      sim.Time
	version uint64
}

// replay calls see for every successful operation, in the order of the answers. newest lists in
// ascending order the versions of the operation's register that clients had answers for before the
// call. Each write adds one to its register's version.
func replay(ops []Op, see func(o *Op, newest []told)) {
	done := slices.DeleteFunc(slices.Clone(ops), func(o Op) bool {
		return o.Outcome != OK
	})
	slices.SortStableFunc(done, func(a, b Op) int { return cmp.Compare(a.Return, b.Return) })
	newest := map[string][]told{} // by register
	for i := range done {
		o := &done[i]
		list := newest[o.Key]
		n, _ := slices.BinarySearchFunc(list, o.Call, func(t told, at sim.Time) int {
			return cmp.Compare(t.at, at)
		})
		see(o, list[:n])
		if !o.Read && (len(list) == 0 || o.Version > list[len(list)-1].version) {
			newest[o.Key] = append(list, told{o.Return, o.Version})
		}
	}
}

// lost counts acknowledged writes that were lost: a later write of the same register got no higher
// version.
func lost(ops []Op) (n int) {
	replay(ops, func(o *Op, newest []told) {
		if k := len(newest); k > 0 && !o.Read && newest[k-1].version >= o.Version {
			n++
		}
	})
	return n
}

// stale counts reads that missed a write acknowledged before their call. oldest is the longest time
// from such an acknowledgement to the call.
func stale(ops []Op) (n int, oldest sim.Time) {
	replay(ops, func(o *Op, newest []told) {
		if k := len(newest); k > 0 && o.Read && newest[k-1].version > o.Version {
			n++
			i, _ := slices.BinarySearchFunc(newest, o.Version+1, func(t told, v uint64) int {
				return cmp.Compare(t.version, v)
			})
			oldest = max(oldest, o.Call-newest[i].at)
		}
	})
	return n, oldest
}

// doubled counts writes that took effect more than once: by how much a register's version exceeds
// the number of its writes.
func doubled(ops []Op) (n int) {
	type count struct{ asked, seen uint64 }
	of := map[string]count{} // by register
	for _, o := range ops {
		c := of[o.Key]
		if !o.Read && o.Outcome != Failed {
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
