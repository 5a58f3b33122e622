package sim

import (
	"strings"
	"testing"
)

func TestBandwidthText(t *testing.T) {
	for text, want := range map[string]Bandwidth{
		"1kbit": Kbit, "1500kbit": 1500 * Kbit, "100Mbit": 100 * Mbit, "1000Gbit": 1000 * Gbit,
		"unlimited": 0,
	} {
		if b, err := ParseBandwidth(text); b != want || err != nil || b.String() != text {
			t.Errorf("%s is %d, %v, and prints as %s", text, b, err, b)
		}
	}
	for text, want := range map[string]string{
		"":                       "unknown unit",
		"100":                    "unknown unit",
		"1.5Gbit":                "must be a whole number",
		"-1Mbit":                 "must be from",
		"Mbit":                   "must be a whole number",
		"0Mbit":                  "must be from 1kbit to 1000Gbit",
		"1001Gbit":               "must be from 1kbit to 1000Gbit",
		"99999999999999999Gbit":  "must be a whole number",
		"2147483647Gbit":         "must be from 1kbit to 1000Gbit",
		"100 Mbit":               "unknown unit",
		"100mbit":                "unknown unit",
		strings.Repeat("9", 1e5): "unknown unit",
	} {
		if b, err := ParseBandwidth(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q is %s, %v: want %s", text, b, err, want)
		}
	}
}

func TestALinkCarriesOneByteAfterAnother(t *testing.T) {
	b := dialled(t)
	b.limit(1, 2, 8*Kbit) // a byte each millisecond
	b.say(1, "AAAA", "B")
	b.say(2, "C") // the other direction is free
	b.run(20 * Millisecond)
	b.expect(t, "7ms 1 C", "10ms 2 AAAA", "11ms 2 B")

	b.limit(2, 1, Gbit) // what a byte takes is less than a microsecond, and adds up
	for range 1000 {
		b.say(1, "D")
	}
	if got := b.backlog(1, 2); got != 20*Millisecond+8 {
		t.Errorf("a thousand bytes at 1Gbit have left at %s", got)
	}
	b.run(30 * Millisecond)
	if n := len(b.lines); n != 1000 || b.lines[0] != "21001us 2 D" || b.lines[999] != "21008us 2 D" {
		t.Errorf("%d messages, %s to %s", n, b.lines[0], b.lines[n-1])
	}
	b.lines = nil

	b.limit(1, 2, 0)
	b.say(1, "EEEE", "F")
	b.run(40 * Millisecond)
	b.expect(t, "31ms 2 EEEE", "31ms 2 F")
}

// The connections of two machines share a link.
func TestConnectionsShareALink(t *testing.T) {
	b := dialled(t)
	if err := b.dial(1, &Effect{Conn: 10, To: 2, Span: Second}); err != nil {
		t.Fatal(err)
	}
	b.run(10 * Millisecond)
	b.lines = nil
	b.limit(1, 2, 8*Kbit)
	b.say(1, "AAAA")
	b.send(1, &Effect{Conn: 10, Msg: word("B")})
	b.run(Second)
	b.expect(t, "15ms 2 AAAA", "16ms 2 B")
}

// The size of a message costs time exactly where the world or a fault says so.
func TestBandwidthOfAWorldAndOfAFault(t *testing.T) {
	arrives := func(c Config, faults ...string) string {
		l := newLab(t, c, "S1", "S2")
		for _, f := range faults {
			l.must(f)
		}
		l.do("S1", "dial S2")
		l.run(Second)
		l.lines["S2"] = nil
		l.do("S1", "send S2 "+strings.Repeat("A", 1000))
		l.run(2 * Second)
		if len(l.lines["S2"]) != 1 {
			t.Fatalf("S2 saw %q", l.lines["S2"])
		}
		at, _, _ := strings.Cut(l.lines["S2"][0], " ")
		return at
	}
	for _, c := range []struct {
		world  Bandwidth
		faults []string
		want   string
	}{
		{0, nil, "1.001s"},
		{8 * Mbit, nil, "1.002s"},
		{0, []string{"bandwidth S1 S2 8Mbit"}, "1.002s"},
		{0, []string{"bandwidth S2 S1 800kbit"}, "1.011s"},
		{8 * Mbit, []string{"bandwidth S1 S2 unlimited"}, "1.001s"},
		{0, []string{"bandwidth S1 S2 8Mbit", "delay S1 S2 40ms"}, "1.042s"},
	} {
		if got := arrives(Config{Bandwidth: c.world}, c.faults...); got != c.want {
			t.Errorf("%s, %v: arrives at %s, want %s", c.world, c.faults, got, c.want)
		}
	}
}

// An fsync pays for the bytes that no earlier fsync writes, once.
func TestADiskCarriesOneByteAfterAnother(t *testing.T) {
	l := newLab(t, Config{DiskBandwidth: 8 * Mbit}, "S1")
	thousand := strings.Repeat("a", 1000)
	l.do("S1", "append f "+thousand, "fsync f 1", "append f "+thousand+thousand, "fsync f 2",
		"fsync f 3", "fsync . 4")
	l.run(Second)
	l.expect("S1", "0.002s fsynced 1", "0.005s fsynced 2", "0.006s fsynced 3", "0.007s fsynced 4")
	l.do("S1", "truncate f 500", "append f "+thousand, "fsync f 5")
	l.run(2 * Second)
	l.expect("S1", "1.002s fsynced 5")
	l.do("S1", "append g "+thousand)
	l.must("power S1", "restart S1")
	l.run(3 * Second)
	l.lines["S1"] = nil
	l.do("S1", "fsync f 6")
	l.run(4 * Second)
	l.expect("S1", "6.001s fsynced 6")
}
