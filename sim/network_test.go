package sim

import (
	"fmt"
	"testing"
)

func TestDialAndTalkBothWays(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.do("S1", "dial S2")
	l.run(Millisecond)
	l.do("S2", "send S1 HELLO")
	l.run(Millisecond)
	l.do("S1", "send S2 PING 1", "send S2 PING 2")
	l.run(Second)
	l.expect("S1", "0.002s connected to S2", "0.002s S2 says HELLO")
	l.expect("S2", "0.001s accepted S1", "0.003s S1 says PING 1", "0.003s S1 says PING 2")
	if s := l.Stats(); s.Messages != 3 || s.Bytes != 5+6+6 {
		t.Errorf("counted %d messages of %d bytes, want 3 of 17", s.Messages, s.Bytes)
	}
}

func TestConnectionsAreFIFO(t *testing.T) {
	l := newLab(t, Config{Seed: 3, Latency: Span{1, 50 * Millisecond}}, "S1", "S2")
	l.do("S1", "dial S2")
	l.run(Second)
	var want []string
	for i := 0; i < 100; i++ {
		l.doAt(fmt.Sprintf("%dus", 1_000_000+300*i), "S1", fmt.Sprintf("send S2 N %d", i))
		want = append(want, fmt.Sprintf("S1 says N %d", i))
	}
	l.run(2 * Second)
	got := l.lines["S2"][1:] // after "accepted S1"
	last := Time(0)
	for i := range want {
		at, text, _ := cutTime(got[i])
		if text != want[i] || at < last {
			t.Fatalf("message %d is %q, want %q", i, got[i], want[i])
		}
		last = at
	}
}

func cutTime(line string) (Time, string, error) {
	var at, text string
	for i := range line {
		if line[i] == ' ' {
			at, text = line[:i], line[i+1:]
			break
		}
	}
	moment, err := ParseTime(at)
	return moment, text, err
}

func TestCloseComesBehindAllThatWasSent(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.do("S1", "send S2 A", "send S2 B", "close S2", "send S2 C")
	l.run(Second)
	l.expect("S2", "0.006s S1 says A", "0.006s S1 says B", "0.006s closed by S1")
	l.expect("S1")
	l.do("S1", "close S2", "send S2 D") // the connection is gone: nothing happens
	l.run(Second)
	l.expect("S2")
}

func TestCrashResetsItsConnectionsAtOnce(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	l.connect("S1", "S2")
	l.connect("S3", "S1")
	l.do("S1", "send S2 LAST")
	l.run(0)
	l.must("crash S1")
	l.run(Second)
	l.expect("S2", "0.011s S1 says LAST", "0.011s closed by S1")
	l.expect("S3", "0.011s closed by S1")
	l.expect("S1")
}

func TestPowerLossIsSilent(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.do("S1", "send S2 LAST")
	l.run(0)
	l.must("power S1")
	l.run(Minute)
	l.expect("S2", "0.006s S1 says LAST")
	l.do("S2", "send S1 HELLO") // into the void
	l.run(Minute)
	l.expect("S2")
	l.must("restart S1")
	l.run(Second)
	l.do("S2", "send S1 AGAIN") // the machine is back and knows no such connection
	l.run(Second)
	l.expect("S1", "120.005s boot")
	l.expect("S2", "121.007s closed by S1")
}

func TestAMessageToAClosedEndIsAnsweredByAReset(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.do("S1", "close S2")
	l.do("S2", "send S1 CROSSING")
	l.run(Second)
	l.expect("S1")
	l.expect("S2", "0.006s closed by S1")
}

func TestCutStallsAndHealDeliversInOrder(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.must("cut S1 > S2")
	l.do("S1", "send S2 A", "send S2 B")
	l.do("S2", "send S1 OTHER WAY")
	l.run(Second)
	l.expect("S1", "0.006s S2 says OTHER WAY")
	l.expect("S2")
	l.must("heal")
	l.do("S1", "send S2 C") // arrives with the retransmission, after it
	l.run(Second)
	l.expect("S2", "1.006s S1 says A", "1.006s S1 says B", "1.006s S1 says C")
	l.do("S1", "send S2 D")
	l.run(Second)
	l.expect("S2", "2.006s S1 says D")
	l.nothingLeft()
}

func TestCutCatchesWhatIsOnTheWire(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.do("S1", "send S2 A")
	l.run(Millisecond / 2)
	l.must("cut S1 > S2")
	l.run(Second)
	l.expect("S2")
	l.must("heal", "cut S1 > S2") // cut again before anything is sent again
	l.run(Second)
	l.expect("S2")
	l.must("heal")
	l.run(Second)
	l.expect("S2", "2.006500s S1 says A")
}

func TestACrashBehindACutIsLearntAfterIt(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.must("cut S1 > S2")
	l.do("S1", "send S2 A")
	l.run(Second)
	l.must("crash S1")
	l.run(Second)
	l.expect("S2")
	l.must("heal")
	l.run(Second)
	l.expect("S2", "2.006s S1 says A", "2.006s closed by S1")
}

func TestWhatACutKeptBackDiesWithItsMachinesPower(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	l.connect("S1", "S2")
	l.connect("S1", "S3")
	l.must("cut S1 > S2", "hold S1 > S3 A")
	l.do("S1", "send S2 A", "send S3 A")
	l.run(Second)
	l.do("S1", "send S2 B")
	l.run(0)
	l.must("power S1") // A waits before the cut, and B has not come to it
	l.run(Second)
	l.must("heal", "release")
	l.run(Second)
	l.expect("S2")                     // nobody is left to send it again
	l.expect("S3", "2.011s S1 says A") // this one lay on the wire
}

func TestSplitAndHeal(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3", "S4", "S5")
	pairs := [][2]string{{"S1", "S2"}, {"S1", "S3"}, {"S3", "S4"}, {"S2", "S4"}, {"S5", "S1"}}
	for _, p := range pairs {
		l.connect(p[0], p[1])
	}
	say := func(text string) {
		for _, p := range pairs {
			l.do(p[0], "send "+p[1]+" "+text)
			l.do(p[1], "send "+p[0]+" "+text)
		}
		l.run(Second)
	}
	l.must("split S1 S2 | S3 | S4") // S5 is in no group: nothing changes for it
	say("X")
	l.expect("S1", "0.026s S2 says X", "0.026s S5 says X")
	l.expect("S2", "0.026s S1 says X")
	l.expect("S3")
	l.expect("S4")
	l.expect("S5", "0.026s S1 says X")
	l.must("heal")
	l.run(Second)
	l.expect("S1", "1.026s S3 says X")
	l.expect("S2", "1.026s S4 says X")
	l.expect("S3", "1.026s S1 says X", "1.026s S4 says X")
	l.expect("S4", "1.026s S3 says X", "1.026s S2 says X")
	l.expect("S5")
}

func TestHoldKeepsAKindAndAllBehindIt(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.must("hold S1 > S2 proposal") // kinds are found in either case, as everywhere
	l.do("S1", "send S2 PING 1", "send S2 PROPOSAL 1", "send S2 PING 2", "close S2")
	l.do("S2", "send S1 PROPOSAL 7") // the other way is free
	l.run(Second)
	l.expect("S2", "0.006s S1 says PING 1")
	l.must("heal") // ends cuts, not holds
	l.run(Second)
	l.expect("S2")
	l.must("release")
	l.run(Second)
	l.expect("S2", "2.006s S1 says PROPOSAL 1", "2.006s S1 says PING 2", "2.006s closed by S1")
}

func TestDelayAddsToBothWays(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	l.connect("S1", "S2")
	l.connect("S1", "S3")
	l.must("delay S1 S2 40ms")
	l.do("S1", "send S2 A", "send S3 A")
	l.do("S2", "send S1 B")
	l.run(Second)
	l.expect("S2", "0.051s S1 says A")
	l.expect("S1", "0.051s S2 says B")
	l.expect("S3", "0.011s S1 says A")
	l.must("delay S1 S2 0s")
	l.do("S1", "send S2 C")
	l.run(Second)
	l.expect("S2", "1.011s S1 says C")
}

func TestResetBreaksEveryConnectionForBoth(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	l.connect("S1", "S2")
	l.connect("S2", "S1")
	l.connect("S1", "S3")
	l.do("S1", "send S2 LOST", "send S3 KEPT")
	l.run(0)
	l.must("reset S2 S1")
	l.run(Second)
	l.expect("S1", "0.015s closed by S2", "0.015s closed by S2")
	l.expect("S2", "0.015s closed by S1", "0.015s closed by S1")
	l.expect("S3", "0.016s S1 says KEPT")
}

// nothingLeft checks that what has ended is forgotten.
func (l *lab) nothingLeft() {
	l.t.Helper()
	if !l.Idle() || l.pending() != 0 {
		l.t.Errorf("idle %v, and %d entries pending", l.Idle(), l.pending())
	}
}

func TestAConnectionBothEndsLeftIsForgotten(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	for i := 0; i < 3; i++ {
		l.connect("S1", "S2")
		l.do("S1", "send S2 A", "close S2")
		l.run(Second)
		l.connect("S3", "S2")
		l.must("cut S3 > S2")
		l.do("S3", "send S2 STALLED")
		l.run(Second)
		l.must("power S3", "crash S2", "heal", "restart S2", "restart S3")
		l.run(9 * Second)
		l.connect("S1", "S3")
		l.must("power S1", "power S3", "restart S1", "restart S3") // silently
		l.run(9 * Second)
	}
	for _, m := range l.Machines() {
		if len(l.net.open[m.ID-1]) != 0 {
			t.Errorf("%s lists %d connections", m.Name, len(l.net.open[m.ID-1]))
		}
	}
	if len(l.net.conns) != 0 {
		t.Errorf("%d connections are left", len(l.net.conns))
	}
	l.nothingLeft()
}

// arrivals are the latencies that the messages from S1 to S2 drew, in order.
func arrivals(t *testing.T, plan string) []Time {
	l := newLab(t, Config{Seed: 77, Latency: Span{Millisecond, 5 * Millisecond}}, "S1", "S2", "S3")
	l.Keep()
	for at := Time(0); at < 10*Second; at += 100 * Millisecond {
		if at%Second == 0 { // connections break: every second there are new ones
			for _, way := range [][2]string{{"S1", "S2"}, {"S3", "S2"}, {"S2", "S3"}} {
				l.TellAt(at, l.Find(way[0]), order{"dial " + way[1]})
			}
		}
		for _, way := range [][2]string{{"S1", "S2"}, {"S2", "S1"}, {"S3", "S2"}, {"S1", "S3"}} {
			l.TellAt(at+50*Millisecond, l.Find(way[0]), order{"send " + way[1] + " N"})
		}
	}
	l.plan(plan)
	l.run(15 * Second)
	var drawn []Time
	for _, r := range l.Records() {
		if r.Kind == KindSend && r.Node == 1 && r.To == 2 {
			drawn = append(drawn, r.Arrive-r.At)
		}
	}
	return drawn
}

// What the k-th message on a link draws is the same whatever else happens.
func TestRemovingAFaultLeavesTheOtherDrawsAsTheyWere(t *testing.T) {
	calm := arrivals(t, "")
	if len(calm) != 100 {
		t.Fatalf("%d messages were sent, want 100", len(calm))
	}
	different := map[Time]bool{}
	for _, d := range calm {
		different[d] = true
	}
	if len(different) < 90 {
		t.Errorf("100 messages drew %d latencies: too few to prove anything", len(different))
	}
	for _, plan := range []string{
		"2.010s crash S3\n4.210s restart S3",
		"2.010s power S3",
		"3.020s cut S3 > S2\n7s heal",
		"3.020s cut S2 > S1\n7s heal",
		"1.120s reset S3 S2\n5s delay S3 S2 1s\n8s clock S3 x1.5",
		"2.530s reset S1 S2", // four messages are not sent, and the rest draw as before
		"2.510s crash S2\n2.900s restart S2",
		"2.510s pause S2 200ms",
		"2.510s fsync S1 1s",
	} {
		for k, d := range arrivals(t, plan) {
			if d != calm[k] {
				t.Errorf("with %q message %d on the link drew %s, without %s", plan, k, d, calm[k])
				break
			}
		}
	}
}
