package loopback

import (
	"slices"
	"testing"

	"github.com/zablab/zablab/sim"
)

// TestEveryFaultIsDecided: each kind of fault can happen to real links, servers or clients, or has a
// reason why it cannot. What a server can have needs no reason, and a link fault never has one.
func TestEveryFaultIsDecided(t *testing.T) {
	for _, k := range sim.FaultKinds() {
		link, server := slices.Contains(LinkFaults, k), slices.Contains(ofServers, k)
		client, why := slices.Contains(ofClients, k), impossible[k] != ""
		if !link && !server && !client && !why {
			t.Errorf("%s: nobody can have it, and there is no reason", k)
		}
		if why && (link || server) {
			t.Errorf("%s: real servers or links can have it, and there is a reason why not", k)
		}
	}
}
