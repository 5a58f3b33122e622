package loopback

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strconv"
)

// The range of ports: above the ports of common daemons, below those that kernels use for outgoing
// connections.
const (
	lowestPort  = 15000
	highestPort = 31999
)

// Address returns the address of this port on the loopback interface, in the form host:port.
func Address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// listen listens on a free port of 127.0.0.1, chosen at random within the range. A port that is
// reserved is not free, in whatever process of the lab.
func listen() (net.Listener, error) {
	config := net.ListenConfig{Control: exclusive}
	return choose(func(address string) (net.Listener, error) {
		return config.Listen(context.Background(), "tcp4", address)
	})
}

// choose calls take with random addresses of the range until it returns no error.
func choose[T any](take func(address string) (T, error)) (taken T, err error) {
	for range 200 {
		taken, err = take(Address(lowestPort + rand.IntN(highestPort-lowestPort+1)))
		if err == nil {
			return taken, nil
		}
	}
	return taken, fmt.Errorf("listen on 127.0.0.1, ports %d to %d: no free port in 200 tries: %w",
		lowestPort, highestPort, err)
}

// Reserved holds ports for servers. Until Close, no relay and no other Reserved gets these
// ports, even while the server that uses a port is down.
type Reserved struct {
	Ports []int
	held  []io.Closer
}

// Reserve reserves n free ports.
func Reserve(n int) (*Reserved, error) {
	r := &Reserved{}
	for range n {
		h, err := choose(hold)
		if err != nil {
			r.Close()
			return nil, err
		}
		r.Ports, r.held = append(r.Ports, h.port), append(r.held, h)
	}
	return r, nil
}

// Close frees the ports.
func (r *Reserved) Close() {
	for _, h := range r.held {
		_ = h.Close()
	}
	r.held = nil
}
