package scenarios

import (
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// Options control a replay. The zero value plays the script once, with the seed that the document
// sets ([engine.Stage]).
type Options struct {
	script.Options
	Seed   *uint64
	Seeds  int      // number of seeds, starting at Seed; 0 means 1
	Plan   sim.Plan // faults, at times in each world or at events
	Places []string // where each fault of the plan was written, for errors
	// PlanWorld is the number, from 1, of the world that the plan is for. A world is the diagrams
	// that continue each other. 0 means every world.
	PlanWorld int
	// Resample, if its Step is not 0, replaces the setting of the document, in world number
	// ResampleWorld; 0 means every world.
	Resample      sim.Resample
	ResampleWorld int
	Until         Until
	Keep          bool // keep the records of the first seed, for traces and pictures
	// LinearizableReads requires more than ZooKeeper promises: a stale read is a failure.
	LinearizableReads bool
	// Tweak, if set, changes the configuration of each server, for experiments with faulty servers.
	// It must do the same whenever the seed is the same, and may be called from several goroutines.
	Tweak func(id zab.ID, c *server.Config)
	// Flaw is the bug to inject into servers, recipes and resources; none by default.
	Flaw flaw.Flaw
	// Engine, if set, creates the engine of each world instead of a simulated ensemble. It allows
	// only one seed, and no plan. With Keep, the world keeps the story of an [engine.Storyteller].
	Engine func(engine.Stage) (engine.Engine, error)
	// LongestWait, if not 0, shortens each longer wait in a note. The verdict of the note says so.
	LongestWait sim.Time
	// Doing, if set, is called for each arrow or note, with its line and text, just before it is
	// played.
	Doing func(line int, text string)
	// Progress, if set, is called after every seed with the number of seeds done.
	Progress func(done int)
	// Stop, if set, is called after every seed. If it returns true, the replay ends early.
	Stop func() bool
}

// Until is the end of a replay: a step or a time. The zero value means the end of the document.
type Until struct {
	Step int64
	At   sim.Time
}
