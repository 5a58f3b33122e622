package elect_test

import (
	"fmt"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/client/elect"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// ensemble starts three servers and one client for each name, all with the same program. The servers
// have a second to elect their leader before the clients start.
func ensemble(program func(*client.Proc), names ...string) *sim.World {
	w := sim.NewWorld(sim.Config{Seed: 1})
	for i := 1; i <= 3; i++ {
		m := w.Add(fmt.Sprint("S", i), "server", func(m *sim.Machine) sim.Program {
			return server.New(server.Config{Peer: zab.Config{ID: m.ID, Voters: zab.SetOf(1, 2, 3),
				Rand: w.Rand(m.Name)}}, m.Disk())
		})
		server.Format(m.Disk().Preload)
		w.Start(m)
	}
	w.Run(sim.Second, nil)
	for _, name := range names {
		w.Start(w.Add(name, "client", func(m *sim.Machine) sim.Program {
			return client.New(client.Config{Name: m.Name, Servers: []sim.NodeID{1, 2, 3},
				Rand: w.Rand(m.Name), Renew: true, Programs: []func(*client.Proc){program}})
		}))
		w.Run(w.Now()+100*sim.Millisecond, nil)
	}
	return w
}

// end ends the programs of the clients.
func end(w *sim.World) {
	for _, m := range w.Machines() {
		if c, ok := m.Program().(*client.Client); ok {
			c.Stop()
		}
	}
}

// A controller of Kafka checks its epoch with each write. The first one resigns after three seconds;
// the second has a larger epoch.
func ExampleKafka() {
	kafka := elect.Kafka{Hold: 3 * sim.Second, Lead: func(p *client.Proc, c *elect.Controller) {
		err := c.Write(tree.Op{Type: tree.OpCreate, Path: "/topic-", ACL: tree.OpenACL,
			Flags: tree.PersistentSequential})
		fmt.Printf("%s is controller of epoch %d, and creates a topic: %v\n", p.Name(), c.Epoch(), err)
		for c.Sleep(sim.Second) {
		}
	}}
	w := ensemble(kafka.Run, "broker-1", "broker-2")
	defer end(w)
	w.Run(10*sim.Second, nil)
	// Output:
	// broker-1 is controller of epoch 1, and creates a topic: <nil>
	// broker-2 is controller of epoch 2, and creates a topic: <nil>
}

// A NameNode that becomes active after another one has crashed fences it first.
func ExampleHDFS() {
	hdfs := elect.HDFS{
		Path: "/hadoop-ha/mycluster",
		Fence: func(p *client.Proc, t *elect.Term, old string) error {
			fmt.Printf("%s fences %s\n", p.Name(), old)
			return nil
		},
		Lead: func(p *client.Proc, t *elect.Term) {
			fmt.Printf("%s is active\n", p.Name())
			for t.Sleep(sim.Second) {
			}
		},
	}
	w := ensemble(hdfs.Run, "nn1", "nn2")
	defer end(w)
	w.Run(3*sim.Second, nil)
	w.OnCrash = func(m *sim.Machine, _ bool) { m.Program().(*client.Client).Stop() }
	crash, _ := sim.ParseFault("crash nn1")
	w.Inject(crash)
	w.Run(12*sim.Second, nil)
	// Output:
	// nn1 is active
	// nn2 fences nn1
	// nn2 is active
}
