package main

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"slices"
	"time"

	"github.com/zablab/zablab/scenarios/guest/machine"
	"github.com/zablab/zablab/scenarios/raft/contract"
	"go.etcd.io/raft/v3"
)

func (s *server) listen(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		go s.serve(c)
	}
}

// serve answers the requests of a connection, each in a goroutine of its own.
func (s *server) serve(c net.Conn) {
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
			a := s.respond(&q)
			_, _ = c.Write(a.Bytes())
		}()
	}
}

var (
	errNoLeader = errors.New("no leader is known")
	errTimeout  = errors.New("no answer from the library in time")
)

// next returns the number of a new request, which no other request of this server has ever had, and
// no other server's: see command.
func (s *server) next() uint64 {
	s.number++
	return s.number | id(machine.Name())<<56
}

func (s *server) leader() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lead
}

func (s *server) respond(q *contract.Request) (a contract.Answer) {
	machine.Yield()
	ctx, cancel := context.WithTimeout(context.Background(), span("timeout"))
	defer cancel()
	a = contract.Answer{Number: q.Number, Status: contract.OK}
	var err error
	switch {
	case q.Do == contract.Local:
		a.Register = s.table.get(q.Key)
	case s.leader() == raft.None:
		err = errNoLeader
	case q.Do == contract.Write:
		err = s.write(ctx, q, &a)
	case q.Do == contract.Read:
		err = s.read(ctx, q, &a)
	case q.Do == contract.Transfer:
		err = s.transfer(ctx, q.Key)
	}
	a.Leader = nameOf(s.leader())
	switch {
	case err == nil:
		return a
	case q.Do == contract.Read, errors.Is(err, errNoLeader), errors.Is(err, raft.ErrProposalDropped):
		a.Status = contract.Refused
	default:
		a.Status = contract.Unknown
	}
	a.Why = err.Error()
	return a
}

// write proposes a command, and waits until it is applied here.
func (s *server) write(ctx context.Context, q *contract.Request, a *contract.Answer) error {
	done := make(chan outcome, 1)
	s.mu.Lock()
	number := s.next()
	s.writes[number] = done
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.writes, number)
		s.mu.Unlock()
	}()
	if err := s.node.Propose(ctx, command(number, q.Key, q.Value)); err != nil {
		return err
	}
	select {
	case o := <-done:
		a.Index, a.Term, a.Register = o.Index, o.Term, o.Register
		return nil
	case <-ctx.Done():
		return errTimeout
	}
}

// answer hands its outcome to the request with a number, if it is of this server and still waits.
func (s *server) answer(number uint64, o outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if done := s.writes[number]; done != nil {
		done <- o
	}
}

// read asks the library for an index that no earlier write is after, and waits until it is applied.
func (s *server) read(ctx context.Context, q *contract.Request, a *contract.Answer) error {
	s.mu.Lock()
	number, leads := s.next(), s.leads
	s.mu.Unlock()
	if !leads || machine.Setting("bug") != bugRead {
		if err := s.readIndex(ctx, number); err != nil {
			return err
		}
	}
	a.Register = s.table.get(q.Key)
	return nil
}

// readIndex asks again if there is no answer after a while, as etcd does: the library drops
// requests without notice.
func (s *server) readIndex(ctx context.Context, number uint64) error {
	done := make(chan uint64, 1)
	s.mu.Lock()
	s.reads[number] = done
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.reads, number)
		s.mu.Unlock()
	}()
	t := time.NewTicker(min(span("timeout")/3, span("heartbeat")/2))
	defer t.Stop()
	for {
		if err := s.node.ReadIndex(ctx, binary.BigEndian.AppendUint64(nil, number)); err != nil {
			return err
		}
		select {
		case index := <-done:
			return s.wait(ctx, index)
		case <-t.C:
		case <-ctx.Done():
			return errTimeout
		}
	}
}

// confirmed hands an index to the read that asked for it.
func (s *server) confirmed(request []byte, index uint64) {
	if len(request) != 8 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if done := s.reads[binary.BigEndian.Uint64(request)]; done != nil {
		select {
		case done <- index:
		default: // it was asked more than once, and has its answer
		}
	}
}

// wait waits until an index is applied.
func (s *server) wait(ctx context.Context, index uint64) error {
	s.mu.Lock()
	if s.applied >= index {
		s.mu.Unlock()
		return nil
	}
	r := reaching{index, make(chan struct{})}
	s.reached = append(s.reached, r)
	s.mu.Unlock()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return errTimeout
	}
}

// reach notes that everything up to a position is applied.
func (s *server) reach(p position) {
	s.last = p
	s.mu.Lock()
	defer s.mu.Unlock()
	s.applied = p.Index
	s.reached = slices.DeleteFunc(s.reached, func(r reaching) bool {
		if r.index <= s.applied {
			close(r.done)
		}
		return r.index <= s.applied
	})
}

// transfer asks the leader to hand over to a server, or to any other, and waits until that leads.
func (s *server) transfer(ctx context.Context, to string) error {
	lead, target := s.leader(), id(to)
	if target == raft.None {
		target = lead%uint64(len(s.peers)+1) + 1
	}
	s.node.TransferLeadership(ctx, lead, target)
	t := time.NewTicker(span("heartbeat") / ticks)
	defer t.Stop()
	for s.leader() != target {
		select {
		case <-t.C:
		case <-ctx.Done():
			return errTimeout
		}
	}
	return nil
}
