package compare

import (
	"context"
	"strconv"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/zablab/zablab/sim"
)

// Throughput is the rate of writes of several clients, each of which writes one value after the
// other without a pause. Only messages and fsyncs take simulated time, so the rate depends on how
// many writes share one message or one fsync.
type Throughput struct {
	Engine   Engine   `json:"engine"`
	Servers  int      `json:"servers"`
	Clients  int      `json:"clients"`
	N        int      `json:"n"`
	Rate     float64  `json:"writes_per_second"`
	RateLow  float64  `json:"rate_low"` // of the 95 % confidence interval of Rate
	RateHigh float64  `json:"rate_high"`
	P50      sim.Time `json:"p50_us"`
	P99      sim.Time `json:"p99_us"`
	Messages float64  `json:"messages"` // per write, between servers
	Fsyncs   float64  `json:"syncs"`    // fsyncs per write and server
}

// Busy is how long the clients of [Lab.Throughputs] write.
const Busy = 2 * sim.Second

// Throughputs measures the rate of writes for each number of clients. One seed is enough, because
// each run has thousands of writes.
func (l *Lab) Throughputs(ctx context.Context,
	servers int, clients []int, told func()) (list []Throughput, err error) {
	for _, n := range clients {
		for _, engine := range []Engine{ZAB, Raft} {
			s := l.settings(1, servers)
			s.From, s.Length = from, from+Busy+sim.Second
			for i := range n {
				s.Clients = append(s.Clients, Client{
					Name: "W" + strconv.Itoa(i), Start: s.From, Stop: s.From + Busy, Size: 100,
					Keys: 8,
				})
			}
			r, err := l.run(ctx, engine, &s)
			if err != nil {
				return nil, err
			}
			list = append(list, throughput(engine, servers, n, r))
			told()
		}
	}
	return list, nil
}

func throughput(e Engine, servers, clients int, r *Result) Throughput {
	t := Throughput{Engine: e, Servers: servers, Clients: clients}
	var h *hdrhistogram.Histogram
	if t.N, h = written(r.Ops); t.N == 0 {
		return t
	}
	n := float64(t.N)
	t.Rate, t.RateLow, t.RateHigh = rateOf(answered(r.Ops, false), from, Busy)
	t.P50, t.P99 = sim.Time(h.ValueAtQuantile(50)), sim.Time(h.ValueAtQuantile(99))
	for _, c := range r.Counts {
		t.Messages += float64(c.N) / n
	}
	for _, k := range r.Fsyncs {
		t.Fsyncs += float64(k) / n / float64(servers)
	}
	return t
}

// answered returns when the writes, or the reads, got their answers.
func answered(ops []Op, read bool) (at []sim.Time) {
	for i := range ops {
		if o := &ops[i]; o.Outcome == OK && o.Read == read {
			at = append(at, o.Return)
		}
	}
	return at
}
