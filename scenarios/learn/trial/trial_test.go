package trial

import (
	"testing"

	"github.com/zablab/zablab/scenarios/fuzz"
)

// TestPanicIsThePrograms: a panic of a learner's program is not told as one of the lab.
func TestPanicIsThePrograms(t *testing.T) {
	property, text := named(&fuzz.Result{Property: fuzz.HarnessCrash,
		Text: fuzz.CrashText + "no turn left, in tree/client.(*Proc).run line 7"})
	if property != Panics || text != "no turn left" {
		t.Errorf("%s: %q", property, text)
	}
}
