package sim

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// everyFault is one fault of each kind, and two that wait for events, as canonical text.
const everyFault = `0.900s crash A
1.200s power S3
2.000s restart S3
1.500s pause S2 3s
1.650s split S1 S2 S3 | S4 S5
1.700s cut S1 > S2
1.800s mend S1 > S2
2.900s heal
3.000s reset A S2
3.100s delay S1 S2 40ms
3.300s hold S1 > S2 PROPOSAL
3.400s release
4.000s fsync S1 80ms
4.100s fail-fsync S1
4.200s tear S1
4.300s corrupt S1
4.400s full S1
4.500s wipe S1
5.000s clock S2 x1.2
5.100s wall S1 +1h
5.150s bandwidth S1 S2 100Mbit
5.200s expire A
at S1 fsync 3 crash S1
at S2 sends NEWLEADER power S2
`

func TestEveryFaultIsCarriedOutAtItsMoment(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3", "S4", "S5", "A")
	l.Keep()
	l.OnForeign = func(f Fault) error {
		l.Emit(KindNote, 0, 0).Text = "the ensemble carries out " + f.Kind.String() + " " + f.Who[0]
		return nil
	}
	l.doAt("1.3s", "S1", "append f record")
	l.plan(strings.Replace(everyFault, "0.900s crash A", "0.900s pause A 10ms", 1))
	l.connect("A", "S2")
	l.run(9 * Second)
	want := strings.Fields(strings.ReplaceAll(`
		0.900s/pause 1.200s/crash 1.500s/pause 1.650s/split 1.700s/cut 1.800s/heal 2.900s/heal
		3.000s/close 3.100s/delay 3.300s/hold 3.400s/hold 4.000s/disk 4.100s/disk 4.200s/disk 4.300s/disk
		4.400s/disk 4.500s/crash 5.000s/clock 5.100s/clock 5.150s/delay`, "\n", " "))
	var got []string
	for _, r := range l.Records() {
		if f, ok := r.Body.(Fault); ok {
			got = append(got, r.At.Seconds()+"/"+r.Kind.String())
			if f.When.String()+" "+r.Text != f.String() {
				t.Errorf("the record of %s says %q", f, r.Text)
			}
		}
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("recorded\n%s\nwant\n%s", got, want)
	}
	l.expect("S3", "2.000s boot")
	if r := l.Records()[len(l.Records())-1]; r.At != l.time("5.2s") ||
		r.Text != "the ensemble carries out expire A" {
		t.Errorf("the last record is %+v", r)
	}
}

func TestEveryFaultIsCanonical(t *testing.T) {
	p, err := ParsePlan("plan", everyFault)
	if err != nil {
		t.Fatal(err)
	}
	if p.String() != everyFault {
		t.Errorf("printed as\n%s", p)
	}
	for _, k := range FaultKinds() {
		if !strings.Contains(everyFault, " "+k.String()) {
			t.Errorf("%s: not in the list", k)
		}
	}
}

// nonsense is faults that make no sense, after those that make them so.
var nonsense = []struct{ before, fault, want string }{
	{"", "restart S1", "S1 is running: crash it first"},
	{"crash S1", "crash S1", "S1 is already down: restart it first"},
	{"power S1", "crash S1", "S1 is already down: restart it first"},
	{"power S1", "power S1", "S1 is already down: restart it first"},
	{"crash S1", "pause S1 1s", "S1 is already down: restart it first"},
	{"pause S1 9s", "pause S1 1s", "S1 is already paused: wait until it resumes"},
	{"", "reset S1 S2", "there is no connection between S1 and S2 to reset"},
	{"", "reset S1 S1", "there is no connection between S1 and S1 to reset"},
	{"", "corrupt S1", "the disk of S1 is empty: it has no bit to flip"},
	{"", "expire S1", "no session can expire, because this simulation has no sessions"},
}

func TestFaultsThatContradictTheWorldAreErrors(t *testing.T) {
	for _, c := range nonsense {
		l := newLab(t, Config{}, "S1", "S2")
		if c.before != "" {
			l.must(c.before)
		}
		index := l.Index()
		if err := l.fault(c.fault); err == nil || err.Error() != "0.000s "+c.fault+": "+c.want {
			t.Errorf("%s, %s: %v, want %s", c.before, c.fault, err, c.want)
		}
		if l.Index() != index || l.Err() != nil {
			t.Errorf("%s, %s: injected, it leaves a record, or ends the run: %v",
				c.before, c.fault, l.Err())
		}

		l.plan("1s " + c.fault)
		if l.Run(3*Second, nil) || l.Err() == nil || !strings.HasSuffix(l.Err().Error(), c.want) {
			t.Errorf("%s, %s: in a plan it ends the run with %v", c.before, c.fault, l.Err())
		}
	}
}

func TestLenientWorldsNoteThem(t *testing.T) {
	for _, c := range nonsense {
		l := newLab(t, Config{Lenient: true}, "S1", "S2")
		l.Keep()
		if c.before != "" {
			l.must(c.before)
		}
		l.plan("1s " + c.fault)
		index := l.Index()
		l.run(3 * Second)
		if l.Index() != index+1 {
			t.Fatalf("%s, %s: %d records, want one", c.before, c.fault, l.Index()-index)
		}
		r := l.Records()[len(l.Records())-1]
		if want := "no effect: 1.000s " + c.fault + ": " + c.want; r.Kind != KindNote ||
			r.Text != want || r.At != Second {
			t.Errorf("the record says %s %q at %s, want %q", r.Kind, r.Text, r.At.Seconds(), want)
		}
	}
}

func TestFaultsThatNameNobodyScheduleNothing(t *testing.T) {
	for _, lenient := range []bool{false, true} {
		l := newLab(t, Config{Lenient: lenient}, "S1", "S2")
		for _, line := range []string{
			"crash S9", "split S1 | S9", "cut S1 > S9", "at S9 boots crash S1",
			"at S1 boots crash S9", "at S1 boots after S9 boots crash S1", "delay S9 S1 1s",
		} {
			p, err := ParsePlan("plan", "1s crash S1\nat S2 boots crash S2\n"+line)
			if err != nil {
				t.Fatal(err)
			}
			want := "no machine S9: the machines are S1 S2"
			if err := l.Schedule(p); err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%s: %v, want %s", line, err, want)
			}
			if err := l.Inject(p[2]); err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%s: applied: %v, want %s", line, err, want)
			}
		}
		if !l.Idle() || len(l.World.plan.armed) > 0 {
			t.Error("a part of a plan that names nobody is scheduled")
		}
	}
}

func TestFaultsFromThePastComeNow(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.run(5 * Second)
	l.plan("1s crash S1\n2s restart S1")
	l.run(Second)
	l.expect("S1", "5.000s boot")
}

func TestWhatTheEnsembleRefusesIsAnError(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	boom := errors.New("boom")
	l.OnForeign = func(Fault) error { return boom }
	if err := l.fault("expire S1"); !errors.Is(err, boom) ||
		err.Error() != "0.000s expire S1: boom" {
		t.Errorf("%v, want boom", err)
	}
}

func TestACrashFallsBetweenTheSyncAndTheNewsOfIt(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.Find("S1").Disk().Preload("f", nil)
	l.plan("at S1 fsync 3 crash S1")
	l.do("S1", "append f a", "fsync f 1", "append f b", "fsync f 2", "append f c", "fsync f 3",
		"append f d", "fsync f 4")
	l.run(3 * Millisecond)
	l.expect("S1", "0.006s fsynced 1", "0.007s fsynced 2")
	l.durable("S1", "f=abc")
	l.run(Second)
	l.durable("S1", "f=abcd") // the kernel completes the fourth
	l.expect("S2", "0.009s closed by S1")
	l.must("restart S1")
	l.do("S1", "fsync f 5", "fsync f 6", "fsync f 7")
	l.run(Second)
	l.expect("S1", // once is once
		"1.008s boot", "1.009s fsynced 5", "1.010s fsynced 6", "1.011s fsynced 7")
}

func TestAPauseFallsBetweenTheSyncAndTheNewsOfIt(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("f", nil)
	l.plan("at S1 fsync 2 pause S1 1s")
	l.do("S1", "append f a", "fsync f 1", "append f b", "fsync f 2", "fsync f 3")
	l.run(500 * Millisecond)
	l.expect("S1", "0.001s fsynced 1")
	l.durable("S1", "f=ab")
	l.run(9 * Second)
	l.expect("S1", "1.002s fsynced 2", "1.002s fsynced 3")
	if s := l.Stats(); s.Fsyncs != 3 {
		t.Errorf("counted %d fsyncs, want 3", s.Fsyncs)
	}
}

func TestTriggers(t *testing.T) {
	for _, c := range []struct {
		plan string
		want string // what S2 and S1 live through after the connection is made
	}{
		{"at S1 sends ping crash S1", // on the wire before the crash, like all of its step
			"S2 [S1 says PING 1; S1 says PING 2; closed by S1] S1 []"},
		{"at S1 sends PING 2 power S1",
			"S2 [S1 says PING 1; S1 says PING 2] S1 []"},
		{"at S1 sends PONG crash S1", "S2 [S1 says PING 1; S1 says PING 2; S1 says PING 3] S1 []"},
		{"at S2 receives PING 2 crash S2",
			"S2 [S1 says PING 1; S1 says PING 2] S1 [closed by S2]"},
		{"at S2 receives PING crash S1", // PING 2 is there first: both came at once
			"S2 [S1 says PING 1; S1 says PING 2; closed by S1] S1 []"},
		{"at S2 receives PING 3 crash S2\nat S2 crashes restart S2\nat S2 boots crash S1",
			"S2 [S1 says PING 1; S1 says PING 2; S1 says PING 3; boot] S1 []"},
		{"at S2 receives PING 3 crash S2\nat S2 crashes 2 restart S2",
			"S2 [S1 says PING 1; S1 says PING 2; S1 says PING 3] S1 [closed by S2]"},
		{"at S1 becomes leading reset S1 S2",
			"S2 [closed by S1] S1 [closed by S2]"},
		{"at S1 becomes following reset S1 S2",
			"S2 [S1 says PING 1; S1 says PING 2; S1 says PING 3] S1 []"},
	} {
		l := newLab(t, Config{}, "S1", "S2")
		l.connect("S1", "S2")
		l.plan(c.plan)
		l.Become(l.Find("S1"), "LEADING")
		l.do("S1", "send S2 PING 1", "send S2 PING 2")
		l.doAt("1s", "S1", "send S2 PING 3")
		l.run(2 * Second)
		got := fmt.Sprintf("S2 [%s] S1 [%s]", untimed(l.lines["S2"]), untimed(l.lines["S1"]))
		if got != c.want {
			t.Errorf("%s:\n\t%s\nwant\n\t%s", c.plan, got, c.want)
		}
	}
}

func untimed(lines []string) string {
	texts := make([]string, len(lines))
	for i, line := range lines {
		_, texts[i], _ = strings.Cut(line, " ")
	}
	return strings.Join(texts, "; ")
}

// A trigger counts from the moment, or from the event, that its line names.
func TestATriggerCountsFromThen(t *testing.T) {
	for _, c := range []struct{ plan, crash string }{
		{"at S1 fsync crash S1", "0.001s"},
		{"at S1 fsync after 15ms crash S1", "0.021s"},
		{"at S1 fsync 2 after 15ms crash S1", "0.031s"},
		{"at S1 fsync after 21ms crash S1", "0.021s"},
		{"at S1 fsync after S2 boots crash S1", "0.021s"},
		{"at S1 fsync after S2 boots after 13ms crash S1", ""},
		{"at S1 fsync after S1 fsync crash S1", "0.011s"}, // the event itself does not count
		{"at S1 fsync 2 after S1 fsync 2 crash S1", "0.031s"},
	} {
		l := newLab(t, Config{}, "S1", "S2")
		l.Find("S1").Disk().Preload("f", nil)
		l.plan(c.plan + "\n5ms crash S2\n12ms restart S2")
		l.doAt("10ms", "S1", "append f b", "fsync f 2")
		l.doAt("20ms", "S1", "append f c", "fsync f 3")
		l.doAt("30ms", "S1", "append f d", "fsync f 4")
		l.do("S1", "append f a", "fsync f 1")
		l.Keep()
		l.run(Second)
		crash := ""
		for _, r := range l.Records() {
			if f, ok := r.Body.(Fault); ok && f.When.Trigger != 0 {
				crash = r.At.Seconds()
			}
		}
		if crash != c.crash {
			t.Errorf("%s: S1 crashes at %q, want %q", c.plan, crash, c.crash)
		}
	}
}

func TestATriggerFallsBetweenTwoMessagesThatComeTogether(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.plan("at S2 receives B crash S2")
	l.must("hold S1 > S2 A")
	l.do("S1", "send S2 A", "send S2 B", "send S2 C")
	l.run(Second)
	l.must("release")
	l.run(Second)
	l.expect("S2", "1.006s S1 says A", "1.006s S1 says B")
}

func TestATriggerWaitsForItsOwnMachine(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.plan("at S2 fsync crash S1")
	l.do("S1", "fsync . 1", "fsync . 2")
	l.doAt("1s", "S2", "fsync . 1")
	l.run(Second)
	l.expect("S1", "0.001s fsynced 1", "0.002s fsynced 2")
	if !l.Find("S1").Up() {
		t.Error("S1 is down before S2 has fsynced")
	}
	l.run(Second)
	l.expect("S2", "1.001s fsynced 1")
	if l.Find("S1").Up() {
		t.Error("S1 is up")
	}
}

func TestTheRecordOfATriggeredFaultSaysWhatItWaitedFor(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Keep()
	l.plan("at S1 fsync 2 pause S1 1s")
	l.do("S1", "fsync . 1", "fsync . 2")
	l.run(3 * Second)
	for _, r := range l.Records() {
		if f, ok := r.Body.(Fault); ok {
			if r.Text != "pause S1 1s" || f.String() != "at S1 fsync 2 pause S1 1s" {
				t.Errorf("the record says %q of %s", r.Text, f)
			}
			return
		}
	}
	t.Error("no fault is on record")
}

func TestSeveralFaultsMayWaitForOneEvent(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	l.plan("at S1 fsync crash S2\nat S1 fsync crash S3\n" +
		"at S1 fsync 2 restart S2\nat S1 fsync 3 restart S3")
	l.do("S1", "fsync . 1", "fsync . 2", "fsync . 3")
	l.run(Second)
	l.expect("S2", "0.002s boot")
	l.expect("S3", "0.003s boot")
}

// A fault made by a program need not say that it means the first time.
func TestACountOfNothingIsOne(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	err := l.Schedule(Plan{Crash("S1").On(When{Trigger: TriggerFsync, Who: "S1"})})
	if err != nil {
		t.Fatal(err)
	}
	l.do("S1", "fsync . 1")
	l.run(Second)
	if l.Find("S1").Up() {
		t.Error("at S1 fsync crash S1: it did not")
	}
}

// A fault that waits for an event waits no more when it is disarmed.
func TestDisarm(t *testing.T) {
	for _, disarm := range []bool{false, true} {
		l := newLab(t, Config{}, "S1")
		f, err := ParseFault("at S1 becomes leading crash S1")
		if err == nil {
			err = l.Schedule(Plan{f})
		}
		if err != nil {
			t.Fatal(err)
		}
		l.Run(Second, nil)
		if disarm {
			l.Disarm()
		}
		l.Become(l.Find("S1"), "leading")
		l.fireDue()
		l.Run(2*Second, nil)
		if l.Find("S1").Up() != disarm {
			t.Errorf("disarmed %v: S1 is up: %v", disarm, l.Find("S1").Up())
		}
	}
}

// A fault at step N comes right after the event that makes record N, whatever N is: what was before
// stays, and nothing else happens in between.
func TestAFaultAtAStepComesRightAfterIt(t *testing.T) {
	play := func(plan string) []Record {
		l := newLab(t, Config{Lenient: true}, "S1", "S2")
		l.Keep()
		l.plan(plan)
		l.do("S2", "dial S1")
		l.doAt("0.005s", "S2", "append f one", "fsync f", "send S1 ping")
		l.doAt("0.006s", "S1", "append f two", "fsync f")
		l.run(Second)
		return l.Records()
	}
	base := play("")
	if len(base) < 8 {
		t.Fatalf("only %d steps happened", len(base))
	}
	same := func(a, b *Record) bool {
		return a.Index == b.Index && a.At == b.At && a.Kind == b.Kind && a.Node == b.Node
	}
	falls := map[int64]bool{} // where the faults came
	for i := range base {
		n := base[i].Index
		if n < 1 {
			continue
		}
		got := play(fmt.Sprintf("at step %d split S1 | S2", n))
		k := 0
		for k < len(base) && same(&got[k], &base[k]) {
			k++
		}
		if k <= i || got[k].Kind != KindSplit || got[k].At != base[i].At {
			t.Fatalf("at step %d: record %d is %v", n, k, got[k])
		}
		if k > i+1 && base[k-1].Cause != n && base[k-1].Cause != base[i].Cause {
			t.Errorf("at step %d the fault comes only after step %d", n, base[k-1].Index)
		}
		falls[got[k].Index] = true
	}
	if 2*len(falls) < len(base) {
		t.Errorf("faults at %d steps came at only %d places", len(base), len(falls))
	}
}
