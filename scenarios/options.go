package scenarios

import (
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// Options control a replay. The zero value plays the script once, with the seed of its stage.
type Options struct {
	script.Options
	Seed   *uint64
	Seeds  int      // number of seeds, starting at Seed; 0 means 1
	Plan   sim.Plan // faults, at times in each world or at events
	Places []string // where each fault of the plan was written, for errors
	Until  Until
	Keep   bool // keep the records of the first seed, for traces and pictures
	// LinearizableReads requires more than ZooKeeper promises: a stale read is a failure.
	LinearizableReads bool
	// Tweak, if set, changes the configuration of each server, for experiments with faulty servers.
	// It must do the same for equal seeds, and may be called from several goroutines.
	Tweak func(id zab.ID, c *server.Config)
	// Flaw is the bug to inject into servers, recipes and resources; none by default.
	Flaw flaw.Flaw
	// Engine, if set, creates the engine of each world in place of a simulated ensemble. Only one
	// seed and no plan is possible then. Keep keeps its story, if it is an [engine.Storyteller].
	Engine func(engine.Stage) (engine.Engine, error)
	// LongestWait, if not 0, shortens longer waits in notes to it. Their verdict reports this.
	LongestWait sim.Time
	// Doing, if set, is called with the line and text of each arrow or note when its turn comes.
	Doing func(line int, text string)
	// Progress, if set, is called after every seed with the number of seeds done.
	Progress func(done int)
	// Stop, if set, is called after every seed; true ends the replay early.
	Stop func() bool
}

// Until is where a replay stops: at a step or at a time. The zero value is the end.
type Until struct {
	Step int64
	At   sim.Time
}
