package calm

import (
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

func testLog() *Log { return logOf(false) }

// logOf is the log of three servers and a client that run; sized gives links a bandwidth.
func logOf(sized bool) *Log {
	l := NewLog(Config{
		Sized:  sized,
		Voters: zab.SetOf(1, 2, 3), Tick: 200 * sim.Millisecond, InitLimit: 10, SyncLimit: 5,
		Latency:        sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond},
		Fsync:          sim.Span{Min: sim.Millisecond, Max: 3 * sim.Millisecond},
		SessionTimeout: 3 * sim.Second,
	})
	for id := zab.ID(1); id <= 3; id++ {
		l.Up(0, id)
	}
	l.Client(0, "A")
	l.ClientUp(0, "A")
	return l
}

// TestEveryFaultEndsTheCalm: each fault that lasts ends the calm of those whom it concerns, until
// what undoes it; "1s..2s" is a time without calm.
func TestEveryFaultEndsTheCalm(t *testing.T) {
	tests := []struct {
		plan            string
		servers, client string
	}{
		{"1s cut S1 > S2\n2s heal", "1s..2s", "1s..2s"},
		{"1s cut S1 > S2\n2s mend S1 > S2", "1s..2s", "1s..2s"},
		{"1s cut S1 > A\n2s heal", "", "1s..2s"},
		{"1s split S1 | S2 S3 A\n2s mend S1 > S2", "1s..end", "1s..end"},
		{"1s split S1 S2 S3 | A\n2s heal", "", "1s..2s"},
		{"1s hold S1 > S2 ACK\n2s release", "1s..2s", "1s..2s"},
		{"1s delay S1 S2 20ms\n2s delay S1 S2 0s", "1s..2.02s", "1s..2.02s"},
		{"1s pause S1 500ms", "1s..1.5s", "1s..1.5s"},
		{"1s pause A 500ms", "", "1s..1.5s"},
		{"1s clock S1 x0.5\n2s clock S1 x1", "1s..2s", "1s..2s"},
		{"1s fsync S1 100ms\n2s fsync S1 1ms", "1s..2.2s", "1s..2.2s"},
		{"1s fsync S1 1ms", "1s..1.002s", "1s..1.002s"},
		{"1s fail-fsync S1", "1s..end", "1s..end"},
		{"1s full S1", "1s..end", "1s..end"},
		{"1s corrupt S1", "1s..end", "1s..end"},
		{"1s wall S1 +1h", "", ""},
		{"1s expire A", "", ""},
	}
	for _, c := range tests {
		l := testLog()
		for line := range strings.Lines(c.plan) {
			f, err := sim.ParseFault(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			l.Fault(f.When.At, &f, f.When.At)
		}
		if got := gaps(l.servers.periods); got != c.servers {
			t.Errorf("%q: the servers have no calm in %q, want %q", c.plan, got, c.servers)
		}
		if got := gaps(l.clients[0].weather.periods); got != c.client {
			t.Errorf("%q: the client has no calm in %q, want %q", c.plan, got, c.client)
		}
	}
}

func gaps(periods []Period) string {
	var list []string
	for i := range periods {
		switch {
		case i > 0 && periods[i].From > periods[i-1].To:
			list = append(list, periods[i-1].To.String()+".."+periods[i].From.String())
		case i == len(periods)-1 && periods[i].To != sim.Never:
			list = append(list, periods[i].To.String()+"..end")
		}
	}
	if n := len(periods); n > 1 && periods[n-1].To != sim.Never {
		list = append(list, periods[n-1].To.String()+"..end")
	}
	return strings.Join(list, " ")
}

// TestSizesLeaveNoCalm: where links or disks have a bandwidth, no moment is calm.
func TestSizesLeaveNoCalm(t *testing.T) {
	l := logOf(true)
	if n := len(l.servers.periods) + len(l.clients[0].weather.periods); n != 0 {
		t.Errorf("there are %d calm periods, although links have a bandwidth", n)
	}
	l = logOf(false)
	if len(l.servers.periods) != 1 || len(l.clients[0].weather.periods) != 1 {
		t.Error("without a bandwidth, nothing is calm")
	}
}

// TestQuorumsEndTheCalm: without a quorum of servers that remember their promises, nothing is calm.
func TestQuorumsEndTheCalm(t *testing.T) {
	calm := func(do func(l *Log)) bool {
		l := testLog()
		do(l)
		return l.servers.open
	}
	wipe := sim.Wipe("S1")
	for _, c := range []struct {
		name string
		do   func(l *Log)
		want bool
	}{
		{"all run", func(l *Log) {}, true},
		{"one is down", func(l *Log) { l.Down(1, 1) }, true},
		{"two are down", func(l *Log) { l.Down(1, 1); l.Down(2, 2) }, false},
		{"two were down", func(l *Log) { l.Down(1, 1); l.Down(2, 2); l.Up(3, 1) }, true},
		{"one is wiped, one is down",
			func(l *Log) { l.Fault(1, &wipe, 1); l.Down(1, 1); l.Up(2, 1); l.Down(3, 2) }, false},
	} {
		if got := calm(c.do); got != c.want {
			t.Errorf("%s: calm is %v", c.name, got)
		}
	}
}

// steady is a log in which S3 leads epoch 1 with S1 and S2 from 1 s on.
func steady() *Log {
	l := testLog()
	for id := zab.ID(1); id <= 3; id++ {
		state := zab.Following
		if id == 3 {
			state = zab.Leading
		}
		at := sim.Second - 50*sim.Millisecond
		l.roles = append(l.roles, Role{At: at, ID: id, State: state, Phase: zab.Discovery,
			Leader: 3, Epoch: 1})
	}
	for id := zab.ID(1); id <= 3; id++ {
		r := l.roles[len(l.roles)-3]
		r.At, r.Phase, r.Accepted = sim.Second, zab.Broadcast, 1
		l.roles = append(l.roles, r)
	}
	return l
}

// unestablished takes away that S3 establishes its epoch.
func (l *Log) unestablished() {
	l.roles = slices.DeleteFunc(l.roles, func(r Role) bool {
		return r.Phase == zab.Broadcast && r.ID == 3
	})
}

// looks makes a server LOOKING at a moment.
func (l *Log) looks(at sim.Time, id zab.ID, accepted uint32, last zab.Zxid) {
	l.roles = append(l.roles, Role{At: at, ID: id, Accepted: accepted, Last: last})
}

func at(s int) sim.Time { return sim.Time(s) * sim.Second }

// TestRolesAreJudged: each log breaks a property, and its neighbour, different in one thing, does
// not.
func TestRolesAreJudged(t *testing.T) {
	heal := sim.Heal()
	tests := []struct {
		name, want string
		log        func(l *Log)
	}{
		{"steady", "", func(l *Log) {}},
		{"a follower leaves", ReignInCalm, func(l *Log) { l.looks(at(10), 1, 1, 0) }},
		{"a follower leaves after a fault", "", func(l *Log) {
			l.Fault(at(9), &heal, at(9))
			l.looks(at(10), 1, 1, 0)
		}},
		{"the leader leaves", ReignInCalm, func(l *Log) { l.looks(at(10), 3, 1, 0) }},
		{"the leader leaves, its counter used up", "", func(l *Log) {
			l.SetMaxCounter(40)
			l.looks(at(10), 3, 1, zab.MakeZxid(1, 39))
		}},
		{"the leader leaves, its counter not used up", ReignInCalm, func(l *Log) {
			l.SetMaxCounter(40)
			l.looks(at(10), 3, 1, zab.MakeZxid(1, 38))
		}},
		{"the leader leaves, a later epoch promised", "", func(l *Log) {
			l.roles = append(l.roles, Role{At: at(9), ID: 1, State: zab.Following,
				Phase: zab.Broadcast, Leader: 3, Accepted: 7, Epoch: 1})
			l.looks(at(10), 3, 1, 0)
		}},
		{"all look for ever", ElectionInTime + " " + ReignInCalm, func(l *Log) {
			for id := zab.ID(1); id <= 3; id++ {
				l.looks(at(10), id, 1, 0)
			}
			l.looks(at(30), 1, 1, 0)
		}},
		{"a leader without end, with a follower that promised the epoch before", ElectionInTime,
			func(l *Log) {
				l.unestablished()
				for i := range l.roles {
					l.roles[i].Accepted = 1 // also before the leader names the epoch
				}
			}},
		{"a leader without end", ElectionInTime + " " + EpochInTime, func(l *Log) {
			l.unestablished()
		}},
		{"an epoch given up", ElectionInTime + " " + NoVainEpoch, func(l *Log) {
			l.roles = l.roles[:6] // LEADING and FOLLOWING, and no more
			l.roles = append(l.roles, Role{At: sim.Second, ID: 3, State: zab.Leading,
				Phase: zab.Synchronization, Leader: 3, Accepted: 1, Epoch: 1, Elected: true})
			l.looks(sim.Second+20*sim.Millisecond, 3, 1, 0)
		}},
		{"a learner that deserts", ElectionInTime + " " + ReignInCalm, func(l *Log) {
			l.roles = l.roles[:6]
			l.looks(sim.Second, 1, 1, 0)
			l.looks(sim.Second+1, 2, 1, 0)
		}},
		{"a learner that gives up its leader at once", ReignInCalm, func(l *Log) {
			l.tries(300*sim.Millisecond, 0)
		}},
		{"a learner that tries five times", "", func(l *Log) {
			l.tries(410*sim.Millisecond, 0)
		}},
		{"a learner that knows the epoch of its leader", "", func(l *Log) {
			l.tries(300*sim.Millisecond, 1)
		}},
	}
	for _, c := range tests {
		l := steady()
		c.log(l)
		end := at(30)
		if !strings.Contains(c.want, ElectionInTime) {
			end = at(15)
		}
		found, _ := l.Judge(&engine.Account{Now: end}, nil)
		if got := names(found); got != c.want {
			t.Errorf("%s: broke %q, want %q: %v", c.name, got, c.want, found)
		}
	}
}

// tries: after a fault S1 gives up S3, and tries for a while to join S2, which has named an epoch.
func (l *Log) tries(during sim.Time, epoch uint32) {
	heal := sim.Heal()
	l.Fault(at(9), &heal, at(9))
	l.looks(at(10), 1, 1, 0)
	l.roles = append(l.roles, Role{At: at(11), ID: 1, State: zab.Following, Phase: zab.Discovery,
		Leader: 2, Accepted: 1, Epoch: epoch})
	l.looks(at(11)+during, 1, 1, 0)
}

func names(found []Breach) string {
	var list []string
	for _, b := range found {
		if !slices.Contains(list, b.Name) {
			list = append(list, b.Name)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

// TestClientsAreJudged: the same for what a client sees. Its session is 7, from 2 s on.
func TestClientsAreJudged(t *testing.T) {
	state := func(s client.State, t sim.Time) engine.StateChange {
		return engine.StateChange{State: s, Session: 7, At: t}
	}
	moved := func(t sim.Time) engine.StateChange {
		s := state(client.Disconnected, t)
		s.Moved = true
		return s
	}
	timeout := steady().config.SessionTimeout
	write := func(called, returned sim.Time, o client.Outcome) *engine.Op {
		return &engine.Op{Client: "A", Session: 7, CalledAt: called, ReturnedAt: returned,
			Outcome: o, Op: tree.Op{Type: tree.OpSetData, Path: "/a"}}
	}
	watch := &engine.Op{Client: "A", Session: 7, CalledAt: at(15), ReturnedAt: at(15) + 1,
		Zxid: 5, Outcome: client.OK, Op: tree.Op{Type: tree.OpGetData, Path: "/a", Watch: true}}
	remove := func(code tree.Code) *engine.Op {
		return &engine.Op{Client: "A", Session: 7, CalledAt: at(16), ReturnedAt: at(16) + 1,
			Code: code, Op: tree.Op{Type: tree.OpRemoveWatches, Path: "/a"}}
	}
	changed := []engine.Change{{Path: "/a", Event: tree.NodeDataChanged, Zxid: 6, At: at(20)}}
	event := func(t sim.Time) []engine.Notice {
		return []engine.Notice{{Session: 7, At: t, Event: tree.WatchEvent{Path: "/a"}}}
	}
	tests := []struct {
		name, want string
		states     []engine.StateChange // after CONNECTED
		ops        []*engine.Op
		events     []engine.Notice
		changes    []engine.Change
		plan       string
	}{
		{name: "connected"},
		{name: "disconnected", want: StaysConnected, states: []engine.StateChange{
			state(client.Disconnected, at(20)), state(client.Connected, at(20)+1)}},
		{name: "disconnected by a cut", plan: "19s cut S1 > A\n20s heal",
			states: []engine.StateChange{
				state(client.Disconnected, at(20)), state(client.Connected, at(20)+1)}},
		{name: "not connected again", want: ConnectedInTime + " " + StaysConnected,
			states: []engine.StateChange{state(client.Disconnected, at(20))}},
		{name: "expired", want: StaysConnected, states: []engine.StateChange{
			state(client.Expired, at(20)), state(client.Connected, at(20)+1)}},
		{name: "expired early after a move", want: StaysConnected, states: []engine.StateChange{
			moved(at(20)), state(client.Expired, at(20)+timeout/2-1),
			state(client.Connected, at(20)+timeout)}},
		{name: "expired after a long move", states: []engine.StateChange{
			moved(at(20)), state(client.Expired, at(20)+timeout/2),
			state(client.Connected, at(20)+timeout+1)}},
		{name: "expired after an earlier move", want: StaysConnected, states: []engine.StateChange{
			moved(at(18)), state(client.Connected, at(18)+1), state(client.Expired, at(22)),
			state(client.Connected, at(22)+1)}},
		{name: "closed", states: []engine.StateChange{state(client.Closed, at(20))}},
		{name: "answered", ops: []*engine.Op{write(at(20), at(20)+20_000, client.OK)}},
		{name: "answered late", want: AnswerInTime,
			ops: []*engine.Op{write(at(20), at(21), client.OK)}},
		{name: "answered late by a fault", plan: "19s delay S1 S2 500ms",
			ops: []*engine.Op{write(at(20), at(21), client.OK)}},
		{name: "unknown", want: AnswerInTime,
			ops: []*engine.Op{write(at(20), at(20)+20_000, client.Unknown)}},
		{name: "woken", ops: []*engine.Op{watch}, changes: changed, events: event(at(20) + 9000)},
		{name: "woken late", want: WakeInTime, ops: []*engine.Op{watch}, changes: changed,
			events: event(at(21))},
		{name: "not woken", want: WakeInTime, ops: []*engine.Op{watch}, changes: changed},
		{name: "removed", ops: []*engine.Op{watch, remove(tree.OK)}, changes: changed},
		{name: "not removed", want: WakeInTime, ops: []*engine.Op{watch, remove(tree.NoWatcher)},
			changes: changed},
		{name: "not changed", ops: []*engine.Op{watch}},
	}
	for _, c := range tests {
		l := steady()
		for line := range strings.Lines(c.plan) {
			f, err := sim.ParseFault(strings.TrimSpace(line))
			if err != nil {
				t.Fatal(err)
			}
			l.Fault(f.When.At, &f, f.When.At)
		}
		a := &engine.Account{Now: at(30), Ops: c.ops, Heard: []engine.Heard{{
			Client: "A", Events: c.events,
			States: append([]engine.StateChange{state(client.Connected, at(2))}, c.states...),
		}}}
		found, _ := l.Judge(a, c.changes)
		if got := names(found); got != c.want {
			t.Errorf("%s: broke %q, want %q: %v", c.name, got, c.want, found)
		}
	}
}
