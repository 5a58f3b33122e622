package main

import (
	"encoding/json"
	"io"
	"runtime/debug"
	"time"

	"github.com/zablab/zablab/scenarios/fuzz"
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
}

// Properties of engines that no check of a run convicts.
const (
	deviates = "Rates"  // the rates of a batch deviate from those of the sound engine
	hangs    = "Hangs"  // a run does not end
	crashes  = "Crash"  // the fuzzer itself ends
	dull     = "TooFew" // too little happens in the runs
)

// play fuzzes the engine that this program was built with, in the mixes common and swarm in turn,
// until something breaks or the time is over. It prints one verdict as JSON.
func play(limit time.Duration, shrink bool, out io.Writer) error {
	debug.SetGCPercent(fuzz.GCPercent)
	began := time.Now()
	v, err := hunt(limit, shrink)
	if err != nil {
		return err
	}
	v.Seconds = time.Since(began).Seconds()
	return json.NewEncoder(out).Encode(v)
}

func hunt(limit time.Duration, shrink bool) (v verdict, err error) {
	for _, mix := range []fuzz.Mix{fuzz.Common, fuzz.Swarm} {
		began, broken := time.Now(), false
		b, err := fuzz.Run(1, 1<<30, fuzz.Options{
			Mix: mix, Workers: 1, Whole: true,
			Tell: func(b *fuzz.Batch) { v.Seeds++; broken = b.Broken > 0 },
			Stop: func() bool { return broken || time.Since(began) > limit/2 },
		})
		if err != nil {
			return v, err
		}
		if len(b.Failures) > 0 {
			f := &b.Failures[0]
			v.Property, v.Seed, v.Mix, v.During, v.Text = f.Property, f.Seed, mix, f.During, f.Text
			if shrink {
				s, _ := fuzz.Shrink(f.Generated, f.Property, fuzz.Playing{
					Workers: 1, Stop: func() bool { return time.Since(began) > limit },
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
	}
	return v, nil
}
