package safety

import (
	"sort"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// mark is a position in a history and the hash of everything up to it.
type mark struct {
	zxid zab.Zxid
	hash uint64
}

// extend is the hash of a history with one more transaction.
func extend(h uint64, e zab.Entry) uint64 {
	return sim.Mix(h ^ sim.Mix(uint64(e.Zxid)) ^ sim.HashBytes(e.Data)*3)
}

// chain is a history as the audit keeps it: a base, and the marks behind it.
type chain struct {
	base  mark
	marks []mark
}

func (c *chain) last() mark {
	if n := len(c.marks); n > 0 {
		return c.marks[n-1]
	}
	return c.base
}

// at is the mark at z: what the history is up to there. Without a transaction at z it is that of
// the last one before.
func (c *chain) at(z zab.Zxid) (m mark, known bool) {
	if z < c.base.zxid {
		return mark{}, false
	}
	i := c.search(z + 1)
	if i == 0 {
		return c.base, true
	}
	return c.marks[i-1], true
}

func (c *chain) search(z zab.Zxid) int {
	if n := len(c.marks); n > 0 && c.marks[n-1].zxid < z {
		return n // nearly always
	}
	return sort.Search(len(c.marks), func(i int) bool { return c.marks[i].zxid >= z })
}

// holds is true if m is a point of this history.
func (c *chain) holds(m mark) bool {
	at, known := c.at(m.zxid)
	return known && at.hash == m.hash
}

func (c *chain) push(e zab.Entry) {
	c.marks = append(c.marks, mark{e.Zxid, extend(c.last().hash, e)})
}

func (c *chain) truncate(z zab.Zxid) { c.marks = c.marks[:c.search(z+1)] }

func (c *chain) reset(m mark) { c.base, c.marks = m, nil }
