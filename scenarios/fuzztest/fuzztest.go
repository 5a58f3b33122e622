package fuzztest

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/tree/client"
)

// Client says what to test: the programs that each client of a schedule runs, the recipe that they
// follow, such as a lock, and a check of your own.
type Client struct {
	// Programs run side by side in each client; nil for the schedule's own workloads.
	Programs []func(*client.Proc)
	// Is says what the programs declare themselves to be, such as recipe.Lock("/lock"). They are
	// judged by that.
	Is recipe.Recipe
	// More has further declarations, of programs that are several things.
	More []recipe.Recipe
	// Also, if set, is called when all faults are healed and all is at rest. An error is a failure.
	Also func(e *ensemble.Ensemble) error
	// Seeds is how many schedules [Check] plays; 0 for 100.
	Seeds int
	// Folder is where a failure is kept; by default, in the test's artifact directory (go test
	// -artifacts), or in a new temporary folder.
	Folder string
}

// TB has the methods of *testing.T and *rapid.T that Run needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Run plays a schedule, fails the test if a check breaks, and returns the result of the run. It
// does not shrink the schedule: [Explain] does so. In a property test, the module rapid shrinks it.
func Run(t TB, s fuzz.Schedule, c Client) fuzz.Result {
	t.Helper()
	s, o := c.playing(s)
	f, err := s.Play(o)
	if text := wrong(&f, err); text != "" {
		t.Fatalf("%s\nThe schedule (fuzztest.Parse reads this text):\n%s", text, s.String())
	}
	return f
}

// wrong says what is wrong with a run, or "".
func wrong(f *fuzz.Result, err error) string {
	switch {
	case err != nil:
		return "fuzztest: " + err.Error()
	case f.Property != "":
		return f.Property + ": " + f.Text
	case len(f.Undecided) > 0:
		return "fuzztest: no verdict, because these checks ran out of " +
			"time: " + strings.Join(f.Undecided, ", ")
	}
	return ""
}

// is has all declarations.
func (c *Client) is() (list []recipe.Recipe) {
	if c.Is != (recipe.Recipe{}) {
		list = append(list, c.Is)
	}
	return append(list, c.More...)
}

// playing says how the client's schedules are played. Programs take the place of the schedule's
// workloads. If they declare themselves something, they work on for some time after the last fault,
// so that their progress can be checked.
func (c *Client) playing(s fuzz.Schedule) (fuzz.Schedule, fuzz.Playing) {
	o := fuzz.Playing{Programs: c.Programs, Also: c.Also, Is: c.is(), Workers: 1}
	if len(c.Programs) > 0 {
		s.Clients = make([][]string, len(s.Clients))
		s.Numbers = 0
	}
	if len(o.Is) > 0 && s.Calm == 0 {
		s.Calm = s.LeastCalm()
	}
	return s, o
}

// Parse reads a schedule that a failure printed. It panics if the text is invalid, because the text
// is part of a test.
func Parse(text string) fuzz.Schedule {
	s, err := fuzz.Parse("schedule", text)
	if err != nil {
		panic(fmt.Sprintf("fuzztest.Parse: %v", err))
	}
	return s
}
