package main

import (
	"errors"
	"io"
	"time"

	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/sim"
)

// port is the program of a server's machine from a start to the next crash. It connects the world
// and raft's goroutines.
type port struct {
	n     *node
	layer *layer
	base  sim.ConnID
	conns map[sim.ConnID]*conn     // of raft
	users map[sim.ConnID]bool      // connections of clients
	syncs map[uint64]chan struct{} // fsyncs in progress, by token
	token uint64
	dead  bool
}

func (p *port) Deadline() sim.Time { return sim.Never }

func (p *port) Step(_ sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	switch e.Kind {
	case sim.Boot:
		p.base = e.Conn
		disk := openStore(p, p.n.m.Disk())
		go p.n.boot(p, disk)
	case sim.Told:
		if o := e.Msg.(*order); o.p == p {
			return o.do(out)
		}
	case sim.Fsynced:
		if done := p.syncs[e.Token]; done != nil {
			delete(p.syncs, e.Token)
			close(done)
		}
	case sim.DiskFailed:
		return append(out, sim.Effect{Kind: sim.Exit, Name: "disk: a write failed"})
	case sim.Accepted:
		if e.Port == portClient {
			p.users[e.Conn] = true
			break
		}
		c := newConn(p, e.Conn, int(e.From), false)
		close(c.up)
		p.conns[e.Conn] = c
		select {
		case p.layer.accepted <- c:
		default: // the backlog is full
		}
	case sim.Connected:
		if c := p.conns[e.Conn]; c != nil {
			close(c.up)
		}
	case sim.Refused:
		if c := p.conns[e.Conn]; c != nil {
			delete(p.conns, e.Conn)
			c.broken(errRefused)
			close(c.up)
		}
	case sim.Closed:
		if c := p.conns[e.Conn]; c != nil {
			delete(p.conns, e.Conn)
			c.broken(io.EOF)
		}
		delete(p.users, e.Conn)
	case sim.Received:
		if q, ok := e.Msg.(*request); ok {
			go p.serve(e.Conn, q)
		} else if c := p.conns[e.Conn]; c != nil {
			c.received(e.Msg.(*packet))
		}
	}
	return out
}

// died wakes every goroutine that waits for this process.
func (p *port) died() {
	p.dead = true
	_ = p.layer.Close()
	for token, done := range p.syncs { // order: all of them find p.dead, and do nothing
		delete(p.syncs, token)
		close(done)
	}
	for _, c := range p.conns { // order: as above
		c.broken(io.ErrClosedPipe)
		select {
		case <-c.up:
		default:
			close(c.up)
		}
	}
}

var errNotReady = errors.New("this server is not the leader, or has not yet applied the entries " +
	"from before its election")

// verify returns nil if a read here sees every acknowledged write. VerifyLeader alone is too weak:
// it asks a quorum whether this server leads, but a server that was just elected may not have
// applied what its predecessor committed. So reads wait for the barrier of this term, as they do in
// Consul (isReadyForConsistentReads).
func (p *port) verify(r *raft.Raft) error {
	p.n.lab.mu.Lock()
	ready := p.n.serves || p.n.lab.s.BareReads
	p.n.lab.mu.Unlock()
	if !ready {
		return errNotReady
	}
	return r.VerifyLeader().Error()
}

// serve carries out a client's request and answers it.
func (p *port) serve(conn sim.ConnID, q *request) {
	n := p.n
	a := &answer{number: q.number}
	n.mu.Lock()
	r, fsm := n.raft, n.fsm
	n.mu.Unlock()
	var err error
	switch {
	case r == nil:
		err = raft.ErrRaftShutdown
	case q.read:
		if !q.local {
			err = p.verify(r)
		}
		got := fsm.get(q.key)
		a.value, a.version = got.value, got.version
	default:
		f := r.Apply(command(q.key, q.value), time.Duration(n.lab.s.Timeout)*time.Microsecond)
		if err = f.Error(); err == nil {
			a.version = f.Response().(register).version
		}
	}
	switch {
	case err == nil:
		a.ok = true
	case errors.Is(err, errNotReady), errors.Is(err, raft.ErrNotLeader),
		errors.Is(err, raft.ErrEnqueueTimeout),
		errors.Is(err, raft.ErrLeadershipTransferInProgress):
		a.refused = true // the request certainly had no effect
	}
	if r != nil && !a.ok {
		leader, _ := r.LeaderWithID()
		if leader != "" {
			a.leader = serverNumber(string(leader))
		}
	}
	n.lab.tell(p, func(out []sim.Effect) []sim.Effect {
		if !p.users[conn] {
			return out
		}
		return append(out, sim.Effect{Kind: sim.Send, Conn: conn, Msg: a})
	})
}

// sync appends to a file and returns when the data is durable or the process has ended. After the
// end its caller has no effect.
func (p *port) sync(file string, data []byte) {
	l := p.n.lab
	l.mu.Lock()
	if p.dead {
		l.mu.Unlock()
		return
	}
	p.token++
	token, done := p.token, make(chan struct{})
	p.syncs[token] = done
	l.mu.Unlock()
	l.tell(p, func(out []sim.Effect) []sim.Effect {
		isNew := p.n.m.Disk().Read(file) == nil
		out = append(out, sim.Effect{Kind: sim.Append, File: file, Data: data})
		if isNew { // then the folder needs an fsync too
			return append(out,
				sim.Effect{Kind: sim.Fsync, File: file},
				sim.Effect{Kind: sim.Fsync, Token: token})
		}
		return append(out, sim.Effect{Kind: sim.Fsync, File: file, Token: token})
	})
	if !l.s.Betray {
		<-done
	}
}
