package scenarios

import (
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// Verdict is what came of one arrow of a drawing.
type Verdict string

// The verdicts, from best to worst. Remark and Applied are for what is not a claim: words for the
// reader, and what the drawing itself does.
const (
	Remark    Verdict = "remark"
	Applied   Verdict = "applied"
	AsDrawn   Verdict = "as-drawn"
	Later     Verdict = "later"
	Different Verdict = "different"
	Never     Verdict = "never"
	Unplayed  Verdict = "not-here" // the engine has no counterpart to it: Instead says why
)

var ranks = map[Verdict]int{Remark: 0, Unplayed: 1, Applied: 1, AsDrawn: 2, Later: 3, Different: 4, Never: 5}

func (v Verdict) worse(w Verdict) bool { return ranks[v] > ranks[w] }

// Wrong is true if something else happened than was drawn.
func (v Verdict) Wrong() bool { return v == Different || v == Never }

// arrowRun is what came of one arrow.
type arrowRun struct {
	verdict Verdict
	at      sim.Time // -1 if it never happened
	index   int64
	omitted []Omitted
	instead string
	answer  string // of a call: what the client was told
	whom    string // of a fault whose victim only the run could tell; of a wait that was cut short, to what
}

// judge keeps what came of an arrow; of one that is played again, the worst.
func (p *player) judge(a *script.Act, r *arrowRun) {
	if old := p.run.arrows[a.ID]; old == nil || r.verdict.worse(old.verdict) {
		p.run.arrows[a.ID] = r
	}
}

func lateIf(omitted []Omitted) Verdict {
	if len(omitted) > 0 {
		return Later
	}
	return AsDrawn
}
