package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// absence is something that a drawing denies, until the next line of its lane.
type absence struct {
	a     *script.Act
	at    sim.Time
	after int64 // the record from which it must not happen
	ops   int   // how many operations there were
	lanes *lanes
}

// deny carries out nothing, and keeps in mind what must not happen.
func (p *player) deny(t *thread, a *script.Act) {
	p.absences = append(p.absences, &absence{a: a, at: p.now(), after: p.act(a), ops: len(p.e.Ops()),
		lanes: t.lanes.clone()})
}

// settle judges the absences in the lanes of an act, when its turn comes, or when what it shows
// happens: before the record until.
func (p *player) settle(a *script.Act, until int64) {
	if len(p.absences) == 0 || a.Kind == script.Remark || a.Kind == script.Unread {
		return
	}
	p.absences = slices.DeleteFunc(p.absences, func(x *absence) bool {
		if x.a == a || !inLane(x.a, a) {
			return false
		}
		p.judgeAbsence(x, until)
		return true
	})
}

// inLane says whether an act stands in the lane of an absence: that of the client that it is about,
// or of whom it is said of.
func inLane(absence, b *script.Act) bool {
	lane := absence.From
	if k := absence.Denied.Kind; k == script.Reply || k == script.Event {
		lane = absence.To
	}
	names := strings.Split(b.From+","+b.To, ",")
	return slices.ContainsFunc(strings.Split(lane, ","),
		func(name string) bool { return name != "" && slices.Contains(names, name) })
}

// outlast waits, at the end of a diagram, whether something that it denies happens after all. What
// a client does is settled at once: it does nothing that is not drawn.
func (p *player) outlast(t *thread) bool {
	var open []*absence
	for _, x := range p.absences {
		if p.passive(x.a.Denied.Kind) {
			open = append(open, x)
		}
	}
	if len(open) == 0 {
		return false
	}
	t.wait = &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool {
			return !slices.ContainsFunc(open, func(x *absence) bool {
				_, happened := p.happened(x, p.e.Index())
				return !happened
			})
		},
		then: func() { p.settleAll() },
	}
	return true
}

// passive says whether something happens to a lane without its doing.
func (p *player) passive(k script.Kind) bool {
	return k == script.Happening || k == script.Event || k == script.Packet && p.sees()
}

// settleAll judges the absences that no line has ended.
func (p *player) settleAll() {
	for _, x := range p.absences {
		p.judgeAbsence(x, p.e.Index())
	}
	p.absences = nil
}

func (p *player) judgeAbsence(x *absence, until int64) {
	r := &arrowRun{verdict: AsDrawn, at: x.at, index: x.after}
	if x.a.Denied.Kind == script.Packet && !p.sees() {
		r.verdict, r.at, r.instead = Unplayed, -1, "messages between servers cannot be seen here"
	} else if what, happened := p.happened(x, until); happened {
		r.verdict, r.instead = Different, what
	}
	p.judge(x.a, r)
}

// happened says whether what an absence denies has happened before a record, and what it was.
func (p *player) happened(x *absence, until int64) (what string, ok bool) {
	d := x.a.Denied
	switch d.Kind {
	case script.Call:
		for _, o := range p.e.Ops()[x.ops:] {
			if o.Client == d.From && o.Op.Type == d.Op.Type && o.Op.Path == p.realOp(d.Op).Path &&
				o.CallIndex < until {
				return d.From + " did so", true
			}
		}
		return "", false
	case script.Reply:
		return p.wasAnswered(d)
	case script.Fault:
		for _, who := range d.Fault.Fault.Who {
			if !p.up(who) {
				return who + " is down", true
			}
		}
		return "", false
	case script.Event, script.Happening, script.Packet:
	default:
		return "", false
	}
	e := expectation{a: d, op: -1, after: x.after, lanes: x.lanes.clone()}
	at := cursors{events: maps.Clone(p.events), changes: p.changes, reigns: p.reigns,
		lanes: e.lanes, used: maps.Clone(p.used)}
	for {
		f := p.look(&e, &at)
		switch {
		case !f.ok || f.wrong != "":
			return "", false
		case f.index <= x.after:
			continue
		case f.index >= until:
			return "", false
		}
		return "it happened at " + f.at.Seconds(), true
	}
}

// wasAnswered says whether the last call of a client has its answer, which is drawn as lost.
func (p *player) wasAnswered(d *script.Act) (what string, ok bool) {
	for i := len(p.e.Ops()) - 1; i >= 0; i-- {
		if o := p.e.Ops()[i]; o.Client == d.To {
			if o.Done() && o.Outcome.Definite() {
				return fmt.Sprintf("%s was answered: %s", d.To, answer(o)), true
			}
			return "", false
		}
	}
	return "", false
}
