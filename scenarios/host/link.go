package host

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
	"github.com/zablab/zablab/tree/server/wire"
	"github.com/zablab/zablab/zab"
)

// link is one connection, to a client or to another server.
type link struct {
	s        *Server
	id       sim.ConnID
	port     sim.Port
	from     sim.NodeID // the other server
	address  string     // the client's IP address
	readOnly bool       // the client knows the flag for read-only servers
	credit   chan struct{}
	over     chan struct{} // closed when the link is
	cancel   func()        // ends a dial

	mu    sync.Mutex // guards what follows
	conn  net.Conn   // nil while a dial is under way
	queue []byte
	spare []byte
	ended bool // no more is queued: what is queued is written, then the socket is closed

	more   chan struct{} // there is something to write, or the end
	marked bool          // of the program's goroutine: the link is in Server.dirty
}

// maxQueued is how many bytes may wait for another server that does not read.
const maxQueued = 256 << 20

// How long a closed connection may take to write what is queued: while the server runs, and at its
// end.
const (
	farewell = 5 * time.Second
	curfew   = time.Second
)

func (s *Server) newLink(id sim.ConnID, port sim.Port) *link {
	return &link{
		s: s, id: id, port: port, over: make(chan struct{}), more: make(chan struct{}, 1),
	}
}

// event is an event of this link.
func (l *link) event(kind sim.EventKind, m sim.Message) item {
	return item{link: l, event: sim.Event{
		Kind: kind, Port: l.port, From: l.from, Conn: l.id, Msg: m,
	}}
}

// send queues a message on a link.
func (s *Server) send(l *link, m sim.Message) {
	limit := maxQueued
	if l.port == zab.PortClient {
		limit = s.config.Limits.Unread
		s.traffic.Sent++
	}
	if _, ok := m.(*tree.Reply); ok {
		select {
		case <-l.credit:
		default:
		}
	}
	if queued := l.encode(m); queued > limit {
		s.cutOff(l, fmt.Sprintf("it has left %d bytes unread", queued))
		return
	}
	if !l.marked {
		l.marked = true
		s.dirty = append(s.dirty, l)
	}
}

// encode appends a message to the queue, and returns how many bytes wait there. On a closed link it
// does nothing: the program does not know yet that it is closed.
func (l *link) encode(m sim.Message) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return 0
	}
	switch m := m.(type) {
	case *tree.ConnectResponse:
		l.queue = jute.AppendConnectResponse(l.queue, m, l.readOnly)
	case *tree.WatchNotification:
		l.queue = jute.AppendEvent(l.queue, &m.WatchEvent)
	case *tree.Reply:
		l.queue = jute.AppendReply(l.queue, m)
	default:
		l.queue = wire.Append(l.queue, m)
	}
	return len(l.queue)
}

// cutOff closes a connection for a reason, and tells the program.
func (s *Server) cutOff(l *link, why string) {
	s.config.Log(fmt.Sprintf("%s: disconnected: %s", l.name(), why))
	l.close(0)
	s.post(l.event(sim.Closed, nil))
}

// name is how the log calls the other end.
func (l *link) name() string {
	if l.port != zab.PortClient {
		return fmt.Sprintf("S%d", l.from)
	}
	return "client " + l.address
}

// flush lets the writer write.
func (l *link) flush() {
	l.marked = false
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// up puts the socket of a dial into use.
func (l *link) up(conn net.Conn) {
	l.mu.Lock()
	l.conn = conn
	l.mu.Unlock()
	l.serve()
}

// serve starts the goroutines that read and write.
func (l *link) serve() {
	l.s.workers.Go(l.write)
	l.s.workers.Go(func() { l.readFrames() })
}

// close ends a link. What is queued is written, if that takes no longer than within.
func (l *link) close(within time.Duration) {
	l.mu.Lock()
	first := !l.ended
	l.ended = true
	conn := l.conn
	l.mu.Unlock()
	if first {
		close(l.over)
	}
	switch {
	case conn == nil:
		l.cancel() // the dial is under way
	case within > 0:
		_ = conn.SetDeadline(time.Now().Add(within))
	default:
		_ = conn.Close()
	}
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// write writes what is queued, until the link is closed.
func (l *link) write() {
	defer l.conn.Close()
	for range l.more {
		for {
			l.mu.Lock()
			queue, ended := l.queue, l.ended
			l.queue, l.spare = l.spare[:0], nil
			l.mu.Unlock()
			if len(queue) == 0 {
				if ended {
					return
				}
				l.keep(queue)
				break
			}
			if _, err := l.conn.Write(queue); err != nil {
				l.s.post(l.event(sim.Closed, nil))
				return
			}
			l.keep(queue)
		}
	}
}

// maxSpare is how many bytes of memory a link keeps for what it will write.
const maxSpare = 16 << 10

// keep keeps the memory of a queue for the next one.
func (l *link) keep(queue []byte) {
	if cap(queue) > maxSpare {
		return
	}
	l.mu.Lock()
	l.spare = queue[:0]
	l.mu.Unlock()
}

// readFrame reads a frame without its length, into memory that the next call uses again.
func readFrame(r io.Reader, memory []byte, limit int) (frame, again []byte, err error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, memory, err
	}
	return readBody(r, length, memory, limit)
}

// readBody reads the rest of a frame.
func readBody(r io.Reader, length [4]byte, memory []byte, limit int) (frame, again []byte, err error) {
	n := int64(binary.BigEndian.Uint32(length[:]))
	if n > int64(limit) {
		return nil, memory, fmt.Errorf("a packet of %d bytes is refused: the limit is %d", n, limit)
	}
	if int64(cap(memory)) < n {
		memory = make([]byte, n)
	}
	frame = memory[:n]
	_, err = io.ReadFull(r, frame)
	if cap(memory) > maxSpare {
		memory = nil
	}
	return frame, memory, err
}
