package server_test

import (
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
)

// Rule L8: a server without an established leader answers no client, although it has the data.
func TestServesOnlyWhenEstablished(t *testing.T) {
	w := newWorld(t, 1, 3, server.Config{})
	w.run(sim.Second)
	w.addClient("A", 1)
	w.connected("A")
	w.do("A", create("/x", tree.Persistent))
	w.fault("split S1 A | S2 S3")
	w.until(60*sim.Second, "S1 is alone", func() bool { return !w.server("S1").Serving() })
	w.tell("A", get("/x"))
	w.run(20 * sim.Second)
	if w.server("S1").Tree().Node("/x") == nil {
		t.Fatal("too dull: S1 has no /x")
	}
	calls := w.logs["A"].calls
	last := calls[len(calls)-1]
	if w.client("A").State() == client.Connected || last.Outcome == client.OK {
		t.Errorf("A is %v, and its read %v", w.client("A").State(), last.Outcome)
	}
}
