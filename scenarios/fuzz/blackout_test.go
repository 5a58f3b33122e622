package fuzz

import (
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// ghostly is a server that has a node too many when it restarts late in the run.
type ghostly struct {
	sim.Program
	m *sim.Machine
}

func (g *ghostly) Unwrap() sim.Program { return g.Program }

func (g *ghostly) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	out = g.Program.Step(now, e, out)
	if e.Kind == sim.Boot && g.m.Incarnation() > 1 && g.m.World().Now() > 20*sim.Second {
		t := g.Program.(*server.Server).Tree()
		t.Apply(&tree.Txn{TxnHeader: tree.TxnHeader{Zxid: t.LastProcessed(), Type: tree.OpCreate},
			Body: &tree.CreateTxn{Path: "/ghost"}})
	}
	return out
}

// forgets is a server whose disk does not get the last records of its log, once it is at rest.
type forgets struct {
	sim.Program
	m *sim.Machine
}

func (g *forgets) Unwrap() sim.Program { return g.Program }

func (g *forgets) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	from := len(out)
	out = g.Program.Step(now, e, out)
	return append(out[:from], slices.DeleteFunc(slices.Clone(out[from:]), func(e sim.Effect) bool {
		return e.Kind == sim.Append && strings.HasPrefix(e.File, "log.") &&
			g.m.World().Now() > 20*sim.Second
	})...)
}

// TestBlackouts: a loss of all power at rest brings out what is wrong after a restart, it is told
// apart from what breaks before, and without one the same server passes.
func TestBlackouts(t *testing.T) {
	s := Generate(3)
	s.Plan, s.Clients, s.Blackouts = nil, [][]string{{"registers"}}, 2
	for _, c := range []struct {
		plant            func(m *sim.Machine, p sim.Program) sim.Program
		blackouts        int
		property, during string
	}{
		{nil, 2, "", ""},
		{func(m *sim.Machine, p sim.Program) sim.Program { return &ghostly{p, m} }, 0, "", ""},
		{func(m *sim.Machine, p sim.Program) sim.Program { return &ghostly{p, m} }, 1,
			"DurableAtRest", DuringBlackout},
		{func(m *sim.Machine, p sim.Program) sim.Program { return &forgets{p, m} }, 0,
			"AckedDurable", DuringHealing},
	} {
		s.Blackouts = c.blackouts
		out, err := s.Play(Playing{Tamper: func(m *sim.Machine, p sim.Program) sim.Program {
			if m.Kind != "server" || c.plant == nil {
				return p
			}
			return c.plant(m, p)
		}})
		if err != nil || out.Property != c.property || out.During != c.during {
			t.Errorf("%d blackouts: %q during %q, want %q during %q: %v %s", c.blackouts,
				out.Property, out.During, c.property, c.during, err, out.Text)
		}
		if c.property == "" && out.Sometimes.Blackouts != c.blackouts {
			t.Errorf("%d blackouts of %d", out.Sometimes.Blackouts, c.blackouts)
		}
	}
}

// TestReach: where faults fell is read off the server, the message and the fault.
func TestReach(t *testing.T) {
	s, err := Parse("s", `stage seed=0x1 servers=5 tick=200ms session-timeout=2s committed-log=500 `+
		`snap-count=100000 length=12s latency=1ms..5ms fsync=500us..3ms
client A registers
client B registers
client C registers
at S5 sends PROPOSAL 3 after 5.000s split S5 | S1 S2 S3 S4 A B C
at S5 sends PROPOSAL 3 after 5.000s split A B C | S1 S2 S3 S4 S5
8.000s heal
8.000s split A B C | S1 S2 S3 S4 S5
9.000s heal
at S5 receives TRUNC after 5.000s power S5
at S5 receives LEADERINFO after S5 boots after 9s pause S5 1s
9.500s restart S5
`)
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Play(Playing{})
	if err != nil || out.Property != "" {
		t.Fatal(err, out.Property, out.Text)
	}
	var got []string
	for _, r := range out.Reached {
		if r.Fault == sim.FaultPower || r.Fault == sim.FaultPause {
			got = append(got, r.Fault.String()+" at "+r.Message)
			if r.State != zab.Following || r.First || r.Started != (r.Fault == sim.FaultPause) {
				t.Errorf("%+v", r)
			}
		}
	}
	if want := []string{"pause at LEADERINFO", "power at TRUNC"}; !slices.Equal(got, want) {
		t.Errorf("faults fell at %q, want %q", got, want)
	}
	if n := out.Sometimes; n.AtTrunc != 1 || n.Started != 1 {
		t.Errorf("%+v", n)
	}
}
