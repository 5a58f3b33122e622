package raft

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

func open(t testing.TB) *Host {
	t.Helper()
	h, err := OpenGuest(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close(context.Background()) })
	return h
}

// settings returns the settings of a run with five servers and two clients.
func settings(seed uint64, length sim.Time, plan string) *task.Settings {
	ms := sim.Millisecond
	return &task.Settings{
		Seed: seed, Servers: 5, Length: length, Plan: plan,
		Latency: sim.Span{Min: ms, Max: 5 * ms}, Fsync: sim.Span{Min: 500, Max: 3 * ms},
		Heartbeat: 300 * ms, Election: 300 * ms, Lease: 150 * ms,
		CommitTimeout: 50 * ms, MaxAppend: 64, Pipeline: 2,
		Timeout: sim.Second, SnapThreshold: 8192, TrailingLogs: 10240,
		Clients: []task.Client{
			{Name: "A", Home: 1, Pause: 50 * ms, Size: 20, Keys: 3},
			{Name: "B", Home: 2, Pause: 50 * ms, Reads: 50, Size: 20, Keys: 3},
		},
	}
}

const storm = `1s crash S1
1.500s restart S1
1.500s power S2
1.800s pause S3 1s
2s split S1 S2 | S3 S4 S5 A B
2.500s restart S2
3s heal
3.500s crash LEADER
`

func run(t testing.TB, h *Host, s *task.Settings) *task.Result {
	t.Helper()
	r, err := h.Run(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func succeeded(r *task.Result) (n int) {
	for _, o := range r.Ops {
		if o.Outcome == task.OK {
			n++
		}
	}
	return n
}

// TestRuns: a cluster keeps working under faults, and the same seed gives the same run again in
// this process, even while busy loops occupy the processors. [TestProcesses] compares runs of
// different processes.
func TestRuns(t *testing.T) {
	h := open(t)
	s := settings(1, 5*sim.Second, storm)
	r := run(t, h, s)
	t.Logf("%s: %d events, %d of %d operations, leaders %+v",
		r.Fingerprint, r.Events, succeeded(r), len(r.Ops), r.Leaders)
	if succeeded(r) < 20 || len(r.Leaders) < 2 || len(r.Missed) > 0 {
		t.Errorf("%d succeeded, leaders %+v, missed %v", succeeded(r), r.Leaders, r.Missed)
	}
	var stop atomic.Bool
	var burning sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		burning.Go(func() {
			for x := 1.0; !stop.Load(); x *= 1.000001 {
			}
		})
	}
	again := run(t, h, s)
	stop.Store(true)
	burning.Wait()
	if fmt.Sprintf("%+v", again) != fmt.Sprintf("%+v", r) {
		t.Errorf("fingerprint %s under load, %s without", again.Fingerprint, r.Fingerprint)
	}
}

// seedFor is the name of the environment variable with the seed that a child process plays.
const seedFor = "ZABLAB_TEST_RAFT_SEED"

func TestProcesses(t *testing.T) {
	if seed, err := strconv.ParseUint(os.Getenv(seedFor), 10, 64); err == nil {
		fmt.Println("fingerprint", run(t, open(t), settings(seed, 5*sim.Second, storm)).Fingerprint)
		return
	}
	if testing.Short() {
		t.Skip("30 processes take some 20 s")
	}
	open(t) // builds the guest once for all processes
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	play := func(seed int) string {
		cmd := exec.Command(program, "-test.run=^TestProcesses$")
		cmd.Env = append(os.Environ(), seedFor+"="+strconv.Itoa(seed))
		out, err := cmd.Output()
		_, rest, ok := strings.Cut(string(out), "fingerprint ")
		if err != nil || !ok {
			t.Fatalf("seed %d: %v: %s", seed, err, out)
		}
		return strings.Fields(rest)[0]
	}
	first := play(1)
	for i := range 19 {
		if again := play(1); again != first {
			t.Fatalf("process %d: fingerprint %s, want %s", i+2, again, first)
		}
	}
	seen := map[string]int{first: 1}
	for seed := 2; seed <= 10; seed++ {
		f := play(seed)
		if other, twice := seen[f]; twice {
			t.Errorf("seeds %d and %d give the same run", seed, other)
		}
		seen[f] = seed
	}
}

// lost counts acknowledged writes whose version is not higher than every earlier version of the
// register.
func lost(r *task.Result) (n int) {
	newest := map[string]uint64{}
	for _, o := range r.Ops { // in the order of the answers, as there is one client
		if o.Outcome == task.OK && !o.Read {
			if o.Version <= newest[o.Key] {
				n++
			}
			newest[o.Key] = max(newest[o.Key], o.Version)
		}
	}
	return n
}

// TestPowerLoses: when all servers lose power, no acknowledged write is lost. With slow disks and
// stores that acknowledge before the fsync, some are lost: a loss of power does remove data that is
// not durable.
func TestPowerLoses(t *testing.T) {
	h := open(t)
	var plan strings.Builder
	for i := 1; i <= 5; i++ {
		fmt.Fprintf(&plan, "2s power S%d\n2.200s restart S%d\n", i, i)
	}
	for _, betray := range []bool{false, true} {
		s := settings(1, 5*sim.Second, plan.String())
		s.Betray = betray
		s.Fsync = sim.Span{Min: 30 * sim.Millisecond, Max: 40 * sim.Millisecond}
		s.Clients = []task.Client{{Name: "A", Home: 1, Size: 20, Keys: 1}}
		r := run(t, h, s)
		late := 0
		for _, o := range r.Ops {
			if o.Call > 2500*sim.Millisecond && o.Outcome == task.OK {
				late++
			}
		}
		t.Logf("betray %t: %d of %d ok, %d of them after the power came back, %d lost",
			betray, succeeded(r), len(r.Ops), late, lost(r))
		if late == 0 || (lost(r) > 0) != betray {
			t.Errorf("betray %t: %d lost, %d writes after the power came back",
				betray, lost(r), late)
		}
	}
}

// TestTheDeadAreSilent: a crashed server sends no message, although its goroutines may still run.
func TestTheDeadAreSilent(t *testing.T) {
	h := open(t)
	for _, verb := range []string{"crash", "power"} {
		s := settings(1, 4*sim.Second, "2s "+verb+" S1\n2s "+verb+" S3\n")
		s.From = 2*sim.Second + 1
		r := run(t, h, s)
		others := 0
		for _, c := range r.Counts {
			if c.From == 1 || c.From == 3 {
				t.Errorf("%s: %+v", verb, c)
			}
			others += c.N
		}
		if others == 0 {
			t.Errorf("%s: the other servers sent nothing", verb)
		}
	}
}

// TestErrors: each error names its cause, and what to do.
func TestErrors(t *testing.T) {
	h := open(t)
	for plan, want := range map[string]string{
		"1s explode S1":                      `unknown verb "explode"`,
		"1s crash S9":                        "no machine S9",
		"at LEADER becomes leading crash S1": "LEADER, OTHERS and NEXT need a time",
		"1s explode LEADER":                  `plan:1:1: fault "1s explode LEADER": unknown verb`,
	} {
		_, err := h.Run(context.Background(), settings(1, sim.Second, plan))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", plan, err)
		}
	}
	says := func(err error, want string) {
		t.Helper()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	_, err := OpenGuest(context.Background(), "no/such/guest")
	says(err, "GOOS=wasip1 GOARCH=wasm go build")
	_, err = Open(context.Background(), guest.Program{Code: []byte("no module")}, "")
	says(err, "build the guest again")
	t.Setenv("PATH", "")
	_, err = Build(context.Background(), t.TempDir())
	says(err, "--guest")
}

// BenchmarkStorm reports virtual time divided by processor time, for five servers under faults with
// raft's default timeouts. It uses processor time because the machine may be busy. The goal is 20.
func BenchmarkStorm(b *testing.B) {
	h := open(b)
	virtual, before := sim.Time(0), processor(b)
	for b.Loop() {
		s := settings(1, 10*sim.Second, "2s crash LEADER\n"+
			"4s restart S1\n4s restart S2\n4s restart S3\n4s restart S4\n4s restart S5\n"+
			"5s pause LEADER 2s\n8s split LEADER | OTHERS\n9s heal\n")
		s.Heartbeat, s.Election, s.Lease = sim.Second, sim.Second, 500*sim.Millisecond
		virtual += run(b, h, s).Virtual
	}
	b.ReportMetric(float64(virtual)/float64(processor(b)-before), "x-real-time")
}
