package workload

import (
	"github.com/zablab/zablab/scenarios/workload/registers"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// Shared returns, sorted by name, the workloads that clients of every engine can run with the same
// operations in the same order. No seed picks them.
func Shared() []Workload {
	return []Workload{
		{Name: "steady", Seeded: steady,
			Says: "writes and reads of registers, exactly those that clients of a Raft library make",
			Run:  func(p *client.Proc) { steady(p.Rand().Uint64(), p.Name())(p) }},
	}
}

// Program returns the program of the client with this name in a run with this seed. If w.Seeded is
// set and the client restarts, the program continues with its next operation.
func (w *Workload) Program(seed uint64, name string) func(*client.Proc) {
	if w.Seeded != nil {
		return w.Seeded(seed, name)
	}
	return w.Run
}

// steady makes the operations of [registers.Drawn]. Each client first creates all registers, empty,
// so that the version of a node is the number of its writes.
func steady(seed uint64, name string) func(*client.Proc) {
	work := registers.New(seed, name, registers.Drawn(seed, name))
	return func(p *client.Proc) {
		for _, register := range registers.Names() {
			for p.WaitConnected() {
				if _, err := p.Create("/"+register, nil, tree.Persistent); !client.Maybe(err) {
					break
				}
			}
		}
		for p.WaitConnected() {
			p.Sleep(max(work.Pause(), sim.Millisecond))
			o := work.Next()
			if path := "/" + o.Register; o.Read {
				p.Get(path)
			} else {
				p.Set(path, []byte(o.Value), tree.AnyVersion)
			}
		}
	}
}
