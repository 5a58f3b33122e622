package compare

import (
	"context"
	"math"

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
	// Low and High are a 95 % confidence interval of P50: see [Pooled]. P99Low and P99High are one
	// of P99, from order statistics.
	Low     sim.Time `json:"p50_low_us"`
	High    sim.Time `json:"p50_high_us"`
	P99Low  sim.Time `json:"p99_low_us"`
	P99High sim.Time `json:"p99_high_us"`
	// Curve is the whole distribution, from its smallest value to its largest.
	Curve []Quantile `json:"curve"`
}

// Beyond returns how many operations took longer than a percentile. The percentile is given in
// thousandths: 990 is P99. A percentile with fewer than ten operations beyond it says little.
func (l *Latency) Beyond(permille int) int { return l.N * (1000 - permille) / 1000 }

// LeastBeyond is how many operations must lie beyond a percentile for a report to show it.
const LeastBeyond = 10

// Quantile is one point of a distribution: of all values, Percent % are at most At.
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
		bySeed := make([][]int64, 0, seeds)
		for _, r := range results {
			var one []int64
			for _, o := range r.Ops {
				switch {
				case o.Read != where.read || o.Call < from:
				case o.Outcome == OK:
					row.N++
					one = append(one, int64(o.Return-o.Call))
					_ = h.RecordValue(int64(o.Return - o.Call))
				case o.Outcome == Failed:
					row.Failed++
				default:
					row.Unknown++
				}
			}
			bySeed = append(bySeed, one)
		}
		row.take(h, bySeed)
		list = append(list, row)
	}
	return list, nil
}

// take sets the figures of the row.
func (l *Latency) take(h *hdrhistogram.Histogram, bySeed [][]int64) {
	median, low, high := Pooled(bySeed)
	l.P50, l.Low, l.High = sim.Time(median), sim.Time(low), sim.Time(high)
	l.Curve = curve(h)
	l.P99 = sim.Time(h.ValueAtQuantile(99))
	l.P999 = sim.Time(h.ValueAtQuantile(99.9))
	half := 100 * 1.96 * math.Sqrt(0.99*0.01/float64(max(1, l.N)))
	l.P99Low = sim.Time(h.ValueAtQuantile(99 - half))
	l.P99High = sim.Time(h.ValueAtQuantile(min(100, 99+half)))
}
