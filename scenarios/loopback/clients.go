package loopback

import "github.com/zablab/zablab/scenarios/engine"

// Clients is the list of an engine's clients, in the order in which they were added. C is the
// engine's type for a client.
type Clients[C engine.Actor] []C

// Find returns the client with this name. If no client has the name, it returns the zero value of C
// (nil if C is a pointer).
func (l Clients[C]) Find(name string) (c C) {
	for _, c := range l {
		if c.Who() == name {
			return c
		}
	}
	return c
}

// Actor returns the client with this name, or nil if no client has the name.
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
