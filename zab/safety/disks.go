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
	snaps   []zab.Zxid // of the disk being read
}

// diskView is how far one server's disk has been read.
type diskView struct {
	files []fileView
	end   zab.Zxid
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

// WatchDisks returns a Disks that reads what each fsync of a server in the world w makes durable,
// and reports it to the audit a.
func WatchDisks(w *sim.World, a *Audit) *Disks {
	d := &Disks{world: w, audit: a, servers: make([]diskView, len(a.servers))}
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
		if _, log, ok := zab.FileZxid(file); ok && log {
			d.scan(m, file)
		}
	}
	return d
}

// Rescan reads all files of a machine's disk again. Call it after a restart, and when file names
// have changed.
func (d *Disks) Rescan(m *sim.Machine) {
	disk := m.Disk()
	d.snaps = d.audit.readDisk(&d.servers[m.ID], m.ID, disk, d.snaps)
}

// ReadDisk reports to the audit everything that is durable on a server's disk. A [Disks] does this
// for the machines of a simulated world, and after each fsync reads only what is new.
func (a *Audit) ReadDisk(id zab.ID, disk DurableDisk) { a.readDisk(&diskView{}, id, disk, nil) }

// DurableDisk gives access to what is durable on a disk: what would survive a loss of power.
// [sim.Disk] implements it.
type DurableDisk interface {
	DurableFiles() iter.Seq2[string, []byte]
	Durable(name string) []byte
}

// readDisk reads all files of a disk, which v has seen before, and reports them. It returns the
// zxids of the snapshots in the space of snaps.
func (a *Audit) readDisk(v *diskView, id zab.ID, disk DurableDisk, snaps []zab.Zxid) []zab.Zxid {
	v.end, snaps = 0, snaps[:0]
	empty := true
	for i := range v.files {
		v.files[i].there = false
	}
	s := &a.servers[id]
	s.tails = s.tails[:0]
	for name, data := range disk.DurableFiles() {
		empty = false
		z, log, ok := zab.FileZxid(name)
		if !ok {
			continue
		}
		if log {
			f := v.read(s, name, data)
			v.end = max(v.end, f.good.zxid)
			s.tails = append(s.tails, f.tail)
			continue
		}
		v.end = max(v.end, z)
		snaps = append(snaps, z)
	}
	v.files = slices.DeleteFunc(v.files, func(f fileView) bool { return !f.there })
	if empty {
		a.DiskLost(id) // only a fault leaves the disk of a server empty
	}
	a.DiskSnapshots(id, snaps)
	a.DiskEpochs(id, epochOn(disk, "acceptedEpoch"), epochOn(disk, "currentEpoch"))
	a.DiskLog(id, v.end)
	return snaps
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
