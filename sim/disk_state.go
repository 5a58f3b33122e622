package sim

import "slices"

// AppendState appends to dst the content of a disk, and the bytes that fsyncs in progress will make
// durable. Two disks with the same state behave alike, except for [Disk.Corrupt] and torn writes,
// which depend on where the last append began. The state does not include the disk's counters and
// inode numbers.
func (d *Disk) AppendState(dst []byte, underWay []FsyncRequest) []byte {
	s := diskWriter{StateWriter{B: dst}}
	s.Flags(d.failNext, d.tear, d.full)
	s.number(len(d.files))
	for i := range d.files {
		f := &d.files[i]
		s.Bytes(f.data)
		s.Bytes(f.durable)
		s.Flags(f.cuts == f.durableCut)
		s.number(f.floor())
	}
	s.names(d, d.now)
	s.names(d, d.durable)
	s.number(len(d.pending))
	for i := range d.pending {
		op := &d.pending[i]
		s.Text(op.from)
		s.Text(op.to)
		s.number(d.indexOf(op.inode))
	}
	s.number(len(underWay))
	for i := range underWay {
		s.request(d, &underWay[i])
	}
	return s.B
}

// LoseUnsynced simulates a loss of power that leaves only what was fsynced. This is the worst
// possible outcome of [Disk.LosePower] with writeback = false.
func (d *Disk) LoseUnsynced() {
	d.losses++
	d.pending = nil
	d.now = slices.Clone(d.durable)
	d.sweep()
	for i := range d.files {
		f := &d.files[i]
		f.data = append([]byte(nil), f.durable...)
		f.durable, f.durableCut, f.written = f.data, f.cuts, len(f.data)
		f.last = min(f.last, len(f.data))
	}
	d.tear, d.failNext = false, false
}

// indexOf returns the place of a file among the files, or -1.
func (d *Disk) indexOf(inode uint64) int {
	return slices.IndexFunc(d.files, func(f file) bool { return f.inode == inode })
}

// diskWriter appends the parts of a disk.
type diskWriter struct{ StateWriter }

// number appends a number from -1 on.
func (s *diskWriter) number(n int) { s.Numbers(uint64(n + 1)) }

func (s *diskWriter) names(d *Disk, list []name) {
	s.number(len(list))
	for _, n := range list {
		s.Text(n.name)
		s.number(d.indexOf(n.inode))
	}
}

// request appends what an fsync will do when it completes.
func (s *diskWriter) request(d *Disk, r *FsyncRequest) {
	s.Text(r.File)
	s.Flags(r.losses == d.losses)
	settled := 0
	for settled < len(d.pending) && d.pending[settled].number <= r.dirOps {
		settled++
	}
	s.number(settled)
	i := d.indexOf(r.inode)
	if s.number(i); i < 0 {
		return // of the directory, or of a file that is gone
	}
	f := &d.files[i]
	s.Flags(r.cuts == f.cuts, r.cuts > f.durableCut, r.cuts == f.durableCut)
	s.Bytes(r.data)
}
