package host

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// rough is a client that says what it likes.
type rough struct {
	t    *testing.T
	conn net.Conn
}

func dialRough(t *testing.T, address string) *rough {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(bound))
	return &rough{t, c}
}

// session asks for a session, and reports whether the server gives one.
func (r *rough) session() bool {
	r.write(jute.AppendConnect(nil, &tree.ConnectRequest{TimeoutMs: 30_000, Passwd: make([]byte, 16)}))
	_, err := r.read()
	return err == nil
}

func (r *rough) write(b []byte) {
	if _, err := r.conn.Write(b); err != nil {
		r.t.Log(err) // the server has closed the connection
	}
}

func (r *rough) read() ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(r.conn, length[:]); err != nil {
		return nil, err
	}
	b := make([]byte, binary.BigEndian.Uint32(length[:]))
	_, err := io.ReadFull(r.conn, b)
	return b, err
}

// closed reports whether the server has closed the connection, after any packets.
func (r *rough) closed() bool {
	_, err := io.Copy(io.Discard, r.conn)
	var network net.Error
	return err == nil || !errors.As(err, &network) || !network.Timeout()
}

// logged counts the lines of the log that contain a text.
func (x *trial) logged(want string) int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return strings.Count(strings.Join(x.lines, "\n"), want)
}

// Clients beyond a limit are disconnected with a line in the log, or made to wait.
func TestLimits(t *testing.T) {
	t.Parallel()
	x := newTrial(t, dirs(t, 1)...)
	x.tweak = func(c *Config) {
		c.Tick, c.greeting = 2*sim.Second, time.Hour // so that nothing ends meanwhile
		c.Limits = Limits{Connections: 4, Sessions: 3, Outstanding: 2, Packet: 200_000, Unread: 400_000}
	}
	x.all(New)
	x.serve(1)
	address := x.clients[0]

	// Requests beyond those that may be outstanding wait, and are all answered, in order.
	busy := dialRough(t, address)
	if !busy.session() {
		t.Fatal("no session")
	}
	var all []byte
	const many = 100
	for xid := range int32(many) {
		op := tree.Op{Type: tree.OpCreate, Path: fmt.Sprintf("/n%d", xid), ACL: tree.OpenACL}
		all = jute.AppendRequest(all, &tree.Request{Xid: xid, Op: op})
	}
	go busy.write(all)
	for xid := range int32(many) {
		b, err := busy.read()
		if err != nil {
			t.Fatal(err)
		}
		if got := int32(binary.BigEndian.Uint32(b)); got != xid {
			t.Fatalf("answer to %d instead of %d", got, xid)
		}
	}

	// A client that does not read is disconnected.
	deaf := dialRough(t, address)
	if !deaf.session() {
		t.Fatal("no session")
	}
	big := tree.Op{Type: tree.OpSetData, Path: "/n0", Data: make([]byte, 150_000), Version: -1}
	deaf.write(jute.AppendRequest(nil, &tree.Request{Xid: 1, Op: big}))
	get := jute.AppendRequest(nil, &tree.Request{
		Xid: 2, Op: tree.Op{Type: tree.OpGetData, Path: "/n0"},
	})
	for range 1000 {
		if _, err := deaf.conn.Write(get); err != nil {
			break
		}
	}
	if !deaf.closed() || x.logged("bytes unread") != 1 {
		t.Error("a client that does not read stays connected")
	}

	long := dialRough(t, address)
	if !long.session() {
		t.Fatal("no session")
	}
	big.Data = make([]byte, 300_000)
	long.write(jute.AppendRequest(nil, &tree.Request{Xid: 1, Op: big}))
	if !long.closed() || x.logged("a packet of 300") != 1 {
		t.Error("a client that sends a long packet stays connected")
	}

	// All three sessions are alive still, for their timeout.
	if extra := dialRough(t, address); extra.session() || x.logged("the ensemble has 3 sessions") != 1 {
		t.Error("a client gets a session that is one too many")
	}
	refused := make(chan bool, 5)
	for range 5 {
		idle := dialRough(t, address)
		go func() { refused <- idle.closed() }()
	}
	if !<-refused || x.logged("this address has 4 connections already") == 0 {
		t.Error("an address gets a connection that is one too many")
	}
	if _, err := busy.conn.Write(get); err != nil {
		t.Error(err)
	}
	if _, err := busy.read(); err != nil {
		t.Errorf("the others are not served: %v", err)
	}
}
