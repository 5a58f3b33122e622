package safety

import (
	"slices"
	"sort"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// mark is a position in a history and the hash of everything up to it.
type mark struct {
	zxid zab.Zxid
	hash uint64
}

// extend returns the hash of the history with hash h and one more transaction.
func extend(h uint64, e zab.Entry) uint64 {
	return sim.Mix(h ^ sim.Mix(uint64(e.Zxid)) ^ sim.HashBytes(e.Data)*3)
}

// chain is a history from its beginning. It also has the records that its owner has only as part of
// a snapshot.
type chain struct{ marks []mark }

// last returns the mark at the end of the history, or the zero mark if it is empty.
func (c *chain) last() mark {
	if n := len(c.marks); n > 0 {
		return c.marks[n-1]
	}
	return mark{}
}

// at returns the mark at z, or at the last transaction before z.
func (c *chain) at(z zab.Zxid) mark {
	if i := c.search(z + 1); i > 0 {
		return c.marks[i-1]
	}
	return mark{}
}

// search returns the index of the first mark that is at least z. An epoch has no holes, so a
// subtraction nearly always finds the mark.
func (c *chain) search(z zab.Zxid) int {
	if n := len(c.marks); n > 0 {
		last := c.marks[n-1].zxid
		if last < z {
			return n
		}
		if d := last - z; d < zab.Zxid(n) && c.marks[n-1-int(d)].zxid == z {
			return n - 1 - int(d)
		}
	}
	return sort.Search(len(c.marks), func(i int) bool { return c.marks[i].zxid >= z })
}

// holds is true if m is a point of this history.
func (c *chain) holds(m mark) bool { return c.at(m.zxid) == m }

// before returns the mark of the history before m.
func (c *chain) before(m mark) mark {
	if i := c.search(m.zxid); i > 0 {
		return c.marks[i-1]
	}
	return mark{}
}

func (c *chain) push(e zab.Entry) {
	if n := len(c.marks); n == cap(c.marks) {
		c.marks = slices.Grow(c.marks, max(n, 8))
	}
	c.marks = append(c.marks, mark{e.Zxid, extend(c.last().hash, e)})
}

// upTo returns the history up to z. Both chains share their marks, but neither can overwrite the
// other's, because a shared slice has no spare capacity.
func (c *chain) upTo(z zab.Zxid) chain {
	n := c.search(z + 1)
	return chain{c.marks[:n:n]}
}
