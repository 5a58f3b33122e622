package scenarios

import "github.com/zablab/zablab/zab/flaw"

// Hunted is what a hunt for one flaw came to.
type Hunted struct {
	Flaw     flaw.Entry
	Seeds    int // played until it was found, or in vain
	Found    bool
	Property string
	Text     string
	Least    Schedule
	Runs     int // of the shrinking
}

// Hunt fuzzes an engine that has a flaw, seed by seed from first on, until something breaks, n seeds have
// been played, or stop is true. The fuzzer knows nothing of flaws; what it finds, it shrinks.
func Hunt(e flaw.Entry, first uint64, n int, stop func() bool) (h Hunted, err error) {
	h.Flaw = e
	b, err := Fuzz(first, n, FuzzOptions{
		Flaw: e.Flaw,
		Tell: func(b *Batch) { h.Found = b.Broken > 0 },
		Stop: func() bool { return h.Found || stop != nil && stop() },
	})
	h.Seeds = b.Done
	if h.Found {
		f := &b.Failures[0]
		h.Property, h.Text, h.Least, h.Runs = f.Property, f.Text, f.Least, f.Runs
	}
	return h, err
}
