package fuzz

import (
	"slices"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
)

// round is how many schedules are made from one state of the pool. It is fixed, so that a batch
// does not depend on the number of workers.
const round = 16

// pool keeps the schedules whose faults fell at a new place of the protocol: another message, state
// of the server, or fault ([ensemble.Reach]). New schedules are made from them. What is counted is
// where faults fall, not which lines of code have run.
type pool struct {
	places []ensemble.Reached // of all runs, sorted
	kept   []kept
	played []kept // in this round
}

// kept is a schedule, and where its faults fell.
type kept struct {
	schedule Schedule
	places   []ensemble.Reached
}

// played takes in a run; it counts from the next round on.
func (p *pool) add(s Schedule, places []ensemble.Reached) {
	p.played = append(p.played, kept{s, places})
}

// turn ends a round.
func (p *pool) turn() {
	for _, k := range p.played {
		known := len(p.places)
		p.places = ensemble.Merge(p.places, k.places...)
		if len(p.places) > known {
			p.kept = append(p.kept, k)
		}
	}
	p.played = p.played[:0]
}

// next makes the schedule of a seed: from the seed alone, or by varying one that was kept.
func (p *pool) next(m Mix, seed uint64) Schedule {
	r := sim.NewRand(seed).Fork("feedback")
	if len(p.kept) == 0 || r.Chance(1, 3) {
		return m.Generate(seed)
	}
	best := p.any(r)
	for range 3 { // rather one that got where few others got
		if k := p.any(r); p.rarest(k) < p.rarest(best) {
			best = k
		}
	}
	return p.vary(r, m, best.schedule, seed)
}

func (p *pool) any(r *sim.Rand) *kept { return &p.kept[r.Intn(len(p.kept))] }

// rarest is how many faults of all runs fell at the least known place of a schedule.
func (p *pool) rarest(k *kept) int {
	least := int(^uint(0) >> 1)
	for _, r := range k.places {
		if i, ok := slices.BinarySearchFunc(p.places, r, ensemble.Reached.ComparePlace); ok {
			least = min(least, p.places[i].N)
		}
	}
	return least
}

// vary changes a few things in a schedule. What comes of it is again something that the protocol
// promises to survive: one disk is lost at most.
func (p *pool) vary(r *sim.Rand, m Mix, s Schedule, seed uint64) Schedule {
	if r.Chance(1, 2) {
		s.Seed = seed // other chances; otherwise the run is the same up to the first change
	}
	s.Plan = slices.Clone(s.Plan)
	d := &generator{Chance: r, s: s}
	for range 1 + r.Intn(3) {
		d.change(p)
	}
	s = d.s
	if m != Beyond {
		wiped := false
		s.Plan = slices.DeleteFunc(s.Plan, func(f sim.Fault) bool {
			again := f.Kind == sim.FaultWipe && wiped
			wiped = wiped || f.Kind == sim.FaultWipe
			return again
		})
	}
	sortPlan(s.Plan)
	return s
}

// change makes one change.
func (d *generator) change(p *pool) {
	s := &d.s
	d.wiped = slices.ContainsFunc(s.Plan, func(f sim.Fault) bool {
		return f.Kind == sim.FaultWipe
	})
	if len(s.Plan) == 0 {
		d.add()
		return
	}
	i := d.Intn(len(s.Plan))
	f := &s.Plan[i]
	switch d.Intn(8) {
	case 0, 1:
		d.move(f)
	case 2:
		d.swap(f)
	case 3:
		s.Plan = slices.Delete(s.Plan, i, i+1)
	case 4, 5:
		d.add()
	case 6:
		d.splice(&p.any(d.Chance.(*sim.Rand)).schedule)
	case 7:
		d.resize()
	}
}

// move changes the moment of a fault, or which event it waits for.
func (d *generator) move(f *sim.Fault) {
	shift := d.Between(0, one(d, 20*sim.Millisecond, 500*sim.Millisecond, 4*sim.Second))
	if d.Intn(2) == 0 {
		shift = -shift
	}
	switch w := &f.When; {
	case w.Trigger == 0:
		w.At = max(0, w.At+shift)
	case w.After.At > 0 && d.Intn(2) == 0:
		w.After.At = max(1, w.After.At+shift)
	case (w.Trigger == sim.TriggerSend || w.Trigger == sim.TriggerReceive) && d.Intn(2) == 0:
		w.Arg = one(d, messages...)
	default:
		w.Count = 1 + d.Intn(2*max(w.Count, 1)+2)
	}
}

// swap makes a fault of a server another fault of that server, at the same moment.
func (d *generator) swap(f *sim.Fault) {
	switch f.Kind {
	case sim.FaultCrash, sim.FaultPower, sim.FaultPause, sim.FaultTear, sim.FaultFailFsync:
		who, when := f.Who[0], f.When
		*f = one(d, sim.Crash(who), sim.PowerLoss(who),
			sim.Pause(who, d.Between(10*sim.Millisecond, 3*sim.Second)))
		f.When = when
	default:
		d.move(f)
	}
}

// add adds faults of any kind that the schedule's mix has.
func (d *generator) add() {
	k := one(d, kinds...)
	if !k.beyond {
		k.pick(d, d.moment())
	}
}

// splice adds some faults of another schedule, if it has the same machines.
func (d *generator) splice(other *Schedule) {
	s := &d.s
	if other.Servers != s.Servers || other.Observers != s.Observers ||
		other.ObserversFirst != s.ObserversFirst || len(other.Clients) != len(s.Clients) || len(other.Plan) == 0 {
		d.add()
		return
	}
	from := d.Intn(len(other.Plan))
	to := min(len(other.Plan), from+1+d.Intn(6))
	s.Plan = append(s.Plan, other.Plan[from:to]...)
}

// resize changes a setting of the servers.
func (d *generator) resize() {
	s := &d.s
	switch d.Intn(4) {
	case 0:
		s.CommittedLog = one(d, 2, 10, 500)
	case 1:
		s.SnapCount = one(d, 5, 30, 100_000)
	case 2:
		s.Writeback = !s.Writeback
	case 3:
		s.QuorumSync = !s.QuorumSync
	}
}
