package suspects

import (
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/sim"
)

// leaderStops plays the smallest schedule known for hashicorp/raft#695: one write to the leader of
// three servers, which stands still at its k-th look at the clock from then on, for 3 s; then a
// write to the next leader. Threads nap whenever they wake up.
func (e *Suspect) leaderStops(seed uint64, k int) (out fuzz.Result, err error) {
	ms := sim.Span{Min: sim.Millisecond, Max: sim.Millisecond}
	r, err := trial.New(e.host, e.Library, trial.Config{
		Seed: seed, Latency: ms, Fsync: ms, Nap: 100, Yield: 10, Prevote: true,
	})
	if err != nil {
		return out, err
	}
	defer r.Close()
	r.Run(10*sim.Second, func() bool { return r.Leader() != "" })
	r.Run(r.World.Now()+sim.Second, nil)
	leader, now := r.Leader(), r.World.Now()+sim.Millisecond
	when := sim.Looks(leader, k).Since(now)
	if err := r.World.Schedule(sim.Plan{sim.Pause(leader, 3*sim.Second).On(when)}); err != nil {
		return out, err
	}
	r.Ask(leader, contract.Request{Do: contract.Write, Key: "r0", Value: "first"})
	r.Run(r.World.Now()+5*sim.Second, nil)
	if next := r.Leader(); next != "" {
		r.Ask(next, contract.Request{Do: contract.Write, Key: "r0", Value: "second"})
	}
	r.Run(r.World.Now()+sim.Second, nil)
	p := playing{Trial: r, s: new(fuzz.Schedule), o: new(fuzz.Playing), out: &out}
	p.count()
	return out, nil
}
