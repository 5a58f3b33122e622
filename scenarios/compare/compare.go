// Package compare plays ZAB (the lab's engine) and Raft (hashicorp/raft, or etcd-io/raft instead)
// on the same links and disks under the same plans of faults. It measures the messages, bytes and
// fsyncs of a write, latencies, rates, and the parts of a fail-over. Next to a write's cost it
// gives the figures that the protocol predicts.
//
// A [Lab] plays both engines. Its methods return the rows of tables: [Write], [Latency],
// [Throughput], [Read] and [Failover]. [Lab.Both] plays one plan on both engines and returns the
// two runs.
//
// # Equal on both engines
//
// Both engines have the same links, disks, faults, times of faults, and number of servers. The
// clients write and read a few registers, one operation at a time, with pauses. Every acknowledged
// write is durable. The state machine is a tree of znodes for ZAB, and a map of registers for Raft.
// A silent leader is replaced after the same time on average ([Lab.Detect]): ZAB waits for
// syncLimit ticks, Raft for a random time between one and two heartbeat timeouts.
//
// # Different
//
// Only ZAB's clients have sessions and send pings. ZAB's clients send writes to any server; Raft's
// clients send writes to the leader. The size of a message is its size in ZooKeeper's encoding or
// in Raft's msgpack (etcd-io/raft: protocol buffers), without TCP headers.
//
// Package raft/trial checks the Raft servers after every event. If a check fails, the run ends with
// an error. The fault "expire" is an error on Raft, which has no sessions. A Raft server whose disk
// was wiped stays down, because it no longer knows how it has voted.
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
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/etcdraft"
	"github.com/zablab/zablab/scenarios/raft/hashicorp"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/sim"
)

// Engine names a protocol and its implementation.
type Engine string

// The engines.
const (
	ZAB  Engine = "zab"
	Raft Engine = "raft"
)

// Lab plays runs on both engines.
type Lab struct {
	// Host has the server of the Raft library: see [OpenRaft].
	Host *guest.Host
	// Library is the Raft library; nil is hashicorp/raft.
	Library trial.Library
	// Defaults uses the default timeouts of ZooKeeper and of hashicorp/raft instead of those that
	// follow from Detect.
	Defaults bool
	// Detect is how long, on average, the other servers wait for a silent leader before they look
	// for another.
	Detect sim.Time
	// PreVoteOff turns Raft's PreVote off.
	PreVoteOff bool
	// Batch is the largest number of entries in one message and one fsync of Raft, up to 1024; 0
	// means Raft's default, 64. ZAB has one transaction in a message, and up to 1000 in an fsync.
	Batch int

	// Bandwidth is of each direction of each link, DiskBandwidth of each disk; 0 is unlimited.
	Bandwidth, DiskBandwidth sim.Bandwidth

	quorumSync bool // in ZAB, a sync makes the leader ask a quorum whether it still leads
}

func (l *Lab) library() trial.Library {
	if l.Library == nil {
		return hashicorp.Library{}
	}
	return l.Library
}

// etcd reports whether the Raft library is etcd-io/raft.
func (l *Lab) etcd() bool { return l.library() == trial.Library(etcdraft.Library{}) }

// zab returns the settings that only ZAB has.
func (l *Lab) zab() engine.Stage {
	if l.Defaults { // conf/zoo_sample.cfg
		return engine.Stage{
			Tick: 2 * sim.Second, SyncLimit: 5, InitLimit: 10, SessionTimeout: 30 * sim.Second,
		}
	}
	return engine.Stage{
		Tick: l.Detect / 5, SyncLimit: 5, InitLimit: 10, SessionTimeout: 3 * l.Detect,
		QuorumSync: l.quorumSync,
	}
}

// settings returns the settings for both engines, and those that only Raft has.
func (l *Lab) settings(seed uint64, servers int) Settings {
	heartbeat := l.Detect * 2 / 3 // Raft waits for one to two heartbeat timeouts
	if l.Defaults {
		heartbeat = sim.Second // raft.DefaultConfig
	}
	pipeline := 2
	if l.etcd() {
		pipeline = 256 // as in the library's package comment
	}
	return Settings{
		Seed: seed, Servers: servers,
		Latency:   sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond},
		Fsync:     sim.Span{Min: 500 * sim.Microsecond, Max: 3 * sim.Millisecond},
		Bandwidth: l.Bandwidth, DiskBandwidth: l.DiskBandwidth,
		Heartbeat: heartbeat, Election: heartbeat, Lease: heartbeat / 2,
		CommitTimeout: 50 * sim.Millisecond, MaxAppend: cmp.Or(l.Batch, 64), Pipeline: pipeline,
		Timeout: 10 * sim.Second, SnapThreshold: 8192, TrailingLogs: 10240,
		PreVoteOff: l.PreVoteOff,
	}
}

// run plays settings on an engine.
func (l *Lab) run(ctx context.Context, e Engine, s *Settings) (*Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e == ZAB {
		return RunZab(s, l.zab())
	}
	return RunRaft(l.Host, l.library(), s)
}

// raftSettings describes the settings of the Raft library.
func (l *Lab) raftSettings(s *Settings, vote string) string {
	if l.etcd() {
		return fmt.Sprintf("Raft has an election timeout of %s (10 ticks; a server waits between "+
			"one and two timeouts), a heartbeat every tick, at most %d bytes per message and %d "+
			"messages in flight, CheckQuorum, and %s",
			s.Heartbeat.Brief(), 64*s.MaxAppend, s.Pipeline, vote)
	}
	return fmt.Sprintf("Raft has a heartbeat and election timeout of %s (a server waits between "+
		"one and two timeouts), a lease of %s, a commit timeout of %s, at most %d entries per "+
		"message and %d messages in flight, and %s",
		s.Heartbeat.Brief(), s.Lease.Brief(), s.CommitTimeout, s.MaxAppend, s.Pipeline, vote)
}

// perSecond prints a bandwidth with its unit of time.
func perSecond(b sim.Bandwidth) string {
	if b == 0 {
		return b.String()
	}
	return b.String() + "/s"
}

func newHistogram() *hdrhistogram.Histogram { return hdrhistogram.New(1, 600_000_000, 4) }

// each calls play for the seeds from 1 to n, on all processors. After each run it calls told. The
// results are in the order of the seeds.
func each[T any](ctx context.Context, n int, told func(),
	play func(seed uint64) (T, error)) ([]T, error) {
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

// from is when the clients begin. Both engines have a leader earlier.
const from = 5 * sim.Second

// Settings describes the settings of both engines in a few sentences. If Defaults is set, it
// returns only one sentence, with the timeouts of both engines.
func (l *Lab) Settings() []string {
	z, s := l.zab(), l.settings(1, 5)
	vote := "PreVote"
	if s.PreVoteOff {
		vote = "no PreVote"
	}
	if l.Defaults && l.etcd() {
		return []string{fmt.Sprintf("ZAB has a tick of %s, syncLimit %d and a session timeout of "+
			"%s; etcd-io/raft, which has no defaults, has the election timeout of etcd, %s",
			z.Tick, z.SyncLimit, z.SessionTimeout, s.Heartbeat.Brief())}
	}
	if l.Defaults {
		return []string{fmt.Sprintf("ZAB has a tick of %s, syncLimit %d and a session timeout of "+
			"%s; Raft has a heartbeat and election timeout of %s, and a lease of %s",
			z.Tick, z.SyncLimit, z.SessionTimeout, s.Heartbeat.Brief(), s.Lease.Brief())}
	}
	return []string{
		fmt.Sprintf("a silent leader is replaced after %s on average: ZAB has a tick of %s, syncLimit "+
			"%d, initLimit %d, a session timeout of %s and a finalizeWait of 200ms",
			l.Detect, z.Tick, z.SyncLimit, z.InitLimit, z.SessionTimeout),
		l.raftSettings(&s, vote),
		"both engines acknowledge only durable writes; ZAB's state is a tree of znodes, Raft's " +
			"is a map of registers; writes share an fsync only if they wait for it at the same " +
			"time (in ZAB up to 1000 writes)",
		fmt.Sprintf("bandwidth: links %s in each direction, disks %s", perSecond(l.Bandwidth),
			perSecond(l.DiskBandwidth)),
	}
}

// Differences lists what differs between the engines because of how the lab sets them up and plays
// them, and not because of the protocols.
func (l *Lab) Differences() []string {
	s, encoding := l.settings(1, 5), "msgpack"
	if l.etcd() {
		encoding = "protocol buffers"
	}
	list := []string{
		"code: ZAB is the lab's own engine, without threads; Raft is the unmodified library, but the lab " +
			"supplies its storage, its state machine and its clients",
		"crashes: ZAB's servers and clients notice a broken connection at once; Raft's servers " +
			"notice a crash only by a timeout, and Raft's clients notice it by a broken " +
			"connection or a timeout",
		fmt.Sprintf("batching: ZAB sends each transaction in its own message, and up to 1000 "+
			"transactions share an fsync; Raft puts up to %d entries into a message and an fsync "+
			"(--batch sets how many)",
			s.MaxAppend),
		fmt.Sprintf("pipelining: ZAB has any number of transactions in flight; Raft has up to %d messages "+
			"in flight to each follower", s.Pipeline),
		"sessions: ZAB's clients have sessions, and send pings; a client that loses its server connects to " +
			"the next one, and its session moves; Raft's clients go to the leader that an answer names",
		"sizes: messages are measured in ZooKeeper's encoding and in Raft's " + encoding + ", " +
			"without TCP headers",
		"reads: ZAB's servers answer from their own state, which may be stale; Raft's leader asks a quorum " +
			"first",
	}
	if l.Bandwidth == 0 {
		list = append(list, "bandwidth: unlimited, so large messages take as long as small ones")
	}
	return list
}
