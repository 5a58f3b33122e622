package fuzz

import (
	_ "embed" // the baseline
	"encoding/json"
	"fmt"

	"github.com/zablab/zablab/scenarios/rates"
	"github.com/zablab/zablab/sim"
)

// Recorded is the baseline of a mix of faults and workloads: how often each counted event happened
// in many runs of the engine without an injected bug.
type Recorded struct {
	// Generator is what [Generator] returned when the baseline was recorded.
	Generator string      `json:"generator"`
	Rates     rates.Rates `json:"rates"`
}

//go:embed testdata/embedded/rates.json
var recorded []byte

// FalseAlarm is the probability of a false alarm for a batch: that at least one of the compared
// rates is reported to deviate from the baseline, although the engine is unchanged.
const FalseAlarm = 1e-4

// LeastRuns is how many runs without a failure a batch must have before its rates are compared with
// a baseline.
const LeastRuns = 200

// Baselines returns the recorded baselines by mix.
func Baselines() (map[Mix]Recorded, error) {
	all := map[Mix]Recorded{}
	if err := json.Unmarshal(recorded, &all); err != nil {
		return nil, fmt.Errorf("cannot read the recorded rates: %w: record the rates of each mix "+
			"(MIX) again: %s", err, record)
	}
	return all, nil
}

// record is the command that records a baseline.
const record = "zablab fuzz --seeds 1-6000 --mix MIX --baseline " +
	"scenarios/fuzz/testdata/embedded/rates.json"

// Generator returns a hash of the first 64 schedules of a mix. If the code that generates schedules
// has changed, so has the hash, and rates cannot be compared with those from before the change.
func (m Mix) Generator() string {
	h := uint64(0)
	for seed := uint64(1); seed <= 64; seed++ {
		s := m.Generate(seed)
		h = sim.Mix(h ^ sim.HashString(s.String()))
	}
	return fmt.Sprintf("%016x", h)
}

// Deviations compares the rates of a batch with the baseline of the same [Mix]. If the rates cannot
// be compared, the result why gives the reason.
func (b *Batch) Deviations() (list []rates.Deviation, why string) {
	all, err := Baselines()
	base, ok := all[b.Mix]
	switch {
	case err != nil:
		return nil, err.Error()
	case b.Unlike != "":
		return nil, b.Unlike
	case !ok:
		return nil, fmt.Sprintf("no baseline of the mix %s is recorded", b.Mix)
	case base.Generator != b.Mix.Generator():
		return nil, fmt.Sprintf("the generator of schedules has changed since the baseline was "+
			"recorded: record the baseline again: %s", record)
	case b.Rates.Runs < LeastRuns:
		return nil, fmt.Sprintf("the batch has fewer than %d runs", LeastRuns)
	}
	list = rates.Compare(&base.Rates, &b.Rates, FalseAlarm)
	for i := range list {
		list[i].Says = quantityText(list[i].Name)
	}
	return list, ""
}
