package fuzz

import (
	"math"
	"slices"
	"strconv"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/workload"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
)

// rare adds to a schedule what few applications do: other client libraries, an operator who moves
// clients, the workloads of [workload.Rare], and now and then so much time that the leader looks
// after containers.
func (d *generator) rare() {
	s := &d.s
	s.Rare = 1 + d.Intn(maxSetting)
	var works []string
	for _, w := range workload.Rare() {
		if w.Is == nil {
			works = append(works, w.Name)
		}
	}
	for i := range s.Clients {
		if d.Intn(3) > 0 {
			name := one(d, works...)
			if name == "leavers" && slices.Contains(s.Clients[i], "closers") {
				name = hurried // a client that closes for good must not be made to open again
			}
			s.Clients[i] = append(s.Clients[i], name)
		}
	}
	if d.Intn(4) == 0 { // all clients do the same, so that they meet
		name := one(d, append(works, inMemory, inMemory, inMemory)...)
		for i := range s.Clients {
			s.Clients[i] = []string{name}
		}
	}
	d.slowDisks()
	if d.Intn(3) == 0 {
		for i := range 2 {
			s.Clients[i] = []string{"declared"}
		}
	}
	if d.Intn(6) == 0 {
		s.Clients[2] = []string{transients}
		s.Calm = longCalm
	}
	if d.Intn(10) == 0 {
		s.SessionTimeout = s.SessionTimeout / s.Tick * defaults.TickTime
		s.Tick = defaults.TickTime
		if s.Calm > 0 {
			s.Calm = max(s.Calm, s.LeastCalm())
		}
	}
}

// slowDisks makes all disks slow if a client is hurried: a sync waits for writes, so the client has
// moved before the sync is answered. What was chosen for faster disks must fit the slow ones, or
// the ensemble could not recover, however sound it is.
func (d *generator) slowDisks() {
	s := &d.s
	// A follower must write a snapshot within initLimit, with one fsync for each piece.
	if !s.does(hurried) || s.does(bulk) || s.does(crowds) || s.SnapChunk < 1024 {
		return
	}
	s.Latency = sim.Span{Min: sim.Millisecond, Max: 5 * sim.Millisecond}
	s.Fsync = sim.Span{Min: 20 * sim.Millisecond, Max: 100 * sim.Millisecond}
	// A client gives each server its share of the session timeout to open a session. A session is a
	// transaction: it waits for the fsync under way, and then for those of its log file and, if that
	// is new, of the directory. If this took longer than the share, clients would try for ever, and
	// the sessions that they leave behind would keep the disks busy.
	ticks := (3*s.Fsync.Max*sim.Time(s.total()) + s.Tick - 1) / s.Tick
	s.SessionTimeout = max(s.SessionTimeout, ticks*s.Tick)
	if s.Calm > 0 {
		s.Calm = s.LeastCalm()
	}
}

const (
	transients = "transients"
	hurried    = "hurried"
	inMemory   = "fence-in-memory-for-ever"
)

// moves is how often an operator moves a client in a hurry, always to the same server.
const moves = 20

// longCalm is long enough for a leader to look twice after containers and nodes with a time to
// live: it does so once a minute.
const longCalm = 125 * sim.Second

// library returns the library of a client. It is not kazoo, which forgets watches: the recipes of
// this lab would wait for ever.
func (s *Schedule) library(i int) client.Library {
	if s.Rare == 0 {
		return client.Plain
	}
	r := sim.NewRand(uint64(s.Rare)).Fork("library " + strconv.Itoa(i))
	return one(r, client.Plain, client.Go, client.Java, client.Curator)
}

// operate plays an operator who moves clients to other servers, and makes them open new sessions,
// and sometimes a stranger who breaks the protocol of clients.
func (s *Schedule) operate(e *ensemble.Ensemble) {
	if s.Rare == 0 {
		return
	}
	r := sim.NewRand(uint64(s.Rare)).Fork("operator")
	if r.Intn(3) == 0 {
		e.AddStranger("stranger")
	}
	if sim.NewRand(uint64(s.Rare)).Fork("resumer").Intn(3) == 0 {
		e.AddResumer("resumer")
	}
	for i, c := range e.Clients() {
		if slices.Contains(s.Clients[i], hurried) {
			to, at := sim.NodeID(1+r.Intn(s.total())), r.Between(0, s.Length)
			for range moves {
				at += r.Between(0, sim.Second)
				e.World.TellAt(at, c.Machine(), &client.Move{To: to})
			}
		}
		for range r.Intn(3) {
			var m sim.Message = &client.Renew{}
			if to := sim.NodeID(1 + r.Intn(s.total())); r.Intn(2) == 0 {
				m = &client.Move{To: to}
			}
			e.World.TellAt(r.Between(0, s.Length+s.Calm/2), c.Machine(), m)
		}
	}
}

// idle has the nodes that the leader of an epoch may delete, because they are idle.
type idle struct {
	epoch uint32
	nodes []transient
}

// transient is a node, and what it was like.
type transient struct {
	path string
	stat tree.Stat
}

// idle returns the nodes that may be deleted now, if the schedule has time enough to see that.
func (s *Schedule) idle(e *ensemble.Ensemble) (list idle) {
	l := e.Leader()
	if l == nil || s.Calm < longCalm {
		return idle{}
	}
	list.epoch = l.Peer().Epoch()
	for _, path := range l.Tree().AppendIdle(nil, 0) {
		list.nodes = append(list.nodes, transient{path, l.Tree().Node(path).Stat()})
	}
	return list
}

// left returns a node that is still there, unchanged, under the same leader; empty if there is
// none.
func (list idle) left(e *ensemble.Ensemble) string {
	l := e.Leader()
	if l == nil || l.Peer().Epoch() != list.epoch {
		return ""
	}
	i := slices.IndexFunc(list.nodes, func(n transient) bool {
		now := l.Tree().Node(n.path)
		return now != nil && now.Stat() == n.stat
	})
	if i < 0 {
		return ""
	}
	return list.nodes[i].path
}

// staged returns the stage of the ensemble: a rare schedule may have nodes with a time to live, and
// sessions that end with their connections.
func (s *Schedule) staged() engine.Stage {
	stage := s.Stage
	stage.TTL = stage.TTL || s.Rare > 0
	stage.ExpireOnDisconnect = stage.ExpireOnDisconnect || s.odd().ends
	return stage
}

// oddities are what is unusual about the machines and the past of a rare schedule.
type oddities struct {
	starts  bool  // a start of a server counts one, as on a real machine: see [sim.Config]
	version int32 // of the node [worn], which exists from the beginning; 0 if it does not
	wide    bool  // the network has so many machines that their numbers need two bytes
	ends    bool  // a session ends when its connection breaks
}

// worn is a node that most workloads write.
const worn = "/r0"

// odd returns the oddities of a schedule.
func (s *Schedule) odd() (o oddities) {
	if s.Rare == 0 {
		return o
	}
	r := sim.NewRand(uint64(s.Rare)).Fork("oddities")
	o.starts = r.Intn(2) == 0
	if r.Intn(3) == 0 {
		o.version = int32(one(r, -3, -4, -6, -10, math.MaxInt32-1, math.MaxInt32-4))
	}
	o.wide = r.Intn(6) == 0
	o.ends = r.Intn(6) == 0
	return o
}
