package suspects

import (
	"flag"
	"fmt"
	"runtime"
	"testing"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"github.com/zablab/zablab/scenarios/raft/trial"
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
)

// newTrial returns a trial of a library, which ends with the test.
func newTrial(t testing.TB, k *Kind, c trial.Config) *trial.Trial {
	t.Helper()
	r, err := trial.New(openSuspect(t, k.Engine).host, k.Library, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// eachKind runs a test for each library.
func eachKind(t *testing.T, test func(t *testing.T, k *Kind)) {
	for _, k := range kinds {
		t.Run(k.Engine, func(t *testing.T) { test(t, k) })
	}
}

func writers(n int, pause sim.Time) (list []trial.Client) {
	for i := range n {
		list = append(list, trial.Client{Name: string(rune('A' + i)), Mix: registers.Mix{
			Registers: 3, Reads: 30, Size: 20, Pause: pause,
		}})
	}
	return list
}

func succeeded(r *trial.Trial) (n int) {
	for _, o := range r.Ops() {
		if o.Status == contract.OK {
			n++
		}
	}
	return n
}

func linearizable(t testing.TB, r *trial.Trial) {
	t.Helper()
	v, err := lin.Check(r.History(), lin.Options{Model: lin.Register, Timeout: 10 * time.Second})
	if err != nil || v.Result != lin.Linearizable {
		t.Errorf("%v, %v", v.Result, err)
	}
}

// Without faults, servers elect a leader, serve, and agree.
func TestCalm(t *testing.T) { eachKind(t, calm) }

func calm(t *testing.T, k *Kind) {
	r := newTrial(t, k, trial.Config{Seed: 1, Servers: 3, Clients: writers(2, 40*sim.Millisecond)})
	began := cpu()
	if !r.Run(20*sim.Second, nil) {
		t.Fatal(r.Err())
	}
	t.Logf("%d of %d operations, leader %s, %.1fx, memory %d MB", succeeded(r), len(r.Ops()),
		r.Leader(), 20/(cpu()-began).Seconds(), r.Memory()>>20)
	if succeeded(r) < 500 {
		t.Errorf("%d of %d operations succeeded", succeeded(r), len(r.Ops()))
	}
	linearizable(t, r)
	if !r.Run(25*sim.Second, r.CaughtUp) || !r.CaughtUp() {
		t.Errorf("%v: %s", r.Err(), r.Lags())
	}
}

// A snapshot shortens the log: raft keeps only the entries that the settings ask for. A server that was
// down for longer gets the snapshot.
func TestSnapshots(t *testing.T) { eachKind(t, takeSnapshots) }

func takeSnapshots(t *testing.T, k *Kind) {
	r := newTrial(t, k, trial.Config{
		Seed: 1, Servers: 3, Snapshots: 20, Trailing: 10, Clients: writers(2, 20*sim.Millisecond),
	})
	r.Run(5*sim.Second, func() bool { return r.Leader() != "" })
	down := "S1"
	if r.Leader() == down {
		down = "S2"
	}
	if err := r.World.Inject(sim.Crash(down)); err != nil {
		t.Fatal(err)
	}
	r.Run(r.World.Now()+8*sim.Second, nil)
	first := map[string]uint64{}
	for _, m := range r.Servers() {
		for b := m.Disk().Read(contract.Journal); m.Up(); {
			kind, body, rest, ok := contract.NextRecord(b)
			if !ok {
				break
			}
			if _, last, ok := contract.Range(body); ok && kind == contract.Delete {
				first[m.Name] = last + 1
			}
			b = rest
		}
	}
	if len(first) != 2 {
		t.Errorf("no entry was deleted from the logs: %v", first)
	}
	if err := r.World.Inject(sim.Restart(down)); err != nil {
		t.Fatal(err)
	}
	got := r.Counts().Restored
	if !r.Run(r.World.Now()+5*sim.Second, func() bool { return r.Counts().Restored > got }) ||
		r.Counts().Restored == got {
		t.Errorf("%s has got no snapshot: %v", down, r.Err())
	}
}

// TestRestored: a server that has restored a snapshot of the whole log has caught up, although its own
// log still ends before the snapshot: hashicorp/raft keeps TrailingLogs entries of it.
func TestRestored(t *testing.T) { eachKind(t, restored) }

func restored(t *testing.T, k *Kind) {
	r := newTrial(t, k, trial.Config{Seed: 1, Servers: 3, Snapshots: 5, Trailing: 2})
	s := staged{Trial: r}
	r.Run(5*sim.Second, func() bool { return r.Leader() != "" })
	s.wait(sim.Second)
	write := func(n int) {
		for i := range n {
			r.Ask(r.Leader(), contract.Request{Do: contract.Write, Key: "r", Value: fmt.Sprint(i)})
		}
		s.wait(sim.Second)
	}
	write(6)
	down := "S1"
	if r.Leader() == down {
		down = "S2"
	}
	if err := r.World.Inject(sim.Crash(down)); err != nil {
		t.Fatal(err)
	}
	write(12)
	s.wait(5 * sim.Second) // a snapshot is taken every 2 to 4 s
	if err := r.World.Inject(sim.Restart(down)); err != nil {
		t.Fatal(err)
	}
	if r.CaughtUp() {
		t.Errorf("%s has caught up before it has got anything", down)
	}
	if r.Run(r.World.Now()+20*sim.Second, r.CaughtUp); !r.CaughtUp() || r.Counts().Restored == 0 {
		t.Errorf("%d snapshots restored, %v: %s", r.Counts().Restored, r.Err(), r.Lags())
	}
}

// storm has every kind of fault.
const storm = `1s crash S2
2.500s restart S2
3s clock S3 x1.5
at S1 looks 2000 pause S1 2s
3.500s cut S1 > S3
5s pause S3 1500ms
6.500s heal
7s power S1
8s restart S1
at S2 becomes leading crash S2
at S3 sends APPEND 20 pause S3 1s
9s split S1 | S2 S3 A B C
9.500s restart S2
12s heal
12.200s fsync S1 30ms
13s fail-fsync S3
15s restart S3
16s wipe S2
17s restart S2
`

func stormy(t testing.TB, k *Kind, seed uint64, length sim.Time) *trial.Trial {
	r := newTrial(t, k, trial.Config{
		Seed: seed, Servers: 3, Yield: 20, Nap: 5, Snapshots: 20, Trailing: 10, Prevote: true,
		Clients: append(writers(2, 40*sim.Millisecond), trial.Client{
			Name: "C", Mix: registers.Mix{Registers: 3, Pause: sim.Second}, Transfers: 50,
		}),
	})
	plan, err := sim.ParsePlan("storm", storm)
	if err == nil {
		err = r.World.Schedule(plan)
	}
	if err != nil {
		t.Fatal(err)
	}
	if !r.Run(length, nil) {
		t.Fatalf("seed %d: %v", seed, r.Err())
	}
	return r
}

var storms = flag.Int("storms", 10, "how often TestStorm plays the same seed")

// The same seed gives the same run, with one processor and with two. Under faults the cluster works
// on, and catches up when they are over.
func TestStorm(t *testing.T) { eachKind(t, playStorm) }

func playStorm(t *testing.T, k *Kind) {
	length, runs := 20*sim.Second, *storms
	if testing.Short() {
		length, runs = 9*sim.Second, 2
	}
	var first *trial.Trial
	for i := range runs {
		before := runtime.GOMAXPROCS(1 + i%2)
		r := stormy(t, k, 1, length)
		r.Close()
		runtime.GOMAXPROCS(before)
		if first == nil {
			first = r
			t.Logf("%016x: %d of %d operations", r.World.Fingerprint(), succeeded(r), len(r.Ops()))
			linearizable(t, r)
		}
		if r.World.Fingerprint() != first.World.Fingerprint() {
			t.Fatalf("run %d: %016x, the first %016x", i+1, r.World.Fingerprint(),
				first.World.Fingerprint())
		}
	}
	least := map[string]int{"raft": 100, "etcd-raft": 50}[k.Engine]
	if n := succeeded(first); n < least {
		t.Errorf("%d of %d operations succeeded", n, len(first.Ops()))
	}
	r := stormy(t, k, 2, length)
	if err := r.Heal(); err != nil {
		t.Fatal(err)
	}
	if !r.Run(length+30*sim.Second, r.CaughtUp) || !r.CaughtUp() {
		t.Errorf("%v: %s", r.Err(), r.Lags())
	}
	linearizable(t, r)
}
