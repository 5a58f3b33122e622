package loopback

import (
	"fmt"
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

// listen listens on a free port of 127.0.0.1, chosen at random within the range.
func listen() (net.Listener, error) {
	var last error
	for range 200 {
		port := lowestPort + rand.IntN(highestPort-lowestPort+1)
		l, err := net.Listen("tcp4", Address(port))
		if err == nil {
			return l, nil
		}
		last = err
	}
	return nil, fmt.Errorf("listen on 127.0.0.1, ports %d to %d: no free port in 200 tries: %w",
		lowestPort, highestPort, last)
}

// FreePorts returns n different ports that were free at the time of the call.
func FreePorts(n int) ([]int, error) {
	var ports []int
	var held []net.Listener
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	for range n {
		l, err := listen()
		if err != nil {
			return nil, err
		}
		held = append(held, l)
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
