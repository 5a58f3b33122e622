// Package fuzztest brings the lab's fuzzer into the tests of who writes client programs: a recipe of one's own
// is run by a few clients on an ensemble that crashes, splits and loses power, and every run is held
// to every check.
//
//	func TestMyLock(t *testing.T) {
//		rapid.Check(t, func(t *rapid.T) {
//			fuzztest.Run(t, fuzztest.Schedule(t), fuzztest.Client{Programs: []func(*client.Proc){myLock}})
//		})
//	}
//
//	func FuzzMyLock(f *testing.F) {
//		f.Fuzz(func(t *testing.T, data []byte) {
//			fuzztest.Run(t, fuzztest.Bytes(data), fuzztest.Client{Programs: []func(*client.Proc){myLock}})
//		})
//	}
//
// With rapid a schedule that fails is shrunk by rapid: to few faults, early and simple ones, few servers and
// quiet settings. With go test -fuzz it is Go that mutates the bytes, guided by what code they reach. What
// is printed for a failure is the schedule, which [Parse] reads, for a test that keeps it.
//
// # What a program must keep to
//
// Chance comes from its [client.Proc], time too; it starts no goroutine and shares nothing with other
// clients: then the same schedule is the same run. It ends when its session is over and none follows, or
// never. What it believes it says by [client.Proc.Hold], what it does outside by [client.Proc.Use]; then
// overlaps are counted, and stale tokens are noticed.
package fuzztest

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"pgregory.net/rapid"
)

// Client is what each client of a schedule runs, and what must be true in the end.
type Client struct {
	// Programs run side by side in each client; nil for the workloads that were drawn.
	Programs []func(*client.Proc)
	// Also, if set, is asked when all faults are healed and all is at rest: an error is a failure.
	Also func(e *ensemble.Ensemble) error
}

// TB is what Run needs of a test: a *testing.T, a *rapid.T.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Run plays a schedule and fails the test if anything breaks. It returns what the run came to.
func Run(t TB, s fuzz.Schedule, c Client) fuzz.Result {
	t.Helper()
	f, err := s.Play(fuzz.Playing{Programs: c.Programs, Also: c.Also})
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

// Parse reads a schedule that a failure has printed. An error of the text is a panic: it is a test's own.
func Parse(text string) fuzz.Schedule {
	s, err := fuzz.Parse("schedule", text)
	if err != nil {
		panic(fmt.Sprintf("fuzztest.Parse: %v", err))
	}
	return s
}

// Schedule draws a schedule of the whole swarm. It shrinks line by line: each fault may be left out.
func Schedule(t *rapid.T) fuzz.Schedule {
	s := fuzz.Swarm.GenerateBy(drawn{t}, rapid.Uint64().Draw(t, "seed"))
	kept := s.Plan[:0]
	for _, f := range s.Plan {
		if rapid.IntRange(0, 7).Draw(t, f.String()) > 0 {
			kept = append(kept, f)
		}
	}
	s.Plan = kept
	return s
}

// drawn is chance that rapid can shrink.
type drawn struct{ t *rapid.T }

func (d drawn) Intn(n int) int { return rapid.IntRange(0, n-1).Draw(d.t, "n") }

func (d drawn) Between(low, high sim.Time) sim.Time {
	return sim.Time(rapid.Int64Range(int64(low), max(int64(low), int64(high))).Draw(d.t, "time"))
}

// Bytes decodes any bytes into a schedule of the whole swarm. A byte that is changed changes one draw, and
// what hangs on it; where the bytes end the simplest is drawn.
func Bytes(data []byte) fuzz.Schedule {
	d := &decoded{data: data}
	seed := d.number(4)
	return fuzz.Swarm.GenerateBy(d, seed)
}

// decoded is chance out of bytes.
type decoded struct{ data []byte }

// number takes n bytes off.
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
