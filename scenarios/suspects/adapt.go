package suspects

import (
	"cmp"
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
	e.translate(s)
	if s.Servers > 3 && chance.Intn(3) > 0 { // three servers play more in the same time
		s.Servers = 3
		s.Plan = withoutObservers(s)
	}
	e.work(s, chance)
	if chance.Intn(2) == 0 {
		e.midway(s, chance)
	}
	if chance.Intn(4) == 0 {
		byDegrees(s, chance)
	}
	if chance.Intn(5) == 0 {
		badDisk(s, chance)
	}
	if !e.NoNaps && chance.Intn(4) > 0 {
		s.Restless = drawRestless(chance)
	}
}

// drawRestless picks how often the threads of the servers are disturbed.
func drawRestless(chance *sim.Rand) fuzz.Restless {
	return fuzz.Restless{
		Yield: []int{0, 10, 30}[chance.Intn(3)], Nap: []int{0, 5, 20, 100}[chance.Intn(4)],
	}
}

// withoutZooKeeper leaves out what only ZooKeeper has: observers, sessions, and settings of its
// engine.
func withoutZooKeeper(s *fuzz.Schedule) {
	if s.Observers > 0 {
		s.Plan = withoutObservers(s)
		s.Observers = 0
	}
	s.ObserversFirst, s.Numbers = false, 0
	s.MaxCounter, s.SnapChunk, s.QuorumSync, s.Calm = 0, 0, false, 0
	s.Plan = slices.DeleteFunc(slices.Clone(s.Plan), func(f sim.Fault) bool {
		return f.Kind == sim.FaultExpire
	})
}

// translate leaves out what Raft does not have, and puts its messages in the place of ZooKeeper's.
func (e *Suspect) translate(s *fuzz.Schedule) {
	s.Engine, s.Blackouts = e.Engine, 0
	withoutZooKeeper(s)
	for i := range s.Plan {
		f := &s.Plan[i]
		f.Message = e.message(f.Message)
		if t := f.When.Trigger; t == sim.TriggerSend || t == sim.TriggerReceive {
			f.When.Arg = e.message(f.When.Arg)
		}
		if t := f.When.After.Trigger; t == sim.TriggerSend || t == sim.TriggerReceive {
			f.When.After.Arg = e.message(f.When.After.Arg)
		}
	}
}

// work gives the clients their work: registers for all, in some schedules with more clients, whose
// writes are under way together. An operator hands the leadership over now and then.
func (e *Suspect) work(s *fuzz.Schedule, chance *sim.Rand) {
	if chance.Intn(3) == 0 {
		for range 2 + chance.Intn(4) {
			s.Clients = append(s.Clients, nil)
		}
	}
	for i := range s.Clients {
		s.Clients[i] = []string{works}
	}
	if chance.Intn(2) == 0 {
		s.Clients[0] = []string{works, transfers}
	}
	if chance.Intn(3) == 0 {
		s.Clients[len(s.Clients)-1] = []string{transfers}
	}
}

// moment returns a time in ms at which a fault may begin, at least two seconds before the end.
func moment(s *fuzz.Schedule, chance *sim.Rand) sim.Time {
	return chance.Between(sim.Second, max(2*sim.Second, s.Length-2*sim.Second)) /
		sim.Millisecond * sim.Millisecond
}

// byDegrees cuts a server off from one other first and then from all, as a network does that fails
// piece by piece, and heals all cuts after a while.
func byDegrees(s *fuzz.Schedule, chance *sim.Rand) {
	ms := sim.Millisecond
	for range 1 + chance.Intn(3) {
		at, first := moment(s, chance), chance.Intn(s.Servers)
		for i := range s.Servers - 1 {
			one, other := serverName(first), serverName((first+1+i)%s.Servers)
			s.Plan = append(s.Plan, sim.Cut(one, other).At(at), sim.Cut(other, one).At(at))
			if i == 0 {
				at += chance.Between(50*ms, 1500*ms) / ms * ms
			}
		}
		s.Plan = append(s.Plan, sim.Heal().At(at+chance.Between(300*ms, 2*sim.Second)/ms*ms))
	}
}

// badDisk makes the disk of a server slow, and many of its fsyncs fail, for some seconds.
func badDisk(s *fuzz.Schedule, chance *sim.Rand) {
	ms := sim.Millisecond
	name, at := serverName(chance.Intn(s.Servers)), moment(s, chance)
	slow := chance.Between(10*ms, 500*ms) / ms * ms
	end := min(s.Length, at+chance.Between(500*ms, 5*sim.Second)/ms*ms)
	s.Plan = append(s.Plan, sim.SlowFsync(name, slow).At(at))
	for n := 0; at < end && n < 12; n++ {
		s.Plan = append(s.Plan, sim.FailFsync(name).At(at))
		at += chance.Between(20*ms, 2*slow+20*ms) / ms * ms
	}
	s.Plan = append(s.Plan, sim.SlowFsync(name, 0).At(end))
}

// serverName is the name of a server, counted from 0.
func serverName(i int) string { return "S" + string(rune('1'+i)) }

// message is the message of the library that has the place of one of ZooKeeper's.
func (e *Suspect) message(name string) string {
	name = cmp.Or(messages[strings.ToUpper(name)], name)
	return cmp.Or(e.words[name], name)
}

// midway adds pauses in the middle of a server's code: of any server at some moment, or of each
// server some time after it has begun to lead, as the kind deposed does.
func (e *Suspect) midway(s *fuzz.Schedule, chance *sim.Rand) {
	if chance.Intn(2) == 0 {
		looks := 1 + chance.Intn(8000) // a leader looks some thousand times a second
		span := chance.Between(500*sim.Millisecond, 5*sim.Second) / sim.Millisecond * sim.Millisecond
		for i := s.Servers; i > 0; i-- {
			name := serverName(i - 1)
			when := sim.Looks(name, looks).Following(sim.Becomes(name, "leading", 1))
			s.Plan = append(sim.Plan{sim.Pause(name, span).On(when)}, s.Plan...)
		}
		return
	}
	for range 1 + chance.Intn(4) {
		name := serverName(chance.Intn(s.Servers))
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
