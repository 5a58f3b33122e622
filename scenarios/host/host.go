package host

import (
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zablab/zablab/scenarios/words"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// Server is one running server.
type Server struct {
	config  Config
	core    *server.Server
	starts  uint64
	clients net.Listener
	peers   net.Listener // nil if the server is alone
	disk    *disk

	mu    sync.Mutex // guards what follows
	inbox []item
	spare []item
	over  bool                  // nobody takes from the inbox any more
	new   map[net.Conn]struct{} // connections that have not said yet what they are
	used  map[string]int        // connections by IP address
	said  string                // the last line about a refused server
	err   error

	poke    chan struct{}
	stop    chan struct{}
	stopped sync.Once
	ended   chan struct{} // closed when nobody takes from the inbox any more
	done    chan struct{}
	killed  atomic.Bool
	closed  atomic.Bool // the listeners are closed
	workers sync.WaitGroup
	numbers atomic.Uint64 // connections that others have opened
	traffic words.Traffic

	// What follows belongs to the goroutine of run.
	links    map[sim.ConnID]*link
	dirty    []*link // with something to write
	batch    []item  // taken from the inbox
	next     int     // of batch: the first item that the program has not got
	effects  []sim.Effect
	slipped  time.Duration
	accepted string // the address of the client whose connection is accepted now
	status   Status
	failed   error // what happened to a file
	why      string
	exited   bool
}

// item is an event on its way to the program.
type item struct {
	event sim.Event
	link  *link    // whose event it is
	conn  net.Conn // of Connected
	err   error    // of DiskFailed
	do    func()
}

// accepting marks the IDs of connections that others have opened: the program counts its own from
// the number in its Boot event.
const accepting = 1 << 62

// ErrStopped is the error of a call to a server that has ended.
var ErrStopped = errors.New("the server has ended")

// Start starts a server. It returns once the ports are open; the server then starts to look for the
// other servers of the ensemble.
func Start(c Config) (*Server, error) {
	s, err := start(c)
	if err != nil {
		if c.Files != nil {
			_ = c.Files.Close()
		}
		return nil, fmt.Errorf("start S%d: %w", c.ID, err)
	}
	return s, nil
}

func start(c Config) (*Server, error) {
	if err := c.setDefaults(); err != nil {
		return nil, err
	}
	files, starts, err := prepare(&c)
	if err != nil {
		return nil, err
	}
	s := &Server{
		config: c, starts: starts, used: map[string]int{},
		new:  map[net.Conn]struct{}{},
		poke: make(chan struct{}, 1), stop: make(chan struct{}),
		ended: make(chan struct{}), done: make(chan struct{}),
		links: map[sim.ConnID]*link{},
	}
	if s.clients, err = net.Listen("tcp", c.Client); err != nil {
		return nil, fmt.Errorf("listen for clients at %s: %w", c.Client, plain(err))
	}
	if len(c.Peers) > 1 {
		if s.peers, err = net.Listen("tcp", c.self().Address); err != nil {
			_ = s.clients.Close()
			return nil, fmt.Errorf("listen for servers at %s: %w", c.self().Address, plain(err))
		}
	}
	voters, observers := c.sets()
	probe := &probe{s: s}
	s.core = server.New(server.Config{
		Peer: zab.Config{
			ID: c.ID, Voters: voters, Observers: observers, TickTime: c.Tick, InitLimit: c.InitLimit,
			SyncLimit: c.SyncLimit, QuorumSync: c.QuorumSync, SnapCount: c.SnapCount,
			SnapChunk: snapChunk, Rand: sim.NewRand(uint64(time.Now().UnixNano())), Probe: probe,
		},
		ExtendedTypes: c.TTL, SuperDigest: c.SuperDigest, MaxRequest: c.Limits.Packet,
		Address: func(sim.NodeID) string { return s.accepted },
	}, files)
	s.disk = newDisk(c.Files, s.post)
	s.accept(s.clients, s.serveClient)
	if s.peers != nil {
		s.accept(s.peers, s.servePeer)
	}
	go s.run()
	return s, nil
}

// snapChunk is how many bytes of a snapshot are written or sent at a time.
const snapChunk = 256 << 10

// plain drops the addresses of a network error, which the caller names.
func plain(err error) error {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Err
	}
	return err
}

// Address is where clients reach the server.
func (s *Server) Address() string { return s.clients.Addr().String() }

// Done returns a channel that is closed when the server has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err returns why the server has ended by itself, or nil. Call it after Done.
func (s *Server) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Stop ends the server: it closes the ports and connections, and completes the file operations that
// the program has requested. If the server had already ended with an error, Stop returns that
// error.
func (s *Server) Stop() error {
	s.stopped.Do(func() { close(s.stop) })
	<-s.done
	return s.Err()
}

// Kill ends the server as SIGKILL would.
func (s *Server) Kill() {
	s.killed.Store(true)
	_ = s.Stop()
}

// Fsyncs returns the number of fsyncs that are complete since the server was started.
func (s *Server) Fsyncs() int64 { return s.disk.fsyncs() }

// Do runs a function on the program's goroutine, and waits for it. The function may look at the
// program, and must change nothing.
func (s *Server) Do(f func(*server.Server)) error {
	done := make(chan struct{})
	s.post(item{do: func() { f(s.core); close(done) }})
	select {
	case <-done:
		return nil
	case <-s.ended:
		return ErrStopped
	}
}

// post hands items to the program's goroutine.
func (s *Server) post(list ...item) {
	s.mu.Lock()
	over := s.over
	if !over {
		s.inbox = append(s.inbox, list...)
	}
	s.mu.Unlock()
	if over {
		abandon(list)
		return
	}
	select {
	case s.poke <- struct{}{}:
	default:
	}
}

// abandon closes the connections that the program will not learn of.
func abandon(list []item) {
	for i := range list {
		if list[i].conn != nil {
			_ = list[i].conn.Close()
		}
		if list[i].event.Kind == sim.Accepted {
			list[i].link.close(0)
		}
	}
}

// now is the server's clock: it never jumps.
func (s *Server) now() sim.Time {
	return sim.Time((s.config.clock() - s.slipped) / time.Microsecond)
}

// run is the goroutine of the program.
func (s *Server) run() {
	defer s.end()
	defer s.caught()
	timer := time.NewTimer(0)
	defer timer.Stop()
	s.step(sim.Event{
		Kind: sim.Boot, Conn: sim.ConnID(uint64(s.config.ID)<<44 | (s.starts&0xfffff)<<24),
	})
	for !s.exited {
		s.flush()
		wait := time.Hour
		if at := s.core.Deadline(); at != sim.Never {
			wait = max(0, time.Duration(at-s.now())*time.Microsecond)
		}
		timer.Reset(wait)
		select {
		case <-s.poke:
		case <-timer.C:
		case <-s.stop:
			return
		}
		s.round()
	}
}

// round hands the program what has come, and wakes it if it is time.
func (s *Server) round() {
	at := s.core.Deadline()
	if late := time.Duration(s.now()-at) * time.Microsecond; at != sim.Never && late > MaxLag {
		s.slipped += late
		s.config.Log(fmt.Sprintf("the process did not run for %v: the server's clock does not "+
			"count this time, so no session expires because of it", late.Round(time.Millisecond)))
	}
	s.mu.Lock()
	s.batch, s.next = s.inbox, 0
	s.inbox = s.spare
	s.mu.Unlock()
	for s.next < len(s.batch) {
		if s.exited {
			return // end abandons the rest
		}
		s.next++
		s.take(&s.batch[s.next-1])
	}
	clear(s.batch)
	s.mu.Lock()
	s.spare, s.batch = s.batch[:0], nil
	s.mu.Unlock()
	if at := s.core.Deadline(); !s.exited && s.now() >= at {
		s.step(sim.Event{Kind: sim.Wake})
	}
}

// take hands one item to the program. What comes from a connection that the program has closed is
// dropped.
func (s *Server) take(i *item) {
	switch {
	case i.do != nil:
		i.do()
		return
	case i.event.Kind == sim.DiskFailed:
		s.failed = i.err
	case i.link == nil:
	case i.event.Kind == sim.Accepted:
		s.links[i.link.id] = i.link
		s.accepted = i.link.address
	case s.links[i.link.id] != i.link:
		if i.conn != nil {
			_ = i.conn.Close()
		}
		return
	case i.event.Kind == sim.Connected:
		i.link.up(i.conn)
	case i.event.Kind == sim.Closed, i.event.Kind == sim.Refused:
		delete(s.links, i.link.id)
		i.link.close(0)
	case s.crowded(i):
		return
	}
	s.step(i.event)
}

// step hands one event to the program and carries out its effects.
func (s *Server) step(e sim.Event) {
	e.Wall = sim.Time(time.Now().UnixMicro())
	s.effects = s.core.Step(s.now(), e, s.effects[:0])
	for i := range s.effects {
		s.carryOut(&s.effects[i])
	}
	clear(s.effects)
}

// carryOut carries out one effect.
func (s *Server) carryOut(e *sim.Effect) {
	switch e.Kind {
	case sim.Dial:
		s.dial(e)
	case sim.Send:
		if l := s.links[e.Conn]; l != nil {
			s.send(l, e.Msg)
		}
	case sim.Close:
		if l := s.links[e.Conn]; l != nil {
			delete(s.links, e.Conn)
			l.close(farewell)
		}
	case sim.Exit:
		s.exited, s.why = true, e.Name
	default:
		s.disk.ask(e)
	}
}

// flush lets others carry out what the program has asked for.
func (s *Server) flush() {
	for i, l := range s.dirty {
		l.flush()
		s.dirty[i] = nil
	}
	s.dirty = s.dirty[:0]
	s.disk.flush()
}

// caught turns a failed assertion of the program into an error.
func (s *Server) caught() {
	if r := recover(); r != nil {
		s.exited = true
		s.why = fmt.Sprintf("a bug of the lab: %v\n%s", r, debug.Stack())
	}
}

// end closes everything.
func (s *Server) end() {
	killed := s.killed.Load()
	s.closed.Store(true)
	_ = s.clients.Close()
	if s.peers != nil {
		_ = s.peers.Close()
	}
	within := curfew
	if killed {
		within = 0
	}
	for _, l := range s.links {
		l.close(within)
	}
	s.mu.Lock()
	s.over = true
	close(s.ended)
	rest := s.inbox
	s.inbox = nil
	if s.next < len(s.batch) {
		rest = append(s.batch[s.next:], rest...)
	}
	for conn := range s.new {
		_ = conn.Close()
	}
	s.mu.Unlock()
	abandon(rest)
	s.disk.end(killed)
	err := s.config.Files.Close()
	s.mu.Lock()
	switch {
	case s.failed != nil:
		s.err = fmt.Errorf("server S%d has stopped: %w: every acknowledged write is on the disks "+
			"of a quorum: if the disk is full, free space on it and start the server again; "+
			"after any other disk error the files cannot be trusted: empty the folder, and start "+
			"the server with --rejoin",
			s.config.ID, s.failed)
	case s.exited:
		s.err = fmt.Errorf("server S%d has stopped: %s", s.config.ID, s.why)
	case err != nil:
		s.err = fmt.Errorf("server S%d: close the files: %w", s.config.ID, cause(err))
	}
	s.mu.Unlock()
	s.workers.Wait()
	close(s.done)
}

// probe reports changes of the server's role.
type probe struct {
	zab.NopProbe
	s *Server
}

// Changed tells the owner the server's new role.
func (p *probe) Changed(peer *zab.Peer) {
	s := p.s
	now := Status{State: peer.State(), Serving: peer.Serving(), Epoch: peer.Epoch()}
	if now == s.status {
		return
	}
	s.status = now
	s.config.Log(now.String())
	s.config.Changed(now)
}

// Inconsistent logs what no sound server does.
func (p *probe) Inconsistent(_ *zab.Peer, name, text string) {
	p.s.config.Log(name + ": " + text)
}
