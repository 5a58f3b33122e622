package witness

import (
	"fmt"

	lin "github.com/zablab/zablab/linearizability"
)

// Idle is the prefix of the text of a check that does not apply, because the record has nothing to
// examine.
const Idle = "nothing to check"

// Figures are measurements that no check judges. Spans are in µs.
type Figures struct {
	Reads, Stale int
	Staleness    int64 // longest time from the known end of a state to a reply that shows it
	SyncFresh    int   // reads after a sync that saw every write answered before the sync
	SyncStale    int
	Beliefs      int   // spans in which a client believed that it held a role
	Overlap      int64 // how long more than one client believed that it held one role
	Longest      Overlap
	Unfenced     int // older tokens that unfenced resources accepted
}

// Overlap is a span in which two clients believed that they held the same role.
type Overlap struct {
	Role     string
	A, B     lin.Client // A began first
	From, To int64
}

// Add adds the figures of another run: it sums the counts and Overlap, and keeps the larger of the
// two values of Staleness and the longer of the two Longest.
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

// Say returns a sentence about the measurements that belong to the named check, or "" if none do.
func (f *Figures) Say(check string) string {
	switch check {
	case checkFresh:
		if f.Stale == 0 {
			return "none of " + plural(f.Reads, "read") + " was stale; stale reads are allowed"
		}
		were := "were"
		if f.Stale == 1 {
			were = "was"
		}
		return fmt.Sprintf("%d of %s %s stale, by at most %s: a newer state existed before the "+
			"reply came; stale reads are allowed", f.Stale, plural(f.Reads, "read"), were,
			span(f.Staleness))
	case checkSync:
		return amount(f.SyncFresh+f.SyncStale, "read after a sync",
			fmt.Sprintf("%d stale", f.SyncStale))
	case checkExclusion:
		o := f.Longest
		switch {
		case f.Beliefs == 0:
			return Idle + ": no client believed that it led or held a lock"
		case f.Overlap == 0:
			return "no two clients believed at the same time that they led or held the same lock"
		}
		client, other := o.A, o.B
		if f.Overlap == o.To-o.From {
			return fmt.Sprintf("measured: for %s, %s and %s both believed that they held %s, from "+
				"%s to %s", span(f.Overlap), client, other, o.Role, span(o.From),
				span(o.To))
		}
		return fmt.Sprintf("measured: for %s in total, two clients believed at the same time that "+
			"they led or held the same lock; the longest such time was %s: %s and %s both believed "+
			"that they held %s, from %s to %s", span(f.Overlap), span(o.To-o.From), client, other,
			o.Role, span(o.From), span(o.To))
	}
	return ""
}

// Brief says in a few words what is bad about the figures of a check, for a line that has no room
// for [Figures.Say]. It returns "" if nothing is bad ([Figures.Bad]).
func (f *Figures) Brief(check string) string {
	switch {
	case !f.Bad(check):
		return ""
	case check == checkFresh:
		return plural(f.Stale, "stale read")
	case check == checkSync:
		return plural(f.SyncStale, "stale read") + " after a sync"
	case check == checkExclusion && f.Overlap == f.Longest.To-f.Longest.From:
		return "two holders at once for " + span(f.Overlap)
	case check == checkExclusion:
		return "two holders at once for " + span(f.Overlap) + " in total"
	case check == checkFencing:
		return plural(f.Unfenced, "stale write") + " accepted"
	}
	return ""
}

// Bad reports whether the figures of a check show something unwanted that no service promises to
// prevent: a stale read, two holders at once, a stale token that was accepted.
func (f *Figures) Bad(check string) bool {
	switch check {
	case checkFresh:
		return f.Stale > 0
	case checkSync:
		return f.SyncStale > 0
	case checkExclusion:
		return f.Overlap > 0
	case checkFencing:
		return f.Unfenced > 0
	}
	return false
}

// span prints a time, such as 2.31s, 4.5ms or 870µs.
func span(us int64) string {
	switch {
	case us < 1000:
		return fmt.Sprintf("%dµs", us)
	case us < 1000_000:
		return fmt.Sprintf("%d.%dms", us/1000, us%1000/100)
	}
	return fmt.Sprintf("%d.%02ds", us/1000_000, us%1000_000/10_000)
}
