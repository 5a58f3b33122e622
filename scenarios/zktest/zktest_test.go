package zktest

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-zookeeper/zk"
)

// insist tries an operation until a server has answered it.
func insist(t *testing.T, f func() error) error {
	t.Helper()
	for range 100 {
		err := f()
		if !lost(err) {
			return err
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("no server has answered")
	return nil
}

// The leader of the app crashes, and after its session the other one leads: 30 s of session timeout
// in no time.
func TestFailover(t *testing.T) {
	began := time.Now()
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			e := Start(t, Seed(seed), SessionTimeout(30*time.Second))
			a, b := e.Connect("A"), e.Connect("B")
			start := time.Now()
			if _, err := a.Create("/leader", []byte("A"), zk.FlagEphemeral, open); err != nil {
				t.Fatal(err)
			}
			if owner := e.Owner("/leader"); owner != "A" {
				t.Fatalf("%q owns /leader", owner)
			}
			_, _, gone, err := b.ExistsW("/leader")
			if err != nil {
				t.Fatal(err)
			}
			e.Crash(e.Leader())
			e.Crash("A")
			<-gone
			err = insist(t, func() error {
				_, err := b.Create("/leader", []byte("B"), zk.FlagEphemeral, open)
				return err
			})
			if err != nil || e.Owner("/leader") != "B" {
				t.Fatalf("%q owns /leader, error %v", e.Owner("/leader"), err)
			}
			if d := time.Since(start); d < 20*time.Second || d > 2*time.Minute {
				t.Errorf("seed %d: B leads after %v", seed, d)
			}
		})
	}
	t.Logf("10 seeds in %v", time.Since(began).Round(time.Millisecond))
}

// A minority serves nobody, and heals.
func TestSplit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := Start(t)
		a := e.Connect("A")
		if _, err := a.Create("/x", []byte("1"), 0, open); err != nil {
			t.Fatal(err)
		}
		old := e.Leader()
		e.Isolate(old)
		for e.Leader() == old || e.Leader() == "" {
			time.Sleep(time.Second)
		}
		if err := insist(t, func() error { _, err := a.Set("/x", []byte("2"), -1); return err }); err != nil {
			t.Fatal(err)
		}
		e.Heal()
		e.Ready()
		if data, ok := e.Get("/x"); !ok || string(data) != "2" {
			t.Errorf("/x is %q", data)
		}
	})
}

// A failed test is told with what is needed to see it again.
func TestReport(t *testing.T) {
	z := &fuzzing{t: t, test: func(t testing.TB, e *Ensemble) {
		c := e.Connect("A")
		if _, err := c.Create("/a", nil, 0, open); err != nil {
			t.Fatal(err)
		}
		e.Crash(e.Leader())
		t.Fail()
	}}
	r := z.play(9, nil, true)
	text := r.text()
	for _, want := range []string{"seed 0x9", "fault  crash S", "create /a: ok", "zablab replay", "run.ndjson"} {
		if !strings.Contains(text, want) {
			t.Errorf("the report lacks %q:\n%s", want, text)
		}
	}
}
