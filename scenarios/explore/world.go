package explore

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// world is one world that is played as it is: live servers, an audit that sees everything, and no
// table of outcomes. It shows that a counter-example is real, and tells it.
type world struct {
	setup   *Setup
	words   *words
	servers [MaxServers + 1]*server
	sums    [MaxServers + 1]summary
	ghost   *ghost
	judge   *zab.Peer
	scene   scene
	spent   spent
	broken  *Violation
	// asserted is the server in which an assertion has failed, or 0.
	asserted int
	said     []string // what the reports of this action say
}

func newWorld(s *Setup, w *words) *world {
	x := &world{setup: s, words: w, judge: s.judge(), ghost: newGhost(s)}
	x.scene = scene{queues: newQueues(), step: x.step}
	for i := 1; i <= s.all(); i++ {
		x.servers[i] = newServer(s, w, i)
		x.scene.sums[i] = &x.sums[i]
	}
	for i := 1; i <= s.all() && x.broken == nil; i++ {
		x.take(action{kind: doRestart, a: uint8(i)})
	}
	return x
}

// step hands an event to a server.
func (x *world) step(i int, e event) (effects []effect, died, ok bool) {
	for to := 1; to <= x.setup.all(); to++ {
		for _, port := range [...]sim.Port{zab.PortElection, zab.PortQuorum} {
			if to != i {
				e.free |= x.scene.free(i, to, port) << freeShift(to, port)
			}
		}
	}
	v := x.servers[i]
	broken := v.run(e)
	x.ghost.tell(v.rec.list)
	x.tellReader(v.rec.list)
	if v.exit != "" {
		x.said = append(x.said, fmt.Sprintf("S%d ends itself: %s", i, v.exit))
	}
	if x.broken = x.ghost.found; broken != "" && x.broken == nil {
		x.broken, x.asserted = assertion(broken), i
	}
	if x.broken != nil {
		return nil, false, false
	}
	x.sums[i] = v.summary()
	return v.effects, v.died, true
}

// take carries out an action.
func (x *world) take(a action) {
	x.said = x.said[:0]
	x.spent = x.setup.perform(&x.scene, a, x.spent, x.words, x.judge)
}

// choices returns what may happen now.
func (x *world) choices() []action {
	return x.setup.choices(nil, &x.scene.sums, x.scene.chans, x.spent)
}

// describe says in the words of a goal what state each server is in.
func (x *world) describe() (list []string) {
	for i := 1; i <= x.setup.all(); i++ {
		list = append(list, describe(x.servers[i]))
	}
	return list
}

// reaches reports whether the servers reach a goal.
func (x *world) reaches(g *Goal) bool {
	bits := uint32(0)
	for i := 1; i <= x.setup.all(); i++ {
		bits |= g.of(x.servers[i])
	}
	return g.reached(bits)
}
