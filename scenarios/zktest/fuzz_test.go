package zktest

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

var open = zk.WorldACL(zk.PermAll)

// lost reports whether the answer to a call is lost, so that nobody knows whether it took effect.
func lost(err error) bool {
	return errors.Is(err, zk.ErrConnectionClosed) || errors.Is(err, zk.ErrNoServer)
}

// order puts ten orders into the tree. A careless one tries again after a lost answer without looking
// whether the first try has come through.
func order(careless bool) func(testing.TB, *Ensemble) {
	return func(t testing.TB, e *Ensemble) {
		c := e.Connect("shop")
		for n := range 10 {
			path, flags := fmt.Sprintf("/order-%d", n), int32(0)
			if careless {
				path, flags = "/order-", zk.FlagSequence
			}
			_, err := c.Create(path, nil, flags, open)
			for ; lost(err); _, err = c.Create(path, nil, flags, open) {
				time.Sleep(100 * time.Millisecond)
			}
			if err != nil && (careless || !errors.Is(err, zk.ErrNodeExists)) {
				t.Fatalf("order %d: %v", n, err)
			}
			time.Sleep(500 * time.Millisecond)
		}
		names, _, err := c.Children("/")
		for ; lost(err); names, _, err = c.Children("/") {
			time.Sleep(100 * time.Millisecond)
		}
		orders := 0
		for _, name := range names {
			if strings.HasPrefix(name, "order-") {
				orders++
			}
		}
		if err != nil || orders != 10 {
			t.Errorf("there are %d orders instead of 10: %v", orders, err)
		}
	}
}

// TestFuzz: a program that survives lost answers passes under every plan.
func TestFuzz(t *testing.T) { Fuzz(t, order(false), Plans(40)) }

// TestFuzzFinds: of a program that does not, Fuzz finds the plan, and leaves the one fault that
// matters.
func TestFuzzFinds(t *testing.T) {
	z := &fuzzing{t: t, test: order(true)}
	first := z.play(1, nil, false)
	if first.failed || first.took < 5*time.Second || len(first.clients) != 1 {
		t.Fatalf("without faults: %+v", first)
	}
	for seed := uint64(1); seed < 100; seed++ {
		d := newDrawer(seed, &first, 4*time.Second)
		p := d.draw(first.took)
		if len(p) < 4 || !z.play(seed, p, false).failed {
			continue
		}
		least, runs := z.shrink(seed, p)
		r := z.play(seed, least, true)
		t.Logf("seed %d: %d of %d faults matter, after %d runs:%s\n%s", seed, len(least), len(p), runs,
			least, r.text())
		if !r.failed || len(least) != 1 || !strings.Contains(r.text(), "orders instead of 10") ||
			!strings.Contains(r.text(), "zablab replay") {
			t.Errorf("failed: %v, %d faults: %s", r.failed, len(least), r.text())
		}
		return
	}
	t.Error("no plan of 100 finds the order that is placed twice")
}

// TestFuzzPanics: a panic of the test, a test that fails in its goroutine, and one that is skipped.
func TestFuzzPanics(t *testing.T) {
	for _, c := range []struct {
		what string
		test func(testing.TB, *Ensemble)
		want string
	}{
		{"a panic", func(testing.TB, *Ensemble) { panic("mine") }, "the test has panicked: mine"},
		{"FailNow", func(t testing.TB, _ *Ensemble) { t.Fatal("no"); panic("goes on") }, "no"},
		{"a skip", func(t testing.TB, _ *Ensemble) { t.Skip("not today"); panic("goes on") }, "not today"},
		{"a test without end", func(_ testing.TB, e *Ensemble) {
			c := e.Connect("A")
			for c.State() != zk.StateDisconnected || e.host.Inject("heal") == nil {
				time.Sleep(time.Second)
			}
		}, "was still running 10m0s of virtual time after the last fault"},
	} {
		r := (&fuzzing{t: t, test: c.test}).play(1, nil, false)
		if r.failed == r.skipped || !strings.Contains(r.text(), c.want) {
			t.Errorf("%s: failed %v, skipped %v: %s", c.what, r.failed, r.skipped, r.text())
		}
	}
}

// TestLibrarysLock holds the lock of the client library to what a lock promises, under every plan: two
// clients hold it at once only if the node of one of them is gone, and who waits for a free lock gets
// it. A program that opens a new session after each error of Lock gets that.
func TestLibrarysLock(t *testing.T) { Fuzz(t, locks(true), Plans(30)) }

// TestLibrarysLockStays: without that, Lock can leave its node there when it returns an error, and
// both clients wait for that node for ever (github.com/samuel/go-zookeeper/issues/229). Three splits
// are enough.
func TestLibrarysLockStays(t *testing.T) {
	z := &fuzzing{t: t, test: locks(false)}
	first := z.play(1, nil, false)
	const seed = 86
	p := newDrawer(seed, &first, 4*time.Second).draw(first.took)
	r := z.play(seed, p, false)
	if !r.failed || !strings.Contains(r.text(), "was still running") {
		t.Errorf("failed: %v, under%s\n%s", r.failed, p, r.text())
	}
	if r := z.play(seed, nil, false); r.failed {
		t.Errorf("without the faults: %s", r.text())
	}
}

// locks lets two clients take turns with a lock.
func locks(renews bool) func(testing.TB, *Ensemble) {
	return func(t testing.TB, e *Ensemble) {
		var (
			mu      sync.Mutex
			holders = map[string]bool{}
			all     sync.WaitGroup
		)
		enter := func(name string) {
			mu.Lock()
			defer mu.Unlock()
			owners := e.owners("/lock")
			for other := range holders { // order: there is one
				if owners[name] && owners[other] {
					t.Errorf("%s and %s hold the lock, and the nodes of both exist", other, name)
				}
			}
			holders[name] = true
		}
		for _, who := range []string{"A", "B"} {
			name := who
			c := e.Connect(name)
			all.Go(func() {
				for n := range 5 {
					l := zk.NewLock(c, "/lock", open)
					if l.Lock() != nil {
						time.Sleep(time.Second)
						if renews {
							c.Close()
							name = fmt.Sprint(who, n)
							c = e.Connect(name)
						}
						continue
					}
					enter(name)
					time.Sleep(500 * time.Millisecond)
					mu.Lock()
					delete(holders, name)
					mu.Unlock()
					for err := l.Unlock(); lost(err); err = l.Unlock() {
						time.Sleep(100 * time.Millisecond)
					}
				}
			})
		}
		all.Wait()
	}
}

// TestPausedClient: while B is paused its library gives up the connection, and sets its watch again on
// the next one. The event that waited for B on the first connection has reached nobody, so the second
// one is not one too many.
func TestPausedClient(t *testing.T) {
	z := &fuzzing{t: t, test: locks(true)}
	p := plan{{at: 1907 * time.Millisecond, line: "pause B 5.017s"}}
	if r := z.play(0xe5, p, false); r.failed || r.made != 1 {
		t.Errorf("%d faults: %s", r.made, r.text())
	}
}

// TestShortConnection: A's connection to S3 breaks before its library can set A's watch again, and the
// library sets it on the next one. The event is due.
func TestShortConnection(t *testing.T) {
	z := &fuzzing{t: t, test: locks(true)}
	p := plan{{at: 1959 * time.Millisecond, line: "pause S3 11939775us"}}
	if r := z.play(0x10c, p, false); r.failed || r.made != 1 {
		t.Errorf("%d faults: %s", r.made, r.text())
	}
}

// owners returns the clients that own ephemeral nodes below a path.
func (e *Ensemble) owners(path string) map[string]bool {
	owners := map[string]bool{}
	for _, name := range e.Children(path) {
		owners[e.Owner(path+"/"+name)] = true
	}
	return owners
}
