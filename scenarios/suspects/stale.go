package suspects

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// staleRead lets a follower ask the leader twice for the index of one read: it does not get the
// first answer. One heartbeat reply that confirms the first request is late. The leader pauses,
// another server is elected and takes a write. When the first leader goes on, it finds reads of its
// clients, the repeated request and the late reply.
func (e *Suspect) staleRead(seed uint64) (out fuzz.Result, err error) {
	c := trial.Config{Seed: seed, Timeout: 10 * sim.Second, Yield: 30, Nap: 20}
	for i := range 6 {
		c.Clients = append(c.Clients, trial.Client{
			Name: fmt.Sprint("R", i), Mix: registers.Mix{
				Registers: 1, Reads: 100, Pause: 5 * sim.Second,
			},
			Home:  func(t *trial.Trial) int { return int(t.World.Find(t.Leader()).ID) },
			Start: 6 * sim.Second,
		})
	}
	s, err := e.stage(c)
	if err != nil {
		return out, err
	}
	defer s.Close()
	s.Run(6*sim.Second, nil)
	old, asks, late := s.leader, s.others[0], s.others[1]
	s.Ask(old, contract.Request{Do: contract.Write, Key: "r0", Value: "first"})
	s.wait(500 * sim.Millisecond)
	for _, f := range []sim.Fault{
		sim.Hold(late, old, "HEARTBEAT-REPLY"), sim.Hold(old, asks, "READ-REPLY"),
	} {
		_ = s.World.Inject(f) // Err says why not
	}
	s.Ask(asks, contract.Request{Do: contract.Read, Key: "r0"})
	s.wait(150 * sim.Millisecond)
	_ = s.World.Inject(sim.Pause(old, 7*sim.Second))
	s.Run(s.World.Now()+5*sim.Second, func() bool { return s.Leader() != old && s.Leader() != "" })
	s.wait(100 * sim.Millisecond)
	s.Ask(s.Leader(), contract.Request{Do: contract.Write, Key: "r0", Value: "second"})
	s.wait(500 * sim.Millisecond)
	_ = s.World.Inject(sim.Release())
	s.wait(8 * sim.Second)
	p := playing{Trial: s.Trial, s: new(fuzz.Schedule), o: new(fuzz.Playing), out: &out}
	p.count()
	p.judge()
	return out, nil
}
