package scenarios

import (
	"slices"

	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// Result is the outcome of playing a document.
type Result struct {
	Name     string
	Title    string
	Notices  []string
	Diagrams []DiagramResult
	Worlds   []World // runs of the first seed, if Options.Keep is set
	Done     int     // seeds played
	Read     script.Tally
}

// DiagramResult is the outcome of one diagram over all seeds.
type DiagramResult struct {
	Title       string
	Line        int
	Read        script.Tally
	Seed        uint64
	Seeds       int
	Stage       engine.Stage // the document's settings; real servers may lack some
	Fingerprint uint64
	Verdict     Verdict
	Arrows      []Arrow
	Branches    []Count // over all seeds, in order of the document
	Winners     []Count
	Checks      []judge.Check
	Figures     witness.Figures // over all seeds, including earlier diagrams of the same world
	Ends        bool            // no other diagram continues it
	Facts       Facts           // of the first seed
	Cut         bool            // stopped by Until, or interrupted
	Failure     error           // of the first seed that broke a check, FailureSeed
	FailureSeed uint64
}

// Arrow is an arrow or a note with its outcome: with several seeds, the worst outcome.
type Arrow struct {
	Line    int
	Column  int
	Text    string
	Kind    script.Kind
	From    string
	To      string
	Expect  diagram.Expect
	Verdict Verdict
	At      sim.Time // -1 if it never happened
	Omitted []Omitted
	Instead string
	Answer  string
	Whom    string
	Bad     bool // as drawn and allowed, but undesirable: a stale token was accepted
	// Supplied lists what the lab supplied to read or to play the line.
	Supplied []string
	Seed     uint64 // the seed with this outcome
	Counts   map[Verdict]int
	Says     string // how the line is read, or why it is unread
	Nearest  string // of an unread line: the nearest line that is understood
	Races    bool   // a write in a par block whose winner is counted, or the answer to one
}

// Surprise reports whether the verdict is [Different], [Never] or [Unread], and the author did not
// expect this.
func (a *Arrow) Surprise() bool {
	return a.Verdict.Wrong() && string(a.Expect) != string(a.Verdict)
}

// Omits reports whether the drawing does not show an event of the given kind that had to happen
// before the arrow could.
func (a *Arrow) Omits(kind OmittedKind) bool {
	return slices.ContainsFunc(a.Omitted, func(o Omitted) bool { return o.What == kind })
}
