// Package looptest has the tests that each engine with real servers must pass.
package looptest

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
)

// Running is a running engine with one server, S1.
type Running struct {
	Engine  engine.Engine
	Server  *loopback.Server
	Address string // at which clients reach the server
}

// Died tests two things. If the process of a server ends and the lab did not end it, the run must
// end with an error that names the server. If the lab itself crashes a server, the run must go on.
// The function begin starts an engine that is closed at the end of its test.
func Died(t *testing.T, begin func(t *testing.T) Running) {
	for _, c := range []struct {
		why string
		end func(t *testing.T, r Running)
	}{
		{"somebody kills the server", func(t *testing.T, r Running) {
			p, err := os.FindProcess(r.Server.Pid())
			if err == nil {
				err = p.Kill()
			}
			if err != nil {
				t.Fatal(err)
			}
		}},
		{"another program has the server's port", func(t *testing.T, r Running) {
			if err := r.Engine.Apply(sim.Crash("S1")); err != nil {
				t.Fatal(err)
			}
			r.Engine.Run(r.Engine.Now()+100*sim.Millisecond, nil)
			if err := r.Engine.Err(); err != nil {
				t.Errorf("a crash by the lab has ended the run: %v", err)
			}
			r.Server.Bury()
			l, err := net.Listen("tcp4", r.Address)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			if err := r.Engine.Apply(sim.Restart("S1")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(c.why, func(t *testing.T) {
			t.Parallel()
			r := begin(t)
			c.end(t, r)
			r.Engine.Run(r.Engine.Now()+60*sim.Second, nil)
			if err := r.Engine.Err(); err == nil || !strings.Contains(err.Error(), "S1") {
				t.Errorf("the run has not ended with an error that names S1: %v", err)
			}
		})
	}
}
