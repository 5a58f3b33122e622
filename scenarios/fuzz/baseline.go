package fuzz

import (
	_ "embed" // the baseline
	"encoding/json"
	"fmt"

	"github.com/zablab/zablab/scenarios/rates"
	"github.com/zablab/zablab/sim"
)

// Recorded is the baseline of a mix: the rates of many runs of the sound engine.
type Recorded struct {
	// Generator is what [Generator] returned when the baseline was recorded.
	Generator string      `json:"generator"`
	Rates     rates.Rates `json:"rates"`
}

//go:embed testdata/embedded/rates.json
var recorded []byte

// FalseAlarm is the probability that a batch of the sound engine deviates from the baseline by
// chance, in any of the quantities.
const FalseAlarm = 1e-4

// LeastRuns is how many runs without a failure a batch needs for its rates to be compared.
const LeastRuns = 200

// Baselines returns the recorded baselines by mix.
func Baselines() (map[Mix]Recorded, error) {
	all := map[Mix]Recorded{}
	if err := json.Unmarshal(recorded, &all); err != nil {
		return nil, fmt.Errorf("the recorded rates: %w: record the rates again: %s", err, record)
	}
	return all, nil
}

// record is the command that records a baseline.
const record = "zablab fuzz --seeds 1-6000 --mix MIX --baseline " +
	"scenarios/fuzz/testdata/embedded/rates.json"

// Generator identifies what a mix generates: it changes if any of the first schedules does. Rates
// of different generators cannot be compared.
func (m Mix) Generator() string {
	h := uint64(0)
	for seed := uint64(1); seed <= 64; seed++ {
		s := m.Generate(seed)
		h = sim.Mix(h ^ sim.HashString(s.String()))
	}
	return fmt.Sprintf("%016x", h)
}

// Deviations compares the rates of a batch with the baseline of its mix. If they cannot be
// compared, why has the reason.
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
		return nil, fmt.Sprintf("the baseline was recorded with another generator of "+
			"schedules: record the baseline again: %s", record)
	case b.Rates.Runs < LeastRuns:
		return nil, fmt.Sprintf("the batch has fewer than %d runs", LeastRuns)
	}
	list = rates.Compare(&base.Rates, &b.Rates, FalseAlarm)
	for i := range list {
		list[i].Says = quantityText(list[i].Name)
	}
	return list, ""
}
