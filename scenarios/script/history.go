package script

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// History is the history that a server has on its disk before the first drawing: the transactions
// 1/1 to 1/Counter.
type History struct {
	Server  string
	Counter uint32
}

// mostHistory is the longest history that is supplied.
const mostHistory = 200

// histories supplies the transactions that the votes of a drawing show. A server that votes for
// itself with zxid=5 has five transactions. Nothing is supplied unless a quorum votes so, and
// unless the server with the longest history can have led.
func (s *supplier) histories() {
	if s.world.NoParents || s.strict && s.world.Cast.Dynamic() || s.world.Stage.Leader != 0 {
		return
	}
	if s.world.Cast.Dynamic() {
		s.reported()
		return
	}
	counters := make(map[string]uint32)
	var first *Act
	top := uint32(0)
	for _, a := range s.acts {
		looks := a.Kind == Happening && a.Happening.What == BecomesLooking
		if a.Kind != Packet && a.Kind != Remark && a.Kind != Condition && !looks {
			break // the history is that of the first election
		}
		own := a.VoteFor != 0 && a.From == fmt.Sprintf("S%d", a.VoteFor)
		_, known := counters[a.From]
		if a.Packet != "NOTIFICATION" || !own || known || !a.HasZxid || a.Zxid.Epoch() > 1 {
			continue
		}
		if first == nil {
			first = a
		}
		counters[a.From] = a.Zxid.Counter()
		top = max(top, a.Zxid.Counter())
	}
	if top < 2 || top > mostHistory || 2*len(counters) <= s.world.Stage.Servers {
		return
	}
	var list []History
	for n := range s.world.Stage.Servers {
		name := fmt.Sprintf("S%d", n+1)
		counter, known := counters[name]
		if !known {
			counter = top
		}
		list = append(list, History{name, counter})
	}
	if leader := Leads(list); leader == 0 || leader == 1 {
		return
	}
	s.world.History = list
	var told []string
	for _, h := range list {
		told = append(told, fmt.Sprintf("%s has %s", h.Server, zab.MakeZxid(1, h.Counter)))
	}
	first.told("the last transaction of each server before the drawing begins: %s",
		strings.Join(told, ", "))
}

// reported supplies the transactions that followers report to a new leader: send(epoch=3, zxid
// 3/5). The leader has all of them: it is the last server, which wins the election.
func (s *supplier) reported() {
	cast, n := s.world.Cast, s.world.Stage.Servers
	counters := make(map[int]uint32) // by the number of the follower
	var first *Act
	top := uint32(0)
	for _, a := range s.acts {
		if a.Kind != Packet && a.Kind != Remark && a.Kind != Condition {
			break
		}
		i := cast.Roles[a.From].Follows
		if _, known := counters[i]; a.Packet != "ACKEPOCH" || !a.HasZxid || i == 0 || i >= n || known ||
			a.Zxid.Epoch() == 0 {
			continue
		}
		if first == nil {
			first = a
		}
		counters[i] = a.Zxid.Counter()
		top = max(top, a.Zxid.Counter())
	}
	if top < 2 || top > mostHistory || 2*len(counters) <= n || n > 9 {
		return
	}
	var told []string
	var list []History
	for i := 1; i <= n; i++ {
		counter, known := counters[i]
		if !known {
			counter = top
		}
		list = append(list, History{fmt.Sprintf("S%d", i), counter})
		told = append(told, fmt.Sprintf("S%d has %s", i, zab.MakeZxid(1, counter)))
	}
	if leader := Leads(list); leader != n {
		return
	}
	s.world.History = list
	first.told("the last transaction of each server before the drawing begins: %s",
		strings.Join(told, ", "))
}

// Leads returns the number of the server that must have led when the servers got these histories.
// Of the servers with the longest history, this is the one with the highest number. If a server has
// only transaction 1/1, the histories do not determine the leader, and Leads returns 0.
func Leads(list []History) (leader int) {
	top := uint32(0)
	for i, h := range list {
		if h.Counter == 1 {
			return 0
		}
		if h.Counter >= top {
			top, leader = h.Counter, i+1
		}
	}
	return leader
}

// Longest limits how long the player waits for each event while it gives the servers their
// histories ([History]), before the drawing begins.
const Longest = 30 * sim.Second
