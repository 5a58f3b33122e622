package sim

import "testing"

func TestAPausedMachineHandlesItsBacklogInOrderOnResume(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	l.connect("S1", "S2")
	l.do("S1", "append f abc", "fsync f 1", "wake 1s")
	l.run(0)
	l.must("pause S1 3s")
	if m := l.Find("S1"); !m.Up() || !m.Paused() {
		t.Error("S1 is not up and paused")
	}
	l.do("S1", "look")
	l.run(2 * Millisecond)
	l.do("S2", "send S1 A", "send S1 B")
	l.do("S3", "dial S1")
	l.run(5 * Millisecond)
	l.do("S3", "send S1 C")
	l.do("S2", "close S1")
	l.run(Second)
	l.durable("S1", "") // f is fsynced, and its name is not
	l.expect("S1")
	l.expect("S3", "0.009s connected to S1") // the kernel answers for it
	l.run(9 * Second)
	l.expect("S1", "3.005s local 3.005s wall 3.005s", "3.005s fsynced 1", "3.005s S2 says A",
		"3.005s S2 says B", "3.005s accepted S3", "3.005s S3 says C", "3.005s closed by S2",
		"3.005s wake 3.005s")
}

func TestWhatIsDurableDoesNotWaitForThePausedProcess(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("f", []byte("a"))
	var told []string
	l.OnDurable = func(m *Machine, file string) { told = append(told, l.Now().Seconds()+" "+file) }
	l.do("S1", "append f b", "fsync f 1")
	l.run(0)
	l.must("pause S1 3s")
	l.run(Second)
	l.durable("S1", "f=ab")
	l.run(9 * Second)
	l.expect("S1", "3.000s fsynced 1")
	if len(told) != 1 || told[0] != "0.001s f" || l.Find("S1").Disk().Fsyncs() != 1 {
		t.Errorf("told %v, %d fsyncs: want once, at 0.001s", told, l.Find("S1").Disk().Fsyncs())
	}
}

func TestThePausedDieWithTheirBacklog(t *testing.T) {
	for _, fault := range []string{"crash S1", "power S1"} {
		l := newLab(t, Config{}, "S1", "S2")
		l.connect("S1", "S2")
		l.do("S1", "append f abc", "fsync f 1", "wake 1s")
		l.run(0)
		l.must("pause S1 3s")
		l.do("S2", "send S1 A")
		l.run(Second)
		l.must(fault)
		l.run(Second)
		l.must("restart S1")
		l.run(9 * Second) // the resume that was planned finds another process
		l.expect("S1", "2.005s boot")
		if l.Find("S1").Paused() || l.pending() != 0 {
			t.Errorf("%s: paused %v, %d entries pending", fault, l.Find("S1").Paused(), l.pending())
		}
	}
}

func TestTheBacklogHasArrivedWhateverBecomesOfTheLink(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S2", "S1")
	l.must("pause S1 1s")
	l.do("S2", "send S1 A")
	l.run(2 * Millisecond)
	l.must("cut S2 > S1", "hold S2 > S1 A")
	l.run(9 * Second)
	l.expect("S1", "1.005s S2 says A")
}

func TestACrashInTheBacklogEndsIt(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S2", "S1")
	l.plan("at S1 receives A crash S1")
	l.must("pause S1 1s")
	l.do("S2", "send S1 A", "send S1 B")
	l.do("S1", "wake 10ms")
	l.run(9 * Second)
	l.expect("S1", "1.005s S2 says A")
	l.expect("S2", "1.006s closed by S1")
	l.nothingLeft()
}

func TestAPauseThatBeginsInTheBacklogKeepsTheRest(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	l.connect("S2", "S1")
	l.plan("at S1 receives A pause S1 2s")
	l.must("pause S1 1s")
	l.do("S2", "send S1 A", "send S1 B")
	l.do("S1", "append f x", "fsync f 1")
	l.run(3 * Millisecond)
	l.do("S3", "dial S1")
	l.do("S2", "send S1 C")
	l.run(5 * Millisecond)
	l.do("S3", "send S1 D")
	l.run(Second)
	l.expect("S1", "1.005s S2 says A")
	l.run(9 * Second)
	l.expect("S1", "3.005s S2 says B", "3.005s accepted S3", "3.005s S2 says C",
		"3.005s S3 says D", "3.005s fsynced 1")
}

func TestExitEndsTheProcessAndTheStep(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.Keep()
	power := true
	l.OnCrash = func(m *Machine, p bool) { power = p }
	l.do("S1", "append f a", "exit why", "append f b")
	l.run(Second)
	l.disk("S1", "f=a")
	l.expect("S2", "0.006s closed by S1")
	if m := l.Find("S1"); m.Up() || m.Program() != nil || power {
		t.Errorf("up %v with %v, power lost %v", m.Up(), m.Program(), power)
	}
	for _, r := range l.Records() {
		if r.Kind == KindCrash && r.Text != "S1 ends itself: why" {
			t.Errorf("the trace says %q", r.Text)
		}
	}
}

// TestCountStarts: the numbers of a life count the starts of its machine, if the world is asked to.
func TestCountStarts(t *testing.T) {
	l := newLab(t, Config{CountStarts: true}, "S1")
	for start := range ConnID(3) {
		if base := l.Find("S1").Program().(*toy).base; base != 1<<44|(start+1)<<24 {
			t.Errorf("start %d: base %x", start+1, base)
		}
		l.must("crash S1", "restart S1")
	}
}

func TestEachLifeHasItsOwnNumbers(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	seen := map[ConnID]bool{}
	for i := 0; i < 3; i++ {
		for _, m := range l.Machines() {
			base := m.Program().(*toy).base
			if seen[base] || m.Incarnation() != uint32(2*i+1) {
				t.Errorf("life %d of %s: base %x is new: %v, incarnation %d",
					i, m.Name, base, !seen[base], m.Incarnation())
			}
			seen[base] = true
		}
		l.must("crash S1", "power S2", "restart S2", "restart S1")
	}
}
