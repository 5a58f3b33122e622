package sim

// Machine is one computer: a process that may be up, down or paused, a disk that outlives it,
// and a clock of its own.
type Machine struct {
	ID   NodeID
	Name string
	Kind string // "server" or "client", for traces and faults

	world       *World
	boot        func(*Machine) Program
	program     Program
	disk        *Disk
	incarnation uint32 // counts boots and deaths: odd while the process lives
	up          bool
	off         bool // lost its power: not even resets come back from it
	paused      bool
	deferred    []entry // what arrived while paused
	conns       []*conn
	links       []link // by destination

	clock     clock
	wall      Time // wall clock minus local clock
	deadline  Time // local
	wakeAt    Time // world time of the earliest wake in the queue
	wakeCause int64
}

// Up is true while the machine's process lives, paused or not.
func (m *Machine) Up() bool { return m.up }

// Paused is true while the process is stopped, as by SIGSTOP.
func (m *Machine) Paused() bool { return m.paused }

// Incarnation tells one life of the process from the next.
func (m *Machine) Incarnation() uint32 { return m.incarnation }

// Program is what runs now, or nil.
func (m *Machine) Program() Program { return m.program }

// Disk is the machine's disk.
func (m *Machine) Disk() *Disk { return m.disk }

// World is the world that the machine stands in.
func (m *Machine) World() *World { return m.world }

// Local is what the machine's own monotonic clock shows now.
func (m *Machine) Local() Time { return m.clock.local(m.world.now) }

// clock is a local clock that runs num/1000 as fast as the world's since base.
type clock struct {
	base, baseWorld Time
	num             int64
}

func (c *clock) local(world Time) Time {
	if c.num == 1000 {
		return c.base + world - c.baseWorld
	}
	return c.base + scale(world-c.baseWorld, c.num, 1000)
}

// world is the first moment at which the local clock shows at least local.
func (c *clock) world(local Time) Time {
	if local == Never {
		return Never
	}
	if c.num == 1000 {
		return c.baseWorld + local - c.base
	}
	d := local - c.base
	at := scale(d, 1000, c.num)
	for scale(at, c.num, 1000) < d {
		at++
	}
	return c.baseWorld + at
}

// scale is t*num/den without overflow for times up to a few thousand years.
func scale(t Time, num, den int64) Time {
	whole, rest := int64(t)/den, int64(t)%den
	return Time(whole*num + rest*num/den)
}

func (w *World) boot(m *Machine) {
	m.incarnation++
	m.up, m.off, m.paused = true, false, false
	m.deferred = m.deferred[:0]
	m.deadline, m.wakeAt, m.wakeCause = Never, Never, -1
	kind := KindBoot
	if m.incarnation > 1 {
		kind = KindRestart
	}
	w.Emit(kind, m.ID, uint64(m.incarnation))
	w.cause = w.index - 1
	m.program = m.boot(m)
	w.happened(m, "boots", "")
	w.step(m, Event{Kind: Boot, Conn: ConnID(uint64(m.ID)<<44 | uint64(m.incarnation)<<24)})
}

// down ends the process of m. With power the disk loses what was not synced, and nobody is told;
// without, the kernel resets its connections at once.
func (w *World) down(m *Machine, power bool) {
	if w.OnCrash != nil {
		w.OnCrash(m, power)
	}
	m.incarnation++
	m.up, m.paused, m.off = false, false, power
	m.program = nil
	m.wakeAt, m.deadline = Never, Never
	for _, e := range m.deferred {
		w.release(e.ref)
	}
	m.deferred = m.deferred[:0]
	conns := m.conns
	m.conns = nil
	for _, c := range conns {
		if end := c.endOf(m.ID); end >= 0 && c.ends[end].open {
			c.ends[end].open = false
			if power {
				w.unsend(c, end)
			} else {
				w.fly(c, end, flight{kind: flightReset})
			}
		}
		w.forget(c)
	}
	if power {
		m.disk.powerLoss()
	}
	w.happened(m, "crashes", "")
}

func (w *World) pause(m *Machine, span Time) {
	m.paused = true
	w.queue.push(entry{at: w.now + span, kind: entryResume, node: m.ID, inc: m.incarnation})
}

// resume lets m go on. What arrived meanwhile is handled at once and in order, before anything
// that arrives later.
func (w *World) resume(m *Machine) {
	if !m.paused {
		return
	}
	m.paused = false
	w.Emit(KindResume, m.ID, 0)
	deferred := m.deferred
	m.deferred = nil
	incarnation := m.incarnation
	for _, e := range deferred {
		if m.incarnation != incarnation {
			w.release(e.ref)
			continue
		}
		w.handle(e)
	}
	if m.incarnation == incarnation && m.up {
		w.rearm(m)
	}
}

// rearm puts a wake into the queue after a pause or a change of the clock.
func (w *World) rearm(m *Machine) {
	m.wakeAt = Never
	if m.up && m.deadline != Never {
		m.wakeAt = max(m.clock.world(m.deadline), w.now)
		w.queue.push(entry{at: m.wakeAt, kind: entryWake, node: m.ID, inc: m.incarnation})
	}
}

func (w *World) setRate(m *Machine, num int64) {
	m.clock = clock{base: m.clock.local(w.now), baseWorld: w.now, num: num}
	w.rearm(m)
}
