// Package fuzztest brings the lab's fuzzer into your tests: your own client program, such as a
// recipe, runs in a few clients on an ensemble that crashes, splits and loses power, and every run
// passes through every check.
//
//	var myClient = fuzztest.Client{Programs: []func(*client.Proc){myLock}}
//
//	func TestMyLock(t *testing.T) {
//		rapid.Check(t, func(t *rapid.T) { fuzztest.Run(t, fuzztest.Schedule(t), myClient) })
//	}
//
//	func FuzzMyLock(f *testing.F) {
//		f.Fuzz(func(t *testing.T, b []byte) { fuzztest.Run(t, fuzztest.Bytes(b), myClient) })
//	}
//
// With [Schedule], rapid shrinks a failing schedule to few, early and simple faults, few servers
// and simple settings. With [Bytes], go test -fuzz mutates the bytes, guided by code coverage. A
// failure prints the schedule; [Parse] reads it back, so that a test can keep it.
//
// # Contract of a program
//
//  1. A program takes randomness and time from its [client.Proc], starts no goroutine and shares
//     nothing with other clients. Then the same schedule gives the same run.
//  2. A program ends only when its session is over and no new session follows. It may also never
//     end.
//  3. A program calls [client.Proc.Hold] while it believes that it leads or holds a lock, and
//     [client.Proc.Use] when it writes to an outside resource. Then the checks count overlaps and
//     report stale tokens.
//  4. The recipes of package client mark what they do, and a judge checks their promises. A program
//     with a recipe of its own may do the same, with [client.Proc.Mark]: it is then judged by what
//     it marks. If it holds a lease, which excludes nobody, its marks say [client.Lease].
package fuzztest

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/linearizability/recipe"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"pgregory.net/rapid"
)

// Client is what each client of a schedule runs, and what must be true at the end.
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
}

// TB has the methods of *testing.T and *rapid.T that Run needs.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Run plays a schedule, fails the test if a check breaks, and returns the result of the run.
func Run(t TB, s fuzz.Schedule, c Client) fuzz.Result {
	t.Helper()
	s, o := c.playing(s)
	f, err := s.Play(o)
	switch {
	case err != nil:
		t.Fatalf("fuzztest: %v", err)
	case f.Property != "":
		t.Fatalf("%s: %s\nThe schedule, for fuzztest.Parse:\n%s", f.Property, f.Text, s.String())
	case len(f.Undecided) > 0:
		t.Fatalf("fuzztest: a check ran out of time: %s\n%s", strings.Join(f.Undecided, ", "),
			s.String())
	}
	return f
}

// is has all declarations.
func (c *Client) is() (list []recipe.Recipe) {
	if c.Is != (recipe.Recipe{}) {
		list = append(list, c.Is)
	}
	return append(list, c.More...)
}

// playing says how the client's schedules are played. Programs that declare themselves something
// work on for some time after the last fault, so that their progress can be checked.
func (c *Client) playing(s fuzz.Schedule) (fuzz.Schedule, fuzz.Playing) {
	o := fuzz.Playing{Programs: c.Programs, Also: c.Also, Is: c.is()}
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

// Schedule generates a schedule of the mix [fuzz.Swarm]. rapid can shrink it line by line: any
// fault may be dropped.
func Schedule(t *rapid.T) fuzz.Schedule {
	s := fuzz.Swarm.GenerateBy(rapidChance{t}, rapid.Uint64().Draw(t, "seed"))
	kept := s.Plan[:0]
	for _, f := range s.Plan {
		if rapid.IntRange(0, 7).Draw(t, f.String()) > 0 {
			kept = append(kept, f)
		}
	}
	s.Plan = kept
	return s
}

// rapidChance is randomness that rapid can shrink.
type rapidChance struct{ t *rapid.T }

func (d rapidChance) Intn(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "n") }

func (d rapidChance) Between(low, high sim.Time) sim.Time {
	return sim.Time(rapid.Int64Range(int64(low), max(int64(low), int64(high))).Draw(d.t, "time"))
}

// Bytes decodes any bytes into a schedule of the mix [fuzz.Swarm]. Each choice takes one or four
// bytes; after the last byte, every choice is the simplest one.
func Bytes(data []byte) fuzz.Schedule {
	d := &decoded{data: data}
	seed := d.number(4)
	return fuzz.Swarm.GenerateBy(d, seed)
}

// decoded is randomness from bytes.
type decoded struct{ data []byte }

// number consumes n bytes.
func (d *decoded) number(n int) (x uint64) {
	for range n {
		x <<= 8
		if len(d.data) > 0 {
			x |= uint64(d.data[0])
			d.data = d.data[1:]
		}
	}
	return x
}

func (d *decoded) Intn(n int) int {
	if n <= 256 {
		return int(d.number(1) % uint64(n))
	}
	return int(d.number(4) % uint64(n))
}

func (d *decoded) Between(low, high sim.Time) sim.Time {
	if high <= low {
		return low
	}
	return low + sim.Time(d.number(4)%uint64(high-low+1))
}
