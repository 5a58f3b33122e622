package judge

import (
	"slices"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Check is one check of a run, with its verdict.
type Check struct {
	Name    string     `json:"name"`
	Verdict lin.Answer `json:"verdict"`
	Text    string     `json:"text,omitempty"`
	// Promised is false if ZooKeeper does not promise what is checked: then "broken" is no bug.
	Promised bool `json:"promised"`
	// Bad is true if the run shows something unwanted that ZooKeeper allows, such as a stale read.
	Bad bool `json:"bad,omitempty"`
	// Idle is true if the run had nothing to check: then the verdict says nothing about the run.
	Idle     bool        `json:"idle,omitempty"`
	Breaches []Explained `json:"breaches,omitempty"`

	Note string `json:"-"` // what may differ between hosts
}

// Explained is a breach with its context: the operation, its neighbours, and the events that led to
// it.
type Explained struct {
	Operation string   `json:"operation,omitempty"`
	Called    sim.Time `json:"called_us"`
	Returned  sim.Time `json:"returned_us"`      // -1 if it never returned
	After     string   `json:"after,omitempty"`  // the operation that it must come after
	Before    string   `json:"before,omitempty"` // the operation that it must come before
	Reference string   `json:"reference,omitempty"`
	Seen      string   `json:"seen,omitempty"`
	Led       []Moment `json:"led,omitempty"` // the few events that led to it

	Steps []int64 `json:"-"` // indices of its events in the run, not counting the trace's checks
}

// Moment is one event of a run, as a sentence.
type Moment struct {
	At   sim.Time `json:"at_us"`
	Step int64    `json:"step"` // in the run's trace
	Say  string   `json:"say"`
}

// Traced returns the check in the form in which the last line of a trace contains it.
func (c *Check) Traced() trace.Check {
	t := trace.Check{Name: c.Name, Result: string(c.Verdict), Idle: c.Idle, Allowed: !c.Promised,
		Bad: c.Bad}
	if c.Bad {
		t.Text = c.Text
	}
	return t
}

// Shows returns the index of the event at which the first breach appears, or -1 if there is no
// breach. The index counts the run's events, without the events of kind "check" in the trace.
func (c *Check) Shows() int64 {
	if len(c.Breaches) == 0 || len(c.Breaches[0].Steps) == 0 {
		return -1
	}
	return slices.Max(c.Breaches[0].Steps)
}

// The names of the checks.
const (
	CheckInvariants = "invariants"
	CheckWrites     = "linearizable-writes"
	CheckRegister   = "linearizable-reads"
	CheckLock       = "lock"
	CheckElection   = "election"
	CheckSessions   = "session-order"
	CheckLive       = "live-after-healing"
	CheckFencing    = "no-stale-writes"
	CheckAgree      = "judges-agree"
	CheckWitness    = "witness" // the second judge's: witness/name
)

func picture(list []lin.Verdict) lin.Verdict {
	broken := func(v lin.Verdict) bool { return v.Result == lin.Broken }
	if i := slices.IndexFunc(list, broken); i >= 0 {
		return list[i]
	}
	if len(list) == 0 {
		return lin.Verdict{}
	}
	return list[0]
}

// Worse reports whether a check says worse of a run than another with the same name: broken is worse
// than undecided, and a check that had something to check says more than one that had not.
func (c *Check) Worse(o *Check) bool {
	rank := func(c *Check) (n int) {
		switch {
		case c.Verdict == lin.Broken && c.Promised:
			return 5
		case c.Verdict == lin.Undecided && c.Promised:
			return 4
		case c.Verdict == lin.Broken:
			return 3
		case c.Bad:
			return 2
		case c.Verdict == lin.Undecided:
			return 2
		case !c.Idle:
			return 1
		}
		return 0
	}
	return rank(c) > rank(o)
}
