package compare

import (
	"slices"
	"testing"

	"github.com/zablab/zablab/sim"
)

// TestInterval: the interval of a median contains the median of the source in about 95 of 100 samples,
// on a source with a long tail too, and is the same each time.
func TestInterval(t *testing.T) {
	chance := sim.NewRand(1).Fork("samples")
	for _, n := range []int{20, 60} {
		for name, draw := range map[string]struct { // order: they are independent
			next   func() int64
			median int64
		}{
			"even": {func() int64 { return int64(chance.Intn(1_000_001)) }, 500_000},
			"tail": {func() int64 { x := int64(chance.Intn(1001)); return x * x * x }, 500 * 500 * 500},
		} {
			const samples = 200
			inside := 0
			for range samples {
				var values []int64
				for range n {
					values = append(values, draw.next())
				}
				slices.Sort(values)
				low, high := Interval(values)
				if l, h := Interval(values); l != low || h != high {
					t.Fatalf("%s: %d to %d, then %d to %d", name, low, high, l, h)
				}
				if m := Middle(values); m < low || m > high {
					t.Fatalf("%s: the median %d is not in %d to %d", name, m, low, high)
				}
				if low <= draw.median && draw.median <= high {
					inside++
				}
			}
			if inside < samples*90/100 || inside == samples {
				t.Errorf("%s, n=%d: in %d of %d samples", name, n, inside, samples)
			}
		}
	}
}

// TestFewValues: a few values have no interval, but a range.
func TestFewValues(t *testing.T) {
	few := []int64{3, 5, 900}
	if low, high := Interval(few); low != 3 || high != 900 || Middle(few) != 5 {
		t.Error(low, high)
	}
	if low, high := Interval(nil); low != 0 || high != 0 || Middle(nil) != 0 {
		t.Error(low, high)
	}
	same := slices.Repeat([]int64{7}, 50)
	if low, high := Interval(same); low != 7 || high != 7 {
		t.Error(low, high)
	}
}

func TestPercentile(t *testing.T) {
	var values []int64
	for i := range 100 {
		values = append(values, int64(i+1))
	}
	for _, c := range []struct {
		n, percent int
		want       int64
		ok         bool
	}{
		{100, 95, 95, true}, {100, 99, 99, true}, {99, 99, 0, false}, {20, 95, 19, true},
		{19, 95, 0, false}, {0, 50, 0, false}, {10, 50, 5, true},
	} {
		if got, ok := Percentile(values[:c.n], c.percent); got != c.want || ok != c.ok {
			t.Errorf("%d%% of %d: %d %v", c.percent, c.n, got, ok)
		}
	}
}

// TestUnit: a figure has no digit of which its interval has fewer than two.
func TestUnit(t *testing.T) {
	for _, c := range []struct{ low, high, unit int64 }{
		{5, 5, 1}, {0, 19, 1}, {0, 20, 10}, {1_430_000, 1_580_000, 10_000},
		{1_400_000, 1_650_000, 100_000}, {0, 1_000_000, 100_000},
	} {
		if got := Unit(c.low, c.high); got != c.unit {
			t.Errorf("%d to %d: %d, want %d", c.low, c.high, got, c.unit)
		}
	}
	for _, c := range []struct {
		low, high, one int64
		most, want     int
	}{
		{1_430_000, 1_580_000, 1e6, 2, 2}, {1_400_000, 1_650_000, 1e6, 2, 1},
		{1_000_000, 4_000_000, 1e6, 2, 0}, {5, 5, 1e6, 2, 2}, {13_400, 13_650, 1e3, 1, 1},
		{13_400, 15_700, 1e3, 1, 0},
	} {
		if got := Decimals(c.low, c.high, c.one, c.most); got != c.want {
			t.Errorf("%d to %d, in %d: %d, want %d", c.low, c.high, c.one, got, c.want)
		}
	}
}

// TestPooled: seeds that differ give a wider interval than the same values in equal seeds.
func TestPooled(t *testing.T) {
	differ, equal := make([][]int64, 30), make([][]int64, 30)
	for i := range 30 {
		for j := range 30 {
			differ[i] = append(differ[i], int64(1000*i+j))
			equal[i] = append(equal[i], int64(1000*j+i))
		}
	}
	m1, low1, high1 := Pooled(differ)
	m2, low2, high2 := Pooled(equal)
	if m1 != 15_000 || m2 != 15_000 || low1 > 13_000 || high1 < 17_000 || high2-low2 > 1_100 ||
		low2 > m2 || high2 < m2 {
		t.Errorf("%d %d %d, %d %d %d", m1, low1, high1, m2, low2, high2)
	}
	if m, low, high := Pooled([][]int64{{1, 2, 9}, nil, {5, 6, 7}}); m != 6 || low != 2 || high != 6 {
		t.Error(m, low, high)
	}
	if m, low, high := Pooled(nil); m != 0 || low != 0 || high != 0 {
		t.Error(m, low, high)
	}
}

// TestRateInterval: an even rate has a narrow interval, bursts have a wide one.
func TestRateInterval(t *testing.T) {
	var even, bursts []sim.Time
	for i := range sim.Time(400) {
		even = append(even, 50+i*5)
		bursts = append(bursts, 50+i/100*500)
	}
	low, high := rateInterval(even, 50, 2000)
	if low != 400 || high != 400 {
		t.Error(low, high)
	}
	if low, high := rateInterval(bursts, 50, 2000); low > 150 || high < 650 {
		t.Error(low, high)
	}
}

// TestAccount: a lost, a doubled and a stale operation are counted once each, and a run without them
// has none.
func TestAccount(t *testing.T) {
	write := func(at sim.Time, version uint64, o Outcome) Op {
		return Op{Key: "r0", Call: at, Return: at + 5, Version: version, Outcome: o}
	}
	read := func(at sim.Time, version uint64) Op {
		return Op{Key: "r0", Read: true, Call: at, Return: at + 5, Version: version, Outcome: OK}
	}
	fine := []Op{write(0, 1, OK), read(10, 1), write(20, 2, OK), write(30, 0, Unknown), read(40, 3)}
	for _, c := range []struct {
		name  string
		ops   []Op
		final map[string]uint64
		want  Account
	}{
		{"fine", fine, map[string]uint64{"r0": 3}, Account{}},
		{"the final state is not known", fine, nil, Account{}},
		{"the last write is gone", fine, map[string]uint64{"r0": 1}, Account{Lost: 1}},
		{"a later write has the same place", append(slices.Clone(fine[:3]), write(30, 2, OK)), nil,
			Account{Lost: 1}},
		{"a write twice", append(slices.Clone(fine[:3]), read(30, 3)), nil, Account{Doubled: 1}},
		{"an old answer", append(slices.Clone(fine), read(50, 1)), nil, Account{Stale: 1}},
	} {
		if got := AccountFor(c.ops, c.final); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}
