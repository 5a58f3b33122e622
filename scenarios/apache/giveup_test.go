package apache

import (
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
)

// TestGiveUp: the engine waits longer for a client whose session timeout is longer than the stage's,
// by as much as servers grant, and not longer for a shorter one.
func TestGiveUp(t *testing.T) {
	e := &Engine{config: Config{Stage: engine.DefaultStage()}, addresses: make([]string, 3)}
	usual := e.config.GiveUp(0)
	for _, x := range []struct {
		name            string
		timeout, longer sim.Time
	}{{"A", 0, 0}, {"B", 4 * sim.Second, 0}, {"C", 5 * sim.Second, sim.Second}, {"D", 3 * sim.Second,
		sim.Second}, {"E", 60 * sim.Second, 36 * sim.Second}} {
		if _, err := e.AddActor(x.name, 0, x.timeout); err != nil {
			t.Fatal(err)
		}
		if got := e.GiveUp(); got != usual+x.longer {
			t.Errorf("with %s: %s, want %s", x.name, got, usual+x.longer)
		}
	}
}
