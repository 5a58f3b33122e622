package host

import (
	"fmt"
	"sync"

	"github.com/zablab/zablab/sim"
)

// disk carries out the effects on files, in order, on a goroutine of its own: an fsync takes long.
type disk struct {
	files Files
	post  func(...item) // tells the program

	asked bool // since the last flush; it belongs to the program's goroutine

	mu      sync.Mutex
	waiting work // what the program has asked for since the goroutine last looked
	spare   work
	closing bool
	killed  bool // what waits is dropped
	poke    chan struct{}
	done    chan struct{}

	syncs int64 // completed: guarded by mu
}

// work is a list of operations. The bytes of appends that the program uses again are copied into
// one array.
type work struct {
	ops   []operation
	bytes []byte
}

// operation is an effect on a file.
type operation struct {
	kind       sim.EffectKind
	file, name string
	data       []byte // fixed bytes; nil if they are copied
	from, to   int    // where the copied bytes are
	n          int64
	token      uint64
}

// maxKept is how many bytes of memory are kept for the next appends.
const maxKept = 1 << 20

func newDisk(files Files, post func(...item)) *disk {
	d := &disk{files: files, post: post, poke: make(chan struct{}, 1), done: make(chan struct{})}
	go d.run()
	return d
}

// ask notes an effect. [disk.flush] hands it to the goroutine.
func (d *disk) ask(e *sim.Effect) {
	d.asked = true
	d.mu.Lock()
	defer d.mu.Unlock()
	w := &d.waiting
	o := operation{kind: e.Kind, file: e.File, name: e.Name, n: e.N, token: e.Token}
	if e.Kind == sim.Append && e.Fixed {
		o.data = e.Data
	} else if e.Kind == sim.Append {
		o.from = len(w.bytes)
		w.bytes = append(w.bytes, e.Data...)
		o.to = len(w.bytes)
		if n := len(w.ops); n > 0 && w.ops[n-1].joins(&o) {
			w.ops[n-1].to = o.to // one write for a batch of records
			return
		}
	}
	w.ops = append(w.ops, o)
}

// joins reports whether an append can be carried out together with the operation before it.
func (o *operation) joins(next *operation) bool {
	return o.kind == sim.Append && o.data == nil && o.to > o.from && o.file == next.file &&
		o.to == next.from
}

// flush lets the goroutine carry out what was asked for. It does nothing if that is nothing.
func (d *disk) flush() {
	if d.asked {
		d.asked = false
		d.wake()
	}
}

// wake makes the goroutine look what waits.
func (d *disk) wake() {
	select {
	case d.poke <- struct{}{}:
	default:
	}
}

// end stops the goroutine. If killed is false, it first carries out what waits.
func (d *disk) end(killed bool) {
	d.mu.Lock()
	d.closing, d.killed = true, d.killed || killed
	d.mu.Unlock()
	d.wake()
	<-d.done
}

// fsyncs is the number of completed fsyncs.
func (d *disk) fsyncs() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.syncs
}

func (d *disk) run() {
	defer close(d.done)
	for {
		d.mu.Lock()
		now, over := d.waiting, d.closing
		if d.killed {
			now.ops = nil
		}
		d.waiting, d.spare = d.spare, work{}
		d.mu.Unlock()
		if len(now.ops) == 0 && over {
			return
		}
		for i := range now.ops {
			if err := d.carryOut(&now, &now.ops[i]); err != nil {
				d.post(item{event: sim.Event{Kind: sim.DiskFailed, Token: now.ops[i].token}, err: err})
				return // whatever follows must not be written after a hole
			}
		}
		clear(now.ops)
		if cap(now.bytes) > maxKept {
			now.bytes = nil
		}
		d.mu.Lock()
		d.spare = work{now.ops[:0], now.bytes[:0]}
		more := len(d.waiting.ops) > 0 || d.closing
		d.mu.Unlock()
		if !more {
			<-d.poke
		}
	}
}

// carryOut does one operation.
func (d *disk) carryOut(w *work, o *operation) error {
	var err error
	verb := ""
	switch o.kind {
	case sim.Append:
		data := o.data
		if data == nil {
			data = w.bytes[o.from:o.to]
		}
		verb, err = "write", d.files.Append(o.file, data)
	case sim.Truncate:
		verb, err = "truncate", d.files.Truncate(o.file, o.n)
	case sim.Rename:
		verb, err = "rename", d.files.Rename(o.file, o.name)
	case sim.Remove:
		verb, err = "remove", d.files.Remove(o.file)
	case sim.Fsync:
		verb = "fsync"
		if err = d.files.Sync(o.file); err != nil {
			break
		}
		d.mu.Lock()
		d.syncs++
		d.mu.Unlock()
		d.post(item{event: sim.Event{Kind: sim.Fsynced, Token: o.token}})
	}
	if err == nil {
		return nil
	}
	file := o.file
	if file == "" {
		file = "the folder"
	}
	return fmt.Errorf("%s %s: %w", verb, file, cause(err))
}
