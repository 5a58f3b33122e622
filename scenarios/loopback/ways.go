package loopback

import (
	"maps"
	"slices"
)

// Ways maps a sender and a receiver to the state of this direction of their link, after the faults
// so far. Links are between clients and servers. A direction that no fault has changed has no
// entry: its state is the zero Way.
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

// Of returns the states of both directions of the link between a client and a server. If the client
// is paused, nothing passes in either direction.
func (w Ways) Of(client, server string, paused bool) (forth, back Way) {
	forth, back = w[[2]string{client, server}], w[[2]string{server, client}]
	forth.Still, back.Shut = paused, back.Shut || paused
	return forth, back
}
