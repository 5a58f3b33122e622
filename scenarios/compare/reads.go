package compare

import "github.com/zablab/zablab/sim"

// Read is what one way of reading costs, and what it promises.
type Read struct {
	Engine  Engine   `json:"engine"`
	Servers int      `json:"servers"`
	Way     string   `json:"way"` // local, sync, quorum sync; local, verify
	Enters  string   `json:"enters"`
	Seeds   int      `json:"seeds"`
	N       int      `json:"n"`
	P50     sim.Time `json:"p50_us"`
	P99     sim.Time `json:"p99_us"`
	Rate    float64  `json:"reads_per_second"` // with many clients, each as fast as it is answered
	// Stale are reads that missed a write which had been told before they began, and Oldest how long before, at most.
	Stale  int      `json:"stale"`
	Oldest sim.Time `json:"oldest_us"`
	// The same while the leader and a client are cut off from the others.
	CutN      int      `json:"cut_n"`
	CutStale  int      `json:"cut_stale"`
	CutOldest sim.Time `json:"cut_oldest_us"`
	Promise   string   `json:"promise"` // what it may miss
}
