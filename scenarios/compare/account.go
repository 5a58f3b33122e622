package compare

import (
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
)

// OpsOfZab returns the writes and reads of registers among the operations of a run on the simulated
// ZooKeeper.
func OpsOfZab(ops []*engine.Op) []Op { return opsOf(ops) }

// OpsOfRaft returns the writes and reads of registers in a run of a Raft library.
func OpsOfRaft(t *trial.Trial) (list []Op) {
	for _, o := range t.Ops() {
		if o.Do != contract.Transfer {
			list = append(list, raftOp(t, o))
		}
	}
	return list
}

// Account counts the lost writes, the doubled writes and the stale reads of a run.
type Account struct {
	Lost    int // acknowledged writes that a later write or the final state does not have
	Doubled int // effects beyond one for each write
	Stale   int // reads that missed a write acknowledged before their call
}

// AccountFor counts the lost and doubled writes and the stale reads of a run. final maps each
// register to its version at the end of the run: the number of writes that took effect on it. An
// acknowledged write is lost if a later write to the same register returned the same or a lower
// version, or if the version in final is lower. For a register that is not in final, only the first
// of these conditions counts.
func AccountFor(ops []Op, final map[string]uint64) (a Account) {
	a.Lost, a.Doubled = lost(ops), doubled(ops)
	a.Stale, _ = stale(ops)
	for _, o := range ops {
		if last, ok := final[o.Key]; ok && !o.Read && o.Outcome == OK && o.Version > last {
			a.Lost++
		}
	}
	return a
}
