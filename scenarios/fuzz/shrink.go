package fuzz

import (
	"slices"

	"github.com/zablab/zablab/scenarios/seeds"
	"github.com/zablab/zablab/sim"
)

// Shrink removes from a schedule what is not needed to break the same property. It returns the
// smaller schedule and the number of runs that shrinking took. The schedule is locally minimal: the
// last round has tried to remove each single fault, workload and client.
//
// The latency of a message depends only on its link and its number. So if Shrink removes one fault,
// the rest of the run stays the same for as long as possible. With other latencies, fewer faults
// may be enough to break the property. So while many lines are left, Shrink also tries other seeds.
func Shrink(s Schedule, property string, o Playing) (least Schedule, runs int) {
	return ShrinkBy(s, o, func(c *Schedule) bool {
		f, err := c.Play(o)
		return err == nil && f.Property == property
	})
}

// ShrinkBy is like [Shrink], but the caller decides whether a schedule still fails: the parameter
// shows is a function that plays a schedule and reports whether the run has the failure. Of the
// options o, ShrinkBy uses only Workers, Programs and Stop.
func ShrinkBy(s Schedule, o Playing, shows func(*Schedule) bool) (least Schedule, runs int) {
	stopped := func() bool { return o.Stop != nil && o.Stop() }
	breaks := func(c *Schedule) bool { return !stopped() && shows(c) }
	s.Kinds = nil // they describe the whole plan, which is cut now
	k := shrinking{least: s, breaks: func(c *Schedule) bool {
		runs++
		return breaks(c)
	}}
	// The first schedule in the list that breaks the property, or -1 if none does. How many are
	// played at a time makes no difference.
	k.first = func(list []Schedule) (first int) {
		first = -1
		seeds.Run(len(list), o.Workers, func(i int) *bool {
			yes := breaks(&list[i])
			return &yes
		}, func(i int, yes *bool) bool {
			if runs++; *yes {
				first = i
			}
			return !*yes
		})
		return first
	}
	if len(o.Programs) > 0 {
		k.reduce([]cut{fewerClients})
	}
	// First shrink the plan alone: the more the clients do, the more likely another seed works as
	// well.
	more := func() bool { return runs < mostReseeded && !stopped() }
	for again := true; again; again = len(k.least.Plan) > few && more() &&
		k.reseed(more, otherSeeds) {
		k.reduce(k.faultCuts())
	}
	if len(k.least.Plan) > long {
		k.sample(s)
	}
	for {
		k.reduce(append(k.faultCuts(), withoutEnd, withoutClient, withoutWork, smaller, plainer))
		// A plan that is still long gets more tries, because its runs are short.
		more := func() bool { return runs < 4*mostReseeded && !stopped() }
		if len(k.least.Plan) > many && more() && k.reseed(more, 4*otherSeeds) {
			continue
		}
		// With faults at other moments, something else may not be needed.
		if next := rounded(k.least, k.breaks); next.String() != k.least.String() {
			k.least = next
			continue
		}
		return k.least, runs
	}
}

// few, many and long are numbers of lines. Other seeds are tried for a plan with more lines than
// few, more of them if it has more lines than many, and random selections of the original lines if
// it has more lines than long. otherSeeds is the number of seeds for one plan, mostReseeded the
// limit of all runs with other seeds, and samples the number of random selections.
const (
	few          = 2
	many         = 4
	long         = 6
	otherSeeds   = 8
	mostReseeded = 1000
	samples      = 768
	sampled      = 64 // at a time
)

// shrinking is a schedule being shrunk.
type shrinking struct {
	least  Schedule
	breaks func(*Schedule) bool
	first  func([]Schedule) int
}

// cut is one way to make a schedule smaller: it returns the i-th smaller schedule, and whether
// there is an i-th.
type cut = func(s Schedule, i int) (Schedule, bool)

// faultCuts take faults away, many at a time first.
func (k *shrinking) faultCuts() []cut {
	n := len(k.least.Plan)
	return []cut{withoutFaults(n), onlyNamed, withoutFaults(n / 2), withoutNamed, withoutVerb,
		withoutFaults(max(2, n/4)),
		withoutFaults(1), withoutTwo}
}

// reduce applies cuts until a whole round finds nothing to remove.
func (k *shrinking) reduce(cuts []cut) {
	for again := true; again; {
		again = false
		for _, c := range cuts {
			for i := 0; ; {
				next, ok := c(k.least, i)
				if !ok {
					break
				}
				if k.breaks(&next) {
					k.least, again = next, true
				} else {
					i++
				}
			}
		}
	}
}

// reseed removes something that the failure does not need with another seed.
func (k *shrinking) reseed(more func() bool, seeds int) bool {
	for _, c := range []cut{smaller, onlyNamed, withoutVerb, withoutNamed, withoutFaults(2),
		withoutTwo, withoutFaults(1)} {
		for i := 0; more(); i++ {
			next, ok := c(k.least, i)
			if !ok {
				break
			}
			list := make([]Schedule, seeds)
			for n := range list {
				list[n] = next
				list[n].Seed = sim.Mix(k.least.Seed+uint64(n)) >> 32
			}
			if n := k.first(list); n >= 0 {
				k.least = list[n]
				return true
			}
		}
	}
	return false
}

// sample tries random selections of a few of the original lines with random seeds: a failure whose
// plan is long may need only a line.
func (k *shrinking) sample(whole Schedule) {
	r := sim.NewRand(whole.Seed).Fork("shrink")
	for range samples / sampled {
		list := make([]Schedule, sampled)
		for i := range list {
			s := whole
			s.Seed = r.Uint64() >> 32
			s.Plan = slices.Clone(whole.Plan)
			for n := 1 + r.Intn(many); len(s.Plan) > n; {
				at := r.Intn(len(s.Plan))
				s.Plan = slices.Delete(s.Plan, at, at+1)
			}
			list[i] = s
		}
		if n := k.first(list); n >= 0 {
			k.least = list[n]
			return
		}
	}
}

// withoutFaults takes away the i-th run of n faults.
func withoutFaults(n int) cut {
	return func(s Schedule, i int) (Schedule, bool) {
		from := i * n
		if n == 0 || from >= len(s.Plan) {
			return s, false
		}
		s.Plan = slices.Delete(slices.Clone(s.Plan), from, min(from+n, len(s.Plan)))
		return s, true
	}
}

// withoutTwo takes away two faults of one machine: a fault, and what ends it.
func withoutTwo(s Schedule, i int) (Schedule, bool) {
	for a := range s.Plan {
		for b := a + 1; b < len(s.Plan); b++ {
			if !slices.Equal(s.Plan[a].Who, s.Plan[b].Who) || b == a+1 {
				continue
			}
			if i--; i < 0 {
				plan := slices.Delete(slices.Clone(s.Plan), b, b+1)
				s.Plan = slices.Delete(plan, a, a+1)
				return s, true
			}
		}
	}
	return s, false
}

// onlyNamed keeps the faults of the i-th victim, and those without one.
func onlyNamed(s Schedule, i int) (Schedule, bool) {
	names := s.victims()
	if i >= len(names) || len(names) < 2 {
		return s, false
	}
	s.Plan = slices.DeleteFunc(slices.Clone(s.Plan), func(f sim.Fault) bool {
		who := victim(&f)
		return who != "" && who != names[i]
	})
	return s, true
}

// victim returns the machine that a fault names first, or whose event it waits for, or "".
func victim(f *sim.Fault) string {
	switch {
	case len(f.Who) > 0:
		return f.Who[0]
	case f.When.Trigger != 0:
		return f.When.Who
	}
	return ""
}

// victims returns the victims of the plan's faults.
func (s *Schedule) victims() (names []string) {
	for n := range s.Plan {
		if who := victim(&s.Plan[n]); who != "" && !slices.Contains(names, who) {
			names = append(names, who)
		}
	}
	return names
}

// withoutNamed takes away every fault of the i-th victim.
func withoutNamed(s Schedule, i int) (Schedule, bool) {
	return s.filtered(i, victim)
}

// withoutVerb takes away every fault with the i-th verb.
func withoutVerb(s Schedule, i int) (Schedule, bool) {
	return s.filtered(i, func(f *sim.Fault) string { return f.Kind.String() })
}

// filtered takes away the faults with the i-th key.
func (s Schedule) filtered(i int, key func(*sim.Fault) string) (Schedule, bool) {
	var keys []string
	for n := range s.Plan {
		if k := key(&s.Plan[n]); k != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	if i >= len(keys) {
		return s, false
	}
	s.Plan = slices.DeleteFunc(slices.Clone(s.Plan),
		func(f sim.Fault) bool { return key(&f) == keys[i] })
	return s, true
}

// withoutClient removes the workloads of one client. The client stays, so that the others keep
// their names.
func withoutClient(s Schedule, i int) (Schedule, bool) {
	for ; i < len(s.Clients); i++ {
		if len(s.Clients[i]) > 0 {
			s.Clients = slices.Clone(s.Clients)
			s.Clients[i] = nil
			return s, true
		}
	}
	return s, false
}

// withoutWork takes away one workload of one client.
func withoutWork(s Schedule, i int) (Schedule, bool) {
	for k, works := range s.Clients {
		if len(works) < 2 {
			continue
		}
		if i < len(works) {
			s.Clients = slices.Clone(s.Clients)
			s.Clients[k] = slices.Delete(slices.Clone(works), i, i+1)
			return s, true
		}
		i -= len(works)
	}
	return s, false
}

// withoutEnd shortens the time of faults and work.
func withoutEnd(s Schedule, i int) (Schedule, bool) {
	lengths := []sim.Time{s.Length / 4, s.Length / 2, s.Length * 3 / 4}
	if i >= len(lengths) || s.Length <= sim.Second {
		return s, false
	}
	s.Length = lengths[i] / (100 * sim.Millisecond) * (100 * sim.Millisecond)
	return s, s.Length > 0
}

// smaller takes away the observers, or two servers, and their faults.
func smaller(s Schedule, i int) (Schedule, bool) {
	switch {
	case i > 0:
		return s, false
	case s.Observers > 0:
		s.Observers, s.ObserversFirst = 0, false
	case s.Servers > 3:
		s.Servers -= 2
	default:
		return s, false
	}
	return s.present(), true
}

// fewerClients takes away the last client, if all run the same programs, and its faults.
func fewerClients(s Schedule, i int) (Schedule, bool) {
	if i > 0 || len(s.Clients) < 2 {
		return s, false
	}
	s.Clients = s.Clients[:len(s.Clients)-1]
	return s.present(), true
}

// present removes the faults of machines that the schedule does not have.
func (s Schedule) present() Schedule {
	there := append(s.servers(), s.names()...)
	gone := func(name string) bool { return !slices.Contains(there, name) }
	var plan sim.Plan
	for _, f := range s.Plan {
		if slices.ContainsFunc(f.Who, gone) || f.When.Trigger != 0 && gone(f.When.Who) {
			continue
		}
		var groups [][]string
		for _, g := range f.Groups {
			if g = slices.DeleteFunc(slices.Clone(g), gone); len(g) > 0 {
				groups = append(groups, g)
			}
		}
		if f.Groups != nil && len(groups) < 2 {
			continue
		}
		f.Groups = groups
		plan = append(plan, f)
	}
	s.Plan = plan
	return s
}

// plainer resets one setting of the ensemble to its plainest value.
func plainer(s Schedule, i int) (Schedule, bool) {
	for _, plain := range []func(*Schedule){
		func(s *Schedule) { s.Calm = 0 }, func(s *Schedule) { s.Rare = 0 },
		func(s *Schedule) { s.Blackouts = 0 }, func(s *Schedule) { s.Writeback = false },
		func(s *Schedule) { s.Resample = sim.Resample{} },
		func(s *Schedule) { s.Numbers = 0 }, func(s *Schedule) { s.MaxCounter = 0 }, func(s *Schedule) { s.QuorumSync = false },
		func(s *Schedule) { s.SnapChunk = 4096 },
		func(s *Schedule) { s.Bandwidth = 0 }, func(s *Schedule) { s.DiskBandwidth = 0 },
		func(s *Schedule) { s.SnapCount = 100_000 }, func(s *Schedule) { s.CommittedLog = 500 },
		func(s *Schedule) { s.Latency = sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond} },
		func(s *Schedule) { s.Fsync = sim.Span{Min: 500, Max: 3 * sim.Millisecond} },
	} {
		next := s
		if plain(&next); next.String() == s.String() {
			continue
		}
		if i--; i < 0 {
			return next, true
		}
	}
	return s, false
}

// rounded moves faults to round moments, if the property still breaks.
func rounded(s Schedule, breaks func(*Schedule) bool) Schedule {
	for i := range s.Plan {
		for _, unit := range []sim.Time{sim.Second, 100 * sim.Millisecond, 10 * sim.Millisecond,
			sim.Millisecond} {
			next := s
			next.Plan = slices.Clone(s.Plan)
			f := &next.Plan[i]
			if f.When.At = (f.When.At + unit/2) / unit * unit; f.When.At == s.Plan[i].When.At {
				break
			}
			if breaks(&next) {
				s = next
				break
			}
		}
	}
	return s
}
