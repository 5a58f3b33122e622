package fuzztest

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
)

// defaultSeeds is how many schedules Check plays by default.
const defaultSeeds = 100

// mostRuns limits the runs of a shrinking.
const mostRuns = 600

// Check plays the schedules of the seeds 0, 1, 2 and so on, with the mix [fuzz.Clients]. At the
// first schedule that breaks a check, Check shrinks and explains the schedule, keeps it in a
// folder, and fails the test. If no schedule breaks a check, Check logs what the schedules covered.
// It also fails the test if the programs never did what they declare, for example never held the
// declared lock.
func Check(t TB, c Client) {
	t.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(fuzz.GCPercent))
	n := c.Seeds
	if n == 0 {
		n = defaultSeeds
	}
	seen := coverage{is: c.is()}
	for seed := range uint64(n) {
		s, o := c.playing(fuzz.Clients.Generate(seed))
		f, err := s.Play(o)
		if text := wrong(&f, err); text != "" {
			c.report(t, s, &f, fmt.Sprintf("schedule %d of %d", seed+1, n), text)
			return
		}
		seen.add(&f)
	}
	if why := seen.nothing(); why != "" {
		t.Fatalf("fuzztest: %d schedules prove nothing: %s\n%s", n, why, seen.String())
		return
	}
	logf(t, "%s", seen.String())
}

// Explain plays a schedule. If a check breaks, Explain shrinks and explains the schedule, keeps the
// schedule and the explanation in a folder, and fails the test.
func Explain(t TB, s fuzz.Schedule, c Client) {
	t.Helper()
	s, o := c.playing(s)
	f, err := s.Play(o)
	if text := wrong(&f, err); text != "" {
		c.report(t, s, &f, "the schedule", text)
	}
}

// logf logs, if the test can.
func logf(t TB, format string, args ...any) {
	t.Helper()
	if l, ok := t.(interface{ Logf(string, ...any) }); ok {
		l.Logf(format, args...)
	}
}

// report shrinks and keeps a failure, and fails the test. which names the schedule.
func (c *Client) report(t TB, s fuzz.Schedule, f *fuzz.Result, which, text string) {
	t.Helper()
	if f.Property == "" { // an error, or a check without a verdict
		t.Fatalf("%s\n%s (fuzztest.Parse reads this text):\n%s", text, which, s.String())
		return
	}
	_, o := c.playing(s)
	asked := 0
	o.Stop = func() bool { asked++; return asked > mostRuns }
	least, runs := fuzz.Shrink(s, f.Property, o)
	o.Stop = nil
	dir, shown, err := c.keep(t, s, least, o)
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", f.Property, shown)
	fmt.Fprintf(&b, "%s, shrunk from %s to %s in %d runs:\n", which,
		plural(len(s.Plan), "fault"), plural(len(least.Plan), "fault"), runs)
	for line := range strings.Lines(least.Plan.String()) {
		b.WriteString("  " + line)
	}
	if err != nil {
		fmt.Fprintf(&b, "not kept: %v\n", err)
	} else {
		fmt.Fprintf(&b, "kept in %s: schedule, why.txt, diagram.md, trace.ndjson, page.html\n", dir)
	}
	fmt.Fprintf(&b, "The schedule (fuzztest.Parse reads this text):\n%s", least.String())
	t.Fatalf("%s", b.String())
}

// coverage is what the schedules of a check have seen.
type coverage struct {
	is        []recipe.Recipe
	runs      int
	sometimes fuzz.Sometimes
	figures   promise.Figures
	virtual   sim.Time
	done      int            // operations that succeeded
	judged    map[string]int // by promise, the runs that had a case of it
}

func (c *coverage) add(f *fuzz.Result) {
	c.runs++
	c.sometimes.Add(&f.Sometimes)
	c.figures.Add(&f.Promises)
	c.virtual += f.Virtual
	c.done += f.Succeeded
	if c.judged == nil {
		c.judged = make(map[string]int)
	}
	for i := range f.Checks {
		if k := &f.Checks[i]; k.Verdict == lin.Linearizable && !k.Idle {
			c.judged[k.Name]++
		}
	}
}

// nothing says why the schedules prove nothing of what the programs declare; "" if they do.
func (c *coverage) nothing() string {
	if c.done <= c.runs { // the fuzzer itself writes once in each run, when all faults are healed
		return "no call of any client succeeded"
	}
	f := &c.figures
	for i := range c.is {
		switch r := &c.is[i]; {
		case r.Office() && f.Holds == 0:
			return fmt.Sprintf("no program ever held %s: call client.Proc.Hold when the program "+
				"holds it", r.Path)
		case r.Office() && f.Waits == 0:
			return fmt.Sprintf("no program ever waited for %s, so progress was not checked: call "+
				"client.Proc.Want before the program tries to get it", r.Path)
		case r.Office() && !r.Leased && f.Met == 0:
			return fmt.Sprintf("no program ever waited for %s while another held it, so mutual "+
				"exclusion was not tested: call client.Proc.Want before the program tries to get "+
				"it, and let the program hold it for some time", r.Path)
		case r.Kind == recipe.KindQueue && f.Taken == 0:
			return fmt.Sprintf("no program ever took an item of %s: call client.Proc.Say with "+
				"client.Took when the program has taken an item", r.Path)
		case r.Kind == recipe.KindBarrier && f.Passed == 0:
			return fmt.Sprintf("no program ever passed the barrier %s: call client.Proc.Say with "+
				"client.Passes when the program has passed it", r.Path)
		}
	}
	return ""
}

// String says what was covered, in a few lines.
func (c *coverage) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s, %s of virtual time, %d calls succeeded\n", plural(c.runs, "schedule"),
		c.virtual.Brief(), c.done)
	f := &c.figures
	for i := range c.is {
		fmt.Fprintf(&b, "  declared: %s\n", c.is[i])
	}
	if f.Holds > 0 {
		fmt.Fprintf(&b, "  contention: the lock or leadership was held %s; programs waited for "+
			"it %s, including %s while another program held it\n",
			plural(f.Holds, "time"), plural(f.Waits, "time"), plural(f.Met, "time"))
		fmt.Fprintf(&b, "  the lock or leadership was held although its session or node was "+
			"gone: %d times, for up to %s\n", f.Past,
			sim.Time(f.Longest).Brief())
	}
	if f.Taken+f.Passed > 0 {
		fmt.Fprintf(&b, "  %s taken, barriers passed %s\n", plural(f.Taken, "item"),
			plural(f.Passed, "time"))
	}
	s := &c.sometimes
	fmt.Fprintf(&b, "  elections: %d, sessions expired: %d, sessions moved: %d, answers lost: %d, "+
		"writes refused: %d, faults: %d\n", s.Elections, s.Expired, s.Moved, s.Unknown, s.Refused,
		s.Faults)
	var done, idle []string
	for _, name := range promise.Names() {
		if n := c.judged[name]; n > 0 {
			done = append(done, fmt.Sprintf("%s in %d", name, n))
		} else if c.expects(name) {
			idle = append(idle, name)
		}
	}
	if len(done) > 0 {
		fmt.Fprintf(&b, "  checks of the programs, each with the number of runs that had "+
			"something to check: %s\n",
			strings.Join(done,
				", "))
	}
	if len(idle) > 0 {
		fmt.Fprintf(&b, "  not checked, because no run had anything to check: %s\n",
			strings.Join(idle, ", "))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// expects reports whether a promise belongs to what is declared.
func (c *coverage) expects(name string) bool {
	return slices.ContainsFunc(c.is, func(r recipe.Recipe) bool {
		switch name {
		case promise.MutualExclusion:
			return !r.Leased && (r.Kind == recipe.KindLock || r.Kind == recipe.KindElection)
		case promise.ReadersWriters:
			return !r.Leased && r.Kind == recipe.KindRWLock
		case promise.Progress:
			return r.Office() && !r.Leased
		case promise.InOrder:
			return r.Ordered
		case promise.FencedInOrder:
			return r.Resource != ""
		case promise.TakenOnce, promise.NothingLost:
			return r.Kind == recipe.KindQueue
		case promise.BarrierSize, promise.BarrierLeave:
			return r.Kind == recipe.KindBarrier
		}
		return false
	})
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
