package trial

import (
	"github.com/zablab/zablab/sim"
)

// The kinds of records that a trial adds to those of package sim. They have the numbers and names
// of the kinds of package narration.
const (
	kindRole   = sim.FirstFreeKind + 1
	kindCommit = sim.FirstFreeKind + 3
	kindCall   = sim.FirstFreeKind + 12
	kindReturn = sim.FirstFreeKind + 13
)

// A record of a server's new role contains a Became. A record of a commit contains a Took. Records
// of clients' calls and returns contain an [Op].
type (
	// Became is a server's new role.
	Became struct {
		Role string
		Term uint64
	}
	// Took is a command that a server has applied, or a snapshot that it has restored.
	Took struct {
		Term, Index uint64
		Restored    bool
		Key, Value  string
	}
)

// record adds a call or a return to the run.
func (t *Trial) record(m *sim.Machine, kind sim.RecordKind, o *Op) {
	key := sim.HashString(o.Key+"="+o.Value) ^ uint64(o.Do)<<8 ^ uint64(o.Status)
	if r := t.World.Emit(kind, m.ID, key); r != nil {
		copied := *o
		r.Body = &copied
	}
}
