package suspects

import (
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
)

// Fair removes from a generated schedule everything that only ZooKeeper has, and gives every client
// the same workload, which all engines support: reads and writes of registers. All engines can play
// the resulting schedule: see [Suspect.Same].
func Fair(s *fuzz.Schedule) {
	withoutZooKeeper(s)
	for i := range s.Clients {
		s.Clients[i] = []string{workload.Shared()[0].Name}
	}
}

// Same adapts a schedule to this engine so that a comparison is fair: all engines get the same
// servers, links, disks, clients and faults. A Raft follower starts an election when it has not
// heard from its leader for one to two timeouts; Same sets this timeout so that, on average,
// followers of Raft and of ZooKeeper wait equally long.
//
// If restless is set, the schedule also disturbs the threads of the servers, as [Suspect.Adapt]
// does: with pauses in the middle of a server's code, and with yields and short sleeps of its
// threads. The simulated ZooKeeper has no threads, so it cannot be disturbed in this way.
func (e *Suspect) Same(s *fuzz.Schedule, restless bool) {
	e.translate(s)
	s.Tick = s.Tick * 2 / 3
	s.SessionTimeout = min(s.SessionTimeout, 20*s.Tick) // which nobody has; a longer one is refused
	for i := range s.Clients {
		s.Clients[i] = []string{works}
	}
	if !restless {
		return
	}
	chance := sim.NewRand(s.Seed).Fork("restless")
	if chance.Intn(2) == 0 {
		e.midway(s, chance)
	}
	s.Restless = drawRestless(chance)
}

// Sum returns the sha256 of the compiled server.
func (e *Suspect) Sum() string { return e.host.Sum }
