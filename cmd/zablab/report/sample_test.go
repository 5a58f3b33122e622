package report

import (
	"strings"
	"sync"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// hostile is a name with HTML and a script, which a page must show as text.
const hostile = `6s crash S1 </title></table><script>alert("1")</script><img src=x onerror=alert(1)> & 'done'`

const ms = sim.Millisecond

// part returns the figures of n runs, distributed evenly from low to high, with the median in the
// middle.
func part(n int, low, high sim.Time) (p compare.Part) {
	for i := range n {
		p.Values = append(p.Values, int64(low)+int64(high-low)*int64(i)/int64(max(n-1, 1)))
	}
	if p.N = n; n > 0 {
		p.Median, p.Low, p.High = p.Values[n/2], p.Values[0], p.Values[n-1]
		if n >= compare.EnoughRuns {
			p.Low, p.High = p.Values[n/2-n/10], p.Values[n/2+n/10]
		}
	}
	return p
}

func failover(e compare.Engine, fault string, n int, slower sim.Time) compare.Failover {
	return compare.Failover{
		Engine: e, Servers: 5, Fault: fault, Seeds: n, Reads: 1200, Stale: 7, Unknown: 11,
		Failed: 13, Linearizable: lin.Linearizable,
		Detected:  part(n, 751*ms+slower, 1103*ms+slower),
		Elected:   part(n, 1204*ms+slower, 1407*ms+slower),
		Recovered: part(n, 1236*ms+slower, 1441*ms+slower),
		First:     part(n, 1512*ms+slower, 1728*ms+slower),
		Led:       part(n, 1701*ms+slower, 2012*ms+slower),
		Terms:     compare.Part{N: n, Median: 1, Low: 1, High: 3},
	}
}

func curve(p50, p999 sim.Time) (list []compare.Quantile) {
	for _, q := range []float64{0, 10, 50, 90, 99, 99.9, 100} {
		at := p50 * sim.Time(50+q) / 100
		if q > 50 {
			at = p50 + (p999-p50)*sim.Time(q-50)/50
		}
		list = append(list, compare.Quantile{Percent: q, At: at})
	}
	return list
}

// sample returns a report with every section and with difficult cases: a name with a script, a
// fault after which nothing succeeded, a fault that is far slower, lost writes, stale reads.
func sample(t testing.TB) *Report {
	t.Helper()
	r := &Report{
		Command: "zablab compare --fault '" + hostile + "' --html report.html",
		Version: "built from commit 0123456789ab", Raft: "v1.8.0",
		Guest: strings.Repeat("0d14d66c", 8), Servers: "5", Seeds: 7,
		Settings:    []string{"a silent leader is replaced after 1s on average"},
		Differences: []string{"batching: Raft puts up to 64 entries into a message"},
		AsTheyCome:  []string{"ZAB a tick of 2s; Raft a lease of 500ms"}, Link: 2 * ms, Fsync: 10 * ms,
	}
	for _, servers := range []int{3, 5} {
		n := float64(servers - 1)
		r.Writes = append(r.Writes,
			compare.Write{
				Engine: compare.ZAB, Servers: servers, Enters: "leader", N: 26, Messages: 3 * n,
				Bytes: 784, Fsyncs: 1, Latency: 18 * ms, Visible: 19 * ms, Expect: 3 * n,
				ExpectLatency: 18 * ms, ExpectVisible: 18 * ms, Formula: "3(n-1); 4δ+f; 4δ+f",
			},
			compare.Write{
				Engine: compare.Raft, Servers: servers, Enters: "leader", N: 23, Messages: 2 * n,
				Idle: 14.35, Bytes: 2662, Fsyncs: 1, Latency: 28 * ms, Visible: 107700,
				Expect: 2 * n, ExpectLatency: 28 * ms, ExpectVisible: 78 * ms,
				Formula: "2(n-1); 4δ+2f; 4δ+2f+c",
			})
	}
	for _, read := range []bool{false, true} {
		r.Latency = append(r.Latency,
			compare.Latency{
				Engine: compare.ZAB, Servers: 5, Enters: "leader", Read: read, Seeds: 7, N: 711,
				P50: 13518, P99: 17940, P999: 18660, Low: 13400, High: 13711, P99Low: 17800,
				P99High: 18100,
				Curve:   curve(13518, 18660),
			},
			compare.Latency{
				Engine: compare.ZAB, Servers: 5, Enters: "follower", Read: read, Seeds: 7, N: 1652,
				P99Low: 23900, P99High: 26100, P50: 19408, P99: 24944, P999: 26421, Low: 19211, High: 20102,
				Curve: curve(19408, 26421),
			},
			compare.Latency{
				Engine: compare.Raft, Servers: 5, Enters: "leader", Read: read, Seeds: 7, N: 698,
				P50: 15365, P99: 20028, P999: 20865, Low: 15207, High: 15703,
				Curve: curve(15365, 20865), Failed: 9, Unknown: 2,
			})
	}
	for i, clients := range []int{1, 4, 16, 64} {
		r.Throughput = append(r.Throughput,
			compare.Throughput{
				Engine: compare.ZAB, Servers: 5, Clients: clients, N: 149 * clients,
				Rate: 74.5078125 * float64(clients), RateLow: 72 * float64(clients),
				RateHigh: 77 * float64(clients), P50: 13700 + sim.Time(i)*ms,
				P99: 16903 + sim.Time(i)*ms, Messages: 13.62 - float64(i)/2,
				Fsyncs: 1 / float64(i+1),
			},
			compare.Throughput{
				Engine: compare.Raft, Servers: 5, Clients: clients, N: 131 * clients,
				Rate: 65.5 * float64(clients), RateLow: 65 * float64(clients),
				RateHigh: 66 * float64(clients), P50: 15100 + sim.Time(i)*ms,
				P99: 19004 + sim.Time(i)*ms, Messages: 10.4 / float64(clients),
				Fsyncs: 0.9 / float64(i+1),
			})
	}
	r.Reads = []compare.Read{
		{
			Engine: compare.ZAB, Servers: 5, Way: "local", Enters: "follower", Seeds: 7, N: 2411,
			P50: 5905, Low: 5871, High: 5952, P99: 9546, Rate: 9876, RateLow: 9700, RateHigh: 10050, Stale: 31, Oldest: 4200, CutN: 801, CutStale: 77,
			CutOldest: 1234567, Promise: "what others were told in the last moments",
		},
		{
			Engine: compare.ZAB, Servers: 5, Way: "sync", Enters: "follower", Seeds: 7, N: 1907,
			P50: 11010, Low: 10100, High: 12300, P99: 15020, Rate: 4321, RateLow: 4300, RateHigh: 4340, CutN: 702, CutStale: 3, CutOldest: 501000,
			Promise: "nothing, while the leader leads",
		},
		{
			Engine: compare.Raft, Servers: 5, Way: "verify", Enters: "leader", Seeds: 7, N: 812,
			P50: 10831, Low: 10800, High: 10900, P99: 15354, Rate: 4111, RateLow: 4111, RateHigh: 4111, Promise: "nothing",
		},
	}
	stays := failover(compare.ZAB, "a flapping link", 7, 0)
	stays.Detected, stays.Elected, stays.Recovered = compare.Part{}, compare.Part{}, compare.Part{}
	lost := failover(compare.Raft, "a flapping link", 7, 0)
	lost.Lost, lost.Doubled, lost.Never, lost.Linearizable = 3, 2, 1, lin.Broken
	r.Failover = []compare.Failover{
		failover(compare.ZAB, hostile, 7, 0), failover(compare.Raft, hostile, 7, 301*ms), stays,
		lost, failover(compare.ZAB, "the slow one", 7, 9*sim.Second),
		failover(compare.Raft, "the slow one", 7, 11*sim.Second),
	}
	for i, missing := range []int{0, 100, 10_000} {
		for _, e := range []compare.Engine{compare.ZAB, compare.Raft} {
			x := failover(e, "the leader crashes", 40, sim.Time(i)*150*ms)
			x.Missing = missing
			r.Missing = append(r.Missing, x)
			x = failover(e, "the leader crashes", 7, sim.Time(i)*70*ms)
			x.Load = i * 8
			r.Load = append(r.Load, x)
		}
	}
	r.Defaults = []compare.Failover{
		failover(compare.ZAB, "the leader is cut off", 7, 9*sim.Second),
		failover(compare.Raft, "the leader is cut off", 7, 0),
	}
	r.NoPreVote = []compare.Failover{failover(compare.Raft, "a follower is alone", 7, 2*sim.Second)}
	r.Runs = sampleRuns(t)
	return r
}

const samplePlan = "3s crash LEADER\n5s restart S1\n5s restart S2\n5s restart S3"

// sampleZab is played once and never changed.
var sampleZab = sync.OnceValues(func() (side compare.Side, err error) {
	s := compare.Settings{
		Seed: 1, Servers: 3, Latency: sim.Span{Min: ms, Max: 5 * ms},
		Fsync: sim.Span{Min: ms, Max: 3 * ms}, From: 2 * sim.Second, Length: 8 * sim.Second,
		Plan: samplePlan, Trace: true,
	}
	for i := range 3 {
		home := 0
		if i > 0 {
			home = -1
		}
		s.Clients = append(s.Clients, compare.Client{
			Name: string(rune('A' + i)), Home: home, Start: s.From, Pause: 200 * ms, Reads: 30,
			Size: 8, Keys: 3,
		})
	}
	side.Result, err = compare.RunZab(&s, engine.Stage{
		Tick: 200 * ms, SyncLimit: 5, InitLimit: 10, SessionTimeout: 3 * sim.Second,
	})
	if err == nil {
		side.Run, err = trace.Read("zab", strings.NewReader(side.Result.Trace))
	}
	return side, err
})

// sampleRuns returns a run of the lab's engine and an invented run of Raft.
func sampleRuns(t testing.TB) *Runs {
	t.Helper()
	zab, err := sampleZab()
	if err != nil {
		t.Fatal(err)
	}
	raft := &compare.Result{Missed: []string{"5s restart S1: S1 is running"},
		States: []compare.State{
			{Server: 2, Term: 1, State: "candidate", At: 800 * ms},
			{Server: 2, Term: 2, State: "leader", At: 820 * ms},
			{Server: 1, Term: 3, State: "candidate", At: 4100 * ms},
			{Server: 1, Term: 4, State: "leader", At: 4200 * ms},
		},
		Ops: []compare.Op{
			{Client: "A", Call: 2500 * ms, Return: 2510 * ms, Outcome: compare.OK},
			{Client: "A", Call: 2700 * ms, Return: 2710 * ms, Outcome: compare.OK, Read: true},
			{Client: "A", Call: 2990 * ms, Return: 3990 * ms, Outcome: compare.Unknown},
			{Client: "A", Call: 4000 * ms, Return: 4010 * ms, Outcome: compare.Failed},
			{Client: "A", Call: 4300 * ms, Return: 4310 * ms, Outcome: compare.OK},
			{Client: "B", Call: 4400 * ms, Return: -1, Outcome: compare.Unknown},
		}}
	event := func(at sim.Time, n, k, say, key string) trace.Event {
		return trace.Event{T: int64(at), N: n, K: k, Say: say, Key: key}
	}
	made := &trace.Run{Events: []trace.Event{
		event(3*sim.Second, "S2", "crash", "crash S2", "crash"),
		event(5*sim.Second, "S2", "restart", "restart at S2", ""),
	}}
	return &Runs{
		Plan: samplePlan, Seed: "0x1", Servers: 3, Length: 8 * sim.Second, Sides: []compare.Side{
			{
				Engine: compare.ZAB, Result: zab.Result, Run: zab.Run,
				Moments: []compare.Moment{
					{At: 3 * sim.Second, Say: "S3 crashes"},
					{At: 3050 * ms, Say: "S1 looks for a leader"},
					{At: 3300 * ms, Say: "S2 leads: epoch 2 is established"},
					{At: 5 * sim.Second, Say: "S3 restarts"},
				},
			},
			{
				Engine: compare.Raft, Result: raft, Run: made,
				Moments: []compare.Moment{
					{At: 900 * ms, Say: "S2 leads term 2"},
					{At: 3 * sim.Second, Say: "crash S2"},
					{At: 4200 * ms, Say: "S1 leads term 4"},
				},
			},
		},
	}
}
