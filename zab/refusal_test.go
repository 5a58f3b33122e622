package zab_test

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// A peer counts what it refuses. Here the leader refuses one of three ACKs, which is not needed,
// and the followers' ACKs of UPTODATE.
func TestRefusalsAreCounted(t *testing.T) {
	w := newCluster(1, 3, 0, nil)
	w.Run(sim.Second, nil)
	w.Tell(w.Find("S3"), &word{"a"})
	w.Run(2*sim.Second, nil)
	n := peerOf(w.Find("S3")).Refusals()
	if n[zab.AckCommitted].Count != 1 || n[zab.AckAgain].Count != 2 ||
		n[zab.AckNoVote].Count != 0 {
		t.Errorf("S3 refused\n%v", n)
	}
	for _, line := range []string{
		zab.AckCommitted.String() + ": refused once, from S1 with zxid 1/1\n",
		zab.AckAgain.String() + ": refused 2 times, the last time from S1 with zxid 1/0\n",
	} {
		if !strings.Contains(n.String(), line) {
			t.Errorf("%q does not have %q", n, line)
		}
	}
}
