package calm

import "github.com/zablab/zablab/sim"

// Figures has the times and counts of a run in its calm periods. Package fuzz compares the figures
// of a batch of runs with a baseline.
type Figures struct {
	Calm       sim.Time // time in which no fault acted
	Elections  int      // spans without a working leader
	Leaderless sim.Time // their sum
	Joins      int      // leaders with a quorum that were not established yet
	Joining    sim.Time // their sum
	Vain       int
	Left       int
}
