package scenarios

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// sighting is a message that may meet an expectation, with its records.
type sighting struct {
	at         sim.Time
	send, recv int64          // records; recv is -1 until it has arrived
	scanned    int64          // records already searched for its arrival
	dropped    bool           // it never arrives
	packet     *engine.Packet // the message, if the engine has no records
	message    zab.Message
}

// sees reports whether the engine shows messages between servers.
func (p *player) sees() bool {
	_, ok := p.packets()
	return ok || p.sim != nil
}

// packets returns the messages between servers that a real engine has seen.
func (p *player) packets() (list []*engine.Packet, ok bool) {
	if w, is := p.e.(engine.Watcher); is {
		return w.Packets()
	}
	return nil, false
}

// lookPacket finds a message between servers. It tries messages in the order of sending: first one
// that follows everything shown for both servers, then one that contradicts no message above. A
// message that contradicts another is also returned, as wrong.
func (p *player) lookPacket(x *expectation, at *cursors) found {
	from, to := zab.ID(x.a.From[1]-'0'), zab.ID(x.a.To[1]-'0')
	if p.sim != nil {
		p.scan(x, from, to)
	} else {
		p.scanPackets(x, from, to)
	}
	quorum := p.spec.Stage.Servers/2 + 1
	free, wrong := found{op: -1}, found{op: -1}
	var freely *drawnMessage
	for i := range x.seen {
		s := &x.seen[i]
		if s.recv < 0 || at.used[s.send] || x.lost && s.dropped {
			continue
		}
		f := found{ok: true, op: -1, at: s.at, index: s.send, to: s.recv,
			zxid: s.message.At()}
		m := &drawnMessage{line: x.a.Pos.Line, from: from, to: to, send: s.send, recv: s.recv,
			message: s.message}
		if at.lanes.another(m) {
			continue
		}
		if x.lost && p.sim != nil { // what counts is when it arrives
			f.at, f.index = p.sim.World.Records()[s.recv].At, s.recv
		}
		f.wrong = p.contradiction(x.a, s.message)
		if f.wrong == "" && x.a.Empty {
			f.wrong = p.brings(s.send, from, to)
		}
		if f.wrong == "" && !at.counts(p, x.a, f.zxid) {
			f.wrong = tell(s.message)
		}
		if a := at.lanes.refutes(m, quorum); f.wrong == "" && a != nil {
			f.wrong = beforeAnswer(f.at.Seconds(), a)
		}
		switch {
		case f.wrong != "":
		case at.lanes.follows(m):
			at.lanes.show(m)
			at.used[s.send] = true
			at.count(p, x.a, f.zxid)
			return f
		default:
			above := at.lanes.contradicts(m, quorum)
			if above == nil && !free.ok {
				free, freely = f, m
			}
			if above != nil {
				f.wrong = sentBefore(m, above, f.at.Seconds())
			}
		}
		if f.wrong != "" && !wrong.ok {
			wrong = f
		}
	}
	if free.ok {
		at.count(p, x.a, free.zxid)
		at.lanes.show(freely)
		at.used[free.index] = true
		return free
	}
	if wrong.ok {
		at.used[wrong.index] = true
	}
	return wrong
}

// brings says how many transactions follow a DIFF before the NEWLEADER; empty if none does.
func (p *player) brings(send int64, from, to zab.ID) string {
	n := 0
	if p.sim == nil {
		return "this engine does not show which transactions follow the DIFF"
	}
	records := p.sim.World.Records()
	for i, done := send+1, false; i < int64(len(records)) && !done; i++ {
		r := &records[i]
		if r.Kind != sim.KindSend || r.Node != from || r.To != to {
			continue
		}
		switch r.Message.(type) {
		case *zab.Proposal:
			n++
		case *zab.NewLeader:
			done = true
		}
	}
	if n == 0 {
		return ""
	}
	if n == 1 {
		return "1 transaction follows the DIFF"
	}
	return fmt.Sprintf("%d transactions follow the DIFF", n)
}

// scan searches the records from the point where the last search stopped.
func (p *player) scan(x *expectation, from, to zab.ID) {
	records := p.sim.World.Records()
	end := int64(len(records))
	for i := max(x.scanned, x.after+1); i < end; i++ {
		r := &records[i]
		if r.Kind != sim.KindSend || r.Node != from || r.To != to {
			continue
		}
		if m, ok := r.Message.(zab.Message); ok && p.fits(x, m) {
			x.seen = append(x.seen, sighting{at: r.At, send: i, recv: -1, scanned: i + 1,
				message: m})
		}
	}
	x.scanned = end
	for i := range x.seen {
		s := &x.seen[i]
		for ; s.recv < 0 && s.scanned < end; s.scanned++ {
			q := &records[s.scanned]
			if q.Number == records[s.send].Number && (q.Kind == sim.KindRecv ||
				q.Kind == sim.KindDrop) {
				s.recv, s.dropped = s.scanned, q.Kind == sim.KindDrop
			}
		}
	}
}

// scanPackets searches the messages of an engine without records, from the point where the last
// search stopped.
func (p *player) scanPackets(x *expectation, from, to zab.ID) {
	list, _ := p.packets()
	for ; x.scanned < int64(len(list)); x.scanned++ {
		m := list[x.scanned]
		if m.Send > x.after && m.From == from && m.To == to && p.fits(x, m.Message) {
			x.seen = append(x.seen, sighting{at: m.SentAt, send: m.Send, packet: m,
				message: m.Message})
		}
	}
	for i := range x.seen {
		x.seen[i].recv = x.seen[i].packet.Recv
	}
}
