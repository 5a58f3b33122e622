// Package task is what a host asks a Raft cluster to play, and what it gets back: the [Settings] of one run, and its
// [Result]. Each is one JSON document.
package task

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// Settings are one run. Times are µs.
type Settings struct {
	Seed    uint64   `json:"seed"`
	Servers int      `json:"servers"`
	Latency sim.Span `json:"latency"`
	Fsync   sim.Span `json:"fsync"`
	Length  sim.Time `json:"length"`
	// From is when messages and syncs begin to be counted.
	From sim.Time `json:"from,omitempty"`

	// Plan is faults, a line each; servers are S1 to S9, clients A to Z, and LEADER is whoever leads at that
	// moment, OTHERS the servers that do not, NEXT and NEXT2 to NEXT4 the first of them behind it: see [Aim].
	Plan string `json:"plan,omitempty"`

	// Of hashicorp/raft, named as in its Config.
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

	// Trace has the run written as zablab.trace/1.
	Trace bool `json:"trace,omitempty"`
	// Watch has Applies filled in.
	Watch bool `json:"watch,omitempty"`
	// Betray makes the servers' stores say that they have synced before they have: for tests of what notices.
	Betray bool `json:"betray,omitempty"`
	// BareReads has a leader answer plain reads when VerifyLeader says that it leads, whether or not it has applied what
	// it was elected with: for tests of what notices.
	BareReads bool `json:"bare_reads,omitempty"`

	Clients []Client `json:"clients"`
}

// Client is one client: it plays the program of package registers, one operation after the other.
type Client struct {
	Name  string   `json:"name"`
	Home  int      `json:"home"` // the server that it tries first; 0 is who leads when it begins, -1 somebody else
	Pause sim.Time `json:"pause"`
	Start sim.Time `json:"start,omitempty"` // when it begins
	Stop  sim.Time `json:"stop,omitempty"`  // when it begins no other operation; 0 is never
	Most  int      `json:"most,omitempty"`  // when so many are done neither; 0 is any number
	Reads int      `json:"reads,omitempty"` // of a hundred operations
	Way   Way      `json:"way,omitempty"`   // of reading
	Size  int      `json:"size"`            // bytes of a value
	Keys  int      `json:"keys"`            // registers, from r0 on
}

// Way is how a client reads.
type Way string

// The ways.
const (
	Plain Way = ""      // as the engine's clients do it: of ZAB what the server has, of Raft what its leader has when a quorum says that it leads
	Local Way = "local" // what the server has, whoever it is
	Sync  Way = "sync"  // of ZAB, behind a sync
)

// Program is what the client does in a run of that seed, on any engine.
func (c *Client) Program(seed uint64) *registers.Program {
	return registers.New(seed, c.Name, registers.Mix{Registers: c.Keys, Reads: c.Reads, Size: c.Size, Pause: c.Pause})
}

// Outcome says what is known of an operation.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"
	Failed  Outcome = "failed"  // certainly not done
	Unknown Outcome = "unknown" // done once, or never
)

// Op is one operation of a client, as it saw it.
type Op struct {
	Client  string   `json:"client"`
	Read    bool     `json:"read,omitempty"`
	Key     string   `json:"key"`
	Value   string   `json:"value"`
	Call    sim.Time `json:"call"`
	Return  sim.Time `json:"return"` // -1 if it never did
	Outcome Outcome  `json:"outcome"`
	Server  int      `json:"server"` // that answered
	Version uint64   `json:"version,omitempty"`
}

// Leader is a server that leads a term, from the moment it can serve.
type Leader struct {
	Server int      `json:"leader"`
	Term   uint64   `json:"term"`
	From   sim.Time `json:"from"`
}

// State is a server that is another thing than before: follower, candidate, leader; or, of ZAB, looking.
type State struct {
	Server int      `json:"server"`
	Term   uint64   `json:"term"`
	State  string   `json:"state"`
	At     sim.Time `json:"at"`
}

// Apply is a server that has taken a write in: from here on it can be read there.
type Apply struct {
	Server int      `json:"server"`
	Value  string   `json:"value"`
	At     sim.Time `json:"at"`
}

// Count is messages of one kind.
type Count struct {
	Kind  string `json:"kind"`
	From  int    `json:"from"` // the server that sent them
	N     int    `json:"n"`
	Bytes int    `json:"bytes"`
}

// Result is what came of a run.
type Result struct {
	Fingerprint string   `json:"fingerprint"`
	Events      uint64   `json:"events"`
	Virtual     sim.Time `json:"virtual_us"`
	Ops         []Op     `json:"ops"`
	Leaders     []Leader `json:"reigns"`
	States      []State  `json:"states"`
	Counts      []Count  `json:"counts"` // between servers
	Applies     []Apply  `json:"applies,omitempty"`
	Syncs       []uint64 `json:"syncs"`            // of each server, from From on
	Terms       uint64   `json:"terms"`            // the highest
	Missed      []string `json:"missed,omitempty"` // faults that could not be aimed
	Error       string   `json:"error,omitempty"`
	Trace       string   `json:"trace,omitempty"` // zablab.trace/1, if it was asked for
}

// roles are the words for servers that are known when a fault's time has come only. Of two words that begin alike the
// longer one comes first.
var roles = []string{"LEADER", "OTHERS", "NEXT4", "NEXT3", "NEXT2", "NEXT"}

// Aim parts a plan into the faults that name whom they befall, and the lines that name the leader or those behind it,
// which are to be aimed when their time has come. Only a line with a moment can name them.
func Aim(plan string) (fixed sim.Plan, aimed []Aimed, err error) {
	var rest strings.Builder
	for n, line := range strings.Split(plan, "\n") {
		if !slices.ContainsFunc(roles, func(word string) bool { return strings.Contains(line, word) }) {
			rest.WriteString(line + "\n")
			continue
		}
		f, err := sim.ParseFault(strings.TrimSpace(line))
		if err != nil {
			return nil, nil, fmt.Errorf("plan:%d:1: %w", n+1, err)
		}
		if f.When.Trigger != 0 {
			return nil, nil, fmt.Errorf("plan:%d:1: %s: who leads is known at a moment only: begin the line with one", n+1, line)
		}
		aimed = append(aimed, Aimed{f.When.At, strings.TrimSpace(line)})
	}
	fixed, err = sim.ParsePlan("plan", rest.String())
	return fixed, aimed, err
}

// Aimed is a fault that befalls the leader, or those behind it, at its time.
type Aimed struct {
	At   sim.Time
	Line string
}

// Fault is the fault when it is known who leads, of so many servers.
func (a Aimed) Fault(leader, servers int) (sim.Fault, error) {
	name := func(i int) string { return "S" + strconv.Itoa((i-1)%servers+1) }
	var others []string
	for i := 1; i <= servers; i++ {
		if i != leader {
			others = append(others, name(i))
		}
	}
	stand := []string{name(leader), strings.Join(others, " "), name(leader + 4), name(leader + 3), name(leader + 2), name(leader + 1)}
	var pairs []string
	for i, word := range roles {
		pairs = append(pairs, word, stand[i])
	}
	return sim.ParseFault(strings.NewReplacer(pairs...).Replace(a.Line))
}
