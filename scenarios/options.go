package scenarios

import (
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// Options are what the command line says. The zero value says nothing.
type Options struct {
	script.Options
	Seed   *uint64
	Seeds  int      // how many, from Seed on; 0 means 1
	Plan   sim.Plan // faults, at moments of each world or at events
	Places []string // where each fault of the plan was written, for errors; may be shorter
	Until  Until
	Keep   bool // keep the records of the first seed, for traces and pictures
	// LinearizableReads asks for more than ZooKeeper promises: a stale read breaks the run.
	LinearizableReads bool
	// Tweak, if set, changes what servers are told, for an experiment with servers that err. It must
	// do the same for equal seeds, and may be called from several goroutines.
	Tweak func(id zab.ID, c *server.Config)
	// Engine, if set, is asked for what each world is played on, instead of a simulated ensemble: then
	// there is one seed and no plan. Keep keeps its story, if it can tell it (engine.Storyteller).
	Engine func(stage.Stage) (engine.Engine, error)
	// LongestWait, if it is not 0, is how long a note may have a run wait; a longer one is cut short, and
	// what came of it says so.
	LongestWait sim.Time
	// Doing, if set, is told of each arrow or note, its line and text, when its turn comes.
	Doing func(line int, text string)
	// Progress, if set, is told after every seed how many are done.
	Progress func(done int)
	// Stop, if set, ends a run over many seeds early when it is true.
	Stop func() bool
}

// Until is where a replay stops: at a step, or at a moment; the zero value is at the end.
type Until struct {
	Step int64
	At   sim.Time
}
