package trial

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/sim"
)

// Herd is the property that breaks if the end of one node of a waiting line notifies several
// clients that wait in the line, although the line lets in only the next one.
const Herd = "Herd"

// leastHerd is how many clients one deletion must notify to be a herd.
const leastHerd = 2

// quiet returns a schedule without faults, in which many clients wait for one lock. Only such a
// run can show a herd: after a fault a client may have an old watch on a node that another client
// watches now, and need not have done anything wrong.
func quiet() fuzz.Schedule {
	s := generated(1)[0]
	s.Plan, s.Clients = nil, make([][]string, 4)
	return s
}

// herd returns a sentence about the first deletion below an office that notified several clients
// that were waiting for the office, and its moment; empty if there is none. The node's own client
// does not count.
func herd(r *lin.Record, office string) (text string, at sim.Time) {
	for i := range r.Lives {
		l := &r.Lives[i]
		if l.Died == 0 || !strings.HasPrefix(string(l.Path), office+"/") {
			continue
		}
		var woken []string
		for k := range r.Events {
			e := &r.Events[k]
			gone := e.Kind == lin.EventDeleted && e.Path == l.Path ||
				e.Kind == lin.EventChildren && string(e.Path) == office
			if gone && e.Zxid == l.Died && e.Session != l.Maker && waiting(r.Marks, e) &&
				!slices.Contains(woken, string(e.Client)) {
				woken = append(woken, string(e.Client))
			}
		}
		if n := len(woken); n >= leastHerd {
			slices.Sort(woken)
			return fmt.Sprintf("when %s is deleted, %s and %s are notified, although only one of them "+
				"is the next in line", l.Path, strings.Join(woken[:n-1], ", "), woken[n-1]), sim.Time(l.To)
		}
	}
	return "", 0
}

// waiting reports whether the client of an event waited for an office when the event came.
func waiting(marks []lin.Mark, e *lin.Event) (waits bool) {
	for i := range marks {
		m := &marks[i]
		if m.At > e.At {
			break
		}
		if m.Client != e.Client {
			continue
		}
		switch m.Kind {
		case lin.Waits:
			waits = true
		case lin.Holds, lin.LetsGo, lin.Died:
			waits = false
		}
	}
	return waits
}
