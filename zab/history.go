package zab

import (
	"slices"
	"sort"
)

// history is everything that a server has accepted: its snapshots, oldest first, and the log
// records that follow the oldest one. The disk holds the same, or will hold it once the writer is
// done.
type history struct {
	snaps   []snap
	entries []Entry
}

type snap struct {
	zxid     Zxid
	data     []byte
	replaces Zxid // of a received snapshot: where the history ended that it replaces
}

// load sets h to what the disk held, and returns the names of files that are now useless. Those are
// the files of a server that never finished catching up for the first time. They are also the logs
// and snapshots that a received snapshot replaces, if a crash came between its installation and
// their removal.
func (h *history) load(s *Stored) (garbage []string) {
	if s.Blank {
		for _, f := range s.files {
			garbage = append(garbage, f.name)
		}
		for _, old := range s.snaps {
			garbage = append(garbage, old.name())
		}
		s.files = nil
		h.snaps = []snap{{}}
		return garbage
	}
	h.snaps, h.entries, garbage = s.snaps, s.Entries, s.garbage
	newest := h.base()
	if n := len(h.entries); n == 0 || h.entries[n-1].Zxid < newest.zxid {
		for _, old := range s.snaps[:len(s.snaps)-1] { // removed before the logs that they need
			garbage = append(garbage, old.name())
		}
		for _, f := range s.files {
			garbage = append(garbage, f.name)
		}
		h.entries, h.snaps, s.files = nil, []snap{newest}, nil
	}
	return garbage
}

// base returns the newest snapshot.
func (h *history) base() snap { return h.snaps[len(h.snaps)-1] }

// last returns the zxid at which the history ends.
func (h *history) last() Zxid {
	if n := len(h.entries); n > 0 {
		return h.entries[n-1].Zxid
	}
	if n := len(h.snaps); n > 0 {
		return h.snaps[n-1].zxid
	}
	return 0
}

func (h *history) append(e Entry) {
	if n := len(h.entries); n == cap(h.entries) { // double: append alone copies four times as much
		h.entries = slices.Grow(h.entries, max(n, 8))
	}
	h.entries = append(h.entries, e)
}

// dropFirst removes the first element of a queue. It moves the elements of a short queue to the
// front, so that its array never grows.
func dropFirst[T any](queue []T) []T {
	var none T
	if len(queue) > 32 {
		queue[0] = none
		return queue[1:]
	}
	n := copy(queue, queue[1:])
	queue[n] = none
	return queue[:n]
}

// search returns the index of the first entry whose zxid is at least z.
func search(entries []Entry, z Zxid) int {
	return sort.Search(len(entries), func(i int) bool { return entries[i].Zxid >= z })
}

// after returns the entries that follow z.
func (h *history) after(z Zxid) []Entry { return h.entries[search(h.entries, z+1):] }

// reachesBack is true if the state at z can be rebuilt from a snapshot.
func (h *history) reachesBack(z Zxid) bool { return h.snaps[0].zxid <= z }

// truncate drops the log and the snapshots after z: such a snapshot would bring dropped
// transactions back (rule R4). If z is not a point of this history, it returns false and changes
// nothing.
func (h *history) truncate(z Zxid) bool {
	keep := len(h.snaps)
	for keep > 0 && h.snaps[keep-1].zxid > z {
		keep--
	}
	if keep == 0 {
		return false
	}
	n := search(h.entries, z+1)
	end := h.snaps[keep-1].zxid
	if n > 0 {
		end = max(end, h.entries[n-1].Zxid)
	}
	if end != z && z.Counter() != 0 {
		return false
	}
	h.snaps = h.snaps[:keep]
	h.entries = append([]Entry(nil), h.entries[:n]...) // the writer may still use the old array
	return true
}

// install makes a snapshot the whole history.
func (h *history) install(s snap) {
	h.snaps = []snap{s}
	h.entries = nil
}

// keptSnapshots is how many snapshots are kept, with the logs from the oldest of them on.
const keptSnapshots = 3

// add adds a snapshot of our own, and returns the snapshots that are not kept any longer.
func (h *history) add(s snap) (dropped []snap) {
	h.snaps = append(h.snaps, s)
	if extra := len(h.snaps) - keptSnapshots; extra > 0 {
		dropped, h.snaps = h.snaps[:extra], h.snaps[extra:]
	}
	return dropped
}

// purge drops entries before z.
func (h *history) purge(z Zxid) {
	kept := h.entries[search(h.entries, z):]
	h.entries = append(make([]Entry, 0, max(2*len(kept), 8)), kept...) // room for as many again
}
