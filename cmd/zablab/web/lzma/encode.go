package lzma

import (
	"encoding/binary"
	"math/bits"
)

// encoder writes a file.
type encoder struct {
	coder
	model
	data   []byte
	finder finder
	at     int
	state  int
	reps   [4]int // the last distances, less one
}

// run writes all of the file.
func (e *encoder) run() {
	var next pair // the longest match at the next byte, if it is known
	known := false
	for e.at < len(e.data) {
		main := next
		if !known {
			main = e.finder.longest(e.at)
		}
		known = false
		rep, n := e.repeated(main)
		switch {
		case n > 0:
			e.repeat(rep, n)
		case main.n < minMatch:
			e.literal()
		default:
			next = e.finder.longest(e.at + 1)
			if e.better(next, main) {
				e.literal()
				known = true
				continue
			}
			e.match(main)
		}
	}
}

// pair is a match: its length, and its distance less one.
type pair struct{ n, back int }

// far reports whether one distance is so much larger than the other that a shorter match is
// cheaper.
func far(small, big int) bool { return small < big>>7 }

// repeated returns which of the last distances is better than the longest match, and how many bytes
// it covers; 0 if none is.
func (e *encoder) repeated(main pair) (rep, n int) {
	for i, back := range e.reps {
		if l := e.finder.equal(e.at, back+1); l > n {
			rep, n = i, l
		}
	}
	switch {
	case n >= minMatch && (n >= niceMatch || n+1 >= main.n || n+2 >= main.n && main.back > 1<<9 ||
		n+3 >= main.n && main.back > 1<<15):
		return rep, n
	case main.n < minMatch && n == 1 && e.finder.equal(e.at, e.reps[0]+1) == 1 && e.state >= 7:
		return 0, 1
	}
	return 0, 0
}

// better reports whether a literal and then the match at the next byte are better than the match
// here.
func (e *encoder) better(next, main pair) bool {
	if main.n >= niceMatch {
		return false
	}
	if next.n >= minMatch && (next.n >= main.n && next.back < main.back ||
		next.n == main.n+1 && !far(main.back, next.back) || next.n > main.n+1 ||
		next.n+1 >= main.n && main.n >= 3 && far(next.back, main.back)) {
		return true
	}
	limit := max(2, main.n-1)
	for _, back := range e.reps {
		if e.finder.equal(e.at+1, back+1) >= limit {
			return true
		}
	}
	return false
}

// literal writes one byte.
func (e *encoder) literal() {
	before := byte(0)
	if e.at > 0 {
		before = e.data[e.at-1]
	}
	e.bit(&e.isMatch[e.state], 0)
	p, b := &e.model.literal[before>>(8-lc)], uint32(e.data[e.at])
	symbol := uint32(1)
	if e.state >= 7 {
		other := uint32(e.data[e.at-e.reps[0]-1])
		for symbol < 0x100 {
			bit, same := b>>7&1, other>>7&1
			b, other = b<<1, other<<1
			e.bit(&p[(1+same)<<8+symbol], bit)
			symbol = symbol<<1 | bit
			if bit != same {
				break
			}
		}
	}
	for symbol < 0x100 {
		bit := b >> 7 & 1
		b <<= 1
		e.bit(&p[symbol], bit)
		symbol = symbol<<1 | bit
	}
	switch {
	case e.state < 4:
		e.state = 0
	case e.state < 10:
		e.state -= 3
	default:
		e.state -= 6
	}
	e.at++
}

// after is the state after something else than a literal.
func (e *encoder) after(early, late int) {
	if e.state < 7 {
		e.state = early
	} else {
		e.state = late
	}
}

// match writes a match with a new distance.
func (e *encoder) match(m pair) {
	e.bit(&e.isMatch[e.state], 1)
	e.bit(&e.isRep[e.state], 0)
	e.lengthOf(&e.length, m.n)
	back := uint32(m.back)
	slot, n := back, 0
	if back >= 4 {
		high := bits.Len32(back) - 1
		slot, n = uint32(high)<<1|back>>(high-1)&1, high-1
	}
	e.tree(e.slot[min(m.n-minMatch, lenStates-1)][:], slot, 6)
	base := (2 | slot&1) << n
	switch {
	case slot < 4:
	case slot < endSlot:
		e.reverse(e.special[base-slot:], back-base, n)
	default:
		e.direct((back-base)>>alignBits, n-alignBits)
		e.reverse(e.align[:], back&(1<<alignBits-1), alignBits)
	}
	e.reps = [4]int{m.back, e.reps[0], e.reps[1], e.reps[2]}
	e.after(7, 10)
	e.at += m.n
}

// repeat writes a match with one of the last distances. A single byte is written without its
// length.
func (e *encoder) repeat(rep, n int) {
	s := e.state
	e.bit(&e.isMatch[s], 1)
	e.bit(&e.isRep[s], 1)
	if rep == 0 {
		e.bit(&e.isRepG0[s], 0)
		e.bit(&e.isRep0Long[s], uint32(min(1, n-1)))
	} else {
		e.bit(&e.isRepG0[s], 1)
		if rep == 1 {
			e.bit(&e.isRepG1[s], 0)
		} else {
			e.bit(&e.isRepG1[s], 1)
			e.bit(&e.isRepG2[s], uint32(rep-2))
		}
		back := e.reps[rep]
		copy(e.reps[1:rep+1], e.reps[:rep])
		e.reps[0] = back
	}
	if n == 1 {
		e.after(9, 11)
	} else {
		e.lengthOf(&e.repLength, n)
		e.after(8, 11)
	}
	e.at += n
}

// How the finder looks: how many earlier places, and a match that is long enough.
const (
	depth     = 40
	niceMatch = 128
	hashBits  = 18
)

// finder finds earlier copies of the bytes at a place.
type finder struct {
	data        []byte
	done        int // places in the tables
	two, three  []int32
	four, chain []int32 // the last place with a hash; the place before with the same hash
}

func newFinder(data []byte) finder {
	f := finder{data: data, two: make([]int32, 1<<16), three: make([]int32, 1<<hashBits),
		four: make([]int32, 1<<hashBits), chain: make([]int32, len(data))}
	for _, list := range [][]int32{f.two, f.three, f.four} {
		for i := range list {
			list[i] = -1
		}
	}
	return f
}

func (f *finder) hashes(at int) (h2, h3, h4 uint32) {
	d := f.data[at:]
	h2 = uint32(d[0]) | uint32(d[1])<<8
	v := h2 | uint32(d[2])<<16
	h3 = v * 0x9e3779b1 >> (32 - hashBits)
	return h2, h3, (v | uint32(d[3])<<24) * 0x85ebca6b >> (32 - hashBits)
}

// longest returns the longest match at a place; of equal ones, the nearest. If a much nearer one is
// shorter by one, it returns that one.
func (f *finder) longest(at int) (best pair) {
	if at+4 > len(f.data) {
		return pair{}
	}
	for ; f.done < at; f.done++ {
		h2, h3, h4 := f.hashes(f.done)
		f.two[h2], f.three[h3] = int32(f.done), int32(f.done)
		f.chain[f.done], f.four[h4] = f.four[h4], int32(f.done)
	}
	h2, h3, h4 := f.hashes(at)
	look := func(from int32) {
		if from < 0 {
			return
		}
		back := at - int(from) - 1
		if next := at + best.n; next >= len(f.data) || f.data[next] != f.data[int(from)+best.n] {
			return // not longer
		}
		if n := f.equal(at, back+1); n > best.n && !(n == best.n+1 && best.n >= 2 && far(best.back, back)) {
			best = pair{n, back}
		}
	}
	look(f.two[h2])
	look(f.three[h3])
	from := f.four[h4]
	for range depth {
		if from < 0 || best.n >= niceMatch {
			break
		}
		look(from)
		from = f.chain[from]
	}
	if best.n < minMatch || best.n == minMatch && best.back >= 0x80 {
		return pair{}
	}
	return best
}

// equal returns how many bytes at a place are those at a distance before it.
func (f *finder) equal(at, distance int) (n int) {
	if distance > at || at >= len(f.data) {
		return 0
	}
	most := min(maxMatch, len(f.data)-at)
	a, b := f.data[at:at+most], f.data[at-distance:at-distance+most]
	for ; n+8 <= most; n += 8 {
		if x := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); x != 0 {
			return n + bits.TrailingZeros64(x)/8
		}
	}
	for n < most && a[n] == b[n] {
		n++
	}
	return n
}
