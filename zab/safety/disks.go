package safety

import (
	"slices"
	"strconv"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Disks reports to an audit what is durable on the simulated disks, independently of the peers.
type Disks struct {
	audit   *Audit
	servers []diskView
	snaps   []zab.Zxid // of the disk being read
}

// diskView is how far one server's disk has been read.
type diskView struct {
	files []fileView
	end   zab.Zxid
}

type fileView struct {
	name string
	data []byte // as read last
	at   int    // bytes of it that are sound records
	last zab.Zxid

	there bool // its name was durable at the last Rescan, or the file was read since
}

// WatchDisks returns Disks that read what each fsync on a server in w makes durable, and report it
// to a.
func WatchDisks(w *sim.World, a *Audit) *Disks {
	d := &Disks{audit: a, servers: make([]diskView, len(a.servers))}
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
	v := &d.servers[m.ID]
	disk := m.Disk()
	v.end, d.snaps = 0, d.snaps[:0]
	empty := true
	for i := range v.files {
		v.files[i].there = false
	}
	for name, data := range disk.DurableFiles() {
		empty = false
		z, log, ok := zab.FileZxid(name)
		if !ok {
			continue
		}
		if log {
			f := v.read(name, data)
			v.end = max(v.end, f.last)
			continue
		}
		v.end = max(v.end, z)
		d.snaps = append(d.snaps, z)
	}
	v.files = slices.DeleteFunc(v.files, func(f fileView) bool { return !f.there })
	if empty {
		d.audit.DiskLost(m.ID) // only a fault leaves the disk of a server empty
	}
	d.audit.DiskSnapshots(m.ID, d.snaps)
	d.audit.DiskEpochs(m.ID, epochOn(disk, "acceptedEpoch"), epochOn(disk, "currentEpoch"))
	d.audit.DiskLog(m.ID, v.end)
}

// scan reads what an fsync has added to one log.
func (d *Disks) scan(m *sim.Machine, file string) {
	b := m.Disk().Durable(file)
	if b == nil {
		return // its name is not durable yet
	}
	v := &d.servers[m.ID]
	switch last := v.read(file, b).last; {
	case last > v.end:
		v.end = last
		d.audit.DiskLog(m.ID, last)
	case last < v.end:
		d.Rescan(m) // the log was cut short, or is not the newest
	}
}

// read continues to read a log where it stopped, or from the start if the file was replaced.
func (v *diskView) read(name string, b []byte) *fileView {
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
	if len(b) < f.at || f.at > 0 && &b[0] != &f.data[0] {
		f.at, f.last = 0, 0
	}
	f.data, f.there = b, true
	for {
		e, rest, ok := zab.NextRecord(b[f.at:])
		if !ok {
			return f
		}
		f.at, f.last = len(b)-len(rest), e.Zxid
	}
}

func epochOn(d *sim.Disk, name string) uint32 {
	n, _ := strconv.ParseUint(string(d.Durable(name)), 10, 32)
	return uint32(n)
}
