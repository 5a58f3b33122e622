package apache

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// Wire is a raw connection to a ZooKeeper server. It shows the packets' headers, and the order in
// which watch events and answers arrive. It never sends a ping.
type Wire struct {
	Session   int64
	Passwd    []byte
	TimeoutMs int32

	conn net.Conn
	buf  []byte
}

// wirePatience is how long a server may take to answer.
const wirePatience = 10 * time.Second

// longestPacket is in bytes, and larger than what servers allow by default (jute.maxbuffer: 1 MiB).
const longestPacket = 2 << 20

// DialWire connects to a server, and opens or resumes a session. If the server refuses the session,
// the Wire's TimeoutMs is 0.
func DialWire(address string, m *tree.ConnectRequest) (*Wire, error) {
	c, err := net.DialTimeout("tcp", address, wirePatience)
	if err != nil {
		return nil, err
	}
	w := &Wire{conn: c}
	_ = c.SetDeadline(time.Now().Add(wirePatience))
	if _, err = c.Write(jute.AppendConnect(nil, m)); err == nil {
		err = w.welcome()
	}
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("connect to %s: %w", address, err)
	}
	return w, nil
}

func (w *Wire) welcome() error {
	b, err := w.packet()
	if err != nil {
		return err
	}
	r, err := jute.DecodeConnect(b)
	if err != nil {
		return err
	}
	w.Session, w.Passwd, w.TimeoutMs = r.SessionID, r.Passwd, r.TimeoutMs
	return nil
}

// packet reads one packet, and returns the bytes after its length.
func (w *Wire) packet() ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(w.conn, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > longestPacket {
		return nil, fmt.Errorf("the server announces a packet of %d bytes, but the limit is %d: check "+
			"that the address is that of a ZooKeeper server", n, longestPacket)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(w.conn, b)
	return b, err
}

// Ask sends a request and waits for its answer. It also returns the watch events that arrived
// before the answer.
func (w *Wire) Ask(r *tree.Request) (events []tree.WatchEvent, answer *tree.Reply, err error) {
	_ = w.conn.SetDeadline(time.Now().Add(wirePatience))
	w.buf = jute.AppendRequest(w.buf[:0], r)
	if _, err := w.conn.Write(w.buf); err != nil {
		return nil, nil, err
	}
	for {
		b, err := w.packet()
		if err != nil {
			return events, nil, err
		}
		h, _, err := jute.DecodeHeader(b)
		switch {
		case err != nil:
			return events, nil, err
		case h.Xid == tree.XidNotification:
			e, _, err := jute.DecodeEvent(b)
			if err != nil {
				return events, nil, err
			}
			events = append(events, e)
		case h.Xid != r.Xid:
			return events, nil, fmt.Errorf("expected the answer to request %d, but got the answer to "+
				"request %d: send one request at a time", r.Xid, h.Xid)
		default:
			answer, err = jute.DecodeReply(b, &r.Op)
			return events, answer, err
		}
	}
}

// Next waits for the next watch event, but no longer than patience.
func (w *Wire) Next(patience time.Duration) (tree.WatchEvent, error) {
	_ = w.conn.SetDeadline(time.Now().Add(patience))
	b, err := w.packet()
	if err != nil {
		return tree.WatchEvent{}, err
	}
	e, _, err := jute.DecodeEvent(b)
	return e, err
}

// Close closes the connection. The session stays open until its timeout.
func (w *Wire) Close() { _ = w.conn.Close() }

// Drop closes the connection and waits until the server has closed it too. The session stays open.
func (w *Wire) Drop() {
	if tcp, ok := w.conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
		w.WaitClosed()
	}
	w.Close()
}

// WaitClosed waits until the server has closed the connection.
func (w *Wire) WaitClosed() {
	_ = w.conn.SetDeadline(time.Now().Add(wirePatience))
	_, _ = io.Copy(io.Discard, w.conn)
}
