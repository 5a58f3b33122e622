// Package lzma compresses the engine of a page with LZMA. The result is a fifth smaller than with
// gzip, because LZMA finds repetitions in the whole file, and adapts its probabilities to the data.
// Browsers can unpack gzip but not LZMA, so the page has its own code for it (ui/lzma.js of package
// web).
//
// [Compress] writes the format .lzma, as xz --format=lzma reads it: the properties lc=3, lp=0,
// pb=0, the size of the dictionary, the size of the file, and a stream without an end mark. Igor
// Pavlov's LZMA specification defines the format (lzma-specification.txt of the LZMA SDK). To
// choose a match, Compress looks only one byte ahead.
package lzma

import (
	"encoding/binary"
	"math/bits"
)

// The measures of the format.
const (
	lc         = 3 // bits of the byte before that choose a literal's probabilities
	states     = 12
	minMatch   = 2
	maxMatch   = 273
	lenStates  = 4
	endSlot    = 14 // from this slot on, distances have bits without a model
	alignBits  = 4
	fullPlaces = 1 << (endSlot / 2)
	half       = 1024 // a probability of 1/2
	headerSize = 13
	leastDict  = 1 << 12
)

// model has the probabilities of a stream. A decoder has the same.
type model struct {
	isMatch, isRep, isRepG0, isRepG1, isRepG2, isRep0Long [states]uint16
	literal                                               [1 << lc][0x300]uint16
	slot                                                  [lenStates][64]uint16
	special                                               [1 + fullPlaces - endSlot]uint16
	align                                                 [1 << alignBits]uint16
	length, repLength                                     lengths
}

// lengths has the probabilities of lengths.
type lengths struct {
	choice, choice2 uint16
	low, mid        [8]uint16
	high            [256]uint16
}

func even(list []uint16) {
	for i := range list {
		list[i] = half
	}
}

func (l *lengths) reset() {
	l.choice, l.choice2 = half, half
	even(l.low[:])
	even(l.mid[:])
	even(l.high[:])
}

func (m *model) reset() {
	for _, list := range []*[states]uint16{&m.isMatch, &m.isRep, &m.isRepG0, &m.isRepG1, &m.isRepG2,
		&m.isRep0Long} {
		even(list[:])
	}
	for i := range m.literal {
		even(m.literal[i][:])
	}
	for i := range m.slot {
		even(m.slot[i][:])
	}
	even(m.special[:])
	even(m.align[:])
	m.length.reset()
	m.repLength.reset()
}

// Compress returns data in the format .lzma.
func Compress(data []byte) []byte {
	dict := max(leastDict, 1<<bits.Len(uint(max(0, len(data)-1))))
	out := make([]byte, headerSize, headerSize+len(data)/4)
	out[0] = lc
	binary.LittleEndian.PutUint32(out[1:], uint32(dict))
	binary.LittleEndian.PutUint64(out[5:], uint64(len(data)))
	e := &encoder{coder: coder{out: out, width: 1<<32 - 1, pending: 1}, data: data,
		finder: newFinder(data)}
	e.model.reset()
	e.run()
	return e.finish()
}

// coder is the range coder.
type coder struct {
	out     []byte
	low     uint64
	width   uint32
	cache   byte
	pending int // bytes that a carry may change: the cache, and 0xff after it
}

func (c *coder) shift() {
	if c.low < 0xff000000 || c.low >= 1<<32 {
		carry, b := byte(c.low>>32), c.cache
		for ; c.pending > 0; c.pending-- {
			c.out = append(c.out, b+carry)
			b = 0xff
		}
		c.cache = byte(c.low >> 24)
	}
	c.pending++
	c.low = c.low & 0x00ffffff << 8
}

// bit writes a bit with a probability, and adapts it.
func (c *coder) bit(p *uint16, bit uint32) {
	bound := c.width >> 11 * uint32(*p)
	if bit == 0 {
		c.width = bound
		*p += (2048 - *p) >> 5
	} else {
		c.low += uint64(bound)
		c.width -= bound
		*p -= *p >> 5
	}
	for c.width < 1<<24 {
		c.width <<= 8
		c.shift()
	}
}

// direct writes n bits without a model, the highest first.
func (c *coder) direct(v uint32, n int) {
	for n--; n >= 0; n-- {
		c.width >>= 1
		if v>>n&1 != 0 {
			c.low += uint64(c.width)
		}
		for c.width < 1<<24 {
			c.width <<= 8
			c.shift()
		}
	}
}

// tree writes n bits, the highest first; reverse, the lowest first.
func (c *coder) tree(p []uint16, v uint32, n int) {
	m := uint32(1)
	for n--; n >= 0; n-- {
		b := v >> n & 1
		c.bit(&p[m], b)
		m = m<<1 | b
	}
}

func (c *coder) reverse(p []uint16, v uint32, n int) {
	m := uint32(1)
	for range n {
		b := v & 1
		v >>= 1
		c.bit(&p[m], b)
		m = m<<1 | b
	}
}

func (c *coder) lengthOf(l *lengths, n int) {
	v := uint32(n - minMatch)
	switch {
	case v < 8:
		c.bit(&l.choice, 0)
		c.tree(l.low[:], v, 3)
	case v < 16:
		c.bit(&l.choice, 1)
		c.bit(&l.choice2, 0)
		c.tree(l.mid[:], v-8, 3)
	default:
		c.bit(&l.choice, 1)
		c.bit(&l.choice2, 1)
		c.tree(l.high[:], v-16, 8)
	}
}

func (c *coder) finish() []byte {
	for range 5 {
		c.shift()
	}
	return c.out
}
