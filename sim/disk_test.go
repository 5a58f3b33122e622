package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestThePageCacheSurvivesAProcessAndNotAPowerLoss(t *testing.T) {
	for _, c := range []struct{ fault, disk string }{
		{"crash S1", "a=1X c=new d=4"},
		{"power S1", "a=1 b=22 d=44"},
	} {
		// The seed is one that keeps nothing unsynced; TestAPowerLossMayKeep… has the others.
		for seed := uint64(0); ; seed++ {
			l := newLab(t, Config{Seed: seed}, "S1")
			for name, data := range map[string]string{"a": "1", "b": "22", "d": "44"} {
				l.Find("S1").Disk().Preload(name, []byte(data))
			}
			l.do("S1", "append a X", "remove b", "append new new", "rename new c", "truncate d 1")
			l.run(Second)
			l.disk("S1", "a=1X c=new d=4")
			l.durable("S1", "a=1 b=22 d=44")
			l.must(c.fault)
			if got := files(l.Find("S1").Disk().Names(), l.Find("S1").Disk().Read); got == c.disk {
				break
			}
			if seed == 200 {
				t.Errorf("%s: 200 seeds never leave %s", c.fault, c.disk)
				break
			}
		}
	}
}

// With writeback, a file that was cut and written again is any mixture of old and new, with zeros
// too; a directory has any of the pending changes; and all of these happen. What was fsynced stays.
func TestAPowerLossWithWritebackOrdersLittle(t *testing.T) {
	left := map[string]int{}
	for seed := uint64(0); seed < 4000; seed++ {
		l := newLab(t, Config{Seed: seed, Writeback: true}, "S1")
		d := l.Find("S1").Disk()
		d.Preload("t", []byte("long"))
		l.do("S1", "append s S", "fsync s 1", "truncate t 2", "append t XYZ", "append n 9",
			"rename n m")
		l.run(2900)
		l.must("power S1")
		for f := range strings.FieldsSeq(files(d.Names(), d.Read)) {
			left[strings.ReplaceAll(f, "\x00", "0")]++
		}
		if files(d.DurableNames(), d.Durable) != files(d.Names(), d.Read) {
			t.Fatal("what is left after a loss of power is not durable")
		}
	}
	for f := range strings.FieldsSeq("t=lo t=loX t=loXY t=loXYZ t=long t=loXg t=lo0 t=lo00 " +
		"t=lo000 t=loX0 t=loX00 t=loXY0 m= m=0 m=9 n= n=0 n=9 s=S") {
		if left[f] == 0 {
			t.Errorf("4000 seeds never leave %q", f)
		}
		delete(left, f)
	}
	if delete(left, "s="); len(left) > 0 { // the fsync was of the file, not of the directory
		t.Errorf("it also leaves %v", left)
	}
}

// With writeback a later change of a directory may be kept and an earlier one lost, and after an fsync
// of the directory none is lost; without it they are kept in order.
func TestADirectoryMayKeepALaterChange(t *testing.T) {
	for writeback, want := range map[bool]string{
		false: "a= b= c=|b= c=|b= c= d=|c= d=|d=",
		true: "|a=|a= b=|a= b= c=|a= b= c= d=|a= b= d=|a= c=|a= c= d=|a= d=|" +
			"b=|b= c=|b= c= d=|b= d=|c=|c= d=|d=",
	} {
		left := map[string]bool{}
		for seed := range uint64(600) {
			var d Disk
			for _, name := range []string{"a", "b", "c"} {
				d.Preload(name, nil)
			}
			d.Append("e", nil)
			d.Remove("e")
			asked, _ := d.Fsync("")
			d.Complete(&asked)
			d.Remove("a")
			d.Append("d", nil)
			d.Remove("b")
			d.Remove("c")
			d.LosePower(NewRand(seed), writeback)
			left[files(d.Names(), d.Read)] = true
		}
		if got := strings.Join(slices.Sorted(maps.Keys(left)), "|"); got != want {
			t.Errorf("writeback %v leaves %s, want %s", writeback, got, want)
		}
	}
}

// A loss of power leaves of a file the durable bytes and any part of the tail, and of the
// directory any prefix of what was pending; and all of these happen.
func TestAPowerLossMayKeepAPartOfWhatWasNotSynced(t *testing.T) {
	left := map[string]int{}
	for seed := uint64(0); seed < 1500; seed++ {
		l := newLab(t, Config{Seed: seed}, "S1")
		d := l.Find("S1").Disk()
		d.Preload("a", []byte("1"))
		d.Preload("t", []byte("long"))
		l.do("S1", "append a XY", "truncate t 2", "append n 9", "rename n m")
		l.run(Second)
		l.must("power S1")
		left[files(d.Names(), d.Read)]++
		if files(d.DurableNames(), d.Durable) != files(d.Names(), d.Read) {
			t.Fatal("what is left after a loss of power is not durable")
		}
	}
	for a := range strings.SplitSeq("1 1X 1XY", " ") {
		for tr := range strings.SplitSeq("lo long", " ") {
			for n := range strings.SplitSeq(" m= m=9 n= n=9", " ") {
				want := "a=" + a
				if n != "" {
					want += " " + n
				}
				want += " t=" + tr
				if left[want] == 0 {
					t.Errorf("1500 losses of power never leave %q", want)
				}
				delete(left, want)
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("a loss of power leaves what cannot be: %v", left)
	}
}

func TestSyncMakesDurableWhatWasThereWhenItWasAsked(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.do("S1", "append f a", "fsync . 1", "fsync f 2", "append f b", "fsync f 3",
		"append f c", "truncate f 1", "append f Z")
	l.durableAt("0.001s", "S1", "f=")
	l.durableAt("0.002s", "S1", "f=a")
	l.durableAt("0.003s", "S1", "f=ab")
	l.run(Second)
	l.expect("S1", "0.001s fsynced 1", "0.002s fsynced 2", "0.003s fsynced 3")
	l.do("S1", "fsync f 4")
	l.run(Second)
	l.disk("S1", "f=aZ")
	l.durable("S1", "f=aZ")
	l.must("power S1")
	l.disk("S1", "f=aZ")
}

// durableAt lets the world go on to a moment and looks at the disk then.
func (l *lab) durableAt(at, name, want string) {
	l.t.Helper()
	l.run(l.time(at) - l.Now())
	l.durable(name, want)
}

func TestATruncationIsDurableWithItsSync(t *testing.T) {
	l := newLab(t, Config{IgnoreMissing: true}, "S1")
	l.Find("S1").Disk().Preload("f", []byte("long"))
	l.do("S1", "fsync f 1", "truncate f 2", "fsync f 2", "append f Z")
	l.durableAt("0.001s", "S1", "f=long")
	l.durableAt("0.002s", "S1", "f=lo")
	l.do("S1", "truncate f 99", "truncate g 0") // nothing to cut
	l.run(Second)
	l.disk("S1", "f=loZ")
}

// A program that means a file that is not there is wrong about its disk. To remove one is no mistake.
func TestAMissingFileEndsTheRun(t *testing.T) {
	for _, c := range []struct{ bad, good string }{
		{"truncate g 0", "truncate f 0"}, {"rename g h", "rename f h"}, {"fsync g 1", "fsync f 1"},
		{"rename g h", "remove g"},
	} {
		for _, does := range []string{c.bad, c.good} {
			l := newLab(t, Config{}, "S1")
			l.Find("S1").Disk().Preload("f", []byte("long"))
			l.do("S1", does)
			l.World.Run(Second, nil)
			if ended := l.Err() != nil; ended != (does == c.bad) {
				t.Errorf("%s: %v", does, l.Err())
			}
		}
	}
}

func TestNamesAreDurableWithASyncOfTheDirectory(t *testing.T) {
	l := newLab(t, Config{IgnoreMissing: true}, "S1")
	l.do("S1", "append new abc", "fsync new 1")
	l.run(Second)
	l.disk("S1", "new=abc")
	l.durable("S1", "") // its bytes are on the platter, and no name leads there
	l.do("S1", "fsync . 2", "rename new f", "append x y")
	l.run(Second)
	l.durable("S1", "new=abc")
	l.do("S1", "fsync . 3")
	l.run(Second)
	l.durable("S1", "f=abc x=")
	l.do("S1", "remove f", "rename nothing f", "remove nothing", "fsync nothing 5")
	l.run(Second)
	l.durable("S1", "f=abc x=")
	l.do("S1", "append f other", "fsync f 4", "fsync . 6")
	l.durableAt("3.001s", "S1", "f=abc x=") // another file of the same name
	l.run(Second)
	l.durable("S1", "f=other x=")
}

func TestARenameReplaces(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("f", []byte("old"))
	l.do("S1", "append tmp new", "fsync tmp 1", "rename tmp f", "append f X")
	l.run(Second)
	l.disk("S1", "f=newX")
	l.durable("S1", "f=old")
	l.do("S1", "fsync . 2")
	l.run(Second)
	l.durable("S1", "f=new")
}

func TestASyncCompletesAfterItsProcessDied(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("f", []byte("a"))
	var told []string
	l.OnDurable = func(m *Machine, file string) {
		told = append(told, l.Now().Seconds()+" "+m.Name+" "+file)
	}
	l.do("S1", "append f b", "fsync f 1", "fsync . 2")
	l.run(0)
	l.must("crash S1")
	l.durable("S1", "f=a")
	l.run(Millisecond)
	l.durable("S1", "f=ab")
	l.must("restart S1")
	l.run(Second)
	l.expect("S1", "0.001s boot") // and nobody tells the new process
	if got, want := fmt.Sprint(told), "[0.001s S1 f 0.002s S1 ]"; got != want {
		t.Errorf("told %s, want %s", got, want)
	}
}

func TestAPowerLossEndsTheFsyncsUnderWay(t *testing.T) {
	for seed := uint64(0); seed < 50; seed++ {
		l := newLab(t, Config{Seed: seed}, "S1")
		l.Find("S1").Disk().Preload("f", []byte("a"))
		l.do("S1", "append f b", "fsync f 1")
		l.run(Microsecond)
		l.must("power S1")
		d := l.Find("S1").Disk()
		left := string(d.Read("f"))
		l.must("restart S1")
		l.do("S1", "truncate f 0", "append f zzz")
		l.run(Second)
		if got := string(d.Durable("f")); got != left {
			t.Fatalf("seed %d: an fsync from before the loss of power makes %q of %q",
				seed, got, left)
		}
		if d.Fsyncs() != 0 {
			t.Fatalf("seed %d: %d fsyncs are complete", seed, d.Fsyncs())
		}
	}
}

func TestFsyncsQueueAndSlowDown(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.must("fsync S1 80ms")
	l.do("S1", "append f a", "fsync f 1", "fsync f 2")
	l.do("S2", "append f a", "fsync f 1", "fsync f 2")
	l.run(Second)
	l.expect("S1", "0.080s fsynced 1", "0.160s fsynced 2")
	l.expect("S2", "0.001s fsynced 1", "0.002s fsynced 2")
	l.must("fsync S1 0s") // as it was
	l.do("S1", "fsync f 3")
	l.run(Second)
	l.expect("S1", "1.001s fsynced 3")
	if s := l.Stats(); s.Fsyncs != 5 {
		t.Errorf("counted %d fsyncs, want 5", s.Fsyncs)
	}
}

func TestFailFsyncFailsTheNextOneOnly(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("f", nil)
	l.must("fail-fsync S1")
	l.do("S1", "append f a", "fsync f 1", "append f b")
	l.run(Second)
	l.expect("S1", "0.000s failed 1")
	l.durable("S1", "f=")
	l.do("S1", "fsync f 2")
	l.run(Second)
	l.expect("S1", "1.001s fsynced 2")
	l.durable("S1", "f=ab")
	l.must("fail-fsync S1", "power S1", "restart S1")
	l.do("S1", "fsync f 3")
	l.run(Second)
	l.expect("S1", "2.000s boot", "2.001s fsynced 3") // the fault went with the power
}

func TestAFullDiskFailsUntilARestart(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("f", []byte("a"))
	l.must("full S1")
	l.do("S1", "append f b", "append new c", "fsync f 1", "rename f g")
	l.run(Second)
	l.expect("S1", "0.000s failed 99", "0.000s failed 99", "0.000s failed 1")
	l.disk("S1", "g=a")
	l.must("crash S1", "restart S1")
	l.do("S1", "append g b", "fsync g 2")
	l.run(Second)
	l.expect("S1", "1.000s boot", "1.001s fsynced 2")
	l.durable("S1", "f=ab")
}

func TestTearLeavesHalfOfTheLastRecord(t *testing.T) {
	for seed := uint64(0); seed < 20; seed++ {
		l := newLab(t, Config{Seed: seed}, "S1")
		d := l.Find("S1").Disk()
		d.Preload("f", []byte("old"))
		d.Preload("whole", []byte("durable"))
		l.must("tear S1")
		l.do("S1", "append f first", "append f second!")
		l.run(Second)
		l.must("crash S1", "restart S1") // the death of a process tears nothing
		l.disk("S1", "f=oldfirstsecond! whole=durable")
		l.must("power S1")
		l.disk("S1", "f=oldfirstsec whole=durable")
	}
}

func TestTearLeavesWhatIsDurable(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("f", []byte("old"))
	l.must("tear S1")
	l.do("S1", "append f record", "fsync f 1")
	l.run(Second)
	l.must("power S1")
	l.disk("S1", "f=oldrecord")
}

func TestTearOfATruncationLeavesOneOfTwo(t *testing.T) {
	for seed := uint64(0); seed < 20; seed++ {
		l := newLab(t, Config{Seed: seed}, "S1")
		l.do("S1", "append f aaa", "append f bbb", "fsync f 1", "fsync . 2")
		l.run(Second)
		l.must("tear S1")
		l.do("S1", "truncate f 5")
		l.run(Second)
		l.must("power S1")
		d := l.Find("S1").Disk()
		if got := string(d.Read("f")); got != "aaabb" && got != "aaabbb" {
			t.Fatalf("seed %d: f holds %q: both its lengths were longer", seed, got)
		}
	}
}

func TestTearAfterATruncation(t *testing.T) {
	for seed := uint64(0); seed < 20; seed++ {
		l := newLab(t, Config{Seed: seed}, "S1")
		l.Find("S1").Disk().Preload("f", []byte("old"))
		l.must("tear S1")
		l.do("S1", "truncate f 1", "append f record!")
		l.run(Second)
		l.must("power S1")
		l.disk("S1", "f=orec")
	}
}

func TestCorruptFlipsOneBitOfTheLastRecord(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("a", []byte("untouched"))
	l.Find("S1").Disk().Preload("z", nil) // the last file with bytes counts
	l.do("S1", "append f first", "append f 12345", "fsync f 1", "fsync . 2")
	l.run(Second)
	l.must("corrupt S1")
	l.disk("S1", "a=untouched f=first12#45 z=")
	l.durable("S1", "a=untouched f=first12#45 z=")
	l.must("corrupt S1")
	l.disk("S1", "a=untouched f=first12345 z=")
}

func TestCorruptFindsABitInWhatALossOfPowerLeft(t *testing.T) {
	for seed := uint64(0); seed < 20; seed++ {
		l := newLab(t, Config{Seed: seed}, "S1")
		l.Find("S1").Disk().Preload("f", []byte("old"))
		l.do("S1", "append f new", "append f er", "append f est")
		l.run(Second)
		l.must("power S1")
		before := string(l.Find("S1").Disk().Read("f"))
		l.must("corrupt S1")
		after := string(l.Find("S1").Disk().Read("f"))
		if after == before || len(after) != len(before) {
			t.Errorf("seed %d: %q becomes %q", seed, before, after)
		}
	}
}

func TestCorruptKnowsTheLastRecordAfterALossOfPower(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.do("S1", "append f first", "append f 12345", "fsync f 1", "fsync . 2")
	l.run(Second)
	l.must("power S1", "corrupt S1")
	l.disk("S1", "f=first12#45")
}

func TestCorruptHitsWhatIsBeingSynced(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Find("S1").Disk().Preload("f", []byte("old"))
	l.do("S1", "append f 12345", "fsync f 1")
	l.run(Microsecond)
	l.must("corrupt S1")
	l.run(Second)
	l.disk("S1", "f=old12#45")
	l.durable("S1", "f=old12#45") // not the bytes from before the bit flipped
}

func TestWipeLeavesNothing(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	l.connect("S1", "S2")
	l.Find("S1").Disk().Preload("f", []byte("a"))
	l.must("full S1", "tear S1", "fail-fsync S1", "wipe S1")
	l.disk("S1", "")
	l.durable("S1", "")
	l.run(Second)
	l.expect("S2") // the power went with it
	l.must("restart S1")
	l.do("S1", "append f b", "fsync . 1", "fsync f 2")
	l.run(Second)
	// a new disk has no faults
	l.expect("S1", "1.005s boot", "1.006s fsynced 1", "1.007s fsynced 2")
	l.durable("S1", "f=b")
	l.must("crash S1", "wipe S1") // of a machine that is down, and now off
	l.durable("S1", "")
	l.run(Second)
	l.do("S2", "dial S1")
	l.run(3 * Second)
	l.expect("S2", "4.005s refused by S1")
}

func TestPowerOfACrashedMachine(t *testing.T) {
	left := map[string]bool{}
	for seed := uint64(0); seed < 50; seed++ {
		l := newLab(t, Config{Seed: seed}, "S1", "S2")
		l.connect("S1", "S2")
		l.Find("S1").Disk().Preload("f", []byte("a"))
		l.do("S1", "append f b")
		l.run(Second)
		l.must("crash S1", "power S1") // the process first, then the machine under it
		left[files(l.Find("S1").Disk().Names(), l.Find("S1").Disk().Read)] = true
		l.do("S2", "dial S1")
		l.run(3 * Second)
		l.expect("S2", "1.006s closed by S1", "2.005s refused by S1")
	}
	if !left["f=a"] || !left["f=ab"] || len(left) != 2 {
		t.Errorf("50 seeds leave %v, want f=a and f=ab", left)
	}
}

func TestDisksShareNoBytes(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	image := append(make([]byte, 0, 64), "image"...)
	for _, m := range l.Machines() {
		m.Disk().Preload("f", image)
	}
	l.do("S1", "append f -one")
	l.do("S2", "append f -two")
	l.run(Second)
	l.disk("S1", "f=image-one")
	l.disk("S2", "f=image-two")
	l.must("corrupt S1")
	l.do("S1", "truncate f 3", "append f X")
	l.run(Second)
	l.disk("S2", "f=image-two")
	if string(image) != "image" {
		t.Errorf("the caller's bytes are %q", image)
	}
}
