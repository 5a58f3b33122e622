package fuzz

import (
	"cmp"
	"slices"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
)

// These are the values of [Result.During], which names the part of a run in which a property broke.
const (
	DuringFaults   = "faults"    // up to the schedule's length
	DuringHealing  = "healing"   // from then until all is at rest
	DuringBlackout = "blackouts" // from the first loss of all power at rest
)

// failer takes the first property that breaks.
type failer = func(property, format string, args ...any)

// blackouts takes the power of all servers, as often as the schedule says, when all is at rest and
// no client is left: what is wrong on a disk, and in no server's memory, comes out. A bare quorum
// restarts first, another one each time, so that no other server can help it out. Both with this
// quorum and when all are back, the tree must be the one from before.
//
// DurableAtRest: a loss of power at rest changes nothing.
func (s *Schedule) blackouts(e *ensemble.Ensemble, out *Result, fail failer) {
	chance := e.World.Rand("blackouts")
	for range s.Blackouts {
		if e.Err() != nil || out.Property != "" {
			return
		}
		out.During = DuringBlackout
		before := e.Leader()
		want, ends := before.Tree().Digest(), before.Peer().LastZxid()
		proposed := proposes(before)                        // the end of a container, perhaps
		e.Run(e.World.Now()+chance.Between(1, s.Tick), nil) // some fsyncs are under way
		if l := e.Leader(); l == nil || l.Peer().LastZxid() != ends || proposes(l) {
			bound := e.Config().HealBound()
			rested := func() bool { return e.AtRest() && !proposes(e.Leader()) }
			if e.Run(e.World.Now()+bound, rested); !rested() {
				fail("LiveAfterHealing", "all servers were at rest; then, without a fault, there "+
					"was a new leader or a new transaction, and %s later the servers are still "+
					"not at rest: %s", bound,
					cmp.Or(e.Unrest(), "the leader's last transaction is not committed"))
				return
			}
			// The leader may have deleted a container, without any request: so it was not at rest.
			if l := e.Leader(); l == before && l.Peer().LastZxid().Epoch() == ends.Epoch() {
				want = l.Tree().Digest()
			}
		} else if proposed && l == before {
			want = l.Tree().Digest()
		}
		voters, rest := s.servers()[:s.Servers], s.servers()[s.Servers:]
		for _, name := range s.servers() {
			_ = e.World.Inject(sim.PowerLoss(name)) // e.Err says why not
		}
		for i := range voters {
			j := i + chance.Intn(len(voters)-i)
			voters[i], voters[j] = voters[j], voters[i]
		}
		few := s.Servers/2 + 1
		for _, names := range [][]string{voters[:few], slices.Concat(voters[few:], rest)} {
			for _, name := range names {
				e.Run(e.World.Now()+chance.Between(1, s.Tick), nil)
				_ = e.World.Inject(sim.Restart(name))
			}
			s.returns(e, want, fail)
		}
		out.Sometimes.Blackouts++
	}
}

// proposes reports whether a leader has proposed a transaction that it has not applied. All trees
// may be equal nevertheless, but a loss of power decides whether the transaction takes effect.
func proposes(leader *server.Server) bool {
	p := leader.Peer()
	return p.LastLogged() != p.Applied()
}

// returns waits until all servers that are up are at rest, and compares their tree.
func (s *Schedule) returns(e *ensemble.Ensemble, want uint64, fail failer) {
	bound := e.Config().HealBound()
	if e.Run(e.World.Now()+bound, e.UpAtRest); e.Err() != nil {
		return
	}
	if !e.UpAtRest() {
		fail("LiveAfterHealing", "all servers lost power while no request was in progress; then "+
			"a quorum restarted, and %s later the ensemble has not recovered: %s", bound, e.Unrest())
		return
	}
	l := e.Leader()
	if got := l.Tree().Digest(); got != want {
		fail("DurableAtRest", "all servers lost power while no request was in progress; then a "+
			"quorum restarted, and the tree of its leader S%d at zxid %v differs from the tree "+
			"before the loss of power", l.Peer().ID(),
			l.Peer().Applied())
		return
	}
	e.Rested()
}
