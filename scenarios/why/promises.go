package why

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/trace"
)

// checkAck checks that what a server acks is on its disk.
func (d *fold) checkAck(e *trace.Event, s *trace.NodeState, z zxid) {
	leader, current := e.Msg.To, s.Cur
	if z.c > 0 {
		if onDisk(s).less(z) {
			d.sign("ack", e, leader, "%s acks %v to %s while its log on disk ends at %v (rule D5 "+
				"in zab/RULES.md)",
				e.N, z, leader, onDisk(s))
		}
		return
	}
	if int64(current) < z.e {
		d.sign("newleader-epoch", e, leader,
			"%s acks NEWLEADER %v to %s while currentEpoch on its disk is still %d (rule D4 in "+
				"zab/RULES.md)%s", e.N, z, leader, current, d.epochWritten(e, z.e))
	}
	lead := d.nodes[leader]
	if lead == nil || s.Role != "syncing" {
		return
	}
	due := lead.due[e.N]
	if l := last(s); !l.less(due) && onDisk(s).less(due) {
		d.sign("newleader-log", e, leader, "%s acks NEWLEADER %v to %s too early: %s has "+
			"received transactions up to %v, but its log on disk ends at %v (rule D4 in "+
			"zab/RULES.md)", e.N, z, leader, e.N, due, onDisk(s))
	}
	if last(s).less(due) && due.c > 0 {
		d.sign("newleader-short", e, leader,
			"%s acks NEWLEADER %v to %s while its log ends at %v: %s has sent it transactions up "+
				"to %v, which are not in the log (rule D4 in zab/RULES.md)", e.N, z,
			leader, last(s), leader, due)
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
					"UPTODATE (%s), and the write ends at %s",
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
	latest, ok := parseVote(e.Drawn)
	if !ok || s.Role != "looking" {
		return
	}
	if latest.whom == e.N && n.wiped {
		d.sign("empty-vote", e, "", "%s votes for itself with zxid %v although it has lost its "+
			"disk: it may have acked transactions that it does not have any more, so its vote "+
			"must not count until it has caught up with a leader", e.N, latest.z)
	}
	if former := n.vote; former.whom != latest.whom && former.whom != "" &&
		former.round == latest.round && n.voted >= n.since &&
		former.whom != "nobody" && latest.whom != "nobody" && better(former, latest) {
		d.sign("vote-order", e, latest.whom,
			"%s changes its vote from %v to %v, which is worse: the epoch counts first, then the "+
				"zxid, then the server number (rule L9 in zab/RULES.md)", e.N, former,
			latest)
	}
	end := last(s)
	mark := latest.z.c == 0 && latest.z.e == int64(s.Cur) && d.established[latest.z.e]
	if latest.whom == e.N && latest.z != end && !mark && (n.vote.whom == "" || n.voted < n.since) {
		text := fmt.Sprintf("%s votes for itself with zxid %v, but its log ends at %v (rule L1 "+
			"in zab/RULES.md)",
			e.N,
			latest.z, end)
		if origin := d.origin(e.N, latest.z); origin != "" {
			text += ". " + origin
		}
		d.sign("vote", e, "", "%s", text)
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
