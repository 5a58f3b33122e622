package sim

import (
	"testing"

	"pgregory.net/rapid"
)

func TestLocalClocksRunAtTheirRate(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.plan("1s clock S1 x1.2\n2s clock S1 x0.5\n3s clock S1 x1")
	for _, at := range []string{"1s", "2s", "3s", "4s"} {
		l.doAt(at, "S1", "look")
		l.doAt(at, "S2", "look")
	}
	l.run(4 * Second)
	l.expect("S1", "1.000s local 1.000s wall 1.000s", "2.000s local 2.200s wall 2.200s",
		"3.000s local 2.700s wall 2.700s", "4.000s local 3.700s wall 3.700s")
	l.expect("S2", "1.000s local 1.000s wall 1.000s", "2.000s local 2.000s wall 2.000s",
		"3.000s local 3.000s wall 3.000s", "4.000s local 4.000s wall 4.000s")
}

func TestWallClockJumpsAndNothingElseDoes(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.do("S1", "wake 2s")
	l.plan("1s wall S1 +1h\n3s wall S1 -90s")
	l.doAt("1s", "S1", "look")
	l.doAt("3s", "S1", "look")
	l.run(4 * Second)
	l.expect("S1", "1.000s local 1.000s wall 3601.000s", "2.000s wake 2.000s",
		"3.000s local 3.000s wall 3513.000s")
}

func TestDeadlinesRoundUp(t *testing.T) {
	for _, c := range []struct{ rate, wake, want string }{
		{"x1", "1s", "1.000s wake 1.000s"},
		{"x1.2", "1s", "0.833334s wake 1.000s"}, // 833333.3µs would be too early
		{"x0.5", "1s", "2.000s wake 1.000s"},
		{"x3", "1us", "0.000001s wake 0.000003s"},
		{"x0.7", "1us", "0.000002s wake 0.000001s"},
		{"x0.1", "3s", "30.000s wake 3.000s"},
		{"x10", "3s", "0.300s wake 3.000s"},
	} {
		l := newLab(t, Config{}, "S1")
		l.must("clock S1 " + c.rate)
		l.do("S1", "wake "+c.wake)
		l.run(40 * Second)
		l.expect("S1", c.want)
	}
}

func TestADeadlineFollowsTheClock(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.do("S1", "wake 4s")
	l.plan("1s clock S1 x2\n2s clock S1 x0.5")
	l.run(5 * Second)
	l.expect("S1", "4.000s wake 4.000s") // 1s, then 1s twice as fast, then 2s half as fast
}

func TestADeadlineMayMove(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.do("S1", "wake 1s")
	l.doAt("500ms", "S1", "wake 2s")    // later: the wake at 1s finds nothing to do
	l.doAt("1500ms", "S1", "wake 10ms") // sooner
	l.doAt("3s", "S1", "wake 1s")
	l.doAt("3500ms", "S1", "wake 500ms") // the same
	l.run(9 * Second)
	l.expect("S1", "1.510s wake 1.510s", "4.000s wake 4.000s")
	if !l.Idle() {
		t.Error("a wake is left")
	}
}

func TestADeadlineDiesWithItsProcess(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.do("S1", "wake 2s")
	l.plan("1s crash S1\n1.5s restart S1")
	l.run(4 * Second)
	l.expect("S1", "1.500s boot")
}

// world is the first moment at which local shows the deadline: no earlier one does.
func TestClockWorldIsTheFirstMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := clock{
			base:      Time(rapid.Int64Range(0, int64(1000*Hour)).Draw(t, "base")),
			baseWorld: Time(rapid.Int64Range(0, int64(1000*Hour)).Draw(t, "baseWorld")),
			num: rapid.OneOf(rapid.Just(int64(1000)),
				rapid.Int64Range(100, 10_000)).Draw(t, "num"),
		}
		deadline := c.base + Time(rapid.Int64Range(1, int64(1000*Hour)).Draw(t, "in"))
		at := c.world(deadline)
		if c.local(at) < deadline {
			t.Fatalf("at %d the clock shows %d, before %d", at, c.local(at), deadline)
		}
		if c.local(at-1) >= deadline {
			t.Fatalf("%d is not the first moment for %d", at, deadline)
		}
	})
	if c := (clock{num: 300}); c.world(Never) != Never {
		t.Error("never comes")
	}
}

func TestScaleIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Int64Range(0, 1<<50).Draw(t, "t")
		num := rapid.Int64Range(1, 8000).Draw(t, "num")
		den := rapid.Int64Range(1, 8000).Draw(t, "den")
		if got, want := scale(Time(at), num, den), Time(at*num/den); got != want {
			t.Fatalf("%d*%d/%d is %d, not %d", at, num, den, want, got)
		}
	})
}
