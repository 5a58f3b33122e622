package suspects

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/guest"
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
	for number, tries := range map[int]int{205: 1, 612: 10, 666: 1, 697: 4} { // order: they are independent
		k := issue(t, number)
		h, err := e.Hunt(context.Background(), &k, tries, false, nil)
		if err != nil || h.Shown == 0 {
			t.Errorf("#%d: %d tries, %v", number, h.Tries, err)
		}
		t.Logf("#%d, %s: %s", number, h.How, h.Text)
	}
}

// TestLostEntries shows etcd-io/raft#197, for which the server needs a bug.
func TestLostEntries(t *testing.T) {
	r, err := openSuspect(t, "etcd-raft").lostEntries(1)
	if err != nil || r.Property != "ServerPanic" || !strings.Contains(r.Text, "tocommit") {
		t.Errorf("%s: %s, %v", r.Property, r.Text, err)
	}
}

// TestStaleRead shows the stale reads that etcd-io/raft#397 has fixed: version 3.6.0 has them, and
// the version in go.mod has none in the same tries.
func TestStaleRead(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another version of the library")
	}
	kind := Find("etcd-raft")
	i := slices.IndexFunc(kind.Known, func(k Known) bool { return k.Number == 397 })
	k := kind.Known[i]
	old, err := kind.Open(context.Background(), "", guest.Source{Version: k.In}, nil)
	if err != nil {
		t.Skipf("version %s cannot be built here: %v", k.In, err)
	}
	defer old.Close(context.Background())
	h, err := old.Hunt(context.Background(), &k, 20, false, nil)
	if err != nil || h.Shown == 0 {
		t.Errorf("%s: not shown in %d tries: %v", k.In, h.Tries, err)
	}
	t.Logf("%s: %s", h.How, h.Text)
	h, err = openSuspect(t, "etcd-raft").Hunt(context.Background(), &k, 10, true, nil)
	if err != nil || h.Shown > 0 || h.Tries != 10 {
		t.Errorf("%s: shown in %d of %d tries: %s: %s, %v", kind.Version, h.Shown, h.Tries, h.How, h.Text,
			err)
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
