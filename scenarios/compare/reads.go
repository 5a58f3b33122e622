package compare

import (
	"context"
	"strconv"

	"github.com/zablab/zablab/sim"
)

// Read has the costs of one way of reading, such as a get after a sync, and what such a read
// guarantees.
type Read struct {
	Engine  Engine   `json:"engine"`
	Servers int      `json:"servers"`
	Way     string   `json:"way"` // local, sync, quorum sync; local, verify
	Enters  string   `json:"enters"`
	Seeds   int      `json:"seeds"`
	N       int      `json:"n"`
	P50     sim.Time `json:"p50_us"`
	Low     sim.Time `json:"p50_low_us"` // of the 95 % confidence interval of P50: see [Pooled]
	High    sim.Time `json:"p50_high_us"`
	P99     sim.Time `json:"p99_us"`
	Rate    float64  `json:"reads_per_second"` // of [Readers] clients without pauses; one seed
	// RateLow and RateHigh are a 95 % confidence interval of Rate.
	RateLow  float64 `json:"rate_low"`
	RateHigh float64 `json:"rate_high"`
	// Stale counts reads that missed a write acknowledged before their call. Oldest is the longest
	// time from such an acknowledgement to the call.
	Stale  int      `json:"stale"`
	Oldest sim.Time `json:"oldest_us"`
	// CutN, CutStale and CutOldest are N, Stale and Oldest of other runs. In these the leader and a
	// client that reads there are cut off from the other servers, where another client writes. The
	// leader's clock runs at a quarter of its speed, so that it believes for longer that it leads.
	CutN      int      `json:"cut_n"`
	CutStale  int      `json:"cut_stale"`
	CutOldest sim.Time `json:"cut_oldest_us"`
	Promise   string   `json:"promise"` // what a read guarantees
}

// way is one way of reading, and what such a read guarantees.
type way struct {
	engine       Engine
	name, enters string
	home         int
	way          Way
	quorum       bool
	promise      string
}

var ways = []way{
	{ZAB, "local", "follower", -1, Plain, false, "shows every write that this client has seen"},
	{ZAB, "sync", "follower", -1, Sync, false,
		"shows every acknowledged write, unless another server now leads"},
	{ZAB, "quorum sync", "follower", -1, Sync, true, "shows every acknowledged write"},
	{Raft, "verify", "leader", 0, Plain, false, "shows every acknowledged write"},
	{Raft, "local", "follower", -1, Local, false, "none: the server may lag"},
}

// Ways returns the number of ways of reading that [Lab.Reads] measures.
func Ways() int { return len(ways) }

// Readers is the number of clients whose rate of reads is measured.
const Readers = 16

// readFor is how long the rate of reads is measured.
const readFor = sim.Second

// Reads measures each way of reading in three kinds of runs: in the first kind, three clients read
// and one writes; in the second, which is played with one seed only, [Readers] clients read; in the
// third, the leader is cut off.
func (l *Lab) Reads(ctx context.Context, servers, seeds int, told func()) (list []Read, err error) {
	for i := range ways {
		w := &ways[i]
		of := *l
		of.quorumSync = w.quorum
		row := Read{
			Engine: w.engine, Servers: servers, Way: w.name, Enters: w.enters, Seeds: seeds,
			Promise: w.promise,
		}
		type both struct{ calm, cut *Result }
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
		var bySeed [][]int64
		for _, b := range runs {
			var one []int64
			for _, o := range b.calm.Ops {
				if o.Read && o.Outcome == OK {
					row.N++
					one = append(one, int64(o.Return-o.Call))
					_ = h.RecordValue(int64(o.Return - o.Call))
				}
			}
			bySeed = append(bySeed, one)
			for _, o := range b.cut.Ops {
				if o.Read && o.Outcome == OK && o.Call >= faultAt {
					row.CutN++
				}
			}
			n, old := stale(b.calm.Ops)
			row.Stale, row.Oldest = row.Stale+n, max(row.Oldest, old)
			n, old = stale(b.cut.Ops)
			row.CutStale, row.CutOldest = row.CutStale+n, max(row.CutOldest, old)
		}
		median, low, high := Pooled(bySeed)
		row.P50, row.Low, row.High = sim.Time(median), sim.Time(low), sim.Time(high)
		row.P99 = sim.Time(h.ValueAtQuantile(99))
		r, err := of.run(ctx, w.engine, w.many(&of, servers))
		if err != nil {
			return nil, err
		}
		row.Rate, row.RateLow, row.RateHigh = rateOf(answered(r.Ops, true), from, readFor)
		list = append(list, row)
	}
	return list, nil
}

// reader returns a client that reads the registers r0 to r2 in this way.
func (w *way) reader(name string, home int, pause, stop sim.Time) Client {
	return Client{
		Name: name, Home: home, Start: from, Stop: stop, Pause: pause, Reads: 100, Way: w.way,
		Keys: 3,
	}
}

// writer returns a client that writes the registers r0 to r2.
func writer(home int, stop sim.Time) Client {
	return Client{
		Name: "W", Home: home, Start: from, Stop: stop, Pause: 20 * sim.Millisecond, Size: 100,
		Keys: 3,
	}
}

func (w *way) calm(l *Lab, seed uint64, servers int) *Settings {
	s := l.settings(seed, servers)
	s.From, s.Length = from, from+3*sim.Second
	stop := s.Length - sim.Second/2
	s.Clients = []Client{writer(0, stop)}
	for _, name := range []string{"A", "B", "C"} {
		s.Clients = append(s.Clients, w.reader(name, w.home, 20*sim.Millisecond, stop))
	}
	return &s
}

func (w *way) many(l *Lab, servers int) *Settings {
	s := l.settings(1, servers)
	s.From, s.Length = from, from+readFor+sim.Second/2
	s.Clients = []Client{writer(0, from+readFor)}
	for i := range Readers {
		s.Clients = append(s.Clients, w.reader("R"+strconv.Itoa(i), w.home, 0, from+readFor))
	}
	return &s
}

// cut returns the settings of a run whose leader is cut off. Client A reads at that leader,
// whatever the way's usual server is.
func (w *way) cut(l *Lab, seed uint64, servers int) *Settings {
	s := l.settings(seed, servers)
	s.From, s.Length, s.Timeout = from, faultAt+5*l.Detect, l.Detect/2
	at := faultAt.Seconds()
	s.Plan = at + " clock LEADER x0.25\n" + at + " split LEADER A | OTHERS W"
	s.Clients = []Client{writer(-1, 0), w.reader("A", 0, 20*sim.Millisecond, 0)}
	return &s
}
