package why

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// ticket is the name of a node in a line.
type ticket struct {
	name   string
	number int64
	writer bool
}

// tickets are the names of a list, by number.
func tickets(names []string) (list []ticket) {
	for _, n := range names {
		k := strings.LastIndexByte(n, '_')
		if v, err := strconv.ParseInt(n[k+1:], 10, 64); err == nil && k > 0 {
			list = append(list, ticket{n, v, strings.HasSuffix(n[:k], "-w")})
		}
	}
	slices.SortFunc(list, func(a, b ticket) int { return cmp.Compare(a.number, b.number) })
	return list
}

func base(p lin.Path) string { return string(p[strings.LastIndexByte(string(p), '/')+1:]) }

// byName is a possible cause of the decision.
const byName = "Perhaps the client sorts by whole names, which begin with a random GUID: then its own " +
	"node is the first of the list"

// sorted says whether a sort of the whole names explains the decision, and whether earlier
// decisions of the run speak against it.
func (d *fold) sorted(m *lin.Mark, op *lin.Operation, own string) string {
	if slices.Min(op.Result.Children) != own {
		return "It is a common mistake to sort by whole names instead of the numbers at their " +
			"ends, but that does not explain the decision: in that order, too, the client's own " +
			"node is not the first."
	}
	against := 0
	for i := range d.clients.record.Marks {
		w := &d.clients.record.Marks[i]
		if w.Kind != lin.Waits || w.For == "" || w.At >= m.At || w.Node == "" {
			continue
		}
		if o := d.lastOp(w.Client, w.Office, w.At, lin.Children); o != nil &&
			len(o.Result.Children) > 0 &&
			slices.Min(o.Result.Children) == base(w.Node) {
			against++
		}
	}
	if against > 0 {
		return fmt.Sprintf("%s. But earlier in this run, %d clients waited although their own "+
			"nodes came first in a sort by whole names.", byName,
			against)
	}
	return byName + ". No earlier wait in this run contradicts this explanation."
}

// notified says whether a wake-up came before a decision, and whether the client looked after it.
func (d *fold) notified(m *lin.Mark, op *lin.Operation) string {
	var last *lin.Event
	for i := range d.clients.record.Events {
		e := &d.clients.record.Events[i]
		if e.Client == m.Client && e.Kind == lin.EventDeleted && e.At <= m.At &&
			strings.HasPrefix(string(e.Path), string(m.Office)+"/") {
			last = e
		}
	}
	switch {
	case last == nil:
		return fmt.Sprintf("%s got no notification while it waited.", m.Client)
	case last.At > op.Call:
		return fmt.Sprintf("%s was notified at %s that %s was deleted, but did not read the "+
			"list again after that.", m.Client,
			seconds(last.At), last.Path)
	case last.Session != m.Session:
		return fmt.Sprintf("%s was notified at %s that %s was deleted, but in an earlier session, in "+
			"which it waited with another node. In its present session it has got no notification.",
			m.Client, seconds(last.At), last.Path)
	}
	return fmt.Sprintf("%s was notified at %s that %s was deleted, and read the list "+
		"after that.", m.Client, seconds(last.At), last.Path)
}
