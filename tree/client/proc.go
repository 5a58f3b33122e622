package client

import (
	"errors"
	"iter"
	"slices"
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Proc is what a program uses to talk to its client. A method that waits suspends the program, and
// returns when the answer or the event has come. Only the program's own function may call the
// methods.
type Proc struct {
	c    *Client
	id   int // its number in the client, from 0
	rand *sim.Rand

	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool

	waits *Watch   // the watch that the program waits for without a limit
	lines []string // the lines in which the program has ever waited
	said  Mark     // the last mark
	held  []string // the nodes by which it holds offices
	told  told     // what it has said of its declared office

	ready  func() bool // what the program waits for; nil if only for wakeAt
	wakeAt sim.Time    // when the wait ends; Never for no limit
	call   *Call       // that Await waits for

	// What most waits wait for, made once.
	answered, connected func() bool

	running bool
	done    bool
	stopped bool
}

// unwind is the panic that ends a stopped program where it waits.
type unwind struct{}

// maxResumes is how often a client may resume programs within one step. Beyond that a program is
// taken to be in an endless loop.
const maxResumes = 10_000

func newProc(c *Client, n int, program func(*Proc)) *Proc {
	p := &Proc{c: c, id: n, rand: c.config.Rand.Fork("program " + strconv.Itoa(n))}
	p.answered = func() bool { return p.call.Outcome != Pending }
	p.connected = func() bool { return c.state == Connected || c.state.Final() }
	p.next, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		defer func() {
			p.done = true
			if r := recover(); r != nil && !p.stopped {
				panic(r)
			}
		}()
		program(p)
	})
	return p
}

// runPrograms resumes every program whose wait is over, until all wait.
func (c *Client) runPrograms() {
	resumes := 0
	for again := len(c.procs) > 0; again; {
		again = false
		for _, p := range c.procs {
			if !p.runnable() {
				continue
			}
			again = true
			p.running = true
			_, more := p.next()
			p.running = false
			p.done = p.done || !more
			if resumes++; resumes > maxResumes {
				c.fail("the client's programs have run %d times within one event: a program waits "+
					"again and again for a condition that already holds, or for a time that has "+
					"already come: wait for something that happens later", maxResumes)
			}
		}
	}
}

func (p *Proc) runnable() bool {
	return !p.done && (p.c.now >= p.wakeAt || p.ready != nil && p.ready())
}

// halt ends a program that waits.
func (p *Proc) halt() {
	p.stopped = true
	p.stop()
	p.done = true
}

// wait suspends the program until the function ready returns true or the local clock shows the time
// until.
func (p *Proc) wait(until sim.Time, ready func() bool) {
	p.live()
	p.wakeAt, p.ready = until, ready
	if !p.yield(struct{}{}) {
		p.stopped = true
		panic(unwind{})
	}
}

// live panics with unwind if the program is stopped: a deferred function of it may still call a
// method.
func (p *Proc) live() {
	if p.stopped {
		panic(unwind{})
	}
}

// Client returns the client that the program runs in.
func (p *Proc) Client() *Client { return p.c }

// Name returns the client's name.
func (p *Proc) Name() string { return p.c.config.Name }

// Now returns the local time.
func (p *Proc) Now() sim.Time { return p.c.now }

// Rand returns the program's own random stream.
func (p *Proc) Rand() *sim.Rand { return p.rand }

// State returns the state of the client's session.
func (p *Proc) State() State { return p.c.state }

// Session returns the session's id; 0 if there is no session.
func (p *Proc) Session() int64 { return p.c.session }

// believe records whether the program believes that it leads. Only observers use this.
func (p *Proc) believe(leads bool) {
	p.live()
	if p.c.believes != leads {
		p.c.believes = leads
		p.c.hooks.Believes(p.c, leads)
	}
}

// Move closes the connection, and the client takes its session to the next server in the list, as a
// client does to balance load (ZooKeeper.updateServerList). Operations that were sent and not
// answered end as after a lost connection: a write with the outcome Unknown, a read with Failed.
func (p *Proc) Move() {
	p.live()
	if p.c.link == linkUp {
		p.c.moving = true
		p.c.hangUp()
		p.c.moving = false
	}
}

// leads records that the program believes it leads, and that the reason is its own ephemeral node.
func (p *Proc) leads(node string) {
	p.c.office = node
	p.believe(true)
}

// Use simulates a write to a resource outside the ensemble, with a fencing token. It returns
// whether the resource accepted the token. It does not block.
func (p *Proc) Use(resource string, token int64) bool {
	return p.UseAs(Use{Resource: resource, Token: token})
}

// UseAs is like [Proc.Use], but its argument also says how the resource checks fencing tokens. Some
// of these ways are deliberately wrong: see [Check].
func (p *Proc) UseAs(u Use) bool {
	p.live()
	return p.c.hooks.Uses(p.c, u)
}

// Sleep waits for d.
func (p *Proc) Sleep(d sim.Time) { p.Until(d, func() bool { return false }) }

// Until waits until cond returns true, but no longer than d (sim.Never for no limit). It returns
// whether cond returned true. The client calls cond after every event, so cond must not block.
func (p *Proc) Until(d sim.Time, cond func() bool) bool {
	p.live()
	if cond() {
		return true
	}
	until := sim.Never
	if d < sim.Never-p.c.now {
		until = p.c.now + d
	}
	p.wait(until, cond)
	return cond()
}

// WaitConnected waits until the client is connected. It returns false if the session is over.
func (p *Proc) WaitConnected() bool {
	p.Until(sim.Never, p.connected)
	return p.c.state == Connected
}

// ErrSessionOver means that the session has ended: its watches no longer fire, a lock for which a
// program waits is not acquired, and locks that the session held are lost. Methods such as
// [Watch.Wait], [Lock.Acquire] and [Queue.Take] return ErrSessionOver.
var ErrSessionOver = errors.New("the session is over: open a new session")

// Wait waits until the watch fires, even if the client has to reconnect meanwhile, and returns the
// event. It fails with [ErrSessionOver] if the watch can no longer fire.
func (w *Watch) Wait() (tree.WatchEvent, error) {
	w.WaitFor(sim.Never)
	if !w.fired {
		return tree.WatchEvent{}, ErrSessionOver
	}
	return w.Event, nil
}

// WaitFor waits until the watch fires, but no longer than the time d. It returns whether the watch
// has fired.
func (w *Watch) WaitFor(d sim.Time) bool {
	if d == sim.Never {
		w.proc.waits = w
	}
	w.proc.Until(d, func() bool { return w.fired || w.ended })
	w.proc.waits = nil
	return w.fired
}

// Queuing returns how many of the client's programs have waited at least once in the waiting line
// of sequential nodes below path. A program that no longer waits is counted, too.
func (c *Client) Queuing(path string) (n int) {
	for _, p := range c.procs {
		if slices.Contains(p.lines, path) {
			n++
		}
	}
	return n
}

// Office returns the path of the ephemeral node that was named when a program of the client last
// said that it leads, for example by [Proc.Hold]. It returns "" if no node was named, or if no
// program has ever said so.
func (c *Client) Office() string { return c.office }
