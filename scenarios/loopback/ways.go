package loopback

import (
	"maps"
	"slices"
)

// Ways has the state of each direction of the links between clients and servers, after the faults
// so far. The key has the names of the sender and the receiver. A direction that no fault has
// changed has no entry, and the zero Way.
type Ways map[[2]string]Way

func (w Ways) change(from, to string, change func(*Way)) {
	way := w[[2]string{from, to}]
	change(&way)
	w[[2]string{from, to}] = way
}

// All returns the links that faults have changed, each as a pair of sender and receiver.
func (w Ways) All() [][2]string {
	return slices.SortedFunc(maps.Keys(w), func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
}

// Of returns both directions of the link between a client and a server. A paused client sends and
// gets nothing.
func (w Ways) Of(client, server string, paused bool) (forth, back Way) {
	forth, back = w[[2]string{client, server}], w[[2]string{server, client}]
	forth.Still, back.Shut = paused, back.Shut || paused
	return forth, back
}
