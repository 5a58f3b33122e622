package scenarios

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// Verdict is the outcome of one arrow of a drawing.
type Verdict string

// These are the verdicts. All except Unplayed are listed from best to worst. Remark, Applied and
// Unplayed check nothing: Remark is for an arrow or a note that is only for the reader, Applied is
// for a fault or a wait that was carried out, and Unplayed is for a line that the engine cannot
// play.
const (
	Remark    Verdict = "remark"
	Applied   Verdict = "applied"
	AsDrawn   Verdict = "as-drawn"
	Later     Verdict = "later"
	Different Verdict = "different"
	Unread    Verdict = "unread" // not understood, and not played
	Never     Verdict = "never"
	Unplayed  Verdict = "not-here" // the engine cannot play the line: Instead says why
)

var ranks = map[Verdict]int{Remark: 0, Unplayed: 1, Applied: 1, AsDrawn: 2, Later: 3, Different: 4,
	Unread: 5, Never: 6}

func (v Verdict) worse(w Verdict) bool { return ranks[v] > ranks[w] }

// Wrong reports whether v is [Different], [Never] or [Unread].
func (v Verdict) Wrong() bool { return v == Different || v == Never || v == Unread }

// arrowRun is the outcome of one arrow with one seed.
type arrowRun struct {
	verdict Verdict
	at      sim.Time // -1 if it never happened
	index   int64
	omitted []Omitted
	instead string
	answer  string // of a call: what the client received
	bad     bool   // as drawn, but undesirable
	whom    string // of a fault: its targets; of a shortened wait: its length

	supplied []string // what the lab supplied
}

// judge stores the outcome of an arrow. For an arrow that is played several times it keeps the
// worst.
func (p *player) judge(a *script.Act, r *arrowRun) {
	if a.Doubt > 0 && !p.strict && a.Expect == diagram.Unsaid {
		r.doubt(a)
	}
	if a.Refuted != "" && !r.verdict.Wrong() && r.verdict != Unread && r.verdict != Remark {
		r.verdict, r.instead = Different, a.Refuted
	}
	if old := p.run.arrows[a.ID]; old == nil || r.verdict.worse(old.verdict) {
		p.run.arrows[a.ID] = r
	}
}

// doubt makes unread what does not come as drawn, if a line in another language may be the cause.
// That a client is alive is unread in any case after a line that may say that it fails.
func (r *arrowRun) doubt(a *script.Act) {
	if r.verdict == Unread || !r.verdict.Wrong() && a.Kind != script.Heartbeat {
		return
	}
	var reasons []string
	if r.instead != "" {
		reasons = append(reasons, r.instead)
	}
	reasons = append(reasons, fmt.Sprintf("the cause may be line %d, which was not played because "+
		"it is in another language", a.Doubt))
	r.verdict, r.at, r.index, r.instead = Unread, -1, -1, strings.Join(reasons, "; ")
}

func lateIf(omitted []Omitted) Verdict {
	if len(omitted) > 0 {
		return Later
	}
	return AsDrawn
}
