package sim

import (
	"slices"
	"sort"
)

// Disk is a machine's disk: files, a page cache in front of them, and one directory. What was
// appended, cut, renamed or removed survives the death of the process at once, and the loss of
// power only after a Sync: of the file for its bytes, of the directory ("") for its names.
type Disk struct {
	machine *Machine
	now     []name // the directory as processes see it, sorted
	durable []name // as the platter has it
	pending []dirOp
	ops     uint64 // changes of the directory so far

	busyUntil Time
	syncs     uint64 // requested, over the disk's life: the key of each latency
	completed uint64
	slow      Time // what every sync takes since a fault said so; 0 = drawn from the range
	failNext  bool
	tear      bool
	full      bool
	epoch     uint64 // counts wipes: a sync from before does nothing after
}

// name is one directory entry.
type name struct {
	name string
	file *file
}

// file is what a name points at. durable is an older view of data: appends grow data behind it,
// and a truncation copies first, so that the old bytes stay as they were.
type file struct {
	data       []byte
	cuts       uint64 // truncations so far
	kept       int    // how much of durable the truncations since it was taken have left
	durable    []byte
	durableCut uint64 // cuts when durable was taken; less than cuts: the platter has old bytes
	last       int    // where the last append began
}

// dirOp is a change of the directory that the platter may not have yet.
type dirOp struct {
	seq      uint64
	from, to string // from "" creates to; to "" removes from
	file     *file
}

func newDisk(m *Machine) *Disk { return &Disk{machine: m} }

// Names lists the files, sorted.
func (d *Disk) Names() []string {
	names := make([]string, len(d.now))
	for i, n := range d.now {
		names[i] = n.name
	}
	return names
}

// Read returns what a process reads from a file, or nil. The bytes are the disk's own.
func (d *Disk) Read(name string) []byte {
	if f := lookup(d.now, name); f != nil {
		return f.data
	}
	return nil
}

// DurableNames lists the files that would be left if the power went now, sorted.
func (d *Disk) DurableNames() []string {
	names := make([]string, len(d.durable))
	for i, n := range d.durable {
		names[i] = n.name
	}
	return names
}

// Durable returns what would be left of a file if the power went now and nothing unsynced
// happened to be written: what safety checks look at.
func (d *Disk) Durable(name string) []byte {
	if f := lookup(d.durable, name); f != nil {
		return f.durable
	}
	return nil
}

// Preload puts a file on the disk, durable at once: what was there before the world began.
func (d *Disk) Preload(name string, data []byte) {
	data = data[:len(data):len(data)] // an append must not write behind the caller's bytes
	f := &file{data: data, durable: data}
	d.now = set(d.now, name, f)
	d.durable = set(d.durable, name, f)
}

// Syncs is how many syncs are complete.
func (d *Disk) Syncs() uint64 { return d.completed }

func find(names []name, s string) (int, bool) {
	i := sort.Search(len(names), func(i int) bool { return names[i].name >= s })
	return i, i < len(names) && names[i].name == s
}

func lookup(names []name, s string) *file {
	if i, ok := find(names, s); ok {
		return names[i].file
	}
	return nil
}

func set(names []name, s string, f *file) []name {
	i, ok := find(names, s)
	if ok {
		names[i].file = f
		return names
	}
	names = append(names, name{})
	copy(names[i+1:], names[i:])
	names[i] = name{s, f}
	return names
}

func unset(names []name, s string) []name {
	i, ok := find(names, s)
	if !ok {
		return names
	}
	return append(names[:i], names[i+1:]...)
}

// do carries out one effect of the machine's program.
func (d *Disk) do(e *Effect) {
	w := d.machine.world
	switch e.Kind {
	case Append:
		if d.full {
			d.fail(e.Token)
			return
		}
		f := lookup(d.now, e.File)
		if f == nil {
			f = &file{}
			d.note(dirOp{to: e.File, file: f})
		}
		f.last = len(f.data)
		if len(f.data)+len(e.Data) > cap(f.data) { // double: append alone copies four times as much
			f.data = slices.Grow(f.data, len(f.data)+len(e.Data))
		}
		f.data = append(f.data, e.Data...)
	case Truncate:
		if f := lookup(d.now, e.File); f != nil && e.N < int64(len(f.data)) {
			f.kept = min(f.floor(), int(e.N))
			f.data = append([]byte(nil), f.data[:e.N]...)
			f.cuts++
			f.last = min(f.last, len(f.data))
		}
	case Rename:
		if f := lookup(d.now, e.File); f != nil {
			d.note(dirOp{from: e.File, to: e.Name, file: f})
		}
	case Remove:
		if f := lookup(d.now, e.File); f != nil {
			d.note(dirOp{from: e.File, file: f})
		}
	case Sync:
		d.sync(w, e)
	}
}

func (d *Disk) note(op dirOp) {
	d.ops++
	op.seq = d.ops
	d.now = op.apply(d.now)
	d.pending = append(d.pending, op)
}

func (op dirOp) apply(names []name) []name {
	if op.from != "" {
		names = unset(names, op.from)
	}
	if op.to != "" {
		names = set(names, op.to, op.file)
	}
	return names
}

func (d *Disk) fail(token uint64) {
	w := d.machine.world
	ref := w.newFlight(flight{token: token, epoch: epochFailed, sent: w.cause})
	w.queue.push(entry{at: w.now, kind: entrySynced, node: d.machine.ID,
		inc: d.machine.incarnation, ref: ref})
}

// sync starts one fsync. The disk does them one after another; what it makes durable is what
// the file held when it was asked.
func (d *Disk) sync(w *World, e *Effect) {
	if d.failNext || d.full {
		d.failNext = false
		d.fail(e.Token)
		return
	}
	d.syncs++
	latency := spread(keyed(w.config.Seed, uint64(d.machine.ID)<<32|0xd15c, d.syncs),
		w.config.Fsync.Min, w.config.Fsync.Max)
	if d.slow > 0 {
		latency = d.slow
	}
	at := max(w.now, d.busyUntil) + latency
	d.busyUntil = at
	fl := flight{token: e.Token, epoch: d.epoch, sent: w.cause, name: e.File}
	if e.File == "" {
		fl.number = d.ops
	} else if fl.file = lookup(d.now, e.File); fl.file != nil {
		fl.data, fl.number = fl.file.data, fl.file.cuts
	}
	ref := w.newFlight(fl)
	w.queue.push(entry{at: at, kind: entrySynced, node: d.machine.ID,
		inc: d.machine.incarnation, ref: ref})
}

// What the epoch of a sync's flight says besides the disk's epoch in which it was asked.
const (
	epochFailed   = ^uint64(0)       // it failed
	epochSettled  = epochFailed - 1  // it is done, and the news of it waits for a paused process
	epochRecorded = epochSettled - 1 // it is done and on record, and the news waits
)

// synced is a sync that has come to its end. The kernel finishes it even if the process that
// asked has died since; a loss of power in between is noticed by the epoch.
func (w *World) synced(m *Machine, e entry) {
	d, f := m.disk, w.flights[e.ref]
	if m.paused && e.inc == m.incarnation {
		// What is durable does not wait for the process; only the news of it does.
		if f.epoch < epochRecorded {
			d.settle(&f)
			w.flights[e.ref].epoch = epochSettled
		}
		m.deferred = append(m.deferred, e)
		return
	}
	w.release(e.ref)
	w.cause = f.sent
	if f.epoch < epochRecorded && !d.settle(&f) {
		return
	}
	if e.inc != m.incarnation || !m.up {
		return
	}
	if f.epoch == epochFailed {
		w.Emit(KindDisk, m.ID, f.token)
		w.cause = w.index - 1
		w.step(m, Event{Kind: DiskFailed, Token: f.token})
		return
	}
	if f.epoch != epochRecorded && !w.recordSync(m, e, f) {
		return
	}
	w.step(m, Event{Kind: Synced, Token: f.token})
}

// recordSync puts a sync on record and carries out the faults that waited for it. It returns
// false if they leave nobody who could be told of it now.
func (w *World) recordSync(m *Machine, e entry, f flight) bool {
	w.stats.Syncs++
	w.Emit(KindSync, m.ID, f.token)
	w.cause = w.index - 1
	if len(w.armed) == 0 {
		return true
	}
	w.happened(m, "fsync", "")
	w.applyDue()
	if e.inc != m.incarnation {
		return false // it died between the write and the news of it
	}
	if m.paused {
		e.ref = w.newFlight(flight{token: f.token, epoch: epochRecorded, sent: w.cause})
		m.deferred = append(m.deferred, e)
		return false
	}
	return true
}

// settle makes what a sync was asked for durable.
func (d *Disk) settle(f *flight) bool {
	if f.epoch != d.epoch {
		return false
	}
	d.completed++
	defer d.tellDurable(f.name)
	if g := f.file; g != nil {
		if f.number == g.cuts {
			f.data = g.data[:len(f.data)] // the same bytes, and any bit that flipped meanwhile
		}
		if f.number > g.durableCut || f.number == g.durableCut && len(f.data) > len(g.durable) {
			g.durable, g.durableCut = f.data, f.number
		}
		return true
	}
	for len(d.pending) > 0 && d.pending[0].seq <= f.number {
		d.durable = d.pending[0].apply(d.durable)
		d.pending = d.pending[1:]
	}
	return true
}

func (d *Disk) tellDurable(name string) {
	if hook := d.machine.world.OnDurable; hook != nil {
		hook(d.machine, name)
	}
}

// powerLoss is what the loss of power does: of the names a prefix of what was pending is kept,
// of each file what was durable and some of what had been appended behind it.
func (d *Disk) powerLoss() {
	w := d.machine.world
	d.epoch++
	r := Rand{state: keyed(w.config.Seed, uint64(d.machine.ID)<<32|0x105e, d.epoch)}
	keep := r.Intn(len(d.pending) + 1)
	for _, op := range d.pending[:keep] {
		d.durable = op.apply(d.durable)
	}
	d.pending = nil
	d.now = append([]name(nil), d.durable...)
	for _, n := range d.now {
		n.file.lose(&r, d.tear)
	}
	d.durable = append([]name(nil), d.now...)
	d.tear, d.failNext = false, false
	d.busyUntil = w.now
}

// floor is how many bytes data and durable have in common.
func (f *file) floor() int {
	if f.durableCut == f.cuts {
		return len(f.durable)
	}
	return f.kept
}

// lose keeps the durable bytes and, by chance, a part of an appended tail that may end in the
// middle of a record. torn asks for that: half of the last append is left.
func (f *file) lose(r *Rand, torn bool) {
	left, tail := f.durable, len(f.data)-f.floor()
	switch {
	case torn && tail > 0:
		left = f.data[:max(f.floor(), f.last+(len(f.data)-f.last)/2)]
	case f.durableCut != f.cuts:
		if r.Chance(1, 2) {
			left = f.data // the truncation reached the platter after all
		}
	case tail > 0 && r.Chance(1, 2):
		left = f.data[:len(f.durable)+r.Intn(tail+1)]
	}
	f.data = append([]byte(nil), left...)
	f.durable, f.durableCut = f.data, f.cuts
	f.last = min(f.last, len(f.data))
}

// wipe empties the disk, as a replaced one is.
func (d *Disk) wipe() {
	d.epoch++
	d.now, d.durable, d.pending = nil, nil, nil
	d.full, d.failNext, d.tear = false, false, false
}

// corrupt flips one bit in the middle of the last append of the last file that has any bytes.
func (d *Disk) corrupt() bool {
	for i := len(d.now) - 1; i >= 0; i-- {
		f := d.now[i].file
		if len(f.data) == 0 {
			continue
		}
		data := append([]byte(nil), f.data...)
		last := f.last
		if last == len(data) { // the last append is gone: which one was before it nobody knows
			last = 0
		}
		data[(last+len(data))/2] ^= 0x10
		if f.durableCut == f.cuts {
			f.durable = data[:len(f.durable)]
		}
		f.data = data
		return true
	}
	return false
}
