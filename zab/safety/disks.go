package safety

import (
	"iter"
	"slices"
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Disks reports to an audit what is durable on the simulated disks. It does not rely on what the
// servers believe to be on their disks: it reads the records themselves.
type Disks struct {
	world   *sim.World
	audit   *Audit
	servers []diskView
	reader  *diskReader
}

// diskView is how far one server's disk has been read.
type diskView struct {
	files []fileView
	end   zab.Zxid
	names []fileName // read before, so that they need not be read again
}

// fileName is what the name of a file says: see [zab.FileZxid].
type fileName struct {
	name    string
	zxid    zab.Zxid
	log, ok bool
}

// mostNames is how many names are remembered for one disk.
const mostNames = 32

// named returns what the name of a file says.
func (v *diskView) named(name string) fileName {
	for i := range v.names {
		if v.names[i].name == name {
			return v.names[i]
		}
	}
	f := fileName{name: name}
	f.zxid, f.log, f.ok = zab.FileZxid(name)
	if len(v.names) == mostNames {
		v.names = v.names[:0]
	}
	v.names = append(v.names, f)
	return f
}

// fileView is a log file, as read last.
type fileView struct {
	name string
	data []byte
	at   int  // bytes of it that are sound records
	tail mark // the history that ends with its last record, if the server's log leads up to the file
	good mark // the same up to the last record that the server's log has at the same place

	there bool // its name was durable at the last Rescan, or the file was read since
}

// WatchDisks returns a [Disks] for the servers of the world w. After each fsync, it reads what has
// become durable, and reports this to the audit a.
func WatchDisks(w *sim.World, a *Audit) *Disks {
	d := &Disks{world: w, audit: a, servers: make([]diskView, len(a.servers)),
		reader: newDiskReader()}
	a.booted = func(id zab.ID) {
		d.servers[id].files = d.servers[id].files[:0] // its log is another one now
		d.Rescan(w.Machine(id))
	}
	w.OnDurable = func(m *sim.Machine, file string) {
		if int(m.ID) >= len(d.servers) || m.Kind != "server" {
			return
		}
		if file == "" {
			d.Rescan(m)
			return
		}
		if f := d.servers[m.ID].named(file); f.ok && f.log {
			d.scan(m, file)
		}
	}
	return d
}

// Rescan reads all files of a machine's disk again. Call it after a restart, and when file names
// have changed.
func (d *Disks) Rescan(m *sim.Machine) {
	d.audit.readDisk(d.reader, &d.servers[m.ID], m.ID, m.Disk())
}

// ReadDisk reports to the audit everything that is durable on a server's disk. A [Disks] does this
// for the machines of a simulated world, and after each fsync reads only what is new.
func (a *Audit) ReadDisk(id zab.ID, disk DurableDisk) {
	a.readDisk(newDiskReader(), &diskView{}, id, disk)
}

// DurableDisk gives access to what is durable on a disk: what would survive a loss of power.
// [sim.Disk] implements it.
type DurableDisk interface {
	DurableFiles() iter.Seq2[string, []byte]
	Durable(name string) []byte
}

// diskReader reads the files of a disk one by one. It is made once, because disks are read often.
type diskReader struct {
	v     *diskView
	s     *server
	snaps []zab.Zxid
	empty bool
	each  func(name string, data []byte) bool // its method file
}

func newDiskReader() *diskReader {
	r := &diskReader{}
	r.each = r.file
	return r
}

// file reads one file.
func (r *diskReader) file(name string, data []byte) bool {
	r.empty = false
	switch n := r.v.named(name); {
	case !n.ok:
	case n.log:
		f := r.v.read(r.s, name, data)
		r.v.end = max(r.v.end, f.good.zxid)
		r.s.tails = append(r.s.tails, f.tail)
	default:
		r.v.end = max(r.v.end, n.zxid)
		r.snaps = append(r.snaps, n.zxid)
	}
	return true
}

// readDisk reads all files of a disk, which v has seen before, and reports them.
func (a *Audit) readDisk(r *diskReader, v *diskView, id zab.ID, disk DurableDisk) {
	for i := range v.files {
		v.files[i].there = false
	}
	s := &a.servers[id]
	s.tails, v.end = s.tails[:0], 0
	r.v, r.s, r.snaps, r.empty = v, s, r.snaps[:0], true
	disk.DurableFiles()(r.each)
	v.files = slices.DeleteFunc(v.files, func(f fileView) bool { return !f.there })
	if r.empty {
		a.DiskLost(id) // only a fault leaves the disk of a server empty
	}
	a.DiskSnapshots(id, r.snaps)
	a.DiskEpochs(id, epochOn(disk, "acceptedEpoch"), epochOn(disk, "currentEpoch"))
	a.DiskLog(id, v.end)
}

// scan reads what an fsync has added to one log.
func (d *Disks) scan(m *sim.Machine, file string) {
	b := m.Disk().Durable(file)
	if b == nil {
		return // its name is not durable yet
	}
	v, s := &d.servers[m.ID], &d.audit.servers[m.ID]
	f := v.read(s, file, b)
	d.audit.rolled(s, file, f.tail.zxid)
	if n := len(s.tails); n > 0 && f.tail == f.good && f.good.zxid > v.end {
		s.tails[n-1] = f.tail
		v.end = f.good.zxid
		d.audit.DiskLog(m.ID, v.end)
	} else if f.good.zxid < v.end || f.tail != f.good || n == 0 {
		d.Rescan(m) // the log was cut short, or is not the newest, or has what it should not have
	}
}

// read continues to read a log of s where it stopped, or from the start if the file was replaced or
// the log of s is another one.
func (v *diskView) read(s *server, name string, b []byte) *fileView {
	var f *fileView
	for i := range v.files {
		if v.files[i].name == name {
			f = &v.files[i]
		}
	}
	if f == nil {
		v.files = append(v.files, fileView{name: name})
		f = &v.files[len(v.files)-1]
	}
	if len(b) < f.at || f.at > 0 && (&b[0] != &f.data[0] || !s.booting && !s.log.holds(f.good)) {
		*f = fileView{name: name}
	}
	f.data, f.there = b, true
	for {
		e, rest, ok := zab.NextRecord(b[f.at:])
		if !ok {
			return f
		}
		if f.at == 0 {
			f.tail = s.log.at(e.Zxid - 1)
			f.good = f.tail
		}
		f.at = len(b) - len(rest)
		before := f.tail
		f.tail = mark{e.Zxid, extend(before.hash, e)}
		if s.booting || f.good == before && s.log.holds(f.tail) {
			f.good = f.tail
		}
	}
}

func epochOn(d DurableDisk, name string) uint32 {
	n, _ := strconv.ParseUint(string(d.Durable(name)), 10, 32)
	return uint32(n)
}
