package main

import (
	"encoding/json"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/processor"
)

// verdict is what the fuzzer says of an engine.
type verdict struct {
	Property string   `json:"property,omitempty"` // that broke; "" if none did
	Seed     uint64   `json:"seed,omitempty"`
	Mix      fuzz.Mix `json:"mix,omitempty"`
	During   string   `json:"during,omitempty"`
	Text     string   `json:"text,omitempty"`
	Plan     string   `json:"plan,omitempty"` // the shrunk schedule
	Seeds    int      `json:"seeds"`          // that were played, in both mixes
	Seconds  float64  `json:"seconds"`
	// Searched says what searches of small worlds have found: see search.
	Searched string `json:"searched,omitempty"`
	// Runs has, by mix, a hash of all runs so far after every [runsEach] seeds.
	Runs map[fuzz.Mix][]uint32 `json:"runs,omitempty"`
}

// runsEach is how many runs each hash in verdict.Runs adds.
const runsEach = 8

// differs compares the runs with those of an engine without a mutant. It returns the mix, and the
// number of runs of that mix among whose last runsEach the first difference is, or, if all runs
// that can be compared are alike, their number.
func (v *verdict) differs(sound *verdict) (mix fuzz.Mix, n int, yes bool) {
	for _, mix := range mixes {
		a, b := v.Runs[mix], sound.Runs[mix]
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				return mix, (i + 1) * runsEach, true
			}
		}
		n += min(len(a), len(b)) * runsEach
	}
	return "", n, false
}

// Properties of engines that no check of a run convicts.
const (
	deviates = "Rates"  // the rates of a batch deviate from those of the sound engine
	hangs    = "Hangs"  // a run does not end
	crashes  = "Crash"  // the fuzzer itself ends
	dull     = "TooFew" // too little happens in the runs
	misses   = "Misses" // no run reaches something that runs of a sound engine reach
	leaves   = "Leaks"  // programs are left when the runs have ended
	found    = "Search" // a search of a small world finds something else than in the sound engine
)

// mixes are the mixes of schedules that a mutant is fuzzed in, one after the other, and the shares
// of the time. The mix rare comes only in a hunt that is long enough.
var mixes = []fuzz.Mix{fuzz.Common, fuzz.Swarm, fuzz.Rare}

// share returns how long a mix is played in a hunt of a given length.
func share(mix fuzz.Mix, limit time.Duration) time.Duration {
	switch {
	case limit < leastSearched && mix == fuzz.Rare:
		return 0
	case limit < leastSearched:
		return limit / 2
	case mix == fuzz.Rare:
		return limit / 4
	}
	return limit * 3 / 8
}

// play fuzzes the engine that this program was built with, in the mixes common and swarm in turn,
// until something breaks or limit, in processor time, is over. It prints one verdict as JSON.
func play(limit time.Duration, only fuzz.Mix, shrink bool, out io.Writer) error {
	debug.SetGCPercent(fuzz.GCPercent)
	go guard(limit, out)
	v, err := hunt(limit, only, shrink)
	if err != nil {
		return err
	}
	v.Seconds = processorTime().Seconds()
	return json.NewEncoder(out).Encode(v)
}

// mostMemory is how much memory in bytes a run may take: a sound one takes some 50 MB.
const mostMemory = 1 << 30

// guard ends the process with a verdict if a run takes much more time or memory than it should, or
// if nobody waits for the verdict any more.
func guard(limit time.Duration, out io.Writer) {
	memory := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	parent := os.Getppid()
	for range time.Tick(100 * time.Millisecond) {
		metrics.Read(memory)
		why := ""
		switch spent := processorTime(); {
		case os.Getppid() != parent:
			os.Exit(2)
		case memory[0].Value.Uint64() > mostMemory:
			why = "a run takes more than a gigabyte of memory"
		case spent > 2*limit+10*time.Second:
			why = "a run does not end"
		default:
			continue
		}
		_ = json.NewEncoder(out).Encode(verdict{Property: hangs, Text: why,
			Seconds: processorTime().Seconds()}) // if it fails, so does the reader
		os.Exit(0)
	}
}

func hunt(limit time.Duration, only fuzz.Mix, shrink bool) (v verdict, err error) {
	v.Runs = make(map[fuzz.Mix][]uint32)
	reached := fuzz.Reach{Tally: make(ensemble.Tally), Mix: fuzz.Swarm}
	routines := runtime.NumGoroutine()
	for _, mix := range mixes {
		span := share(mix, limit)
		if only != "" {
			span = 0
			if only == mix {
				span = limit
			}
		}
		if span == 0 {
			continue
		}
		began, broken := processorTime(), false
		b, err := fuzz.Run(1, 1<<30, fuzz.Options{
			Mix: mix, Workers: 1, Whole: true, Reach: true,
			Tell: func(b *fuzz.Batch) {
				v.Seeds++
				if broken = b.Broken > 0; b.Done%runsEach == 0 {
					v.Runs[mix] = append(v.Runs[mix], uint32(b.Fingerprint>>32))
				}
			},
			Stop: func() bool { return broken || processorTime()-began > span },
		})
		if err != nil {
			return v, err
		}
		if len(b.Failures) > 0 {
			f := &b.Failures[0]
			v.Property, v.Seed, v.Mix, v.During, v.Text = f.Property, f.Seed, mix, f.During, f.Text
			if shrink {
				s, _ := fuzz.Shrink(f.Generated, f.Property, fuzz.Playing{
					Workers: 1, Stop: func() bool { return processorTime()-began > limit },
				})
				v.Plan = s.String()
			}
			return v, nil
		}
		if late, _ := b.Deviations(); len(late) > 0 {
			v.Property, v.Mix, v.Text = deviates, mix, late[0].String()
			return v, nil
		}
		if b.Dull() {
			v.Property, v.Mix = dull, mix
			return v, nil
		}
		if v.Text = leaks(routines); v.Text != "" {
			v.Property, v.Mix = leaves, mix
			return v, nil
		}
		reached.Merge(b.Reach.Tally)
	}
	if never := reached.Unexplained(); v.Seeds >= 2*fuzz.ReachSeeds && len(never) > 0 {
		v.Property, v.Text = misses, strings.Join(never, "; ")
		return v, nil
	}
	if limit >= leastSearched {
		text, broken, err := search()
		if err != nil {
			return v, err
		}
		if v.Searched = text; broken != nil {
			v.Property, v.Text = broken.Name, "search of all states of a small world (zablab "+
				"explore): "+broken.Text
		}
	}
	return v, nil
}

// processorTime is the time that this process has had of a processor: a busy machine does not
// shorten a hunt.
func processorTime() time.Duration {
	spent, _ := processor.Time()
	return spent
}
