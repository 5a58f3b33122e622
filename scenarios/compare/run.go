package compare

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
)

// running is a run of either engine, while it is being played.
type running struct {
	s       *Settings
	r       *Result
	world   *sim.World
	servers []*sim.Machine
	run     func(limit sim.Time, stop func() bool) bool
	leader  func() int // the number of the server that leads; 0 if none does
	note    func(rec *sim.Record)

	counts map[Count]*Count // of messages, by kind and sender
	before []uint64         // fsyncs of each server before Settings.From; nil until then
}

// fewRecords is the number of records after which they are noted and the world drops them.
const fewRecords = 10_000

// play plays the plan to the end, and sets what both engines tell in the same way.
func (p *running) play() error {
	p.counts = map[Count]*Count{}
	plan, aimed, err := Aim(p.s.Plan)
	if err != nil {
		return err
	}
	slices.SortStableFunc(aimed, func(a, b Aimed) int { return cmp.Compare(a.At, b.At) })
	if err := p.world.Schedule(plan); err != nil {
		return err
	}
	for _, a := range aimed {
		if !p.until(a.At) {
			break
		}
		if err := p.aim(a); err != nil {
			p.r.Missed = append(p.r.Missed, a.Line+": "+err.Error())
		}
	}
	p.until(p.s.Length)
	if err := p.world.Err(); err != nil {
		return err
	}
	p.r.Fingerprint = fmt.Sprintf("%016x", p.world.Fingerprint())
	p.r.Events, p.r.Virtual = p.world.Stats().Events, p.world.Now()
	for i, m := range p.servers {
		p.r.Fsyncs = append(p.r.Fsyncs, m.Disk().Fsyncs()-p.before[i])
	}
	p.take()
	for _, c := range p.counts { // order: sorted
		p.r.Counts = append(p.r.Counts, *c)
	}
	slices.SortFunc(p.r.Counts, func(a, b Count) int {
		if a.From != b.From {
			return a.From - b.From
		}
		return strings.Compare(a.Kind, b.Kind)
	})
	return nil
}

// until runs the world until t, and notes the fsyncs on the way at Settings.From.
func (p *running) until(t sim.Time) bool {
	run := func(t sim.Time) bool {
		return p.run(t, func() bool {
			if !p.s.Trace && len(p.world.Records()) > fewRecords {
				p.take()
				p.world.Forget()
			}
			return false
		})
	}
	if p.before == nil && t >= p.s.From {
		if !run(p.s.From) {
			return false
		}
		for _, m := range p.servers {
			p.before = append(p.before, m.Disk().Fsyncs())
		}
	}
	return run(t)
}

// aim carries out a fault that names LEADER, NEXT or OTHERS, now.
func (p *running) aim(a Aimed) error {
	l := p.leader()
	if l == 0 {
		return errors.New("no server leads at this time: name a server instead, or choose a " +
			"later time")
	}
	f, err := a.Fault(l, p.s.Servers)
	if err != nil {
		return err
	}
	return p.world.Inject(f)
}

func (p *running) isServer(id sim.NodeID) bool { return id >= 1 && int(id) <= p.s.Servers }

// take counts the messages between servers in the world's records, and notes the other records.
func (p *running) take() {
	records := p.world.Records()
	for i := range records {
		rec := &records[i]
		if rec.Kind != sim.KindSend {
			p.note(rec)
			continue
		}
		if !p.isServer(rec.Node) || !p.isServer(rec.To) || rec.At < p.s.From {
			continue
		}
		key := Count{Kind: rec.Message.Name(), From: int(rec.Node)}
		c := p.counts[key]
		if c == nil {
			c = &Count{Kind: key.Kind, From: key.From}
			p.counts[key] = c
		}
		c.N++
		c.Bytes += rec.Message.Size()
	}
}
