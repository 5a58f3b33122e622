package sim

import "testing"

func TestDialIsRefusedWhereNobodyListens(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.must("crash S2")
	l.do("S1", "dial S2 5s")
	l.run(9 * Second)
	l.expect("S1", "0.002s refused by S2")
}

func TestDialTimesOutWhereNothingAnswers(t *testing.T) {
	for _, fault := range []string{"power S2", "cut S1 > S2", "cut S2 > S1", "split S1 | S2"} {
		t.Run(fault, func(t *testing.T) {
			l := newLab(t, Config{}, "S1", "S2")
			l.must(fault)
			l.do("S1", "dial S2 3500ms")
			l.run(9 * Second)
			l.expect("S1", "3.500s refused by S2")
			l.expect("S2")
		})
	}
}

func TestDialIsTriedAgain(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.must("cut S1 > S2")
	l.do("S1", "dial S2 5s")
	l.plan("1.5s heal")
	l.run(9 * Second)
	l.expect("S2", "2.001s accepted S1")
	l.expect("S1", "2.002s connected to S2")
}

func TestDialIsGivenUpThoughItWasAccepted(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.do("S1", "dial S2 3s")
	l.run(Millisecond)
	l.expect("S2", "0.001s accepted S1")
	l.must("cut S2 > S1") // catches the answer
	l.run(9 * Second)
	l.expect("S1", "3.000s refused by S2")
	l.expect("S2", "3.001s closed by S1")
	l.must("heal")
	l.run(9 * Second)
	l.expect("S1") // the answer finds nobody who waits for it
	l.expect("S2")
}

func TestDialIsGivenUpWhileItIsSlow(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.must("delay S1 S2 99ms")
	l.do("S1", "dial S2 50ms")
	l.run(Second)
	l.expect("S1", "0.050s refused by S2")
	l.expect("S2")
	l.do("S1", "dial S2 150ms")
	l.run(Second)
	l.expect("S1", "1.150s refused by S2")
	l.expect("S2", "1.100s accepted S1", "1.250s closed by S1")
}

func TestADialDiesWithItsDialler(t *testing.T) {
	for _, fault := range []string{"crash S1", "power S1"} {
		l := newLab(t, Config{}, "S1", "S2")
		l.do("S1", "dial S2 5s")
		l.run(0)
		l.must(fault)
		l.run(9 * Second)
		l.expect("S2")
		if len(l.net.conns) != 0 {
			t.Errorf("%s: %d connections are left", fault, len(l.net.conns))
		}
	}
}
