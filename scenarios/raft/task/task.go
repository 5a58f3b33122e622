// Package task has the settings and the result of one run, on Raft or ZAB, so that the two can be
// compared. Package raft sends the [Settings] to the Raft cluster, which is a separate program, and
// gets back the [Result], each as one JSON document. Package compare plays the same settings on
// ZAB.
package task

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// Settings are the settings of one run. Times are in µs.
type Settings struct {
	Seed    uint64   `json:"seed"`
	Servers int      `json:"servers"`
	Latency sim.Span `json:"latency"`
	Fsync   sim.Span `json:"fsync"`
	Length  sim.Time `json:"length"`
	// From is when messages and fsyncs begin to count.
	From sim.Time `json:"from,omitempty"`

	// Plan has a fault on each line. Servers are S1 to S9, clients A to Z. LEADER is the leader at
	// the time of the fault, OTHERS are the other servers, and NEXT, NEXT2, NEXT3 and NEXT4 are the
	// servers whose numbers follow the leader's, with S1 after the last: see [Aim].
	Plan string `json:"plan,omitempty"`

	// Settings of hashicorp/raft, named as in its Config.
	Heartbeat     sim.Time `json:"heartbeat_timeout"`
	Election      sim.Time `json:"election_timeout"`
	Lease         sim.Time `json:"leader_lease_timeout"`
	CommitTimeout sim.Time `json:"commit_timeout"`
	MaxAppend     int      `json:"max_append_entries"`
	Pipeline      int      `json:"max_rpcs_in_flight"`
	Timeout       sim.Time `json:"transport_timeout"`
	PreVoteOff    bool     `json:"prevote_off,omitempty"`
	SnapThreshold uint64   `json:"snapshot_threshold"`
	TrailingLogs  uint64   `json:"trailing_logs"`

	// Trace asks for Result.Trace, the trace of the run (zablab.trace/1).
	Trace bool `json:"trace,omitempty"`
	// Watch asks for Result.Applies.
	Watch bool `json:"watch,omitempty"`
	// Betray makes stores acknowledge before the fsync: a bug to inject, for tests of the checks.
	Betray bool `json:"betray,omitempty"`
	// BareReads makes a leader answer plain reads as soon as VerifyLeader succeeds, even before it
	// has applied the log with which it was elected: a bug to inject, for tests of the checks.
	BareReads bool `json:"bare_reads,omitempty"`

	Clients []Client `json:"clients"`
}

// Client is one client. It performs the operations of its [Client.Program], one at a time.
type Client struct {
	Name  string   `json:"name"`
	Home  int      `json:"home"` // its first server; 0: the leader; -1: not the leader
	Pause sim.Time `json:"pause"`
	Start sim.Time `json:"start,omitempty"`
	Stop  sim.Time `json:"stop,omitempty"`  // no new operation from then on; 0: no limit
	Most  int      `json:"most,omitempty"`  // number of operations; 0: no limit
	Reads int      `json:"reads,omitempty"` // in percent of the operations
	Way   Way      `json:"way,omitempty"`
	Size  int      `json:"size"` // of a value, in bytes
	Keys  int      `json:"keys"` // number of registers: r0, r1, …
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
	Client  string   `json:"client"`
	Read    bool     `json:"read,omitempty"`
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	Call    sim.Time `json:"call"`
	Return  sim.Time `json:"return"` // -1 without an answer
	Outcome Outcome  `json:"outcome"`
	Server  int      `json:"server"` // the server that answered
	Version uint64   `json:"version,omitempty"`
}

// Leader is a server that leads a term or an epoch. From is the time when it begins to serve.
type Leader struct {
	Server int      `json:"leader"`
	Term   uint64   `json:"term"`
	From   sim.Time `json:"from"`
}

// State records the new state of a server: in Raft follower, candidate or leader.
type State struct {
	Server int      `json:"server"`
	Term   uint64   `json:"term"`
	State  string   `json:"state"`
	At     sim.Time `json:"at"`
}

// Apply is the moment when a server applies a write, so that reads there can return its value.
type Apply struct {
	Server int      `json:"server"`
	Value  string   `json:"value"`
	At     sim.Time `json:"at"`
}

// Count is the number and the size of the messages of one kind that a server sent.
type Count struct {
	Kind  string `json:"kind"`
	From  int    `json:"from"` // the sender
	N     int    `json:"n"`
	Bytes int    `json:"bytes"`
}

// Result is the result of a run.
type Result struct {
	Fingerprint string   `json:"fingerprint"`
	Events      uint64   `json:"events"`
	Virtual     sim.Time `json:"virtual_us"`
	Ops         []Op     `json:"ops"`
	Leaders     []Leader `json:"reigns"`
	States      []State  `json:"states"`
	Counts      []Count  `json:"counts"` // between servers
	Applies     []Apply  `json:"applies,omitempty"`
	Fsyncs      []uint64 `json:"syncs"`            // fsyncs by server, since Settings.From
	Terms       uint64   `json:"terms"`            // the highest term or epoch
	Missed      []string `json:"missed,omitempty"` // aimed faults that could not be applied
	Error       string   `json:"error,omitempty"`
	Trace       string   `json:"trace,omitempty"` // zablab.trace/1, if Settings.Trace
}

// roles are words for servers that are known only when a fault happens. NEXT is last because NEXT2,
// NEXT3 and NEXT4 begin with it.
var roles = []string{"LEADER", "OTHERS", "NEXT4", "NEXT3", "NEXT2", "NEXT"}

// Aim splits a plan into its fixed faults, which name their servers, and its aimed faults, which
// name LEADER, OTHERS or NEXT. The servers of an aimed fault are looked up when it happens, and its
// line must begin with a time.
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
				"begin the line with one, as in 6s crash LEADER", n+1, line)
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

// Fault replaces LEADER, OTHERS and NEXT by servers, given the leader and the number of servers.
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
