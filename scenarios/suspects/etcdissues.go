package suspects

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// The issues of etcd-io/raft, by number.
var etcdIssues = []Known{
	{
		Number: 197, Title: "a follower whose disk lost entries panics whenever it starts",
		Says: "A leader never forgets what a follower has acknowledged. If the follower's disk loses " +
			"some of that, the next heartbeat says that an entry is committed, although the follower does " +
			"not have it. The library then panics, and does so after every restart.",
		Shown: "The bug appears in v3.7.0 and v3.6.0 with any seed, if the server around the library " +
			"has a bug too: the server acknowledges entries before their fsync, and loses power.",
		Breaks: []string{"ServerPanic"},
		try: func(e *Suspect, i int) (r fuzz.Result, how string, err error) {
			r, err = e.lostEntries(uint64(1 + i))
			return r, fmt.Sprintf("seed %d: a follower loses entries that it has "+
				"acknowledged", 1+i), err
		},
	},
	{
		Number: 397, Title: "a leader that was replaced answers a read", Fixed: "v3.7.0", In: "v3.6.0",
		Says: "If a follower sends the leader the same read request twice, the leader cannot tell the " +
			"heartbeat replies for the two requests apart. A late reply for the first request then " +
			"confirms the second request, and all earlier reads, although another leader may have been " +
			"elected meanwhile. In etcd this is issue 20418, stale reads caused by process pausing.",
		Shown: "In each run one heartbeat reply is late, and the leader pauses for 7 s; during " +
			"the pause another server is elected and accepts a write. The bug appears in v3.6.0 " +
			"with 5 of the first 30 seeds, and in v3.7.0 with none of 60.",
		Breaks: []string{"Linearizable"},
		try: func(e *Suspect, i int) (r fuzz.Result, how string, err error) {
			r, err = e.staleRead(uint64(1 + i))
			return r, fmt.Sprintf("seed %d: a follower sends a read request twice, and the "+
				"leader pauses",
				1+i), err
		},
	},
}

// lostEntries lets a follower acknowledge entries before their fsync, and lose power.
func (e *Suspect) lostEntries(seed uint64) (out fuzz.Result, err error) {
	mix := registers.Mix{Registers: 2, Size: 20, Pause: 50 * sim.Millisecond}
	s, err := e.stage(trial.Config{
		Seed: seed, Bug: "ack", Clients: []trial.Client{{Name: "A", Mix: mix}, {Name: "B", Mix: mix}},
		Mute: func(property string) bool { return property != "ServerPanic" },
	})
	if err != nil {
		return out, err
	}
	defer s.Close()
	loser := s.others[0]
	for _, step := range []struct {
		fault sim.Fault
		wait  sim.Time
	}{
		{sim.SlowFsync(loser, 2*sim.Second), sim.Second}, {sim.PowerLoss(loser), 100 * sim.Millisecond},
		{sim.Restart(loser), 5 * sim.Second},
	} {
		_ = s.World.Inject(step.fault) // Err says why not
		s.wait(step.wait)
	}
	p := playing{Trial: s.Trial, s: new(fuzz.Schedule), o: new(fuzz.Playing), out: &out}
	p.count()
	return out, nil
}
