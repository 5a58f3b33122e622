package scenarios

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/zab"
)

// lanes has the messages between servers that a thread has shown so far, in the order of the
// drawing. The order counts for messages of one connection, for messages from one server, and where
// one message could have caused the other. The drawn order of all other messages
// means nothing.
type lanes struct {
	last    []int64 // for each server, the record of the last matched message
	drawn   []drawnMessage
	answers []drawnAnswer // of servers to clients
}

// drawnMessage is a message that an arrow has shown, or may show.
type drawnMessage struct {
	line       int
	from, to   zab.ID
	send, recv int64
	message    zab.Message
}

func newLanes() *lanes {
	l := &lanes{last: make([]int64, engine.MaxServers+1)}
	for i := range l.last {
		l.last[i] = -1
	}
	return l
}

func (l *lanes) clone() *lanes {
	return &lanes{last: slices.Clone(l.last), drawn: l.drawn[:len(l.drawn):len(l.drawn)],
		answers: l.answers[:len(l.answers):len(l.answers)]}
}

// join adds the messages that a branch of a par has shown since it began, when base messages had
// been shown.
func (l *lanes) join(branch *lanes, base int) {
	for i, last := range branch.last {
		l.last[i] = max(l.last[i], last)
	}
	l.drawn = append(l.drawn, branch.drawn[base:]...)
}

// follows reports whether a message comes after every message that was shown for its sender and its
// receiver.
func (l *lanes) follows(m *drawnMessage) bool {
	return m.send > l.last[m.from] && m.recv > l.last[m.to]
}

func (l *lanes) show(m *drawnMessage) {
	l.last[m.from] = max(l.last[m.from], m.send)
	l.last[m.to] = max(l.last[m.to], m.recv)
	l.drawn = append(l.drawn, *m)
}

// contradicts returns a message shown above that m must come after but does not, or nil.
func (l *lanes) contradicts(m *drawnMessage, quorum int) *drawnMessage {
	for i := len(l.drawn) - 1; i >= 0; i-- {
		above := &l.drawn[i]
		switch {
		case m.from == above.from && m.to == above.to, m.from == above.from && !alike(above, m):
			if m.send < above.send {
				return above
			}
		case m.from == above.to && causes(above, m):
			if m.send < above.recv && !l.otherwise(m, above) {
				return above
			}
		}
		if m.to == above.from && m.recv < above.send && causes(m, above) &&
			!l.otherwise(above, m) ||
			m.recv < above.send && l.needed(m, i, quorum) {
			return above
		}
	}
	return nil
}

// otherwise reports whether a vote has a cause among the messages shown above, other than the
// message but: votes cross, and the first vote for a better candidate makes a server change its
// own.
func (l *lanes) otherwise(m, but *drawnMessage) bool {
	if _, votes := m.message.(*zab.Notification); !votes {
		return false
	}
	return slices.ContainsFunc(l.drawn, func(d drawnMessage) bool {
		return d.send != but.send && d.to == m.from && d.recv < m.send && causes(&d, m)
	})
}

// alike reports whether two messages from one server to different servers need no order: equal
// messages, or parts of its talks with two learners.
func alike(a, b *drawnMessage) bool {
	if talks(a.message) && talks(b.message) {
		return true
	}
	return a.message.Name() == b.message.Name() && a.message.At() == b.message.At() &&
		voteOf(a.message) == voteOf(b.message)
}

// talks reports whether a message belongs to the talk of a leader with one learner before the
// leader serves.
func talks(m zab.Message) bool {
	switch m.(type) {
	case *zab.LeaderInfo, *zab.Diff, *zab.Trunc, *zab.Snap, *zab.SnapData, *zab.NewLeader,
		*zab.UpToDate:
		return true
	}
	return false
}

func voteOf(m zab.Message) zab.ID {
	if n, ok := m.(*zab.Notification); ok {
		return n.Vote.Leader
	}
	return 0
}

// causes reports whether a message could have made its receiver send another one. A commit is
// caused by a quorum, not by one acknowledgement: see [lanes.needed].
func causes(a, b *drawnMessage) bool {
	answer := a.from == b.to
	switch b := b.message.(type) {
	case *zab.Notification:
		n, ok := a.message.(*zab.Notification)
		return ok && n.Vote.Leader == b.Vote.Leader && n.Round == b.Round &&
			b.Vote.Leader != a.to
	case *zab.FollowerInfo:
		_, ok := a.message.(*zab.Notification)
		return ok
	case *zab.LeaderInfo:
		_, ok := a.message.(*zab.FollowerInfo)
		return ok && answer
	case *zab.AckEpoch:
		_, ok := a.message.(*zab.LeaderInfo)
		return ok
	case *zab.Diff, *zab.Trunc, *zab.Snap, *zab.SnapData, *zab.NewLeader:
		_, ok := a.message.(*zab.AckEpoch)
		return ok && answer
	case *zab.UpToDate:
		_, ok := a.message.(*zab.Ack)
		return ok && answer
	case *zab.Ack:
		switch a := a.message.(type) {
		case *zab.Proposal:
			return a.Entry.Zxid <= b.Zxid
		case *zab.NewLeader, *zab.Diff, *zab.Trunc, *zab.Snap, *zab.SnapData:
			return true
		}
	case *zab.Proposal:
		_, ok := a.message.(*zab.Request)
		return ok
	case *zab.Commit, *zab.Inform:
		r, ok := a.message.(*zab.Request)
		return ok && r != nil
	case *zab.Ping, *zab.Revalidate, *zab.Sync:
		return a.message.Name() == b.Name() && answer
	}
	return false
}

// needed reports whether the commit shown at i has too few acknowledgements above it, and m, shown
// below, is one that it waited for.
func (l *lanes) needed(m *drawnMessage, i, quorum int) bool {
	commit := &l.drawn[i]
	ack, ok := m.message.(*zab.Ack)
	if !ok || m.to != commit.from || ack.Zxid < commit.message.At() {
		return false
	}
	switch commit.message.(type) {
	case *zab.Commit, *zab.Inform:
	default:
		return false
	}
	have := zab.SetOf(commit.from)
	for k := range l.drawn[:i] {
		a, ok := l.drawn[k].message.(*zab.Ack)
		if ok && l.drawn[k].to == commit.from && a.Zxid >= commit.message.At() {
			have |= zab.SetOf(l.drawn[k].from)
		}
	}
	return have.Len() < quorum
}

// another reports whether m acknowledges something other than what the drawing shows: it was sent
// before a proposal that is drawn above it, and the drawing shows nothing else that its sender had
// to acknowledge.
func (l *lanes) another(m *drawnMessage) bool {
	if _, ack := m.message.(*zab.Ack); !ack {
		return false
	}
	before := false
	for i := range l.drawn {
		above := &l.drawn[i]
		if above.from != m.to || above.to != m.from {
			continue
		}
		if talks(above.message) {
			return false
		}
		_, proposes := above.message.(*zab.Proposal)
		before = before || proposes && m.send < above.send
	}
	return before
}

// sentBefore says that m was sent before a message that is drawn above m.
func sentBefore(m, above *drawnMessage, at string) string {
	return fmt.Sprintf("sent at %s, before the %s from %s to %s in line %d", at,
		above.message.Name(), engine.ServerName(above.from), engine.ServerName(above.to),
		above.line)
}
