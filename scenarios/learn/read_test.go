package learn

import "testing"

// The leader learns that a quorum has a transaction when an ACK reaches it, and commits at that
// moment: both steps are right, their neighbours are not.
func TestStepOfAMoment(t *testing.T) {
	x := Find(All(), "8")
	for answer, want := range map[string]Status{"237": Failed, "238": Passed, "239": Passed, "240": Failed} {
		v, err := x.Check(t.Context(), x.Answered([]byte(answer)), nil)
		if err != nil || v.Status != want {
			t.Errorf("step %s is %s, not %s: %s %v", answer, v.Status, want, v.Why, err)
		}
	}
}
