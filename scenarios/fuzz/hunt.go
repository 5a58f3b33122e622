package fuzz

import "github.com/zablab/zablab/zab/flaw"

// Hunted is what a hunt for one flaw came to.
type Hunted struct {
	Flaw     flaw.Entry
	Seeds    int // played until it was found, or in vain
	Found    bool
	Property string
	Text     string
	Least    Schedule // as it was drawn, if the hunt was for clients only
	Runs     int      // of the shrinking
}

// Hunt fuzzes what has a flaw, seed by seed from first on, until something breaks, n seeds have been
// played, or stop is true. The fuzzer knows nothing of flaws; what it finds, it shrinks.
//
// Where a failure cannot be shrunk to a few lines the hunt goes on for the next ones, and tells of the smallest.
//
// With clientsOnly, the checks that look into single servers are off, see [Playing]: one of those may say
// little more than that the line with the flaw was run. What is found without them has done harm.
func Hunt(e flaw.Entry, first uint64, n int, clientsOnly bool, stop func() bool) (h Hunted, err error) {
	h.Flaw = e
	enough := false
	b, err := Run(first, n, Options{
		Flaw: e.Flaw, ClientsOnly: clientsOnly, Whole: clientsOnly,
		Tell: func(b *Batch) {
			if b.Broken == 0 {
				return
			}
			if !h.Found {
				h.Found, h.Seeds = true, b.Done
			}
			enough = clientsOnly || b.Broken >= mostShrunk || len(b.least().Least.Plan) <= long
		},
		Stop: func() bool { return enough || stop != nil && stop() },
	})
	if !h.Found {
		h.Seeds = b.Done
		return h, err
	}
	f := b.least()
	h.Property, h.Text, h.Least, h.Runs = f.Property, f.Text, f.Least, f.Runs
	return h, err
}

// least is the failure with the shortest plan.
func (b *Batch) least() *Failure {
	best := &b.Failures[0]
	for i := range b.Failures {
		if f := &b.Failures[i]; len(f.Least.Plan) < len(best.Least.Plan) {
			best = f
		}
	}
	return best
}
