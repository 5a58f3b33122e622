package scenarios

import (
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// sighting is a message that may meet an expectation.
type sighting struct {
	at         sim.Time
	send, recv int64          // records; recv is -1 until it has arrived
	scanned    int64          // records searched for its arrival
	packet     *engine.Packet // of an engine without records
}

// sees says whether messages between servers can be seen.
func (p *player) sees() bool {
	_, ok := p.packets()
	return ok || p.sim != nil
}

// packets are the messages between servers that another engine has seen.
func (p *player) packets() (list []*engine.Packet, ok bool) {
	if w, is := p.e.(engine.Watcher); is {
		return w.Packets()
	}
	return nil, false
}

// lookPacket finds a message between servers. On the lane of each server messages are matched in
// the order in which they are drawn, in each branch of a par separately, so that two messages that
// cross can be drawn. A message that was sent before its turn is found too, and is early.
func (p *player) lookPacket(x *expectation, at *cursors) found {
	from, to := zab.ID(x.a.From[1]-'0'), zab.ID(x.a.To[1]-'0')
	if p.sim != nil {
		p.scan(x, from, to)
	} else {
		p.scanPackets(x, from, to)
	}
	early := found{op: -1}
	for i := range x.seen {
		s := &x.seen[i]
		if s.recv < 0 || at.used[s.send] {
			continue
		}
		f := found{ok: true, op: -1, at: s.at, index: s.send, to: s.recv}
		if s.send > at.lanes[from] && s.recv > at.lanes[to] {
			at.lanes[from], at.lanes[to], at.used[s.send] = s.send, s.recv, true
			return f
		}
		if !early.ok {
			early = f
			early.early = true
		}
	}
	if early.ok {
		at.used[early.index] = true
	}
	return early
}

// scan continues through the records where it last stopped.
func (p *player) scan(x *expectation, from, to zab.ID) {
	records := p.sim.World.Records()
	end := int64(len(records))
	for i := max(x.scanned, x.after+1); i < end; i++ {
		r := &records[i]
		if r.Kind != sim.KindSend || r.Node != from || r.To != to ||
			r.Message.Name() != x.a.Packet {
			continue
		}
		m, ok := r.Message.(zab.Message)
		if ok && says(x.a, m) {
			x.seen = append(x.seen, sighting{at: r.At, send: i, recv: -1, scanned: i + 1})
		}
	}
	x.scanned = end
	for i := range x.seen {
		s := &x.seen[i]
		for ; s.recv < 0 && s.scanned < end; s.scanned++ {
			q := &records[s.scanned]
			if q.Number == records[s.send].Number && (q.Kind == sim.KindRecv ||
				q.Kind == sim.KindDrop) {
				s.recv = s.scanned
			}
		}
	}
}

// scanPackets does the same with the messages of an engine without records.
func (p *player) scanPackets(x *expectation, from, to zab.ID) {
	list, _ := p.packets()
	for ; x.scanned < int64(len(list)); x.scanned++ {
		m := list[x.scanned]
		if m.Send > x.after && m.From == from && m.To == to && m.Message.Name() == x.a.Packet &&
			says(x.a, m.Message) {
			x.seen = append(x.seen, sighting{at: m.SentAt, send: m.Send, packet: m})
		}
	}
	for i := range x.seen {
		x.seen[i].recv = x.seen[i].packet.Recv
	}
}

// says is false if a message contradicts the drawing: another zxid, another candidate, another
// node.
func says(a *script.Act, m zab.Message) bool {
	if a.HasZxid && m.At() != a.Zxid {
		return false
	}
	switch m := m.(type) {
	case *zab.Notification:
		return a.VoteFor == 0 || m.Vote.Leader == a.VoteFor
	case *zab.Proposal:
		return a.Node == "" || a.Node == changes(&m.Entry, a.Node)
	case *zab.Inform:
		return a.Node == "" || a.Node == changes(&m.Entry, a.Node)
	}
	return true
}

// changes is the node that a transaction changes, or otherwise for a transaction that changes none.
func changes(e *zab.Entry, otherwise string) string {
	txn, err := tree.DecodeTxn(e.Data)
	if err != nil {
		return otherwise
	}
	switch b := txn.Body.(type) {
	case *tree.CreateTxn:
		return b.Path
	case *tree.DeleteTxn:
		return b.Path
	case *tree.SetDataTxn:
		return b.Path
	}
	return otherwise
}
