package fuzz

import (
	"fmt"
	"io"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
)

// Engine plays schedules on something other than the simulated ZooKeeper.
type Engine interface {
	// Name stands in the text of schedules: engine=raft.
	Name() string
	// From says which code is played, if it is not the usual one: a version, such as v1.7.3, or a
	// folder, which then has a slash.
	From() string
	// Adapt turns a schedule that was generated for ZooKeeper into one for this engine: the same
	// faults at the same moments. It may add faults that only this engine has.
	Adapt(s *Schedule)
	// Play plays a schedule, as [Schedule.Play] does.
	Play(s *Schedule, o Playing) (Result, error)
}

// Kept is a run of an engine other than the simulated ZooKeeper, with the records of the run.
type Kept interface {
	Header() trace.Header
	WriteTrace(out io.Writer, h trace.Header, end trace.End) error
	Events(do func(*trace.Event))
	Record() lin.Record
	Records() int // how many there are
	Close()
}

// If [Playing].Keep was set, Close frees the run that was kept. Otherwise Close does nothing.
func (out *Result) Close() {
	if out.Ensemble != nil {
		out.Ensemble.Close()
	}
	if out.Run != nil {
		out.Run.Close()
	}
}

// elsewhere plays a schedule on the engine that it names.
func (s *Schedule) elsewhere(o Playing) (Result, error) {
	if o.Engine == nil || o.Engine.Name() != s.Engine {
		return Result{}, fmt.Errorf("the schedule is for engine=%s: play the schedule with "+
			"--engine %s", s.Engine,
			s.Engine)
	}
	return o.Engine.Play(s, o)
}

// The workloads of other engines.
var otherWorks = []struct{ Name, Says string }{
	{"registers", "writes and reads registers"},
	{"transfers", "asks the leader, between writes, to hand its leadership over to another server"},
}

func isOtherWork(name string) bool {
	for _, w := range otherWorks {
		if w.Name == name {
			return true
		}
	}
	return false
}

// Restless says how often an engine disturbs the threads of its servers. At each point of the code
// where this is possible, a thread lets other threads run first with a probability of Yield
// percent, and sleeps for a few milliseconds with a probability of Nap percent.
type Restless struct{ Yield, Nap int }
