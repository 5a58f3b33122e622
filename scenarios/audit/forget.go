package audit

import (
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/safety"
)

// Forget forgets what no later check needs: the histories and the digests of trees before the oldest
// snapshot and log on any server's disk, and the sessions for which lives returns false. All clients
// must be remote: the nodes that belong to the recipes of the lab's own clients are forgotten too.
func (a *Audit) Forget(lives func(session int64) bool) {
	if a.config.NoSafety {
		return
	}
	to := zab.Zxid(0)
	for id := 1; id <= a.config.Servers; id++ {
		z, any := safety.Oldest(a.world.Machine(zab.ID(id)).Disk())
		if !any {
			return // an empty disk: its server may ask for everything
		}
		if id == 1 || z < to {
			to = z
		}
	}
	a.safety.Forget(to)
	a.states.forget(to)
	r := &a.recipes
	clear(r.ephemerals)
	clear(r.woken)
	for at, n := range r.tickets { // order: each line alone
		if n == 0 || !lives(at.session) {
			delete(r.tickets, at)
		}
	}
	for session := range a.order.executed { // order: each session alone
		if !lives(session) {
			delete(a.order.executed, session)
		}
	}
}
