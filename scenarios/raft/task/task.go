// Package task is the interface between a Raft cluster and its host: the host sends the
// [Settings] of one run, and the cluster returns its [Result], each as one JSON document. A run
// of ZAB takes the same settings and returns the same kind of result, so that the two can be
// compared.
package task

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// Settings say what to run. Times are in µs.
type Settings struct {
	Seed    uint64   `json:"seed"`
	Servers int      `json:"servers"`
	Latency sim.Span `json:"latency"`
	Fsync   sim.Span `json:"fsync"`
	Length  sim.Time `json:"length"`
	// From is when the count of messages and fsyncs begins.
	From sim.Time `json:"from,omitempty"`

	// Plan is the faults, one a line. Servers are S1 to S9, clients A to Z. LEADER is the leader at
	// that moment, OTHERS are the other servers, and NEXT, NEXT2, NEXT3 and NEXT4 are the servers
	// that follow the leader in number, counting round: see [Aim].
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

	// Trace asks for Result.Trace, the run as zablab.trace/1.
	Trace bool `json:"trace,omitempty"`
	// Watch asks for Result.Applies.
	Watch bool `json:"watch,omitempty"`
	// Betray makes stores acknowledge before the fsync: a bug to inject, for tests of the checks.
	Betray bool `json:"betray,omitempty"`
	// BareReads makes a leader answer plain reads as soon as VerifyLeader succeeds, although it may
	// not yet have applied the log it was elected with: a bug to inject, for tests of the checks.
	BareReads bool `json:"bare_reads,omitempty"`

	Clients []Client `json:"clients"`
}

// Client is one client. It plays the program of package registers, one operation at a time.
type Client struct {
	Name  string   `json:"name"`
	Home  int      `json:"home"` // the server it tries first; 0: the leader; -1: not the leader
	Pause sim.Time `json:"pause"`
	Start sim.Time `json:"start,omitempty"`
	Stop  sim.Time `json:"stop,omitempty"`  // no new operation from then on; 0: no limit
	Most  int      `json:"most,omitempty"`  // how many operations it does; 0: no limit
	Reads int      `json:"reads,omitempty"` // in percent of its operations
	Way   Way      `json:"way,omitempty"`
	Size  int      `json:"size"` // of a value, in bytes
	Keys  int      `json:"keys"` // how many registers: r0, r1, …
}

// Way is how a client reads.
type Way string

// The ways of reading.
const (
	// Plain is the engine's usual way: in ZAB any server answers from its own state; in Raft the
	// leader answers, after a quorum has confirmed that it leads.
	Plain Way = ""
	Local Way = "local" // any server answers from its own state
	Sync  Way = "sync"  // ZAB: a sync, then a read
)

// Program is what the client does in a run with that seed, on either engine.
func (c *Client) Program(seed uint64) *registers.Program {
	return registers.New(seed, c.Name, registers.Mix{
		Registers: c.Keys, Reads: c.Reads, Size: c.Size, Pause: c.Pause,
	})
}

// Outcome says what is known about an operation.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"
	Failed  Outcome = "failed"  // certainly had no effect
	Unknown Outcome = "unknown" // took effect once or not at all
)

// Op is one operation as its client saw it.
type Op struct {
	Client  string   `json:"client"`
	Read    bool     `json:"read,omitempty"`
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	Call    sim.Time `json:"call"`
	Return  sim.Time `json:"return"` // -1 without an answer
	Outcome Outcome  `json:"outcome"`
	Server  int      `json:"server"` // the one that answered
	Version uint64   `json:"version,omitempty"`
}

// Leader is a server that leads a term, from the moment it can serve.
type Leader struct {
	Server int      `json:"leader"`
	Term   uint64   `json:"term"`
	From   sim.Time `json:"from"`
}

// State is a server's change of state: to follower, candidate or leader; in ZAB, also to looking.
type State struct {
	Server int      `json:"server"`
	Term   uint64   `json:"term"`
	State  string   `json:"state"`
	At     sim.Time `json:"at"`
}

// Apply is a server applying a write, which can be read there from then on.
type Apply struct {
	Server int      `json:"server"`
	Value  string   `json:"value"`
	At     sim.Time `json:"at"`
}

// Count is how many messages of one kind a server sent.
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
	Terms       uint64   `json:"terms"`            // the highest
	Missed      []string `json:"missed,omitempty"` // aimed faults that could not be applied
	Error       string   `json:"error,omitempty"`
	Trace       string   `json:"trace,omitempty"` // zablab.trace/1, if Settings.Trace
}

// roles stand for servers that are known only when the fault happens. NEXT is last because it
// begins like the others.
var roles = []string{"LEADER", "OTHERS", "NEXT4", "NEXT3", "NEXT2", "NEXT"}

// Aim splits a plan: fixed are the faults that name their servers, aimed are the lines that name
// LEADER, OTHERS or NEXT, whose servers are looked up when the fault happens. An aimed line must
// begin with a time.
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

// Aimed is a fault whose servers are looked up when it happens.
type Aimed struct {
	At   sim.Time
	Line string
}

// Fault fills in the servers, given the leader and the number of servers.
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
