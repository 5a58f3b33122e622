package main

import (
	"encoding/binary"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

// node is one server, before and after its crashes.
type node struct {
	lab *lab
	id  int
	m   *sim.Machine

	port  *port                    // of the current process
	snaps *raft.InmemSnapshotStore // survives crashes: raft has fsynced what it calls a snapshot

	leads  bool   // according to raft's last observation
	serves bool   // it leads, and has applied the first entry of its term
	synced uint64 // number of fsyncs before Settings.From

	mu   sync.Mutex
	raft *raft.Raft // nil while the server is down
	fsm  *table
}

func serverNumber(name string) int {
	n, _ := strconv.Atoi(name[1:])
	return n
}

func newNode(l *lab, id int) *node {
	n := &node{lab: l, id: id, snaps: raft.NewInmemSnapshotStore()}
	n.m = l.w.Add(serverName(id), "server", func(m *sim.Machine) sim.Program {
		n.port = &port{
			n: n, conns: make(map[sim.ConnID]*conn), users: make(map[sim.ConnID]bool),
			syncs: make(map[uint64]chan struct{}),
		}
		n.port.layer = &layer{
			p: n.port, accepted: make(chan *conn, 1024), closed: make(chan struct{}),
		}
		n.fsm = &table{values: make(map[string]register), applied: n.applied(n.port)}
		return n.port
	})
	return n
}

// crashed ends a server's process: its goroutines may still run, but have no effect.
func (n *node) crashed() {
	n.port.died()
	n.leads, n.serves = false, false
	n.mu.Lock()
	r := n.raft
	n.raft = nil
	n.mu.Unlock()
	if r != nil {
		go r.Shutdown()
	}
}

// boot starts raft in a new process of the server.
func (n *node) boot(p *port, disk *store) {
	s := n.lab.s
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(serverName(n.id))
	c.Logger = hclog.NewNullLogger()
	c.LogOutput = io.Discard
	span := func(t sim.Time) time.Duration { return time.Duration(t) * time.Microsecond }
	c.HeartbeatTimeout, c.ElectionTimeout, c.LeaderLeaseTimeout =
		span(s.Heartbeat), span(s.Election), span(s.Lease)
	c.CommitTimeout, c.MaxAppendEntries = span(s.CommitTimeout), s.MaxAppend
	c.PreVoteDisabled, c.SnapshotThreshold, c.TrailingLogs =
		s.PreVoteOff, s.SnapThreshold, s.TrailingLogs
	transport := raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{
		Logger: c.Logger, Stream: p.layer, MaxPool: 3, MaxRPCsInFlight: s.Pipeline,
		Timeout: span(s.Timeout),
	})
	if last, _ := disk.LastIndex(); last == 0 && len(disk.stable) == 0 {
		var all raft.Configuration
		for i := 1; i <= s.Servers; i++ {
			all.Servers = append(all.Servers, raft.Server{
				ID: raft.ServerID(serverName(i)), Address: raft.ServerAddress(serverName(i)),
			})
		}
		if err := raft.BootstrapCluster(c, disk, disk, n.snaps, transport, all); err != nil {
			n.lab.failed(err)
			return
		}
	}
	r, err := raft.NewRaft(c, n.fsm, disk, disk, n.snaps, transport)
	if err != nil {
		n.lab.failed(err)
		return
	}
	r.RegisterObserver(raft.NewObserver(nil, false, func(o *raft.Observation) bool {
		if state, ok := o.Data.(raft.RaftState); ok {
			n.became(p, r, state)
		}
		return false
	}))
	n.mu.Lock()
	if p.dead {
		n.mu.Unlock()
		r.Shutdown()
		return
	}
	n.raft = r
	n.mu.Unlock()
}

func (l *lab) failed(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.result.Error == "" {
		l.result.Error = err.Error()
	}
}

// became records a server's new state. A leader serves once the first entry of its term is applied,
// which a barrier waits for.
func (n *node) became(p *port, r *raft.Raft, state raft.RaftState) {
	term := r.CurrentTerm()
	l := n.lab
	l.mu.Lock()
	// a paused server changes nothing: see package compare
	if l.w.Run(l.now(), nil); !p.dead && !n.m.Paused() {
		n.note(kindRole, uint64(state)<<32|term, role{strings.ToLower(state.String()), term})
		n.leads, n.serves = state == raft.Leader, false
		n.lab.result.States = append(n.lab.result.States, task.State{
			Server: n.id, Term: term, State: strings.ToLower(state.String()), At: n.lab.now(),
		})
		n.lab.result.Terms = max(n.lab.result.Terms, term)
	}
	n.lab.mu.Unlock()
	if state != raft.Leader {
		return
	}
	go func() {
		if r.Barrier(0).Error() != nil {
			return
		}
		n.lab.mu.Lock()
		defer n.lab.mu.Unlock()
		if p.dead {
			return
		}
		n.serves = n.leads && r.CurrentTerm() == term
		n.lab.result.Leaders = append(n.lab.result.Leaders, task.Leader{
			Server: n.id, Term: term, From: n.lab.now(),
		})
	}()
}

// applied records a write that the server's current process applies.
func (n *node) applied(p *port) func(string, register, *raft.Log) {
	return func(key string, r register, log *raft.Log) {
		n.lab.mu.Lock()
		defer n.lab.mu.Unlock()
		now := n.lab.now()
		if n.lab.w.Run(now, nil); p.dead {
			return
		}
		n.note(kindCommit, log.Index, took{log.Index, log.Term, key, r})
		if n.lab.s.Watch && now >= n.lab.s.From {
			n.lab.result.Applies = append(n.lab.result.Applies, task.Apply{
				Server: n.id, Value: r.value, At: now,
			})
		}
	}
}

// register is a register's value, and the number of times that it was set.
type register struct {
	value   string
	version uint64
}

// table is raft's state machine: each command sets one register.
type table struct {
	mu      sync.Mutex
	values  map[string]register
	applied func(key string, r register, log *raft.Log)
}

func (f *table) Apply(log *raft.Log) any {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := int(binary.BigEndian.Uint16(log.Data))
	key := string(log.Data[2 : 2+n])
	r := register{string(log.Data[2+n:]), f.values[key].version + 1}
	f.values[key] = r
	f.applied(key, r, log)
	return r
}

// command is a client's write in a log entry.
func command(key, value string) []byte {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(key)))
	return append(append(b, key...), value...)
}

func (f *table) get(key string) register {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.values[key]
}

func (f *table) Snapshot() (raft.FSMSnapshot, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var s snapshot
	for key, r := range f.values { // order: sorted below
		s = append(s, entry{key, r})
	}
	s.sort()
	return s, nil
}

func (f *table) Restore(in io.ReadCloser) error {
	defer in.Close()
	s, err := readSnapshot(in)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.values = make(map[string]register)
	for _, e := range s {
		f.values[e.key] = e.register
	}
	return nil
}
