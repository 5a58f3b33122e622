package apache_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
)

// need skips the test in short mode, and on a host without Apache ZooKeeper; it then names the
// package to install.
func need(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers of Apache ZooKeeper are started")
	}
	if _, err := apache.Find(); err != nil {
		t.Skip(err)
	}
}

// start starts an ensemble that the test's end closes.
func start(t *testing.T, c apache.Config) *apache.Ensemble {
	t.Helper()
	need(t)
	e, err := apache.Start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// until polls until is() is true, and fails the test after a bound.
func until(t *testing.T, bound time.Duration, what string, is func() bool) time.Duration {
	t.Helper()
	began := time.Now()
	for !is() {
		if time.Since(began) > bound {
			t.Fatalf("waited %s until %s: timed out", bound, what)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(began)
}

func leader(e *apache.Ensemble) int {
	for i := 1; i <= e.Size(); i++ {
		if e.Up(i) && !e.Paused(i) {
			if s, err := apache.AskStatus(e.Address(i)); err == nil && s.Leads() {
				return i
			}
		}
	}
	return 0
}

// left lists the processes and directories of the ensembles that this process started.
func left(t *testing.T) (found []string) {
	t.Helper()
	prefix := filepath.Join(os.TempDir(), "zablab-zookeeper-"+strconv.Itoa(os.Getpid())+"-")
	dirs, err := filepath.Glob(prefix + "*")
	if err != nil {
		t.Fatal(err)
	}
	found = append(found, dirs...)
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range lines {
		text, err := os.ReadFile(file)
		if err == nil && strings.Contains(string(text), prefix) {
			found = append(found, strings.ReplaceAll(string(text), "\x00", " "))
		}
	}
	return found
}

func TestNothingIsLeft(t *testing.T) {
	e := start(t, apache.Config{Stage: engine.Stage{Servers: 3, Tick: 200 * sim.Millisecond}})
	if n := len(left(t)); n != 4 {
		t.Errorf("%d processes and directories while three servers run, want 4: %v", n, left(t))
	}
	e.Close()
	if l := left(t); len(l) > 0 {
		t.Errorf("left behind: %v", l)
	}
	for i := 1; i <= 3; i++ {
		c, err := net.DialTimeout("tcp", e.Address(i), time.Second)
		if err == nil {
			c.Close()
			t.Errorf("S%d still listens at %s", i, e.Address(i))
		}
	}
	if _, err := apache.Start(t.Context(),
		apache.Config{Stage: engine.Stage{Servers: 2}}); err == nil {
		t.Error("two servers were started")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel() // as ^C does during a start
	if _, err := apache.Start(ctx, apache.Config{}); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupted start returns %v", err)
	}
	if l := left(t); len(l) > 0 {
		t.Errorf("left behind by an interrupted start: %v", l)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	e := start(t, apache.Config{Stage: engine.Stage{Servers: 3, Tick: 200 * sim.Millisecond}})
	first := leader(e)
	if first == 0 {
		t.Fatal("no leader")
	}
	if err := e.Kill(first); err != nil {
		t.Fatal(err)
	}
	took := until(t, 20*time.Second, "another leads", func() bool {
		l := leader(e)
		return l != 0 && l != first
	})
	t.Logf("S%d was killed, S%d leads after %s", first, leader(e), took.Round(time.Millisecond))
	if err := e.Kill(first); !errors.Is(err, apache.ErrState) {
		t.Errorf("killed twice: %v", err)
	}
	if err := e.Restart(first); err != nil {
		t.Fatal(err)
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s, err := apache.AskStatus(e.Address(first)); err != nil || s.Mode != "follower" {
		t.Errorf("back again S%d is %q: %v", first, s.Mode, err)
	}
	second := leader(e)
	if err := e.Pause(second); err != nil {
		t.Fatal(err)
	}
	if _, err := apache.AskStatus(e.Address(second)); err == nil {
		t.Error("a paused server answers")
	}
	until(t, 20*time.Second, "another leads", func() bool {
		l := leader(e)
		return l != 0 && l != second
	})
	if err := e.Resume(second); err != nil {
		t.Fatal(err)
	}
	if err := e.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// A leader that is split off stops leading, the other servers elect one of them, and after the heal
// the old leader follows.
func TestSplit(t *testing.T) {
	t.Parallel()
	e := start(t, apache.Config{Stage: engine.Stage{Servers: 3, Tick: 200 * sim.Millisecond}})
	old := leader(e)
	for i := 1; i <= 3; i++ {
		if i != old {
			e.Cut(i, old)
			e.Cut(old, i)
		}
	}
	until(t, 20*time.Second, "the other side elects", func() bool {
		l := leader(e)
		return l != 0 && l != old
	})
	until(t, 20*time.Second, "the old leader gives up", func() bool {
		s, err := apache.AskStatus(e.Address(old))
		return err == nil && !s.Serves()
	})
	e.Heal()
	until(t, 40*time.Second, "it follows", func() bool {
		s, err := apache.AskStatus(e.Address(old))
		return err == nil && s.Mode == "follower"
	})
}
