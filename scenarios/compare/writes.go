package compare

import (
	"context"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/zablab/zablab/sim"
)

// The kinds of messages that a write needs in each protocol.
var (
	zabWords  = []string{"PROPOSAL", "ACK", "COMMIT"}
	raftWords = []string{"APPEND", "APPEND-REPLY"}
	// AppendEntries without entries, which announce a commit
	raftIdle = []string{"COMMIT", "COMMIT-REPLY"}
)

// Write is the cost of one write in a run without faults. The run has one write at a time, and its
// links and disks have fixed latencies.
type Write struct {
	Engine   Engine  `json:"engine"`
	Servers  int     `json:"servers"`
	Enters   string  `json:"enters"` // the client's server: leader or follower
	N        int     `json:"n"`      // writes
	Messages float64 `json:"messages"`
	Leader   float64 `json:"leader_messages"` // the part of Messages that the leader sends
	// messages besides Messages, which announce a commit when no write follows
	Idle    float64  `json:"idle_messages"`
	Bytes   float64  `json:"bytes"`        // of Messages and Idle
	Sent    float64  `json:"leader_bytes"` // the part of Bytes that the leader sends
	Fsyncs  float64  `json:"syncs"`        // fsyncs per server
	Latency sim.Time `json:"latency_us"`   // median
	// of Latency, the links' part: the increase with links twice as slow
	Network sim.Time `json:"network_us"`
	Disks   sim.Time `json:"disks_us"`   // the disks' part: the increase with fsyncs twice as slow
	Visible sim.Time `json:"visible_us"` // median, from the call until every server has applied it

	Expect        float64  `json:"expect_messages"` // predicted from the protocol, by Formula
	ExpectLeader  float64  `json:"expect_leader_messages"`
	ExpectLatency sim.Time `json:"expect_latency_us"`
	// in hashicorp/raft a minimum: the leader waits one to two commit timeouts
	ExpectVisible sim.Time `json:"expect_visible_us"`
	Formula       string   `json:"formula"`
}

// Fixed has the delay of every link and the time of every fsync in [Lab.Writes]. Because both are
// fixed, the latency of a write is a multiple of the delay plus a multiple of the time of an fsync.
type Fixed struct{ Link, Fsync sim.Time }

// Writes measures single writes of a client that is connected to the leader; for ZAB, also of a
// client that is connected to a follower.
func (l *Lab) Writes(ctx context.Context, servers int, f Fixed) (list []Write, err error) {
	for _, where := range []struct {
		engine Engine
		enters string
	}{{ZAB, "leader"}, {ZAB, "follower"}, {Raft, "leader"}} {
		play := func(f Fixed) (*Result, error) {
			s := l.settings(1, servers)
			s.Latency = sim.Span{Min: f.Link, Max: f.Link}
			s.Fsync = sim.Span{Min: f.Fsync, Max: f.Fsync}
			s.From, s.Length, s.Watch = 6*sim.Second, 10*sim.Second, true
			c := Client{
				Name: "A", Start: s.From, Stop: s.Length - sim.Second, Pause: 100 * sim.Millisecond,
				Size: 100, Keys: 1,
			}
			if where.enters == "follower" {
				c.Home = -1
			}
			s.Clients = []Client{c}
			return l.run(ctx, where.engine, &s)
		}
		w := Write{Engine: where.engine, Servers: servers, Enters: where.enters}
		r, err := play(f)
		if err != nil {
			return nil, err
		}
		w.measure(r)
		for _, slower := range []struct {
			f    Fixed
			part *sim.Time
		}{{Fixed{2 * f.Link, f.Fsync}, &w.Network}, {Fixed{f.Link, 2 * f.Fsync}, &w.Disks}} {
			r, err := play(slower.f)
			if err != nil {
				return nil, err
			}
			*slower.part = waited(r.Ops) - w.Latency
		}
		w.expect(f, l.etcd())
		list = append(list, w)
	}
	return list, nil
}

// measure sets w's figures from a run.
func (w *Write) measure(r *Result) {
	if w.N, _ = written(r.Ops); w.N == 0 {
		return
	}
	n := float64(w.N)
	words, idle := zabWords, []string(nil)
	if w.Engine == Raft {
		words, idle = raftWords, raftIdle
	}
	if w.Enters == "follower" {
		words = append(slices.Clone(words), "REQUEST")
	}
	leader := r.Leaders[len(r.Leaders)-1].Server // not empty, because a write needs a leader
	for _, c := range r.Counts {
		switch {
		case slices.Contains(words, c.Kind):
			w.Messages += float64(c.N) / n
			if c.From == leader {
				w.Leader += float64(c.N) / n
			}
		case slices.Contains(idle, c.Kind):
			w.Idle += float64(c.N) / n
		default:
			continue
		}
		w.Bytes += float64(c.Bytes) / n
		if c.From == leader {
			w.Sent += float64(c.Bytes) / n
		}
	}
	for _, k := range r.Fsyncs {
		w.Fsyncs += float64(k) / n / float64(len(r.Fsyncs))
	}
	w.Latency = waited(r.Ops)
	w.Visible = visible(r, w.Servers)
}

// waited is the median time from a write's call to its answer.
func waited(ops []Op) sim.Time {
	_, h := written(ops)
	return sim.Time(h.ValueAtQuantile(50))
}

// visible is the median time from a write's call until every server has applied it.
func visible(r *Result, servers int) sim.Time {
	type taken struct {
		n    int
		last sim.Time
	}
	by := map[string]taken{} // by value; each value is written once
	for _, a := range r.Applies {
		by[a.Value] = taken{by[a.Value].n + 1, max(by[a.Value].last, a.At)}
	}
	h := newHistogram()
	for _, o := range r.Ops {
		if t := by[o.Value]; !o.Read && o.Outcome == OK && t.n == servers {
			_ = h.RecordValue(int64(t.last - o.Call))
		}
	}
	return sim.Time(h.ValueAtQuantile(50))
}

// expect sets the figures that the protocols predict. In Formula δ is a link's delay, f an fsync, n
// the number of servers and c the commit timeout of hashicorp/raft.
func (w *Write) expect(f Fixed, etcd bool) {
	n := float64(w.Servers - 1)
	switch {
	case w.Engine == Raft && etcd: // whose leader announces each commit at once
		w.Formula = "2(n-1); 4δ+2f; 4δ+2f"
		w.Expect, w.ExpectLeader = 2*n, n
		w.ExpectLatency = 4*f.Link + 2*f.Fsync
		w.ExpectVisible = 4*f.Link + 2*f.Fsync
	case w.Engine == Raft:
		w.Formula = "2(n-1); 4δ+2f; 4δ+2f+c"
		w.Expect, w.ExpectLeader = 2*n, n
		w.ExpectLatency = 4*f.Link + 2*f.Fsync
		w.ExpectVisible = 4*f.Link + 2*f.Fsync + 50*sim.Millisecond
	case w.Enters == "leader":
		w.Formula = "3(n-1); 4δ+f; 4δ+f"
		w.Expect, w.ExpectLeader = 3*n, 2*n
		w.ExpectLatency = 4*f.Link + f.Fsync
		w.ExpectVisible = 4*f.Link + f.Fsync
	default:
		w.Formula = "3(n-1)+1; 6δ+f; 5δ+f"
		w.Expect, w.ExpectLeader = 3*n+1, 2*n
		w.ExpectLatency = 6*f.Link + f.Fsync
		w.ExpectVisible = 5*f.Link + f.Fsync
	}
}

// written returns the number of successful writes, and a histogram of their times in µs.
func written(ops []Op) (n int, h *hdrhistogram.Histogram) {
	h = newHistogram()
	for _, o := range ops {
		if o.Outcome == OK && !o.Read {
			n++
			_ = h.RecordValue(int64(o.Return - o.Call)) // the histogram ends at ten minutes
		}
	}
	return n, h
}
