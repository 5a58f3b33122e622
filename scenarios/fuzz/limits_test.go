package fuzz

import (
	"errors"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/diagram"
)

// TestHostileSchedules: what would take hours, or all memory, is an error at its line, and is
// never played.
func TestHostileSchedules(t *testing.T) {
	const stage = "# comment\nstage seed=1 servers=3 observers=0 tick=200ms session-timeout=2s " +
		"latency=1ms..5ms fsync=1ms..2ms committed-log=500 snap-count=100 snap-chunk=4096 length=5s"
	ok := stage + "\nclient A registers\n1s crash S1\n"
	if _, err := Parse("ok", ok); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		from, to string
		line     int
	}{
		{"length=5s", "length=100000h", 2},
		{"servers=3", "servers=99999", 2},
		{"servers=3", "servers=99999999999999999999", 2},
		{"observers=0", "observers=7", 2},
		{"tick=200ms", "tick=1us", 2},
		{"tick=200ms", "tick=1h", 2},
		{"session-timeout=2s", "session-timeout=9h", 2},
		{"latency=1ms..5ms", "latency=1ms..5h", 2},
		{"fsync=1ms..2ms", "fsync=1ms..2h", 2},
		{"committed-log=500", "committed-log=99999999999", 2},
		{"A registers", "A" + strings.Repeat(" registers", 101), 3},
		{"crash S1", "crash S9", 4},
		{"crash S1", "split S1 | S2 B", 4},
		{"crash S1", "power S1\nat S7 boots crash S1", 5},
		{"1s crash S1\n", strings.Repeat("1s crash S1\n", 10_001), 10_004},
	} {
		_, err := Parse("hostile", strings.Replace(ok, c.from, c.to, 1))
		var at *diagram.Error
		if !errors.As(err, &at) || at.Line != c.line || at.File != "hostile" {
			t.Errorf("%.40s: %v, want an error in line %d", c.to, err, c.line)
		}
	}
}
