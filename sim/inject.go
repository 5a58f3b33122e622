package sim

import (
	"fmt"
	"strings"
)

// Schedule puts a plan into the world: faults with a moment at that moment (or now, if it has
// passed), faults with a trigger when it happens. A fault that names nobody is an error, and
// nothing is scheduled then.
func (w *World) Schedule(p Plan) error {
	for _, f := range p {
		if err := w.Check(f); err != nil {
			return err
		}
	}
	for _, f := range p {
		if f.When.Who != "" {
			w.plan.arm(f)
			continue
		}
		ref := w.plan.timed.put(f)
		w.queue.push(entry{at: max(f.When.At, w.now), kind: entryFault, ref: ref})
	}
	return nil
}

// Check says whether everybody whom f names is there.
func (w *World) Check(f Fault) error {
	names := append([]string(nil), f.Who...)
	for _, g := range f.Groups {
		names = append(names, g...)
	}
	if f.When.Who != "" {
		names = append(names, f.When.Who)
	}
	for _, n := range names {
		if w.Find(n) == nil {
			return fmt.Errorf("%s: no such machine as %s: there are %s", f, n, w.names())
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

// Inject carries out a fault now, whatever its When says. The error says why it makes no sense,
// or which assertion failed in a program that it started.
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

// fire carries out a planned fault. One that makes no sense now ends the run, or leaves a note.
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

// Observe tells the world of an event that only a higher floor sees, so that a fault may wait
// for it: Observe(m, "becomes", "leading").
func (w *World) Observe(m *Machine, event, arg string) { w.plan.observe(m.Name, event, arg) }

// fireDue carries out the faults whose event has happened, once the step that it was part of is
// over.
func (w *World) fireDue() {
	for {
		f, ok := w.plan.next()
		if !ok {
			return
		}
		cause := w.cause
		w.fire(f)
		w.cause = cause
	}
}

// enact makes a fault happen.
func (w *World) enact(f Fault) error {
	if w.OnApply != nil {
		w.OnApply(f)
	}
	var a, b *Machine
	if len(f.Who) > 0 {
		a = w.Find(f.Who[0])
	}
	if len(f.Who) > 1 {
		b = w.Find(f.Who[1])
	}
	switch f.Verb {
	case "crash", "power", "restart", "pause", "wipe":
		return w.processFault(f, a)
	case "split", "cut", "mend", "heal", "reset", "delay", "hold", "release":
		return w.networkFault(f, a, b)
	case "fsync", "fail-fsync", "tear", "corrupt", "full":
		return w.diskFault(f, a)
	case "clock":
		w.faultRecord(KindClock, a, f)
		a.setRate(f.Rate)
		return nil
	case "wall":
		w.faultRecord(KindClock, a, f)
		a.wall += f.Span
		return nil
	}
	if w.OnFault == nil {
		return fmt.Errorf("%s: nobody here carries out %s", f, f.Verb)
	}
	return w.OnFault(f)
}

func (w *World) faultRecord(kind RecordKind, m *Machine, f Fault) {
	var id NodeID
	if m != nil {
		id = m.ID
	}
	plain := f
	plain.When = When{} // the record has its own time
	_, text, _ := strings.Cut(plain.String(), " ")
	if r := w.Emit(kind, id, HashString(text)); r != nil {
		r.Text = text
		r.Body = f
	}
	w.causeIsLast()
}

func (w *World) processFault(f Fault, m *Machine) error {
	switch f.Verb {
	case "restart":
		if m.Up() {
			return fmt.Errorf("%s: %s is running: crash it first", f, m.Name)
		}
		m.disk.full = false
		m.start()
		return nil
	case "wipe":
		w.faultRecord(KindCrash, m, f)
		if m.Up() {
			m.stop(true)
		}
		m.power = off
		m.disk.Wipe()
		return nil
	}
	if f.Verb == "power" && m.power == dead {
		w.faultRecord(KindCrash, m, f)
		m.power = off
		m.losePower()
		return nil
	}
	if !m.Up() {
		return fmt.Errorf("%s: %s is down already: restart it first", f, m.Name)
	}
	if f.Verb == "pause" {
		if m.Paused() {
			return fmt.Errorf("%s: %s is paused already: wait until it goes on", f, m.Name)
		}
		w.faultRecord(KindPause, m, f)
		m.pause(f.Span)
		return nil
	}
	w.faultRecord(KindCrash, m, f)
	m.stop(f.Verb == "power")
	return nil
}

func (w *World) networkFault(f Fault, a, b *Machine) error {
	switch f.Verb {
	case "split":
		w.faultRecord(KindSplit, nil, f)
		for i, g := range f.Groups {
			for j, h := range f.Groups {
				if i != j {
					w.cutGroups(g, h)
				}
			}
		}
	case "cut":
		w.faultRecord(KindCut, nil, f)
		w.net.cut(a.ID, b.ID)
	case "mend":
		w.faultRecord(KindHeal, nil, f)
		w.net.mend(a.ID, b.ID)
	case "heal":
		w.faultRecord(KindHeal, nil, f)
		w.net.heal()
	case "reset":
		conns := w.net.between(a.ID, b.ID)
		if len(conns) == 0 {
			return fmt.Errorf("%s: there is no connection between %s and %s", f, a.Name, b.Name)
		}
		w.faultRecord(KindClose, nil, f)
		w.net.reset(conns)
	case "delay":
		w.faultRecord(KindDelay, nil, f)
		w.net.delay(a.ID, b.ID, f.Span)
	case "hold":
		w.faultRecord(KindHold, nil, f)
		w.net.hold(a.ID, b.ID, f.Kind)
	case "release":
		w.faultRecord(KindHold, nil, f)
		w.net.release()
	}
	return nil
}

func (w *World) cutGroups(from, to []string) {
	for _, a := range from {
		for _, b := range to {
			w.net.cut(w.Find(a).ID, w.Find(b).ID)
		}
	}
}

func (w *World) diskFault(f Fault, m *Machine) error {
	if f.Verb == "corrupt" && !m.disk.Corrupt() {
		return fmt.Errorf("%s: the disk of %s is empty", f, m.Name)
	}
	w.faultRecord(KindDisk, m, f)
	switch f.Verb {
	case "fsync":
		m.fsyncSpan = f.Span
	case "fail-fsync":
		m.disk.failNext = true
	case "tear":
		m.disk.tear = true
	case "full":
		m.disk.full = true
	}
	return nil
}

// Disarm drops every fault that still waits for its event: also those of disks that wait for the next sync
// or loss of power, and disks that are full and have not been written to since.
func (w *World) Disarm() {
	w.plan.armed = nil
	for _, m := range w.machines {
		m.disk.failNext, m.disk.tear, m.disk.full = false, false, false
	}
}
