package sim

import (
	"fmt"
	"strings"
)

// Schedule puts a plan into the world. A fault with a time happens at that time (or now, if the
// time has passed); a fault with an event happens at that event. If a fault names an unknown
// machine, Schedule returns an error and schedules nothing.
func (w *World) Schedule(p Plan) error {
	for _, f := range p {
		if err := w.Check(f); err != nil {
			return err
		}
	}
	for _, f := range p {
		if f.When.Trigger != 0 {
			w.plan.arm(f)
			continue
		}
		ref := w.plan.timed.put(f)
		w.queue.push(entry{at: max(f.When.At, w.now), kind: entryFault, ref: ref})
	}
	return nil
}

// Check returns an error if f names an unknown machine.
func (w *World) Check(f Fault) error {
	names := append([]string(nil), f.Who...)
	for _, g := range f.Groups {
		names = append(names, g...)
	}
	if f.When.Trigger != 0 && f.When.Trigger != TriggerStep {
		names = append(names, f.When.Who)
		if f.When.After.Trigger != 0 {
			names = append(names, f.When.After.Who)
		}
	}
	for _, n := range names {
		if w.Find(n) == nil {
			return fmt.Errorf("%s: no machine %s: the machines are %s", f, n, w.names())
		}
	}
	return nil
}

func (w *World) names() string {
	names := make([]string, len(w.machines))
	for i, m := range w.machines {
		names[i] = m.Name
	}
	return strings.Join(names, " ")
}

// Disarm drops every fault that still waits for its event. It also clears the faults of all disks:
// the next fsync does not fail, the next loss of power tears no append, and no disk is full.
func (w *World) Disarm() {
	w.plan.armed, w.plan.step = nil, 0
	for _, m := range w.machines {
		m.disk.failNext, m.disk.tear, m.disk.full = false, false, false
	}
}

// Become reports that a machine's program has taken a role, so that a fault can wait for the role
// ([Becomes]). The packages that import sim choose the names of the roles, such as "leading".
func (w *World) Become(m *Machine, role string) { w.plan.observe(w.now, m.Name, TriggerBecome, role) }

// A machine's program calls Look when it reads the clock while it handles an event. If Look returns
// true, a fault is due at this moment: the program must stop there, so that the fault can happen,
// and continue when it gets its next event.
func (w *World) Look(m *Machine) bool {
	before := len(w.plan.due)
	m.happened(TriggerLook, nil)
	return len(w.plan.due) > before
}

// Inject carries out a fault now, and ignores f.When. The error says why the fault is impossible
// now. If the fault starts a program (as a restart does) and an assertion fails in it, the error
// names that assertion.
func (w *World) Inject(f Fault) (err error) {
	if err := w.Check(f); err != nil {
		return err
	}
	before := w.err
	defer func() {
		if err == nil && w.err != before {
			err = w.err
		}
	}()
	defer w.catch()
	cause := w.SetCause(-1)
	if err = w.enact(f); err == nil {
		w.stats.Faults++
	}
	w.fireDue()
	w.cause = cause
	return err
}

// fireDue carries out the faults whose event has happened in a step, after that step.
func (w *World) fireDue() {
	for len(w.plan.due) > 0 {
		cause := w.cause
		w.fire(w.plan.next())
		w.cause = cause
	}
}

// fire carries out a planned fault. If the fault is impossible now, it ends the run, or leaves a
// note.
func (w *World) fire(f Fault) {
	w.cause = -1
	if err := w.enact(f); err != nil {
		if r := w.Emit(KindNote, 0, 0); r != nil {
			r.Text = "no effect: " + err.Error()
		}
		if !w.config.Lenient {
			w.Fail(err)
		}
		return
	}
	w.stats.Faults++
}

// enact carries out a fault.
func (w *World) enact(f Fault) error {
	if w.OnFault != nil {
		w.OnFault(f)
	}
	apply := f.Kind.form().apply
	if apply == nil {
		return fmt.Errorf("unknown fault kind %d: use a kind that FaultKinds returns", f.Kind)
	}
	if err := apply(w, &f); err != nil {
		return fmt.Errorf("%s: %w", f, err)
	}
	return nil
}
