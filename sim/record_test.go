package sim

import (
	"fmt"
	"strings"
	"testing"
)

func TestEveryKindHasANameOfItsOwn(t *testing.T) {
	seen := map[string]RecordKind{}
	for k := KindBoot; k < FirstFreeKind; k++ {
		if other, ok := seen[k.String()]; ok || k.String() == "" {
			t.Errorf("kinds %d and %d are both %q", k, other, k)
		}
		seen[k.String()] = k
	}
	// Numbers are hashed into fingerprints, names stand in traces: both are for ever.
	for k, want := range map[RecordKind]string{KindTimerFire: "9 timer.fire", KindFsync: "18 sync",
		KindNote: "22 note", KindViolation: "23 violation", FirstFreeKind: "24 kind 24"} {
		if got := fmt.Sprint(int(k), " ", k); got != want {
			t.Errorf("a kind is %q, want %q", got, want)
		}
	}
}

// The records of a run are dense, in the order of time, and each follows from one before it.
func TestRecordsAreATotalOrderWithCauses(t *testing.T) {
	kinds := map[RecordKind]int{}
	for seed := uint64(0); seed < 10; seed++ {
		w := chat(t, seed, true)
		records := w.Records()
		for i := range records {
			r := &records[i]
			kinds[r.Kind]++
			if r.Index != int64(i) || i > 0 && r.At < records[i-1].At {
				t.Fatalf("seed %d: record %d is %+v", seed, i, r)
			}
			if r.Cause < -1 || r.Cause >= r.Index {
				t.Fatalf("seed %d: %+v follows from what comes later", seed, r)
			}
			if err := checkCause(records, r); err != "" {
				t.Fatalf("seed %d: %+v %s", seed, r, err)
			}
		}
	}
	for _, k := range []RecordKind{KindBoot, KindRestart, KindCrash, KindSend, KindRecv, KindDrop,
		KindTimerFire, KindSplit, KindCut, KindHeal, KindDelay, KindHold, KindPause, KindResume,
		KindDisk, KindFsync, KindClock, KindOpen, KindClose, KindNote} {
		if kinds[k] == 0 {
			t.Errorf("ten runs without a record of %s", k)
		}
	}
}

// checkCause says what is wrong with the cause of a record, if anything is.
func checkCause(records []Record, r *Record) string {
	switch r.Kind {
	case KindRecv, KindDrop:
		if r.Cause < 0 {
			return "has no cause"
		}
		s := &records[r.Cause]
		if s.Kind != KindSend || s.Number != r.Number || s.Message != r.Message ||
			s.At > r.At || s.To != r.Node && s.To != r.To {
			return "is no arrival of its cause"
		}
	case KindSend:
		if r.Arrive <= r.At || r.Message == nil || r.To == 0 {
			return "says not when or where it arrives"
		}
	case KindFsync:
		if r.Cause < 0 {
			return "has no cause"
		}
	}
	return ""
}

// What a program does follows from the record of what happened to it.
func TestAnEffectFollowsFromTheEventOfItsStep(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2", "S3")
	l.connect("S1", "S3")
	l.Keep()
	first := l.Index()
	p := l.Find("S1").program.(*toy)
	p.onEvent = func(e Event, out []Effect) []Effect { // whatever happens, it tells S3
		return append(out, Effect{Kind: Send, Conn: p.conns[3], Msg: word("EVENT")})
	}
	l.do("S1", "dial S2", "append f a", "fsync f 1", "wake 20ms")
	l.run(5 * Millisecond)
	l.do("S2", "send S1 PING")
	l.run(5 * Millisecond)
	l.do("S2", "close S1")
	l.run(20 * Millisecond)
	l.do("S2", "dial S1")
	l.plan("40ms fail-fsync S1\n50ms crash S2")
	l.doAt("45ms", "S1", "fsync f 2")
	l.doAt("60ms", "S1", "dial S2")
	l.run(Second)
	var causes []string
	for _, r := range l.Records() {
		if r.Kind == KindSend && r.Node == 1 {
			c := l.Records()[r.Cause-first]
			causes = append(causes, c.Kind.String())
			if c.Node != 1 || c.At != r.At {
				t.Errorf("%+v follows from %+v", r, c)
			}
		}
	}
	// told, connected, fsynced, received, closed, woken, accepted, failed, reset, told, refused
	want := "note sync open recv close timer.fire open note disk close note close"
	if got := strings.Join(causes, " "); got != want {
		t.Errorf("the causes are %s, want %s", got, want)
	}
}

// What a fault breaks follows from the fault.
func TestAnEndFollowsFromItsFault(t *testing.T) {
	for _, c := range []struct{ fault, cause string }{
		{"reset S1 S2", "close"}, {"crash S1", "crash"}, {"at S1 sends A crash S1", "crash"},
	} {
		l := newLab(t, Config{}, "S1", "S2")
		l.connect("S1", "S2")
		l.Keep()
		first := l.Index()
		l.plan(c.fault)
		l.do("S1", "send S2 A")
		l.run(Second)
		ends := 0
		for _, r := range l.Records() {
			if r.Kind == KindClose && r.Node != 0 {
				ends++
				if f := l.Records()[r.Cause-first]; f.Kind.String() != c.cause || f.Body == nil {
					t.Errorf("%s: %+v follows from %+v", c.fault, r, f)
				}
			}
		}
		if ends == 0 {
			t.Errorf("%s: no end of a connection", c.fault)
		}
	}
}

// A word from outside follows from nothing, also when it is spoken between two runs.
func TestWordsFromOutsideHaveNoCause(t *testing.T) {
	l := newLab(t, Config{}, "S1")
	l.Keep()
	l.do("S1", "look")
	l.run(Second)
	l.do("S1", "look")
	l.must("crash S1", "restart S1")
	l.do("S1", "look")
	l.run(Second)
	for _, r := range l.Records() {
		if r.Cause != -1 {
			t.Errorf("%+v follows from something", r)
		}
	}
}

func TestEventsAreCounted(t *testing.T) {
	l := newLab(t, Config{}, "S1", "S2")
	start := l.Stats().Events
	l.do("S1", "dial S2", "wake 1s", "fsync . 1")
	l.plan("1s heal")
	l.doAt("1.5s", "S1", "wake 1s")
	l.run(9 * Second)
	// told twice, the dial there and back, a fsync, two wakes, a fault, and the end of the patience
	// with a dial that came through
	if got := l.Stats().Events - start; got != 9 {
		t.Errorf("%d events, want 9", got)
	}
}

func TestCausesCanBeSet(t *testing.T) {
	w := NewWorld(Config{})
	w.Keep()
	if old := w.SetCause(41); old != -1 || w.Cause() != 41 {
		t.Errorf("the cause was %d and is %d, want -1 and 41", old, w.Cause())
	}
	r := w.Emit(KindNote, 3, 0)
	if r.Cause != 41 || r.Node != 3 || r.Index != 0 || w.Index() != 1 {
		t.Errorf("the record is %+v", r)
	}
}
