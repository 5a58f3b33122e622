package apache

import (
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback/looptest"
)

func TestDied(t *testing.T) {
	t.Parallel()
	if _, err := Find(); err != nil {
		t.Skip(err)
	}
	looptest.Died(t, func(t *testing.T) looptest.Running {
		e, err := NewEngine(t.Context(), Config{Stage: engine.Stage{Servers: 1}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(e.Close)
		return looptest.Running{
			Engine: e, Server: e.private.servers[0].Server, Address: e.private.Address(1),
		}
	})
}
