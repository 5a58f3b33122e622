package explore

import (
	"slices"

	"github.com/zablab/zablab/sim"
)

// store keeps the worlds that a search has met, as tuples of numbers, in the order in which they
// were met: it is the queue of a breadth-first search too. A table of their places finds a tuple
// again; tuples are compared whole.
type store struct {
	tuples
	slots []uint32 // place of a tuple plus 1, or 0
	tags  []uint8  // 8 more bits of its hash
	seed  uint64
	room  func(n int) ([]uint32, error) // Options.Room
	away  int                           // chunks that room has given
	full  error                         // room has given no more
}

// tuples are those of a store. A copy shows those of the moment at which it was made.
type tuples struct {
	width  int // numbers in a tuple
	chunks [][]uint32
	n      int
}

// chunkSize is how many tuples a chunk has.
const chunkSize = 1 << 14

func newStore(width int, seed uint64) *store {
	return &store{tuples: tuples{width: width}, seed: seed, slots: make([]uint32, 1<<12),
		tags: make([]uint8, 1<<12)}
}

// at returns the tuple at a place, and after it the place of the tuple that it was reached from.
func (t *tuples) at(i int) []uint32 {
	w := t.width + 1
	return t.chunks[i/chunkSize][i%chunkSize*w:][:w]
}

func (t *store) hash(tuple []uint32) uint64 {
	h := t.seed
	for _, n := range tuple {
		h = sim.Mix(h + uint64(n))
	}
	return h
}

// add adds a tuple, and reports whether it is new.
func (t *store) add(tuple []uint32, from int) bool {
	h := t.hash(tuple)
	mask := uint64(len(t.slots) - 1)
	tag := uint8(h >> 56)
	i := h & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if t.tags[i] == tag && slices.Equal(t.at(int(t.slots[i] - 1))[:t.width], tuple) {
			return false
		}
	}
	if t.n%chunkSize == 0 {
		t.chunks = append(t.chunks, t.chunk())
	}
	t.n++
	kept := t.at(t.n - 1)
	copy(kept, tuple)
	kept[t.width] = uint32(from)
	t.slots[i], t.tags[i] = uint32(t.n), tag
	if 4*t.n >= 3*len(t.slots) {
		t.grow()
	}
	return true
}

// chunk returns a new chunk.
func (t *store) chunk() []uint32 {
	n := chunkSize * (t.width + 1)
	if t.room != nil && t.full == nil {
		list, err := t.room(n)
		if err == nil {
			t.away++
			return list
		}
		t.full = err
	}
	return make([]uint32, n)
}

// find returns the place of a tuple, or -1.
func (t *store) find(tuple []uint32) int {
	h := t.hash(tuple)
	mask := uint64(len(t.slots) - 1)
	tag := uint8(h >> 56)
	for i := h & mask; t.slots[i] != 0; i = (i + 1) & mask {
		if t.tags[i] == tag && slices.Equal(t.at(int(t.slots[i] - 1))[:t.width], tuple) {
			return int(t.slots[i] - 1)
		}
	}
	return -1
}

// grow doubles the table.
func (t *store) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	t.tags = make([]uint8, len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for k := range t.n {
		h := t.hash(t.at(k)[:t.width])
		i := h & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i], t.tags[i] = uint32(k+1), uint8(h>>56)
	}
}

// bytes returns how much memory the store has, without what room has given.
func (t *store) bytes() int {
	return (len(t.chunks)-t.away)*chunkSize*(t.width+1)*4 + len(t.slots)*5
}
