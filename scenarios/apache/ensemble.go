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
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Config describes an ensemble. Of the fields of [engine.Stage], only these have an effect: the
// number of servers (1, 3 or 5), the tick, InitLimit, SyncLimit, and the session timeout. Links and
// disks are those of the host, and no seed is used.
type Config struct {
	engine.Stage
	SuperDigest string // "user:hash" of ZooKeeper's superuser; none by default
	NoFsync     bool   // servers do not wait for fsync
	// Plain starts the servers as ZooKeeper's own script does, for measurements: with its heap of
	// 1000 MB, Java's default collector and compilers, ZooKeeper's default log files, and no relays
	// between the servers. Links then cannot be cut, and Seen is never called.
	Plain bool
	// Connect, if set, are the addresses of servers that run: [NewEngine] then starts none.
	Connect []string
	// Seen, if set, is called when a server sends a message to another; the function that Seen
	// returns is called when the message arrives. Both are called from many goroutines, also during
	// a start that fails and is retried.
	Seen func(from, to int, m zab.Message) (arrives func())
	// Hold, if set, keeps every message of a leader or a learner at its relay until it is released,
	// and all votes until Ensemble.Elect. Start then does not wait for the servers to serve.
	Hold *Hold
}

// Ensemble is a set of servers that the lab has started, named S1, S2 and so on.
type Ensemble struct {
	config  Config
	install Install
	dir     string
	keeper  *loopback.Keeper
	servers []*node
	mesh    loopback.Mesh
	closing sync.Once

	reserved *loopback.Reserved // the servers' ports
}

// node is one server.
type node struct {
	*loopback.Server
	id     int
	dir    string
	client int // ports: for clients, for followers, for elections
	quorum int
	elect  int
}

// ErrState is wrapped by the error of a fault that is impossible in a server's state, such as the
// restart of a server that runs.
var ErrState = loopback.ErrState

// startBound is how long the servers may take to serve clients, in addition to initLimit.
const startBound = 40 * time.Second

// prefix begins the name of an ensemble's directory. The process ID of the lab follows it.
const prefix = "zablab-zookeeper-"

// Start starts an ensemble and waits until every server serves clients.
func Start(ctx context.Context, c Config) (*Ensemble, error) {
	install, err := Find()
	if err != nil {
		return nil, err
	}
	c.SetDefaults()
	if c.Servers != 1 && c.Servers != 3 && c.Servers != 5 {
		return nil, fmt.Errorf("start Apache ZooKeeper: an ensemble of %d servers is not supported: "+
			"choose 1, 3 or 5 servers", c.Servers)
	}
	var e *Ensemble
	for try := 0; ; try++ {
		e, err = start(ctx, c, install)
		if err == nil || ctx.Err() != nil || try == 1 {
			return e, err
		}
	}
}

func start(ctx context.Context, c Config, install Install) (*Ensemble, error) {
	dir, err := loopback.MakeDir(prefix)
	if err != nil {
		return nil, fmt.Errorf("start Apache ZooKeeper: %w", err)
	}
	e := &Ensemble{config: c, install: install, dir: dir, keeper: loopback.NewKeeper()}
	if err := e.begin(ctx); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

func (e *Ensemble) begin(ctx context.Context) error {
	reserved, err := loopback.Reserve(3 * e.config.Servers)
	if err != nil {
		return err
	}
	e.reserved = reserved
	ports := reserved.Ports
	for i := range e.config.Servers {
		e.servers = append(e.servers, &node{
			Server: loopback.NewServer(name(i)), id: i + 1, dir: filepath.Join(e.dir, "S"+strconv.Itoa(i+1)),
			client: ports[3*i], quorum: ports[3*i+1], elect: ports[3*i+2],
		})
	}
	if !e.config.Plain {
		if err := e.connect(); err != nil {
			return err
		}
	}
	for _, n := range e.servers {
		if err := e.write(n); err != nil {
			return err
		}
	}
	if e.config.Hold != nil {
		e.Elect()
	}
	// All servers are empty, so the server with the highest number wins the election if it votes in
	// time. Start it first.
	for _, n := range slices.Backward(e.servers) {
		if err := e.Restart(n.id); err != nil {
			return err
		}
	}
	if e.config.Hold != nil {
		return nil
	}
	return e.Wait(ctx)
}

// write writes a server's configuration files, zoo.cfg and myid.
func (e *Ensemble) write(n *node) error {
	var b strings.Builder
	fmt.Fprintf(&b, "tickTime=%d\ninitLimit=%d\nsyncLimit=%d\n",
		e.config.Tick/sim.Millisecond, e.config.InitLimit, e.config.SyncLimit)
	fmt.Fprintf(&b, "dataDir=%s\nclientPort=%d\nclientPortAddress=127.0.0.1\n", n.dir, n.client)
	b.WriteString("admin.enableServer=false\n4lw.commands.whitelist=srvr,mntr\nmaxClientCnxns=0\n")
	if e.config.Hold != nil { // a session is no transaction, as in a small world
		b.WriteString("localSessionsEnabled=true\n")
	}
	switch {
	case len(e.servers) == 1:
	case e.config.Plain:
		for _, m := range e.servers {
			fmt.Fprintf(&b, "server.%d=127.0.0.1:%d:%d\n", m.id, m.quorum, m.elect)
		}
	default:
		fmt.Fprintf(&b, "server.%d=127.0.0.1:%d:%d\n", n.id, n.quorum, n.elect)
		for _, l := range e.mesh {
			if l.From == n.id {
				_, quorum, _ := net.SplitHostPort(l.Relays[0].Address())
				_, elect, _ := net.SplitHostPort(l.Relays[1].Address())
				fmt.Fprintf(&b, "server.%d=127.0.0.1:%s:%s\n", l.To, quorum, elect)
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
		return nil, fmt.Errorf("server S%d: no such server: name one of S1 to S%d", id,
			len(e.servers))
	}
	return e.servers[id-1], nil
}

// Restart starts the process of a server that is down.
func (e *Ensemble) Restart(id int) error {
	n, err := e.server(id)
	if err != nil {
		return err
	}
	args := []string{"-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto",
		"-Dzookeeper.preAllocSize=64"}
	if e.config.Plain {
		args = []string{"-Xmx1000m"} // zkServer.sh
	}
	if e.config.NoFsync {
		args = append(args, "-Dzookeeper.forceSync=no")
	}
	if e.config.Hold != nil {
		args = append(args, "-Dzookeeper.fastleader.maxNotificationInterval=200")
	}
	if e.config.TTL {
		args = append(args, "-Dzookeeper.extendedTypesEnabled=true")
	}
	if e.config.SuperDigest != "" {
		args = append(args,
			"-Dzookeeper.DigestAuthenticationProvider.superDigest="+e.config.SuperDigest)
	}
	args = append(args, "-cp", e.install.Jar, "org.apache.zookeeper.server.quorum.QuorumPeerMain",
		filepath.Join(n.dir, "zoo.cfg"))
	return n.Start(e.keeper, e.install.Java, args...)
}

// Kill ends a server's process with SIGKILL. It does not wait until the connections break, so other
// servers may still send to that server.
func (e *Ensemble) Kill(id int) error { return e.with(id, (*loopback.Server).Kill) }

func (e *Ensemble) with(id int, do func(*loopback.Server) error) error {
	n, err := e.server(id)
	if err != nil {
		return err
	}
	return do(n.Server)
}

// Wipe kills a server's process if it runs, and removes the server's data. The configuration stays.
func (e *Ensemble) Wipe(id int) error {
	if err := e.Kill(id); err != nil && !errors.Is(err, ErrState) {
		return err
	}
	n, err := e.server(id)
	if err != nil {
		return err
	}
	n.Bury()
	if err := os.RemoveAll(dataOf(n.dir)); err != nil {
		return fmt.Errorf("wipe S%d: %w", id, err)
	}
	return nil
}

// dataOf is the folder of a server's logs, snapshots and epochs, within the server's directory.
func dataOf(dir string) string { return filepath.Join(dir, "version-2") }

// Pause stops a server's process with SIGSTOP.
func (e *Ensemble) Pause(id int) error { return e.with(id, (*loopback.Server).Pause) }

// Resume continues a stopped process with SIGCONT.
func (e *Ensemble) Resume(id int) error { return e.with(id, (*loopback.Server).Resume) }

// Pid returns the ID of a server's process; 0 while the server is down.
func (e *Ensemble) Pid(id int) int { return e.servers[id-1].Pid() }

// Up reports whether a server's process exists, paused or not.
func (e *Ensemble) Up(id int) bool {
	n, err := e.server(id)
	return err == nil && n.Up()
}

// Paused reports whether a server's process exists and is suspended (SIGSTOP).
func (e *Ensemble) Paused(id int) bool {
	n, err := e.server(id)
	return err == nil && n.Paused()
}

// turns is the number of times that a server was started or killed.
func (e *Ensemble) turns(id int) int { return e.servers[id-1].Turns() }

// Address returns the host and port at which clients reach a server.
func (e *Ensemble) Address(id int) string {
	return loopback.Address(e.servers[id-1].client)
}

// Size returns the number of servers, running or not.
func (e *Ensemble) Size() int { return len(e.servers) }

// Wait waits until every running server serves clients. Servers that are down or paused do not
// count.
func (e *Ensemble) Wait(ctx context.Context) error {
	bound := startBound + loopback.HostTime(sim.Time(e.config.InitLimit)*e.config.Tick)
	ctx, cancel := context.WithTimeoutCause(ctx, bound,
		fmt.Errorf("the server did not begin to serve clients within %s", bound))
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for _, n := range e.servers {
		for {
			if last, exited := n.Exited(); exited {
				return fmt.Errorf("start Apache ZooKeeper: the process of S%d ended; its last output "+
					"was: %s", n.id, last)
			}
			if !n.Up() || n.Paused() {
				break
			}
			if s, err := AskStatus(loopback.Address(n.client)); err == nil && s.Serves() {
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

// Close kills all processes, closes all relays and removes the directory. Further calls do nothing.
func (e *Ensemble) Close() {
	e.closing.Do(func() {
		for _, n := range e.servers {
			n.Close()
		}
		e.mesh.Close()
		e.keeper.Close()
		if e.reserved != nil {
			e.reserved.Close()
		}
		_ = os.RemoveAll(e.dir)
	})
}
