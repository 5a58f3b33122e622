package loopback_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/loopback"
)

// echo starts a server that sends back every byte that it receives.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				_ = c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func relay(t *testing.T, tap *loopback.Tap) (*loopback.Relay, net.Conn) {
	t.Helper()
	r, err := loopback.NewRelay(echo(t), tap)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	c, err := net.Dial("tcp", r.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return r, c
}

// gate lets as many bytes through as may, one at a time; a byte 'x' is lost.
type gate struct {
	may  atomic.Int64
	gone atomic.Bool
}

func (g *gate) Read(chunk []byte) (list []loopback.Held) {
	for i := range max(1, len(chunk)) {
		list = append(list, func() ([]byte, bool) {
			switch {
			case g.may.Add(-1) < 0:
				g.may.Add(1)
				return nil, false
			case chunk == nil || chunk[i] == 'x':
				return nil, true
			}
			return chunk[i : i+1], true
		})
	}
	return list
}

func (g *gate) Gone() { g.gone.Store(true) }

// TestGate: a gate holds messages and the end of a connection, loses what it gives no bytes for,
// and does not keep a relay from closing.
func TestGate(t *testing.T) {
	r, err := loopback.Listen(echo(t))
	if err != nil {
		t.Fatal(err)
	}
	gates := [2]*gate{{}, {}}
	gates[loopback.Back].may.Store(100)
	r.Gate = func() [2]loopback.Gate { return [2]loopback.Gate{gates[0], gates[1]} }
	r.Start()
	t.Cleanup(r.Close)
	c, err := net.Dial("tcp", r.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("abxc")); err != nil {
		t.Fatal(err)
	}
	if err := c.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	read := func(want string) {
		t.Helper()
		b := make([]byte, 10)
		_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		n, err := io.ReadAtLeast(c, b, 10)
		if string(b[:n]) != want || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("%q arrived (%v), not %q", b[:n], err, want)
		}
	}
	read("")
	gates[loopback.Forth].may.Store(1)
	read("a")
	gates[loopback.Forth].may.Store(3)
	read("bc")
	if gates[loopback.Forth].gone.Load() {
		t.Fatal("the connection has ended before its end was let through")
	}
	gates[loopback.Forth].may.Store(1)
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if n, err := c.Read(make([]byte, 1)); err != io.EOF {
		t.Fatalf("%d bytes and %v after the end, not EOF", n, err)
	}
}

func untold() *loopback.Tap {
	return &loopback.Tap{
		Longest: 100, Kind: func(d loopback.Direction, packet []byte, first bool) string {
			switch xid := int32(binary.BigEndian.Uint32(packet)); {
			case first:
				return "HELLO"
			case xid == -2:
				return "PING"
			case d == loopback.Forth:
				return "REQUEST"
			}
			return "REPLY"
		},
		Leaves: func(string, []byte, bool) {}, Passes: func() {},
		Arrives: func(string, []byte, bool) {},
	}
}

// packet is a client's packet: a length, an xid and one byte.
func packet(xid int32) []byte {
	b := binary.BigEndian.AppendUint32(nil, 5)
	return append(binary.BigEndian.AppendUint32(b, uint32(xid)), 'x')
}

// heard reads count packets and returns their xids; silent fails the test if a packet arrives
// within a while.
func heard(t *testing.T, c net.Conn, count int) (xids []int32) {
	t.Helper()
	for range count {
		b := make([]byte, 9)
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := io.ReadFull(c, b); err != nil {
			t.Fatalf("after %v: %v", xids, err)
		}
		xids = append(xids, int32(binary.BigEndian.Uint32(b[4:])))
	}
	return xids
}

func silent(t *testing.T, c net.Conn) {
	t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := c.Read(make([]byte, 1)); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("came %d bytes, %v", n, err)
	}
}

func say(t *testing.T, c net.Conn, xids ...int32) {
	t.Helper()
	for _, x := range xids {
		if _, err := c.Write(packet(x)); err != nil {
			t.Fatal(err)
		}
	}
}

// A held packet and all packets after it wait, and arrive in order after the release.
func TestRelayHolds(t *testing.T) {
	r, c := relay(t, untold())
	r.Set(loopback.Back, loopback.Way{Held: []string{"REPLY"}})
	say(t, c, 0, -2, 1, -2, 2) // first the handshake; -2 is a ping
	if got := heard(t, c, 2); got[1] != -2 {
		t.Errorf("during the hold came %v", got)
	}
	silent(t, c)
	r.Set(loopback.Back, loopback.Way{})
	if got := heard(t, c, 3); got[0] != 1 || got[1] != -2 || got[2] != 2 {
		t.Errorf("after the hold came %v", got)
	}
}

// A delay delays every packet, and after its end no packet overtakes one that is still delayed.
func TestRelayDelays(t *testing.T) {
	for _, tap := range []*loopback.Tap{nil, untold()} {
		r, c := relay(t, tap)
		const span = 60 * time.Millisecond
		r.Delay(loopback.Back, span)
		began := time.Now()
		say(t, c, 0, 1, 2, 3)
		heard(t, c, 4)
		if took := time.Since(began); took < span {
			t.Errorf("the packets took %s", took)
		}
		say(t, c, 4)
		r.Delay(loopback.Back, 0)
		say(t, c, 5)
		if got := heard(t, c, 2); got[0] != 4 || got[1] != 5 {
			t.Errorf("came %v", got)
		}
	}
}

// A relay closes even while a packet in it waits for the end of a hold, a cut or a delay.
func TestRelayCloses(t *testing.T) {
	for _, w := range []loopback.Way{{Shut: true}, {Delay: time.Hour}, {Held: []string{"PING"}}} {
		r, c := relay(t, untold())
		say(t, c, 0)
		heard(t, c, 1)
		r.Set(loopback.Forth, w)
		say(t, c, -2)
		silent(t, c)
		r.Close()
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Errorf("%+v: it is still open", w)
		}
	}
}
