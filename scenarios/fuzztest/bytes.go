package fuzztest

import (
	"flag"
	"runtime/debug"
	"testing"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
)

// fuzzLength is the length of the schedules of Fuzz: half as long as others, so that twice as many
// are played.
const fuzzLength = fuzz.Length / 2

// Fuzz lets the command "go test -fuzz" generate the schedules on which a client is tested, guided
// by code coverage. The bytes of an input encode a schedule of 10 s of the mix [fuzz.Clients]. If
// an input fails, the command keeps it in the folder testdata/fuzz. To shrink, explain and keep the
// schedule of that input, as [Check] does, run the test again without -fuzz.
//
//	func FuzzMyLock(f *testing.F) { fuzztest.Fuzz(f, myLock) }
//
// Turn off the minimisation of inputs (-fuzzminimizetime 0x): nearly every schedule reaches new
// code, and by default go test spends up to a minute on shortening each such input.
//
//	go test -run XXX -fuzz FuzzMyLock -fuzzminimizetime 0x
//
// One execution for a lock takes about 10 ms of processor time: 6 ms for the schedule, half of it
// because of the instrumentation for code coverage, and 4 ms for go test itself. So each processor
// does about 100 executions per second. Measured: 1,500 executions took 15.9 s of processor time
// with an empty fuzz cache, and 9,800 took 94 s with a full one.
func Fuzz(f *testing.F, c Client) {
	f.Helper()
	defer debug.SetGCPercent(debug.SetGCPercent(fuzz.GCPercent)) // f.Fuzz runs all inputs
	f.Add([]byte{})
	for seed := range uint64(4) {
		f.Add(simple(seed))
	}
	fuzzes := flag.Lookup("test.fuzz")
	f.Fuzz(func(t *testing.T, data []byte) {
		s := decode(data, fuzz.Clients, fuzzLength)
		if fuzzes != nil && fuzzes.Value.String() != "" {
			Run(t, s, c) // go test minimises the bytes itself
		} else {
			Explain(t, s, c)
		}
	})
}

// simple returns bytes to begin with: those of a seed's random numbers.
func simple(seed uint64) []byte {
	r := sim.NewRand(seed).Fork("bytes")
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(r.Uint64())
	}
	return b
}

// Bytes decodes any bytes into a schedule of the mix [fuzz.Swarm]. Each choice takes one or four
// bytes; after the last byte, every choice is the simplest one.
func Bytes(data []byte) fuzz.Schedule { return decode(data, fuzz.Swarm, fuzz.Length) }

func decode(data []byte, m fuzz.Mix, length sim.Time) fuzz.Schedule {
	d := &decoded{data: data}
	seed := d.number(4)
	return m.GenerateFor(d, seed, length)
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
