package explore

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// Setup is a small world with the bounds of a search: how many writes and faults of each kind may
// happen, and which epochs and election rounds the search follows. If the number for a kind is 0,
// none of that kind may happen; but if MaxEpoch or MaxRound is 0, there is no bound.
type Setup struct {
	Name string // in the table
	Says string // what the world is for

	Servers        int  // voters
	Observers      int  // servers without a vote; voters and observers are at most [MaxServers]
	ObserversFirst bool // they have the smallest numbers, not the largest
	Oracle         bool // decides elections as Zab.tla does: a majority elects its best server
	Patient        bool // the wait for a better vote ends only when none is on its way to the server
	Atomic         bool // the fsyncs of one job (an epoch file, a snapshot) end together

	Writes   int
	Crashes  int
	Powers   int // losses of power
	Wipes    int // lost disks
	Timeouts int // read timeouts and ticks that come while something else could happen
	MaxEpoch uint32
	MaxRound uint64 // of elections by votes

	// Disks are the histories with which the servers start, a letter for each transaction: small
	// ones of epoch 1, capital ones of epoch 2, as in "ab,aB,a". A digit at the end is the epoch
	// that the server was in last, if not 1, and a second digit the epoch that it has promised:
	// "a,a2,a13". A disk of "-" is lost. Empty for new servers.
	Disks string
	// Window is how many committed transactions a leader keeps in memory (Config.CommittedLog); 0
	// for the default.
	Window int
	// MemoryOnly keeps the leader from reading a DIFF from its log (Config.NoLogSync).
	MemoryOnly bool
	MaxCounter uint32 // of zxids; 0 for the default

	// Rest checks too, when all states are known, that each can still lead to one in which nothing
	// can happen any more and every server serves. It takes about twice as long again.
	Rest bool

	Flaw flaw.Flaw

	leaveOut zab.StateParts // see Options.LeaveOut
}

// MaxServers is the largest number of servers in a setup, including observers.
const MaxServers = 5

// limit is the largest bound of crashes, losses of power, writes and timeouts.
const limit = 15

// Check returns what is wrong with a setup, as a sentence with a remedy.
func (s *Setup) Check() error {
	n := s.Servers + s.Observers
	switch {
	case s.Servers < 1 || s.Observers < 0 || n > MaxServers:
		return fmt.Errorf("%d servers and %d observers: give 1 to %d in total, at least 1 with a "+
			"vote",
			s.Servers, s.Observers, MaxServers)
	}
	for _, b := range s.budgets() {
		if count, events := b.n, b.many; count < 0 || count > limit {
			return fmt.Errorf("%d %s: must be from 0 to %d", count, events, limit)
		}
	}
	if s.Disks == "" {
		return nil
	}
	disks := strings.Split(s.Disks, ",")
	if len(disks) != n {
		return fmt.Errorf("disks %q: %d disks for %d servers: give one disk for each server, such "+
			"as %s",
			s.Disks, len(disks), n, strings.TrimSuffix(strings.Repeat("a,", n), ","))
	}
	for _, d := range disks {
		records := strings.TrimRight(d, digits)
		one := strings.TrimRight(records, strings.ToUpper(letters))
		if d != lostDisk && (strings.Trim(one, letters) != "" || len(d) > len(records)+2) {
			return fmt.Errorf("disk %q: write a letter for each transaction: first a to h for "+
				"those of epoch 1, then A to H for those of epoch 2. If the server's current "+
				"epoch is not 1, end with that epoch, as in aB2. For a lost disk, write only %s",
				d, lostDisk)
		}
	}
	return nil
}

const (
	letters  = "abcdefgh" // of prepared disks
	digits   = "123456789"
	written  = "opqrstuvwxyzABC"
	lostDisk = "-"
)

// budget is a bound on how often something happens.
type budget struct {
	n         int
	one, many string
}

func (s *Setup) budgets() []budget {
	return []budget{
		{s.Writes, "write", "writes"}, {s.Crashes, "crash", "crashes"},
		{s.Powers, "loss of power", "losses of power"},
		{s.Wipes, "lost disk", "lost disks"},
		{s.Timeouts, "early timeout", "early timeouts"},
	}
}

// Bounds describes the world and its bounds in words, such as "3 servers, an oracle elects the
// leader, at most 1 write, at most 1 crash, epochs up to 3".
func (s *Setup) Bounds() string {
	parts := []string{plural(s.Servers, "server", "servers")}
	if s.Observers > 0 {
		which := plural(s.Observers, "observer", "observers")
		if s.ObserversFirst {
			which += " with the smallest server numbers"
		}
		parts = append(parts, which)
	}
	switch {
	case s.Oracle:
		parts = append(parts, "an oracle elects the leader")
	case s.Patient:
		parts = append(parts, "the servers elect the leader, after all votes in transit have "+
			"arrived")
	default:
		parts = append(parts, "the servers elect the leader")
	}
	if s.Disks != "" {
		parts = append(parts, fmt.Sprintf("prepared disks %q", s.Disks))
	}
	if s.Window > 0 {
		parts = append(parts, "the leader keeps "+
			plural(s.Window, "committed transaction", "committed transactions")+" in memory")
	}
	if s.MemoryOnly {
		parts = append(parts, "the leader sends DIFFs only from memory, not from its log on disk")
	}
	if s.MaxCounter > 0 {
		parts = append(parts, fmt.Sprintf("zxid counters up to %d", s.MaxCounter))
	}
	none := true
	for _, b := range s.budgets() {
		if b.n > 0 {
			parts = append(parts, "at most "+plural(b.n, b.one, b.many))
			none = none && b.one == "write"
		}
	}
	if none {
		parts = append(parts, "no fault")
	}
	if s.Atomic {
		parts = append(parts, "all fsyncs of one file or snapshot end in one step")
	}
	if s.MaxEpoch > 0 {
		parts = append(parts, fmt.Sprintf("epochs up to %d", s.MaxEpoch))
	}
	if s.MaxRound > 0 {
		parts = append(parts, fmt.Sprintf("election rounds up to %d", s.MaxRound))
	}
	return strings.Join(parts, ", ")
}

// FlawName returns the name of the injected bug, or an empty text.
func (s *Setup) FlawName() string {
	if s.Flaw == flaw.None {
		return ""
	}
	return s.Flaw.String()
}

func plural(n int, one, many string) string { return fmt.Sprintf("%d %s", n, word(n, one, many)) }

// without is what the peers' states need not contain in this world.
func (s *Setup) without() zab.StateParts {
	parts := zab.SnapshotState | s.leaveOut
	if s.Oracle {
		parts |= zab.ElectionState
	}
	return parts
}

// config returns the configuration of one server.
func (s *Setup) config(id zab.ID) zab.Config {
	c := zab.Config{ID: id, CommittedLog: s.Window, NoLogSync: s.MemoryOnly,
		MaxCounter: s.MaxCounter, SnapChunk: 1 << 20, Flaw: s.Flaw}
	for i := 1; i <= s.all(); i++ {
		if s.votes(i) {
			c.Voters = c.Voters.With(zab.ID(i))
		} else {
			c.Observers = c.Observers.With(zab.ID(i))
		}
	}
	return c
}

// all returns the number of servers.
func (s *Setup) all() int { return s.Servers + s.Observers }

// votes reports whether a server is a voter.
func (s *Setup) votes(i int) bool {
	if s.ObserversFirst {
		return i > s.Observers
	}
	return i <= s.Servers
}
