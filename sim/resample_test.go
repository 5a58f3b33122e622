package sim

import "testing"

func TestResampleKeepsWhatCameBefore(t *testing.T) {
	for seed := range uint64(10) {
		whole := chat(t, seed, true)
		for _, step := range []int64{1, 40, 333} {
			other := resampled(t, seed, true, Resample{Step: step, Seed: seed + 1})
			a, b := whole.Records(), other.Records()
			for i := range step + 1 {
				if a[i].At != b[i].At || a[i].Kind != b[i].Kind || a[i].Node != b[i].Node ||
					a[i].Cause != b[i].Cause {
					t.Fatalf("seed %d: with a new seed after step %d, step %d is %v, not %v", seed, step,
						i, b[i], a[i])
				}
			}
			if whole.Fingerprint() == other.Fingerprint() {
				t.Errorf("seed %d: a new seed after step %d changes nothing", seed, step)
			}
			same := resampled(t, seed, false, Resample{Step: step, Seed: seed})
			if same.Fingerprint() != whole.Fingerprint() {
				t.Errorf("seed %d: the same seed after step %d changes the run", seed, step)
			}
		}
		late := resampled(t, seed, false, Resample{Step: whole.Index() + 1, Seed: seed + 1})
		if late.Fingerprint() != whole.Fingerprint() {
			t.Errorf("seed %d: a new seed after the end changes the run", seed)
		}
	}
}

// The duration of a later fsync depends on the new seed too.
func TestResampleReachesDisks(t *testing.T) {
	spans := map[Time]bool{}
	for seed := range uint64(20) {
		w := NewWorld(Config{Seed: 1, Resample: Resample{Step: 1, Seed: seed}})
		w.Keep()
		m := w.Add("S1", "server", func(*Machine) Program { return &appender{} })
		w.Start(m)
		w.Run(Second, nil)
		records := w.Records()
		spans[records[len(records)-1].At] = true
	}
	if len(spans) < 10 {
		t.Errorf("20 seeds give %d durations of the third fsync", len(spans))
	}
}

// appender appends a byte and waits for its fsync, three times.
type appender struct{ done int }

func (s *appender) Deadline() Time { return Never }

func (s *appender) Step(_ Time, e Event, out []Effect) []Effect {
	if e.Kind == Fsynced {
		s.done++
	}
	if s.done < 3 && (e.Kind == Boot || e.Kind == Fsynced) {
		out = append(out, Effect{Kind: Append, File: "log", Data: []byte{1}},
			Effect{Kind: Fsync, File: "log"})
	}
	return out
}
