package scenarios

import (
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// Result is the outcome of a document.
type Result struct {
	Name     string
	Title    string
	Notices  []string
	Diagrams []DiagramResult
	Worlds   []World // of the first seed; kept if Options.Keep asks for it
	Done     int     // seeds played
	Read     script.Tally
}

// DiagramResult is the outcome of one diagram.
type DiagramResult struct {
	Title       string
	Line        int
	Read        script.Tally
	Seed        uint64
	Seeds       int
	Fingerprint uint64
	Verdict     Verdict
	Arrows      []Arrow
	Branches    []Count // over all seeds, in order of the document
	Winners     []Count
	Checks      []judge.Check
	Figures     witness.Figures // of all seeds, with the diagrams before it in the same world
	Ends        bool            // no other diagram continues it
	Facts       Facts           // of the first seed
	Cut         bool            // stopped by Until, or interrupted
	Failure     error           // of the first seed that broke a check, FailureSeed
	FailureSeed uint64
}

// Arrow is one arrow or note and its outcome: with several seeds, the worst.
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
	// Supplied is what the lab supplied to read or to play it.
	Supplied []string
	Seed     uint64 // whose outcome this is
	Counts   map[Verdict]int
	Says     string // how the line is read, or why it is unread
	Nearest  string // of an unread line: the nearest line that is understood
}

// Surprise reports whether the run differs from the drawing and the author did not expect this.
func (a *Arrow) Surprise() bool {
	return a.Verdict.Wrong() && string(a.Expect) != string(a.Verdict)
}
