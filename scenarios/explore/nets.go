package explore

import (
	"slices"

	"github.com/zablab/zablab/sim"
)

// nets numbers the states of the network from 0, which has no connection.
type nets struct {
	list  []net
	room  []channel // of all lists
	slots []uint32  // number plus 1, or 0
}

type net struct{ at, n uint32 }

func newNets() *nets {
	t := &nets{slots: make([]uint32, 1<<10)}
	t.number(nil)
	return t
}

// channels returns the connections of a network. The caller must not change them.
func (t *nets) channels(n uint32) []channel {
	x := t.list[n]
	return t.room[x.at:][:x.n]
}

func hashNet(chans []channel) uint64 {
	h := uint64(len(chans))
	for i := range chans {
		c := &chans[i]
		h = sim.Mix(h + uint64(c.id) + uint64(c.open)<<16 + uint64(c.q[0])<<32)
		h = sim.Mix(h + uint64(c.q[1]))
	}
	return h
}

// number returns the number of a network.
func (t *nets) number(chans []channel) uint32 {
	mask := uint64(len(t.slots) - 1)
	i := hashNet(chans) & mask
	for ; t.slots[i] != 0; i = (i + 1) & mask {
		if n := t.slots[i] - 1; slices.Equal(t.channels(n), chans) {
			return n
		}
	}
	t.list = append(t.list, net{uint32(len(t.room)), uint32(len(chans))})
	t.room = append(t.room, chans...)
	n := uint32(len(t.list) - 1)
	t.slots[i] = n + 1
	if 4*len(t.list) >= 3*len(t.slots) {
		t.grow()
	}
	return n
}

func (t *nets) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for n := range t.list {
		i := hashNet(t.channels(uint32(n))) & mask
		for t.slots[i] != 0 {
			i = (i + 1) & mask
		}
		t.slots[i] = uint32(n + 1)
	}
}

func (t *nets) bytes() int { return len(t.room)*12 + len(t.list)*8 + len(t.slots)*4 }
