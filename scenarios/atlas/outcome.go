package atlas

import (
	"fmt"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/sim"
)

// Outcome says how a fault at one moment changes the run.
type Outcome uint8

// These are the outcomes, from the mildest to the worst.
const (
	Down     Outcome = iota // the server is down, or nobody leads: nothing is played
	Same                    // the same story
	Late                    // the same story, and a line comes later
	Leader                  // the same story, and another server leads at the end
	Unknown                 // a client does not know whether its write happened
	Other                   // a client gets another answer, or a line happens otherwise
	Unwanted                // something that ZooKeeper allows and nobody wants: a stale read
	OldToken                // a resource accepts a token that is out of date
	Lost                    // an arrow or a note never happens
	Refused                 // the rest of the document cannot be played
	Broken                  // a check does not hold
	outcomes
)

// forms has, for each outcome of a fault, its mark in a picture, and the text that explains the
// mark.
var forms = [outcomes]struct {
	mark rune
	says string
}{
	Down:     {' ', "not played: the machine is down, or there is no leader"},
	Same:     {'·', "no difference"},
	Late:     {'–', "later"},
	Leader:   {'L', "another leader"},
	Unknown:  {'?', "a client does not know the outcome of its call"},
	Other:    {'≠', "with the fault, a call or an event ends differently than without it"},
	Unwanted: {'~', "something unwanted that ZooKeeper allows, such as a stale read"},
	OldToken: {'!', "a resource accepts an outdated fencing token"},
	Lost:     {'x', "an arrow or a note of the drawing never happens"},
	Refused:  {'#', "the rest of the document cannot be played"},
	Broken:   {'✗', "a check fails"},
}

// Mark returns the character that stands for the outcome in a terminal.
func (o Outcome) Mark() rune { return forms[o].mark }

// String says the outcome in a few words.
func (o Outcome) String() string { return forms[o].says }

// Outcomes lists all outcomes, from the mildest to the worst.
func Outcomes() []Outcome {
	list := make([]Outcome, outcomes)
	for i := range list {
		list[i] = Outcome(i)
	}
	return list
}

// Came is the outcome of a fault, with the line of the document that shows it.
type Came struct {
	Outcome Outcome
	Later   sim.Time // how much later the line came that is the latest, compared with the run without
	Line    int      // of the document, or 0
	Says    string   // about that line
}

// Slack is the tolerance for late lines: a line counts as late if it comes more than Slack after
// its time in the run without the fault. Messages take up to 5 ms, and a fault may change the
// latency of later messages.
const Slack = 50 * sim.Millisecond

// compare returns what differs most between a run without and one with a fault, in the diagrams
// from..to.
func compare(base, got *scenarios.Result, from, to int) Came {
	came := Came{Outcome: Same}
	worse := func(o Outcome, line int, says string) {
		if o > came.Outcome {
			came.Outcome, came.Line, came.Says = o, line, says
		}
	}
	for d := from; d < to; d++ {
		a, b := &base.Diagrams[d], &got.Diagrams[d]
		for i := range a.Checks {
			switch c := find(b.Checks, a.Checks[i].Name); {
			case c == nil:
			case c.Promised && c.Verdict == lin.Broken && a.Checks[i].Verdict != lin.Broken:
				worse(Broken, 0, c.Name)
			case c.Bad && !a.Checks[i].Bad:
				worse(Unwanted, 0, c.Name)
			}
		}
		for i := range b.Arrows {
			x, y := &a.Arrows[i], &b.Arrows[i]
			if late := y.At - x.At; x.At >= 0 && y.At >= 0 && late > Slack {
				came.Later = max(came.Later, late)
				worse(Late, y.Line, y.Text)
			}
			if o := lineOutcome(x, y); o != Same {
				worse(o, y.Line, says(y))
			}
		}
	}
	if l, m := leader(base, to-1), leader(got, to-1); l != m {
		worse(Leader, 0, m+" leads, not "+l)
	}
	return came
}

// says tells what happened to a line.
func says(a *scenarios.Arrow) string {
	s := a.Text
	if a.Instead != "" {
		s += ": " + a.Instead
	}
	return s
}

// find returns the check of that name, or nil.
func find(list []judge.Check, name string) *judge.Check {
	for i := range list {
		if list[i].Name == name {
			return &list[i]
		}
	}
	return nil
}

// lineOutcome compares a line in both runs.
func lineOutcome(a, b *scenarios.Arrow) Outcome {
	switch {
	case b.Bad && !a.Bad:
		return OldToken
	case b.Verdict == a.Verdict || !b.Verdict.Wrong():
		return Same
	case b.Verdict == scenarios.Never:
		if unknown(b) {
			return Unknown
		}
		return Lost
	case unknown(b):
		return Unknown
	}
	return Other
}

// unknown reports whether a client does not know what became of its request.
func unknown(a *scenarios.Arrow) bool {
	return strings.Contains(a.Instead, "may have happened")
}

// leader returns the server that leads at the end of a diagram, or "nobody".
func leader(r *scenarios.Result, diagram int) string {
	for d := diagram; d >= 0; d-- {
		for i := len(r.Diagrams[d].Facts.Reigns) - 1; i >= 0; i-- {
			if x := &r.Diagrams[d].Facts.Reigns[i]; x.To < 0 {
				return fmt.Sprintf("S%d", x.Leader)
			}
		}
	}
	return "nobody"
}
