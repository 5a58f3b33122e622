package host

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server/wire"
	"github.com/zablab/zablab/zab"
)

// magic begins a connection between servers. Its last byte is the version of the encoding.
const magic = "zab\x01"

// helloSize is the size in bytes of what a server sends first: magic, its number, the number of the
// server that it looks for, the port, and a hash of the ensemble's members.
const helloSize = len(magic) + 1 + 1 + 1 + 8

// maxFrame is the longest frame that another server may send, in bytes.
const maxFrame = 64 << 20

func (s *Server) hello(to zab.ID, port sim.Port) []byte {
	b := append([]byte(magic), byte(s.config.ID), byte(to), byte(port))
	return binary.BigEndian.AppendUint64(b, s.config.members())
}

// dial opens a connection to another server.
func (s *Server) dial(e *sim.Effect) {
	l := s.newLink(e.Conn, e.Port)
	l.from = e.To
	s.links[l.id] = l
	to := s.config.peer(e.To).Address
	span := time.Duration(e.Span) * time.Microsecond
	ctx, cancel := context.WithTimeout(context.Background(), span)
	l.cancel = cancel
	hello := s.hello(e.To, e.Port) // e itself is used again
	s.workers.Go(func() {
		defer cancel()
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", to)
		if err == nil {
			_ = conn.SetWriteDeadline(time.Now().Add(span))
			_, err = conn.Write(hello)
			_ = conn.SetWriteDeadline(time.Time{})
		}
		if err != nil {
			if conn != nil {
				_ = conn.Close()
			}
			s.post(l.event(sim.Refused, nil))
			return
		}
		i := l.event(sim.Connected, nil)
		i.conn = conn
		s.post(i)
	})
}

// accept serves the connections of a listener, until it is closed.
func (s *Server) accept(listener net.Listener, serve func(net.Conn)) {
	s.workers.Go(func() {
		for {
			conn, err := listener.Accept()
			switch {
			case err == nil:
				if s.meets(conn) {
					s.workers.Go(func() { defer s.met(conn); serve(conn) })
				}
			case s.closed.Load(), errors.Is(err, net.ErrClosed):
				return
			default: // no file descriptors are left, for example
				s.config.Log(fmt.Sprintf("accept a connection: %v", plain(err)))
				select {
				case <-s.stop:
				case <-s.done:
				case <-time.After(100 * time.Millisecond):
				}
			}
		}
	})
}

// meets notes a connection that has not said yet what it is. It returns false at the server's end.
func (s *Server) meets(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		_ = conn.Close()
		return false
	}
	s.new[conn] = struct{}{}
	return true
}

// met notes that a connection has said what it is.
func (s *Server) met(conn net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.new, conn)
}

// servePeer serves a connection that another server has opened.
func (s *Server) servePeer(conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(s.config.greeting))
	hello := make([]byte, helloSize)
	_, err := io.ReadFull(conn, hello)
	var l *link
	if err == nil {
		l, err = s.greeted(hello)
	}
	if err != nil {
		_ = conn.Close()
		s.refused(conn, err)
		return
	}
	s.met(conn)
	_ = conn.SetReadDeadline(time.Time{})
	l.conn = conn
	s.post(l.event(sim.Accepted, nil))
	l.serve()
}

// greeted checks what another server has said first.
func (s *Server) greeted(hello []byte) (*link, error) {
	rest := hello[len(magic):]
	from, to, port := zab.ID(rest[0]), zab.ID(rest[1]), sim.Port(rest[2])
	switch {
	case string(hello[:len(magic)]) != magic:
		return nil, errors.New("the other side is not a zablab server of this version: run the " +
			"same version of zablab on all servers")
	case to != s.config.ID:
		return nil, fmt.Errorf("server S%d looks for S%d at this address, but this is another "+
			"server: check the servers' addresses", from, to)
	case binary.BigEndian.Uint64(rest[3:]) != s.config.members():
		return nil, fmt.Errorf("the server list of S%d differs from this server's list: give all "+
			"servers the same list", from)
	case from == s.config.ID || s.config.peer(from) == nil:
		return nil, fmt.Errorf("the other side calls itself S%d, which is this server's own "+
			"number or is missing from this server's list: check --id of the other server", from)
	case port != zab.PortElection && port != zab.PortQuorum:
		return nil, fmt.Errorf("server S%d asks for port number %d, which is neither the "+
			"election port nor the quorum port", from, port)
	}
	l := s.newLink(sim.ConnID(accepting|s.numbers.Add(1)), port)
	l.from = from
	return l, nil
}

// refused logs a connection that was refused: once, since servers try again.
func (s *Server) refused(conn net.Conn, err error) {
	line := fmt.Sprintf("a connection to the servers' port is refused: %v", err)
	s.mu.Lock()
	again := line == s.said
	s.said = line
	s.mu.Unlock()
	if !again && !s.closed.Load() {
		s.config.Log(fmt.Sprintf("%v: %s", conn.RemoteAddr(), line))
	}
}

// readFrames reads what another server sends, until one of the two closes the connection.
func (l *link) readFrames() {
	r := bufio.NewReaderSize(l.conn, 32<<10)
	var memory []byte
	var batch []item
	for {
		frame, again, err := readFrame(r, memory, maxFrame)
		memory = again
		var m zab.Message
		if err == nil {
			if m, err = wire.Decode(frame); err != nil && !l.s.closed.Load() {
				l.s.config.Log(fmt.Sprintf("%s: disconnected: %v", l.name(), err))
			}
		}
		if err != nil {
			l.s.post(append(batch, l.event(sim.Closed, nil))...)
			l.close(0)
			return
		}
		batch = append(batch, l.event(sim.Received, m))
		if !whole(r, maxFrame) || len(batch) >= maxBatch {
			batch = l.hand(batch)
		}
	}
}

// hand hands a batch over, and returns it empty.
func (l *link) hand(batch []item) []item {
	l.s.post(batch...)
	clear(batch)
	return batch[:0]
}

// maxBatch is how many messages of a connection are handed over together.
const maxBatch = 64

// whole reports whether the reader has another whole frame, or finds at once that it is too long.
func whole(r *bufio.Reader, limit int) bool {
	if r.Buffered() < 4 {
		return false
	}
	b, err := r.Peek(4)
	n := int64(binary.BigEndian.Uint32(b))
	return err == nil && (n > int64(limit) || int64(r.Buffered()) >= 4+n)
}
