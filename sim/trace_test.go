package sim

import "testing"

func TestEveryKindHasANameOfItsOwn(t *testing.T) {
	seen := map[string]RecordKind{}
	for k := KindBoot; k <= KindOpRet; k++ {
		if other, ok := seen[k.String()]; ok || k.String() == "" {
			t.Errorf("kinds %d and %d are both %q", k, other, k)
		}
		seen[k.String()] = k
	}
	if int(KindOpRet) != len(kindNames)-1 {
		t.Errorf("%d names for %d kinds", len(kindNames)-1, KindOpRet)
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
		KindTimerFire, KindSplit, KindCut, KindHeal, KindDelay, KindHold, KindPause, KindResume, KindDisk,
		KindSync, KindClock, KindOpen, KindClose, KindNote} {
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
		if s := &records[r.Cause]; s.Kind != KindSend || s.Number != r.Number || s.Message != r.Message ||
			s.At > r.At || s.To != r.Node && s.To != r.To {
			return "is no arrival of its cause"
		}
	case KindSend:
		if r.Arrive <= r.At || r.Message == nil || r.To == 0 {
			return "says not when or where it arrives"
		}
	case KindSync:
		if r.Cause < 0 {
			return "has no cause"
		}
	}
	return ""
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
