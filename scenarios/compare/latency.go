package compare

import (
	"context"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/zablab/zablab/sim"
)

// Latency is the distribution of the time from call to answer, of reads or of writes, over many
// seeds.
type Latency struct {
	Engine  Engine   `json:"engine"`
	Servers int      `json:"servers"`
	Enters  string   `json:"enters"`
	Read    bool     `json:"read"`
	Seeds   int      `json:"seeds"`
	N       int      `json:"n"`
	P50     sim.Time `json:"p50_us"`
	P99     sim.Time `json:"p99_us"`
	P999    sim.Time `json:"p999_us"`
	Failed  int      `json:"failed"`
	Unknown int      `json:"unknown"`
	// Low and High are the smallest and the largest of the medians of the single seeds.
	Low  sim.Time `json:"p50_low_us"`
	High sim.Time `json:"p50_high_us"`
	// Curve is the whole distribution, from its smallest value to its largest.
	Curve []Quantile `json:"curve"`
}

// Quantile is one point of a distribution: Percent of all values are at most At.
type Quantile struct {
	Percent float64  `json:"percent"`
	At      sim.Time `json:"us"`
}

// quantiles are the percentages of a [Latency.Curve].
var quantiles = []float64{0, 1, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 99, 99.9, 100}

func curve(h *hdrhistogram.Histogram) []Quantile {
	list := []Quantile{}
	for _, q := range quantiles {
		list = append(list, Quantile{q, sim.Time(h.ValueAtQuantile(q))})
	}
	return list
}

// Latencies measures writes and reads of three clients over many seeds, with links and disks whose
// times vary.
func (l *Lab) Latencies(ctx context.Context,
	servers, seeds int, told func()) (list []Latency, err error) {
	for _, where := range []struct {
		engine Engine
		enters string
		read   bool
	}{
		{ZAB, "leader", false}, {ZAB, "follower", false}, {Raft, "leader", false},
		{ZAB, "leader", true}, {ZAB, "follower", true}, {Raft, "leader", true},
	} {
		h := newHistogram()
		row := Latency{
			Engine: where.engine, Servers: servers, Enters: where.enters, Read: where.read,
			Seeds: seeds,
		}
		results, err := each(ctx, seeds, told, func(seed uint64) (*Result, error) {
			s := l.settings(seed, servers)
			s.From, s.Length = from, 9*sim.Second
			for i := range 3 {
				c := Client{
					Name: string(rune('A' + i)), Start: s.From, Stop: s.Length - sim.Second,
					Pause: 50 * sim.Millisecond, Size: 100, Keys: 3,
				}
				if where.enters == "follower" {
					c.Home = -1
				}
				if where.read {
					c.Reads = 100
				}
				s.Clients = append(s.Clients, c)
			}
			return l.run(ctx, where.engine, &s)
		})
		if err != nil {
			return nil, err
		}
		for _, r := range results {
			one := newHistogram()
			for _, o := range r.Ops {
				switch {
				case o.Read != where.read || o.Call < from:
				case o.Outcome == OK:
					row.N++
					_ = one.RecordValue(int64(o.Return - o.Call))
				case o.Outcome == Failed:
					row.Failed++
				default:
					row.Unknown++
				}
			}
			h.Merge(one)
			if m := sim.Time(one.ValueAtQuantile(50)); one.TotalCount() > 0 {
				if row.High = max(row.High, m); row.Low == 0 || m < row.Low {
					row.Low = m
				}
			}
		}
		row.Curve = curve(h)
		row.P50 = sim.Time(h.ValueAtQuantile(50))
		row.P99 = sim.Time(h.ValueAtQuantile(99))
		row.P999 = sim.Time(h.ValueAtQuantile(99.9))
		list = append(list, row)
	}
	return list, nil
}
