package host

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
	"github.com/zablab/zablab/zab"
)

// serveClient serves a connection to the clients' port.
func (s *Server) serveClient(conn net.Conn) {
	address, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
	if !s.admit(address) {
		_ = conn.Close()
		return
	}
	defer s.leave(address)
	_ = conn.SetReadDeadline(time.Now().Add(s.config.greeting))
	r := bufio.NewReaderSize(conn, 4<<10)
	var length [4]byte
	_, err := io.ReadFull(r, length[:])
	if text, known := s.answer(string(length[:])); err == nil && known {
		_ = conn.SetWriteDeadline(time.Now().Add(greeting))
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
		return
	}
	var packet []byte
	if err == nil {
		packet, _, err = readBody(r, length, nil, s.config.Limits.Packet)
	}
	var m *tree.ConnectRequest
	l := s.newLink(sim.ConnID(accepting|s.numbers.Add(1)), zab.PortClient)
	if err == nil {
		m, l.readOnly, err = jute.DecodeConnectRequest(packet)
	}
	if err != nil {
		if !errors.Is(err, io.EOF) && !s.closed.Load() {
			s.config.Log(fmt.Sprintf("client %s: disconnected: %v", address, err))
		}
		_ = conn.Close()
		return
	}
	s.met(conn)
	_ = conn.SetReadDeadline(time.Time{})
	l.address, l.conn, l.credit = address, conn, make(chan struct{}, s.config.Limits.Outstanding)
	s.workers.Go(l.write)
	s.post(l.event(sim.Accepted, nil), l.event(sim.Received, m))
	l.readRequests(r)
}

// admit counts a connection of an IP address. It returns false if the address has too many.
func (s *Server) admit(address string) bool {
	s.mu.Lock()
	used := s.used[address]
	if used < s.config.Limits.Connections {
		s.used[address]++
	}
	s.mu.Unlock()
	if used >= s.config.Limits.Connections {
		s.config.Log(fmt.Sprintf("client %s: disconnected: this address has %d connections "+
			"already, which is the limit", address, used))
	}
	return used < s.config.Limits.Connections
}

func (s *Server) leave(address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used[address]--; s.used[address] == 0 {
		delete(s.used, address)
	}
}

// readRequests reads what a client sends, until one of the two closes the connection. It does not
// read on while too many requests have no answer.
func (l *link) readRequests(r *bufio.Reader) {
	limit := l.s.config.Limits.Packet
	var memory []byte
	var batch []item
	for {
		packet, again, err := readFrame(r, memory, limit)
		memory = again
		var m *tree.Request
		if err == nil {
			// The server itself refuses an operation that is unknown.
			if m, err = jute.DecodeRequest(packet); errors.Is(err, jute.ErrUnknownOperation) {
				err = nil
			}
		}
		if err == nil {
			select {
			case l.credit <- struct{}{}:
			default:
				batch = l.hand(batch)
				select {
				case l.credit <- struct{}{}:
				case <-l.over:
					err = net.ErrClosed
				}
			}
		}
		if err != nil {
			l.ends(err)
			l.s.post(append(batch, l.event(sim.Closed, nil))...)
			l.close(0)
			return
		}
		batch = append(batch, l.event(sim.Received, m))
		if !whole(r, limit) || len(batch) >= maxBatch {
			batch = l.hand(batch)
		}
	}
}

// ends logs why a client's connection ends, if it is not closed in order.
func (l *link) ends(err error) {
	var network net.Error
	if errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.As(err, &network) {
		return
	}
	l.s.config.Log(fmt.Sprintf("%s: disconnected: %v", l.name(), err))
}

// crowded refuses a client that asks for a new session when there are too many. It counts requests.
func (s *Server) crowded(i *item) bool {
	if i.event.Port != zab.PortClient || i.event.Kind != sim.Received {
		return false
	}
	s.traffic.Received++
	m, ok := i.event.Msg.(*tree.ConnectRequest)
	if !ok || m.SessionID != 0 || s.core.Tree().NumSessions() < s.config.Limits.Sessions {
		return false
	}
	s.cutOff(i.link, fmt.Sprintf("the ensemble has %d sessions already, which is the limit",
		s.config.Limits.Sessions))
	return true
}
