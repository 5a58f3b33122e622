package sim

import (
	"errors"
	"fmt"
)

// One function for each kind of fault, in the order of the table. It returns why the fault is
// impossible now, or records the fault and carries it out.

func crash(w *World, f *Fault) error {
	m := w.who(f, 0)
	if !m.Up() {
		return fmt.Errorf("%s is already down: restart it first", m.Name)
	}
	w.recordFault(KindCrash, m, f)
	m.stop(false)
	return nil
}

func losePower(w *World, f *Fault) error {
	m := w.who(f, 0)
	switch {
	case m.Up():
		w.recordFault(KindCrash, m, f)
		m.stop(true)
	case m.power == dead:
		w.recordFault(KindCrash, m, f)
		m.power = off
		m.losePower()
	default:
		return fmt.Errorf("%s is already down: restart it first", m.Name)
	}
	return nil
}

func restart(w *World, f *Fault) error {
	m := w.who(f, 0)
	if m.Up() {
		return fmt.Errorf("%s is running: crash it first", m.Name)
	}
	m.disk.full = false
	m.start() // which is a record of its own
	return nil
}

func pause(w *World, f *Fault) error {
	m := w.who(f, 0)
	switch {
	case !m.Up():
		return fmt.Errorf("%s is already down: restart it first", m.Name)
	case m.Paused():
		return fmt.Errorf("%s is already paused: wait until it resumes", m.Name)
	}
	w.recordFault(KindPause, m, f)
	m.pause(f.Span)
	return nil
}

func split(w *World, f *Fault) error {
	w.recordFault(KindSplit, nil, f)
	for i, from := range f.Groups {
		for j, to := range f.Groups {
			if i != j {
				w.cutGroups(from, to)
			}
		}
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

func cut(w *World, f *Fault) error {
	w.recordFault(KindCut, nil, f)
	w.net.cut(w.who(f, 0).ID, w.who(f, 1).ID)
	return nil
}

func mend(w *World, f *Fault) error {
	w.recordFault(KindHeal, nil, f)
	w.net.mend(w.who(f, 0).ID, w.who(f, 1).ID)
	return nil
}

func heal(w *World, f *Fault) error {
	w.recordFault(KindHeal, nil, f)
	w.net.heal()
	return nil
}

func reset(w *World, f *Fault) error {
	a, b := w.who(f, 0), w.who(f, 1)
	conns := w.net.between(a.ID, b.ID)
	if len(conns) == 0 {
		return fmt.Errorf("there is no connection between %s and %s to reset", a.Name, b.Name)
	}
	w.recordFault(KindClose, nil, f)
	w.net.reset(conns)
	return nil
}

func delay(w *World, f *Fault) error {
	w.recordFault(KindDelay, nil, f)
	w.net.delay(w.who(f, 0).ID, w.who(f, 1).ID, f.Span)
	return nil
}

func limitBandwidth(w *World, f *Fault) error {
	if f.Who[0] == f.Who[1] {
		return fmt.Errorf("%s has no link to itself: name two machines", f.Who[0])
	}
	w.recordFault(KindDelay, nil, f)
	w.net.limit(w.who(f, 0).ID, w.who(f, 1).ID, Bandwidth(f.Rate))
	return nil
}

func hold(w *World, f *Fault) error {
	w.recordFault(KindHold, nil, f)
	w.net.hold(w.who(f, 0).ID, w.who(f, 1).ID, f.Message)
	return nil
}

func release(w *World, f *Fault) error {
	w.recordFault(KindHold, nil, f)
	w.net.release()
	return nil
}

func slowFsync(w *World, f *Fault) error {
	m := w.who(f, 0)
	w.recordFault(KindDisk, m, f)
	m.fsyncSpan = f.Span
	return nil
}

func failFsync(w *World, f *Fault) error {
	m := w.who(f, 0)
	w.recordFault(KindDisk, m, f)
	m.disk.failNext = true
	return nil
}

func tear(w *World, f *Fault) error {
	m := w.who(f, 0)
	w.recordFault(KindDisk, m, f)
	m.disk.tear = true
	return nil
}

func corrupt(w *World, f *Fault) error {
	m := w.who(f, 0)
	if !m.disk.Corrupt() {
		return fmt.Errorf("the disk of %s is empty: it has no bit to flip", m.Name)
	}
	w.recordFault(KindDisk, m, f)
	return nil
}

func fill(w *World, f *Fault) error {
	m := w.who(f, 0)
	w.recordFault(KindDisk, m, f)
	m.disk.full = true
	return nil
}

func wipe(w *World, f *Fault) error {
	m := w.who(f, 0)
	w.recordFault(KindCrash, m, f)
	if m.Up() {
		m.stop(true)
	}
	m.power = off
	m.disk.Wipe()
	return nil
}

func setClock(w *World, f *Fault) error {
	m := w.who(f, 0)
	w.recordFault(KindClock, m, f)
	m.setRate(f.Rate)
	return nil
}

func jumpWall(w *World, f *Fault) error {
	m := w.who(f, 0)
	w.recordFault(KindClock, m, f)
	m.wall += f.Span
	return nil
}

// foreign hands a fault that is about a protocol to [World.OnForeign].
func foreign(w *World, f *Fault) error {
	if w.OnForeign == nil {
		return errors.New("no session can expire, because this simulation has no sessions")
	}
	return w.OnForeign(*f)
}

// who returns the i-th machine that a fault names.
func (w *World) who(f *Fault, i int) *Machine { return w.Find(f.Who[i]) }

// recordFault records a fault, as the cause of the records that follow.
func (w *World) recordFault(kind RecordKind, m *Machine, f *Fault) {
	var id NodeID
	if m != nil {
		id = m.ID
	}
	action := f.Action() // the record has its own time
	if r := w.Emit(kind, id, HashString(action)); r != nil {
		r.Text = action
		r.Body = *f
	}
	w.causeIsLast()
}
