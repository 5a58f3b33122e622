package script

import (
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// TimedFault is a fault at a fixed time, from a "%% lab:" line: fault=1.283s crash A. The time
// counts from the start of the world's run.
type TimedFault struct {
	Fault sim.Fault
	Pos   diagram.Pos
}

// TimedCall is a call at a fixed time, from a "%% lab:" line: call=2s A create /x. The time counts
// from the start of the world's run.
type TimedCall struct {
	At   sim.Time
	Who  string
	Op   tree.Op
	Pos  diagram.Pos
	Text string
}

// timed reads the settings fault, call, recipe and parents of a "%% lab:" line, and returns the
// other words. The text of a fault, a call or a recipe extends to the end of the line.
func (d *directives) timed(s *Script, dir *diagram.Directive) (rest []diagram.Word) {
	for i, w := range dir.Words {
		switch {
		case w.Key == "parents" && !w.Bare:
			if w.Value != "strict" && w.Value != "supplied" {
				s.refuse(w.Pos, "parents=%s: must be strict or supplied", w.Value)
			}
			d.noParents = w.Value == "strict"
		case (w.Key == "fault" || w.Key == "call" || w.Key == "recipe") && !w.Bare:
			text := w.Value
			for _, next := range dir.Words[i+1:] {
				text += " " + next.Key
				if !next.Bare {
					text += "=" + next.Value
				}
			}
			switch w.Key {
			case "fault":
				d.fault(s, w.Pos, text)
			case "call":
				d.call(s, w.Pos, text)
			default:
				d.recipe(s, w.Pos, text)
			}
			return rest
		default:
			rest = append(rest, w)
		}
	}
	return rest
}

func (d *directives) fault(s *Script, pos diagram.Pos, text string) {
	f, err := sim.ParseFault(text)
	switch {
	case err != nil:
		s.refuse(pos, "fault=%s: %s", text, err)
	case f.When == (sim.When{}):
		s.refuse(pos, "fault=%s: the time of the fault is missing: write it first, as in "+
			"fault=1.283s %s, or draw the fault as a note", text, text)
	default:
		d.faults = append(d.faults, TimedFault{f, pos})
	}
}

func (d *directives) call(s *Script, pos diagram.Pos, text string) {
	when, rest, _ := strings.Cut(text, " ")
	who, what, _ := strings.Cut(strings.TrimSpace(rest), " ")
	at, err := sim.ParseTime(when)
	if err != nil || what == "" {
		s.refuse(pos, "call=%s: write a time, a client and a call, as in call=2s A create /x", text)
		return
	}
	op, denies, err := parseCall(what, wordsOf(what))
	if err == nil && denies {
		s.refuse(pos, "call=%s: the text says that the call does not happen, but call= plans "+
			"a call: remove this setting", text)
		return
	}
	if err != nil {
		s.refuse(pos, "call=%s: %s", text, err)
		return
	}
	d.calls = append(d.calls, TimedCall{at, who, op, pos, what})
}

// plan adds the timed faults and calls of a diagram to its world.
func (c *compiler) plan(d *directives) {
	w := c.scene.world
	w.NoParents = w.NoParents || d.noParents
	for _, f := range d.faults {
		c.rename(&f.Fault)
		w.Faults = append(w.Faults, f)
	}
	for _, t := range d.calls {
		t.Who = c.cast.name(t.Who)
		if r, ok := c.cast.Roles[t.Who]; !ok || r.Kind != RoleClient || !r.Plays {
			c.script.refuse(t.Pos, "call=%s %s: no such client: the drawing has %s", t.At, t.Who,
				strings.Join(c.cast.Playing(), ", "))
			continue
		}
		w.Calls = append(w.Calls, t)
	}
	c.run(d.recipes)
	for _, key := range d.set {
		w.Seeded = w.Seeded || key == "seed"
	}
}
