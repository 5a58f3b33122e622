package witness

import (
	"cmp"
	"slices"

	lin "github.com/zablab/zablab/linearizability"
)

// item is an operation whose zxid is known. A write precedes the reads of the state that it made.
type item struct {
	z    lin.Zxid
	op   int32
	read bool
}

// loose is a write without a zxid. It may be placed before any item from lo on, or nowhere; if it
// was answered, it must be placed, and before item hi at the latest.
type loose struct {
	op     int32
	lo, hi int
	must   bool
	placed bool
}

// The budget of a search: steps for each operation, and the least in all.
const (
	budgetPerOp = 20
	budgetLeast = 200_000
)

// search walks through the items in the order of their zxids. Only where the reference disagrees
// does it go back, and try whether a write without a zxid, placed in between, explains the reply.
type search struct {
	h       lin.History
	w       *world
	initial []lin.Node
	closed  []lin.Session
	items   []item
	loose   []loose
	excused []bool // for each item: its breach is known
	steps   int
	budget  int

	furthest int
	miss     miss
}

// frame is a gap before an item, in which the loose operations are tried one after the other.
type frame struct {
	item    int // the gap is before this item
	mark    int // of the journal
	next    int // the loose operation to try next
	filled  int // how many were placed in this gap
	lo      lin.Zxid
	current int // the one placed here; -1 for none
}

// result is how a walk ended.
type result int

const (
	explained result = iota
	stuck
	exhausted
)

// walk tries to explain every item that is not excused. If it is stuck, furthest is the item that
// nothing explains.
func (s *search) walk() result {
	s.w = newWorld(s.initial, s.closed, len(s.items)/2+16)
	s.furthest, s.miss = -1, miss{}
	for i := range s.loose {
		s.loose[i].placed = false
	}
	if len(s.loose) == 0 {
		return s.straight(0)
	}
	var stack []frame
	p, fresh := 0, true
	for {
		if s.steps++; s.steps > s.budget {
			return exhausted
		}
		if p == len(s.items) && s.rest() {
			return explained
		}
		if fresh && (p == len(s.items) || s.gap(p)) {
			stack = append(stack, s.open(p, nil))
		}
		if p < len(s.items) && !s.late(p) {
			m, ok := s.do(p)
			if ok {
				p, fresh = p+1, true
				continue
			}
			if p > s.furthest {
				s.furthest, s.miss = p, m
			}
		}
		if p, stack = s.retreat(stack); p < 0 {
			if s.steps > s.budget {
				return exhausted
			}
			return stuck
		}
		fresh = false
		last := stack[len(stack)-1]
		if last.filled > 0 { // the gap may take another
			stack = append(stack, s.open(p, &last))
		}
	}
}

// straight walks from item p on if every write has a zxid: then there is nothing to choose, and no
// reason to go back.
func (s *search) straight(p int) result {
	for ; p < len(s.items); p++ {
		s.steps++
		if m, ok := s.do(p); !ok {
			s.furthest, s.miss = p, m
			return stuck
		}
		s.w.journal = s.w.journal[:0]
	}
	return explained
}

// do carries out one item, or forces it if it is excused.
func (s *search) do(p int) (miss, bool) {
	it := &s.items[p]
	op := &s.h[it.op]
	at := stamp{at: it.z}
	if s.excused[p] {
		if !it.read {
			s.w.force(op, at)
		}
		return miss{}, true
	}
	mark := len(s.w.journal)
	m, ok := s.w.step(op, at)
	if !ok {
		s.w.back(mark)
	}
	return m, ok
}

// gap reports whether there is an unused zxid before item p.
func (s *search) gap(p int) bool {
	lo := lin.Zxid(0)
	if p > 0 {
		lo = s.items[p-1].z
	}
	return s.upTo(p)-lo > 1
}

// upTo returns an upper bound, excluded, of the zxids of operations placed before item p. If no
// known write made the state that a read shows, the unknown write that made it may be placed before
// the read.
func (s *search) upTo(p int) lin.Zxid {
	switch {
	case p == len(s.items):
		return 1<<63 - 1
	case s.items[p].read && (p == 0 || s.items[p-1].z < s.items[p].z):
		return s.items[p].z + 1
	}
	return s.items[p].z
}

// open returns a frame for the gap before item p, after the operations that prev placed there.
func (s *search) open(p int, prev *frame) frame {
	f := frame{item: p, mark: len(s.w.journal), current: -1}
	if p > 0 {
		f.lo = s.items[p-1].z
	}
	if prev != nil {
		f.filled = prev.filled
	}
	return f
}

// late reports whether an answered operation should have been placed before item p.
func (s *search) late(p int) bool {
	for i := range s.loose {
		if l := &s.loose[i]; l.must && !l.placed && l.hi <= p {
			return true
		}
	}
	return false
}

// rest reports whether all answered operations are placed.
func (s *search) rest() bool {
	for i := range s.loose {
		if l := &s.loose[i]; l.must && !l.placed {
			return false
		}
	}
	return true
}

// retreat goes back to the last gap that can take another operation, and places it there. It
// returns the item of the gap, or -1 if there is no such item.
func (s *search) retreat(stack []frame) (int, []frame) {
	for len(stack) > 0 {
		f := &stack[len(stack)-1]
		s.w.back(f.mark)
		if f.current >= 0 {
			s.loose[f.current].placed = false
			f.filled--
			f.current = -1
		}
		hi := s.upTo(f.item)
		for ; f.next < len(s.loose); f.next++ {
			l := &s.loose[f.next]
			if l.placed || l.lo > f.item || l.must && l.hi < f.item ||
				int64(hi-f.lo)-1 <= int64(f.filled) || s.overtakes(l) {
				continue
			}
			if s.steps++; s.steps > s.budget {
				return -1, nil
			}
			if _, ok := s.w.step(&s.h[l.op], stamp{lo: f.lo, hi: hi}); !ok {
				s.w.back(f.mark)
				continue
			}
			l.placed, f.current = true, f.next
			f.filled++
			f.next++
			return f.item, stack
		}
		stack = stack[:len(stack)-1]
	}
	return -1, nil
}

// overtakes reports whether an answered operation that returned before l was called is not placed
// yet.
func (s *search) overtakes(l *loose) bool {
	for i := range s.loose {
		k := &s.loose[i]
		if k.must && !k.placed && s.h[k.op].Return < s.h[l.op].Call {
			return true
		}
	}
	return false
}

// bounds finds the items between which real time permits each loose operation.
func (s *search) bounds() {
	if len(s.loose) == 0 {
		return
	}
	type moment struct {
		at int64
		p  int
	}
	var returns, calls []moment
	for p, it := range s.items {
		op := &s.h[it.op]
		if op.Outcome != lin.Unknown {
			returns = append(returns, moment{op.Return, p})
		}
		if !it.read {
			calls = append(calls, moment{op.Call, p})
		}
	}
	byTime := func(a, b moment) int { return cmp.Compare(a.at, b.at) }
	slices.SortFunc(returns, byTime)
	slices.SortFunc(calls, byTime)
	for i := 1; i < len(returns); i++ {
		returns[i].p = max(returns[i].p, returns[i-1].p)
	}
	for i := len(calls) - 2; i >= 0; i-- {
		calls[i].p = min(calls[i].p, calls[i+1].p)
	}
	for i := range s.loose {
		l := &s.loose[i]
		op := &s.h[l.op]
		l.lo, l.hi = 0, len(s.items)
		if k := before(len(returns), func(k int) bool { return returns[k].at < op.Call }); k > 0 {
			l.lo = returns[k-1].p + 1
		}
		if !l.must {
			continue
		}
		k := before(len(calls), func(k int) bool { return calls[k].at <= op.Return })
		if k < len(calls) {
			l.hi = calls[k].p
		}
	}
}

// before returns how many of n things, in order, fulfil a condition that only the first of them
// fulfil.
func before(n int, holds func(int) bool) int {
	lo, hi := 0, n
	for lo < hi {
		if mid := (lo + hi) / 2; holds(mid) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}
