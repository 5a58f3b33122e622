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
	type ran struct {
		drawn Schedule
		out   Fuzzed
		err   error
	}
	var found *ran
	runSeeds(n, 0, func(i int) *ran {
		r := &ran{drawn: Draw(first + uint64(i))}
		r.drawn.Flaw = e.Flaw
		r.out, r.err = r.drawn.Play(nil, false)
		return r
	}, func(i int, r *ran) bool {
		h.Seeds = i + 1
		if err = r.err; err != nil {
			return false
		}
		if r.out.Property != "" {
			found = r
			return false
		}
		return stop == nil || !stop()
	})
	if err != nil || found == nil {
		return h, err
	}
	h.Found, h.Property, h.Text = true, found.out.Property, found.out.Text
	h.Least, h.Runs = Shrink(found.drawn, h.Property, nil)
	return h, nil
}
