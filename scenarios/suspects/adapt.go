package suspects

import (
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
)

// messages has the place that a message of ZooKeeper's has in Raft.
var messages = map[string]string{
	"NOTIFICATION": "VOTE",
	"FOLLOWERINFO": "VOTE-REPLY", "LEADERINFO": "HEARTBEAT", "ACKEPOCH": "HEARTBEAT-REPLY",
	"DIFF": "APPEND", "TRUNC": "APPEND", "SNAP": "INSTALL", "SNAPDATA": "SNAPDATA",
	"NEWLEADER": "HEARTBEAT", "UPTODATE": "COMMIT", "PROPOSAL": "APPEND", "ACK": "APPEND-REPLY",
	"COMMIT": "COMMIT",
}

// Adapt turns a schedule for ZooKeeper into one for Raft.
func (e *Suspect) Adapt(s *fuzz.Schedule) {
	chance := sim.NewRand(s.Seed).Fork("raft")
	s.Engine = e.name
	if s.Observers > 0 {
		s.Plan = withoutObservers(s)
		s.Observers = 0
	}
	s.ObserversFirst, s.Numbers = false, 0
	s.Blackouts, s.MaxCounter, s.SnapChunk, s.QuorumSync, s.Calm = 0, 0, 0, false, 0
	s.Plan = slices.DeleteFunc(slices.Clone(s.Plan), func(f sim.Fault) bool {
		return f.Kind == sim.FaultExpire
	})
	for i := range s.Plan {
		f := &s.Plan[i]
		f.Message = inRaft(f.Message)
		if t := f.When.Trigger; t == sim.TriggerSend || t == sim.TriggerReceive {
			f.When.Arg = inRaft(f.When.Arg)
		}
		if t := f.When.After.Trigger; t == sim.TriggerSend || t == sim.TriggerReceive {
			f.When.After.Arg = inRaft(f.When.After.Arg)
		}
	}
	for i := range s.Clients {
		s.Clients[i] = []string{works}
	}
	if chance.Intn(2) == 0 {
		s.Clients[0] = []string{works, transfers}
	}
	if chance.Intn(2) == 0 {
		e.midway(s, chance)
	}
	if !e.NoNaps && chance.Intn(4) > 0 {
		s.Restless = fuzz.Restless{
			Yield: []int{0, 10, 30}[chance.Intn(3)], Nap: []int{0, 5, 20, 100}[chance.Intn(4)],
		}
	}
}

func inRaft(message string) string {
	if m, ok := messages[strings.ToUpper(message)]; ok {
		return m
	}
	return message
}

// midway adds pauses in the middle of a server's code: of any server at some moment, or of each
// server some time after it has begun to lead, as the kind deposed does.
func (e *Suspect) midway(s *fuzz.Schedule, chance *sim.Rand) {
	if chance.Intn(2) == 0 {
		looks := 1 + chance.Intn(8000) // a leader looks some thousand times a second
		span := chance.Between(500*sim.Millisecond, 5*sim.Second) / sim.Millisecond * sim.Millisecond
		for i := s.Servers; i > 0; i-- {
			name := "S" + string(rune('0'+i))
			when := sim.Looks(name, looks).Following(sim.Becomes(name, "leading", 1))
			s.Plan = append(sim.Plan{sim.Pause(name, span).On(when)}, s.Plan...)
		}
		return
	}
	for range 1 + chance.Intn(4) {
		name := "S" + string(rune('1'+chance.Intn(s.Servers)))
		at := chance.Between(sim.Second, s.Length-3*sim.Second) / sim.Millisecond * sim.Millisecond
		when := sim.Looks(name, 1+chance.Intn(60)).Since(at)
		span := chance.Between(500*sim.Millisecond, 5*sim.Second) / sim.Millisecond * sim.Millisecond
		s.Plan = append(sim.Plan{sim.Pause(name, span).On(when)}, s.Plan...)
	}
}

// withoutObservers leaves out the servers that do not vote, and faults that need them.
func withoutObservers(s *fuzz.Schedule) (plan sim.Plan) {
	gone := func(name string) bool {
		return len(name) == 2 && name[0] == 'S' && int(name[1]-'0') > s.Servers
	}
	for _, f := range s.Plan {
		if slices.ContainsFunc(f.Who, gone) || gone(f.When.Who) || gone(f.When.After.Who) {
			continue
		}
		var groups [][]string
		for _, g := range f.Groups {
			if g = slices.DeleteFunc(slices.Clone(g), gone); len(g) > 0 {
				groups = append(groups, g)
			}
		}
		if f.Groups != nil && len(groups) < 2 {
			continue
		}
		f.Groups = groups
		plan = append(plan, f)
	}
	return plan
}
