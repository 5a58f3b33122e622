package apache

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// parcel is what is forwarded at once: a packet, or the bytes of a stream read so far.
type parcel struct {
	bytes []byte
	due   time.Time // when it may be forwarded
	kind  string    // of a packet
	first bool
	left  bool // the tap has seen it leave

	arrives func() // tells the watch; or nil
}

// mostParcels is how many parcels may wait in a relay before the sender has to.
const mostParcels = 256

// pump forwards one direction until either side closes, and then closes the other. The close is
// delayed and stopped by cuts like everything else.
func (r *Relay) pump(d Direction, from, to net.Conn) {
	defer r.drop(to)
	defer r.drop(from)
	var sent func([]byte) func()
	if r.watch != nil {
		sent = r.watch(d)
	}
	queue, stop := make(chan parcel, mostParcels), make(chan struct{})
	defer close(stop)
	r.wg.Go(func() {
		defer close(queue)
		in := bufio.NewReaderSize(from, 32<<10)
		for first, ended := true, false; !ended; first = false {
			p, err := r.read(d, in, first)
			ended = err != nil // an empty parcel marks the end
			r.mu.Lock()
			w := r.ways[d]
			r.mu.Unlock()
			p.due = time.Now().Add(w.Delay)
			if p.left = !w.Still; p.left {
				r.leaves(d, &p)
			}
			if sent != nil && len(p.bytes) > 0 {
				p.arrives = sent(p.bytes)
			}
			select {
			case queue <- p:
			case <-stop:
				return
			}
		}
	})
	for p := range queue {
		if !r.until(p.due) || !r.open(from, p.kind, d) || len(p.bytes) == 0 {
			return
		}
		if !p.left {
			r.leaves(d, &p)
		}
		r.passes(d, &p)
		if p.arrives != nil {
			p.arrives()
		}
		if _, err := to.Write(p.bytes); err != nil {
			return
		}
	}
}

// leaves tells the tap that a client has sent a packet.
func (r *Relay) leaves(d Direction, p *parcel) {
	if r.tap != nil && d == Forth && len(p.bytes) > 0 {
		r.tap.Leaves(p.bytes[4:], p.first)
	}
}

// passes tells the tap that a packet is about to arrive.
func (r *Relay) passes(d Direction, p *parcel) {
	switch {
	case r.tap == nil:
	case d == Forth:
		r.tap.Passes()
	default:
		r.tap.Arrives(p.bytes[4:], p.first)
	}
}

// read reads the next packet; without a tap, whatever bytes there are.
func (r *Relay) read(d Direction, in *bufio.Reader, first bool) (p parcel, err error) {
	if r.tap == nil {
		if _, err = in.Peek(1); err != nil {
			return p, err
		}
		p.bytes = make([]byte, in.Buffered())
		_, err = io.ReadFull(in, p.bytes)
		return p, err
	}
	var head [4]byte
	if _, err = io.ReadFull(in, head[:]); err != nil {
		return p, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > longestPacket {
		return p, errors.New("not a packet")
	}
	b := make([]byte, 4+n)
	copy(b, head[:])
	if _, err = io.ReadFull(in, b[4:]); err != nil {
		return p, err
	}
	return parcel{bytes: b, kind: kindOf(d, b[4:], first), first: first}, nil
}

// kindOf is the kind of a packet between a client and a server, in the words of a plan.
func kindOf(d Direction, packet []byte, first bool) string {
	words := []sim.Message{&tree.Request{}, &tree.Reply{}}
	switch {
	case first:
		words = []sim.Message{&tree.ConnectRequest{}, &tree.ConnectResponse{}}
	case len(packet) < 4:
	case xidOf(packet) == tree.XidPing:
		return (&tree.Reply{Xid: tree.XidPing}).Name()
	case xidOf(packet) == tree.XidNotification:
		return (&tree.WatchNotification{}).Name()
	}
	return words[d].Name()
}

func xidOf(packet []byte) int32 { return int32(binary.BigEndian.Uint32(packet)) }

// until waits until a time. It is false once the relay is closed.
func (r *Relay) until(due time.Time) bool {
	span := time.Until(due)
	if span <= 0 {
		return true
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.done:
		return false
	}
}
