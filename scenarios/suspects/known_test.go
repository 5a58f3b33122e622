package suspects

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/fuzz"
)

// TestDivergence shows hashicorp/raft#695: a heartbeat raises the leader's term on the goroutine of
// its connection, while the main goroutine has taken a write and not stamped it yet. The entry gets
// a term that this server does not lead. The place depends on the Go version that has built the
// server, so the test tries a few.
func TestDivergence(t *testing.T) {
	e, k := newSuspect(t), issue(t, 695)
	first, err := e.Hunt(context.Background(), &k, 60, false, nil)
	if err != nil || first.Shown == 0 {
		t.Fatalf("%d tries, %v", first.Tries, err)
	}
	t.Logf("%s: %s", first.How, first.Text)
	again, err := k.play(e, first.Tries-1)
	if err != nil || again.Text != first.Text {
		t.Errorf("played again: %s, %v", again.Text, err)
	}
}

// issue returns a known issue.
func issue(t *testing.T, number int) Known {
	t.Helper()
	for _, k := range knownIssues {
		if k.Number == number {
			return k
		}
	}
	t.Fatalf("no issue %d", number)
	return Known{}
}

// TestKnown plays the other issues until one try shows it.
func TestKnown(t *testing.T) {
	e := newSuspect(t)
	for number, tries := range map[int]int{612: 10, 666: 1, 697: 4} { // order: they are independent
		k := issue(t, number)
		h, err := e.Hunt(context.Background(), &k, tries, false, nil)
		if err != nil || h.Shown == 0 {
			t.Errorf("#%d: %d tries, %v", number, h.Tries, err)
		}
		t.Logf("#%d, %s: %s", number, h.How, h.Text)
	}
}

// TestTransferStuck shows hashicorp/raft#696 with the seed that showed it first, or with another: a
// run depends on the version of Go too.
func TestTransferStuck(t *testing.T) {
	e, k := newSuspect(t), issue(t, 696)
	p, err := k.play(e, 12)
	if err == nil && p.Property == "" {
		var h Hunt
		h, err = e.Hunt(context.Background(), &k, 40, false, nil)
		p.how, p.Property, p.Text = h.How, h.Property, h.Text
	}
	if err != nil || p.Property != "LiveAfterHealing" ||
		!strings.Contains(p.Text, "leadership transfer in progress") {
		t.Errorf("%s: %s, %v", p.Property, p.Text, err)
	}
	t.Logf("%s: %s", p.how, p.Text)
}

// TestTermBackwards plays a schedule in which hashicorp/raft stores a term after a higher one.
func TestTermBackwards(t *testing.T) {
	const name = "testdata/term-backwards"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fuzz.Parse(name, string(text))
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.Play(fuzz.Playing{Engine: newSuspect(t)})
	if err != nil || r.Property != "TermMonotonic" {
		t.Errorf("%s: %s, %v: want TermMonotonic", r.Property, r.Text, err)
	}
	t.Log(r.Text)
}
