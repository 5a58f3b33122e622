package verdict

import (
	"github.com/zablab/zablab/linearizability/witness"
)

// Figures has the measurements of package witness, in the output of --json. Its keys are stable:
// keys may be added, but never renamed.
type Figures struct {
	Reads     int   `json:"reads"`
	Stale     int   `json:"stale_reads"`
	Staleness int64 `json:"staleness_us"`
	SyncFresh int   `json:"sync_fresh"`
	SyncStale int   `json:"sync_stale"`
	Overlap   int64 `json:"overlap_us"`
	Unfenced  int   `json:"unfenced"`
}

// FiguresOf converts the measurements of package witness for --json.
func FiguresOf(f *witness.Figures) Figures {
	return Figures{f.Reads, f.Stale, f.Staleness, f.SyncFresh, f.SyncStale, f.Overlap, f.Unfenced}
}
