package fuzz

import "github.com/zablab/zablab/zab/flaw"

// Hunted is the outcome of a hunt for one flaw, which is a bug injected on purpose.
type Hunted struct {
	Flaw     flaw.Entry
	Seeds    int // played until it was found, or all
	Found    bool
	Property string
	Text     string
	Least    Schedule // not shrunk if the hunt was for clients only
	Runs     int      // of the shrinking

	Hits flaw.Hits // how often the places of the flaw were reached, in all seeds
}

// Hunt fuzzes an engine into which a flaw is injected. It plays seed after seed, beginning with
// first, until a property breaks, n seeds have been played, or stop returns true. The schedules do
// not depend on the flaw. Hunt shrinks the failures that it finds.
//
// If a failure cannot be shrunk to a few lines, the hunt continues with the next failures and
// reports the shortest.
//
// With clientsOnly, the checks on single servers are off (see [Playing]), because such a check may
// only show that the line of code that contains the flaw was run. A failure of any other check
// shows real harm.
func Hunt(
	e flaw.Entry, first uint64, n int, clientsOnly bool, stop func() bool,
) (h Hunted, err error) {
	return hunt(e, first, n, clientsOnly, false, stop)
}

// HuntWithFeedback is like [Hunt] with all checks, but makes most schedules by varying an earlier
// schedule. It varies only schedules in which a fault acted in a situation that was new: see
// Feedback in [Options].
func HuntWithFeedback(e flaw.Entry, first uint64, n int, stop func() bool) (h Hunted, err error) {
	return hunt(e, first, n, false, true, stop)
}

// First is like [Hunt], but does not shrink: it returns after the first failure, after n seeds, or
// when stop returns true.
func First(
	e flaw.Entry, first uint64, n int, clientsOnly bool, stop func() bool,
) (h Hunted, err error) {
	h.Flaw = e
	for h.Seeds < n && !stop() {
		s := Generate(first + uint64(h.Seeds))
		s.Flaw = e.Flaw
		out, err := s.Play(Playing{ClientsOnly: clientsOnly})
		if err != nil {
			return h, err
		}
		h.Seeds++
		h.Hits += out.FlawHits
		if out.Property != "" {
			h.Found, h.Property, h.Text, h.Least = true, out.Property, out.Text, s
			break
		}
	}
	return h, nil
}

func hunt(
	e flaw.Entry, first uint64, n int, clientsOnly, feedback bool, stop func() bool,
) (h Hunted, err error) {
	h.Flaw = e
	enough := false
	b, err := Run(first, n, Options{
		Flaw: e.Flaw, ClientsOnly: clientsOnly, Whole: clientsOnly, Feedback: feedback,
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
	h.Hits = b.FlawHits
	if !h.Found {
		h.Seeds = b.Done
		return h, err
	}
	f := b.least()
	h.Property, h.Text, h.Least, h.Runs = f.Property, f.Text, f.Least, f.Runs
	return h, err
}

// least returns the failure with the shortest plan.
func (b *Batch) least() *Failure {
	best := &b.Failures[0]
	for i := range b.Failures {
		if f := &b.Failures[i]; len(f.Least.Plan) < len(best.Least.Plan) {
			best = f
		}
	}
	return best
}
