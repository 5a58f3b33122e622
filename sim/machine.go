package sim

import "fmt"

// Machine is one computer: a process that may be up, down or paused, a disk that outlives it,
// and a clock.
type Machine struct {
	ID   NodeID
	Name string
	Kind string // "server" or "client", for traces and faults

	world       *World
	boot        func(*Machine) Program
	program     Program
	incarnation uint32 // counts boots and deaths: odd while the process lives
	power       power
	parked      []entry // what arrived while paused
	tellings    pool[telling]
	heard       Message // the last message that this life has received
	late        bool    // what is handled now arrived during a pause

	disk      Disk
	fsyncs    pool[fsync]
	fsyncSpan Time // how long every fsync takes since a fault said so; 0 = by chance
	fsyncFree Time // when the disk has done all fsyncs that were asked for

	clock     clock
	wall      Time // wall clock minus local clock
	deadline  Time // local
	wakeAt    Time // world time of the earliest wake in the queue
	wakeCause int64
}

// telling is a message from outside the world to a machine.
type telling struct {
	msg   Message
	cause int64
}

// Up reports whether the machine's process exists: it runs or is paused.
func (m *Machine) Up() bool { return m.power == running || m.power == paused }

// Paused reports whether the process is paused, as after SIGSTOP.
func (m *Machine) Paused() bool { return m.power == paused }

// Incarnation returns a number that grows whenever the process starts or ends.
func (m *Machine) Incarnation() uint32 { return m.incarnation }

// Program returns the program that runs now, or nil.
func (m *Machine) Program() Program { return m.program }

// Heard returns the last message that the process has received, or nil.
func (m *Machine) Heard() Message { return m.heard }

// Disk returns the machine's disk. Only the effects of the machine's program, and faults, change
// the disk.
func (m *Machine) Disk() *Disk { return &m.disk }

// World returns the world that the machine is part of.
func (m *Machine) World() *World { return m.world }

// Local returns the current time of the machine's own monotonic clock.
func (m *Machine) Local() Time { return m.clock.local(m.world.now) }

// What a machine needs from the world around it, besides the time and the records: entries that it
// handles later, faults that wait for its events, and a network for its program's messages.

// later puts an entry for this life of the process into the queue.
func (m *Machine) later(at Time, kind entryKind, ref uint32) {
	m.world.queue.push(entry{at: at, kind: kind, node: m.ID, inc: m.incarnation, ref: ref})
}

// happened tells the plan that an event has happened, so that faults that waited for it become due.
// msg may be nil.
func (m *Machine) happened(event Trigger, msg Message) {
	plan := &m.world.plan
	if !plan.waits(event) {
		return
	}
	arg := ""
	if msg != nil {
		arg = msg.Name()
	}
	plan.observe(m.world.now, m.Name, event, arg)
}

// handle carries out an entry of the queue that belongs to the machine. It returns false if there
// was nothing to do yet.
func (m *Machine) handle(e entry) bool {
	switch e.kind {
	case entryBoot:
		if !m.Up() {
			m.start()
		}
	case entryWake:
		if !m.wakes(e) {
			return false
		}
		m.wake()
	case entryTold:
		m.told(e)
	case entryFsynced:
		m.fsynced(e)
	case entryResume:
		if m.incarnation == e.inc {
			m.resume()
		}
	}
	return true
}

// start boots the machine from what its disk holds.
func (m *Machine) start() {
	w := m.world
	m.incarnation++
	m.power = running
	m.parked = m.parked[:0]
	m.heard = nil
	m.deadline, m.wakeAt, m.wakeCause = Never, Never, -1
	kind := KindBoot
	if m.incarnation > 1 {
		kind = KindRestart
	}
	w.Emit(kind, m.ID, uint64(m.incarnation))
	w.causeIsLast()
	m.program = m.boot(m)
	m.happened(TriggerBoot, nil)
	life := uint64(m.incarnation)
	if w.config.CountStarts {
		life = (life + 1) / 2
	}
	m.step(Event{Kind: Boot, Conn: ConnID(uint64(m.ID)<<44 | life<<24)})
}

// stop ends the process. If the machine has lost its power, its disk loses what no fsync has made
// durable, and its connections fall silent; otherwise the kernel resets them at once.
func (m *Machine) stop(powerLost bool) {
	w := m.world
	if w.OnCrash != nil {
		w.OnCrash(m, powerLost)
	}
	m.incarnation++
	m.power = dead
	if powerLost {
		m.power = off
	}
	m.program = nil
	m.wakeAt, m.deadline = Never, Never
	for _, e := range m.parked {
		m.discard(e)
	}
	m.parked = m.parked[:0]
	w.net.abandon(m.ID, powerLost)
	if powerLost {
		m.losePower()
	}
	m.happened(TriggerCrash, nil)
}

func (m *Machine) pause(span Time) {
	m.power = paused
	m.later(m.world.now+span, entryResume, 0)
}

// resume ends a pause. Entries that arrived during the pause are handled at once and in order,
// before any later entry.
func (m *Machine) resume() {
	if m.power != paused {
		return
	}
	m.power = running
	m.world.Emit(KindResume, m.ID, 0)
	parked := m.parked
	m.parked = nil
	incarnation := m.incarnation
	for _, e := range parked {
		if m.incarnation != incarnation {
			m.discard(e)
			continue
		}
		m.late = true
		m.world.handle(e)
	}
	m.late = false
	if m.incarnation == incarnation && m.Up() {
		m.rearm()
	}
}

// discard drops a parked entry whose process is gone.
func (m *Machine) discard(e entry) {
	switch e.kind {
	case entryTold:
		m.tellings.take(e.ref)
	case entryFsynced:
		m.fsyncs.take(e.ref)
	default:
		m.world.net.discard(e)
	}
}

// told hands a message from outside the world to the program.
func (m *Machine) told(e entry) {
	w := m.world
	if m.power == paused {
		m.parked = append(m.parked, e)
		return
	}
	from := m.tellings.take(e.ref)
	if !m.Up() {
		return
	}
	w.cause = from.cause
	if r := w.Emit(KindNote, m.ID, from.msg.Key()); r != nil {
		r.Message = from.msg
	}
	w.causeIsLast()
	m.step(Event{Kind: Told, Msg: from.msg})
}

// step hands one event to the program and carries out the program's effects. The world's cause is
// the record of that event.
func (m *Machine) step(e Event) {
	w, incarnation := m.world, m.incarnation
	local := m.clock.local(w.now)
	e.Wall, e.Late = local+m.wall, m.late && e.Kind != Boot
	w.effects = m.program.Step(local, e, w.effects[:0])
	for i := range w.effects {
		m.carryOut(&w.effects[i])
		if m.incarnation != incarnation {
			break // the program has ended itself
		}
	}
	if m.incarnation == incarnation && m.Up() {
		m.arm()
	}
	if w.AfterStep != nil {
		w.AfterStep(m)
	}
}

func (m *Machine) carryOut(e *Effect) {
	w := m.world
	switch e.Kind {
	case Dial:
		m.dial(e)
	case Send:
		if w.net.send(m.ID, e) {
			m.happened(TriggerSend, e.Msg)
		}
	case Close:
		w.net.closeEnd(m.ID, e.Conn)
	case Append:
		if !m.disk.append(e.File, e.Data, e.Fixed) {
			m.failFsync(e.Token)
		}
	case Truncate:
		if !m.disk.Truncate(e.File, e.N) {
			m.failMissing("truncates", e.File)
		}
	case Rename:
		if !m.disk.Rename(e.File, e.Name) {
			m.failMissing("renames", e.File)
		}
	case Remove:
		m.disk.Remove(e.File)
	case Fsync:
		m.fsync(e)
	case Exit:
		if r := w.Emit(KindCrash, m.ID, HashString(e.Name)); r != nil {
			r.Text = m.Name + " ends itself: " + e.Name
		}
		m.stop(false)
	default:
		w.Fail(fmt.Errorf("sim: %s emitted an effect of the unknown kind %d: use one of the kinds "+
			"that package sim defines", m.Name, e.Kind))
	}
}

func (m *Machine) dial(e *Effect) {
	w := m.world
	to := w.Machine(e.To)
	if to == nil {
		w.Fail(fmt.Errorf("sim: %s dials machine %d: no such machine: the machines are 1 to %d",
			m.Name, e.To, len(w.machines)))
		return
	}
	if err := w.net.dial(m.ID, e); err != nil {
		w.Fail(fmt.Errorf("sim: %s dials %s: %w", m.Name, to.Name, err))
	}
}
