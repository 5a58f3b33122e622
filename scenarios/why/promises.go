package why

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/trace"
)

// checkAck checks that what a server acks is on its disk.
func (d *fold) checkAck(e *trace.Event, s *trace.NodeState, z zxid) {
	to := e.Msg.To
	if z.c > 0 {
		if onDisk(s).less(z) {
			d.sign("ack", e, to, "%s acks %v to %s while its log on disk ends at %v (rule D5)",
				e.N, z, to, onDisk(s))
		}
		return
	}
	if int64(s.Cur) < z.e {
		d.sign("newleader-epoch", e, to, "%s acks NEWLEADER %v to %s while currentEpoch on its "+
			"disk is still %d (rule D4)%s", e.N, z, to, s.Cur, d.epochWritten(e, z.e))
	}
	lead := d.nodes[to]
	if lead == nil || s.Role != "syncing" {
		return
	}
	due := lead.due[e.N]
	if l := last(s); !l.less(due) && onDisk(s).less(due) {
		d.sign("newleader-log", e, to, "%s acks NEWLEADER %v to %s while its log on disk ends "+
			"at %v, although the server has received transactions up to "+
			"%v (rule D4)", e.N, z, to, onDisk(s), due)
	}
	if last(s).less(due) && due.c > 0 {
		d.sign("newleader-short", e, to, "%s acks NEWLEADER %v to %s while its log ends at %v: "+
			"%s has sent it transactions up to %v, which are not in the log "+
			"(rule D4)", e.N, z, to, last(s), to, due)
	}
}

// epochWritten says when the write of an epoch begins that an ACK of NEWLEADER should have waited
// for: before or after UPTODATE.
func (d *fold) epochWritten(ack *trace.Event, epoch int64) string {
	var upToDate *trace.Event
	for i := ack.I + 1; i < int64(len(d.run)); i++ {
		e := &d.run[i]
		switch {
		case e.N != ack.N:
		case e.K == "recv" && e.Cause >= 0 && d.run[e.Cause].Msg != nil &&
			d.run[e.Cause].Msg.Kind == "UPTODATE" &&
			upToDate == nil:
			upToDate = e
		case e.K == "persist" && e.Patch.Cur != nil && int64(*e.Patch.Cur) == epoch:
			t, ok := start(d.run, e)
			switch {
			case !ok:
				return ""
			case upToDate != nil && upToDate.T <= t:
				return fmt.Sprintf("; it begins to write the epoch only at %s, after it got "+
					"UPTODATE "+
					"(%s), and the write ends at %s",
					seconds(t), seconds(upToDate.T), seconds(e.T))
			}
			return fmt.Sprintf("; it begins to write the epoch at %s, before it gets UPTODATE, "+
				"and the write ends at %s", seconds(t),
				seconds(e.T))
		}
	}
	return ""
}

// before is the last zxid of a server's history that is of an epoch before e.
func before(s *trace.NodeState, e int64) zxid {
	for i := len(s.Log) - 1; i >= 0; i-- {
		if z := parse(s.Log[i].Z); z.e < e {
			return z
		}
	}
	return parse(s.Base)
}

// checkVote compares a server's vote for itself with its disk.
func (d *fold) checkVote(e *trace.Event, n *node, s *trace.NodeState) {
	v, ok := parseVote(e.Drawn)
	if !ok || s.Role != "looking" {
		return
	}
	if v.whom == e.N && n.wiped {
		d.sign("empty-vote", e, "", "%s votes for itself with zxid %v although it has lost its "+
			"disk: it may have "+
			"acked transactions that it does not have any more, so its vote must not count "+
			"until it has caught "+
			"up with a leader", e.N, v.z)
	}
	if o := n.vote; o.whom != v.whom && o.whom != "" && o.round == v.round && n.voted >= n.since &&
		o.whom != "nobody" && v.whom != "nobody" && better(o, v) {
		d.sign("vote-order", e, v.whom, "%s changes its vote from %v to %v, which is worse: the "+
			"epoch counts first, then "+
			"the zxid, then the server number (rule L9)", e.N, o, v)
	}
	l := last(s)
	mark := v.z.c == 0 && v.z.e == int64(s.Cur) && d.established[v.z.e]
	if v.whom == e.N && v.z != l && !mark && (n.vote.whom == "" || n.voted < n.since) {
		d.sign("vote", e, "", "%s votes for itself with zxid %v, but its log ends at %v%s "+
			"(rule L1)", e.N, v.z, l,
			d.origin(e.N, v.z))
	}
}

// better reports whether vote a beats vote b.
func better(a, b vote) bool {
	switch {
	case a.epoch != b.epoch:
		return a.epoch > b.epoch
	case a.z != b.z:
		return b.z.less(a.z)
	}
	return a.whom > b.whom
}
