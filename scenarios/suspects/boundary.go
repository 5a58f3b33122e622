package suspects

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/sim"
)

// staleAfterSnapshot lets a server restore a snapshot of the whole log, and then lead and log
// writes that nobody else gets. The others elect a leader and write an entry at the same index:
// what the server has in common with them ends at its snapshot.
func (e *Suspect) staleAfterSnapshot(seed uint64) (out fuzz.Result, err error) {
	s, err := e.stage(trial.Config{
		Seed: seed, Snapshots: 5, Trailing: 2, Heartbeat: 200 * sim.Millisecond,
		Latency: sim.Span{Min: 10 * sim.Millisecond, Max: 20 * sim.Millisecond},
	})
	if err != nil {
		return out, err
	}
	defer s.Close()
	write := func(server string, n int) {
		for i := range n {
			s.Ask(server, contract.Request{Do: contract.Write, Key: "r",
				Value: fmt.Sprint(server, i)})
		}
	}
	inject := func(f sim.Fault) { _ = s.World.Inject(f) } // Err says why not
	behind, third := s.others[0], s.others[1]
	inject(sim.Crash(behind))
	write(s.leader, 12)
	s.wait(5 * sim.Second) // a snapshot is taken every 2 to 4 s
	inject(sim.Restart(behind))
	s.Run(s.World.Now()+20*sim.Second, s.CaughtUp)
	inject(sim.Hold(behind, s.leader, "APPEND"))
	inject(sim.Hold(behind, third, "APPEND"))
	s.Ask(s.leader, contract.Request{Do: contract.Transfer, Key: behind})
	s.Run(s.World.Now()+5*sim.Second, func() bool { return s.Leader() == behind })
	write(behind, 3)
	s.wait(100 * sim.Millisecond)
	inject(sim.Crash(behind)) // with what was held
	s.Run(s.World.Now()+10*sim.Second, func() bool {
		return s.Leader() != behind &&
			s.Leader() != ""
	})
	return s.rested(), nil
}
