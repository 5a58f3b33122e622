package sim

import "slices"

// file is the content of a file. durable is an older view of data: appends write after it, and a
// truncation copies data first, so that the old bytes do not change.
type file struct {
	inode      uint64
	data       []byte
	durable    []byte
	cuts       uint64 // truncations so far
	durableCut uint64 // cuts when durable was taken; less than cuts: the platter has old bytes
	written    int    // how many bytes of data fsyncs have been asked for
	kept       int    // how much of durable the truncations since then have left
	last       int    // where the last append began
	lent       bool   // data is a program's own slice, with whatever follows it in its array
}

func (f *file) append(data []byte, fixed bool) {
	f.last = len(f.data)
	switch n := len(f.data); {
	case !fixed && !f.lent || len(data) == 0:
	case fixed && n == 0:
		f.data, f.lent = data, true
		return
	case fixed && f.lent && n < cap(f.data) && &f.data[:n+1][n] == &data[0]:
		f.data = f.data[:n+len(data)] // the bytes that follow in the program's array
		return
	default:
		f.data, f.lent = f.data[:n:n], false // what follows in that array is not ours
	}
	if need := len(f.data) + len(data); need > cap(f.data) && len(f.data) > 0 {
		// It doubles, since append alone copies four times as much: a file that gets a second
		// append gets many. But those that follow one that is larger than the file are small.
		room := need
		if len(data) > len(f.data) {
			room = len(data) + need/4
		}
		f.data = slices.Grow(f.data, max(room, 1024))
	}
	f.data = append(f.data, data...)
}

func (f *file) truncate(n int) {
	f.kept = min(f.floor(), n)
	f.data = append([]byte(nil), f.data[:n]...)
	f.cuts++
	f.written = min(f.written, n)
	f.last = min(f.last, len(f.data))
}

// floor returns how many bytes data and durable have in common.
func (f *file) floor() int {
	if f.durableCut == f.cuts {
		return len(f.durable)
	}
	return f.kept
}

// write returns how many bytes an fsync has to write now, if earlier ones write what they were
// asked for.
func (f *file) write() int {
	size := len(f.data) - max(f.floor(), f.written)
	f.written = len(f.data)
	return size
}

// harden makes durable what the file held after the given number of truncations, unless newer
// content is durable already.
func (f *file) harden(data []byte, cuts uint64) {
	if cuts == f.cuts {
		data = f.data[:len(data)] // the same bytes, and any bit that has flipped since
	}
	if cuts > f.durableCut || cuts == f.durableCut && len(data) > len(f.durable) {
		f.durable, f.durableCut = data, cuts
	}
}

// losePower keeps the durable bytes and, by chance, a part of what was appended to them, which may
// end in the middle of a record. If the write was torn, half of the last append is left.
func (f *file) losePower(chance *Rand, torn, writeback bool) {
	left, tail := f.durable, len(f.data)-f.floor()
	switch {
	case torn && tail > 0:
		left = f.data[:max(f.floor(), f.last+(len(f.data)-f.last)/2)]
	case writeback:
		left = f.mixture(chance)
	case f.durableCut != f.cuts:
		if chance.Chance(1, 2) {
			left = f.data // the truncation reached the platter after all
		}
	case tail > 0 && chance.Chance(1, 2):
		left = f.data[:len(f.durable)+chance.Intn(tail+1)]
	}
	f.data = slices.Clip(left) // an append copies first
	f.durable, f.durableCut, f.written = f.data, f.cuts, len(f.data)
	f.last = min(f.last, len(f.data))
}

// mixture is what a file system that orders little may leave: see [Disk.LosePower].
func (f *file) mixture(chance *Rand) []byte {
	floor, cut := f.floor(), f.durableCut != f.cuts
	if !cut && len(f.data) == floor {
		return f.durable
	}
	left := append([]byte(nil), f.data[:floor+chance.Intn(len(f.data)-floor+1)]...)
	switch chance.Intn(3) {
	case 0:
		if cut && len(left) < len(f.durable) {
			left = append(left, f.durable[len(left):]...)
		}
	case 1:
		left = append(left, make([]byte, chance.Intn(len(f.data)-len(left)+1))...)
	}
	return left
}

// flip flips one bit in the middle of the last append.
func (f *file) flip() {
	data := append([]byte(nil), f.data...)
	last := f.last
	if last == len(data) { // the last append is cut off, and where the one before began is not kept
		last = 0
	}
	data[(last+len(data))/2] ^= 0x10
	if f.durableCut == f.cuts {
		f.durable = data[:len(f.durable)]
	}
	f.data = data
}
