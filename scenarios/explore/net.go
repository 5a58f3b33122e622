package explore

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// connID names a connection: who dialled, whom, on which port, and a number that tells it from
// earlier ones that are not quite closed: 4 bits each.
type connID uint16

func newConn(from, to int, port sim.Port, k uint32) connID {
	return connID(uint32(from)<<12 | uint32(to)<<8 | uint32(port)<<4 | k)
}

// end returns the dialling server (0) or the accepting one (1).
func (c connID) end(dir int) int { return int(c >> (12 - 4*dir) & 15) }

func (c connID) port() sim.Port { return sim.Port(c >> 4 & 15) }

// maxK is the largest number that tells connections apart.
const maxK = 7

// oracleConn is the connection that an election by the oracle does not need.
const oracleConn = 1

// channel is a connection: a queue of messages in each direction.
type channel struct {
	id   connID
	open uint8     // bit 0: the dialler's end, bit 1: the acceptor's, bit 2: it has carried a message
	q    [2]uint32 // from the dialler, and from the acceptor; 0 is an empty queue
}

const used = 4

// endMark is the message that stands for the end of a connection.
const endMark = 1

// queues interns queues of messages.
type queues struct {
	list   []queue
	pushed pairs // (queue, message) to the longer queue
}

type queue struct{ head, rest uint32 }

func newQueues() *queues { return &queues{list: make([]queue, 1), pushed: newPairs()} }

// push returns q with a message at its end.
func (qs *queues) push(q, msg uint32) uint32 {
	key := uint64(q)<<32 | uint64(msg)
	if to, ok := qs.pushed.get(key, 0); ok {
		return to
	}
	made := queue{head: msg}
	if q != 0 {
		made = queue{qs.list[q].head, qs.push(qs.list[q].rest, msg)}
	}
	// Another way may have led to the same queue: only (rest, head) names it.
	to, ok := qs.pushed.get(uint64(made.rest)<<32|uint64(made.head), 1)
	if !ok {
		qs.list = append(qs.list, made)
		to = uint32(len(qs.list) - 1)
		qs.pushed.put(uint64(made.rest)<<32|uint64(made.head), 1, to)
	}
	qs.pushed.put(key, 0, to)
	return to
}

// scene is a world while an action is carried out: its connections, and the events that come at
// once. step hands an event to a server, updates its summary, and returns what it did.
type scene struct {
	chans   []channel
	sums    [MaxServers + 1]*summary
	queues  *queues
	step    func(i int, e event) (effects []effect, died, ok bool)
	pending []due
	failed  bool
}

type due struct {
	to int
	e  event
}

// find returns the connection with that ID, or nil.
func (s *scene) find(id connID) *channel {
	for i := range s.chans {
		if s.chans[i].id == id {
			return &s.chans[i]
		}
	}
	return nil
}

// free returns the smallest number that no connection with these ends has.
func (s *scene) free(from, to int, port sim.Port) uint32 {
	k := uint32(0)
	for s.find(newConn(from, to, port, k)) != nil {
		k++
	}
	if k > maxK {
		panic(fmt.Sprintf("explore: more than %d open connections from S%d to one port of S%d: "+
			"this is a bug of the lab", maxK,
			from, to))
	}
	return k
}

// event hands an event to a server, and carries out what the server does.
func (s *scene) event(i int, e event) {
	if s.failed || !s.sums[i].up && e.kind != evBoot {
		return
	}
	effects, died, ok := s.step(i, e)
	if !ok {
		s.failed = true
		return
	}
	for k := range effects {
		s.carryOut(i, &effects[k])
	}
	if !died {
		return
	}
	for k := range s.chans {
		c := &s.chans[k]
		for dir := range 2 {
			if c.id.end(dir) != i {
				continue
			}
			if open := c.open>>dir&1 != 0; open && (e.kind == evPower || e.kind == evWipe) {
				c.q[dir] = 0 // what is in transit is lost
			}
			s.close(c, dir)
		}
	}
}

func (s *scene) carryOut(i int, f *effect) {
	switch f.kind {
	case sim.Dial:
		s.dial(i, f)
	case sim.Send:
		if c := s.find(f.conn); c != nil && c.open&3 == 3 {
			dir := s.dirOf(c, i)
			c.open |= used
			c.q[dir] = s.queues.push(c.q[dir], f.msg)
		}
	case sim.Close:
		if c := s.find(f.conn); c != nil {
			s.close(c, s.dirOf(c, i))
		}
	}
}

// dirOf is which end of c server i is.
func (s *scene) dirOf(c *channel, i int) int {
	if c.id.end(1) == i {
		return 1
	}
	return 0
}

func (s *scene) dial(i int, f *effect) {
	to := f.conn.end(1)
	if !s.sums[to].up {
		s.pending = append(s.pending, due{i, event{kind: evRefused, conn: f.conn, arg: uint8(to)}})
		return
	}
	at, _ := slices.BinarySearchFunc(s.chans, f.conn, func(c channel, id connID) int {
		return int(c.id) - int(id)
	})
	s.chans = slices.Insert(s.chans, at, channel{id: f.conn, open: 3})
	s.pending = append(s.pending, due{to, event{kind: evAccepted, conn: f.conn, arg: uint8(i)}},
		due{i, event{kind: evConnected, conn: f.conn, arg: uint8(to)}})
}

// close closes one end. The other end learns of it after what was sent, or at once if nothing ever
// was.
func (s *scene) close(c *channel, dir int) {
	other := 1 - dir
	if c.open>>dir&1 == 0 {
		return
	}
	c.open &^= 1 << dir
	c.q[other] = 0
	if c.open>>other&1 == 0 {
		return
	}
	if c.open&used == 0 {
		c.open &^= 1 << other
		s.pending = append(s.pending, due{c.id.end(other),
			event{kind: evClosed, conn: c.id, arg: uint8(c.id.end(dir))}})
		return
	}
	c.q[dir] = s.queues.push(c.q[dir], endMark)
}

// deliver takes the oldest message of a connection and hands it to the other end.
func (s *scene) deliver(id connID, dir int) {
	c := s.find(id)
	item := s.queues.list[c.q[dir]]
	c.q[dir] = item.rest
	from, to := uint8(id.end(dir)), id.end(1-dir)
	if item.head == endMark {
		c.open &^= 1 << (1 - dir)
		c.q[1-dir] = 0
		s.event(to, event{kind: evClosed, conn: id, arg: from})
		return
	}
	s.event(to, event{kind: evReceived, conn: id, arg: from, msg: item.head})
}

// settle carries out what takes no time, and forgets the connections that are closed at both ends.
func (s *scene) settle() {
	for at := 0; at < len(s.pending) && !s.failed; at++ {
		t := s.pending[at]
		if t.e.kind == evAccepted || t.e.kind == evConnected {
			c := s.find(t.e.conn)
			if c == nil || t.e.kind == evAccepted && c.open>>s.dirOf(c, t.to)&1 == 0 {
				continue
			}
		}
		s.event(t.to, t.e)
		if at > 1000 {
			panic("explore: the servers cause more and more events at the same moment: this is a " +
				"bug of the lab")
		}
	}
	s.pending = s.pending[:0]
	live := s.chans[:0]
	for _, c := range s.chans {
		if c.open&3 != 0 {
			live = append(live, c)
		}
	}
	s.chans = live
}

// voting reports whether a vote is under way to server i.
func voting(chans []channel, i int) bool {
	for k := range chans {
		c := &chans[k]
		if c.id.port() != zab.PortElection {
			continue
		}
		if c.id.end(1) == i && c.q[0] != 0 || c.id.end(0) == i && c.q[1] != 0 {
			return true
		}
	}
	return false
}
