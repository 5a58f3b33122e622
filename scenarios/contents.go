package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// fits reports whether a message can be the one that an arrow shows. If not, the message is kept,
// to explain later why the expected message never came.
func (p *player) fits(x *expectation, m zab.Message) bool {
	a := x.a
	ok := a.Is(m.Name())
	if ok {
		switch m := m.(type) {
		case *zab.Notification:
			ok = a.VoteFor == 0 || m.Vote.Leader == a.VoteFor
		case *zab.Proposal:
			ok = p.fitsEntry(a, &m.Entry) && p.drawnTxn(m.At())
		case *zab.Inform:
			ok = p.fitsEntry(a, &m.Entry) && p.drawnTxn(m.At())
		case *zab.Ack, *zab.Commit:
			ok = p.drawnTxn(m.At())
		}
	}
	if _, votes := m.(*zab.Notification); ok && !votes {
		ok = !a.HasZxid || p.sameZxid(a, m.At())
	}
	if !ok && len(x.others) < mostOthers {
		x.others = append(x.others, m)
	}
	return ok
}

// mostOthers is the maximum number of such messages to keep for a pair of servers.
const mostOthers = 64

// drawnTxn reports whether a message about transaction z may be the drawn one. Once the drawing
// shows a write, earlier transactions, such as the creation of its client's session, are not.
func (p *player) drawnTxn(z zab.Zxid) bool {
	if z.Counter() == 0 {
		return true // z names an epoch
	}
	for _, o := range p.e.Ops() {
		if o.Tag > 0 && o.AppliedZ != 0 && o.CalledAt >= p.run.began {
			return z >= o.AppliedZ
		}
	}
	return true
}

// fitsEntry reports whether a transaction changes the drawn node as the drawing says.
func (p *player) fitsEntry(a *script.Act, e *zab.Entry) bool {
	if a.Node == "" {
		return true
	}
	node := p.real(a.Node)
	return slices.ContainsFunc(changes(e), func(c nodeChange) bool {
		return c.path == node && (a.Change == 0 || a.Change == c.event)
	})
}

// sameZxid reports whether a drawn zxid is that of a message. The notation of the lab, 1/3, is
// exact. Other notations follow the author's own count: epochs only have to increase with the real
// ones, and the counter may leave out transactions that no drawing shows, those of sessions.
func (p *player) sameZxid(a *script.Act, z zab.Zxid) bool {
	free := a.ZxidFree && a.Packet != "NOTIFICATION" && z.Counter() > 0
	if a.Zxid == z || free && (a.Zxid.Epoch() == 0 || p.sameEpoch(a.Zxid.Epoch(), z.Epoch())) {
		return true // what it is counted from is found out in order: see counts
	}
	if !a.ZxidLoose {
		return false
	}
	if a.Zxid.Epoch() != 0 && !p.sameEpoch(a.Zxid.Epoch(), z.Epoch()) {
		return false
	}
	return a.Zxid.Counter() == z.Counter() || z.Counter() > 0 &&
		a.Zxid.Counter() == p.position(z)
}

// sameEpoch reports whether a drawn epoch may mean a real one: all pairs so far must keep their
// order.
func (p *player) sameEpoch(drawn, real uint32) bool {
	for _, pair := range p.epochs {
		if (pair[0] < drawn) != (pair[1] < real) || (pair[0] == drawn) != (pair[1] == real) {
			return false
		}
	}
	return true
}

// bindEpoch stores which real epoch a drawn one means.
func (p *player) bindEpoch(a *script.Act, z zab.Zxid) {
	if e := a.Zxid.Epoch(); a.ZxidLoose && e != 0 && p.sameEpoch(e, z.Epoch()) {
		p.epochs = append(p.epochs, [2]uint32{e, z.Epoch()})
	}
}

// counts says whether a drawn counter that may begin anywhere can mean the counter of z. The first
// match in an epoch says where the author begins to count; from then on both counters grow
// together.
func (c *cursors) counts(p *player, a *script.Act, z zab.Zxid) bool {
	if !a.HasZxid || !a.ZxidFree || z.Counter() == 0 || a.Packet == "NOTIFICATION" {
		return true
	}
	shift := int64(a.Zxid.Counter()) - int64(p.position(z))
	begins, known := c.shifts[z.Epoch()]
	return !known || shift == begins
}

// count remembers where an author begins to count.
func (c *cursors) count(p *player, a *script.Act, z zab.Zxid) {
	if a.HasZxid && a.ZxidFree && z.Counter() > 0 && a.Packet != "NOTIFICATION" {
		c.shifts[z.Epoch()] = int64(a.Zxid.Counter()) - int64(p.position(z))
	}
}

// position returns the number of a transaction among those of its epoch that the drawing requested.
func (p *player) position(z zab.Zxid) uint32 {
	n := uint32(0)
	for _, o := range p.e.Ops() {
		if o.Tag > 0 && o.AppliedZ.Epoch() == z.Epoch() && o.AppliedZ != 0 && o.AppliedZ < z {
			n++
		}
	}
	return n + 1
}

// contradiction describes how the contents of a matching message differ from the drawing, or
// returns "".
func (p *player) contradiction(a *script.Act, m zab.Message) string {
	n, ok := m.(*zab.Notification)
	switch {
	case !ok:
		return ""
	case a.HasZxid && a.Zxid != n.Vote.Zxid && !(a.ZxidLoose && a.Zxid.Epoch() == 0 &&
		a.Zxid.Counter() == n.Vote.Zxid.Counter()) && !p.looseVote(a, n),
		a.HasEpoch && a.Epoch != n.Vote.Epoch, a.HasRound && a.Round != n.Round:
		return tell(m)
	}
	return ""
}

// looseVote reports whether the zxid of a vote is the drawn one, in the author's own count.
func (p *player) looseVote(a *script.Act, n *zab.Notification) bool {
	return n.Vote.Zxid.Counter() > 0 && p.sameZxid(a, n.Vote.Zxid)
}

// tell returns a description of a message and its contents.
func tell(m zab.Message) string {
	switch m := m.(type) {
	case *zab.Notification:
		return fmt.Sprintf("vote for %s with zxid %s, epoch %d, round %d",
			engine.ServerName(m.Vote.Leader), m.Vote.Zxid, m.Vote.Epoch, m.Round)
	case *zab.Proposal:
		return tellEntry(m.Name(), &m.Entry)
	case *zab.Inform:
		return tellEntry(m.Name(), &m.Entry)
	case *zab.Ping, *zab.Revalidate, *zab.Request, *zab.Sync, *zab.SnapData:
		return m.Name()
	}
	return m.Name() + " " + m.At().String()
}

func tellEntry(name string, e *zab.Entry) string {
	text := name + " " + e.Zxid.String()
	for _, c := range changes(e) {
		switch c.event {
		case tree.NodeCreated:
			text += " create " + c.path
		case tree.NodeDeleted:
			text += " delete " + c.path
		case tree.NodeDataChanged:
			text += " set " + c.path
		}
	}
	return text
}

// whyNoMessage returns the reason why an expected message never came: the messages that its sender
// sent instead.
func (p *player) whyNoMessage(x *expectation) string {
	a := x.a
	where := fmt.Sprintf("%s sent %s ", a.From, a.To)
	if !p.up(a.From) {
		return a.From + " is down"
	}
	var same, names []string
	for _, m := range x.others {
		list := &names
		text := m.Name()
		if a.Is(m.Name()) {
			list, text = &same, tell(m)
		}
		if n := len(*list); n == 0 || (*list)[n-1] != text {
			*list = append(*list, text)
		}
	}
	switch {
	case len(same) > 4:
		same = append(same[:3:3], fmt.Sprintf("and %d more", len(same)-3))
		fallthrough
	case len(same) > 0:
		return where + "only: " + strings.Join(same, "; ")
	case len(x.seen) > 0:
		return where + "no other " + a.Packet
	case len(names) == 0:
		return where + "nothing within " + p.e.GiveUp().String()
	}
	var seen []string
	for _, name := range names {
		if len(seen) < 5 && !slices.Contains(seen, name) {
			seen = append(seen, name)
		}
	}
	return where + "no " + a.Packet + ", but " + strings.Join(seen, ", ")
}

// nodeChange is what a transaction does to one node.
type nodeChange struct {
	path  string
	event tree.EventType
}

// changes returns what a transaction does to each node.
func changes(e *zab.Entry) []nodeChange {
	txn, err := tree.DecodeTxn(e.Data)
	if err != nil {
		return nil
	}
	return bodyChanges(txn.Body)
}

func bodyChanges(body tree.Body) (list []nodeChange) {
	switch b := body.(type) {
	case *tree.CreateTxn:
		list = append(list, nodeChange{b.Path, tree.NodeCreated})
	case *tree.DeleteTxn:
		list = append(list, nodeChange{b.Path, tree.NodeDeleted})
	case *tree.SetDataTxn:
		list = append(list, nodeChange{b.Path, tree.NodeDataChanged})
	case *tree.CloseSessionTxn:
		for _, path := range b.Paths {
			list = append(list, nodeChange{path, tree.NodeDeleted})
		}
	case *tree.MultiTxn:
		for i := range b.Txns {
			list = append(list, bodyChanges(b.Txns[i].Body)...)
		}
	}
	return list
}
