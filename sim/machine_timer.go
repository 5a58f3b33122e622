package sim

// arm makes the machine wake at its deadline. A wake that is due earlier stays in the queue and
// does nothing when it comes: moving a deadline to a later time costs nothing.
func (m *Machine) arm() {
	d := m.program.Deadline()
	if d == m.deadline && m.wakeAt != Never {
		return
	}
	if d != m.deadline {
		m.deadline, m.wakeCause = d, m.world.cause
	}
	if d == Never {
		return
	}
	if at := max(m.clock.world(d), m.world.now); at < m.wakeAt {
		m.wakeNoLaterThan(at)
	}
}

func (m *Machine) wakeNoLaterThan(at Time) {
	m.wakeAt = at
	m.later(at, entryWake, 0)
}

// wakes reports whether a wake is for this process and the process's deadline has passed.
func (m *Machine) wakes(e entry) bool {
	if e.inc != m.incarnation || !m.Up() || e.at != m.wakeAt {
		return false
	}
	m.wakeAt = Never
	if m.power == paused || m.deadline == Never {
		return false // resume arms it again
	}
	if at := m.clock.world(m.deadline); at > m.world.now {
		m.wakeNoLaterThan(at)
		return false
	}
	return true
}

// wake tells the program that its deadline has passed.
func (m *Machine) wake() {
	w := m.world
	w.cause = m.wakeCause
	w.Emit(KindTimerFire, m.ID, 0)
	w.causeIsLast()
	m.deadline = Never
	m.step(Event{Kind: Wake})
}

// rearm plans a wake after a pause or a change of the clock.
func (m *Machine) rearm() {
	m.wakeAt = Never
	if m.Up() && m.deadline != Never {
		m.wakeNoLaterThan(max(m.clock.world(m.deadline), m.world.now))
	}
}

// setRate sets the rate of the local clock from now on, in thousandths.
func (m *Machine) setRate(num int64) {
	now := m.world.now
	m.clock = clock{base: m.clock.local(now), baseWorld: now, num: num}
	m.rearm()
}
