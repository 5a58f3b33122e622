// Package compare plays ZAB and Raft, the lab's engine and hashicorp/raft, on the same links and disks under the
// same plans, and measures both: messages, bytes and fsyncs of a write, latencies, and the
// parts of a fail-over, each beside what can be said without measuring.
//
// # What is equal
//
// Links, disks, faults and their moments; the number of servers; what clients do: one operation at a time, sets
// and gets of a few registers, a pause between them. Everything acknowledged is synced. The state machines are
// not the same: znodes here, a map of registers there. A silent leader is given up after the same time on
// average (Settings.Detect): ZAB waits for syncLimit ticks, Raft for a draw between one and two heartbeat timeouts.
//
// # What is not
//
// ZAB's clients hold sessions, and ping. Raft's are sent to the leader, ZAB's enter anywhere. ZAB's sizes are
// those of ZooKeeper's encoding without TCP, Raft's those of its msgpack without TCP.
//
// A server of Raft's that stands still hears nothing, sends nothing and has nothing synced until it goes on; but its
// goroutines' timers run, where SIGSTOP would stop them too, and so it may have given up its office a little before
// it can know that. Its clock does not run fast or slow: the faults clock and wall do nothing there, and expire has
// no session to end.
package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/raft"
	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

// Engine is one of the two.
type Engine string

// The engines.
const (
	ZAB  Engine = "zab"
	Raft Engine = "raft"
)

// Lab can play both.
type Lab struct {
	Host *raft.Host
	// Defaults takes the libraries' own settings instead of such as give up a leader after the same time.
	Defaults bool
	// Detect is how long a leader is silent, on average, before it is given up.
	Detect sim.Time
	// PreVoteOff turns Raft's PreVote off.
	PreVoteOff bool
	// Batch is how many entries Raft puts into a message and into a sync, at most: 0 is 64, as it comes; 1024 are the
	// most it allows. ZAB puts up to 1000 into a sync, as it comes, and one into a message.
	Batch int

	quorumSync bool // ZAB's syncs ask a quorum
}

// zab is the stage of ZAB, without what both read.
func (l *Lab) zab() engine.Stage {
	if l.Defaults { // conf/zoo_sample.cfg
		return engine.Stage{Tick: 2 * sim.Second, SyncLimit: 5, InitLimit: 10, SessionTimeout: 30 * sim.Second}
	}
	return engine.Stage{Tick: l.Detect / 5, SyncLimit: 5, InitLimit: 10, SessionTimeout: 3 * l.Detect, QuorumSync: l.quorumSync}
}

// settings are those that both read.
func (l *Lab) settings(seed uint64, servers int) task.Settings {
	heartbeat := l.Detect * 2 / 3 // a draw between one and two of them is 1.5 on average
	if l.Defaults {
		heartbeat = sim.Second // raft.DefaultConfig
	}
	return task.Settings{
		Seed: seed, Servers: servers,
		Latency:   sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond},
		Fsync:     sim.Span{Min: 500 * sim.Microsecond, Max: 3 * sim.Millisecond},
		Heartbeat: heartbeat, Election: heartbeat, Lease: heartbeat / 2, CommitTimeout: 50 * sim.Millisecond,
		MaxAppend: cmp.Or(l.Batch, 64), Pipeline: 2, Timeout: 10 * sim.Second, SnapThreshold: 8192, TrailingLogs: 10240,
		PreVoteOff: l.PreVoteOff,
	}
}

// run plays settings on an engine.
func (l *Lab) run(ctx context.Context, e Engine, s *task.Settings) (*task.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e == ZAB {
		return RunZab(s, l.zab())
	}
	return l.Host.Run(ctx, s)
}

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, 600_000_000, 4) }

// each plays seeds 1 to n, on all processors; what comes of them is in the order of the seeds.
func each[T any](ctx context.Context, n int, told func(), play func(seed uint64) (T, error)) ([]T, error) {
	results, errs := make([]T, n), make([]error, n)
	var (
		next atomic.Int64
		mu   sync.Mutex
		wg   sync.WaitGroup
	)
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				results[i], errs[i] = play(uint64(i + 1))
				mu.Lock()
				told()
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return results, errors.Join(append(errs, ctx.Err())...)
}

// from is when clients begin, in what follows: by then both have a leader.
const from = 5 * sim.Second

// Settings are all settings that matter, in sentences.
func (l *Lab) Settings() []string {
	z, s := l.zab(), l.settings(1, 5)
	vote := "PreVote"
	if s.PreVoteOff {
		vote = "no PreVote"
	}
	if l.Defaults {
		return []string{fmt.Sprintf("as the libraries come: ZAB tick %s, syncLimit %d, session %s; Raft heartbeat and election timeout %s, lease %s",
			z.Tick, z.SyncLimit, z.SessionTimeout, s.Heartbeat.Brief(), s.Lease.Brief())}
	}
	return []string{
		fmt.Sprintf("a silent leader is given up after %s: ZAB tick %s, syncLimit %d, initLimit %d, session %s, finalizeWait 200ms",
			l.Detect, z.Tick, z.SyncLimit, z.InitLimit, z.SessionTimeout),
		fmt.Sprintf("Raft heartbeat and election timeout %s (one to two of them), lease %s, commit timeout %s, at most %d entries in a message, %d in flight, %s",
			s.Heartbeat.Brief(), s.Lease.Brief(), s.CommitTimeout, s.MaxAppend, s.Pipeline, vote),
		"both acknowledge what is synced; ZAB's state is a tree of znodes, Raft's a map of registers; nothing is batched but what waits together (ZAB: up to 1000 in a sync)",
	}
}
