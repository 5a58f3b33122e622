package replay

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
)

// agreement says whether an arrow of a real run has the same verdict in the simulated run.
type agreement struct {
	Agrees    bool              `json:"agrees"`
	Simulated scenarios.Verdict `json:"simulated"` // empty if another branch was taken
	Why       string            `json:"why"`       // of a difference
	known     bool              // Why has the reason, and not only the simulated verdict
}

// difference is an arrow with different verdicts in a run on real servers and in the simulated run.
type difference struct {
	real, simulated *scenarios.Arrow
	// The runs of the arrow's diagram.
	realRun, simulatedRun *scenarios.DiagramResult
}

// sameArrow returns the same arrow in another run of the diagram, or nil if that run did not play
// the arrow.
func sameArrow(d *scenarios.DiagramResult, a *scenarios.Arrow) *scenarios.Arrow {
	for i := range d.Arrows {
		b := &d.Arrows[i]
		if b.Line == a.Line && b.Column == a.Column && b.Text == a.Text {
			return b
		}
	}
	return nil
}

// agree compares an arrow of a run on real servers with the simulated run.
func (r *realEngine) agree(a *scenarios.Arrow, real, simulated *scenarios.DiagramResult) agreement {
	b := sameArrow(simulated, a)
	switch {
	case b == nil:
		return agreement{Why: "the simulated run took a different branch, without this arrow"}
	case a.Verdict == b.Verdict:
		return agreement{Agrees: true, Simulated: b.Verdict}
	}
	g := agreement{Simulated: b.Verdict, Why: "simulated " + plainly(b)}
	d := difference{a, b, real, simulated}
	why := ""
	if r != nil && r.why != nil {
		why = r.why(&d)
	}
	if d.real.Kind == script.Packet || d.real.Kind == script.Happening {
		why = cmp.Or(d.otherLeader(), why) // what servers do follows from who leads
	}
	if why = cmp.Or(why, d.race(), d.otherLeader(), d.withoutFault()); why != "" {
		g.Why, g.known = g.Why+"; "+why, true
	}
	return g
}

// otherLeader says that another server led when the diagram began than in the simulated run; empty
// if the same one did.
func (d *difference) otherLeader() string {
	if len(d.realRun.Facts.Reigns) == 0 || len(d.simulatedRun.Facts.Reigns) == 0 {
		return ""
	}
	here, there := d.realRun.Facts.Reigns[0].Leader, d.simulatedRun.Facts.Reigns[0].Leader
	if here == there {
		return ""
	}
	return fmt.Sprintf("%s led first on these servers, and %s in the simulated run",
		engine.ServerName(here), engine.ServerName(there))
}

// withoutFault names the last fault before a message between servers that could not be played on the
// real servers; empty if there is none. Without it their messages have other times.
func (d *difference) withoutFault() (why string) {
	if d.real.Kind != script.Packet {
		return ""
	}
	for i := range d.realRun.Arrows {
		a := &d.realRun.Arrows[i]
		if a == d.real {
			break
		}
		if a.Kind == script.Fault && a.Verdict == scenarios.Unplayed {
			why = fmt.Sprintf("on these servers the messages come without the fault of line %d", a.Line)
		}
	}
	return why
}

// race returns who was first of the clients that call at the same time, if that is why an answer to
// one of them differs; else "".
func (d *difference) race() string {
	if d.real.Kind != script.Reply || !d.real.Races || len(d.realRun.Winners) != 1 ||
		len(d.simulatedRun.Winners) != 1 {
		return ""
	}
	here, there := d.realRun.Winners[0].What, d.simulatedRun.Winners[0].What
	if here == there || here == scenarios.Nobody || there == scenarios.Nobody || d.real.To != here && d.real.To != there {
		return ""
	}
	return fmt.Sprintf("%s and %s call at the same time, and on these servers %s was first",
		there, here, here)
}

// callOf returns an arrow that is a call, or for an answer the last call before it of the client that
// gets it; nil if there is none.
func callOf(d *scenarios.DiagramResult, a *scenarios.Arrow) (call *scenarios.Arrow) {
	for i := range d.Arrows {
		b := &d.Arrows[i]
		if b.Kind == script.Call && (b == a || a.Kind == script.Reply && b.From == a.To) {
			call = b
		}
		if b == a {
			return call
		}
	}
	return nil
}

// plainly returns a verdict and its reason, without colour.
func plainly(a *scenarios.Arrow) string {
	s := strings.ReplaceAll(string(a.Verdict), "-", " ") + delays(a)
	if a.Instead != "" {
		s += ": " + a.Instead
	}
	return s
}

// compared prints how many arrows have the same verdict in the real and the simulated run. An arrow
// in a branch that only the real run took is not compared.
func (p *printer) compared() {
	same, differ, unknown, unplayed, branch := 0, 0, 0, 0, 0
	for i := range p.r.Diagrams {
		unplayed += len(p.r.Diagrams[i].Facts.Refused)
		for k := range p.r.Diagrams[i].Arrows {
			a := &p.r.Diagrams[i].Arrows[k]
			g := p.real.agree(a, &p.r.Diagrams[i], &p.simulated.Diagrams[i])
			switch {
			case a.Verdict == scenarios.Remark, a.Verdict == scenarios.Unread:
			case a.Verdict == scenarios.Unplayed:
				unplayed++
			case sameArrow(&p.simulated.Diagrams[i], a) == nil:
				branch++
			case g.Agrees:
				same++
			default:
				differ++
				if !g.known {
					unknown++
				}
			}
		}
	}
	text := fmt.Sprintf(
		"%d arrows and notes agree with the simulated run, %d differ, %d cannot be played on these servers",
		same, differ, unplayed)
	if unknown > 0 {
		text += fmt.Sprintf("; of the differences, %d have no known reason", unknown)
	}
	if branch > 0 {
		text += fmt.Sprintf(", %d are in a branch that the simulated run did not take", branch)
	}
	p.line("%s  %s", p.Bold("Compared"), terminal.Fold(p.Out, text, len("Compared  ")))
}
