package sim

import (
	"fmt"
	"math"
)

// Span is a range of times, both ends included.
type Span struct{ Min, Max Time }

// Config is the configuration of a world, except its machines.
type Config struct {
	Seed    uint64
	Latency Span // one way between two machines; zero means 1ms..5ms
	Fsync   Span // of one file or directory; zero means 500us..3ms
	// Bandwidth limits each direction of each link: a message arrives its latency after its last
	// byte has left, and waits for the messages before it. DiskBandwidth limits each disk: an fsync
	// takes longer, by the time that it needs for the bytes appended since the file's last fsync.
	// Zero is unlimited.
	Bandwidth, DiskBandwidth Bandwidth
	// Lenient makes a fault that is impossible now (restart of a running server) leave a note,
	// instead of ending the run with an error. Fuzzed plans need this.
	Lenient bool
	// IgnoreMissing lets a program truncate, rename or fsync a file that does not exist, without
	// any effect. Otherwise this ends the run, because the program is wrong about its own disk.
	IgnoreMissing bool
	// Writeback makes disks order as little as a real file system may: see [Disk.LosePower].
	Writeback bool
	// SlowFailures makes a failed fsync take as long as any other. Otherwise it fails at once.
	SlowFailures bool
	// CountStarts makes the ConnID of a Boot event count the starts of the machine's process: 1, 2, 3
	// and so on, as on a real machine (package host). Otherwise it counts the ends of processes, too.
	CountStarts bool
	// Resample changes what links and disks choose at random from some step on.
	Resample Resample
}

// Resample changes some of a run's random choices from one step on. After the step whose number is
// Step, a second seed decides the network's latencies, the durations of fsyncs, and the data that
// survives a loss of power. Up to that step, the run is the same as without Resample. Messages
// already on their way at that step keep their latencies, and the streams of [World.Rand] do not
// change. The zero value changes nothing.
type Resample struct {
	Step int64 // right after the event that makes the record with this Index; from 1; 0 is never
	Seed uint64
}

// Sized reports whether links or disks have a limited bandwidth, so that a message's or a write's
// size affects its duration.
func (c Config) Sized() bool { return c.Bandwidth != 0 || c.DiskBandwidth != 0 }

// maxAtOneInstant is the number of events at one µs after which the run counts as stuck.
const maxAtOneInstant = 10_000

// World contains machines, the network between them, the faults that have not happened yet, and the
// virtual time. It keeps what will happen in a queue, and takes out one entry after another in the
// order of time. It hands the entry to a machine or to the network, or carries out a fault. Use a
// world from one goroutine at a time; two worlds share nothing.
type World struct {
	timeline // its fields, for the parts of the world; it publishes nothing
	config   Config
	machines []*Machine
	net      network
	plan     schedule
	effects  []Effect // of the step that is carried out: one buffer for all

	resample int64 // the record after which the seed of both changes

	atInstant int
	err       error
	stats     Stats

	// AfterStep, if set, is called after every step of a program: the place for an audit.
	AfterStep func(*Machine)
	// OnFault, if set, is called with every fault, before the world checks that it makes sense.
	OnFault func(Fault)
	// OnForeign, if set, carries out the fault expire, which sim can only read and print. The error
	// says why the fault is impossible now.
	OnForeign func(Fault) error
	// OnDurable, if set, is called when an fsync has made a file ("" is the directory) durable,
	// before the program learns of it, so that an audit can read the disk.
	OnDurable func(m *Machine, file string)
	// OnCrash, if set, is called when a machine has gone down, before its disk loses anything.
	OnCrash func(m *Machine, power bool)
}

// Stats counts what a world did.
type Stats struct {
	Events   uint64 // queue entries handled, without wakes that came too early
	Messages uint64 // sent on connections
	Bytes    uint64
	Fsyncs   uint64 // completed
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
	w := &World{config: c, resample: math.MaxInt64}
	if c.Resample.Step > 0 {
		w.resample = c.Resample.Step
	}
	w.cause, w.fingerprint = -1, Mix(c.Seed)
	w.net = newNetwork(&w.timeline, w, c.Seed, c.Latency, c.Bandwidth)
	return w
}

// Now returns the current moment.
func (w *World) Now() Time { return w.now }

// Idle reports whether no event is left.
func (w *World) Idle() bool { return w.queue.len() == 0 }

// NextAt returns the moment of the next event, or Never.
func (w *World) NextAt() Time { return w.nextAt() }

// Config returns the configuration that the world was made with.
func (w *World) Config() Config { return w.config }

// Err returns the reason why the run ended early, or nil.
func (w *World) Err() error { return w.err }

// Stats returns the counts so far.
func (w *World) Stats() Stats {
	s := w.stats
	s.Messages, s.Bytes = w.net.messages, w.net.bytes
	return s
}

// Rand returns a stream of random numbers that depends only on the name and the world's seed.
func (w *World) Rand(name string) *Rand { return NewRand(w.config.Seed).Fork(name) }

// Fail ends the run with err. Only the first call has an effect.
func (w *World) Fail(err error) {
	if w.err == nil && err != nil {
		w.err = err
	}
}

// Add puts a machine into the world. The function boot creates its program at every start of the
// machine, from the disk's content at that moment. The machine is off until Start.
func (w *World) Add(name, kind string, boot func(*Machine) Program) *Machine {
	m := &Machine{
		ID: NodeID(len(w.machines) + 1), Name: name, Kind: kind, world: w, boot: boot,
		wakeAt: Never, deadline: Never, wakeCause: -1,
		clock: clock{num: 1000},
	}
	w.machines = append(w.machines, m)
	w.net.join()
	return m
}

// Machines returns all machines in the order of their IDs. The caller must not change the slice.
func (w *World) Machines() []*Machine { return w.machines }

// Machine returns the machine with the given ID, or nil if there is no such machine.
func (w *World) Machine(id NodeID) *Machine {
	if id < 1 || int(id) > len(w.machines) {
		return nil
	}
	return w.machines[id-1]
}

// Find returns the machine with the given name, or nil if there is no such machine.
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

// Tell delivers a message from outside the world to machine m. The message arrives now.
func (w *World) Tell(m *Machine, msg Message) { w.TellAt(w.now, m, msg) }

// TellAt delivers a message from outside the world to machine m. The message arrives at the time
// at, or now if that time has passed.
func (w *World) TellAt(at Time, m *Machine, msg Message) {
	ref := m.tellings.put(telling{msg: msg, cause: w.cause})
	w.queue.push(entry{at: max(at, w.now), kind: entryTold, node: m.ID, ref: ref})
}

// Next handles the next event if it is due no later than limit. Otherwise Next advances the time to
// limit. Next returns false if it handled no event or if the run has failed.
func (w *World) Next(limit Time) bool {
	if w.err != nil {
		return false
	}
	if w.Idle() || w.nextAt() > limit {
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
		w.Fail(fmt.Errorf("sim: %d events at one instant, t=%s: programs answer events with new "+
			"events for ever, and time does not advance: let a program wait with a timer that "+
			"ends later than now",
			w.atInstant, w.now.Seconds()))
		return false
	}
	w.handle(e)
	w.cause = -1 // what is emitted between two events follows from neither
	return w.err == nil
}

// Run advances the world to the time given by limit, or until stop returns true after an event;
// stop may be nil. It returns false if the run failed. A program's failed assertion becomes the
// world's error.
func (w *World) Run(limit Time, stop func() bool) (ok bool) {
	defer w.catch()
	for w.Next(limit) {
		if stop != nil && stop() {
			break
		}
	}
	return w.err == nil
}

// AssertionError is the value with which a program panics when one of its assertions fails.
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

// power, deliver and park make the world the hosts of its network.

func (w *World) power(id NodeID) power { return w.machines[id-1].power }

// deliver hands an event to the process of a machine, and carries out the faults that waited for
// it.
func (w *World) deliver(id NodeID, e Event) {
	m := w.machines[id-1]
	incarnation := m.incarnation
	if e.Kind == Received {
		m.heard = e.Msg
	}
	m.step(e)
	if e.Kind == Received && m.incarnation == incarnation {
		m.happened(TriggerReceive, e.Msg)
	}
	w.fireDue()
}

func (w *World) park(id NodeID, e entry) {
	m := w.machines[id-1]
	m.parked = append(m.parked, e)
}

// handle hands an entry of the queue to the part of the world that it belongs to.
func (w *World) handle(e entry) {
	w.cause = -1
	switch e.kind {
	case entryArrive, entryFlush, entryDial, entryDialed:
		w.net.handle(e)
	case entryFault:
		w.fire(w.plan.timed.take(e.ref))
	default:
		if !w.machines[e.node-1].handle(e) {
			return
		}
	}
	w.stats.Events++
	if w.index > w.resample {
		w.resample = math.MaxInt64
		w.net.seed = w.config.Resample.Seed
	}
	if w.plan.step != 0 && w.index > w.plan.step {
		w.plan.reach(w.index)
	}
	w.fireDue()
}
