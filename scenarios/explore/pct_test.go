package explore

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
)

// pct plays runs.
func pct(t *testing.T, p PCT) *PCTResult {
	t.Helper()
	r, err := p.Run()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestPCT: random runs with priorities find flaws of servers, the story of a violation plays again
// by its seed, and the sound engine breaks nothing.
func TestPCT(t *testing.T) {
	found := 0
	for _, h := range Hunts() {
		if h.Setup == "" {
			continue
		}
		s := setup(t, h.Setup)
		s.Flaw = h.Flaw.Flaw
		r := pct(t, PCT{Setup: s, Depth: 3, Runs: 25, Seed: 1})
		if r.Broken == nil {
			continue
		}
		found++
		again := pct(t, PCT{Setup: s, Depth: r.Depth, Runs: 1, Seed: r.Seed})
		if again.Broken == nil || again.Broken.Name != r.Broken.Name ||
			fmt.Sprint(again.Story) != fmt.Sprint(r.Story) || len(r.Shown) == 0 {
			t.Errorf("%s: seed %#x plays another run: %v, not %v", h.Flaw.Name, r.Seed, again.Broken,
				r.Broken)
		}
	}
	t.Logf("%d flaws found", found)
	if found < 15 {
		t.Errorf("25 runs find only %d flaws", found)
	}
	for _, name := range []string{"write", "write-crash", "election-write", "figure-8"} {
		r := pct(t, PCT{Setup: setup(t, name), Depth: 3, Runs: 50, Seed: 7})
		if r.Broken != nil || r.Runs != 50 || r.Stopped || r.Sources < 5 || r.Steps < 20 {
			t.Errorf("%s: %s %v", name, r.Sentence(), r.Broken)
		}
		if same := pct(t, PCT{Setup: setup(t, name), Depth: 3, Runs: 50, Seed: 7}); same.Sentence() !=
			r.Sentence() {
			t.Errorf("%s: the same seed gives %s and %s", name, r.Sentence(), same.Sentence())
		}
	}
}

// TestPCTGuarantee: the guarantee is that of the paper, and does not overflow.
func TestPCTGuarantee(t *testing.T) {
	for _, c := range []struct {
		depth, sources, steps int
		want                  uint64
	}{
		{1, 7, 100, 7}, {2, 7, 100, 700}, {3, 7, 100, 70_000}, {1, 0, 0, 1}, {20, 7, 1 << 20, 0},
	} {
		r := &PCTResult{Setup: setup(t, "write"), Depth: c.depth, Sources: c.sources, Steps: c.steps}
		if got, ok := r.OneIn(); got != c.want || ok != (c.want > 0) {
			t.Errorf("%+v: 1 in %d", c, got)
		}
		if strings.Contains(r.Sentence(), "at least 1 in ") != (c.want > 0) {
			t.Error(r.Sentence())
		}
	}
	stop := PCT{Setup: setup(t, "write"), Depth: 1, Runs: 10, Played: func(n int) bool { return n < 3 }}
	if r := pct(t, stop); !r.Stopped || r.Runs != 3 {
		t.Errorf("stopped after %d runs", r.Runs)
	}
	for _, p := range []PCT{{Setup: setup(t, "write"), Runs: 1}, {Setup: setup(t, "write"), Depth: 1},
		{Setup: setup(t, "write"), Depth: 21, Runs: 1}, {}} {
		if _, err := p.Run(); err == nil {
			t.Errorf("%+v: no error", p)
		}
	}
}

// TestPCTOrders: with sources that each take a few steps, every order of depth d comes at least as
// often as the guarantee says. Two of the orders need a source that is delayed within the delay of
// another one.
func TestPCTOrders(t *testing.T) {
	for _, c := range []struct {
		order string
		depth int
		runs  int
	}{
		{"a1 b1 c1", 2, 4_000}, {"b1 a1 b2", 2, 4_000}, {"a1 b1 a2 b2", 3, 40_000},
		{"a1 b1 a2 b2 a3 c1", 5, 400_000},
	} {
		want, found := strings.Fields(c.order), 0
		program := map[byte]int{} // by source: how many steps
		for _, w := range want {
			program[w[0]]++
		}
		for seed := range c.runs {
			x := &pctRun{chance: sim.NewRand(uint64(seed)), priority: map[action]uint64{}}
			for range c.depth - 1 {
				x.changes = append(x.changes, 1+x.chance.Intn(len(want)))
			}
			next := map[byte]int{}
			for step, w := range want {
				var list []action
				for source := byte('a'); source <= 'c'; source++ {
					if next[source] < program[source] {
						list = append(list, action{kind: doFsync, a: source})
					}
				}
				a := x.next(list, step+1).a
				if next[a]++; w != fmt.Sprintf("%c%d", a, next[a]) {
					break
				}
				if step == len(want)-1 {
					found++
				}
			}
		}
		r := &PCTResult{Depth: c.depth, Sources: len(program), Steps: len(want)}
		if n, _ := r.OneIn(); found < c.runs/int(n)*9/10 || found == 0 {
			t.Errorf("%s: %d of %d runs, at least 1 in %d is promised", c.order, found, c.runs, n)
		}
	}
}
