package zab

import (
	"math/bits"
	"strconv"

	"github.com/zablab/zablab/sim"
)

// ID is the number of a server, which ZooKeeper calls sid. It is the number of the machine that the
// server runs on, from 1 to 63. Of two votes that are equal otherwise, the vote for the larger ID
// wins.
type ID = sim.NodeID

// Zxid is the number of a transaction: the epoch in the high 32 bits, the counter in the low 32
// bits. The first transaction of epoch e has the zxid e/1. The zxid e/0 belongs to no transaction:
// it marks the beginning of epoch e, for example in NEWLEADER and its ACK. Zxids compare as
// unsigned numbers.
type Zxid uint64

// NoZxid stands in place of the last zxid of a server that has lost its disk and therefore must not
// vote (ZOOKEEPER-261). It differs from 0, the last zxid of a new server with an empty history.
const NoZxid = ^Zxid(0)

// MakeZxid returns the zxid with this epoch and counter.
func MakeZxid(epoch, counter uint32) Zxid { return Zxid(epoch)<<32 | Zxid(counter) }

// Epoch returns the epoch of z.
func (z Zxid) Epoch() uint32 { return uint32(z >> 32) }

// Counter returns the counter of z: the number of the transaction within its epoch.
func (z Zxid) Counter() uint32 { return uint32(z) }

// String returns z as epoch/counter: 1/10.
func (z Zxid) String() string {
	if z == NoZxid {
		return "none"
	}
	return strconv.FormatUint(uint64(z>>32), 10) + "/" + strconv.FormatUint(uint64(uint32(z)), 10)
}

// follows is true if a transaction at z may directly follow one at last.
func (z Zxid) follows(last Zxid) bool {
	if z.Epoch() == last.Epoch() {
		return z.Counter() == last.Counter()+1
	}
	return z.Epoch() > last.Epoch() && z.Counter() == 1
}

// Entry is one transaction in the log. Do not change Data after you have made the Entry.
type Entry struct {
	Zxid Zxid
	Data []byte
}

// Set is a set of server IDs.
type Set uint64

// SetOf returns the set of ids.
func SetOf(ids ...ID) Set {
	var s Set
	for _, id := range ids {
		s = s.With(id)
	}
	return s
}

// With returns s with id added.
func (s Set) With(id ID) Set { return s | 1<<uint(id) }

// Without returns s without id.
func (s Set) Without(id ID) Set { return s &^ (1 << uint(id)) }

// Has reports whether id is in s.
func (s Set) Has(id ID) bool { return s>>uint(id)&1 != 0 }

// Len returns the number of IDs in s.
func (s Set) Len() int { return bits.OnesCount64(uint64(s)) }

// IDs lists s in ascending order.
func (s Set) IDs() []ID {
	ids := make([]ID, 0, s.Len())
	for r := uint64(s); r != 0; r &= r - 1 {
		ids = append(ids, ID(bits.TrailingZeros64(r)))
	}
	return ids
}

// Majority reports whether s has more than half of the servers in voters. Members of s that are not
// in voters do not count.
func (s Set) Majority(voters Set) bool { return 2*(s&voters).Len() > voters.Len() }
