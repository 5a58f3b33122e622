package lzma

import (
	"encoding/binary"
	"errors"
)

// decoder is the decoder of the specification, as ui/lzma.js has it.
type decoder struct {
	model
	in          []byte
	width, code uint32
	short       bool // it wanted more than there is

	out   []byte
	state int
	reps  [4]int // the last distances, less one
}

func (d *decoder) normal() {
	if d.width < 1<<24 {
		d.width <<= 8
		d.code <<= 8
		if len(d.in) == 0 {
			d.short = true
			return
		}
		d.code |= uint32(d.in[0])
		d.in = d.in[1:]
	}
}

func (d *decoder) bit(p *uint16) uint32 {
	bound := d.width >> 11 * uint32(*p)
	defer d.normal()
	if d.code < bound {
		d.width = bound
		*p += (2048 - *p) >> 5
		return 0
	}
	d.code -= bound
	d.width -= bound
	*p -= *p >> 5
	return 1
}

func (d *decoder) tree(p []uint16, n int) uint32 {
	m := uint32(1)
	for range n {
		m = m<<1 | d.bit(&p[m])
	}
	return m - 1<<n
}

func (d *decoder) reverse(p []uint16, n int) (v uint32) {
	m := uint32(1)
	for i := range n {
		b := d.bit(&p[m])
		m = m<<1 | b
		v |= b << i
	}
	return v
}

func (d *decoder) lengthOf(l *lengths) int {
	switch {
	case d.bit(&l.choice) == 0:
		return int(d.tree(l.low[:], 3)) + 2
	case d.bit(&l.choice2) == 0:
		return int(d.tree(l.mid[:], 3)) + 10
	}
	return int(d.tree(l.high[:], 8)) + 18
}

func (d *decoder) distance(n int) int {
	slot := d.tree(d.slot[min(n-2, 3)][:], 6)
	if slot < 4 {
		return int(slot)
	}
	foot := int(slot>>1) - 1
	back := (2 | slot&1) << foot
	if slot < endSlot {
		return int(back + d.reverse(d.special[back-slot:], foot))
	}
	v := uint32(0)
	for range foot - alignBits {
		d.width >>= 1
		b := uint32(0)
		if d.code >= d.width {
			d.code -= d.width
			b = 1
		}
		v = v<<1 | b
		d.normal()
	}
	return int(back + v<<alignBits + d.reverse(d.align[:], alignBits))
}

// errDamaged is the error for data that [Compress] did not write.
var errDamaged = errors.New("the data is not LZMA with lc=3, or is damaged")

// Decompress returns what Compress was given. It returns an error if it notices that the data is
// damaged. It does not notice all damage, because the format has no checksum.
func Decompress(in []byte) (out []byte, err error) {
	if len(in) < headerSize+5 || in[0] != lc {
		return nil, errDamaged
	}
	size := int(binary.LittleEndian.Uint64(in[5:]))
	d := &decoder{in: in[18:], width: 1<<32 - 1, code: binary.BigEndian.Uint32(in[14:])}
	d.reset()
	for len(d.out) < size {
		n := 0
		switch {
		case d.short:
			return nil, errDamaged
		case d.bit(&d.isMatch[d.state]) == 0:
			if d.state >= 7 && d.reps[0] >= len(d.out) {
				return nil, errDamaged
			}
			d.literal()
			continue
		case d.bit(&d.isRep[d.state]) == 0:
			n = d.lengthOf(&d.length)
			d.reps = [4]int{d.distance(n), d.reps[0], d.reps[1], d.reps[2]}
			d.move(7, 10)
		default:
			n = d.repeat()
		}
		if d.reps[0] < 0 || d.reps[0] >= len(d.out) || len(d.out)+n > size {
			return nil, errDamaged
		}
		for range n {
			d.out = append(d.out, d.out[len(d.out)-d.reps[0]-1])
		}
	}
	return d.out, nil
}

// move changes the state: to early after a literal, else to late.
func (d *decoder) move(early, late int) {
	if d.state < 7 {
		d.state = early
	} else {
		d.state = late
	}
}

// literal reads one byte. After a match, the byte at the last distance helps to predict it.
func (d *decoder) literal() {
	before := byte(0)
	if len(d.out) > 0 {
		before = d.out[len(d.out)-1]
	}
	p, symbol := &d.model.literal[before>>5], uint32(1)
	if d.state >= 7 {
		other := uint32(d.out[len(d.out)-d.reps[0]-1])
		for symbol < 0x100 {
			same := other >> 7 & 1
			other <<= 1
			b := d.bit(&p[(1+same)<<8+symbol])
			if symbol = symbol<<1 | b; b != same {
				break
			}
		}
	}
	for symbol < 0x100 {
		symbol = symbol<<1 | d.bit(&p[symbol])
	}
	d.out = append(d.out, byte(symbol))
	d.state = []int{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5}[d.state]
}

// repeat reads a match with one of the last distances, and returns its length.
func (d *decoder) repeat() int {
	if d.bit(&d.isRepG0[d.state]) == 0 {
		if d.bit(&d.isRep0Long[d.state]) == 0 {
			d.move(9, 11)
			return 1
		}
	} else {
		i := 1
		if d.bit(&d.isRepG1[d.state]) == 1 {
			i = 2 + int(d.bit(&d.isRepG2[d.state]))
		}
		back := d.reps[i]
		copy(d.reps[1:i+1], d.reps[:i])
		d.reps[0] = back
	}
	n := d.lengthOf(&d.repLength)
	d.move(8, 11)
	return n
}
