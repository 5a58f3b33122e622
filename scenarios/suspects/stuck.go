package suspects

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// staged is three servers with a leader, for a schedule that is aimed at it.
type staged struct {
	*trial.Trial
	leader string
	others [2]string
}

// stage starts three servers and waits until one of them has led for two seconds.
func (e *Suspect) stage(c trial.Config) (s staged, err error) {
	c.Servers, c.Prevote = 3, true
	if s.Trial, err = trial.New(e.host, e.Library, c); err != nil {
		return s, err
	}
	s.Run(10*sim.Second, func() bool { return s.Leader() != "" })
	s.wait(2 * sim.Second)
	s.leader = s.Leader()
	n := 0
	for _, m := range s.Servers() {
		if m.Name != s.leader && n < 2 {
			s.others[n] = m.Name
			n++
		}
	}
	return s, s.Err()
}

func (s *staged) wait(span sim.Time) { s.Run(s.World.Now()+span, nil) }

// cut cuts two servers off from each other.
func (s *staged) cut(one, other string) {
	_ = s.World.Inject(sim.Cut(one, other)) // Err says why not
	_ = s.World.Inject(sim.Cut(other, one))
}

// rested heals everything and requires that a write succeeds and all servers catch up.
func (s *staged) rested() (out fuzz.Result) {
	p := playing{Trial: s.Trial, s: new(fuzz.Schedule), o: new(fuzz.Playing), out: &out}
	if s.Err() == nil {
		p.rest()
	}
	p.count()
	return out
}

// transferStuck cuts the leader off from one other server and asks it to hand over to that one,
// twice. Then it is cut off from both for 0.9 s.
func (e *Suspect) transferStuck(seed uint64) (out fuzz.Result, err error) {
	mix := registers.Mix{Registers: 2, Size: 20, Pause: 20 * sim.Millisecond}
	s, err := e.stage(trial.Config{Seed: seed, Timeout: 10 * sim.Second, Clients: []trial.Client{
		{Name: "A", Mix: mix}, {Name: "B", Mix: mix},
	}})
	if err != nil {
		return out, err
	}
	defer s.Close()
	s.cut(s.leader, s.others[0])
	s.Ask(s.leader, contract.Request{Do: contract.Transfer, Key: s.others[0]}) // gives up after 1 s
	s.wait(1400 * sim.Millisecond)
	s.Ask(s.leader, contract.Request{Do: contract.Transfer, Key: s.others[0]})
	s.wait(100 * sim.Millisecond)
	s.cut(s.leader, s.others[1])
	s.wait(900 * sim.Millisecond)
	_ = s.World.Inject(sim.Heal())
	s.wait(3 * sim.Second)
	return s.rested(), nil
}

// staleTail cuts the leader off with writes that it cannot commit, and crashes it. The others write
// about as many entries and take a snapshot that ends within the leader's stale tail. Then it
// starts again.
func (e *Suspect) staleTail(seed uint64) (out fuzz.Result, err error) {
	s, err := e.stage(trial.Config{Seed: seed, Snapshots: 5, Trailing: 2})
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
	write(s.leader, 6)
	s.wait(5 * sim.Second) // a snapshot is taken every 2 to 4 s
	s.cut(s.leader, s.others[0])
	s.cut(s.leader, s.others[1])
	write(s.leader, 6)
	s.wait(300 * sim.Millisecond)
	_ = s.World.Inject(sim.Crash(s.leader)) // so that nothing sent to it arrives late
	old := s.leader
	s.Run(s.World.Now()+10*sim.Second, func() bool { return s.Leader() != old && s.Leader() != "" })
	s.wait(sim.Second)
	write(s.Leader(), 4) // and two entries of the library: the stale tail is as long
	s.wait(5 * sim.Second)
	return s.rested(), nil
}
