package main

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

// lab is the world that the servers run in. The servers' goroutines see the time of the process,
// which the host moves. The world follows: before a goroutine acts on it, the world runs up to now.
type lab struct {
	mu    sync.Mutex // guards the world and everything that its programs touch
	s     *task.Settings
	w     *sim.World
	began time.Time
	moved chan struct{} // wakes drive: the world has something to do before until
	until sim.Time      // the time that drive waits for

	aimed []task.Aimed // later faults, whose servers are looked up at the fault's time

	counting bool // true after Settings.From

	nodes  []*node
	users  []*user
	result task.Result
	counts map[task.Count]*task.Count // by kind and sender
}

// now is the time since the start of the run, in whole µs.
func (l *lab) now() sim.Time { return sim.Time(time.Since(l.began) / time.Microsecond) }

// tell makes a machine's program carry out an order now. A paused machine does so when it resumes,
// and a machine that is down never does. The world's own programs must not call tell.
func (l *lab) tell(p *port, do func(out []sim.Effect) []sim.Effect) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.w.Run(l.now(), nil)
	if p.dead {
		return
	}
	l.w.Tell(p.n.m, &order{p, do})
	l.w.Run(l.w.Now(), nil)
	if l.w.NextAt() < l.until {
		select {
		case l.moved <- struct{}{}:
		default:
		}
	}
}

// order is an action that a server's goroutine asks the server's program to carry out.
type order struct {
	p  *port
	do func(out []sim.Effect) []sim.Effect
}

func (o *order) Name() string { return "ORDER" }
func (o *order) Size() int    { return 0 }
func (o *order) Key() uint64  { return 0 }

func run(s *task.Settings) *task.Result {
	l := &lab{
		s: s, began: time.Now(), moved: make(chan struct{}, 1),
		counts: make(map[task.Count]*task.Count),
	}
	l.w = sim.NewWorld(sim.Config{Seed: s.Seed, Latency: s.Latency, Fsync: s.Fsync, Lenient: true})
	if s.Trace {
		l.w.Keep()
	}
	for i := 1; i <= s.Servers; i++ {
		l.nodes = append(l.nodes, newNode(l, i))
	}
	for i := range s.Clients {
		l.users = append(l.users, newUser(l, &s.Clients[i]))
	}
	l.w.OnCrash = func(m *sim.Machine, _ bool) {
		for _, n := range l.nodes {
			if n.m == m {
				n.crashed()
			}
		}
	}
	plan, aimed, err := task.Aim(s.Plan)
	if err == nil {
		err = l.w.Schedule(plan)
	}
	l.aimed = aimed
	slices.SortStableFunc(l.aimed, func(a, b task.Aimed) int { return int(a.At - b.At) })
	if err != nil {
		l.result.Error = err.Error()
		return &l.result
	}
	for _, n := range l.nodes {
		l.w.Start(n.m)
	}
	for _, u := range l.users {
		l.w.Start(u.m)
	}
	l.drive()
	return l.end()
}

// drive runs the world, in turns with the goroutines, until the end of the run.
func (l *lab) drive() {
	for {
		l.mu.Lock()
		now := l.now()
		for len(l.aimed) > 0 && l.aimed[0].At <= now {
			l.w.Run(l.aimed[0].At, nil)
			l.fire(l.aimed[0])
			l.aimed = l.aimed[1:]
		}
		if !l.counting && now >= l.s.From {
			l.counting = true
			l.w.Run(l.s.From, nil)
			for _, n := range l.nodes {
				n.synced = n.m.Disk().Fsyncs()
			}
		}
		ok := l.w.Run(now, nil)
		next := min(l.w.NextAt(), l.s.Length)
		if len(l.aimed) > 0 {
			next = min(next, l.aimed[0].At)
		}
		if !l.counting {
			next = min(next, l.s.From)
		}
		l.until = next
		l.mu.Unlock()
		if !ok || now >= l.s.Length {
			return
		}
		t := time.NewTimer(time.Until(
			l.began.Add(time.Duration(max(next, now+1)) * time.Microsecond)))
		select {
		case <-l.moved:
			t.Stop()
		case <-t.C:
		}
	}
}

// leader is the server that was last to believe that it leads; 0 if none does.
func (l *lab) leader() int {
	for i := len(l.result.States) - 1; i >= 0; i-- {
		if s := l.result.States[i]; s.State == "leader" && l.nodes[s.Server-1].leads {
			return s.Server
		}
	}
	return 0
}

// fire applies a fault, with the leader of this moment.
func (l *lab) fire(a task.Aimed) {
	leader := l.leader()
	if leader == 0 {
		l.result.Missed = append(l.result.Missed, a.Line+": nobody leads")
		return
	}
	f, err := a.Fault(leader, l.s.Servers)
	if err == nil {
		err = l.w.Inject(f)
	}
	if err != nil {
		l.result.Missed = append(l.result.Missed, a.Line+": "+err.Error())
	}
}

func (l *lab) end() *task.Result {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := &l.result
	if err := l.w.Err(); err != nil {
		r.Error = err.Error()
	}
	r.Fingerprint, r.Events, r.Virtual = fmt.Sprintf("%016x", l.w.Fingerprint()),
		l.w.Stats().Events, l.w.Now()
	for _, n := range l.nodes {
		r.Fsyncs = append(r.Fsyncs, n.m.Disk().Fsyncs()-n.synced)
	}
	for _, c := range l.counts { // order: sorted below
		r.Counts = append(r.Counts, *c)
	}
	slices.SortFunc(r.Counts, func(a, b task.Count) int {
		if a.From != b.From {
			return a.From - b.From
		}
		return slices.Compare([]byte(a.Kind), []byte(b.Kind))
	})
	for _, u := range l.users {
		u.giveUp()
	}
	if l.s.Trace {
		r.Trace = l.written()
	}
	slices.SortStableFunc(r.Ops, func(a, b task.Op) int { return int(a.Call - b.Call) })
	return r
}

// count counts a message between servers.
func (l *lab) count(from int, kind string, bytes int) {
	if l.w.Now() < l.s.From {
		return
	}
	key := task.Count{Kind: kind, From: from}
	c := l.counts[key]
	if c == nil {
		c = &task.Count{Kind: kind, From: from}
		l.counts[key] = c
	}
	c.N++
	c.Bytes += bytes
}

func serverName(i int) string { return "S" + strconv.Itoa(i) }
