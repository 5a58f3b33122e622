package why

import (
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
)

// synced explains a sync after which a read is stale: which server answered it, and whom it asked.
func (d *fold) synced(s *subjects, at int64) *Sign {
	for i := len(d.run) - 1; i >= 0; i-- {
		e := &d.run[i]
		if e.T > at || e.K != "op.call" || !s.speaks(e.N) || !strings.HasPrefix(e.Drawn, "sync ") {
			continue
		}
		reply := d.reply(int64(i))
		if reply == nil || reply.T > at {
			continue
		}
		who := reply.N
		n := d.state.Find(who)
		role := "follows " + n.Leader
		if n.Leader == who || n.Role == "leading" {
			role = fmt.Sprintf("leads epoch %d", n.Epoch)
		}
		asked, heard := d.spoke(who, e.T, reply.T)
		text := fmt.Sprintf("%s answers the sync #%d of %s, called at %s, with success. %[1]s "+
			"%[5]s.",
			who, d.clients.number[e.I], e.N, seconds(e.T), role)
		if op := d.clients.ops[e.I]; op != nil {
			text += fmt.Sprintf(" Its tree is at %v.", op.Zxid)
		}
		if asked == 0 {
			text += " Between the call and the answer, it sent no message to any other server."
		} else {
			text += fmt.Sprintf(" Between the call and the answer, it sent %d messages to other "+
				"servers.", asked)
		}
		if heard >= 0 {
			text += fmt.Sprintf(" It had received its last message from another server at %s.",
				seconds(heard))
		}
		return &Sign{Kind: "sync", At: reply.T, Step: reply.I, who: []string{who, e.N}, Text: text}
	}
	return nil
}

// reply is the message with which a server answered a call.
func (d *fold) reply(call int64) *trace.Event {
	ret, ok := d.clients.rets[call]
	if !ok {
		return nil
	}
	for i, n := ret, 0; i >= 0 && n < 4; i, n = d.run[i].Cause, n+1 {
		if e := &d.run[i]; e.K == "send" && e.Msg != nil && e.Msg.Kind == "REPLY" {
			return e
		}
	}
	return nil
}

// spoke counts the messages that a server sent to other servers in a span, and finds the last one
// that it had got from a server up to its end, or -1.
func (d *fold) spoke(who string, from, to int64) (sent int, heard int64) {
	heard = -1
	for i := range d.run {
		e := &d.run[i]
		if e.T > to {
			break
		}
		if e.N != who {
			continue
		}
		if e.K == "send" && e.Msg != nil && e.T >= from && d.nodes[e.Msg.To] != nil &&
			serving(d.nodes[e.Msg.To].kind) &&
			e.Msg.Kind != "PING" {
			sent++
		}
		if e.K == "recv" && e.Cause >= 0 && d.nodes[d.run[e.Cause].N] != nil &&
			serving(d.nodes[d.run[e.Cause].N].kind) {
			heard = e.T
		}
	}
	return sent, heard
}

// unfenced explains a resource that accepts a token after a larger one.
func (d *fold) unfenced(at int64) *Sign {
	var newest *lin.Access
	for i := range d.clients.record.Accesses {
		a := &d.clients.record.Accesses[i]
		if a.At > at || !a.Accepted {
			continue
		}
		if newest != nil && a.Resource == newest.Resource && a.Token < newest.Token {
			return d.step(a.Client, a.At, "%s accepts a write of %s with token %v, although it "+
				"accepted token %v of %s at %s: it should have compared the new token with the "+
				"largest token that it had seen, and refused the write.", a.Resource,
				a.Client, lin.Zxid(a.Token), lin.Zxid(newest.Token), newest.Client,
				seconds(newest.At))
		}
		if newest == nil || newest.Token <= a.Token {
			newest = a
		}
	}
	return nil
}

// restoring is how traces draw the request with which a client sets its watches again; the last is
// the text of earlier versions.
var restoring = []string{"connected: restore the watches", "connected, and restores its watches"}

// rewatched explains a change that a client missed while it had no connection.
func (d *fold) rewatched(s *subjects, at int64) *Sign {
	for i := len(d.run) - 1; i >= 0; i-- {
		e := &d.run[i]
		if e.T > at || e.K != "send" || e.Msg == nil || !s.speaks(e.N) ||
			!slices.Contains(restoring, e.Drawn) {
			continue
		}
		var lost int64 = -1
		for k := range d.clients.record.Marks {
			m := &d.clients.record.Marks[k]
			if string(m.Client) == e.N && m.Kind == lin.ConnectionLost && m.At < e.T {
				lost = m.At
			}
		}
		var seen lin.Zxid
		for k := range d.clients.record.Ops {
			if op := &d.clients.record.Ops[k]; string(op.Client) == e.N && op.Return < e.T &&
				op.Outcome != lin.Unknown {
				seen = max(seen, op.Zxid)
			}
		}
		for k := range d.clients.record.Events {
			if v := &d.clients.record.Events[k]; string(v.Client) == e.N && v.At < e.T {
				seen = max(seen, v.Zxid)
			}
		}
		server := e.Msg.To
		text := fmt.Sprintf("%s sets its watches again on %s, over a new connection, and says "+
			"that "+
			"it has seen zxid %v.", e.N, server, seen)
		if lost >= 0 {
			text += fmt.Sprintf(" Its last connection ended at %s.", seconds(lost))
		}
		if t := d.missed(s, seen); t != "" {
			text += " Changes after that zxid: " + t + "."
		}
		events := 0
		for k := range d.clients.record.Events {
			if v := &d.clients.record.Events[k]; string(v.Client) == e.N && v.At >= e.T &&
				v.At <= at &&
				v.Kind != lin.Reconnected && v.Kind != lin.Unwatched {
				events++
			}
		}
		text += fmt.Sprintf(" %s answers with success and %d events. It should have compared the "+
			"czxid and mzxid of each watched node with the client's zxid, and reported the "+
			"changes at "+
			"once.", server, events)
		return &Sign{Kind: "watches", At: e.T, Step: e.I, who: []string{e.N, server}, Text: text}
	}
	return nil
}

// missed lists what happened to the subjects' nodes after a zxid.
func (d *fold) missed(s *subjects, seen lin.Zxid) string {
	var list []string
	told := make(map[string]bool)
	for i := range d.events {
		e := &d.events[i]
		if e.K != "commit" {
			continue
		}
		z := zxidOf(e)
		if lin.Zxid(z.e<<32|z.c) <= seen {
			continue
		}
		for k := range e.Patch.Tree {
			c := &e.Patch.Tree[k]
			verb := "set"
			if c.Deleted {
				verb = "deleted"
			} else if c.Cz == z.String() {
				verb = "created"
			}
			text := fmt.Sprintf("%s %s by %v", c.Path, verb, z)
			if s.hasPath(c.Path) && strings.Contains(s.text, c.Path) && !told[text] {
				told[text] = true
				list = append(list, text)
			}
		}
	}
	return strings.Join(list, ", ")
}
