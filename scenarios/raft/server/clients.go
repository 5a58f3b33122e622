package main

import (
	"errors"
	"net"
	"strings"
	"sync/atomic"

	"github.com/hashicorp/raft"
	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
)

// node is the server: raft, and the port of its clients.
type node struct {
	raft  *raft.Raft
	fsm   *table
	ready atomic.Uint64 // the term in which it may answer reads
}

// became reports a role. A leader answers reads once everything before its term is applied, which a
// barrier waits for, as in Consul (isReadyForConsistentReads): VerifyLeader asks a quorum whether
// this server leads, and not whether it has applied what its predecessor committed.
func (n *node) became(state raft.RaftState) {
	term := currentTerm(n.raft)
	machine.Report(uint64(contract.Role), term, []byte(strings.ToLower(state.String())))
	if state == raft.Leader {
		go func() {
			if n.raft.Barrier(0).Error() == nil {
				n.ready.Store(term)
				machine.Report(uint64(contract.Serves), term, nil)
			}
		}()
	}
}

func (n *node) listen() error {
	l, err := machine.Listen(contract.PortClients)
	if err != nil {
		return err
	}
	for {
		c, err := l.Accept()
		if err != nil {
			return err
		}
		go n.serve(c)
	}
}

// serve answers the requests of a connection, each in a goroutine of its own.
func (n *node) serve(c net.Conn) {
	defer c.Close()
	for {
		b, err := contract.ReadFrame(c)
		if err != nil {
			return
		}
		q, ok := contract.ParseRequest(b)
		if !ok {
			return
		}
		go func() {
			a := n.answer(&q)
			_, _ = c.Write(a.Bytes())
		}()
	}
}

var errNotReady = errors.New("the leader has not yet applied all entries from before its term")

func (n *node) answer(q *contract.Request) (a contract.Answer) {
	machine.Yield()
	a.Number = q.Number
	var err error
	switch q.Do {
	case contract.Write:
		f := n.raft.Apply(command(q.Key, q.Value), span("timeout"))
		if err = f.Error(); err == nil {
			a.Index, a.Term = f.Index(), term(f)
			a.Register = f.Response().(contract.Register)
		}
	case contract.Read:
		if n.ready.Load() != currentTerm(n.raft) && machine.Setting("bug") != bugRead {
			err = errNotReady
		} else {
			err = n.raft.VerifyLeader().Error()
		}
		if err == nil {
			a.Register = n.fsm.get(q.Key)
		}
	case contract.Local:
		a.Register = n.fsm.get(q.Key)
	case contract.Transfer:
		if q.Key == "" {
			err = n.raft.LeadershipTransfer().Error()
		} else {
			err = n.raft.LeadershipTransferToServer(raft.ServerID(q.Key),
				raft.ServerAddress(q.Key)).Error()
		}
	}
	_, leader := n.raft.LeaderWithID()
	a.Leader = string(leader)
	switch {
	case err == nil:
		a.Status = contract.OK
		return a
	case q.Do == contract.Read, errors.Is(err, raft.ErrNotLeader),
		errors.Is(err, raft.ErrEnqueueTimeout), errors.Is(err,
			raft.ErrLeadershipTransferInProgress):
		a.Status = contract.Refused
	default:
		a.Status = contract.Unknown
	}
	a.Why = err.Error()
	return a
}

// term is the term of the entry of an answered write; 0 if the future does not tell.
func term(f raft.ApplyFuture) uint64 {
	if t, ok := f.(interface{ Term() uint64 }); ok {
		return t.Term()
	}
	return 0
}
