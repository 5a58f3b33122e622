package sim

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTimesPrint(t *testing.T) {
	for _, c := range []struct {
		at            Time
		span, seconds string
	}{
		{0, "0s", "0.000s"},
		{1, "1us", "0.000001s"},
		{1500, "1500us", "0.001500s"},
		{40 * Millisecond, "40ms", "0.040s"},
		{900 * Millisecond, "900ms", "0.900s"},
		{1500 * Millisecond, "1.5s", "1.500s"},
		{Second, "1s", "1.000s"},
		{1_283_012, "1283012us", "1.283012s"},
		{90 * Second, "90s", "90.000s"},
		{2 * Minute, "2m", "120.000s"},
		{Hour, "1h", "3600.000s"},
		{-30 * Second, "-30s", "-30.000s"},
		{Never, "never", "never"},
	} {
		if c.at.String() != c.span || c.at.Seconds() != c.seconds {
			t.Errorf("%d prints as %s and %s, want %s and %s",
				int64(c.at), c.at, c.at.Seconds(), c.span, c.seconds)
		}
	}
}

func TestTimesParse(t *testing.T) {
	for s, want := range map[string]Time{
		"0s": 0, "1.5s": 1500 * Millisecond, "40ms": 40 * Millisecond, "250us": 250, "250µs": 250,
		"2m": 2 * Minute, "2min": 2 * Minute, "1h": Hour, ".5s": 500 * Millisecond, "1.s": Second,
		"1.000001s": 1_000_001, "1.500000000s": 1500 * Millisecond, "0.25h": 15 * Minute,
		"0.001ms": 1, "1000000h": 1_000_000 * Hour, "3600000000s": 1_000_000 * Hour,
	} {
		if got, err := ParseTime(s); err != nil || got != want {
			t.Errorf("%s is %d, %v: want %d", s, int64(got), err, int64(want))
		}
	}
	for s, want := range map[string]string{
		"": "unknown unit", "5": "unknown unit", "5d": "unknown unit", "s": "not a valid number",
		".s": "not a valid number", "1.2.3s": "not a valid number", "-1s": "unknown unit",
		"0.0000001s": "finer than a microsecond", "0.5us": "finer than a microsecond",
		"1000001h": "too long", "9999999999999h": "too long", "3600000001s": "too long",
		"1000000.5h": "too long", "1.0000000000s": "not a valid number",
	} {
		got, err := ParseTime(s)
		if err == nil || !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), `time "`+s+`"`) {
			t.Errorf("%q is %d, %v: want an error that says %s", s, int64(got), err, want)
		}
	}
}

func TestTimesSurvivePrintAndParse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := Time(rapid.Int64Range(0, int64(1_000_000*Hour)).Draw(t, "time"))
		for _, s := range []string{at.String(), at.Seconds()} {
			if got, err := ParseTime(s); err != nil || got != at {
				t.Fatalf("%d prints as %s, which is %d, %v", int64(at), s, int64(got), err)
			}
		}
	})
}

func TestBrief(t *testing.T) {
	for _, c := range []struct {
		t    Time
		want string
	}{
		{0, "0us"}, {850, "850us"}, {999, "999us"}, {Millisecond, "1ms"}, {237999, "237ms"},
		{Second, "1.00s"}, {4*Second + 619*Millisecond, "4.61s"},
		{9*Second + 50*Millisecond, "9.05s"}, {10 * Second, "10.0s"},
		{12*Second + 390*Millisecond, "12.3s"}, {Never, "never"},
	} {
		if got := c.t.Brief(); got != c.want {
			t.Errorf("%d µs: %s, want %s", int64(c.t), got, c.want)
		}
	}
}
