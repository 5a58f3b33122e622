package main

import (
	"context"
	"encoding/binary"
	"net"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"go.etcd.io/raft/v3"
	"go.etcd.io/raft/v3/raftpb"
)

// peer is the connection to another server. It only sends: the other server answers on a connection
// of its own.
type peer struct {
	name string
	id   uint64
	node raft.Node

	mu   sync.Mutex
	conn net.Conn // nil while it is down
}

// redial is how long a peer waits before it tries to connect again.
const redial = 100 * time.Millisecond

// connect dials again whenever the connection is down.
func (p *peer) connect() {
	for {
		c, err := machine.Dial(p.name, contract.PortPeers, span("timeout"))
		if err != nil {
			time.Sleep(redial)
			continue
		}
		p.mu.Lock()
		p.conn = c
		p.mu.Unlock()
		var b [1]byte
		_, _ = c.Read(b[:]) // returns when the connection ends
		_ = c.Close()
		p.mu.Lock()
		p.conn = nil
		p.mu.Unlock()
		time.Sleep(redial)
	}
}

// send writes a message, or drops it and tells the library that the server cannot be reached.
func (p *peer) send(m message) {
	b := encodeMessage(m)
	b = append(binary.LittleEndian.AppendUint32(make([]byte, 0, 4+len(b)), uint32(len(b))), b...)
	p.mu.Lock()
	c := p.conn
	p.mu.Unlock()
	sent := false
	if c != nil {
		_, err := c.Write(b)
		sent = err == nil
	}
	kind, _ := header(m)
	if !sent {
		p.node.ReportUnreachable(p.id)
	}
	if kind == raftpb.MsgSnap {
		status := raft.SnapshotFinish
		if !sent {
			status = raft.SnapshotFailure
		}
		p.node.ReportSnapshot(p.id, status)
	}
}

// accept takes the messages of the other servers.
func (s *server) accept(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go s.receive(c)
	}
}

func (s *server) receive(c net.Conn) {
	defer c.Close()
	for {
		b, err := contract.ReadFrame(c)
		if err != nil {
			return
		}
		m, err := decodeMessage(b)
		if err != nil {
			return
		}
		machine.Nap()
		if kind, _ := header(m); kind == raftpb.MsgProp { // waits while no leader is known
			go func() {
				ctx, cancel := context.WithTimeout(context.Background(), span("timeout"))
				defer cancel()
				step(ctx, s.node, m)
			}()
			continue
		}
		step(context.Background(), s.node, m)
	}
}
