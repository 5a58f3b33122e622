package fuzz

import (
	"maps"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab/flaw"
)

// tallyWorkloads is the group of the programs that clients ran.
const tallyWorkloads = "workloads"

// Reach counts the situations that the runs of a batch reached: messages, changes of state,
// outcomes of operations, and so on. For a situation that the lab does not have, or that runs can
// hardly reach, Reach has the reason.
type Reach struct {
	ensemble.Tally
	Mix Mix
}

// ReachSeeds is the number of seeds whose runs together should reach every situation, except the
// situations for which [Reach] gives a reason why runs do not reach them.
const ReachSeeds = 1000

// Spot is one situation that a run can reach.
type Spot struct {
	Name string `json:"name"`
	N    int    `json:"n"`
	Why  string `json:"why,omitempty"` // no run reaches it
}

// Region is one part of the table of situations: all situations of one kind, sorted by name. For
// the kind "messages", these are the types of received messages, each with its direction.
type Region struct {
	Name  string `json:"name"`
	Spots []Spot `json:"spots"`
}

// Map returns all situations by kind: how often runs reached each, or why they did not.
func (r Reach) Map() (list []Region) {
	for _, group := range regions() {
		names := maps.Clone(r.Tally[group.name])
		if names == nil {
			names = map[string]int{}
		}
		for _, name := range group.all { // what may be missing
			names[name] += 0
		}
		for name := range group.never { // order: sorted below
			names[name] += 0
		}
		region := Region{Name: group.name}
		for _, name := range slices.Sorted(maps.Keys(names)) {
			s := Spot{Name: name, N: names[name]}
			if s.N == 0 {
				s.Why = r.why(name, group.never)
			}
			region.Spots = append(region.Spots, s)
		}
		list = append(list, region)
	}
	return list
}

// why is the reason why no run reaches a thing, or "".
func (r Reach) why(name string, never map[string]string) string {
	if r.Mix == Common && slices.ContainsFunc(observing, func(word string) bool {
		return strings.Contains(name, word)
	}) {
		return noObservers
	}
	if r.Mix == Common && name == sim.FaultBandwidth.String() {
		return noSizes
	}
	return never[name]
}

// Unexplained returns the situations that no run reached and for which no reason is recorded.
func (r Reach) Unexplained() (names []string) {
	for _, region := range r.Map() {
		for _, s := range region.Spots {
			if s.N == 0 && s.Why == "" {
				names = append(names, region.Name+": "+s.Name)
			}
		}
	}
	return names
}

// region is what a group of a tally may have: all that runs should reach, and why they never reach
// the rest.
type region struct {
	name  string
	all   []string
	never map[string]string
}

// regions is the table of everything that runs can reach.
func regions() []region {
	list := []region{
		{ensemble.TallyOperations, operations(), neverOperations},
		{ensemble.TallyMessages, messageKinds, nil},
		{ensemble.TallyTransitions, transitions, seldomTransitions},
		{ensemble.TallyTransactions, transactions(), nil},
		{ensemble.TallyWatches, watches, nil},
		{ensemble.TallySessions, sessionStates, nil},
		{ensemble.TallyRecipes, recipeMarks, nil},
		{ensemble.TallyFaults, nil, neverFaults},
		{ensemble.TallyPlaces, places(), nil},
		{ensemble.TallyRecords, nil, neverRecords},
		{ensemble.TallyFlaws, nil, neverFlaws},
		{tallyWorkloads, nil, nil},
	}
	for i := range list {
		g := &list[i]
		switch g.name {
		case ensemble.TallyFaults:
			for _, k := range sim.FaultKinds() {
				g.all = append(g.all, k.String())
			}
		case ensemble.TallyRecords:
			for k := range 256 {
				name := narration.KindName(sim.RecordKind(k))
				if name != "" && !strings.HasPrefix(name, "kind ") {
					g.all = append(g.all, name)
				}
			}
		case ensemble.TallyFlaws:
			for _, e := range flaw.All() {
				g.all = append(g.all, e.Name)
			}
		case tallyWorkloads:
			for _, w := range workload.All() {
				g.all = append(g.all, w.Name)
			}
		}
	}
	return list
}
