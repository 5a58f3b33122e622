package loopback

import "github.com/zablab/zablab/scenarios/engine"

// Clients are the clients of an engine, of its own type, in the order in which they were added.
type Clients[C engine.Actor] []C

// Find returns the client of a name; the zero value, nil for a pointer, if there is none.
func (l Clients[C]) Find(name string) (c C) {
	for _, c := range l {
		if c.Who() == name {
			return c
		}
	}
	return c
}

// Actor returns the client of a name, or nil.
func (l Clients[C]) Actor(name string) engine.Actor {
	for _, c := range l {
		if c.Who() == name {
			return c
		}
	}
	return nil
}

// Actors returns all clients.
func (l Clients[C]) Actors() []engine.Actor {
	list := make([]engine.Actor, len(l))
	for i, c := range l {
		list[i] = c
	}
	return list
}
