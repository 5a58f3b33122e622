package zab

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// Config configures a peer. A zero field means its default, which is ZooKeeper's.
type Config struct {
	ID        ID
	Voters    Set // the servers that vote
	Observers Set

	TickTime  sim.Time // default 2s
	InitLimit int      // ticks, default 10
	SyncLimit int      // ticks, default 5

	FinalizeWait sim.Time // default 200ms: how long a quorum of votes waits for a better one
	MaxNotify    sim.Time // default 60s: limit of the back-off between resent votes
	ConnectRetry sim.Time // default 100ms: between a follower's five tries to reach its leader

	CommittedLog int    // default 500: committed transactions kept in memory for DIFF
	SnapCount    int    // default 100 000: transactions between snapshots, roughly
	SnapChunk    int    // default 4096: bytes of a snapshot sent or written at a time
	MaxCounter   uint32 // default 2^32-1: the largest counter; an epoch ends before it is used up
	NoLogSync    bool   // do not serve DIFF from the log on disk (zookeeper.snapshotSizeFactor < 0)

	// QuorumSync makes the leader confirm with a quorum that it still leads before it answers a
	// sync. ZooKeeper's leader does not (ZOOKEEPER-1675, 2136): even a deposed leader answers at
	// once.
	QuorumSync bool

	Rand  *sim.Rand
	Probe Probe // default NopProbe

	Flaw flaw.Flaw  // bug to inject; none by default
	Hits *flaw.Hits // counts how often the flaw's places are reached; may be nil

	Places *flaw.Places // counts how often the places of all flaws are reached; may be nil
}

func (c *Config) setDefaults() {
	def := func(t *sim.Time, d sim.Time) {
		if *t == 0 {
			*t = d
		}
	}
	defInt := func(n *int, d int) {
		if *n == 0 {
			*n = d
		}
	}
	def(&c.TickTime, 2*sim.Second)
	def(&c.FinalizeWait, 200*sim.Millisecond)
	def(&c.MaxNotify, 60*sim.Second)
	def(&c.ConnectRetry, 100*sim.Millisecond)
	defInt(&c.InitLimit, 10)
	defInt(&c.SyncLimit, 5)
	defInt(&c.CommittedLog, 500)
	defInt(&c.SnapCount, 100_000)
	defInt(&c.SnapChunk, 4096)
	if c.MaxCounter == 0 {
		c.MaxCounter = 1<<32 - 1
	}
	if c.Rand == nil {
		c.Rand = sim.NewRand(uint64(c.ID))
	}
	if c.Probe == nil {
		c.Probe = NopProbe{}
	}
}
