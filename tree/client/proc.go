package client

import (
	"errors"
	"iter"
	"slices"
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// Proc is what a program sees of its client. Its methods block: they give the time back to the
// world, and return when it has brought the answer. They may be called by the program's own
// function only.
type Proc struct {
	c    *Client
	rand *sim.Rand

	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool

	waits *Watch   // without a limit
	lines []string // that it has stood in

	ready   func() bool // what it waits for; nil for the time alone
	wakeAt  sim.Time    // Never for no limit
	running bool
	done    bool
	stopped bool
}

// unwind is the panic that takes a stopped program out of wherever it waits.
type unwind struct{}

// maxResumes is how often programs may go on within one step before they are said to spin.
const maxResumes = 10_000

func newProc(c *Client, n int, program func(*Proc)) *Proc {
	p := &Proc{c: c, rand: c.config.Rand.Fork("program " + strconv.Itoa(n))}
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

// runPrograms lets every program go on that has what it waits for, until none has.
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
				c.assert(false, "a program goes on for ever without waiting for anything")
			}
		}
	}
}

func (p *Proc) runnable() bool {
	return !p.done && (p.c.now >= p.wakeAt || p.ready != nil && p.ready())
}

// halt ends the program where it stands.
func (p *Proc) halt() {
	p.stopped = true
	p.stop()
	p.done = true
}

// wait gives the time back until ready is true or the local clock shows until.
func (p *Proc) wait(until sim.Time, ready func() bool) {
	p.live()
	p.wakeAt, p.ready = until, ready
	if !p.yield(struct{}{}) {
		p.stopped = true
		panic(unwind{})
	}
}

// live takes a program that was stopped, and does something on its way out, further out.
func (p *Proc) live() {
	if p.stopped {
		panic(unwind{})
	}
}

// Client is the client that the program runs in.
func (p *Proc) Client() *Client { return p.c }

// Name is the client's name.
func (p *Proc) Name() string { return p.c.config.Name }

// Now is the local time.
func (p *Proc) Now() sim.Time { return p.c.now }

// Rand is the program's own stream of chance.
func (p *Proc) Rand() *sim.Rand { return p.rand }

// State is where the client stands with its session.
func (p *Proc) State() State { return p.c.state }

// Session is the session's id, 0 without one.
func (p *Proc) Session() int64 { return p.c.session }

// Believe says that the program thinks it leads, or no longer does. Nothing follows from it but
// that whoever looks on knows.
func (p *Proc) Believe(leads bool) {
	p.live()
	if p.c.believes != leads {
		p.c.believes = leads
		p.c.hooks.Believes(p.c, leads)
	}
}

// Move leaves the server for the next one in the list, session and all, as a client does that is told to
// balance the load (ZooKeeper.updateServerList). What the client had under way has an unknown fate.
func (p *Proc) Move() {
	p.live()
	if p.c.link == linkUp {
		p.c.hangUp()
	}
}

// Hold says the same, and by which ephemeral node of its own the program thinks so.
func (p *Proc) Hold(node string) {
	p.c.office = node
	p.Believe(true)
}

// Use writes to a resource outside of the ensemble, which is shown a fencing token, and returns
// whether that was taken. Nothing is waited for.
func (p *Proc) Use(resource string, token int64) bool {
	p.live()
	return p.c.hooks.Uses(p.c, resource, token)
}

// Sleep waits for d.
func (p *Proc) Sleep(d sim.Time) { p.Until(d, func() bool { return false }) }

// Until waits until cond is true, which is asked after every event of the client, or for d at
// most (sim.Never for ever). It returns whether cond is true. cond must not block.
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

// WaitConnected waits for a server. It is false if there will be none: the session is over.
func (p *Proc) WaitConnected() bool {
	p.Until(sim.Never, func() bool { return p.c.state == Connected || p.c.state.Final() })
	return p.c.state == Connected
}

// ErrSessionOver says that what was waited for will never come, because the session has ended: a
// watch will not fire, a lock will not be got, what was held is held no more.
var ErrSessionOver = errors.New("the session is over: nobody will be notified")

// Wait waits for the event. The connection may come and go meanwhile.
func (w *Watch) Wait() (tree.WatchEvent, error) {
	w.WaitFor(sim.Never)
	if !w.fired {
		return tree.WatchEvent{}, ErrSessionOver
	}
	return w.Event, nil
}

// WaitFor waits for the event, or for d. It returns whether the watch has fired.
func (w *Watch) WaitFor(d sim.Time) bool {
	if d == sim.Never {
		w.proc.waits = w
	}
	w.proc.Until(d, func() bool { return w.fired || w.ended })
	w.proc.waits = nil
	return w.fired
}

// Waiting appends the nodes that programs wait for without a limit: on a watch that has not fired.
func (c *Client) Waiting(paths []string) []string {
	for _, p := range c.procs {
		if w := p.waits; w != nil && !p.done && !w.fired && !w.ended {
			paths = append(paths, w.Path)
		}
	}
	return paths
}

// Queuing is how many of the client's programs have ever stood in the line below path.
func (c *Client) Queuing(path string) (n int) {
	for _, p := range c.procs {
		if slices.Contains(p.lines, path) {
			n++
		}
	}
	return n
}

// Office is the node by which a program came last to think that it leads, if it said so.
func (c *Client) Office() string { return c.office }
