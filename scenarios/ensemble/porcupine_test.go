package ensemble_test

import (
	"testing"
	"time"

	lin "github.com/zablab/zablab/linearizability"
)

// Porcupine's model accepts what happens in storms, in which a third of the writes may be without
// an answer: it finds an order, or, where that would take minutes, the order of the zxids is one.
func TestPorcupineAcceptsStorms(t *testing.T) {
	n := uint64(40)
	if testing.Short() {
		n = 5
	}
	certified := 0
	for seed := uint64(1); seed <= n; seed++ {
		e := stormy(t, seed, false)
		v, err := lin.Check(e.History(), lin.Options{Timeout: time.Minute})
		if err != nil || v.Result != lin.Linearizable {
			t.Errorf("seed %d: %s, %v: blames %v of %d",
				seed, v.Result, err, v.Blame, len(e.History()))
		}
		if v.Certified {
			certified++
		}
	}
	t.Logf("%d of %d by the zxids", certified, n)
}
