package host_test

import (
	"bufio"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/olekukonko/tablewriter"
	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

var (
	beside = flag.Bool("beside", false, "measure the servers beside Apache ZooKeeper's: see TestBeside")
	span   = flag.Duration("span", 5*time.Second, "of TestBeside: how long each load lasts")
	falls  = flag.Int("falls", 5, "of TestBeside: how often the leader is killed")
	rounds = flag.Int("rounds", 1, "of TestBeside: how often each load is measured; medians are printed")
)

// contestant is an ensemble of three servers that is measured.
type contestant interface {
	addresses() []string
	pids() []int
	restart(i int) error
	close()
}

// ours are three processes of zablab serve --real.
type ours struct {
	keeper  *loopback.Keeper
	servers []*loopback.Server
	clients []string
	binary  string
	peers   string
	dir     string
}

// startOurs builds the command and starts three servers of it.
func startOurs(t *testing.T) *ours {
	t.Helper()
	dir, err := loopback.MakeDir("zablab-real-")
	if err != nil {
		t.Fatal(err)
	}
	o := &ours{keeper: loopback.NewKeeper(), binary: filepath.Join(dir, "zablab"), dir: dir}
	build := exec.Command("go", "build", "-o", o.binary, "github.com/zablab/zablab/cmd/zablab")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	reserved, err := loopback.Reserve(6)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reserved.Close)
	ports := reserved.Ports
	var peers []string
	for i := range 3 {
		o.servers = append(o.servers, loopback.NewServer(fmt.Sprintf("S%d", i+1)))
		peers = append(peers, fmt.Sprintf("%d=%s", i+1, loopback.Address(ports[i])))
		o.clients = append(o.clients, loopback.Address(ports[3+i]))
	}
	o.peers = strings.Join(peers, ",")
	for i := range o.servers {
		if err := o.start(i, "--new"); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

func (o *ours) start(i int, more ...string) error {
	_, port, _ := net.SplitHostPort(o.clients[i])
	return o.servers[i].Start(o.keeper, o.binary, append([]string{"serve", "--real", "--id",
		strconv.Itoa(i + 1), "--peers", o.peers, "--ports", port,
		"--data", filepath.Join(o.dir, fmt.Sprintf("S%d", i+1))}, more...)...)
}

func (o *ours) addresses() []string { return o.clients }
func (o *ours) restart(i int) error { return o.start(i) }
func (o *ours) pids() (list []int) {
	for _, s := range o.servers {
		list = append(list, s.Pid())
	}
	return list
}

func (o *ours) close() {
	for _, s := range o.servers {
		s.Close()
	}
	o.keeper.Close()
	_ = os.RemoveAll(o.dir)
}

// theirs are three processes of Apache ZooKeeper, as its own script starts them.
type theirs struct{ *apache.Ensemble }

func (a theirs) addresses() []string { return []string{a.Address(1), a.Address(2), a.Address(3)} }
func (a theirs) pids() []int         { return []int{a.Pid(1), a.Pid(2), a.Pid(3)} }
func (a theirs) restart(i int) error { return a.Restart(i + 1) }
func (a theirs) close()              { a.Close() }

// figures are what was measured of one contestant.
type figures struct {
	sets, gets []float64 // by load: operations a second
	fsyncs     []float64 // by load: completed fsyncs of all three servers, for each acknowledged set
	setCPU     []float64 // by load: µs of processor time of the three servers, for each set
	getCPU     []float64
	rss        int // kB: the sum of the three peaks
	fall       time.Duration
}

// load is a number of sessions, and of goroutines that use each of them.
type load struct{ sessions, goroutines int }

func (l load) String() string { return fmt.Sprintf("%d×%d", l.sessions, l.goroutines) }

var loads = []load{{1, 1}, {64, 1}, {64, 8}}

// TestBeside measures three servers of zablab serve --real and three of Apache ZooKeeper, one after
// the other, with the same clients, and prints a table:
//
//	go test ./scenarios/host -run TestBeside -beside -v
//	TMPDIR=/dev/shm go test ./scenarios/host -run TestBeside -beside -v
//
// The second line puts the files into memory, where an fsync costs nothing, so that only the servers'
// own work counts. The clients share the processors with the servers.
func TestBeside(t *testing.T) {
	if !*beside {
		t.Skip("a measurement: add -beside")
	}
	if _, err := apache.Find(); err != nil {
		t.Skip(err)
	}
	var all [2]figures
	for i, start := range []func() contestant{
		func() contestant {
			e, err := apache.Start(t.Context(), apache.Config{
				Stage: engine.Stage{Servers: 3, Tick: 2 * sim.Second}, Plain: true,
			})
			if err != nil {
				t.Fatal(err)
			}
			return theirs{e}
		},
		func() contestant { return startOurs(t) },
	} {
		c := start()
		all[i] = measure(t, c)
		c.close()
	}
	print(t, all[0], all[1])
}

func print(t *testing.T, a, b figures) {
	fmt.Printf("%d processors, files in %s\n", runtime.GOMAXPROCS(0), os.TempDir())
	w := tablewriter.NewWriter(os.Stdout)
	w.Header("", "Apache 3.8", "zablab --real", "ratio")
	row := func(name string, x, y float64, format string) {
		_ = w.Append(name, fmt.Sprintf(format, x), fmt.Sprintf(format, y), fmt.Sprintf("%.2f", y/x))
	}
	for i, l := range loads {
		row(fmt.Sprintf("setData/s %v", l), a.sets[i], b.sets[i], "%.0f")
		row(fmt.Sprintf("getData/s %v", l), a.gets[i], b.gets[i], "%.0f")
		row(fmt.Sprintf("fsyncs a set %v", l), a.fsyncs[i], b.fsyncs[i], "%.3f")
		row(fmt.Sprintf("µs of CPU a set %v", l), a.setCPU[i], b.setCPU[i], "%.0f")
		row(fmt.Sprintf("µs of CPU a get %v", l), a.getCPU[i], b.getCPU[i], "%.0f")
	}
	row("peak RSS of three, MB", float64(a.rss)/1024, float64(b.rss)/1024, "%.0f")
	row("leader killed to write, ms", float64(a.fall.Milliseconds()), float64(b.fall.Milliseconds()),
		"%.0f")
	if err := w.Render(); err != nil {
		t.Error(err)
	}
}

func measure(t *testing.T, c contestant) (f figures) {
	t.Helper()
	await(t, c.addresses()...)
	data := make([]byte, 100)
	set := func(conn *zk.Conn, path string) error {
		_, err := conn.Set(path, data, -1)
		return err
	}
	get := func(conn *zk.Conn, path string) error {
		_, _, err := conn.Get(path)
		return err
	}
	warm := loads[len(loads)-1] // Java compiles what runs often
	drive(t, c, warm, set)
	drive(t, c, warm, get)
	for _, l := range loads {
		var sets, gets, fsyncs, setCPU, getCPU []float64
		for range *rounds {
			before, used := fsyncsOf(t, c), processor(t, c)
			writes, rate := drive(t, c, l, set)
			fsyncs = append(fsyncs, float64(fsyncsOf(t, c)-before)/float64(writes))
			setCPU = append(setCPU, (processor(t, c)-used)/float64(writes))
			sets = append(sets, rate)
			used = processor(t, c)
			reads, rate := drive(t, c, l, get)
			getCPU = append(getCPU, (processor(t, c)-used)/float64(reads))
			gets = append(gets, rate)
		}
		f.setCPU, f.getCPU = append(f.setCPU, median(setCPU)), append(f.getCPU, median(getCPU))
		f.sets, f.gets = append(f.sets, median(sets)), append(f.gets, median(gets))
		f.fsyncs = append(f.fsyncs, median(fsyncs))
		t.Logf("%T %v: %.0f sets/s, %.0f gets/s", c, l, median(sets), median(gets))
	}
	for _, pid := range c.pids() {
		f.rss += peak(t, pid)
	}
	var spans []float64
	for range *falls {
		spans = append(spans, float64(fall(t, c)))
	}
	f.fall = time.Duration(median(spans))
	return f
}

func median(list []float64) float64 {
	if len(list) == 0 {
		return 0
	}
	slices.Sort(list)
	return list[len(list)/2]
}

// drive lets each goroutine of each session do one operation after another. A part of the span goes
// by before the count begins.
func drive(t *testing.T, c contestant, l load, do func(*zk.Conn, string) error) (count int64, rate float64) {
	t.Helper()
	addresses := c.addresses()
	var conns []*zk.Conn
	for i := range l.sessions {
		conn, events, err := zk.Connect([]string{addresses[i%len(addresses)]}, 30*time.Second,
			zk.WithLogger(silent{}))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for e := range events {
			if e.State == zk.StateHasSession {
				break
			}
		}
		conns = append(conns, conn)
	}
	for i, conn := range conns {
		for g := range l.goroutines {
			_, err := conn.Create(fmt.Sprintf("/b%d-%d", i, g), make([]byte, 100), 0, zk.WorldACL(zk.PermAll))
			if err != nil && !errors.Is(err, zk.ErrNodeExists) {
				t.Fatal(err)
			}
		}
	}
	var total atomic.Int64
	var over atomic.Bool
	var wg sync.WaitGroup
	for i, conn := range conns {
		for g := range l.goroutines {
			wg.Go(func() {
				path := fmt.Sprintf("/b%d-%d", i, g)
				for !over.Load() {
					if err := do(conn, path); err != nil {
						t.Error(err)
						return
					}
					total.Add(1)
				}
			})
		}
	}
	time.Sleep(*span / 5)
	before, began := total.Load(), time.Now()
	time.Sleep(*span)
	rate = float64(total.Load()-before) / time.Since(began).Seconds()
	over.Store(true)
	wg.Wait()
	return total.Load(), rate
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// await waits until every server serves.
func await(t *testing.T, addresses ...string) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		serve := 0
		for _, a := range addresses {
			if s, err := apache.AskStatus(a); err == nil && s.Serves() {
				serve++
			}
		}
		if serve == len(addresses) {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d servers serve", serve, len(addresses))
		}
	}
}

// fsyncsOf asks every server how many fsyncs of the log it has completed: ours count all, Apache's
// those of the transaction log.
func fsyncsOf(t *testing.T, c contestant) (n int64) {
	t.Helper()
	for _, a := range c.addresses() {
		conn, err := net.Dial("tcp", a)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "mntr")
		for s := bufio.NewScanner(conn); s.Scan(); {
			if text, ok := strings.CutPrefix(s.Text(), "zk_cnt_fsynctime\t"); ok {
				count, err := strconv.ParseInt(text, 10, 64)
				if err != nil {
					t.Fatal(err)
				}
				n += count
			}
		}
		_ = conn.Close()
	}
	return n
}

// processor is the time that the three servers have used so far, in µs: user and system.
func processor(t *testing.T, c contestant) (sum float64) {
	t.Helper()
	for _, pid := range c.pids() {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			t.Fatal(err)
		}
		// After the name in parentheses, the 12th and 13th fields are in hundredths: proc_pid_stat(5).
		_, rest, _ := strings.Cut(string(b), ") ")
		for _, field := range strings.Fields(rest)[11:13] {
			n, err := strconv.ParseFloat(field, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += n * 10_000
		}
	}
	return sum
}

// peak is the largest resident set of a process so far, in kB.
func peak(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		if text, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.Fields(text)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatal("no VmHWM")
	return 0
}

// fall kills the leader, and measures the time until a new client's write at one of the others is
// acknowledged. Then the leader starts again.
func fall(t *testing.T, c contestant) time.Duration {
	t.Helper()
	await(t, c.addresses()...)
	leader := -1
	for i, a := range c.addresses() {
		if s, err := apache.AskStatus(a); err == nil && s.Leads() {
			leader = i
		}
	}
	if leader < 0 {
		t.Fatal("no leader")
	}
	began := time.Now()
	switch c := c.(type) {
	case *ours:
		_ = c.servers[leader].Kill()
	case theirs:
		_ = c.Kill(leader + 1)
	}
	others := slices.Delete(slices.Clone(c.addresses()), leader, leader+1)
	for i := 0; !writes(others[i%2]); i++ {
		if time.Since(began) > time.Minute {
			t.Fatal("no write within a minute")
		}
		time.Sleep(time.Millisecond)
	}
	took := time.Since(began)
	if err := c.restart(leader); err != nil {
		t.Fatal(err)
	}
	return took
}

// writes opens a session at a server and writes once. It reports whether the write was acknowledged.
func writes(address string) bool {
	conn, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	ask := func(packet []byte) ([]byte, error) {
		if _, err := conn.Write(packet); err != nil {
			return nil, err
		}
		var length [4]byte
		if _, err := io.ReadFull(conn, length[:]); err != nil {
			return nil, err
		}
		b := make([]byte, binary.BigEndian.Uint32(length[:]))
		_, err := io.ReadFull(conn, b)
		return b, err
	}
	if _, err := ask(jute.AppendConnect(nil, &tree.ConnectRequest{
		TimeoutMs: 30_000, Passwd: make([]byte, 16),
	})); err != nil {
		return false
	}
	op := tree.Op{Type: tree.OpSetData, Path: "/b0-0", Version: -1}
	b, err := ask(jute.AppendRequest(nil, &tree.Request{Xid: 1, Op: op}))
	if err != nil {
		return false
	}
	r, err := jute.DecodeReply(b, &op)
	return err == nil && r.Code == tree.OK
}
