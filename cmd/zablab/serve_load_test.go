package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// size is how much a load is.
type size struct {
	nodes, clients, watches, fuzzers int
	span                             time.Duration // of the hostile clients
}

// load is what the clients of TestServeLoad do.
type load struct {
	t       *testing.T
	servers []string
	size
	over   chan struct{} // closed when the servers have ended
	conns  []*zk.Conn
	fired  atomic.Int64
	writes atomic.Int64 // of the client that counts them
	slow   atomic.Int64 // the slowest, in ms
	errors atomic.Int64
	opened atomic.Int64 // connections of the fuzzers
	cut    atomic.Bool  // the client that never reads was disconnected
}

var anyone = zk.WorldACL(zk.PermAll)

func (l *load) connect() *zk.Conn {
	c, _, err := zk.Connect(l.servers, 20*time.Second, zk.WithLogger(silent{}))
	if err != nil {
		l.t.Fatal(err)
	}
	l.conns = append(l.conns, c)
	return c
}

// serves reports whether the servers have not ended.
func (l *load) serves() bool {
	select {
	case <-l.over:
		return false
	default:
		return true
	}
}

// failed reports an error, unless the servers have ended: then there are thousands.
func (l *load) failed(what string, err error) {
	if l.serves() {
		l.t.Errorf("%s: %v", what, err)
	}
}

// each runs f for the numbers below n, at most 64 at a time.
func (l *load) each(n int, f func(i int)) {
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(n, 64) {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && l.serves(); i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	all.Wait()
}

func (l *load) path(i int) string { return fmt.Sprintf("/load/n%06d", i%l.nodes) }

// fill makes the nodes, the connections and their watches.
func (l *load) fill() {
	for range l.clients {
		l.connect()
	}
	if _, err := l.conns[0].Create("/load", nil, 0, anyone); err != nil {
		l.t.Fatal(err)
	}
	l.each(l.nodes, func(i int) {
		_, err := l.conns[i%len(l.conns)].Create(l.path(i), []byte("some data"), 0, anyone)
		if err != nil {
			l.failed("create "+l.path(i), err)
		}
	})
	l.each(l.watches, func(i int) {
		_, _, event, err := l.conns[i%len(l.conns)].GetW(l.path(i))
		if err != nil {
			l.failed("watch "+l.path(i), err)
			return
		}
		go func() {
			if e := <-event; e.Type == zk.EventNodeDataChanged {
				l.fired.Add(1)
			}
		}()
	})
}

// greet opens a connection with a session of its own.
func (l *load) greet() (net.Conn, error) {
	c, err := net.Dial("tcp", l.servers[rand.IntN(len(l.servers))])
	if err != nil {
		return nil, err
	}
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	_, err = c.Write(jute.AppendConnect(nil, &tree.ConnectRequest{TimeoutMs: 10_000,
		Passwd: make([]byte, 16)}))
	var length [4]byte
	if err == nil {
		_, err = io.ReadFull(c, length[:])
	}
	if err == nil {
		_, err = io.CopyN(io.Discard, c, int64(binary.BigEndian.Uint32(length[:])))
	}
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return c, c.SetDeadline(time.Time{})
}

// deaf asks again and again for what is large, and never reads.
func (l *load) deaf(end time.Time) {
	c, err := l.greet()
	if err != nil {
		l.t.Error(err)
		return
	}
	defer c.Close()
	ask := jute.AppendRequest(nil, &tree.Request{Xid: 1, Op: tree.Op{Type: tree.OpGetChildren,
		Path: "/load"}})
	for time.Now().Before(end) && l.serves() {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := c.Write(ask); err != nil && !os.IsTimeout(err) {
			l.cut.Store(true)
			return
		}
	}
}

// half sends the first half of a packet, and waits.
func (l *load) half(end time.Time) {
	c, err := l.greet()
	if err != nil {
		l.t.Error(err)
		return
	}
	defer c.Close()
	_, _ = c.Write([]byte{0, 0, 1, 0, 0, 0, 0, 7})
	_ = c.SetReadDeadline(end)
	_, _ = io.Copy(io.Discard, c)
}

// fuzz sends packets of which some bytes are changed, and bytes at random.
func (l *load) fuzz(seed uint64, end time.Time) {
	r := rand.New(rand.NewPCG(seed, 7))
	ops := []tree.Op{
		{Type: tree.OpCreate, Path: "/fuzz", ACL: tree.OpenACL},
		{Type: tree.OpSetData, Path: "/fuzz", Data: []byte("x"), Version: -1},
		{Type: tree.OpGetData, Path: "/fuzz", Watch: true},
		{Type: tree.OpGetChildren2, Path: "/"},
		{Type: tree.OpMulti, Ops: []tree.Op{{Type: tree.OpCheck, Path: "/fuzz", Version: -1}}},
		{Type: tree.OpDelete, Path: "/fuzz", Version: -1},
	}
	for time.Now().Before(end) && l.serves() {
		c, err := l.greet()
		if err != nil {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		l.opened.Add(1)
		go func() { _, _ = io.Copy(io.Discard, c) }()
		for range 200 {
			packet := jute.AppendRequest(nil, &tree.Request{Xid: r.Int32N(100),
				Op: ops[r.IntN(len(ops))]})
			for range r.IntN(4) {
				packet[4*r.IntN(2)+r.IntN(len(packet)-4)] = byte(r.Uint32())
			}
			if r.IntN(20) == 0 {
				for i := range packet {
					packet[i] = byte(r.Uint32())
				}
			}
			_ = c.SetWriteDeadline(time.Now().Add(time.Second))
			if _, err := c.Write(packet); err != nil {
				break
			}
			time.Sleep(time.Millisecond)
		}
		_ = c.Close()
	}
}

// honest writes one value after another meanwhile.
func (l *load) honest(end time.Time) {
	for time.Now().Before(end) && l.serves() {
		began := time.Now()
		if _, err := l.conns[0].Set("/load", []byte("x"), -1); err != nil {
			l.errors.Add(1)
			continue
		}
		l.writes.Add(1)
		l.slow.Store(max(l.slow.Load(), time.Since(began).Milliseconds()))
	}
}

// attack lets the hostile clients and the honest one work, and then fires all watches.
func (l *load) attack() {
	end := time.Now().Add(l.span)
	var all sync.WaitGroup
	all.Go(func() { l.deaf(end) })
	all.Go(func() { l.half(end) })
	all.Go(func() { l.honest(end) })
	for i := range l.fuzzers {
		all.Go(func() { l.fuzz(uint64(i), end) })
	}
	all.Wait()
	l.each(min(l.watches, l.nodes), func(i int) {
		if _, err := l.conns[i%len(l.conns)].Set(l.path(i), []byte("new"), -1); err != nil {
			l.failed("set "+l.path(i), err)
		}
	})
	for wait := time.Now().Add(20 * time.Second); time.Now().Before(wait) && l.serves() &&
		l.fired.Load() < int64(l.watches); {
		time.Sleep(10 * time.Millisecond)
	}
	if n := l.fired.Load(); n != int64(l.watches) {
		l.t.Errorf("%d of %d watches fired", n, l.watches)
	}
	if l.errors.Load() > 0 || l.writes.Load() == 0 {
		l.t.Errorf("the honest client made %d writes, and %d failed", l.writes.Load(), l.errors.Load())
	}
	for _, c := range l.conns {
		c.Close()
	}
}

// memoryOf returns the present and the largest memory of a process in MB.
func memoryOf(pid int) (now, most int) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		_, _ = fmt.Sscanf(line, "VmRSS: %d kB", &now)
		_, _ = fmt.Sscanf(line, "VmHWM: %d kB", &most)
	}
	return now >> 10, most >> 10
}

// TestServeLoad: many connections, nodes and watches, a client that never reads, one that sends half
// a packet, and clients that send fuzzed bytes do not stop the servers, simulated or real. With
// ZABLAB_LOAD=3m, such as in
//
//	ZABLAB_LOAD=3m go test ./cmd/zablab -run TestServeLoad -v -timeout 1h
//
// there are 1,000 connections, 100,000 nodes and 10,000 watches, for 3 minutes.
func TestServeLoad(t *testing.T) {
	s := size{nodes: 1000, clients: 40, watches: 400, fuzzers: 24, span: 3 * time.Second}
	if text := os.Getenv("ZABLAB_LOAD"); text != "" {
		span, err := time.ParseDuration(text)
		if err != nil {
			t.Fatal(err)
		}
		s = size{nodes: 100_000, clients: 1000, watches: 10_000, fuzzers: 24, span: span}
	} else if testing.Short() {
		t.Skip("builds the program")
	}
	binary := filepath.Join(t.TempDir(), "zablab")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("simulated", func(t *testing.T) {
		l := &load{t: t, size: s}
		l.against(exec.Command(binary, "serve"), "Checked  ✓")
	})
	t.Run("real", func(t *testing.T) {
		reserved, err := loopback.Reserve(1)
		if err != nil {
			t.Fatal(err)
		}
		defer reserved.Close()
		l := &load{t: t, size: s}
		l.clients = min(l.clients, 1000-l.fuzzers-6) // a server takes 1,000 from one address
		l.against(exec.Command(binary, "serve", "--real", "--id", "1", "--new", "--peers",
			"1="+loopback.Address(reserved.Ports[0]), "--data", filepath.Join(t.TempDir(), "s1")), "")
	})
}

// against starts the servers, and ends them. Their output must then have the text want.
func (l *load) against(cmd *exec.Cmd, want string) {
	t := l.t
	var logged watched
	lines := 0
	logged.seen = func(string) { lines++ }
	cmd.Stderr = &logged
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	read := bufio.NewReader(out)
	for l.servers == nil {
		line, err := read.ReadString('\n')
		if err != nil {
			t.Fatalf("%v\n%s", err, logged.text.String())
		}
		if name, address, _ := strings.Cut(strings.TrimSpace(line), "  "); name == "Serving" ||
			want == "" {
			l.servers = strings.Split(address, ",")
		}
	}
	var rest bytes.Buffer
	l.over = make(chan struct{})
	var ended error
	go func() {
		_, _ = rest.ReadFrom(read)
		ended = cmd.Wait()
		close(l.over)
	}()
	began := time.Now()
	l.fill()
	filled := time.Since(began)
	before, _ := memoryOf(cmd.Process.Pid)
	l.attack()
	after, most := memoryOf(cmd.Process.Pid)
	if !l.serves() {
		t.Error("the servers have ended")
	}
	_ = cmd.Process.Signal(os.Interrupt)
	<-l.over
	if ended != nil || !strings.Contains(rest.String(), want) {
		t.Errorf("%v\n%s", ended, last(logged.text.String(), 40))
	}
	t.Logf("%d connections, %d nodes and %d watches in %v: %d MB; after %v with %d fuzzers (%d "+
		"connections): %d MB, at most %d MB; deaf client disconnected: %v; %d honest writes, "+
		"the slowest took %d ms; %d log lines\n%s", l.clients, l.nodes, l.watches,
		filled.Round(time.Second), before, l.span, l.fuzzers, l.opened.Load(), after, most,
		l.cut.Load(), l.writes.Load(), l.slow.Load(), lines, &rest)
}

// last returns the last n lines of a text.
func last(text string, n int) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
