package etcd

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/loopback"
	"github.com/zablab/zablab/sim"
)

// Config describes a cluster. Only two settings of the Stage have an effect: the number of servers
// (1, 3 or 5) and the session timeout. Election timeout and heartbeat interval are etcd's defaults.
// The links and disks are those of the host, and the seed is ignored.
type Config struct {
	engine.Stage
}

// The times that etcd 3.4 has by default (embed.NewConfig).
const (
	electionTimeout = sim.Second
	heartbeat       = 100 * sim.Millisecond
)

// LeaseGrain is the unit of a lease's time to live. LeastLease is the shortest time to live that a
// server grants: one and a half election timeouts, in whole seconds (etcdserver.NewServer,
// MinLeaseTTL).
const (
	LeaseGrain = sim.Second
	LeastLease = (electionTimeout*3/2 + LeaseGrain - 1) / LeaseGrain * LeaseGrain
)

// LeaseFor returns the time to live of the lease for a session timeout: the timeout, rounded up to
// whole seconds, but at least LeastLease.
func LeaseFor(timeout sim.Time) sim.Time {
	return max(LeastLease, (timeout+LeaseGrain-1)/LeaseGrain*LeaseGrain)
}

// ttlOf is the time to live of a session's lease, in seconds.
func ttlOf(timeout sim.Time) int64 { return int64(LeaseFor(timeout) / sim.Second) }

// Cluster is a set of servers that the lab has started, named S1, S2 and so on.
type Cluster struct {
	command string
	dir     string
	keeper  *loopback.Keeper
	servers []*member
	forks   []*loopback.Fork
	mesh    loopback.Mesh
	closing sync.Once

	reserved *loopback.Reserved // the servers' ports
}

// member is one server.
type member struct {
	*loopback.Server
	dir    string
	client int // ports: for clients, for the other servers
	peer   int
	fork   *loopback.Fork // the address by which the others know it
	wiped  bool           // it joins anew at its next start
}

// startBound is how long the servers may take to serve clients.
const startBound = 60 * time.Second

// prefix begins the name of a cluster's directory. The process ID of the lab follows it.
const prefix = "zablab-etcd-"

// Start starts a cluster and waits until every server serves clients.
func Start(ctx context.Context, c Config) (*Cluster, error) {
	command, err := Find()
	if err != nil {
		return nil, err
	}
	c.SetDefaults()
	if c.Servers != 1 && c.Servers != 3 && c.Servers != 5 {
		return nil, fmt.Errorf("start etcd: %d servers: choose 1, 3 or 5", c.Servers)
	}
	for try := 0; ; try++ {
		cluster, err := start(ctx, c, command)
		if err == nil || ctx.Err() != nil || try == 1 {
			return cluster, err
		}
	}
}

func start(ctx context.Context, c Config, command string) (*Cluster, error) {
	dir, err := loopback.MakeDir(prefix)
	if err != nil {
		return nil, fmt.Errorf("start etcd: %w", err)
	}
	k := &Cluster{command: command, dir: dir, keeper: loopback.NewKeeper()}
	k.keeper.Env = environment()
	if err := k.begin(ctx, c.Servers); err != nil {
		k.Close()
		return nil, err
	}
	return k, nil
}

// environment is the lab's own without the variables that etcd reads in place of flags. etcd
// refuses to run on some architectures unless it is told which.
func environment() (list []string) {
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "ETCD_") {
			list = append(list, v)
		}
	}
	if runtime.GOARCH != "amd64" {
		list = append(list, "ETCD_UNSUPPORTED_ARCH="+runtime.GOARCH)
	}
	return list
}

func (k *Cluster) begin(ctx context.Context, servers int) error {
	reserved, err := loopback.Reserve(2 * servers)
	if err != nil {
		return err
	}
	k.reserved = reserved
	ports := reserved.Ports
	for i := range servers {
		f, err := loopback.NewFork()
		if err != nil {
			return err
		}
		k.forks = append(k.forks, f)
		k.servers = append(k.servers, &member{
			Server: loopback.NewServer(name(i)), dir: filepath.Join(k.dir, name(i)),
			client: ports[2*i], peer: ports[2*i+1], fork: f,
		})
	}
	k.connect()
	for i := range k.servers {
		if err := k.Restart(i + 1); err != nil {
			return err
		}
	}
	if err := k.Wait(ctx); err != nil {
		return err
	}
	return k.seat(ctx)
}

// seat makes the last server the leader, as in ZooKeeper, where that one wins the first election:
// the drawings of a document suppose it.
func (k *Cluster) seat(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startBound,
		fmt.Errorf("the server did not become the leader within %s", startBound))
	defer cancel()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	last, term := len(k.servers), uint64(0)
	tick := time.NewTicker(ask)
	defer tick.Stop()
	for {
		s, err := askStatus(ctx, c, k.Address(last))
		if err == nil && s.leads() && s.term > term { // it reports its own term, see stands
			return nil
		}
		for i := 1; i < last && err == nil; i++ {
			if o, err := askStatus(ctx, c, k.Address(i)); err == nil && o.leads() {
				term = max(term, o.term)
				var none struct{}
				_ = post(ctx, c, k.Address(i), callMove, moveRequest{s.member}, &none) // or try again
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("start etcd: let S%d lead: %w", last, context.Cause(ctx))
		}
	}
}

// connect makes the links between all servers. All servers know each other by the same addresses,
// from which etcd computes their IDs. So each address is a fork.
func (k *Cluster) connect() {
	for b, to := range k.servers {
		for a, from := range k.servers {
			if a == b {
				continue
			}
			r := loopback.NewLink(loopback.Address(to.peer))
			to.fork.Add(from.Server, r)
			k.mesh = append(k.mesh, loopback.Link{
				From: a + 1, To: b + 1, Relays: []*loopback.Relay{r},
			})
		}
		to.fork.Start()
	}
}

// Restart starts the process of a server that is down. The process continues with the server's
// data. A wiped server joins the cluster as a new member; for this, the other servers must have a
// quorum.
func (k *Cluster) Restart(id int) error {
	if id < 1 || id > len(k.servers) {
		return fmt.Errorf("server S%d: no such server: name one of S1 to S%d", id, len(k.servers))
	}
	m, state := k.servers[id-1], "new"
	if m.wiped {
		if err := k.rejoin(m); err != nil {
			return fmt.Errorf("restart %s: cannot add the wiped server to the cluster again: %w",
				m.Name(), err)
		}
		m.wiped, state = false, "existing"
	}
	var all []string
	for _, o := range k.servers {
		all = append(all, o.Name()+"="+o.url())
	}
	address := "http://" + loopback.Address(m.client)
	return m.Start(k.keeper, k.command, "--name", m.Name(), "--data-dir", m.dir,
		"--listen-client-urls", address, "--advertise-client-urls", address,
		"--listen-peer-urls", "http://"+loopback.Address(m.peer),
		"--initial-advertise-peer-urls", m.url(),
		"--initial-cluster", strings.Join(all, ","), "--initial-cluster-token", filepath.Base(k.dir),
		"--initial-cluster-state", state, "--strict-reconfig-check=false",
		"--heartbeat-interval", fmt.Sprint(int64(heartbeat/sim.Millisecond)),
		"--election-timeout", fmt.Sprint(int64(electionTimeout/sim.Millisecond)),
		"--logger", "zap", "--log-outputs", "stderr", "--log-level", "warn")
}

// url is the address by which the other servers know a server.
func (m *member) url() string { return "http://" + m.fork.Address() }

// Wipe kills a server's process if it runs, and removes the server's data.
func (k *Cluster) Wipe(id int) error {
	m := k.servers[id-1]
	if err := m.Kill(); err != nil && !errors.Is(err, loopback.ErrState) {
		return err
	}
	m.Bury()
	if err := os.RemoveAll(m.dir); err != nil {
		return fmt.Errorf("wipe %s: %w", m.Name(), err)
	}
	m.wiped = true
	return nil
}

// joining is how long the other servers may take to exchange a member.
const joining = 20 * time.Second

// rejoin removes a server from the cluster's list of members, and adds it again: a member without
// its log would break its promises, so etcd wants another member in its place.
func (k *Cluster) rejoin(m *member) error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), joining,
		fmt.Errorf("the other servers had no quorum within %s: start them before this server",
			joining))
	defer cancel()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		for i, o := range k.servers {
			if o != m && o.Up() && !o.Paused() && exchange(ctx, c, k.Address(i+1), m.url()) == nil {
				return nil
			}
		}
		select {
		case <-time.After(ask):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// exchange lets a server remove the member with an address, and add a new one with it.
func exchange(ctx context.Context, c *http.Client, server, url string) error {
	ctx, cancel := context.WithTimeout(ctx, opening)
	defer cancel()
	var list, after memberList
	if err := post(ctx, c, server, callList, struct{}{}, &list); err != nil {
		return err
	}
	for _, m := range list.Members {
		if slices.Contains(m.Peers, url) {
			if err := post(ctx, c, server, callRemove, memberRemove{m.ID}, &after); err != nil {
				return err
			}
		}
	}
	return post(ctx, c, server, callAdd, memberAdd{[]string{url}}, &after)
}

// Kill ends a server's process with SIGKILL.
func (k *Cluster) Kill(id int) error { return k.servers[id-1].Kill() }

// Address returns the host and port at which clients can reach a server directly, not through a
// relay.
func (k *Cluster) Address(id int) string { return loopback.Address(k.servers[id-1].client) }

// Addresses returns three addresses of each server: where it listens for clients, where it listens
// for other servers, and the address that the other servers dial.
func (k *Cluster) Addresses() (list []string) {
	for _, m := range k.servers {
		list = append(list, loopback.Address(m.client), loopback.Address(m.peer), m.fork.Address())
	}
	return list
}

// Dir is the folder of the servers' data.
func (k *Cluster) Dir() string { return k.dir }

// Size returns the number of servers, running or not.
func (k *Cluster) Size() int { return len(k.servers) }

// Wait waits until every running server knows a leader. Servers that are down or paused do not
// count.
func (k *Cluster) Wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, startBound,
		fmt.Errorf("the server did not serve clients within %s", startBound))
	defer cancel()
	c := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(ask)
	defer tick.Stop()
	for i, m := range k.servers {
		for {
			if last, exited := m.Exited(); exited {
				return fmt.Errorf("start etcd: %s exited: %s", m.Name(), last)
			}
			if !m.Up() || m.Paused() {
				break
			}
			if s, err := askStatus(ctx, c, k.Address(i+1)); err == nil && s.serves() {
				break
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return fmt.Errorf("start etcd: wait for %s: %w", m.Name(), context.Cause(ctx))
			}
		}
	}
	return nil
}

// Close kills all processes, closes all relays and removes the directory. Further calls do nothing.
func (k *Cluster) Close() {
	k.closing.Do(func() {
		for _, m := range k.servers {
			m.Close()
		}
		for _, f := range k.forks {
			f.Close()
		}
		k.mesh.Close()
		k.keeper.Close()
		if k.reserved != nil {
			k.reserved.Close()
		}
		_ = os.RemoveAll(k.dir)
	})
}
