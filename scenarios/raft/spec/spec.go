// Package spec is what the host of a Raft cluster and its guest tell each other: the settings of one run, and
// what came of it. Both are one document of JSON.
package spec

import "github.com/zablab/zablab/sim"

// Settings are one run. Times are µs.
type Settings struct {
	Seed    uint64   `json:"seed"`
	Servers int      `json:"servers"`
	Latency sim.Span `json:"latency"`
	Fsync   sim.Span `json:"fsync"`
	Length  sim.Time `json:"length"`
	Plan    string   `json:"plan,omitempty"` // of faults, a line each; servers are S1 to S9, clients A to Z

	// Of hashicorp/raft, named as in its Config.
	Heartbeat      sim.Time `json:"heartbeat_timeout"`
	Election       sim.Time `json:"election_timeout"`
	Lease          sim.Time `json:"leader_lease_timeout"`
	CommitTimeout  sim.Time `json:"commit_timeout"`
	MaxAppend      int      `json:"max_append_entries"`
	Pipeline       int      `json:"max_rpcs_in_flight"`
	Timeout        sim.Time `json:"transport_timeout"`
	PreVoteOff     bool     `json:"prevote_off,omitempty"`
	SnapThreshold  uint64   `json:"snapshot_threshold"`
	TrailingLogs   uint64   `json:"trailing_logs"`
	LinearizeReads bool     `json:"verify_leader_before_reads"`

	Clients []Client `json:"clients"`
}

// Client is one client: it does one operation after the other, or waits between them.
type Client struct {
	Name  string   `json:"name"`
	Home  int      `json:"home"` // the server that it tries first; 0 is whoever it is told leads
	Stays bool     `json:"stays,omitempty"`
	Pause sim.Time `json:"pause"`           // between two operations; 0 is none
	Start sim.Time `json:"start,omitempty"` // when it begins
	Reads int      `json:"reads,omitempty"` // of a hundred operations
	Size  int      `json:"size"`            // bytes of a value
	Keys  int      `json:"keys"`            // registers, from r0 on
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

// Reign is the time in which one server led a term: from when it could serve.
type Reign struct {
	Leader int      `json:"leader"`
	Term   uint64   `json:"term"`
	From   sim.Time `json:"from"`
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
	Reigns      []Reign  `json:"reigns"`
	Counts      []Count  `json:"counts"` // between servers
	Syncs       []uint64 `json:"syncs"`  // of each server
	Terms       uint64   `json:"terms"`  // the highest
	Error       string   `json:"error,omitempty"`
	Trace       []string `json:"trace,omitempty"`
}
