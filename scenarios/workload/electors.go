package workload

import (
	"errors"
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/client/elect"
)

// OnRequest returns the workloads that run only if a user names them, sorted by name. No seed picks
// them, so that adding one does not change what a seed generates.
func OnRequest() []Workload {
	return []Workload{
		{Name: "etcd", Run: campaign(false),
			Says: "etcd's Election: the key with the smallest create revision leads"},
		{Name: "etcd-deaf", Run: campaign(true), Breaks: "Registration",
			Says: "like etcd, but a candidate does not notice that its own key is gone"},
		{Name: "fence-by-holder", Run: fenced(elect.ByHolder), Breaks: "witness/fencing",
			Says: "a lock whose holder checks right before each write whether it still holds the " +
				"lock"},
		{Name: "fence-in-memory", Run: fenced(elect.InMemory), Breaks: "witness/fencing",
			Says: "a resource that forgets the newest token when it restarts"},
		{Name: "fence-none", Run: fenced(elect.Unguarded), Breaks: "witness/fencing",
			Says: "a lock without tokens: an old holder's write arrives late"},
		{Name: "fenced", Run: fenced(elect.Durably),
			Says: "a resource that keeps the newest token with its data, and refuses older ones"},
		{Name: "hbase", Run: serveHBase(false),
			Says: "HBase's active and backup masters, and region servers whose logs are fenced"},
		{Name: "hbase-hurry", Run: serveHBase(true), Breaks: "OwnRelease",
			Says: "like hbase, but a restarted master deletes its old node, perhaps after another " +
				"master has created the node again"},
		{Name: "hdfs", Run: repeat(failOver),
			Says: "HDFS's NameNodes: before a NameNode becomes active, it fences the NameNode " +
				"that was active last"},
		{Name: "kafka", Run: control(false),
			Says: "Kafka's brokers elect a controller; its epoch fences its writes and requests"},
		{Name: "kafka-unfenced", Run: control(true), Breaks: "WritesInOrder",
			Says: "like kafka, but a write does not check the epoch (before KAFKA-6082)"},
		{Name: "latch", Run: latch(false),
			Says: "Curator's LeaderLatch: the client whose node has the lowest number is the " +
				"leader, unless it loses its connection"},
		{Name: "latch-old-node", Run: latch(true), Breaks: "Registration",
			Says: "like latch, but with a bug: a client trusts the node of its former session " +
				"(CURATOR-696)"},
		{Name: "lease", Run: holdLease(false),
			Says: "Kubernetes' Lease: the leader renews a record; each client decides by its own " +
				"clock when the lease has ended"},
		{Name: "lease-no-deadline", Run: holdLease(true), Breaks: "StopsInTime",
			Says: "like lease, but a leader that cannot renew its record continues to lead"},
		{Name: "selector", Run: selectLeader(false),
			Says: "Curator's LeaderSelector: a lock whose holder runs a callback"},
		{Name: "selector-deaf", Run: selectLeader(true), Breaks: "StepsDown",
			Says: "like selector, but the callback ignores its interruption"},
	}
}

// control takes part in the elections of a Kafka cluster. A controller either waits or works: it
// writes the state of a partition, and sends requests to brokers, even if it is not connected.
func control(unfenced bool) func(*client.Proc) {
	return repeat(func(p *client.Proc) {
		k := elect.Kafka{Hold: hold(p), Guards: partition, Unfenced: unfenced}
		if p.Rand().Intn(2) == 0 {
			k.Lead = administer
		}
		k.Run(p)
	})
}

// partition is the node with the state of a partition, which only controllers write.
const partition = "/partition"

// administer handles one event after another, as Kafka's controller does. An event takes several
// writes, and the controller looks only between two events whether it still is the controller.
func administer(p *client.Proc, c *elect.Controller) {
	for c.Still() {
		c.Request(strconv.Itoa(p.Rand().Intn(2)))
		if !c.Sleep(p.Rand().Between(0, Pace)) {
			return
		}
		if p.State() != client.Connected {
			continue // the brokers may be in reach although the ensemble is not
		}
		for range 1 + p.Rand().Intn(3) {
			if !rewrite(p, c) {
				break
			}
			p.Sleep(p.Rand().Between(0, Pace/4))
		}
		c.Sleep(p.Rand().Between(0, Pace))
	}
}

// rewrite writes the state of a partition, and again as long as the answer is an error, also once
// in a new session if that comes soon (retryRequestsUntilConnected of KafkaZkClient, which waits
// longer; but here a holder promises to look after Looks). It reports whether the write has
// succeeded.
func rewrite(p *client.Proc, c *elect.Controller) bool {
	state := tree.Op{Type: tree.OpSetData, Path: partition,
		Data: strconv.AppendInt(nil, c.Epoch(), 10), Version: tree.AnyVersion}
	connected := func() bool { return p.State() == client.Connected }
	for last := false; ; {
		switch err := c.Write(state); {
		case err == nil:
			return true
		case errors.Is(err, elect.ErrMoved):
			return false
		case errors.Is(err, tree.NoNode):
			p.Create(partition, []byte("0"), tree.Persistent)
		default:
			p.PauseAfter(err)
		}
		p.Until(sim.Never, func() bool { return connected() || !c.Still() })
		if !c.Still() {
			if last || !p.Until(Pace, connected) {
				return false
			}
			last = true
		}
	}
}

// failOver takes part in the elections of HDFS. An active NameNode writes to the shared edits, even
// if it is not connected.
func failOver(p *client.Proc) {
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
}

func latch(trusts bool) func(*client.Proc) {
	return repeat(func(p *client.Proc) {
		elect.Latch{Path: "/latch", Hold: hold(p), OnlyLost: p.Rand().Intn(3) == 0,
			TrustsOldNode: trusts}.Run(p)
	})
}

func selectLeader(swallows bool) func(*client.Proc) {
	return repeat(func(p *client.Proc) {
		elect.Selector{Path: "/selector", Hold: hold(p), Swallows: swallows}.Run(p)
	})
}

// campaign takes part in an election of etcd. A leader either waits, or proclaims values.
func campaign(deaf bool) func(*client.Proc) {
	return repeat(func(p *client.Proc) {
		e := elect.Etcd{Path: "/campaign", Hold: hold(p), Deaf: deaf}
		if p.Rand().Intn(2) == 0 {
			e.Lead = func(p *client.Proc, l *elect.Leadership) {
				for n := 0; l.Still(); n++ {
					l.Proclaim(p.Name() + strconv.Itoa(n))
					l.Sleep(p.Rand().Between(0, 2*Pace))
				}
			}
		}
		e.Run(p)
	})
}

// serveHBase is a region server, or a master.
func serveHBase(hurries bool) func(*client.Proc) {
	return func(p *client.Proc) {
		if p.Rand().Intn(3) == 0 {
			elect.HBase{}.RegionServer(Pace)(p)
		}
		repeat(func(p *client.Proc) {
			elect.HBase{Hold: hold(p), Hurries: hurries, Delay: Pace}.Run(p)
		})(p)
	}
}

func fenced(g elect.Guard) func(*client.Proc) {
	return elect.Fenced{Path: "/fenced", Resource: "fenced", Guard: g, Flight: Pace,
		Restarts: 8}.Run
}

// holdLease takes part in the elections of a lease that is shorter than in Kubernetes, but has the
// same proportions.
func holdLease(noDeadline bool) func(*client.Proc) {
	return repeat(func(p *client.Proc) {
		elect.Lease{Path: "/lease", Duration: 3 * sim.Second, RenewDeadline: 2 * sim.Second,
			RetryPeriod: 400 * sim.Millisecond, Hold: hold(p), Keep: p.Rand().Intn(2) == 0,
			NoDeadline: noDeadline}.Run(p)
	})
}
