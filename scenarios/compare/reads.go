package compare

import (
	"context"
	"strconv"

	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

// Read is what one way of reading costs, and what it promises.
type Read struct {
	Engine  Engine   `json:"engine"`
	Servers int      `json:"servers"`
	Way     string   `json:"way"` // local, sync, quorum sync; local, verify
	Enters  string   `json:"enters"`
	Seeds   int      `json:"seeds"`
	N       int      `json:"n"`
	P50     sim.Time `json:"p50_us"`
	P99     sim.Time `json:"p99_us"`
	Rate    float64  `json:"reads_per_second"` // of [Readers] clients, each as fast as it is answered, one seed
	// Stale are reads that missed a write which had been told before they began, and Oldest how long before, at most.
	Stale  int      `json:"stale"`
	Oldest sim.Time `json:"oldest_us"`
	// The same from when the leader and a client that reads there are cut off from the others, where another client
	// writes. From then on the leader's clock goes at a quarter of its speed, so that ZAB's believes for longer that it
	// leads; to Raft's servers that does nothing, and they ask no clock.
	CutN      int      `json:"cut_n"`
	CutStale  int      `json:"cut_stale"`
	CutOldest sim.Time `json:"cut_oldest_us"`
	Promise   string   `json:"promise"` // what a read does not miss
}

// way is one of them.
type way struct {
	engine       Engine
	name, enters string
	home         int
	way          task.Way
	quorum       bool
	promise      string
}

var ways = []way{
	{ZAB, "local", "follower", -1, task.Plain, false, "what this client has seen before"},
	{ZAB, "sync", "follower", -1, task.Sync, false, "what was told before, if who leads has not been deposed"},
	{ZAB, "quorum sync", "follower", -1, task.Sync, true, "what was told before"},
	{Raft, "verify", "leader", 0, task.Plain, false, "what was told before"},
	{Raft, "local", "follower", -1, task.Local, false, "nothing: another server may be behind"},
}

// Ways are how many ways of reading there are.
func Ways() int { return len(ways) }

// Readers are how many clients read at once where a rate is measured.
const Readers = 16

// readFor is how long they do.
const readFor = sim.Second

// Reads measures the ways of reading: with three clients that read and one that writes; with many, one seed; and with a
// leader that is cut off.
func (l *Lab) Reads(ctx context.Context, servers, seeds int, told func()) (list []Read, err error) {
	for i := range ways {
		w := &ways[i]
		of := *l
		of.quorumSync = w.quorum
		row := Read{Engine: w.engine, Servers: servers, Way: w.name, Enters: w.enters, Seeds: seeds, Promise: w.promise}
		type both struct{ calm, cut *task.Result }
		runs, err := each(ctx, seeds, told, func(seed uint64) (b both, err error) {
			if b.calm, err = of.run(ctx, w.engine, w.calm(&of, seed, servers)); err == nil {
				b.cut, err = of.run(ctx, w.engine, w.cut(&of, seed, servers))
			}
			return b, err
		})
		if err != nil {
			return nil, err
		}
		h := newHistogram()
		for _, b := range runs {
			for _, o := range b.calm.Ops {
				if o.Read && o.Outcome == task.OK {
					row.N++
					_ = h.RecordValue(int64(o.Return - o.Call))
				}
			}
			for _, o := range b.cut.Ops {
				if o.Read && o.Outcome == task.OK && o.Call >= faultAt {
					row.CutN++
				}
			}
			n, old := stale(b.calm.Ops)
			row.Stale, row.Oldest = row.Stale+n, max(row.Oldest, old)
			n, old = stale(b.cut.Ops)
			row.CutStale, row.CutOldest = row.CutStale+n, max(row.CutOldest, old)
		}
		row.P50, row.P99 = sim.Time(h.ValueAtQuantile(50)), sim.Time(h.ValueAtQuantile(99))
		r, err := of.run(ctx, w.engine, w.many(&of, servers))
		if err != nil {
			return nil, err
		}
		for _, o := range r.Ops {
			if o.Read && o.Outcome == task.OK {
				row.Rate += float64(sim.Second) / float64(readFor)
			}
		}
		list = append(list, row)
	}
	return list, nil
}

// reader reads r0 to r2 in this way.
func (w *way) reader(name string, home int, pause, stop sim.Time) task.Client {
	return task.Client{Name: name, Home: home, Start: from, Stop: stop, Pause: pause, Reads: 100, Way: w.way, Keys: 3}
}

// writer writes them.
func writer(home int, stop sim.Time) task.Client {
	return task.Client{Name: "W", Home: home, Start: from, Stop: stop, Pause: 20 * sim.Millisecond, Size: 100, Keys: 3}
}

func (w *way) calm(l *Lab, seed uint64, servers int) *task.Settings {
	s := l.settings(seed, servers)
	s.From, s.Length = from, from+3*sim.Second
	stop := s.Length - sim.Second/2
	s.Clients = []task.Client{writer(0, stop)}
	for _, name := range []string{"A", "B", "C"} {
		s.Clients = append(s.Clients, w.reader(name, w.home, 20*sim.Millisecond, stop))
	}
	return &s
}

func (w *way) many(l *Lab, servers int) *task.Settings {
	s := l.settings(1, servers)
	s.From, s.Length = from, from+readFor+sim.Second/2
	s.Clients = []task.Client{writer(0, from+readFor)}
	for i := range Readers {
		s.Clients = append(s.Clients, w.reader("R"+strconv.Itoa(i), w.home, 0, from+readFor))
	}
	return &s
}

// cut has A read at the leader, wherever the others of its way do.
func (w *way) cut(l *Lab, seed uint64, servers int) *task.Settings {
	s := l.settings(seed, servers)
	s.From, s.Length, s.Timeout = from, faultAt+5*l.Detect, l.Detect/2
	at := faultAt.Seconds()
	s.Plan = at + " clock LEADER x0.25\n" + at + " split LEADER A | OTHERS W"
	s.Clients = []task.Client{writer(-1, 0), w.reader("A", 0, 20*sim.Millisecond, 0)}
	return &s
}
