package workload

import (
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/client/elect"
)

// OnRequest returns the workloads that no seed picks, sorted by name: they run if somebody names
// them. What a seed generates stays as it was before they existed.
func OnRequest() []Workload {
	return []Workload{
		{"hdfs", "NameNodes that fence the last active one before they become active", failOver},
		{"kafka", "brokers that elect a controller; its epoch fences what it writes and requests",
			control},
		{"latch", "Curator's LeaderLatch: the lowest number leads, unless its connection is lost",
			latch},
		{"lease", "Kubernetes' Lease: a record that its leader renews; local clocks decide",
			holdLease},
	}
}

// control takes part in the elections of a Kafka cluster. A controller either waits or works: it
// writes the state of a partition, and sends requests to brokers, even if it is not connected.
func control(p *client.Proc) {
	for p.WaitConnected() {
		k := elect.Kafka{Hold: hold(p)}
		if p.Rand().Intn(2) == 0 {
			k.Lead = administer
		}
		k.Run(p)
		think(p)
	}
}

func administer(p *client.Proc, c *elect.Controller) {
	for c.Still() {
		c.Request(strconv.Itoa(p.Rand().Intn(2)))
		if !c.Sleep(p.Rand().Between(0, Pace)) {
			return
		}
		state := tree.Op{Type: tree.OpSetData, Path: "/partition",
			Data: strconv.AppendInt(nil, c.Epoch(), 10), Version: tree.AnyVersion}
		if err := c.Write(state); err != nil {
			p.Create("/partition", []byte("0"), tree.Persistent)
		}
		c.Sleep(p.Rand().Between(0, Pace))
	}
}

// failOver takes part in the elections of HDFS. An active NameNode writes to the shared edits, even
// if it is not connected.
func failOver(p *client.Proc) {
	for p.WaitConnected() {
		h := elect.HDFS{Path: "/hadoop-ha/ns", Hold: hold(p), Neutral: p.Rand().Intn(2) == 0}
		if p.Rand().Intn(2) == 0 {
			h.Lead = func(p *client.Proc, t *elect.Term) {
				for t.Still() {
					p.Use(h.Edits(), t.Token)
					t.Sleep(p.Rand().Between(0, Pace))
				}
			}
		}
		h.Run(p)
		think(p)
	}
}

func latch(p *client.Proc) {
	for p.WaitConnected() {
		elect.Latch{Path: "/latch", Hold: hold(p), OnlyLost: p.Rand().Intn(3) == 0}.Run(p)
		think(p)
	}
}

// holdLease takes part in the elections of a lease that is shorter than in Kubernetes, but has the
// same proportions.
func holdLease(p *client.Proc) {
	for p.WaitConnected() {
		elect.Lease{Path: "/lease", Duration: 3 * sim.Second, RenewDeadline: 2 * sim.Second,
			RetryPeriod: 400 * sim.Millisecond, Hold: hold(p), Keep: p.Rand().Intn(2) == 0}.Run(p)
		think(p)
	}
}
