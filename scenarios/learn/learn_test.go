package learn

import "testing"

// ours is the lab of these tests: the clone that they stand in.
var ours = &Lab{Clone: "../.."}

// TestExercises: the solution of each exercise passes, the file that a learner starts from does not,
// and at least four wrong answers fail, each for its reason.
func TestExercises(t *testing.T) {
	for _, x := range All() {
		t.Run(x.ID(), func(t *testing.T) {
			if err := x.Verify(t.Context(), ours); err != nil {
				t.Error(err)
			}
		})
	}
}
