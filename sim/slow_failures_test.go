package sim

import "testing"

// TestSlowFailures: a failed fsync takes no time, or as much as any other, as the world's config says.
func TestSlowFailures(t *testing.T) {
	for _, slow := range []bool{false, true} {
		w := NewWorld(Config{
			Seed: 1, Fsync: Span{Min: 5 * Millisecond, Max: 5 * Millisecond}, SlowFailures: slow,
		})
		p := &syncer{}
		m := w.Add("S1", "server", func(*Machine) Program { return p })
		w.Start(m)
		if err := w.Schedule(Plan{FailFsync("S1").At(Millisecond)}); err != nil {
			t.Fatal(err)
		}
		w.Run(Second, nil)
		want := 2 * Millisecond
		if slow {
			want += 5 * Millisecond
		}
		if p.failed != want {
			t.Errorf("slow %t: failed at %s, want %s", slow, p.failed, want)
		}
	}
}

// syncer writes and fsyncs a file at 2 ms.
type syncer struct {
	asked  bool
	failed Time
}

func (p *syncer) Deadline() Time {
	if p.asked {
		return Never
	}
	return 2 * Millisecond
}

func (p *syncer) Step(now Time, e Event, out []Effect) []Effect {
	switch e.Kind {
	case Wake:
		p.asked = true
		return append(out, Effect{Kind: Append, File: "f", Data: []byte("x")},
			Effect{Kind: Fsync, File: "f", Token: 1})
	case DiskFailed:
		p.failed = now
	}
	return out
}
