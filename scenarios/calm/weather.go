package calm

import (
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Period is a span of time in which no fault acts on the servers; the package comment has the exact
// conditions.
type Period struct {
	From, To sim.Time
	Up       zab.Set // the servers that run, all the time
}

// Has reports whether all of the span from a to b lies in the period.
func (p *Period) Has(a, b sim.Time) bool { return p.From <= a && b <= p.To }

// weather notes the calm periods of one subject: the servers together, or one client with them.
type weather struct {
	periods []Period
	open    bool // the last period still lasts
}

// shift ends the period that lasts, if one does, and begins another if it is calm.
func (w *weather) shift(now, from sim.Time, calm bool, up zab.Set) {
	if w.open {
		last := &w.periods[len(w.periods)-1]
		if last.To = now; last.From >= now {
			w.periods = w.periods[:len(w.periods)-1]
		}
	}
	if w.open = calm; calm {
		w.periods = append(w.periods, Period{From: max(now, from), To: sim.Never, Up: up})
	}
}

// at returns the period that a moment lies in, or nil.
func (w *weather) at(t sim.Time) *Period {
	i, _ := slices.BinarySearchFunc(w.periods, t, func(p Period, t sim.Time) int {
		if p.To < t {
			return -1
		}
		return 1
	})
	if i < len(w.periods) && w.periods[i].From <= t {
		return &w.periods[i]
	}
	return nil
}

// pair is two machines: of a link, or of a direction of it.
type pair struct{ from, to string }

// sky is what faults have done and not undone.
type sky struct {
	cuts    []pair // blocked directions
	delayed []pair
	narrow  []pair // links that a fault gives a bandwidth
	held    bool
	slow    []string // machines whose disks are slower than the configuration says
	off     []string // machines whose clocks do not run at the normal rate
	broken  []string // machines whose disks will fail
	corrupt bool     // some disk may hold anything
	rest    []residue

	longestDelay, longestFsync sim.Time // that any fault has set so far
}

// residue is when the last consequence of a fault is over that nothing else ends: a pause, or what
// was already under way when a disk or a link became fast again.
type residue struct {
	who   string
	until sim.Time
}

func with[T comparable](list []T, x T, has bool) []T {
	list = slices.DeleteFunc(list, func(y T) bool { return y == x })
	if has {
		list = append(list, x)
	}
	return list
}

func cutGroups(list []pair, groups [][]string) []pair {
	for i, from := range groups {
		for j, to := range groups {
			if i == j {
				continue
			}
			for _, a := range from {
				for _, b := range to {
					list = with(list, pair{a, b}, true)
				}
			}
		}
	}
	return list
}

// take notes what a fault does. A fault that cannot be carried out may be noted too: then the time
// after it only counts as less calm than it was. backlog is when everything has left that waits now
// on the link that the fault names.
func (s *sky) take(now sim.Time, f *sim.Fault, fsyncMax, backlog sim.Time) {
	switch f.Kind {
	case sim.FaultPause:
		s.rest = append(s.rest, residue{f.Who[0], now + f.Span})
	case sim.FaultSplit:
		s.cuts = cutGroups(s.cuts, f.Groups)
	case sim.FaultCut, sim.FaultMend:
		s.cuts = with(s.cuts, pair{f.Who[0], f.Who[1]}, f.Kind == sim.FaultCut)
	case sim.FaultHeal:
		s.cuts = nil
	case sim.FaultHold:
		s.held = true
	case sim.FaultRelease:
		s.held = false
	case sim.FaultDelay:
		s.delayed = with(s.delayed, pair{f.Who[0], f.Who[1]}, f.Span > 0)
		s.longestDelay = max(s.longestDelay, f.Span)
		until := now + s.longestDelay
		s.rest = append(s.rest, residue{f.Who[0], until}, residue{f.Who[1], until})
	case sim.FaultBandwidth:
		s.narrow = with(s.narrow, pair{f.Who[0], f.Who[1]}, f.Rate != 0)
		s.rest = append(s.rest, residue{f.Who[0], backlog}, residue{f.Who[1], backlog})
	case sim.FaultFsync:
		s.slow = with(s.slow, f.Who[0], f.Span > fsyncMax)
		s.longestFsync = max(s.longestFsync, f.Span)
		// A server has two fsyncs under way at most, of its log and of its snapshot.
		s.rest = append(s.rest, residue{f.Who[0], now + 2*s.longestFsync})
	case sim.FaultClock:
		s.off = with(s.off, f.Who[0], f.Rate != 1000)
	case sim.FaultCorrupt:
		s.corrupt = true
	case sim.FaultFailFsync, sim.FaultFull:
		s.broken = with(s.broken, f.Who[0], true)
	}
}

// touches reports whether a pair is of two of these machines.
func (p pair) touches(a, b func(string) bool) bool {
	return a(p.from) && b(p.to) || a(p.to) && b(p.from)
}

// calm reports whether nothing acts on machines that a and b accept, and since when.
func (s *sky) calm(a, b func(string) bool) (from sim.Time, ok bool) {
	link := func(p pair) bool { return p.touches(a, b) }
	if s.held || s.corrupt || slices.ContainsFunc(s.cuts, link) || slices.ContainsFunc(s.delayed, link) ||
		slices.ContainsFunc(s.narrow, link) ||
		slices.ContainsFunc(s.slow, a) || slices.ContainsFunc(s.off, a) ||
		slices.ContainsFunc(s.broken, a) {
		return 0, false
	}
	for _, r := range s.rest {
		if a(r.who) {
			from = max(from, r.until)
		}
	}
	return from, true
}
