package compare

import (
	"strings"
	"testing"
)

// TestReadDrawn: which schedules and engines the flags of --fuzz select, and what is refused before
// anything is played.
func TestReadDrawn(t *testing.T) {
	read := func(args string) (drawn, *flags, error) {
		cmd := Command()
		if err := cmd.ParseFlags(strings.Fields("--fuzz " + args)); err != nil {
			t.Fatal(err)
		}
		f := &flags{engine: cmd.Flag("engine").Value.String(), seeds: cmd.Flag("seeds").Value.String(),
			seed: cmd.Flag("seed").Value.String(), out: cmd.Flag("out").Value.String(), guest: cmd.Flag("guest").Value.String()}
		d, err := f.readDrawn(cmd)
		return d, f, err
	}
	for args, want := range map[string]struct { // order: they are independent
		first   uint64
		n       int
		engines string
		again   string
	}{
		"":               {1, 100, "raft", "zablab compare --fuzz --seed 0x2a"},
		"--seeds 1000":   {1, 1000, "raft", "zablab compare --fuzz --seed 0x2a"},
		"--seeds 500-99": {},
		"--seeds 5-9":    {5, 5, "raft", "zablab compare --fuzz --seed 0x2a"},
		"--seed 0x2a --engine raft,raft+naps --out x": {42, 1, "raft raft+naps",
			"zablab compare --fuzz --engine raft,raft+naps --seed 0x2a"},
		"--seeds 0": {}, "--seeds x": {}, "--seed x": {}, "--seeds 3 --seed 1": {},
		"--out x": {}, "--engine zookeeper": {}, "--engine raft,raft": {}, "--engine raft+nap": {},
		"--guest x": {1, 100, "raft", "zablab compare --fuzz --seed 0x2a"},
		"--guest x --engine raft,raft+naps": {1, 100, "raft raft+naps",
			"zablab compare --fuzz --engine raft,raft+naps --seed 0x2a"},
		"--guest x --engine raft,etcd-raft": {},
		"--only writes":                     {}, "--servers 3": {}, "--batch 8": {},
	} {
		d, f, err := read(args)
		if (err != nil) != (want.n == 0) {
			t.Errorf("%s: %v", args, err)
			continue
		}
		if err != nil {
			if strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), ": ") {
				t.Errorf("%s: %v", args, err)
			}
			continue
		}
		if d.first != want.first || d.n != want.n || strings.Join(d.engines, " ") != want.engines ||
			f.again(42) != want.again {
			t.Errorf("%s: %+v, %s", args, d, f.again(42))
		}
	}
}

// TestWithin: a figure has the digits that its interval allows, and no interval that says the same.
func TestWithin(t *testing.T) {
	for _, c := range []struct {
		median, low, high int64
		want              string
	}{
		{1_434_000, 1_323_000, 1_489_000, "1.43s (1.32–1.49)"},
		{1_434_000, 1_200_000, 1_700_000, "1.4s (1.2–1.7)"},
		{1_434_000, 1_434_000, 1_434_000, "1.43s"}, {1_234_000, 1_233_000, 1_234_000, "1.23s"},
		{7_900_000, 3_000_000, 9_000_000, "8s (3–9)"},
	} {
		if got := within(c.median, c.low, c.high, 1e6, 2, "s"); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	if got := rate(3134, 3050, 3150); got != "3130 (3050–3150)" {
		t.Error(got)
	}
	if got := rate(65.5, 64.5, 66.5); got != "66 (65–67)" {
		t.Error(got)
	}
	if got := rate(3134, 3000, 3300); got != "3100 (3000–3300)" {
		t.Error(got)
	}
}
