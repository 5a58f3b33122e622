package apache

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
)

// TestDied: a server whose process ends by itself ends the run with an error that names it; a crash of
// the lab's own does not.
func TestDied(t *testing.T) {
	t.Parallel()
	if _, err := Find(); err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		why string
		end func(t *testing.T, e *Engine)
	}{
		{"somebody kills it", func(t *testing.T, e *Engine) {
			p, err := os.FindProcess(e.private.servers[0].Pid())
			if err == nil {
				err = p.Kill()
			}
			if err != nil {
				t.Fatal(err)
			}
		}},
		{"another program has its port", func(t *testing.T, e *Engine) {
			if err := e.Apply(sim.Crash("S1")); err != nil {
				t.Fatal(err)
			}
			e.Run(e.Now()+100*sim.Millisecond, nil)
			if err := e.Err(); err != nil {
				t.Errorf("after a crash: %v", err)
			}
			e.private.servers[0].Bury()
			l, err := net.Listen("tcp4", e.private.Address(1))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			if err := e.Apply(sim.Restart("S1")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			e, err := NewEngine(t.Context(), Config{Stage: engine.Stage{Servers: 1}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(e.Close)
			c.end(t, e)
			e.Run(e.Now()+60*sim.Second, nil)
			if err := e.Err(); err == nil || !strings.Contains(err.Error(), "S1") {
				t.Errorf("the run goes on: %v", err)
			}
		})
	}
}
