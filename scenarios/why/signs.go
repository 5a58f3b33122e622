package why

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// Sign is a step that breaks a rule of the protocol, as far as the trace alone shows it.
type Sign struct {
	Kind string
	At   int64 // µs
	Step int64
	Text string
	who  []string
}

// sign notes a sign, the first of its kind only.
func (d *fold) sign(kind string, e *trace.Event, who string, format string, args ...any) {
	if d.kinds[kind] {
		return
	}
	d.kinds[kind] = true
	d.signs = append(d.signs, Sign{Kind: kind, At: e.T, Step: e.I, who: []string{e.N, who},
		Text: fmt.Sprintf(format, args...)})
}

// first is the first sign that has to do with the subjects, or else the first sign.
func (d *fold) firstSign(s *subjects) *Sign {
	for i := range d.signs {
		if g := &d.signs[i]; slices.ContainsFunc(g.who, s.hasNode) {
			return g
		}
	}
	if len(d.signs) > 0 {
		return &d.signs[0]
	}
	return nil
}

func serving(role string) bool { return role == "server" || role == "observer" }

// check looks for signs in an event, before the event changes the state.
func (d *fold) check(e *trace.Event, n *node) {
	s := d.state.Find(e.N)
	if !serving(n.kind) {
		return
	}
	switch {
	case e.K == "send" && e.Msg != nil:
		d.checkSend(e, n, s)
	case e.K == "log" && e.Patch.Log != nil:
		d.checkLog(e, s)
	case e.K == "persist" && e.Patch.Durable != nil:
		if z := parse(*e.Patch.Durable); s.Role == "looking" && n.began < n.since &&
			n.voted > n.since &&
			n.vote.whom == e.N && n.vote.z.less(z) && parse(s.Durable).less(z) {
			d.sign("late-write", e, "", "the log of %s on disk grows from %s to %v although %s "+
				"has been LOOKING since %s and has voted: a write that it began in its former "+
				"role is still in progress", e.N, s.Durable, z, e.N, seconds(n.since))
		}
	case e.K == "persist" && e.Patch.Cur != nil:
		d.checkEpochs(e, s)
	case e.K == "commit":
		d.checkCommit(e, n, s)
	case e.K == "snap" && strings.Contains(e.Say, "has a snapshot at"):
		if s.Role == "looking" || s.Role == "syncing" {
			d.sign("snapshot", e, "", "%s writes a snapshot at %v while it is %s: the server "+
				"does not serve clients yet, so the snapshot may contain uncommitted "+
				"transactions (rule R5 in zab/RULES.md)", e.N, zxidOf(e), s.Role)
		}
	case e.Key == "leader":
		d.checkEstablished(e, n, s)
	}
}

// checkStream compares a transaction that a leader sends with the one before it.
func (d *fold) checkStream(e *trace.Event, n *node, z zxid) {
	receiver := e.Msg.To
	if z.c == 0 {
		d.sign("mark", e, receiver,
			"%s proposes a transaction with the zxid %v, but this zxid is reserved for the start "+
				"of epoch %d: the counter of the previous epoch has overflowed", e.N, z, z.e)
		return
	}
	before, ok := n.sent[receiver]
	if !ok || z.follows(before) || n.synced[receiver] == "" {
		return
	}
	if z == before || z.less(before) {
		return // again, after a TRUNC of what it had
	}
	d.sign("gap", e, receiver, "%s has brought %s up to date with %s, but sends %v directly "+
		"after %v. It leaves out the transactions between these two (the first is %[6]v), "+
		"although %[2]s needs them%[7]s", e.N,
		receiver, n.synced[receiver], z, before, zxid{before.e, before.c + 1},
		d.missing(e.N, before, z))
}

// checkSend checks a message that a server sends against its disk and against earlier messages.
func (d *fold) checkSend(e *trace.Event, n *node, s *trace.NodeState) {
	m, z := e.Msg, parse(e.Msg.Z)
	receiver, accepted := m.To, s.Acc
	switch m.Kind {
	case "ACK":
		d.checkAck(e, s, z)
	case "ACKEPOCH":
		if accepted < s.Epoch {
			d.sign("ackepoch", e, receiver, "%s sends ACKEPOCH for epoch %d to %s while "+
				"acceptedEpoch on its disk is %d: the promise is not durable yet (rule D1 in "+
				"zab/RULES.md)",
				e.N, s.Epoch, receiver, accepted)
		}
	case "LEADERINFO":
		if int64(accepted) < z.e {
			d.sign("leaderinfo", e, receiver, "%s sends LEADERINFO for epoch %d to %s while "+
				"acceptedEpoch on its own disk is %d (rule D2 in "+
				"zab/RULES.md)", e.N, z.e, receiver, accepted)
		}
	case "NOTIFICATION":
		d.checkVote(e, n, s)
	case "DIFF":
		reported := n.reported[receiver]
		if reported.c > 0 && !holds(s, reported) {
			d.sign("diff", e, receiver, "%s sends a DIFF to %s, which has reported %v as its "+
				"last transaction; %s does not have that transaction, so it should send a TRUNC "+
				"(rule R4 in zab/RULES.md)", e.N, receiver, reported, e.N)
		}
	case "TRUNC":
		if reported, next := n.reported[receiver], (zxid{z.e, z.c + 1}); !reported.less(next) &&
			reported.e == z.e &&
			holds(s, next) &&
			!parse(s.Com).less(next) {
			d.sign("trunc", e, receiver,
				"%s sends TRUNC %v to %s, whose last transaction is %v. This removes %[5]v from "+
					"the log of %[3]s, although %[5]v is in the log of %[1]s "+
					"too%[6]s", e.N, z, receiver,
				reported, next, d.missing(e.N, z, next))
		}
	case "SNAP":
		if !holds(s, z) && !(z.c == 0 && d.established[z.e]) {
			d.sign("snap-zxid", e, receiver,
				"%s sends %s a SNAP with the zxid %v, although its own "+
					"log ends at %v and no quorum has established epoch %d", e.N, receiver, z,
				last(s), z.e)
		}
	case "COMMIT":
		if newest := n.sent[receiver]; n.synced[receiver] != "" && newest.less(z) && z.c > 0 {
			d.sign("unsent", e, receiver, "%s sends COMMIT %v to %s, but has never sent the "+
				"proposal %[2]v to %[3]s. In %[4]s and in the messages after it, %[3]s got "+
				"transactions only up to %[5]v. %[1]s proposed %[2]v to the other servers while "+
				"%[3]s was joining", e.N, z, receiver,
				n.synced[receiver], newest)
		}
	case "PROPOSAL", "INFORM":
		d.checkStream(e, n, z)
	case "CONNECTED":
		if seen := d.claimed(e); n.shown.less(seen) && e.Drawn == "connected" {
			d.sign("connected", e, receiver, "%s accepts a connection of %s, which has seen zxid %v, "+
				"although the tree of %[1]s is only at %[4]v", e.N, receiver, seen, n.shown)
		}
	}
}

// claimed is the zxid that a client had seen when it asked for the connection that a server
// accepts.
func (d *fold) claimed(e *trace.Event) zxid {
	for i, n := e.Cause, 0; i >= 0 && n < 20; i, n = d.events[i].Cause, n+1 {
		if z, ok := d.claims[i]; ok {
			return z
		}
	}
	return zxid{}
}

// missing tells where the first transaction of a gap comes from.
func (d *fold) missing(leader string, before, z zxid) string {
	next := zxid{before.e, before.c + 1}
	s := d.state.Find(leader)
	if !holds(s, next) {
		return fmt.Sprintf("; %s itself does not have %v",
			leader, next)
	}
	for i := len(d.events) - 1; i >= 0; i-- {
		e := &d.events[i]
		if e.N == leader && e.Patch.Log != nil && parse(e.Patch.Log.Z) == next {
			role := "as leader"
			if d.roleAt(leader, int64(i)) != "leading" {
				role = "while it was a follower"
			}
			return fmt.Sprintf("; %s logged %v at %s, %s",
				leader, next, seconds(e.T), role)
		}
	}
	return fmt.Sprintf("; %s has %v in its log", leader, next)
}

// roleAt is the role of a server before an event.
func (d *fold) roleAt(who string, step int64) string {
	for i := step; i >= 0; i-- {
		if e := &d.events[i]; e.N == who && e.Patch.Role != "" {
			return e.Patch.Role
		}
	}
	return ""
}

// checkLog checks a transaction that a server logs.
func (d *fold) checkLog(e *trace.Event, s *trace.NodeState) {
	z, end := parse(e.Patch.Log.Z), last(s)
	if !z.follows(end) {
		d.sign("hole", e, "", "%s logs %v directly after %v: its log has a gap (rule L4 in "+
			"zab/RULES.md)", e.N, z,
			end)
	}
	d.checkMoved(e)
	if s.Role == "looking" {
		d.sign("log-looking", e, "", "%s logs %v while it is looking for a leader: it received "+
			"this transaction in its former role", e.N, z)
	}
}

// under reports whether a server is under a leader since before a moment: then the leader has
// confirmed the sessions of the clients that the server accepted since.
func (d *fold) under(server, leader string, before int64) bool {
	n, l := d.state.Find(server), d.state.Find(leader)
	if n == nil || l == nil || l.Role != "leading" || d.nodes[leader].since >= before {
		return false
	}
	return server == leader || n.Leader == leader && n.Epoch == l.Epoch && n.Role != "syncing" &&
		d.nodes[server].since < before
}

// checkMoved checks from which server a leader has the request that it logs. A client that has
// moved to another server has left the former server.
func (d *fold) checkMoved(e *trace.Event) {
	op := e.Patch.Log.Op
	if e.Cause < 0 || d.events[e.Cause].K != "recv" || strings.Contains(op, "error") ||
		strings.Contains(op, "refused") ||
		strings.Contains(op, "Session") {
		return
	}
	by := d.events[e.Cause].Cause
	if by < 0 || d.events[by].Msg == nil || d.events[by].Msg.Kind != "REQUEST" ||
		!serving(d.nodes[d.events[by].N].kind) {
		return
	}
	sender := d.events[by].N
	for i, n := d.events[by].Cause, 0; i >= 0 && n < 6; i, n = d.events[i].Cause, n+1 {
		o := &d.events[i]
		c := d.nodes[o.N]
		if o.K != "send" || c == nil || c.kind != "client" {
			continue
		}
		now := d.state.Find(o.N)
		if now.Server != "" && now.Server != sender && now.Role == "connected" &&
			d.under(now.Server, e.N, c.since) {
			d.sign("moved", e, o.N, "leader %s accepts a request of client %s (%s). Server %s "+
				"sent this request at %s, but the client's session had moved to server %s at %s: "+
				"the leader should have refused the request (session moved)", e.N, o.N, op, sender,
				seconds(d.events[by].T), now.Server, seconds(c.since))
		}
		return
	}
}

func (d *fold) checkEpochs(e *trace.Event, s *trace.NodeState) {
	epoch := *e.Patch.Cur
	if epoch <= s.Cur {
		return
	}
	if received := before(s, int64(epoch)); onDisk(s).less(received) && s.Role == "syncing" {
		d.sign("epoch-first", e, "", "%s writes currentEpoch %d to its disk before the log: the "+
			"log on disk ends at %v, but the server has received transactions up to %v (rule D4 "+
			"in zab/RULES.md: the log first, then the epoch)", e.N, epoch, onDisk(s), received)
	}
	if lead := d.nodes[s.Leader]; lead != nil && s.Leader != e.N {
		if sent := lead.due[e.N]; s.Role == "syncing" && last(s).less(sent) && sent.c > 0 {
			d.sign("epoch-short", e, s.Leader, "%s has currentEpoch %d on its disk, but its log "+
				"ends at %v: the transactions up to %v that %s has sent to it are not in its log "+
				"(rule D4 in zab/RULES.md)",
				e.N, epoch,
				last(s), sent, s.Leader)
		}
	}
}

// quorum is how many voters make a quorum.
func (d *fold) quorum() int { return d.voters/2 + 1 }

// have is the verb that goes with a count of voters.
func have(n int) string {
	if n == 1 {
		return "has"
	}
	return "have"
}

func (d *fold) checkEstablished(e *trace.Event, n *node, s *trace.NodeState) {
	var voters, others []string
	for _, o := range d.header.Nodes {
		if o.ID != e.N && n.welcomed[o.ID] != int64(s.Epoch) {
			continue
		}
		switch o.Kind {
		case "server":
			voters = append(voters, o.ID)
		case "observer":
			others = append(others, o.ID+" (an observer)")
		}
	}
	ackedBy := strings.Join(append(slices.Clone(voters), others...), ", ")
	if len(voters) < d.quorum() {
		d.sign("established", e, "", "%s considers itself established in epoch %d after ACKs "+
			"from %s: only %d of the %d voters %s acknowledged, but a quorum needs %d (rule L10 "+
			"in zab/RULES.md)",
			e.N, s.Epoch, ackedBy, len(voters), d.voters, have(len(voters)), d.quorum())
	}
}

// checkCommit checks a transaction that a server commits or applies.
func (d *fold) checkCommit(e *trace.Event, n *node, s *trace.NodeState) {
	if strings.Contains(e.Say, "a quorum has the transaction") {
		z := zxidOf(e)
		var acked []string
		for _, o := range d.header.Nodes {
			if o.Kind == "server" && (o.ID == e.N && !onDisk(s).less(z) || o.ID != e.N &&
				!n.acks[o.ID].less(z)) {
				acked = append(acked, o.ID)
			}
		}
		if z.c > 0 && len(acked) < d.quorum() {
			d.sign("commit", e, "", "%s commits %v although only %s of the %d voters %s acked "+
				"it: a quorum needs %d",
				e.N, z, strings.Join(acked, ", "), d.voters, have(len(acked)), d.quorum())
		}
		return
	}
	z := zxidOf(e)
	for i := range e.Patch.Tree {
		c := &e.Patch.Tree[i]
		if c.Owner == "" || c.Cz != z.String() {
			continue
		}
		if end := d.closing[c.Owner]; end.e == z.e && end.less(z) && len(d.ids[c.Owner]) == 1 {
			d.sign("closing", e, c.Owner, "%s applies %v, which creates the ephemeral node %s "+
				"of %s, although the end of that session had been proposed earlier, as "+
				"%v", e.N, z, c.Path, c.Owner, end)
		}
		for _, id := range d.ids[c.Owner] {
			if end, ok := d.closed[id]; ok && end.less(z) && !d.open(s, c.Owner) {
				d.sign("after-close", e, c.Owner, "%s applies %v, which creates the ephemeral "+
					"node %s of %s, although %v had already ended the session of %s (%s): the "+
					"leader accepted the create after it had proposed the end of the "+
					"session", e.N, z, c.Path, c.Owner, end, c.Owner, id)
			}
		}
	}
}

// open reports whether a server has an open session of a client.
func (d *fold) open(s *trace.NodeState, client string) bool {
	return slices.ContainsFunc(s.Sessions, func(line string) bool {
		return strings.HasSuffix(line, " "+client) || strings.HasPrefix(line, client+" ")
	})
}
