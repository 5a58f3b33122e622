package explore

import (
	"fmt"
	"strings"
)

// restless looks for states from which no choices lead to rest: to a state in which nothing more
// can happen and every server serves. It goes through all states from the last to the first, and
// again while that finds more states that lead to rest; a state beyond the bounds may lead
// anywhere, so it counts as one. If a state is left, the first is the violation, and it returns
// false. If the search is interrupted, it returns false too.
func (x *Search) restless() bool {
	leads := make([]bool, x.store.n)
	for more := true; more; {
		more = false
		for at := x.store.n - 1; at >= 0; at-- {
			if at%(1<<14) == 0 && !x.mayGoOn(x.store.n, 0) {
				return false
			}
			if !leads[at] && x.leadsToRest(at, leads) {
				leads[at], more = true, true
			}
		}
	}
	for at := range leads {
		if leads[at] {
			continue
		}
		x.broken = &Violation{"LiveAfterHealing", fmt.Sprintf("without further faults, no "+
			"sequence of events leads to a state in which every server serves clients; %s",
			x.idle(at))}
		x.explain(at, action{})
		return false
	}
	x.result.Rests = true
	return true
}

// leadsToRest reports whether a state is at rest, is beyond the bounds, or has a next state that
// leads to rest.
func (x *Search) leadsToRest(at int, leads []bool) bool {
	tuple := x.store.at(at)
	if x.beyond(tuple) {
		return true
	}
	if x.choicesAt(at); x.quiet() {
		return true // the search has checked that every server serves
	}
	for _, a := range x.list {
		if a.kind >= doCrash || a.early {
			continue
		}
		x.take(tuple, a)
		if next := x.store.find(x.tuple); next >= 0 && leads[next] {
			return true
		}
	}
	return false
}

// idle says which servers do not serve in a state.
func (x *Search) idle(at int) string {
	x.load(x.store.at(at))
	var list []string
	for i := 1; i <= x.setup.all(); i++ {
		if !x.scene.sums[i].serving {
			list = append(list, fmt.Sprintf("S%d", i))
		}
	}
	return "not serving now: " + strings.Join(list, ", ")
}
