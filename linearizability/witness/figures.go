package witness

import (
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
)

// Figures are what is measured rather than judged. Spans are µs.
type Figures struct {
	Reads, Stale int
	Staleness    int64 // the longest: how long before its reply a read's state was certainly over
	SyncFresh    int   // reads behind a sync that saw all that had been answered before it
	SyncStale    int
	Beliefs      int   // spans in which somebody believed to hold a role
	Overlap      int64 // how long more than one client believed to hold one role
	Longest      Overlap
	Unfenced     int // older tokens that unfenced resources accepted
}

// Overlap is a time in which two clients believed to hold one role.
type Overlap struct {
	Role     string
	A, B     lin.Client // A began first
	From, To int64
}

// Add takes another run's figures in: the sums, and the longest of each.
func (f *Figures) Add(o *Figures) {
	f.Reads += o.Reads
	f.Stale += o.Stale
	f.Staleness = max(f.Staleness, o.Staleness)
	f.SyncFresh += o.SyncFresh
	f.SyncStale += o.SyncStale
	f.Beliefs += o.Beliefs
	f.Overlap += o.Overlap
	f.Unfenced += o.Unfenced
	if o.Longest.To-o.Longest.From > f.Longest.To-f.Longest.From {
		f.Longest = o.Longest
	}
}

// Say puts the figures that belong to a check into a sentence; empty for a check that has none.
func (f *Figures) Say(check string) string {
	switch check {
	case checkFresh:
		if f.Stale == 0 {
			return fmt.Sprintf("not asked for; a figure: none of %s was stale when it came",
				plural(f.Reads, "read"))
		}
		return fmt.Sprintf("not asked for; a figure: %d of %d reads were stale when they came, by "+
			"%s at most",
			f.Stale, f.Reads, span(f.Staleness))
	case checkSync:
		return amount(f.SyncFresh+f.SyncStale, "read behind a sync",
			fmt.Sprintf("of which %d came stale", f.SyncStale))
	case checkExclusion:
		o := f.Longest
		switch {
		case f.Beliefs == 0:
			return "nothing to check: nobody believed to hold an office"
		case f.Overlap == 0:
			return "no two believed at once to hold the same office"
		}
		if f.Overlap == o.To-o.From {
			return fmt.Sprintf("a figure: %s and %s both believed to hold %s for %s, from %s on",
				o.A, o.B, o.Role, span(f.Overlap), span(o.From))
		}
		return fmt.Sprintf("a figure: two at once for %s in all; longest %s and %s, of %s, for %s",
			span(f.Overlap), o.A, o.B, o.Role, span(o.To-o.From))
	}
	return ""
}

// span is a time in words: 2.310s, or 870µs.
func span(us int64) string {
	switch {
	case us < 1000:
		return fmt.Sprintf("%dµs", us)
	case us < 1000_000:
		return fmt.Sprintf("%d.%dms", us/1000, us%1000/100)
	}
	return fmt.Sprintf("%d.%02ds", us/1000_000, us%1000_000/10_000)
}
