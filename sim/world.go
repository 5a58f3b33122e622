package sim

import "fmt"

// Span is a range of times from which draws are made, both ends included.
type Span struct{ Min, Max Time }

// Config is what a world is made of besides its machines.
type Config struct {
	Seed    uint64
	Latency Span // one way between two machines; zero means 1ms..5ms
	Fsync   Span // of one sync of a file or a directory; zero means 500us..3ms
	// Lenient turns a fault that makes no sense now (restart of a running server) from an
	// error that ends the run into a recorded no-op. Fuzzed plans want that.
	Lenient bool
}

// maxAtOneInstant is how many events at one µs mean that the run is stuck.
const maxAtOneInstant = 10_000

// World is a set of machines, the network between them and the time they share. It is not safe
// for use from two goroutines, and two worlds share nothing.
type World struct {
	config   Config
	now      Time
	queue    queue
	machines []*Machine
	conns    map[ConnID]*conn
	flights  []flight
	free     []uint32
	effects  []Effect

	armed []armedFault // waiting for an event
	due   []Fault      // triggered in this step, applied when it ends

	index       int64 // of the next record
	cause       int64 // of what is being handled; -1 for nothing
	fingerprint uint64
	messages    uint64
	records     []Record
	recording   bool

	atInstant int
	err       error

	stats Stats

	// AfterStep, if set, is called after every step of a program: the place for an audit.
	AfterStep func(*Machine)
	// OnFault, if set, carries out the verbs that sim does not know.
	OnFault func(Fault) error
	// OnApply, if set, is told of every fault before it is carried out, or found to make no sense.
	OnApply func(Fault)
	// OnDurable, if set, is told when a sync has made a file ("" is the directory) durable,
	// before the program is: what an audit believes comes from the disk.
	OnDurable func(m *Machine, file string)
	// OnCrash, if set, is told of a machine that went down before its disk loses anything.
	OnCrash func(m *Machine, power bool)
}

// Stats counts what a world did.
type Stats struct {
	Events   uint64 // queue entries handled that concerned a program or a fault
	Messages uint64 // sent on connections
	Bytes    uint64
	Syncs    uint64 // completed
	Faults   uint64 // that took effect
}

// NewWorld returns an empty world at time 0.
func NewWorld(c Config) *World {
	if c.Latency == (Span{}) {
		c.Latency = Span{1 * Millisecond, 5 * Millisecond}
	}
	if c.Fsync == (Span{}) {
		c.Fsync = Span{500 * Microsecond, 3 * Millisecond}
	}
	return &World{
		config:      c,
		conns:       make(map[ConnID]*conn),
		cause:       -1,
		fingerprint: Mix(c.Seed),
	}
}

// Now is the current moment.
func (w *World) Now() Time { return w.now }

// Config is what the world was made with.
func (w *World) Config() Config { return w.config }

// Err is why the run ended before its time, or nil.
func (w *World) Err() error { return w.err }

// Stats is what has been done so far.
func (w *World) Stats() Stats { return w.stats }

// Fingerprint is the running hash over every event so far. Equal runs have equal fingerprints
// on every host, whether or not they are recorded.
func (w *World) Fingerprint() uint64 { return w.fingerprint }

// Rand forks a stream of chance by name, of the world's seed alone.
func (w *World) Rand(name string) *Rand { return NewRand(w.config.Seed).Fork(name) }

// Fail ends the run with err, the first time it is called.
func (w *World) Fail(err error) {
	if w.err == nil && err != nil {
		w.err = err
	}
}

// Add puts a machine into the world. boot makes its program whenever the machine starts, from
// what its disk holds at that moment. The machine is off until Start.
func (w *World) Add(name, kind string, boot func(*Machine) Program) *Machine {
	m := &Machine{
		ID: NodeID(len(w.machines) + 1), Name: name, Kind: kind, world: w, boot: boot,
		wakeAt: Never, deadline: Never, wakeCause: -1,
		clock: clock{num: 1000},
	}
	m.disk = newDisk(m)
	w.machines = append(w.machines, m)
	return m
}

// Machines are all machines in the order of their IDs. The slice is the world's own.
func (w *World) Machines() []*Machine { return w.machines }

// Machine returns the machine with that ID, or nil.
func (w *World) Machine(id NodeID) *Machine {
	if id < 1 || int(id) > len(w.machines) {
		return nil
	}
	return w.machines[id-1]
}

// Find returns the machine with that name, or nil.
func (w *World) Find(name string) *Machine {
	for _, m := range w.machines {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// Start boots m now.
func (w *World) Start(m *Machine) {
	w.queue.push(entry{at: w.now, kind: entryBoot, node: m.ID})
}

// Tell hands m a word from outside, as an event of its own at this moment.
func (w *World) Tell(m *Machine, msg Message) { w.TellAt(w.now, m, msg) }

// TellAt hands m a word from outside at a later moment.
func (w *World) TellAt(at Time, m *Machine, msg Message) {
	ref := w.newFlight(flight{msg: msg, sent: w.cause})
	w.queue.push(entry{at: max(at, w.now), kind: entryTold, node: m.ID, ref: ref})
}

// Idle is true when nothing is left to happen.
func (w *World) Idle() bool { return w.queue.len() == 0 }

// NextAt is the moment of the next event, or Never.
func (w *World) NextAt() Time {
	if w.queue.len() == 0 {
		return Never
	}
	return w.queue.heap[0].at
}

// Next handles the next event, if it is due by limit. It returns false when there is none, or
// when the run has failed; when nothing is due the clock moves to limit.
func (w *World) Next(limit Time) bool {
	if w.err != nil {
		return false
	}
	if w.queue.len() == 0 || w.queue.heap[0].at > limit {
		if limit != Never && limit > w.now {
			w.now, w.atInstant = limit, 0
		}
		return false
	}
	e := w.queue.pop()
	if e.at > w.now {
		w.now, w.atInstant = e.at, 0
	}
	if w.atInstant++; w.atInstant >= maxAtOneInstant {
		w.Fail(fmt.Errorf("sim: %d events at one instant, t=%s: something answers itself for ever",
			w.atInstant, w.now.Seconds()))
		return false
	}
	w.handle(e)
	w.cause = -1 // what somebody says between two events follows from neither
	return w.err == nil
}

// Run lets the world go on until limit, or until stop (if given) is true after an event. It
// returns false when the run failed. A program's failed assertion becomes the world's error.
func (w *World) Run(limit Time, stop func() bool) (ok bool) {
	defer w.catch()
	for w.Next(limit) {
		if stop != nil && stop() {
			break
		}
	}
	return w.err == nil
}

// AssertionError is the value that a program panics with when it finds itself impossible.
type AssertionError struct{ Text string }

func (e *AssertionError) Error() string { return e.Text }

// catch turns a failed assertion into the error that ends the run.
func (w *World) catch() {
	switch r := recover().(type) {
	case nil:
	case *AssertionError:
		w.Fail(fmt.Errorf("assertion failed at step %d, t=%s: %w", w.index, w.now.Seconds(), r))
	default:
		panic(r)
	}
}

func (w *World) handle(e entry) {
	w.cause = -1
	m := w.Machine(e.node)
	switch e.kind {
	case entryWake:
		w.wake(m, e)
		return
	case entryArrive:
		w.arrive(e)
	case entryFlush:
		w.flush(e.ref)
	case entryDial:
		w.dialArrives(e.ref)
	case entryDialed:
		w.dialed(m, e)
	case entrySynced:
		w.synced(m, e)
	case entryFault:
		f := *w.flights[e.ref].fault
		w.release(e.ref)
		w.apply(f)
	case entryResume:
		if m.incarnation == e.inc {
			w.resume(m)
		}
	case entryTold:
		w.told(m, e)
	case entryBoot:
		if !m.up {
			w.boot(m)
		}
	}
	w.stats.Events++
	w.applyDue()
}

func (w *World) told(m *Machine, e entry) {
	if !m.up {
		w.release(e.ref)
		return
	}
	if m.paused {
		m.deferred = append(m.deferred, e)
		return
	}
	f := w.flights[e.ref]
	w.release(e.ref)
	w.cause = f.sent
	if r := w.Emit(KindNote, m.ID, f.msg.Key()); r != nil {
		r.Message = f.msg
	}
	w.cause = w.index - 1
	w.step(m, Event{Kind: Told, Msg: f.msg})
}

// step hands one event to a program and carries out what it wants. w.cause is the index of the
// record of that event.
func (w *World) step(m *Machine, e Event) {
	incarnation := m.incarnation
	local := m.clock.local(w.now)
	e.Wall = local + m.wall
	w.effects = m.program.Step(local, e, w.effects[:0])
	for i := range w.effects {
		w.carryOut(m, &w.effects[i])
		if m.incarnation != incarnation {
			break // the program ended itself
		}
	}
	if m.incarnation == incarnation && m.up {
		w.arm(m)
	}
	if w.AfterStep != nil {
		w.AfterStep(m)
	}
}

// arm sees to it that m is woken at its deadline. A wake that is due earlier stays in the queue
// and finds out for itself: moving a deadline away costs nothing.
func (w *World) arm(m *Machine) {
	d := m.program.Deadline()
	if d == m.deadline && m.wakeAt != Never {
		return
	}
	if d != m.deadline {
		m.deadline, m.wakeCause = d, w.cause
	}
	if d == Never {
		return
	}
	if at := max(m.clock.world(d), w.now); at < m.wakeAt {
		m.wakeAt = at
		w.queue.push(entry{at: at, kind: entryWake, node: m.ID, inc: m.incarnation})
	}
}

func (w *World) wake(m *Machine, e entry) {
	if e.inc != m.incarnation || !m.up || e.at != m.wakeAt {
		return
	}
	m.wakeAt = Never
	if m.paused {
		return // resume arms it again
	}
	if m.deadline == Never {
		return
	}
	if at := m.clock.world(m.deadline); at > w.now {
		m.wakeAt = at
		w.queue.push(entry{at: at, kind: entryWake, node: m.ID, inc: m.incarnation})
		return
	}
	w.stats.Events++
	w.cause = m.wakeCause
	w.Emit(KindTimerFire, m.ID, 0)
	w.cause = w.index - 1
	m.deadline = Never
	w.step(m, Event{Kind: Wake})
	w.applyDue()
}

func (w *World) carryOut(m *Machine, e *Effect) {
	switch e.Kind {
	case Dial:
		w.dial(m, e)
	case Send:
		w.send(m, e)
	case Close:
		w.closeEnd(m, e.Conn)
	case Append, Truncate, Rename, Remove, Sync:
		m.disk.do(e)
	case Exit:
		if r := w.Emit(KindCrash, m.ID, HashString(e.Name)); r != nil {
			r.Text = m.Name + " ends itself: " + e.Name
		}
		w.down(m, false)
	default:
		w.Fail(fmt.Errorf("sim: %s wants effect %d: no such effect", m.Name, e.Kind))
	}
}
