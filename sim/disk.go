package sim

import (
	"iter"
	"slices"
)

// Disk is the content of a disk: files in one directory, and the page cache. Every change survives
// the death of the process. A loss of power is different: the bytes of a file survive it only after
// an fsync of the file, and the name of a file only after an fsync of the directory, whose name is
// "".
//
// A Disk does not depend on a machine or on its clock. The zero Disk is empty. [Disk.Clone] copies
// a Disk without copying the bytes of its files.
type Disk struct {
	files   []file  // by inode
	now     []name  // the directory as processes see it, sorted
	durable []name  // as the platter has it
	pending []dirOp // changes of the directory that the platter may not have yet
	inodes  uint64  // given to files so far
	dirOps  uint64  // changes of the directory so far

	asked     uint64 // fsyncs that were asked for
	completed uint64
	losses    uint64 // of power, or of all files: an fsync from before has no effect after

	failNext bool // the next fsync fails
	tear     bool // the next loss of power leaves half of the last append
	full     bool // every append and fsync fails
}

// name is one entry of a directory.
type name struct {
	name  string
	inode uint64
}

// dirOp is a change of the directory.
type dirOp struct {
	number   uint64
	from, to string // from "" creates to; to "" removes from
	inode    uint64
}

// FsyncRequest is an fsync that a disk has begun. When it completes, it makes durable what the file
// held when the fsync began.
type FsyncRequest struct {
	File string // "" for the directory

	number uint64 // of all that the disk was asked for
	losses uint64
	inode  uint64
	data   []byte
	cuts   uint64
	dirOps uint64
	size   int // bytes to write
}

// missing reports whether there was no such file.
func (r *FsyncRequest) missing() bool { return r.File != "" && r.inode == 0 }

// Clone returns a disk with the same content and the same pending faults. The two disks share the
// bytes of a file until one of them changes it. An [FsyncRequest] of one disk can be completed on
// the other.
func (d *Disk) Clone() Disk {
	c := *d
	c.files = slices.Clone(d.files)
	for i := range c.files {
		c.files[i].data = slices.Clip(c.files[i].data) // an append copies first
	}
	c.now, c.durable = slices.Clone(d.now), slices.Clone(d.durable)
	c.pending = slices.Clone(d.pending)
	return c
}

// Names returns the sorted names of the files.
func (d *Disk) Names() []string { return namesOf(d.now) }

// Read returns the bytes that a process reads from a file, or nil if there is no such file. The
// caller must not change the bytes.
func (d *Disk) Read(name string) []byte {
	if f := d.lookup(d.now, name); f != nil {
		return f.data
	}
	return nil
}

// DurableNames returns the sorted names of the files that would survive a loss of power now.
func (d *Disk) DurableNames() []string { return namesOf(d.durable) }

// DurableFiles returns the names and durable bytes of the files that would survive a loss of power
// now, sorted by name.
func (d *Disk) DurableFiles() iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		for _, n := range d.durable {
			if !yield(n.name, d.file(n.inode).durable) {
				return
			}
		}
	}
}

// Durable returns the bytes of a file that would certainly survive a loss of power now. Safety
// checks read these bytes.
func (d *Disk) Durable(name string) []byte {
	if f := d.lookup(d.durable, name); f != nil {
		return f.durable
	}
	return nil
}

// Fsyncs returns the number of completed fsyncs.
func (d *Disk) Fsyncs() uint64 { return d.completed }

// Preload puts a durable file on the disk, as if it had been there before time 0.
func (d *Disk) Preload(name string, data []byte) {
	data = slices.Clip(data) // an append must not write after the caller's bytes
	f := d.create()
	f.data, f.durable = data, data
	d.now = set(d.now, name, f.inode)
	d.durable = set(d.durable, name, f.inode)
}

// Append adds data to a file and creates the file if necessary. It returns false if the disk is
// full.
func (d *Disk) Append(name string, data []byte) bool { return d.append(name, data, false) }

// append is Append. fixed means that data may be kept, not copied: see [Effect].
func (d *Disk) append(name string, data []byte, fixed bool) bool {
	if d.full {
		return false
	}
	f := d.lookup(d.now, name)
	if f == nil {
		f = d.create()
		d.change(dirOp{to: name, inode: f.inode})
	}
	f.append(data, fixed)
	return true
}

// Truncate cuts a file to n bytes, if it has more than n. It returns false if there is no such
// file.
func (d *Disk) Truncate(name string, n int64) bool {
	f := d.lookup(d.now, name)
	if f != nil && n < int64(len(f.data)) {
		f.truncate(int(n))
	}
	return f != nil
}

// Rename renames a file, and removes any file that had the new name. It returns false if there is
// no such file.
func (d *Disk) Rename(from, to string) bool {
	f := d.lookup(d.now, from)
	if f != nil {
		d.change(dirOp{from: from, to: to, inode: f.inode})
	}
	return f != nil
}

// Remove removes a file. As with rm -f, a missing file is not an error, because a program that
// starts removes files that its last run may or may not have left.
func (d *Disk) Remove(name string) {
	if f := d.lookup(d.now, name); f != nil {
		d.change(dirOp{from: name, inode: f.inode})
	}
}

// Fsync begins an fsync of a file, or of the directory if name is "". If the fsync fails, it
// returns false and changes nothing.
func (d *Disk) Fsync(name string) (FsyncRequest, bool) {
	if d.failNext || d.full {
		d.failNext = false
		return FsyncRequest{}, false
	}
	d.asked++
	asked := FsyncRequest{File: name, number: d.asked, losses: d.losses}
	if name == "" {
		asked.dirOps = d.dirOps
	} else if f := d.lookup(d.now, name); f != nil {
		asked.inode, asked.data, asked.cuts = f.inode, f.data, f.cuts
		asked.size = f.write()
	}
	return asked, true
}

// Complete completes an fsync that Fsync began. It returns false if the disk has lost power since
// the fsync began.
func (d *Disk) Complete(asked *FsyncRequest) bool {
	if asked.losses != d.losses {
		return false
	}
	d.completed++
	if f := d.file(asked.inode); f != nil {
		f.harden(asked.data, asked.cuts)
		return true
	}
	settled := 0
	for settled < len(d.pending) && d.pending[settled].number <= asked.dirOps {
		d.durable = d.pending[settled].apply(d.durable)
		settled++
	}
	if settled > 0 {
		d.pending = slices.Delete(d.pending, 0, settled)
		d.sweep()
	}
	return true
}

// LosePower simulates a loss of power. A random number of the directory's pending changes survive,
// the oldest ones first. Each file keeps its durable bytes and some of the bytes that were appended
// later.
//
// If writeback is true, the disk behaves like a file system that orders its writes less strictly.
// After a loss of power:
//
//   - The directory may keep a later pending change and lose an earlier one (ext2, btrfs).
//   - A file that was truncated, and not fsynced since then, keeps any number of the bytes that
//     were appended after the truncation. The kept bytes may be followed by the old bytes that the
//     truncation removed, by zeros, or by nothing.
//   - A file may end in zeros instead of the last appended bytes, because its new size reached the
//     disk before these bytes (ext4 with data=writeback, XFS).
//
// With and without writeback, the appends to one file reach the disk in order.
func (d *Disk) LosePower(chance *Rand, writeback bool) {
	d.losses++
	keep := len(d.pending)
	if !writeback {
		keep = chance.Intn(len(d.pending) + 1)
	}
	for _, op := range d.pending[:keep] {
		if !writeback || chance.Chance(1, 2) {
			d.durable = op.apply(d.durable)
		}
	}
	d.pending = nil
	d.now = slices.Clone(d.durable)
	d.sweep()
	for _, n := range d.now {
		d.file(n.inode).losePower(chance, d.tear, writeback)
	}
	d.tear, d.failNext = false, false
}

// Wipe empties the disk, as if it had been replaced.
func (d *Disk) Wipe() {
	d.losses++
	d.files, d.now, d.durable, d.pending = nil, nil, nil, nil
	d.full, d.failNext, d.tear = false, false, false
}

// Corrupt flips one bit in the middle of the bytes that were last appended to a file. It chooses
// the non-empty file whose name sorts last. It returns false if all files are empty.
func (d *Disk) Corrupt() bool {
	for _, n := range slices.Backward(d.now) {
		if f := d.file(n.inode); len(f.data) > 0 {
			f.flip()
			return true
		}
	}
	return false
}

// create adds a file, which has no name yet.
func (d *Disk) create() *file {
	d.inodes++
	d.files = append(d.files, file{inode: d.inodes})
	return &d.files[len(d.files)-1]
}

// file finds a file by its inode, or returns nil. It looks at the newest files first, because
// programs write to these.
func (d *Disk) file(inode uint64) *file {
	for i := len(d.files) - 1; i >= 0; i-- {
		if d.files[i].inode == inode {
			return &d.files[i]
		}
	}
	return nil
}

// sweep drops the files that no name leads to any more.
func (d *Disk) sweep() {
	d.files = slices.DeleteFunc(d.files, func(f file) bool {
		named := func(n name) bool { return n.inode == f.inode }
		return !slices.ContainsFunc(d.now, named) && !slices.ContainsFunc(d.durable, named) &&
			!slices.ContainsFunc(d.pending, func(op dirOp) bool { return op.inode == f.inode })
	})
}

// change carries out a change of the directory, in the page cache only.
func (d *Disk) change(op dirOp) {
	d.dirOps++
	op.number = d.dirOps
	d.now = op.apply(d.now)
	d.pending = append(d.pending, op)
}

func (op dirOp) apply(names []name) []name {
	if op.from != "" {
		names = unset(names, op.from)
	}
	if op.to != "" {
		names = set(names, op.to, op.inode)
	}
	return names
}

func (d *Disk) lookup(names []name, s string) *file {
	for i := range names { // few, and to compare whether two are equal is fast
		if names[i].name == s {
			return d.file(names[i].inode)
		}
	}
	return nil
}

func find(names []name, s string) (int, bool) {
	low, high := 0, len(names)
	for low < high {
		mid := int(uint(low+high) >> 1)
		if names[mid].name < s {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, low < len(names) && names[low].name == s
}

func namesOf(names []name) []string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = n.name
	}
	return list
}

func set(names []name, s string, inode uint64) []name {
	i, ok := find(names, s)
	if ok {
		names[i].inode = inode
		return names
	}
	return slices.Insert(names, i, name{s, inode})
}

func unset(names []name, s string) []name {
	if i, ok := find(names, s); ok {
		return slices.Delete(names, i, i+1)
	}
	return names
}
