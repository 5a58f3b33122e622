package live

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// greeting is how long a new connection may take to send its first packet.
const greeting = 10 * time.Second

// door is the TCP port of one server. It is open while the server's process runs, so that a client
// of a crashed server is refused as on a real machine.
type door struct {
	host   *Host
	server string
	addr   string

	mu       sync.Mutex
	listener net.Listener // nil while it is shut
	taken    bool         // another program has the port now
}

// Listen serves a server of the ensemble on a TCP address. If the first packet of a connection
// resumes a session, the connection belongs to that session's client. Otherwise it belongs to a new
// client; new clients are named C1, C2 and so on.
func (h *Host) Listen(server, addr string) (net.Addr, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("serve %s: %w", server, err)
	}
	d := &door{host: h, server: server, addr: listener.Addr().String(), listener: listener}
	h.mu.Lock()
	h.doors = append(h.doors, d)
	h.mu.Unlock()
	go d.serve(listener)
	return listener.Addr(), nil
}

// openDoors opens the ports of the servers that run, and shuts the others.
func (h *Host) openDoors() {
	h.mu.Lock()
	doors := h.doors
	h.mu.Unlock()
	for _, d := range doors {
		if m := h.world.Ensemble.World.Find(d.server); m != nil && m.Up() {
			d.open()
		} else {
			d.shut()
		}
	}
}

// open opens the port again. It fails if another program has taken it: then the server stays out of
// reach, and the log says so.
func (d *door) open() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener != nil {
		return
	}
	listener, err := net.Listen("tcp", d.addr)
	if err != nil {
		if !d.taken {
			d.host.config.Log(fmt.Sprintf("serve %s again: %v", d.server, err))
		}
		d.taken = true
		return
	}
	d.listener, d.taken = listener, false
	go d.serve(listener)
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener != nil {
		_ = d.listener.Close()
		d.listener = nil
	}
}

// serve accepts connections until the port is shut.
func (d *door) serve(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		go d.host.accept(d.server, conn)
	}
}

// accept serves one connection.
func (h *Host) accept(server string, conn net.Conn) {
	_ = conn.SetReadDeadline(time.Now().Add(greeting))
	var length [4]byte
	_, err := io.ReadFull(conn, length[:])
	if text, known := h.answer(server, string(length[:])); err == nil && known {
		_, _ = io.WriteString(conn, text)
		_ = conn.Close()
		return
	}
	var packet []byte
	if err == nil {
		packet, err = readBody(conn, length)
	}
	if err == nil {
		_ = conn.SetReadDeadline(time.Time{})
		var m *tree.ConnectRequest
		if m, _, err = jute.DecodeConnectRequest(packet); err == nil {
			h.serve(server, conn, m.SessionID, packet)
			return
		}
	}
	if !errors.Is(err, io.EOF) {
		h.config.Log(fmt.Sprintf("%v: %v", conn.RemoteAddr(), err))
	}
	_ = conn.Close()
}

func (h *Host) serve(server string, conn net.Conn, session int64, first []byte) {
	address, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
	client, err := h.clientOf(session, address)
	if err != nil {
		_ = conn.Close()
		return
	}
	l := h.open(client, server, conn)
	select {
	case err = <-l.opened:
	case <-h.done:
		err = ErrClosed
	}
	if err == nil {
		l.put(gateway.Packet, first)
	}
	go l.write()
	if err == nil {
		l.read(conn)
		return
	}
	_ = conn.Close()
	l.read(conn)
}

// clientOf returns the client that has a session, or a new one.
func (h *Host) clientOf(session int64, address string) (string, error) {
	h.mu.Lock()
	client := h.sessions[session]
	if client == "" {
		h.clients++
		client = fmt.Sprintf("C%d", h.clients)
		h.mu.Unlock()
		return client, h.join(client, address)
	}
	h.mu.Unlock()
	return client, nil
}
