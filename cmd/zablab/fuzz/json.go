package fuzz

import (
	"maps"
	"time"

	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/fuzz/results"
	"github.com/zablab/zablab/scenarios/rates"
	"github.com/zablab/zablab/scenarios/seeds"
)

// JSON is the output of zablab fuzz --json. Its keys are stable: keys may be added, but never
// renamed.
type JSON struct {
	Mix        fuzz.Mix          `json:"mix"`
	Engine     string            `json:"engine,omitempty"` // other than the simulated ZooKeeper
	Seeds      int               `json:"seeds"`
	First      string            `json:"first_seed"`
	Events     uint64            `json:"events"`
	Virtual    int64             `json:"virtual_us"`
	Operations int               `json:"operations"`
	Succeeded  int               `json:"succeeded"`
	Median     int               `json:"succeeded_median"`
	Elapsed    int64             `json:"elapsed_ms"`
	Broken     int               `json:"broken"`
	Violations []results.Failure `json:"violations"`
	Sometimes  map[string]int    `json:"sometimes"`
	Held       int               `json:"held"`                // offices
	Longest    int64             `json:"longest_outlived_us"` // a belief, after its node was gone
	Undecided  int               `json:"undecided"`
	Unsure     []string          `json:"undecided_seeds"`
	Differing  []string          `json:"differing_seeds"`

	Differences []fuzz.Difference `json:"differences"`

	Deviations  []rates.Deviation `json:"deviations"`             // of the rates from the baseline
	NotCompared string            `json:"not_compared,omitempty"` // why the rates were not compared
	Muted       map[string]int    `json:"muted"`                  // by property: the runs it broke in
	Shrinking   int64             `json:"shrinking_ms"`

	Reach []fuzz.Region `json:"reach,omitempty"` // what the runs reached, with --reach
}

func jsonOfBatch(b *fuzz.Batch, files []string, took time.Duration) JSON {
	j := JSON{
		Mix: b.Mix, Engine: b.Engine, Seeds: b.Done, First: seeds.Text(b.First),
		Events: b.Events, Virtual: int64(b.Virtual),
		Operations: b.Operations, Succeeded: b.Succeeded, Median: b.Median,
		Elapsed: took.Milliseconds(), Broken: b.Broken,
		Violations: []results.Failure{}, Sometimes: b.Sometimes.Map(),
		Held: b.Promises.Holds, Longest: b.Promises.Longest,
		Undecided: len(b.Undecided), Unsure: seeds.Texts(b.Undecided),
		Differing: []string{}, Differences: append([]fuzz.Difference{}, b.Differing...),
	}
	var list []rates.Deviation
	list, j.NotCompared = b.Deviations()
	j.Deviations = append([]rates.Deviation{}, list...)
	j.Muted, j.Shrinking = map[string]int{}, b.Shrinking.Milliseconds()
	maps.Copy(j.Muted, b.Muted)
	if b.Reach.Tally != nil {
		j.Reach = b.Reach.Map()
	}
	for _, d := range b.Differing {
		j.Differing = append(j.Differing, seeds.Text(d.Seed))
	}
	for i := range b.Failures {
		v := results.Of(&b.Failures[i])
		if files != nil {
			v.Command = "zablab fuzz --schedule " + files[i]
		}
		j.Violations = append(j.Violations, v)
	}
	return j
}
