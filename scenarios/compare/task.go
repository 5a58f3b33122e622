package compare

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// Settings are the settings of one run, on either engine. Times are in µs.
type Settings struct {
	Seed    uint64
	Servers int
	Latency sim.Span
	Fsync   sim.Span
	// Bandwidth is of each direction of each link, DiskBandwidth of each disk; 0 is unlimited.
	Bandwidth, DiskBandwidth sim.Bandwidth

	Length sim.Time
	// From is when messages and fsyncs begin to count.
	From sim.Time

	// Plan has a fault on each line. Servers are S1 to S9, clients A to Z. LEADER is the leader at
	// the time of the fault, OTHERS are the other servers, and NEXT, NEXT2, NEXT3 and NEXT4 are the
	// servers whose numbers follow the leader's, with S1 after the last: see [Aim].
	Plan string

	// Settings of hashicorp/raft, named as in its Config.
	Heartbeat     sim.Time
	Election      sim.Time
	Lease         sim.Time
	CommitTimeout sim.Time
	MaxAppend     int
	Pipeline      int
	Timeout       sim.Time
	PreVoteOff    bool
	SnapThreshold uint64
	TrailingLogs  uint64

	// Trace asks for Result.Trace, the trace of the run (zablab.trace/1).
	Trace bool
	// Watch asks for Result.Applies.
	Watch bool
	// Bug is a bug to inject into the server around hashicorp/raft: see package raft/server.
	Bug string

	Clients []Client
}

// Client is one client. It performs the operations of its [Client.Program], one at a time.
type Client struct {
	Name  string
	Home  int // its first server; 0: the leader; -1: not the leader
	Pause sim.Time
	Start sim.Time
	Stop  sim.Time // no new operation from then on; 0: no limit
	Most  int      // number of operations; 0: no limit
	Reads int      // in percent of the operations
	Way   Way
	Size  int // of a value, in bytes
	Keys  int // number of registers: r0, r1, …
}

// Way is the way in which a client reads.
type Way string

// The ways of reading.
const (
	// Plain is the engine's usual way to read: in ZAB any server answers from its own state; in
	// Raft the leader answers, after a quorum has confirmed that it leads.
	Plain Way = ""
	Local Way = "local" // any server answers from its own state
	Sync  Way = "sync"  // ZAB: a sync, then a read
)

// Program returns the client's operations in a run with this seed: the same on both engines.
func (c *Client) Program(seed uint64) *registers.Program {
	return registers.New(seed, c.Name, registers.Mix{
		Registers: c.Keys, Reads: c.Reads, Size: c.Size, Pause: c.Pause,
	})
}

// Outcome is what a client knows about the effect of its operation.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"
	Failed  Outcome = "failed"  // certainly had no effect
	Unknown Outcome = "unknown" // took effect once or not at all
)

// Op is one operation of a client, from its call to its answer.
type Op struct {
	Client  string
	Read    bool
	Key     string
	Value   string
	Call    sim.Time
	Return  sim.Time // -1 without an answer
	Outcome Outcome
	Server  int // the server that answered
	Version uint64
}

// Leader is a server that leads a term or an epoch. From is the time when it begins to serve.
type Leader struct {
	Server int
	Term   uint64
	From   sim.Time
}

// State records the new state of a server. In Raft, the state is follower, candidate or leader.
type State struct {
	Server int
	Term   uint64
	State  string
	At     sim.Time
}

// Apply is the moment at which a server applies a write. From then on, reads at this server can
// return the written value.
type Apply struct {
	Server int
	Value  string
	At     sim.Time
}

// Count is the number and the size of the messages of one kind that a server sent.
type Count struct {
	Kind  string
	From  int // the sender
	N     int
	Bytes int
}

// Result is the result of a run.
type Result struct {
	Fingerprint string
	Events      uint64
	Virtual     sim.Time
	Ops         []Op
	Leaders     []Leader
	States      []State
	Counts      []Count // between servers
	Applies     []Apply
	Fsyncs      []uint64 // fsyncs by server, since Settings.From
	Terms       uint64   // the highest term or epoch
	Missed      []string // aimed faults that could not be applied
	Error       string
	Trace       string // zablab.trace/1, if Settings.Trace
}

// roles are words for servers that are known only when a fault happens. NEXT is last because NEXT2,
// NEXT3 and NEXT4 begin with it.
var roles = []string{"LEADER", "OTHERS", "NEXT4", "NEXT3", "NEXT2", "NEXT"}

// Aim splits a plan into its fixed faults, which name their servers, and its aimed faults, which
// name LEADER, OTHERS or NEXT instead of servers. These words stand for the servers in these roles
// at the time of the fault, see [Aimed.Fault]. The line of an aimed fault must begin with a time.
func Aim(plan string) (fixed sim.Plan, aimed []Aimed, err error) {
	var rest strings.Builder
	for n, line := range strings.Split(plan, "\n") {
		if !slices.ContainsFunc(roles, func(word string) bool {
			return strings.Contains(line, word)
		}) {
			rest.WriteString(line + "\n")
			continue
		}
		f, err := sim.ParseFault(strings.TrimSpace(line))
		if err != nil {
			return nil, nil, fmt.Errorf("plan:%d:1: %w", n+1, err)
		}
		if f.When.Trigger != 0 {
			return nil, nil, fmt.Errorf("plan:%d:1: %s: LEADER, OTHERS and NEXT need a time: "+
				"begin the line with a time, as in 6s crash LEADER", n+1, line)
		}
		aimed = append(aimed, Aimed{f.When.At, strings.TrimSpace(line)})
	}
	fixed, err = sim.ParsePlan("plan", rest.String())
	return fixed, aimed, err
}

// Aimed is a fault on LEADER, OTHERS or NEXT. At is its time, and Line is its line in the plan.
type Aimed struct {
	At   sim.Time
	Line string
}

// Fault returns the fault of the line, with LEADER, OTHERS and NEXT replaced by servers. The
// parameter leader is the number of the server that leads; servers is the number of all servers.
func (a Aimed) Fault(leader, servers int) (sim.Fault, error) {
	name := func(i int) string { return "S" + strconv.Itoa((i-1)%servers+1) }
	var others []string
	for i := 1; i <= servers; i++ {
		if i != leader {
			others = append(others, name(i))
		}
	}
	stand := []string{name(leader), strings.Join(others, " "),
		name(leader + 4), name(leader + 3), name(leader + 2), name(leader + 1)}
	var pairs []string
	for i, word := range roles {
		pairs = append(pairs, word, stand[i])
	}
	return sim.ParseFault(strings.NewReplacer(pairs...).Replace(a.Line))
}
