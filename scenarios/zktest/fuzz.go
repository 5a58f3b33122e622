package zktest

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/sim"
)

// Plans returns the option for the number of runs with faults in [Fuzz]; each has its own plan of
// faults. The default is 100, or 20 with go test -short.
func Plans(n int) Option { return func(o *options) { o.plans = n } }

// patience is how much virtual time a test has to return after the last fault of its plan.
const patience = 10 * time.Minute

// Fuzz runs a test of a program again and again. Each run has a new ensemble and its own plan: a
// list of 1 to 6 faults that the seed picks. Servers crash, lose power, pause, or are split from
// each other. Clients lose connections, are cut off, pause, or lose their sessions. The times of
// the faults count from the start of the test. When the last fault ends, Fuzz heals everything.
//
// The first run has no faults, and must pass. From this run Fuzz learns the names of the clients,
// and how long the test takes: all faults begin within that time. Virtual time costs nothing, so a
// test should let some seconds pass between the steps of its program.
//
// When the test fails with a plan, Fuzz shrinks this plan: it removes each fault that the failure
// does not need. Then it runs the test with the remaining faults once more, and fails t with the
// log and the artifacts of this run. A test also fails if it is still running ten minutes of
// virtual time after the last fault.
//
// The test runs in a bubble of [testing/synctest], so it must not call synctest itself. All
// goroutines that it starts must end when its connections are closed. With the same seed, Fuzz
// finds the same plan, unless the test depends on the order in which its goroutines run. If the
// test does not fail again with the shrunk plan, Fuzz says so.
func Fuzz(t *testing.T, test func(t testing.TB, e *Ensemble), opts ...Option) {
	t.Helper()
	o := defaults()
	o.plans = 100
	if testing.Short() {
		o.plans = 20
	}
	for _, opt := range opts {
		opt(&o)
	}
	z := &fuzzing{t: t, test: test, opts: opts}
	first := z.play(o.stage.Seed, nil, false)
	if first.skipped {
		t.Skip(first.text())
	}
	if first.failed {
		t.Fatalf("zktest: the test fails without any fault:\n%s", first.text())
	}
	faults := 0
	for i := range o.plans {
		seed := o.stage.Seed + uint64(i)
		p := newDrawer(seed, &first, o.timeout).draw(first.took)
		r := z.play(seed, p, false)
		if faults += r.made; r.failed {
			z.tell(seed, p, i+1)
			return
		}
	}
	t.Logf("zktest: the test has passed in %d runs with %d faults in total", o.plans, faults)
}

// newDrawer returns what draws the plan of a seed for the machines of a first run.
func newDrawer(seed uint64, first *outcome, timeout time.Duration) *drawer {
	return &drawer{Rand: sim.NewRand(seed).Fork("plan"), servers: first.servers,
		clients: first.clients, timeout: timeout}
}

// fuzzing is what Fuzz needs in each run.
type fuzzing struct {
	t    *testing.T
	test func(testing.TB, *Ensemble)
	opts []Option
}

// tell shrinks a plan with which the test fails, and reports what is left.
func (z *fuzzing) tell(seed uint64, p plan, plans int) {
	z.t.Helper()
	least, runs := z.shrink(seed, p)
	for range 3 {
		if r := z.play(seed, least, true); r.failed {
			z.t.Fatalf("zktest: the test fails with plan %d. It also fails with %d of the %d "+
				"faults of this plan, as %d more runs have shown:%s\n%s", plans, len(least), len(p),
				runs, least, r.text())
		}
	}
	z.t.Fatalf("zktest: the test failed with the %d faults of plan %d, but passed when it was "+
		"repeated with the same faults: run the goroutines of the test in a fixed order, or look "+
		"for a race between them. The faults of the plan:%s",
		len(p), plans, p)
}

// shrink removes faults, one after the other, as long as the test still fails.
func (z *fuzzing) shrink(seed uint64, p plan) (least plan, runs int) {
	least = p
	for again := true; again; {
		again = false
		for i := len(least) - 1; i >= 0; i-- {
			without := slices.Delete(slices.Clone(least), i, i+1)
			if runs++; z.play(seed, without, false).failed {
				least, again = without, true
			}
		}
	}
	return least, runs
}

// outcome is what came of one run.
type outcome struct {
	failed, skipped  bool
	lines            []string
	servers, clients []string
	took             time.Duration
	made             int // faults
}

func (r *outcome) text() string { return strings.Join(r.lines, "\n") }

// play runs the test once, in a bubble. If keep is true, a failure leaves artifacts.
func (z *fuzzing) play(seed uint64, p plan, keep bool) (r outcome) {
	z.t.Helper()
	synctest.Test(z.t, func(t *testing.T) {
		tb := &trial{TB: t, dir: z.t.ArtifactDir}
		defer func() { r.failed, r.skipped, r.lines = tb.failed, tb.skipped, tb.lines }()
		e := start(tb, append(slices.Clone(z.opts), Seed(seed)))
		if e == nil {
			tb.cleanup()
			return
		}
		e.quiet = !keep
		began, done := time.Now(), make(chan struct{})
		go func() {
			defer close(done)
			defer tb.recovers()
			z.test(tb, e)
		}()
		made := make(chan int, 1)
		go func() { made <- e.carryOut(p, began, done) }()
		select {
		case <-done:
		case <-time.After(p.end() + patience):
			tb.Errorf("zktest: the test was still running %v of virtual time after the last "+
				"fault: look for a call or a loop that waits for ever", patience)
		}
		r.servers, r.took = e.Servers(), time.Since(began)
		tb.cleanup()
		for _, c := range e.world.Ensemble.Clients() { // in the order in which they have joined
			r.clients = append(r.clients, c.Name)
		}
		r.made = <-made
		select {
		case <-done:
		case <-time.After(patience):
			panic(fmt.Sprintf("zktest: the test does not return although its connections are "+
				"closed: let it return when a call fails with an error. The faults of the plan:%s",
				p))
		}
	})
	return r
}

// start starts an ensemble, and returns nil if that has failed: Start ends its goroutine then.
func start(t testing.TB, opts []Option) (e *Ensemble) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		e = Start(t, opts...)
	}()
	<-done
	return e
}

// carryOut makes the faults of a plan at their moments, heals everything after the last one, and
// returns how many it has made. It ends early when the test is done.
func (e *Ensemble) carryOut(p plan, began time.Time, done <-chan struct{}) (made int) {
	if len(p) == 0 {
		return 0
	}
	leaders := make(map[int]string) // by fault: the server that led when it was made
	for _, s := range p.steps() {
		select {
		case <-done:
			return made
		case <-time.After(time.Until(began.Add(s.at))):
		}
		line := s.line
		if strings.Contains(line, leaderName) {
			if leaders[s.fault] == "" {
				leaders[s.fault] = e.leads()
			}
			line = strings.ReplaceAll(line, leaderName, leaders[s.fault])
			line = strings.ReplaceAll(line, "OTHERS", strings.Join(e.others(leaders[s.fault]), " "))
		}
		if e.tries(line) && s.line == p[s.fault].line {
			made++
		}
	}
	for _, name := range e.Servers() {
		e.tries("restart " + name)
	}
	e.tries("heal")
	return made
}

// leads returns the server that leads, or the first one if none does.
func (e *Ensemble) leads() string {
	name := ""
	if e.host.Do(func(w *gateway.World) { name = w.Ensemble.LeaderName() }) != nil || name == "" {
		return e.Servers()[0]
	}
	return name
}

// tries makes a fault, and returns false if it is impossible now.
func (e *Ensemble) tries(line string) bool {
	if e.host.Inject(line) != nil {
		return false
	}
	e.note(line)
	return true
}

// trial is the [testing.TB] of one run: it keeps what the test reports.
type trial struct {
	testing.TB
	dir func() string

	mu       sync.Mutex
	failed   bool
	skipped  bool
	lines    []string
	cleanups []func()
}

func (r *trial) say(line string, fails bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, strings.TrimSuffix(line, "\n"))
	r.failed = r.failed || fails
}

// The methods of testing.TB that report.

func (r *trial) Helper()                      {}
func (r *trial) Log(args ...any)              { r.say(fmt.Sprintln(args...), false) }
func (r *trial) Logf(format string, a ...any) { r.say(fmt.Sprintf(format, a...), false) }
func (r *trial) Error(args ...any)            { r.say(fmt.Sprintln(args...), true) }
func (r *trial) Errorf(format string, a ...any) {
	r.say(fmt.Sprintf(format, a...), true)
}
func (r *trial) Fatal(args ...any) { r.Error(args...); runtime.Goexit() }
func (r *trial) Fatalf(format string, a ...any) {
	r.Errorf(format, a...)
	runtime.Goexit()
}
func (r *trial) Fail()               { r.say("the test has failed", true) }
func (r *trial) FailNow()            { r.Fail(); runtime.Goexit() }
func (r *trial) ArtifactDir() string { return r.dir() }

func (r *trial) Skip(args ...any)              { r.Log(args...); r.SkipNow() }
func (r *trial) Skipf(format string, a ...any) { r.Logf(format, a...); r.SkipNow() }

func (r *trial) Skipped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.skipped
}

func (r *trial) SkipNow() {
	r.mu.Lock()
	r.skipped = true
	r.mu.Unlock()
	runtime.Goexit()
}

func (r *trial) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *trial) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

// cleanup runs the cleanups, the last one first.
func (r *trial) cleanup() {
	for {
		r.mu.Lock()
		n := len(r.cleanups)
		if n == 0 {
			r.mu.Unlock()
			return
		}
		f := r.cleanups[n-1]
		r.cleanups = r.cleanups[:n-1]
		r.mu.Unlock()
		f()
	}
}

// recovers turns a panic of the test into a failure.
func (r *trial) recovers() {
	if v := recover(); v != nil {
		r.Errorf("the test has panicked: %v\n%s", v, debug.Stack())
	}
}
