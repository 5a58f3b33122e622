package loopback

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"
)

// parcel is what a relay forwards in one write: a packet, or without a tap the bytes read so far.
type parcel struct {
	bytes []byte
	due   time.Time // the earliest time to forward it
	kind  string    // of the packet; empty without a tap
	first bool
	left  bool // the tap's Leaves was called

	arrives func() // called when the parcel arrives; or nil
	held    []Held // with a [Gate]: the messages that end in this parcel
}

// mostParcels is the number of parcels that may wait in a relay before it stops reading.
const mostParcels = 256

// pump forwards one direction of a connection until either side closes, and then closes the other
// side. Delays and cuts apply to the close as to the bytes.
func (r *Relay) pump(d Direction, from, to net.Conn, gate Gate) {
	defer r.drop(to)
	defer r.drop(from)
	var sent func([]byte) func()
	if r.Watch != nil {
		sent = r.Watch(d)
	}
	if gate != nil {
		defer gate.Gone()
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
				r.leaves(d, from, &p)
			}
			if sent != nil && len(p.bytes) > 0 {
				p.arrives = sent(p.bytes)
			}
			if gate != nil {
				p.held = gate.Read(p.bytes)
			}
			select {
			case queue <- p:
			case <-stop:
				return
			}
		}
	})
	for p := range queue {
		if !r.until(p.due) || !r.open(from, p.kind, d) {
			return
		}
		if gate != nil {
			if !r.through(p.held, from, to) || len(p.bytes) == 0 {
				return
			}
			continue
		}
		if len(p.bytes) == 0 {
			return
		}
		if !p.left {
			r.leaves(d, from, &p)
		}
		r.passes(d, to, &p)
		if p.arrives != nil {
			p.arrives()
		}
		if _, err := to.Write(p.bytes); err != nil {
			return
		}
	}
}

// through forwards messages, each when its gate lets it go on. It returns false if the connection has
// ended.
func (r *Relay) through(list []Held, from, to net.Conn) bool {
	for _, m := range list {
		b, ok := m()
		for ; !ok; b, ok = m() {
			if !r.keeps(from) || !r.until(time.Now().Add(time.Millisecond)) {
				return false
			}
		}
		if _, err := to.Write(b); err != nil && len(b) > 0 {
			return false
		}
	}
	return true
}

// keeps reports whether a connection is still forwarded.
func (r *Relay) keeps(c net.Conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.conns[c]
}

// leaves tells the tap that a client has sent a packet.
func (r *Relay) leaves(d Direction, from net.Conn, p *parcel) {
	if r.Tap != nil && d == Forth && len(p.bytes) > 0 {
		r.Tap.Leaves(from.RemoteAddr().String(), p.bytes[4:], p.first)
	}
}

// passes tells the tap that a packet is about to reach the server or the client.
func (r *Relay) passes(d Direction, to net.Conn, p *parcel) {
	switch {
	case r.Tap == nil:
	case d == Forth:
		r.Tap.Passes()
	default:
		r.Tap.Arrives(to.RemoteAddr().String(), p.bytes[4:], p.first)
	}
}

// read reads the next packet; without a tap, all bytes that have arrived.
func (r *Relay) read(d Direction, in *bufio.Reader, first bool) (p parcel, err error) {
	if r.Tap == nil {
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
	if n > r.Tap.Longest {
		return p, errors.New("the message is longer than the limit for a packet")
	}
	b := make([]byte, 4+n)
	copy(b, head[:])
	if _, err = io.ReadFull(in, b[4:]); err != nil {
		return p, err
	}
	return parcel{bytes: b, kind: r.Tap.Kind(d, b[4:], first), first: first}, nil
}

// until waits until a time. It returns false if the relay is closed first.
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
