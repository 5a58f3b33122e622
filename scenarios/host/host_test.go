package host

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// trial is an ensemble within the test's process.
type trial struct {
	t       *testing.T
	peers   []Peer
	clients []string // addresses
	files   []func() Files
	servers []*Server // nil while down

	mu     sync.Mutex
	status []Status
	lines  []string
	news   chan struct{}
	tweak  func(c *Config)
}

// tick makes elections and sessions short.
const tick = 100 * sim.Millisecond

// bound is how long anything may take.
const bound = 30 * time.Second

func newTrial(t *testing.T, files ...func() Files) *trial {
	t.Helper()
	n := len(files)
	ports := reserve(t, 2*n)
	x := &trial{
		t: t, files: files, servers: make([]*Server, n), status: make([]Status, n),
		news: make(chan struct{}, 1),
	}
	for i := range n {
		x.peers = append(x.peers, Peer{ID: zab.ID(i + 1), Address: loopback.Address(ports[i])})
		x.clients = append(x.clients, loopback.Address(ports[n+i]))
	}
	t.Cleanup(func() {
		for i := range x.servers {
			x.kill(i)
		}
	})
	return x
}

// dirs are n folders.
func dirs(t *testing.T, n int) (list []func() Files) {
	for range n {
		path := t.TempDir()
		list = append(list, func() Files {
			d, err := OpenDir(path)
			if err != nil {
				t.Fatal(err)
			}
			return d
		})
	}
	return list
}

func (x *trial) start(i int, begin Begin) {
	x.t.Helper()
	if err := x.tryStart(i, begin); err != nil {
		x.t.Fatal(err)
	}
}

func (x *trial) tryStart(i int, begin Begin) error {
	c := Config{
		ID: zab.ID(i + 1), Peers: x.peers, Client: x.clients[i], Files: x.files[i](), Begin: begin,
		Tick: tick,
		Log: func(line string) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.lines = append(x.lines, fmt.Sprintf("S%d %s", i+1, line))
		},
		Changed: func(s Status) {
			x.mu.Lock()
			x.status[i] = s
			x.mu.Unlock()
			select {
			case x.news <- struct{}{}:
			default:
			}
		},
	}
	if x.tweak != nil {
		x.tweak(&c)
	}
	s, err := Start(c)
	x.servers[i] = s
	return err
}

func (x *trial) all(begin Begin) {
	x.t.Helper()
	for i := range x.servers {
		x.start(i, begin)
	}
}

// kill ends a server as SIGKILL does.
func (x *trial) kill(i int) {
	if s := x.servers[i]; s != nil {
		s.Kill()
		x.servers[i] = nil
	}
	x.mu.Lock()
	x.status[i] = Status{}
	x.mu.Unlock()
}

// until waits for a change of the servers' roles that makes is true.
func (x *trial) until(what string, is func([]Status) bool) {
	x.t.Helper()
	deadline := time.After(bound)
	for {
		x.mu.Lock()
		ok := is(x.status)
		x.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-x.news:
		case <-deadline:
			x.mu.Lock()
			defer x.mu.Unlock()
			x.t.Fatalf("waited %v until %s: %v\n%s", bound, what, x.status,
				strings.Join(x.lines, "\n"))
		}
	}
}

// serve waits until n servers serve, and returns the index of the leader.
func (x *trial) serve(n int) (leader int) {
	x.t.Helper()
	x.until(fmt.Sprintf("%d servers serve", n), func(all []Status) bool {
		serve, leaders := 0, 0
		for i, s := range all {
			if s.Serving {
				serve++
			}
			if s.Serving && s.State == zab.Leading {
				leader = i
				leaders++
			}
		}
		return serve == n && leaders == 1
	})
	return leader
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// connect connects a client to the given servers, and waits for its session.
func connect(t *testing.T, addresses ...string) *zk.Conn {
	t.Helper()
	c, events, err := zk.Connect(addresses, 4*time.Second, zk.WithLogger(quiet{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	deadline := time.After(bound)
	for {
		select {
		case e := <-events:
			if e.State == zk.StateHasSession {
				return c
			}
		case <-deadline:
			t.Fatalf("no session at %v within %v", addresses, bound)
		}
	}
}

var open = zk.WorldACL(zk.PermAll)

// writer creates /n0, /n1 and so on, one after another, until its context ends. It returns which
// ones were acknowledged.
func writer(ctx context.Context, c *zk.Conn, from int, told func(n int)) (acknowledged []int) {
	for n := from; ctx.Err() == nil; n++ {
		if _, err := c.Create(fmt.Sprintf("/n%d", n), []byte{byte(n)}, 0, open); err == nil {
			acknowledged = append(acknowledged, n)
			told(len(acknowledged))
		}
	}
	return acknowledged
}

// holds checks that each server has every node that was acknowledged.
func (x *trial) holds(acknowledged []int) {
	x.t.Helper()
	for i, s := range x.servers {
		c := connect(x.t, x.clients[i])
		if _, err := c.Sync("/"); err != nil {
			x.t.Fatal(err)
		}
		missing := 0
		if err := s.Do(func(s *server.Server) {
			for _, n := range acknowledged {
				if s.Tree().Node(fmt.Sprintf("/n%d", n)) == nil {
					missing++
				}
			}
		}); err != nil {
			x.t.Fatal(err)
		}
		if missing > 0 || len(acknowledged) == 0 {
			x.t.Errorf("S%d: %d of %d acknowledged writes are missing", i+1, missing, len(acknowledged))
		}
		c.Close()
	}
}

// Three servers elect a leader, serve, end, and start again with what they had.
func TestEnsemble(t *testing.T) {
	t.Parallel()
	x := newTrial(t, dirs(t, 3)...)
	x.all(New)
	x.serve(3)
	for i, address := range x.clients {
		c := connect(t, address)
		if _, err := c.Create(fmt.Sprintf("/from%d", i+1), []byte("x"), 0, open); err != nil {
			t.Fatal(err)
		}
		c.Close()
	}
	for i, s := range x.servers {
		if err := s.Stop(); err != nil {
			t.Errorf("S%d: %v", i+1, err)
		}
		x.status[i] = Status{}
	}
	x.all(Resume)
	x.serve(3)
	c := connect(t, x.clients...)
	for i := range x.servers {
		path := fmt.Sprintf("/from%d", i+1)
		if data, stat, err := c.Get(path); err != nil || string(data) != "x" || stat.Ctime < 1e12 {
			t.Errorf("%s: %q, %+v, %v", path, data, stat, err)
		}
	}
	// An ephemeral node ends with its session, and a watch tells of it.
	other := connect(t, x.clients...)
	if _, err := other.Create("/mine", nil, zk.FlagEphemeral, open); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Sync("/mine"); err != nil {
		t.Fatal(err)
	}
	there, _, gone, err := c.ExistsW("/mine")
	if err != nil || !there {
		t.Fatalf("/mine: %v, %v", there, err)
	}
	other.Close()
	select {
	case e := <-gone:
		if e.Type != zk.EventNodeDeleted {
			t.Errorf("/mine: %v", e)
		}
	case <-time.After(bound):
		t.Error("no event for /mine")
	}
}

// A client writes while the leader is killed, three times; no acknowledged write is lost.
func TestKilledLeader(t *testing.T) {
	t.Parallel()
	x := newTrial(t, dirs(t, 3)...)
	x.tweak = func(c *Config) { c.SnapCount = 40 } // snapshots and new logs fall in between
	x.all(New)
	leader := x.serve(3)
	c := connect(t, x.clients...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	progress := make(chan int, 1<<16)
	result := make(chan []int)
	go func() { result <- writer(ctx, c, 0, func(n int) { progress <- n }) }()
	for kills := range 3 {
		for n := range 100 {
			select {
			case <-progress:
			case <-time.After(bound):
				t.Fatalf("after %d kills: %d writes, then none within %v", kills, n, bound)
			}
		}
		x.kill(leader)
		next := x.serve(2)
		x.start(leader, Resume)
		leader = next
		x.serve(3)
	}
	cancel()
	x.holds(<-result)
}

// All servers lose power at once while a client writes, in the middle of an operation on a file: what
// was not fsynced is lost, in part or in whole. Whatever was acknowledged is there afterwards.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	for seed := uint64(1); seed <= 6; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			chance := sim.NewRand(seed)
			disks := []*memory{newMemory(), newMemory(), newMemory()}
			x := newTrial(t, disks[0].use, disks[1].use, disks[2].use)
			x.tweak = func(c *Config) { c.SnapCount = 20 }
			x.all(New)
			x.serve(3)
			var acknowledged []int
			for round := range 3 {
				c := connect(t, x.clients...)
				ctx, cancel := context.WithCancel(t.Context())
				result := make(chan []int)
				go func() { result <- writer(ctx, c, round*1_000_000, func(int) {}) }()
				cut(t, disks, chance.Intn(250), seed%2 == 0)
				cancel()
				for i := range x.servers {
					x.kill(i)
				}
				c.Close()
				acknowledged = append(acknowledged, <-result...)
				x.all(Resume)
				x.serve(3)
			}
			x.holds(acknowledged)
		})
	}
}

// cut cuts the power of all disks at an operation of the first.
func cut(t *testing.T, disks []*memory, after int, writeback bool) {
	t.Helper()
	done := make(chan struct{})
	chance := sim.NewRand(uint64(after))
	disks[0].mu.Lock()
	disks[0].onOp = func(m *memory, _ string) {
		if after--; after > 0 {
			return
		}
		m.onOp = nil
		m.lose(chance, writeback)
		close(done)
	}
	disks[0].mu.Unlock()
	select {
	case <-done:
	case <-time.After(bound):
		t.Fatal("S1 writes nothing")
	}
	for _, d := range disks[1:] {
		d.cut(chance, writeback)
	}
}

// A server whose disk is full stops with one sentence, and the others go on. When all have stopped,
// and there is room again, every acknowledged write is there.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disks := []*memory{newMemory(), newMemory(), newMemory()}
	x := newTrial(t, disks[0].use, disks[1].use, disks[2].use)
	x.all(New)
	x.serve(3)
	c := connect(t, x.clients...)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	progress := make(chan int, 1<<16)
	result := make(chan []int)
	go func() { result <- writer(ctx, c, 0, func(n int) { progress <- n }) }()
	for i, d := range disks[:2] {
		for range 20 {
			select {
			case <-progress:
			case <-time.After(bound):
				t.Fatal("the others do not go on")
			}
		}
		d.mu.Lock()
		d.room = 500
		d.mu.Unlock()
		select {
		case <-x.servers[i].Done():
		case <-time.After(bound):
			t.Fatalf("S%d has a full disk and runs", i+1)
		}
		err := x.servers[i].Err()
		if err == nil || !errors.Is(err, syscall.ENOSPC) || strings.Contains(err.Error(), "\n") {
			t.Errorf("S%d: %v", i+1, err)
		}
		x.kill(i)
	}
	cancel()
	for i, d := range disks[:2] {
		d.mu.Lock()
		d.room = -1
		d.mu.Unlock()
		x.start(i, Resume)
	}
	x.serve(3)
	x.holds(<-result)
}

// A server that has lost its disk gets all from the others, and one with another's files, or with
// files that do not fit, does not start.
func TestBegin(t *testing.T) {
	t.Parallel()
	x := newTrial(t, dirs(t, 3)...)
	refused := func(i int, begin Begin, want string) {
		t.Helper()
		if err := x.tryStart(i, begin); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("S%d: %v, want %q", i+1, err, want)
		}
		x.servers[i] = nil
	}
	refused(0, Resume, "the folder contains no server's files")
	x.all(New)
	x.serve(3)
	c := connect(t, x.clients[0])
	if _, err := c.Create("/n0", nil, 0, open); err != nil {
		t.Fatal(err)
	}
	c.Close()
	if _, err := OpenDir(x.servers[1].config.Files.(*Dir).path); err == nil ||
		!strings.Contains(err.Error(), "another server runs in it") {
		t.Errorf("a second process opens the folder: %v", err)
	}
	x.kill(1)
	refused(1, New, "the folder already contains a server's history")
	refused(1, Rejoin, "the folder already contains a server's history")
	x.files[1] = x.files[0]
	x.kill(0)
	refused(1, Resume, "the files are those of server 1, not 2")
	x.files[1] = dirs(t, 1)[0]
	x.start(0, Resume)
	x.start(1, Rejoin)
	x.serve(3)
	x.holds([]int{0})
}

// The clock of a process that was suspended stands still: nobody's session expires for that.
func TestSuspended(t *testing.T) {
	t.Parallel()
	x := newTrial(t, dirs(t, 1)...)
	began := time.Now()
	var mu sync.Mutex
	var suspended time.Duration
	x.tweak = func(c *Config) {
		c.clock = func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return time.Since(began) + suspended
		}
	}
	x.all(New)
	x.serve(1)
	c := connect(t, x.clients[0])
	if _, err := c.Create("/mine", nil, zk.FlagEphemeral, open); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	suspended = time.Hour
	mu.Unlock()
	if there, _, err := c.Exists("/mine"); err != nil || !there {
		t.Errorf("after an hour of suspension: /mine exists: %v, %v", there, err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if text := strings.Join(x.lines, "\n"); !strings.Contains(text, "did not run for 59m59") &&
		!strings.Contains(text, "did not run for 1h0m") {
		t.Errorf("the log does not tell of it:\n%s", text)
	}
}

// Malformed bytes at either port close their connection, with one line in the log, and the server
// serves on.
func TestHostile(t *testing.T) {
	t.Parallel()
	x := newTrial(t, dirs(t, 3)...)
	x.all(New)
	x.serve(3)
	send := func(address, text string) {
		t.Helper()
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(bound))
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%q at %s: the connection stays open: %v", text, address, err)
		}
	}
	hello := string(x.servers[1].hello(1, zab.PortQuorum))
	for _, text := range []string{
		"\xff\xff\xff\xff", "\x7f\xff\xff\xff", "\x00\x00\x00\x00", "\x00\x00\x00\x03abc",
		"GET / HTTP/1.1\r\n\r\n",
	} {
		send(x.clients[0], text)
		send(x.peers[0].Address, text+strings.Repeat("x", helloSize))
		send(x.peers[0].Address, hello+text)
	}
	send(x.peers[0].Address, string(x.servers[1].hello(3, zab.PortQuorum)))
	send(x.peers[0].Address, string(x.servers[0].hello(1, zab.PortQuorum)))
	send(x.peers[0].Address, string(x.servers[1].hello(1, zab.PortClient)))
	c := connect(t, x.clients[0])
	if _, err := c.Create("/n0", nil, 0, open); err != nil {
		t.Error(err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	text := strings.Join(x.lines, "\n")
	for _, want := range []string{
		"a packet of 4294967295 bytes is refused",
		"the other side is not a zablab server of this version",
		"S2 looks for S3", "the other side calls itself S1, which is this server's own number",
		"asks for port number 3",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the log has no line with %q:\n%s", want, text)
		}
	}
}

// A server ends at once, whatever its connections do: some have not said yet what they are, one is
// accepted at this moment.
func TestEnds(t *testing.T) {
	t.Parallel()
	x := newTrial(t, newMemory().use, newMemory().use)
	x.tweak = func(c *Config) { c.greeting = time.Hour }
	for round := range 20 {
		begin := Resume
		if round == 0 {
			begin = New
		}
		x.start(0, begin)
		hello := jute.AppendConnect(nil, &tree.ConnectRequest{TimeoutMs: 4000, Passwd: make([]byte, 16)})
		peer := (&Server{config: Config{ID: 2, Peers: x.peers}}).hello(1, zab.PortElection)
		var dials sync.WaitGroup
		for n := range 8 {
			dials.Go(func() {
				address, first := x.clients[0], hello
				if n%2 == 0 {
					address, first = x.peers[0].Address, peer
				}
				c, err := net.Dial("tcp", address)
				if err != nil {
					return // it has ended
				}
				t.Cleanup(func() { _ = c.Close() })
				_, _ = c.Write(first[:len(first)*(n%4)/3])
			})
			dials.Go(func() { // a word waits for the program, which may have ended
				if c, err := net.Dial("tcp", x.clients[0]); err == nil {
					t.Cleanup(func() { _ = c.Close() })
					_, _ = c.Write([]byte("ruok"))
				}
			})
		}
		ended := make(chan struct{})
		go func() {
			x.kill(0)
			close(ended)
		}()
		select {
		case <-ended:
		case <-time.After(bound):
			t.Fatalf("round %d: the server has not ended after %v", round, bound)
		}
		dials.Wait()
	}
}
