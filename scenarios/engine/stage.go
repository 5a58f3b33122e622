package engine

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
)

// Stage has the settings of a run, for any engine: the number of servers, their timeouts, the speed
// of links and disks, the timeout of sessions. Documents, schedules and engines embed Stage, so
// that each setting has one name and one default. Package stage reads and prints these settings.
type Stage struct {
	Seed      uint64
	Servers   int // that vote
	Observers int
	// Leader is the number of the server that leads first, or 0 if the election decides. The servers
	// with higher numbers start when it is established, or when a server ends before: the servers
	// that run before then are a quorum, and all have equal histories, so that the highest number
	// wins (FastLeaderElection.totalOrderPredicate).
	Leader int

	Tick           sim.Time // the unit of the servers' clocks
	InitLimit      int      // ticks that a follower may take to join and catch up
	SyncLimit      int      // ticks of silence after which leader and follower give each other up
	SessionTimeout sim.Time // that clients ask for
	Latency        sim.Span // of a link, one way
	Fsync          sim.Span // of a disk
	// Bandwidth is of each direction of each link, DiskBandwidth of each disk; 0 is unlimited.
	Bandwidth, DiskBandwidth sim.Bandwidth

	// Resample chooses latencies and durations of fsyncs with another seed from some step on.
	Resample sim.Resample

	// ExpireOnDisconnect ends a session when its connection breaks, as many drawings assume.
	ExpireOnDisconnect bool
	// QuorumSync makes the leader confirm with a quorum, at a client's sync, that it still leads.
	// ZooKeeper's leader does not confirm.
	QuorumSync bool
	// TTL allows nodes with a time to live (zookeeper.extendedTypesEnabled).
	TTL bool
	// SuperDigest is the digest id (super:hash) that may do everything
	// (zookeeper.DigestAuthenticationProvider.superDigest). If it is empty, no id may.
	SuperDigest string
	// Library is the client library whose behaviour the clients show.
	Library client.Library
}

// MaxServers is how many servers an ensemble may have, observers included.
const MaxServers = 9

// DefaultStage returns a Stage with all settings at their defaults.
func DefaultStage() Stage {
	s := Stage{Seed: 1}
	s.SetDefaults()
	return s
}

// SetDefaults fills in the settings that are zero and have a default.
func (s *Stage) SetDefaults() {
	orDefault(&s.Servers, 3)
	orDefault(&s.Tick, 2*sim.Second)
	orDefault(&s.InitLimit, 10)
	orDefault(&s.SyncLimit, 5)
	orDefault(&s.SessionTimeout, 4*sim.Second)
	orDefault(&s.Latency, sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond})
	orDefault(&s.Fsync, sim.Span{Min: 500 * sim.Microsecond, Max: 3 * sim.Millisecond})
}

func orDefault[T comparable](setting *T, def T) {
	var zero T
	if *setting == zero {
		*setting = def
	}
}

// CheckServers returns an error if the number of servers is impossible.
func (s *Stage) CheckServers() error {
	if s.Servers < 1 || s.Observers < 0 || s.Servers+s.Observers > MaxServers {
		return fmt.Errorf(
			"servers=%d observers=%d: use 1 to %d servers in total, at least 1 with a vote",
			s.Servers, s.Observers, MaxServers)
	}
	return nil
}

// Check returns an error for an impossible setting.
func (s *Stage) Check() error {
	if err := s.CheckServers(); err != nil {
		return err
	}
	least, most := s.SessionTimeouts()
	switch {
	case s.Leader > s.Servers || s.Leader > 0 && 2*s.Leader <= s.Servers:
		return fmt.Errorf("leader=S%d: with servers=%d, choose a leader from S%d to S%d: the "+
			"servers from S1 to the leader start first and elect the one with the highest "+
			"number, so they must be a quorum",
			s.Leader, s.Servers, s.Servers/2+1, s.Servers)
	case s.Tick < sim.Millisecond:
		return fmt.Errorf("tick=%s: a tick must be at least 1ms: write, for example, tick=2s",
			s.Tick)
	case s.SessionTimeout < least || s.SessionTimeout > most:
		return fmt.Errorf(
			"session-timeout=%s: with tick=%s, servers grant 2 to 20 ticks, which is %s to %s: "+
				"change session-timeout or tick", s.SessionTimeout, s.Tick, least, most)
	case s.InitLimit < 1 || s.SyncLimit < 1:
		return fmt.Errorf("init-limit=%d sync-limit=%d: each of these limits must be at least 1 tick",
			s.InitLimit, s.SyncLimit)
	}
	return nil
}

// SessionTimeouts returns the shortest and the longest session timeout that servers grant: 2 and 20
// ticks (ZooKeeperServer: getMinSessionTimeout, getMaxSessionTimeout).
func (s *Stage) SessionTimeouts() (least, most sim.Time) { return 2 * s.Tick, 20 * s.Tick }

// GiveUp returns how long to wait for the ensemble to recover: a session timeout, two ticks, and an
// election.
//
// The session timeout is the larger of two timeouts: that of the stage, and the largest that a
// client requests (the parameter longest). The latter is limited to 20 ticks, because servers grant
// no more.
//
// The bound for an election is 2 s plus twice the sum of SyncLimit and InitLimit. Both limits are
// in ticks. Servers give up a silent leader after SyncLimit. If a new leader does not answer, they
// give it up after InitLimit. The sum is doubled because servers wait longer and longer before they
// send their votes again, so that the last wait can be as long as all earlier waits together
// (FastLeaderElection: notTimeout).
func (s *Stage) GiveUp(longest sim.Time) sim.Time {
	election := 2*sim.Time(s.SyncLimit+s.InitLimit)*s.Tick + 2*sim.Second
	return max(s.SessionTimeout, min(longest, 20*s.Tick)) + 2*s.Tick + election
}

// HealBound returns how long a healed ensemble may take to recover completely: an election may wait
// up to a minute for its next try, and catching up may fail once.
func (s *Stage) HealBound() sim.Time {
	return 60*sim.Second + 2*sim.Time(s.InitLimit+s.SyncLimit)*s.Tick + 2*s.SessionTimeout
}
