package linearizability

import "slices"

// Rest is what must be known of a part of a long history to judge the next part: the tree at its
// end, the sessions that are over, and the watches that have not fired. A judge that has found every
// answer of the part right makes it, so that the part itself can be forgotten.
type Rest struct {
	Zxid    Zxid
	Nodes   []Node // the whole tree, in the order of the paths
	Closed  []Session
	Earlier History // marked as such: see [Operation]
	Events  []Event // the last reconnection of each session that is not over
}

// Begin adds what an earlier part of the history has left to the record of the part that follows.
func (r *Rest) Begin(next *Record) {
	next.Since, next.Initial, next.Closed = r.Zxid, r.Nodes, r.Closed
	next.Ops = append(slices.Clone(r.Earlier), next.Ops...)
	next.Events = append(slices.Clone(r.Events), next.Events...)
}

// Relevant returns the nodes of a tree on which the answers in a history can depend, in the order
// of their paths, which is also that of the argument. Without the others the history is judged in
// the same way, but faster.
func Relevant(nodes []Node, h History) []Node {
	touched, listed, ending := make(map[Path]bool), make(map[Path]bool), make(map[Session]bool)
	for i := range h {
		if h[i].Earlier {
			continue
		}
		if h[i].Kind == CloseSession {
			ending[h[i].Session] = true
		}
		each(&h[i], func(op *Operation, _ Session) {
			touched[op.Path], touched[op.Path.parent()] = true, true
			touched[op.Result.Path] = true
			listed[op.Path] = listed[op.Path] || op.Kind == Children
		})
	}
	var list []Node
	shown := make(map[Path]bool) // parents that have a child that nothing touches
	for i := range nodes {
		n := &nodes[i]
		above := n.Path.parent()
		switch {
		case touched[n.Path] || listed[above] || ending[n.Owner]:
		case touched[above] && !shown[above]:
			shown[above] = true // so the parent cannot be deleted
		default:
			continue
		}
		list = append(list, *n)
	}
	return list
}

// Ended returns which of the closed sessions a history can depend on: those that ask for ephemeral
// nodes. The list of sessions is in order.
func Ended(closed []Session, h History) (list []Session) {
	for i := range h {
		each(&h[i], func(op *Operation, session Session) {
			if op.Kind == Create && op.Ephemeral {
				if _, is := slices.BinarySearch(closed, session); is {
					list = append(list, session)
				}
			}
		})
	}
	slices.Sort(list)
	return slices.Compact(list)
}
