package apache

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Config describes an ensemble. From the stage it uses the number of servers (1, 3 or 5), the
// ticks and limits, and the session timeout; links and disks are the host's, and there is no
// seed.
type Config struct {
	engine.Stage
	SuperDigest string // the digest id that may do everything; none by default
	NoFsync     bool   // do not wait for the disk, where nothing is killed
	// Connect, for [NewEngine], are the addresses of a running ensemble, instead of a private one.
	Connect []string
	// Seen, if set, is called for every message from one server to another when it is sent; the
	// function that it returns is called when the message arrives. Many goroutines call both, also
	// during a start that fails and is tried again.
	Seen func(from, to int, m zab.Message) (arrives func())
}

// Ensemble is the running servers, S1 and so on.
type Ensemble struct {
	config  Config
	install Install
	dir     string
	keeper  *keeper
	servers []*node
	relays  []link
	closing sync.Once
}

// node is one server, over all its lives.
type node struct {
	id     int
	dir    string
	client int // ports
	quorum int
	elect  int

	mu      sync.Mutex
	process *process // nil while it is down
	dying   *process // killed; its ports are not free until it is gone
	paused  bool
	turns   int // how many times it was started or killed
}

// ErrState is wrapped by the error of a fault that a server's state rules out, such as a restart of
// a server that runs.
var ErrState = errors.New("impossible in this state")

// startBound is how long servers may take to serve, on top of their own limits.
const startBound = 40 * time.Second

// prefix begins the name of an ensemble's directory. The process ID of the lab follows.
const prefix = "zablab-zookeeper-"

// Start starts an ensemble and waits until it serves.
func Start(ctx context.Context, c Config) (*Ensemble, error) {
	install, err := Find()
	if err != nil {
		return nil, err
	}
	c.SetDefaults()
	if c.Servers != 1 && c.Servers != 3 && c.Servers != 5 {
		return nil, fmt.Errorf("start Apache ZooKeeper: %d servers: choose 1, 3 or 5", c.Servers)
	}
	sweep(os.TempDir())
	var e *Ensemble
	for try := 0; ; try++ {
		e, err = start(ctx, c, install)
		if err == nil || ctx.Err() != nil || try == 1 {
			return e, err
		}
	}
}

// hostTime is a span of virtual time on the host's clock.
func hostTime(t sim.Time) time.Duration { return time.Duration(t) * time.Microsecond }

func start(ctx context.Context, c Config, install Install) (*Ensemble, error) {
	dir, err := os.MkdirTemp("", prefix+strconv.Itoa(os.Getpid())+"-")
	if err != nil {
		return nil, fmt.Errorf("start Apache ZooKeeper: %w", err)
	}
	e := &Ensemble{config: c, install: install, dir: dir, keeper: newKeeper()}
	if err := e.begin(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

func (e *Ensemble) begin(ctx context.Context) error {
	ports, err := freePorts(3 * e.config.Servers)
	if err != nil {
		return err
	}
	for i := range e.config.Servers {
		e.servers = append(e.servers, &node{
			id: i + 1, dir: filepath.Join(e.dir, "S"+strconv.Itoa(i+1)),
			client: ports[3*i], quorum: ports[3*i+1], elect: ports[3*i+2],
		})
	}
	if err := e.connect(); err != nil {
		return err
	}
	for _, n := range e.servers {
		if err := e.write(n); err != nil {
			return err
		}
	}
	// All servers are empty, so the last one wins the election if it is there in time. Start it
	// first.
	for _, n := range slices.Backward(e.servers) {
		if err := e.Restart(n.id); err != nil {
			return err
		}
	}
	return e.Wait(ctx)
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// write writes the configuration of a server.
func (e *Ensemble) write(n *node) error {
	var b strings.Builder
	fmt.Fprintf(&b, "tickTime=%d\ninitLimit=%d\nsyncLimit=%d\n",
		e.config.Tick/sim.Millisecond, e.config.InitLimit, e.config.SyncLimit)
	fmt.Fprintf(&b, "dataDir=%s\nclientPort=%d\nclientPortAddress=127.0.0.1\n", n.dir, n.client)
	b.WriteString("admin.enableServer=false\n4lw.commands.whitelist=srvr\nmaxClientCnxns=0\n")
	if len(e.servers) > 1 {
		fmt.Fprintf(&b, "server.%d=127.0.0.1:%d:%d\n", n.id, n.quorum, n.elect)
		for _, l := range e.relays {
			if l.from == n.id {
				_, quorum, _ := net.SplitHostPort(l.relays[0].Address())
				_, elect, _ := net.SplitHostPort(l.relays[1].Address())
				fmt.Fprintf(&b, "server.%d=127.0.0.1:%s:%s\n", l.to, quorum, elect)
			}
		}
	}
	err := os.MkdirAll(n.dir, 0o700)
	if err == nil {
		err = os.WriteFile(filepath.Join(n.dir, "zoo.cfg"), []byte(b.String()), 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(n.dir, "myid"), []byte(strconv.Itoa(n.id)), 0o600)
	}
	if err != nil {
		return fmt.Errorf("start Apache ZooKeeper: write the configuration of S%d: %w", n.id, err)
	}
	return nil
}

// server finds a server by its number, from 1.
func (e *Ensemble) server(id int) (*node, error) {
	if id < 1 || id > len(e.servers) {
		return nil, fmt.Errorf("server S%d: not found: there are S1 to S%d", id, len(e.servers))
	}
	return e.servers[id-1], nil
}

// Restart starts the process of a server that is down.
func (e *Ensemble) Restart(id int) error {
	n, err := e.server(id)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.process != nil && !n.process.ended() {
		return fmt.Errorf("restart S%d: already running: %w", id, ErrState)
	}
	if n.dying != nil {
		n.dying.wait()
		n.dying = nil
	}
	args := []string{"-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
		"-Dzookeeper.preAllocSize=64"}
	if e.config.NoFsync {
		args = append(args, "-Dzookeeper.forceSync=no")
	}
	if e.config.SuperDigest != "" {
		args = append(args,
			"-Dzookeeper.DigestAuthenticationProvider.superDigest="+e.config.SuperDigest)
	}
	args = append(args, "-cp", e.install.Jar, "org.apache.zookeeper.server.quorum.QuorumPeerMain",
		filepath.Join(n.dir, "zoo.cfg"))
	p, err := e.keeper.startProcess(e.install.Java, args...)
	if err != nil {
		return err
	}
	n.process, n.paused = p, false
	n.turns++
	return nil
}

// running is a server's process; an error if it is down.
func (e *Ensemble) running(verb string, id int) (*node, *process, error) {
	n, err := e.server(id)
	if err != nil {
		return nil, nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.process == nil || n.process.ended() {
		return nil, nil, fmt.Errorf("%s S%d: it is down: %w", verb, id, ErrState)
	}
	return n, n.process, nil
}

// Kill ends a server's process with SIGKILL. It does not wait until the process's connections
// break, so others may still send to it.
func (e *Ensemble) Kill(id int) error {
	n, p, err := e.running("crash", id)
	if err != nil {
		return err
	}
	p.kill()
	n.mu.Lock()
	n.process, n.dying = nil, p
	n.turns++
	n.mu.Unlock()
	return nil
}

// Wipe ends a server's process, if it runs, and removes its data, but not its configuration.
func (e *Ensemble) Wipe(id int) error {
	if err := e.Kill(id); err != nil && !errors.Is(err, ErrState) {
		return err
	}
	n, err := e.server(id)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.dying != nil {
		n.dying.wait()
	}
	if err := os.RemoveAll(dataOf(n.dir)); err != nil {
		return fmt.Errorf("wipe S%d: %w", id, err)
	}
	return nil
}

// dataOf is the folder of a server's logs, snapshots and epochs, within its directory.
func dataOf(dir string) string { return filepath.Join(dir, "version-2") }

// Pause stops a server's process with SIGSTOP.
func (e *Ensemble) Pause(id int) error { return e.stop(id, true) }

// Resume continues a stopped process with SIGCONT.
func (e *Ensemble) Resume(id int) error { return e.stop(id, false) }

func (e *Ensemble) stop(id int, stop bool) error {
	verb, signal := "resume", (*process).resume
	if stop {
		verb, signal = "pause", (*process).pause
	}
	n, p, err := e.running(verb, id)
	if err != nil {
		return err
	}
	if err := signal(p); err != nil {
		return fmt.Errorf("%s S%d: %w", verb, id, err)
	}
	n.mu.Lock()
	n.paused = stop
	n.mu.Unlock()
	return nil
}

// Up is true while a server's process exists, paused or not.
func (e *Ensemble) Up(id int) bool {
	_, _, err := e.running("", id)
	return err == nil
}

// Paused is true while a server's process is stopped.
func (e *Ensemble) Paused(id int) bool {
	n, _, err := e.running("", id)
	if err != nil {
		return false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.paused
}

// turns is how many times a server was started or killed.
func (e *Ensemble) turns(id int) int {
	n := e.servers[id-1]
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.turns
}

// Address is the address of a server for clients.
func (e *Ensemble) Address(id int) string { return loopback(e.servers[id-1].client) }

// Size is the number of servers.
func (e *Ensemble) Size() int { return len(e.servers) }

// Wait waits until every running server serves.
func (e *Ensemble) Wait(ctx context.Context) error {
	bound := startBound + hostTime(sim.Time(e.config.InitLimit)*e.config.Tick)
	ctx, cancel := context.WithTimeoutCause(ctx, bound, fmt.Errorf("not serving after %s", bound))
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, n := range e.servers {
		for {
			n.mu.Lock()
			p, paused := n.process, n.paused
			n.mu.Unlock()
			if p == nil || paused {
				break
			}
			if p.ended() {
				return fmt.Errorf("start Apache ZooKeeper: S%d exited: %s", n.id, p.out.last())
			}
			if s, err := AskStatus(loopback(n.client)); err == nil && s.Serves() {
				break
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("start Apache ZooKeeper: wait for S%d: %w",
					n.id, context.Cause(ctx))
			}
		}
	}
	return nil
}

// Close ends all processes, relays and directories. It may be called more than once.
func (e *Ensemble) Close() {
	e.closing.Do(func() {
		for _, n := range e.servers {
			n.mu.Lock()
			for _, p := range []*process{n.process, n.dying} {
				if p != nil {
					p.kill()
					p.wait()
				}
			}
			n.process, n.dying = nil, nil
			n.mu.Unlock()
		}
		for _, l := range e.relays {
			for _, r := range l.relays {
				r.Close()
			}
		}
		e.keeper.close()
		_ = os.RemoveAll(e.dir)
	})
}

// sweep removes directories of labs that were killed.
func sweep(dir string) {
	list, err := filepath.Glob(filepath.Join(dir, prefix+"*"))
	if err != nil {
		return
	}
	for _, path := range list {
		number, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), prefix), "-")
		if pid, err := strconv.Atoi(number); err == nil && pid > 0 && !alive(pid) {
			_ = os.RemoveAll(path)
		}
	}
}
