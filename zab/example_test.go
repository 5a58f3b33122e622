package zab_test

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// replica is a server whose state is the list of transactions delivered.
type replica struct {
	*zab.Peer
	io    zab.IO // shared with the peer
	items []string
}

// Step handles a write that comes from outside: the server proposes it if it leads. All other
// events are the peer's.
func (r *replica) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	r.io.Begin(now, e, out)
	if e.Kind != sim.Told {
		r.Handle(e)
	} else if _, leads := r.NextZxid(); leads {
		r.Propose([]byte(e.Msg.(write)))
	}
	return r.io.Out
}

// The methods of the state machine: how it changes, how it is written, and how it is read back.

func (r *replica) Deliver(e zab.Entry, _ bool) { r.items = append(r.items, string(e.Data)) }

// Snapshot copies the state at once, because appending an item twice differs from appending it
// once. A state for which the two are equal may be read piece by piece while it changes.
func (r *replica) Snapshot() zab.SnapshotReader { return snapshot(strings.Join(r.items, " ")) }

func (r *replica) Restore(snapshot []byte) error {
	r.items = strings.Fields(string(snapshot))
	return nil
}

type snapshot string

func (s snapshot) Next(dst []byte, _ int) ([]byte, bool) { return append(dst, s...), true }
func (s snapshot) Size() int                             { return len(s) }

// A server with clients would start and stop serving, answer the calls of its followers' clients,
// and keep their sessions alive. This server has no clients.

func (r *replica) Changed()                      {}
func (r *replica) Forwarded(zab.ID, zab.Message) {}
func (r *replica) Answered(zab.Message)          {}
func (r *replica) Touched() []zab.Touch          { return nil }
func (r *replica) Heard(zab.ID, []zab.Touch)     {}

// write is the data of a client's write.
type write string

func (w write) Name() string { return "WRITE" }
func (w write) Size() int    { return len(w) }
func (w write) Key() uint64  { return sim.HashString(string(w)) }

// Three servers elect a leader, which commits a write. A server that loses its disk gets the state
// from the leader.
func Example() {
	w := sim.NewWorld(sim.Config{Seed: 1})
	for i := 1; i <= 3; i++ {
		m := w.Add(fmt.Sprintf("S%d", i), "server", func(m *sim.Machine) sim.Program {
			stored, err := zab.Recover(m.Disk())
			c, r := zab.Config{ID: m.ID, Voters: zab.SetOf(1, 2, 3)}, &replica{}
			r.Peer = zab.New(c, stored, err, r, &r.io)
			return r
		})
		zab.Format(nil, m.Disk().Preload) // an empty history, not a lost one
		w.Start(m)
	}
	show := func() {
		for _, m := range w.Machines() {
			r := m.Program().(*replica)
			fmt.Printf("%s %-9v epoch %d, log up to %v, state %v\n",
				m.Name, r.State(), r.CurrentEpoch(), r.LastDurable(), r.items)
		}
	}
	w.Run(sim.Second, nil)
	show()
	w.Tell(w.Find("S3"), write("x=1"))
	w.Run(2*sim.Second, nil)
	show()
	w.Schedule(sim.Plan{sim.Wipe("S1").At(2 * sim.Second), sim.Restart("S1").At(2 * sim.Second)})
	w.Run(4*sim.Second, nil)
	show()
	// Output:
	// S1 FOLLOWING epoch 1, log up to 0/0, state []
	// S2 FOLLOWING epoch 1, log up to 0/0, state []
	// S3 LEADING   epoch 1, log up to 0/0, state []
	// S1 FOLLOWING epoch 1, log up to 1/1, state [x=1]
	// S2 FOLLOWING epoch 1, log up to 1/1, state [x=1]
	// S3 LEADING   epoch 1, log up to 1/1, state [x=1]
	// S1 FOLLOWING epoch 1, log up to 1/1, state [x=1]
	// S2 FOLLOWING epoch 1, log up to 1/1, state [x=1]
	// S3 LEADING   epoch 1, log up to 1/1, state [x=1]
}
