package suspects

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// availability is what hashicorp/raft#666 breaks. It is no check of the fuzzer: Raft promises
// progress only while the leader works.
const availability = "Availability"

// diskStalls lets the leader of three servers wait for its disk for 30 s, while two clients write,
// and counts the writes that succeed from 2 s after the beginning of the stall to its end.
func (e *Suspect) diskStalls(seed uint64) (out fuzz.Result, err error) {
	mix := registers.Mix{Registers: 2, Size: 20, Pause: 50 * sim.Millisecond}
	r, err := trial.New(e.host, e.Library, trial.Config{
		Seed: seed, Prevote: true, Clients: []trial.Client{{Name: "A", Mix: mix}, {Name: "B", Mix: mix}},
	})
	if err != nil {
		return out, err
	}
	defer r.Close()
	const stall = 30 * sim.Second
	r.Run(10*sim.Second, func() bool { return r.Leader() != "" })
	r.Run(r.World.Now()+2*sim.Second, nil)
	leader, began := r.Leader(), r.World.Now()
	if err := r.World.Inject(sim.SlowFsync(leader, stall)); err != nil {
		return out, err
	}
	ended := !r.Run(began+stall, func() bool { return r.Leader() != leader })
	p := playing{Trial: r, s: new(fuzz.Schedule), o: new(fuzz.Playing), out: &out}
	if p.count(); out.Property != "" || ended || r.Leader() != leader {
		return out, nil
	}
	asked, done := 0, 0
	for _, o := range r.Ops() {
		if o.Do == contract.Write && o.CalledAt > began+2*sim.Second {
			if asked++; o.Status == contract.OK {
				done++
			}
		}
	}
	if done == 0 && asked > 0 {
		out.Property = availability
		out.Text = fmt.Sprintf("%s keeps leading while its disk stalls for %s: none of %d writes "+
			"succeeds, although the two other servers are healthy", leader, stall.Brief(), asked)
	}
	return out, nil
}
