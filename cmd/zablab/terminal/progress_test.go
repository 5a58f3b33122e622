package terminal

import (
	"strings"
	"testing"
	"time"
)

// TestProgressInAFile: a file gets a line every ten seconds, and no more.
func TestProgressInAFile(t *testing.T) {
	var out strings.Builder
	began := time.Unix(1000, 0)
	l := progressLog{out: &out, n: 500, unit: "seeds", began: began, last: began}
	for i := range 250 {
		l.at(began.Add(time.Duration(i)*100*time.Millisecond), i, "0 broken")
	}
	const want = "10s: 100 of 500 seeds, 10.0/s, 0 broken\n20s: 200 of 500 seeds, 10.0/s, 0 broken\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
