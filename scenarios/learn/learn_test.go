package learn

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/fuzz"
)

// ours is the lab of these tests: the clone that they stand in.
var ours = &Lab{Clone: "../.."}

// mostShown is how many faults the schedule of a wrong program may have, when it is shrunk.
const mostShown = 12

// TestExercises: the solution of each exercise passes, the file that a learner starts from does not,
// and at least four wrong answers fail, each for its reason. A wrong program that runs is answered
// with a drawing, and with the few faults that matter.
func TestExercises(t *testing.T) {
	for _, x := range All() {
		t.Run(x.ID(), func(t *testing.T) {
			start, err := x.Contents()
			if err != nil {
				t.Fatal(err)
			}
			verdicts, err := x.verdicts(t.Context(), start, ours)
			if err != nil {
				t.Fatal(err)
			}
			if err := x.judged(verdicts); err != nil {
				t.Error(err)
			}
			for i, v := range verdicts {
				if x.Kind != Repair || v.Status != Failed || v.Schedule == "" {
					continue
				}
				s, err := fuzz.Parse("schedule", v.Schedule)
				if err != nil || len(s.Plan) > mostShown {
					t.Errorf("answer %d, %s: %d faults, %v", i, v.Why, len(s.Plan), err)
				}
				if drawn := v.Drawing != ""; drawn == (panics(&v) || idle(&v)) {
					t.Errorf("answer %d, %s: drawn: %t", i, v.Why, drawn)
				}
			}
		})
	}
}

// idle reports whether the verdict says that the program made no call: then the run would be empty.
func idle(v *Verdict) bool {
	return strings.Contains(v.Why, "no client made a call") && len(v.Details) == 0
}

// panics reports whether a program panicked: then there is no run to draw.
func panics(v *Verdict) bool { return strings.HasPrefix(v.Why, "the program panics") }
