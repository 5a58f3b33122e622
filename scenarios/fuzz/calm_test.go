package fuzz

import (
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/audit"
	"github.com/zablab/zablab/scenarios/calm"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// slow is a program that loses some of what it hears or says.
type slow struct {
	sim.Program
	hears func(now sim.Time, e *sim.Event) bool  // false: it never receives it
	says  func(now sim.Time, f *sim.Effect) bool // false: it never sends it
	clock func(now sim.Time, e *sim.Event) sim.Time
	delay sim.Time // after which it sends what it did not say
	held  []sim.Effect
	since sim.Time
}

func (s *slow) Unwrap() sim.Program { return s.Program }

func (s *slow) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	begin := len(out)
	if s.hears == nil || s.hears(now, &e) {
		at := now
		if s.clock != nil {
			at = s.clock(now, &e)
		}
		out = s.Program.Step(at, e, out)
	}
	if s.says == nil {
		return out
	}
	if len(s.held) > 0 && now >= s.since+s.delay {
		out = append(out, s.held...)
		s.held = nil
		return out
	}
	kept := slices.DeleteFunc(out[begin:], func(f sim.Effect) bool {
		drop := !s.says(now, &f)
		if drop && s.delay > 0 {
			s.held, s.since = append(s.held, f), now
		}
		return drop
	})
	return out[:begin+len(kept)]
}

// deafTo loses a kind of message that comes from a moment on until another, by the local clock.
func deafTo(kind string, from, to sim.Time) func(sim.Time, *sim.Event) bool {
	return func(now sim.Time, e *sim.Event) bool {
		return e.Kind != sim.Received || e.Msg.Name() != kind || now < from || now >= to
	}
}

// silent loses a kind of message that it should send in the second half of the work.
func silent[M sim.Message](which func(M) bool) func(sim.Time, *sim.Effect) bool {
	return func(now sim.Time, f *sim.Effect) bool {
		m, ok := f.Msg.(M)
		return f.Kind != sim.Send || !ok || now < half || now > Length || !which(m)
	}
}

const half = Length / 2

// TestTimeLostIsNoticed: every property of package calm convicts a server that loses time, in a
// schedule without a fault, and nothing else does so first; the sound server breaks none.
func TestTimeLostIsNoticed(t *testing.T) {
	tests := []struct {
		property string
		work     string
		plant    slow
	}{
		{property: ""},
		{calm.ElectionInTime, "registers", slow{hears: deafTo("NOTIFICATION", 0, 18*sim.Second)}},
		{calm.EpochInTime, "registers", slow{hears: deafTo("ACK", 0, sim.Second)}},
		{calm.NoVainEpoch, "registers", slow{clock: func(now sim.Time, e *sim.Event) sim.Time {
			if ack, ok := e.Msg.(*zab.Ack); ok && ack.Zxid == zab.MakeZxid(1, 0) {
				*e = sim.Event{Kind: sim.Wake}
				return now + 10*200*sim.Millisecond // initLimit
			}
			return now
		}}},
		{calm.ReignInCalm, "registers", slow{hears: func(now sim.Time, e *sim.Event) bool {
			if _, ok := e.Msg.(*zab.NewLeader); ok && now < sim.Second {
				e.Kind, e.Msg = sim.Closed, nil
			}
			return true
		}}},
		{calm.ReignInCalm, "line", slow{hears: func(now sim.Time, e *sim.Event) bool {
			_, ping := e.Msg.(*zab.Ping)
			return !ping || now < half || now > Length
		}}},
		{calm.ConnectedInTime, "movers", slow{hears: deafTo("CONNECT", half, Length)}},
		{calm.StaysConnected, "line", slow{says: silent(func(r *tree.Reply) bool {
			return r.Xid == tree.XidPing
		})}},
		{calm.AnswerInTime, "registers", slow{says: silent(func(r *tree.Reply) bool {
			return r.Result.Type == tree.OpSetData
		})}},
		{calm.WakeInTime, "line", slow{delay: sim.Second,
			says: silent(func(*tree.WatchNotification) bool { return true })}},
	}
	for _, c := range tests {
		t.Run(c.property, func(t *testing.T) {
			s := plain(c.work)
			// A server that is told of a close that has not happened leaves its connection open.
			out, err := s.Play(Playing{Mute: []string{audit.ClosesLinks}, Tamper: func(m *sim.Machine, p sim.Program) sim.Program {
				if m.Kind != "server" || c.property == "" {
					return p
				}
				own := c.plant
				own.Program = p
				return &own
			}})
			if err != nil || out.Property != c.property {
				t.Errorf("broke %q: %s %v", out.Property, out.Text, err)
			}
		})
	}
}

// plain is a schedule without faults.
func plain(work string) Schedule {
	s := Common.Generate(1)
	s.Plan, s.Kinds, s.MaxCounter = nil, nil, 0
	s.SessionTimeout, s.SnapCount = 3*sim.Second, 100_000
	works := strings.Fields(work)
	s.Clients = [][]string{works, works, works}
	return s
}
