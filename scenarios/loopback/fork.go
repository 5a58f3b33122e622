package loopback

import (
	"net"
	"sync"
)

// Fork listens at one address for all connections to a given server. It finds out which server has
// opened a connection, and passes the connection to the relay between these two servers. It is for
// servers that must all have the same configuration, so that a server cannot have a different
// address for each server that connects to it.
type Fork struct {
	listener net.Listener
	ways     []prong
	wg       sync.WaitGroup
}

type prong struct {
	from  *Server
	relay *Relay
}

// NewFork listens on a free port.
func NewFork() (*Fork, error) {
	l, err := listen()
	if err != nil {
		return nil, err
	}
	return &Fork{listener: l}, nil
}

// Address returns the address on which the fork listens.
func (f *Fork) Address() string { return f.listener.Addr().String() }

// Add sets the relay for the connections that the given server opens. Call it before Start.
func (f *Fork) Add(from *Server, r *Relay) { f.ways = append(f.ways, prong{from, r}) }

// Start lets the fork accept connections and pass them to the relays.
func (f *Fork) Start() {
	f.wg.Go(func() {
		accept(f.listener, func(c net.Conn) bool {
			f.wg.Go(func() { f.hand(c) })
			return true
		})
	})
}

// hand gives a connection to a relay. The connection of a process that is none of the servers, or
// that has ended, is closed.
func (f *Fork) hand(c net.Conn) {
	pids := make([]int, len(f.ways))
	for i := range f.ways {
		pids[i] = f.ways[i].from.Pid()
	}
	if i := dialler(c, pids); i < 0 || !f.ways[i].relay.take(c) {
		_ = c.Close()
	}
}

// Close stops listening. The relays stay open.
func (f *Fork) Close() {
	_ = f.listener.Close()
	f.wg.Wait()
}
