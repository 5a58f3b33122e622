package live

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/words"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// link is one connection of a client: a socket outside, and a connection in the world.
type link struct {
	host *Host
	address
	server  string
	conn    net.Conn
	traffic *words.Traffic
	opened  chan error     // the end of the dial
	credit  chan time.Time // when each request came that is not answered
	over    chan struct{}  // closed when the connection in the world is closed

	room chan struct{} // the window may have room again

	mu     sync.Mutex // guards what follows
	window window
	queue  net.Buffers
	queued int
	ended  bool
	more   chan struct{} // there is something to write, or the end
}

// window limits how many requests of a connection are under way: few at first, and when the replies are
// large. Otherwise a client that asks a thousand times for a long list, and reads nothing, would make
// the servers answer with gigabytes before the first reply reaches it.
type window struct {
	size, used int
	largest    int // bytes of the replies, of late
}

const (
	firstWindow = 64
	windowBytes = 16 << 20 // of the replies in a window
)

// replied notes a reply, and how large it is.
func (w *window) replied(bytes int) {
	w.used = max(0, w.used-1)
	w.largest = max(bytes, w.largest-w.largest/8)
	w.size = max(1, min(2*w.size, MaxOutstanding, windowBytes/max(1, w.largest)))
}

// wait waits until the window of the connection has room, and takes it.
func (l *link) wait() {
	for {
		l.mu.Lock()
		free := l.window.used < l.window.size
		if free {
			l.window.used++
		}
		l.mu.Unlock()
		if free {
			return
		}
		select {
		case <-l.room:
		case <-l.over:
			return
		}
	}
}

// open begins a connection of a client to a server.
func (h *Host) open(client, server string, conn net.Conn) *link {
	l := &link{
		host: h, server: server, conn: conn, opened: make(chan error, 1),
		more: make(chan struct{}, 1), credit: make(chan time.Time, MaxOutstanding),
		over: make(chan struct{}), room: make(chan struct{}, 1), window: window{size: firstWindow},
	}
	h.mu.Lock()
	if h.traffic[server] == nil {
		h.traffic[server] = new(words.Traffic)
	}
	l.traffic = h.traffic[server]
	h.sockets[client]++
	l.address = address{client, h.sockets[client]}
	h.links[l.address] = l
	h.mu.Unlock()
	h.put(item{Input: gateway.Input{
		Kind: gateway.Dial, Client: client, Socket: l.socket, Server: server,
	}})
	return l
}

// told handles an output of the world for this link.
func (l *link) told(o gateway.Output) {
	switch o.Sign {
	case gateway.Opened:
		l.opened <- nil
	case gateway.Closed:
		l.mu.Lock()
		first := !l.ended
		l.ended = true
		l.mu.Unlock()
		if first {
			close(l.over)
			select {
			case l.opened <- errors.New(o.Why):
			default:
			}
		}
	case gateway.Says:
		l.count(o.Data)
		l.mu.Lock()
		l.queue = append(l.queue, o.Data)
		l.queued += len(o.Data)
		deaf := l.queued > MaxQueued && !l.ended
		l.ended = l.ended || deaf
		l.mu.Unlock()
		if deaf {
			l.host.config.Log(fmt.Sprintf("%s: disconnected: the client has left %d bytes "+
				"unread", l.client, MaxQueued))
			close(l.over)
			_ = l.conn.Close()
		}
	}
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// count counts a packet for the client, and gives its request's credit back.
func (l *link) count(packet []byte) {
	l.host.mu.Lock()
	defer l.host.mu.Unlock()
	l.traffic.Sent++
	if int32(binary.BigEndian.Uint32(packet[4:])) == tree.XidNotification {
		return
	}
	select {
	case came := <-l.credit:
		l.traffic.Answer(time.Since(came))
	default:
	}
	l.mu.Lock()
	l.window.replied(len(packet))
	l.mu.Unlock()
	select {
	case l.room <- struct{}{}:
	default:
	}
}

// write writes what the world says, and closes the socket when the world has closed the connection.
func (l *link) write() {
	defer l.conn.Close()
	for range l.more {
		for {
			l.mu.Lock()
			queue, ended := l.queue, l.ended
			l.queue, l.queued = nil, 0
			l.mu.Unlock()
			if len(queue) == 0 {
				if ended {
					return
				}
				break
			}
			if _, err := queue.WriteTo(l.conn); err != nil {
				return
			}
		}
	}
}

// read passes on what the client writes, until one of the two closes the connection.
func (l *link) read(r io.Reader) {
	for {
		packet, err := readPacket(r)
		if err != nil {
			if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) && !errors.Is(err, io.ErrClosedPipe) {
				l.host.config.Log(fmt.Sprintf("%s: %v", l.client, err))
			}
			break
		}
		select {
		case l.credit <- time.Now():
		case <-l.over:
		}
		l.wait()
		l.host.mu.Lock()
		l.traffic.Received++
		l.host.mu.Unlock()
		l.put(gateway.Packet, canonical(packet))
	}
	l.put(gateway.HangUp, nil)
	l.host.mu.Lock()
	delete(l.host.links, l.address)
	l.host.mu.Unlock()
	l.told(gateway.Output{Sign: gateway.Closed, Why: "closed by the client"})
}

func (l *link) put(k gateway.Kind, data []byte) {
	l.host.put(item{Input: gateway.Input{Kind: k, Client: l.client, Socket: l.socket, Data: data}})
}

// readPacket reads a packet without its length.
func readPacket(r io.Reader) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	return readBody(r, length)
}

// readBody reads the rest of a packet.
func readBody(r io.Reader, length [4]byte) ([]byte, error) {
	n := binary.BigEndian.Uint32(length[:])
	if n > MaxPacket {
		return nil, fmt.Errorf("packet of %d bytes refused: the limit is %d", n, MaxPacket)
	}
	packet := make([]byte, n)
	_, err := io.ReadFull(r, packet)
	return packet, err
}

// canonical sorts the lists of a setWatches. A client that keeps its watches in a map sends them in
// any order, which would make equal runs differ.
func canonical(packet []byte) []byte {
	if len(packet) < 8 {
		return packet
	}
	switch tree.OpCode(binary.BigEndian.Uint32(packet[4:])) {
	case tree.OpSetWatches, tree.OpSetWatches2:
	default:
		return packet
	}
	r, err := jute.DecodeRequest(packet)
	if err != nil {
		return packet
	}
	s := r.SetWatches
	for _, list := range [][]string{s.Data, s.Exist, s.Child, s.Persistent, s.Recursive} {
		slices.Sort(list)
	}
	return jute.AppendRequest(nil, r)[4:]
}

// Join adds a client's machine to the world, for [Host.Dial].
func (h *Host) Join(client string) error { return h.join(client, "") }

func (h *Host) join(client, address string) (err error) {
	if closed := h.Do(func(w *gateway.World) {
		err = w.Inject(gateway.Input{Kind: gateway.Join, Client: client, Address: address})
	}); closed != nil {
		return closed
	}
	return err
}

// Dial connects a client to a server, within this process. The client must have joined with
// [Host.Join].
func (h *Host) Dial(client, server string, timeout time.Duration) (net.Conn, error) {
	near, far := net.Pipe()
	l := h.open(client, server, far)
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	var err error
	select {
	case err = <-l.opened:
	case <-timer.C:
		err = fmt.Errorf("no answer within %v", timeout)
	case <-h.done:
		err = ErrClosed
	}
	if err != nil {
		_ = near.Close()
		go l.write() // ends at once: nothing else would close the far end
		l.read(far)
		return nil, fmt.Errorf("dial %s: %w", server, err)
	}
	go l.read(far)
	go l.write()
	return near, nil
}
