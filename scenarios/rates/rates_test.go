package rates

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestChance: known values of Fisher's exact test, and the two rates of a planted bug.
func TestChance(t *testing.T) {
	for _, c := range []struct {
		k, n, bigK, bigN int
		want             float64
	}{
		{3, 4, 1, 4, 2 * 17.0 / 70}, // Fisher's lady tasting tea: 17/70 in the upper tail
		{5, 10, 50, 100, 1},
		{0, 10, 0, 100, 1},
		{10, 10, 0, 10, 2.0 / 184756},
	} {
		if got := chance(c.k, c.n, c.bigK, c.bigN); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("chance(%d of %d, %d of %d) = %v, want %v", c.k, c.n, c.bigK, c.bigN, got,
				c.want)
		}
	}
	if got := chance(768, 3613, 18, 538); got > 1e-20 {
		t.Errorf("768 in 3613 against 18 in 538: %v", got)
	}
}

// batch is a batch of runs whose quantity happens with a probability, up to five times.
func batch(r *rand.Rand, runs int, p float64) (b Rates) {
	for range runs {
		n := int64(0)
		for range 5 {
			if r.Float64() < p {
				n++
			}
		}
		b.Add([]Quantity{{"x", n}, {"y", 1}})
	}
	return b
}

// TestCompare: equal rates deviate about as rarely as promised, different ones nearly always.
func TestCompare(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	alarms, found := 0, 0
	const tries = 400
	for range tries {
		base, same, more := batch(r, 2000, 0.05), batch(r, 500, 0.05), batch(r, 500, 0.10)
		if len(Compare(&base, &same, 0.05)) > 0 {
			alarms++
		}
		if len(Compare(&base, &more, 1e-4)) > 0 {
			found++
		}
	}
	if alarms > tries*8/100 {
		t.Errorf("%d false alarms in %d batches, at 5 %%", alarms, tries)
	}
	if found < tries*95/100 {
		t.Errorf("twice the rate is found in %d of %d batches", found, tries)
	}
}

// TestMergeAndSub: batches add up, and a part can be taken away again.
func TestMergeAndSub(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	a, b := batch(r, 100, 0.1), batch(r, 50, 0.5)
	both := a.Clone()
	both.Merge(&b)
	back := both.Sub(&a)
	if both.Runs != 150 || len(Compare(&back, &b, 1)) > 0 || back.Runs != 50 {
		t.Errorf("%+v and %+v are %+v, and without the first %+v", a, b, both, back)
	}
}
