package live

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zablab/zablab/scenarios/gateway"
	"github.com/zablab/zablab/scenarios/words"
	"github.com/zablab/zablab/sim"
)

const (
	// MaxLag is how far the world's clock may fall behind real time and still catch up. If it falls
	// further behind, the process was suspended or the computer is too busy. Then the world does
	// not catch up: its clock goes on from its present time.
	MaxLag = 100 * time.Millisecond
	// MaxQueued is how many bytes may wait for a client that does not read.
	MaxQueued = 64 << 20
	// MaxOutstanding is how many requests of one connection may be unanswered (ZooKeeper's
	// globalOutstandingLimit, here for each connection).
	MaxOutstanding = 1000
	// MaxPacket is the longest packet that a client may send, in bytes (jute.maxbuffer).
	MaxPacket = 0xfffff
)

// Config is the configuration of a host.
type Config struct {
	// Speed is how many times faster than real time the world runs; 0 means 1.
	Speed int
	// Bubble says that the host is started in a testing/synctest bubble.
	Bubble bool
	// Words are the four-letter words that are answered (4lw.commands.whitelist); nil means all.
	Words []string
	// CheckEvery, if not 0, is after how many operations of the clients their history so far is
	// checked and forgotten. Without it the memory of a run grows with every operation.
	CheckEvery int
	// CheckBytes, if not 0, is after how many bytes of requests and replies this is done, if that is
	// earlier.
	CheckBytes int
	// Log, if set, is called with one line for each thing that the owner should know: a client that
	// was cut off, a malformed packet, an impossible fault. It is called from several goroutines.
	Log func(line string)
}

// Figures say how far the world of a host has lagged behind real time.
type Figures struct {
	Inputs  int           // that clients and faults have made
	Lag     time.Duration // the longest time by which an event came late
	Slipped time.Duration // the lag that the world did not make up for
}

// Host runs a world in real time.
type Host struct {
	world  *gateway.World
	config Config
	start  time.Time

	mu       sync.Mutex // guards what follows
	inbox    []item
	links    map[address]*link
	sockets  map[string]uint32         // by client: the number of its last connection
	sessions map[int64]string          // to which client a session belongs
	traffic  map[string]*words.Traffic // by server
	clients  int
	figures  Figures
	doors    []*door // the ports, by server
	err      error

	poke    chan struct{}
	stop    chan struct{}
	stopped sync.Once
	done    chan struct{}
	outputs []gateway.Output // of this round: of the world's goroutine
	slipped time.Duration
	lull    lull // of the world's goroutine
	bytes   int  // of requests and replies since the history was checked last
}

// address is one connection of a client.
type address struct {
	client string
	socket uint32
}

// item is one thing that waits for the world's goroutine: an input, or a function.
type item struct {
	gateway.Input
	do   func(*gateway.World)
	done chan struct{}
}

// ErrClosed is the error of a host that is closed.
var ErrClosed = errors.New("the ensemble is closed")

// Start runs a world in real time. If you want w.In to be called with each input of the world, set
// w.In before you call Start. Start itself sets w.Out.
func Start(w *gateway.World, c Config) *Host {
	c.Speed = max(c.Speed, 1)
	if c.Log == nil {
		c.Log = func(string) {}
	}
	h := &Host{
		world: w, config: c, start: time.Now(), links: map[address]*link{},
		sockets: map[string]uint32{}, sessions: map[int64]string{}, traffic: map[string]*words.Traffic{},
		poke: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	w.Out = func(o gateway.Output) { h.outputs = append(h.outputs, o) }
	go h.run()
	return h
}

// Close ends all connections and stops the world. It returns the error that ended the run, if one
// did. After that, the caller may use the world.
func (h *Host) Close() error {
	h.stopped.Do(func() { close(h.stop) })
	<-h.done
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.err
}

// Done returns a channel that is closed when the world has stopped: after Close, or because the run
// has failed.
func (h *Host) Done() <-chan struct{} { return h.done }

// Figures returns how far the world has lagged behind real time so far.
func (h *Host) Figures() Figures {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.figures
}

// Do runs a function on the world's goroutine, at the present moment, and waits for it. The
// function may look at the world and inject faults.
func (h *Host) Do(f func(*gateway.World)) error {
	done := make(chan struct{})
	h.put(item{do: f, done: done})
	select {
	case <-done:
		return nil
	case <-h.done:
		select {
		case <-done:
			return nil
		default:
			return ErrClosed
		}
	}
}

// Ready waits until every running server serves clients, or until timeout.
func (h *Host) Ready(timeout time.Duration) error {
	for end := time.Now().Add(timeout); ; time.Sleep(5 * time.Millisecond) {
		serves := false
		if err := h.Do(func(w *gateway.World) { serves = w.Ensemble.Serves() }); err != nil || serves {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("the servers did not serve clients within %v: no quorum of the "+
				"servers is up and connected",
				timeout)
		}
	}
}

// Inject causes a fault now. line is the fault without a time, such as "crash S1".
func (h *Host) Inject(line string) (err error) {
	if closed := h.Do(func(w *gateway.World) {
		err = w.Inject(gateway.Input{Kind: gateway.Fault, Line: line})
	}); closed != nil {
		return closed
	}
	return err
}

// put hands an item to the world's goroutine.
func (h *Host) put(i item) {
	h.mu.Lock()
	h.inbox = append(h.inbox, i)
	h.mu.Unlock()
	select {
	case h.poke <- struct{}{}:
	default:
	}
}

// now is the world's time by the real clock.
func (h *Host) now() sim.Time {
	return sim.Time((time.Since(h.start)-h.slipped)/time.Microsecond) * sim.Time(h.config.Speed)
}

// real is the real time that a span of virtual time takes.
func (h *Host) real(t sim.Time) time.Duration {
	return time.Duration(t) * time.Microsecond / time.Duration(h.config.Speed)
}

// run is the world's goroutine.
func (h *Host) run() {
	defer close(h.done)
	defer h.closeAll()
	timer := time.NewTimer(0)
	for {
		h.settle()
		now := h.now()
		now -= h.catchUp(now)
		if err := h.round(now); err != nil {
			h.mu.Lock()
			h.err = err
			h.mu.Unlock()
			return
		}
		if h.config.Bubble && h.waiting() {
			continue // what the round has set off belongs to this instant
		}
		wait := time.Hour
		if next := h.world.Ensemble.World.NextAt(); next != sim.Never {
			wait = h.real(next - h.now())
		}
		if wait <= 0 && !h.config.Bubble {
			select {
			case <-h.stop:
				return
			default:
				continue
			}
		}
		timer.Reset(max(wait, 1))
		select {
		case <-h.poke:
		case <-timer.C:
		case <-h.stop:
			return
		}
	}
}

// settle waits, in a bubble, until every other goroutine waits.
func (h *Host) settle() {
	if h.config.Bubble {
		time.Sleep(time.Nanosecond)
	}
}

func (h *Host) waiting() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.inbox) > 0
}

// catchUp notes how late the next event is, and returns the time that the world's clock gives up.
func (h *Host) catchUp(now sim.Time) sim.Time {
	next := h.world.Ensemble.World.NextAt()
	if next >= now {
		return 0
	}
	late := h.real(now - next)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.figures.Lag = max(h.figures.Lag, late)
	if late <= MaxLag {
		return 0
	}
	h.slipped += late
	h.figures.Slipped = h.slipped
	return now - next
}

// round carries out what has come, runs the world until now, and hands out what it says.
func (h *Host) round(now sim.Time) error {
	h.mu.Lock()
	batch := h.inbox
	h.inbox = nil
	h.figures.Inputs += len(batch)
	h.mu.Unlock()
	if h.config.Bubble {
		slices.SortStableFunc(batch, func(a, b item) int {
			return cmp.Or(strings.Compare(a.Client, b.Client), cmp.Compare(a.Socket, b.Socket))
		})
	}
	for i := range batch {
		if h.lull.holds(&batch[i]) {
			continue
		}
		if err := h.carryOut(&batch[i], now); err != nil {
			return err
		}
	}
	err := h.world.Run(max(now, h.world.Ensemble.Now()))
	if err == nil && h.config.CheckEvery > 0 {
		err = h.check(now)
	}
	h.deliver()
	h.openDoors()
	return err
}

func (h *Host) carryOut(i *item, now sim.Time) error {
	if i.do != nil {
		_ = h.world.Run(now)
		i.do(h.world)
		close(i.done)
		return h.world.Ensemble.Err()
	}
	i.At = now
	h.bytes += len(i.Data)
	if err := h.world.Inject(i.Input); err != nil {
		if h.world.Ensemble.Err() == nil {
			h.config.Log(fmt.Sprintf("%s: %v", i.Client, err))
		}
		return h.world.Ensemble.Err()
	}
	return nil
}

// deliver hands out what the world has said in this round. In a bubble it hands out one thing at a
// time, and what that sets off is over before the next.
func (h *Host) deliver() {
	for n := 0; n < len(h.outputs); n++ {
		o := h.outputs[n]
		h.bytes += len(o.Data)
		h.mu.Lock()
		if o.Sign == gateway.Session {
			h.sessions[o.ID] = o.Client
		}
		l := h.links[address{o.Client, o.Socket}]
		h.mu.Unlock()
		if l != nil && o.Sign != gateway.Session {
			l.told(o)
			h.settle()
		}
	}
	clear(h.outputs)
	h.outputs = h.outputs[:0]
}

// closeAll ends every connection and listener.
func (h *Host) closeAll() {
	h.mu.Lock()
	var links []*link
	for _, l := range h.links {
		links = append(links, l)
	}
	doors := h.doors
	h.doors = nil
	h.mu.Unlock()
	for _, d := range doors {
		d.shut()
	}
	for _, l := range links {
		l.told(gateway.Output{Sign: gateway.Closed, Why: ErrClosed.Error()})
	}
}
