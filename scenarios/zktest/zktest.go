package zktest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/gateway/live"
	"github.com/zablab/zablab/sim"
)

// Option is a setting of an ensemble.
type Option func(*options)

type options struct {
	stage   engine.Stage
	timeout time.Duration
	plans   int // of Fuzz
}

func defaults() options {
	o := options{timeout: 4 * time.Second}
	o.stage.Seed = 1
	return o
}

// Servers returns the option for the number of voting servers: 1 to 9, by default 3.
func Servers(n int) Option { return func(o *options) { o.stage.Servers = n } }

// Seed returns the option for the seed, which decides latencies, elections and everything else that
// is left to chance. The default is 1.
func Seed(seed uint64) Option { return func(o *options) { o.stage.Seed = seed } }

// SessionTimeout returns the option for the timeout that [Ensemble.Connect] asks for, by default 4
// s. The servers raise a timeout below 2 ticks to 2 ticks, and lower one above 20 ticks to 20
// ticks.
func SessionTimeout(d time.Duration) Option { return func(o *options) { o.timeout = d } }

// Tick returns the option for the servers' unit of time, ZooKeeper's tickTime, by default 2 s.
func Tick(d time.Duration) Option { return func(o *options) { o.stage.Tick = virtual(d) } }

// Latency returns the option for the time that a message takes, one way, by default 1 ms to 5 ms.
func Latency(least, most time.Duration) Option {
	return func(o *options) { o.stage.Latency = sim.Span{Min: virtual(least), Max: virtual(most)} }
}

// TTL allows nodes with a time to live (zookeeper.extendedTypesEnabled).
func TTL() Option { return func(o *options) { o.stage.TTL = true } }

func virtual(d time.Duration) sim.Time { return sim.Time(d / time.Microsecond) }

// Ensemble is a running ensemble.
type Ensemble struct {
	t       testing.TB
	world   *gateway.World
	host    *live.Host
	timeout time.Duration
	inputs  bytes.Buffer
	writer  *gateway.Writer

	quiet bool // a failure leaves no artifacts

	mu     sync.Mutex
	faults []string
}

// Start starts an ensemble that ends with the test.
func Start(t testing.TB, opts ...Option) *Ensemble {
	t.Helper()
	o := defaults()
	for _, opt := range opts {
		opt(&o)
	}
	e := &Ensemble{t: t, timeout: o.timeout}
	var err error
	if e.world, err = gateway.New(ensemble.Config{Stage: o.stage}); err != nil {
		t.Fatalf("zktest: %v", err)
	}
	e.writer, err = gateway.NewWriter(&e.inputs, e.world.Ensemble.Config(), nil)
	if err != nil {
		t.Fatalf("zktest: %v", err)
	}
	e.world.In = e.writer.Write
	e.host = live.Start(e.world, live.Config{Bubble: inBubble(), Log: func(line string) {
		t.Logf("zktest: %s", line)
	}})
	t.Cleanup(e.end)
	if err := e.host.Ready(time.Minute); err != nil {
		t.Fatalf("zktest: %v", err)
	}
	return e
}

// inBubble reports whether the caller runs in a bubble of testing/synctest, whose clock begins with
// the year 2000.
func inBubble() bool { return time.Now().Year() < 2010 }

// Connect adds a client with this name to the simulated world, and returns its connection, a
// *zk.Conn of the library go-zookeeper/zk. The connection tries the servers in order, from the
// first. The test's cleanup closes it.
func (e *Ensemble) Connect(name string) *zk.Conn {
	e.t.Helper()
	c, _ := e.ConnectEvents(name)
	return c
}

// ConnectEvents is like Connect, and also returns the events of the session.
func (e *Ensemble) ConnectEvents(name string) (*zk.Conn, <-chan zk.Event) {
	e.t.Helper()
	c, events, err := zk.Connect(e.Servers(), e.timeout, zk.WithDialer(e.Dialer(name)),
		zk.WithHostProvider(InOrder()), zk.WithLogger(silent{}))
	if err != nil {
		e.t.Fatalf("zktest: connect %s: %v", name, err)
	}
	e.t.Cleanup(c.Close)
	return c, events
}

// Dialer adds a client with this name to the simulated world, and returns its dialer, for
// zk.WithDialer. In an address for the dialer, the host is a server's name, such as S1, and the
// port is ignored.
func (e *Ensemble) Dialer(name string) zk.Dialer {
	e.t.Helper()
	if err := e.host.Join(name); err != nil {
		e.t.Fatalf("zktest: %v", err)
	}
	return func(_, address string, timeout time.Duration) (net.Conn, error) {
		server, _, _ := strings.Cut(address, ":")
		return e.host.Dial(name, server, timeout)
	}
}

// Listen makes each server accept clients on a free TCP port of the loopback interface, and returns
// the host:port of each. It cannot be used in a testing/synctest bubble.
func (e *Ensemble) Listen() (addresses []string) {
	e.t.Helper()
	for _, name := range e.Servers() {
		addr, err := e.host.Listen(name, "127.0.0.1:0")
		if err != nil {
			e.t.Fatalf("zktest: %v", err)
		}
		addresses = append(addresses, addr.String())
	}
	return addresses
}

// silent drops what the client library logs.
type silent struct{}

func (silent) Printf(string, ...any) {}

// InOrder returns a host provider that tries the servers in the order of their names. The library's
// own provider shuffles the servers with a global random number generator, so that two runs of one
// test would differ.
func InOrder() zk.HostProvider { return new(inOrder) }

type inOrder struct {
	mu      sync.Mutex
	servers []string
	next    int
	tried   int
}

func (p *inOrder) Init(servers []string) error {
	p.servers = slices.Sorted(slices.Values(servers))
	return nil
}

func (p *inOrder) Len() int { return len(p.servers) }

func (p *inOrder) Next() (server string, retryStart bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	server = p.servers[p.next]
	p.next = (p.next + 1) % len(p.servers)
	p.tried++
	return server, p.tried > len(p.servers)
}

func (p *inOrder) Connected() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tried = 0
}

// artifact writes a file to the test's artifact folder and returns its path, or "" if it cannot.
func (e *Ensemble) artifact(name string, data []byte) string {
	path := filepath.Join(e.t.ArtifactDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		e.t.Logf("zktest: write %s: %v", name, err)
		return ""
	}
	return path
}

func (e *Ensemble) String() string {
	return fmt.Sprintf("ensemble of %d servers, seed %#x", len(e.Servers()),
		e.world.Ensemble.Config().Seed)
}
