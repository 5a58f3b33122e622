package zab_test

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// What a peer refuses in silence it counts: here the leader's, when one ack of three is not needed,
// and when followers ack UPTODATE.
func TestRefusalsAreCounted(t *testing.T) {
	w := newCluster(1, 3, 0, nil)
	w.Run(sim.Second, nil)
	w.Tell(w.Find("S3"), &word{"a"})
	w.Run(2*sim.Second, nil)
	n := peerOf(w.Find("S3")).Refusals()
	if n[zab.AckCommitted] != 1 || n[zab.AckAgain] != 2 || n[zab.AckNoVote] != 0 {
		t.Errorf("S3 refused\n%v", n)
	}
	text := "1 × " + zab.AckCommitted.String() + "\n2 × " + zab.AckAgain.String() + "\n"
	if !strings.Contains(n.String(), text) {
		t.Errorf("%q does not have %q", n, text)
	}
}
