package fuzztest_test

import (
	"flag"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/fuzztest"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"pgregory.net/rapid"
)

// tally counts in one node, with versions or, if blind, without.
func tally(blind bool) func(*client.Proc) {
	return func(p *client.Proc) {
		for p.WaitConnected() {
			data, stat, err := p.Get("/tally")
			if err != nil {
				p.Create("/tally", []byte("0"), tree.Persistent)
				continue
			}
			n, _ := strconv.Atoi(string(data))
			version := stat.Version
			if blind {
				version = tree.AnyVersion
			}
			p.Set("/tally", []byte(strconv.Itoa(n+1)), version)
			p.Sleep(p.Rand().Between(0, sim.Second))
		}
	}
}

// counted checks that no increment reported as done is lost.
func counted(e *ensemble.Ensemble) error {
	done, last := 0, 0
	for _, o := range e.Ops() {
		if o.Op.Type == tree.OpSetData && o.Outcome == client.OK {
			done++
		}
	}
	if n := e.Leader().Tree().Node("/tally"); n != nil {
		last, _ = strconv.Atoi(string(n.Data()))
	}
	if last < done {
		return fmt.Errorf("%d increments were done, and the tally is %d", done, last)
	}
	return nil
}

func tallies(blind bool) fuzztest.Client {
	return fuzztest.Client{Programs: []func(*client.Proc){tally(blind)}, Also: counted}
}

// TestRapid: a program that counts with versions loses no increment, whatever happens to the
// ensemble.
func TestRapid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { fuzztest.Run(t, fuzztest.Schedule(t), tallies(false)) })
}

// failed is a test that is expected to fail.
type failed struct {
	testing.TB
	text, log string
}

func (f *failed) Errorf(format string, args ...any) { f.text += fmt.Sprintf(format, args...) }
func (f *failed) Fatalf(format string, args ...any) { f.text += fmt.Sprintf(format, args...) }
func (f *failed) Logf(format string, args ...any)   { f.log += fmt.Sprintf(format, args...) }
func (f *failed) FailNow()                          {}
func (f *failed) Failed() bool                      { return f.text != "" }

// TestRapidFindsAndShrinks: a program that ignores versions loses increments, even without a fault,
// and rapid shrinks the schedule to one without faults.
func TestRapidFindsAndShrinks(t *testing.T) {
	if testing.Short() {
		t.Skip("rapid shrinks for some seconds")
	}
	var least []string
	f := &failed{TB: t}
	rapid.Check(f, func(t *rapid.T) {
		s := fuzztest.Schedule(t)
		text := s.String()
		out := &failed{TB: f.TB}
		fuzztest.Run(out, s, tallies(true))
		if out.text != "" {
			least = strings.Split(strings.TrimSpace(text), "\n")
			again := &failed{TB: f.TB}
			fuzztest.Run(again, fuzztest.Parse(text), tallies(true))
			if again.text != out.text {
				f.TB.Errorf("played again it says\n%s\nand not\n%s", again.text, out.text)
			}
			t.Fatalf("%s", out.text)
		}
	})
	if !strings.Contains(f.text, "Also: ") ||
		!strings.Contains(f.text, " increments were done, and the tally is ") {
		t.Fatalf("it says %q", f.text)
	}
	faults := 0
	for _, line := range least {
		switch word, _, _ := strings.Cut(line, " "); word {
		case "stage", "kinds", "client":
		default:
			faults++
		}
	}
	if faults > 0 {
		t.Errorf("what is left\n%s", strings.Join(least, "\n"))
	}
}

// FuzzBytes plays the schedule that the bytes encode, with its workloads.
func FuzzBytes(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("any bytes are a schedule, these too; the fuzzer changes them and sees where " +
		"that leads"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := fuzztest.Bytes(data)
		if back := fuzztest.Parse(s.String()); back.String() != s.String() {
			t.Fatalf("\n%s\nis read as\n%s", s.String(), back.String())
		}
		fuzztest.Run(t, s, fuzztest.Client{})
	})
}

// FuzzLock is how a user fuzzes a program with go test -fuzz.
func FuzzLock(f *testing.F) {
	fuzztest.Fuzz(f, fuzztest.Client{Programs: programs{ticketLock{}.run}, Is: lockIs})
}

// BenchmarkFuzz measures a run of the schedules with which Fuzz begins.
func BenchmarkFuzz(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(fuzz.GCPercent))
	c := fuzztest.Client{Programs: programs{ticketLock{}.run}, Is: lockIs}
	for i := range b.N {
		fuzztest.Run(b, fuzz.Clients.Generate(uint64(i%64)), c)
	}
}

// TestMain gives rapid a fixed seed, so that every run of the tests is the same, and keeps it from
// writing a file for an expected failure, and from giving up to shrink on a busy machine.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"rapid.seed": "1", "rapid.nofailfile": "true",
		"rapid.shrinktime": "1h"} {
		if err := flag.Set(name, value); err != nil {
			panic(err)
		}
	}
	flag.Parse()
	os.Exit(m.Run())
}
