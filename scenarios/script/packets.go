package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/zab"
)

// packet reads an arrow between servers as a message.
func (c *compiler) packet(a *Act, l line) error {
	words := l.words
	at, length, name := find(words, packets)
	a.Others = orElse(words, at+length)
	if at < 0 {
		at, length, name, a.Others = alternatives(words)
	}
	if at < 0 && startsIn(words, sends) && strings.Contains(strings.ToLower(l.text), "epoch") {
		at, length, name = 0, 1, "ACKEPOCH"
	}
	if at < 0 && c.answersSync(a, words) {
		at, length, name = 0, 1, "SYNC"
	}
	if at < 0 {
		return unknown(l.text, words, packets, "this text names no message between servers",
			"one of vote, FOLLOWERINFO, LEADERINFO, ACKEPOCH, DIFF, TRUNC, SNAP, NEWLEADER, "+
				"UPTODATE, PROPOSAL (with a zxid, as in PROPOSAL 1/3), ACK, COMMIT, INFORM and "+
				"REQUEST")
	}
	if name == "ACK" && speaksOfEpoch(l.text) {
		name = "ACKEPOCH"
	}
	name = c.acknowledged(a, name, words[at:])
	a.Kind, a.Packet = Packet, name
	if name == "SYNC" {
		if err := c.sync(a, words); err != nil {
			return err
		}
	}
	a.Zxid, a.HasZxid = zxidIn(words)
	a.Node = firstPath(words)
	for i, w := range words {
		if name == "NOTIFICATION" && w.is == "for" && i+1 < len(words) &&
			isServer(strings.ToUpper(words[i+1].is)) {
			a.VoteFor = zab.ID(words[i+1].is[1] - '0')
		}
	}
	a.contents()
	if name == "DIFF" && lacksNothing(words) {
		a.Empty = true
		return nil
	}
	c.candidate(a)
	rest := words[at+length:]
	if !a.HasZxid && name != "NOTIFICATION" {
		a.bareZxid(rest)
	}
	if denied(words, at) || len(rest) > 0 && !rest[0].fresh && negates(rest) ||
		len(rest) > 1 && negates(rest[1:]) && (rest[0].is == "is" || rest[0].is == "was") {
		a.deny()
		return nil
	}
	if raw := stray(words, at+length); raw != "" {
		return strayError(raw)
	}
	return fails(rest)
}

// fails returns an error if the words after a message say that it fails, or comes late: COMMIT failed.
// What a DIFF brings is no failure: DIFF (missing txns).
func fails(rest []word) error {
	if len(rest) > 1 && rest[0].is == "missing" {
		return nil
	}
	if len(rest) == 1 && rest[0].raw[0] == '(' && has(rest, "late", "delayed", "slow") {
		return nil // it comes, where it is drawn
	}
	said, inside := "", len(rest) > 0 && rest[0].raw[0] == '('
	for i := 0; i < len(rest) && (i == 0 || inside); i++ {
		said += " " + rest[i].raw
	}
	_, how := outcomes.at(rest)
	if how == WentWrong || how == Unanswered || startsIn(rest, downTalk) ||
		inside && startsIn(rest, notHere) {
		return &misread{why: fmt.Sprintf("unclear whether the message is sent, because of %q: "+
			"write only the message, or draw a note with the fault that stops the "+
			"message", strings.Trim(said, " ().,"))}
	}
	return nil
}

// notHere begin what stands in parentheses behind a message that is not sent, or does not come where
// it is drawn.
var notHere = lexiconOf([]string{"never", "not", "no", "too late", "delayed", "late", "slow"})

// sync notes a SYNC that its receiver has to answer, or the answer. An answer that tells of a failure
// is no SYNC.
func (c *compiler) sync(a *Act, words []word) error {
	asked := a.To + " " + a.From
	if answer := c.synced[asked]; answer || c.cast.Roles[a.From].Leads {
		if troubled(words) {
			return &misread{why: "a leader either answers a sync with SYNC or does not answer: " +
				"write \"SYNC\", or draw a note with the fault that stops the answer"}
		}
		delete(c.synced, asked)
		return nil
	}
	if c.synced == nil {
		c.synced = make(map[string]bool)
	}
	c.synced[a.From+" "+a.To] = !c.script.strict && !troubled(words)
	return nil
}

// acknowledged notes the messages that their receiver acknowledges, and gives the acknowledgement of
// a vote its meaning: below a PROPOSAL or a NEWLEADER, "vote ack" means ACK; otherwise it is a vote.
func (c *compiler) acknowledged(a *Act, name string, words []word) string {
	asked := a.To + " " + a.From
	if name == "ACK" && has(words[:1], "vote") && c.owed[asked] == 0 {
		name = "NOTIFICATION"
	}
	switch {
	case troubled(words):
	case name == "PROPOSAL" || name == "NEWLEADER":
		if c.owed == nil {
			c.owed = make(map[string]int)
		}
		c.owed[a.From+" "+a.To]++
	case name == "ACK" && c.owed[asked] > 0:
		c.owed[asked]--
	}
	return name
}

// answersSync reports whether a text says what a leader answers to a sync: up-to-date data.
func (c *compiler) answersSync(a *Act, words []word) bool {
	asked := a.To + " " + a.From
	if !c.synced[asked] || negated(words) || troubled(words) || !has(words, "up-to-date", "latest", "synced",
		"synchronized", "synchronised", "done", "ok", "complete", "completed", "fresh", "response",
		"reply") {
		return false
	}
	delete(c.synced, asked)
	a.told("this message is the leader's SYNC, the answer to the SYNC of %s", c.cast.Drawn(a.To))
	return true
}

// lacksNothing says whether a text about a DIFF says that its learner needs none: no diff needed. A
// leader sends an empty DIFF then.
func lacksNothing(words []word) bool {
	for i := range words {
		if has(words[i:i+1], "no", "empty") && has(words[i+1:], "needed", "required", "necessary") ||
			has(words[i:i+1], "empty") {
			return true
		}
	}
	return false
}

// early finds the DIFF, TRUNC or SNAP that is drawn below a NEWLEADER to the same server: a leader
// sends it first.
func (s *supplier) early(i int, a *Act) {
	if a.Packet != "NEWLEADER" || s.strict {
		return
	}
	for k := i - 1; k >= max(0, i-reach); k-- {
		b := s.acts[k]
		if b.Kind != Packet || b.From != a.From || b.To != a.To {
			continue
		}
		if b.Packet == "DIFF" || b.Packet == "TRUNC" || b.Packet == "SNAP" {
			return // it is drawn above
		}
	}
	for _, b := range s.after(i) {
		if b.Kind != Packet || b.From != a.From || b.To != a.To {
			continue
		}
		switch b.Packet {
		case "DIFF", "TRUNC", "SNAP":
			a.Early = b.Pos.Line
			return
		case "NEWLEADER", "UPTODATE", "PROPOSAL", "COMMIT":
			return
		}
	}
}

// sends begin the message in which a follower tells its epoch and its last zxid.
var sends = lexiconOf([]string{"send", "sends"})

// speaksOfEpoch says whether an acknowledgement is of an epoch: ack(electionEpoch, lastZxid).
func speaksOfEpoch(text string) bool {
	text = strings.ToLower(text)
	return strings.Contains(text, "epoch") && !strings.Contains(text, "leader")
}

// alternatives reads a message that may be one of several: DIFF/TRUNC/SNAP.
func alternatives(words []word) (at, length int, name string, others []string) {
	for i, w := range words {
		var all []string
		for _, part := range strings.Split(w.is, "/") {
			if n, name := packets.at([]word{word0(part)}); n > 0 {
				all = append(all, name)
			} else {
				all = nil
				break
			}
		}
		if len(all) > 1 {
			return i, 1, all[0], all[1:]
		}
	}
	return -1, 0, "", nil
}

// Is reports whether a message between servers has a name that the arrow allows.
func (a *Act) Is(message string) bool {
	return message == a.Packet || slices.Contains(a.Others, message)
}

// packets are the words for messages between servers.
var packets = newLexicon([]phrase[string]{
	{"vote", "NOTIFICATION"}, {"votes", "NOTIFICATION"}, {"notification", "NOTIFICATION"},
	{"followerinfo", "FOLLOWERINFO"}, {"observerinfo", "OBSERVERINFO"},
	{"leaderinfo", "LEADERINFO"},
	{"ackepoch", "ACKEPOCH"}, {"diff", "DIFF"}, {"trunc", "TRUNC"}, {"snap", "SNAP"},
	{"snapdata", "SNAPDATA"},
	{"ack-e", "ACKEPOCH"}, {"ack-epoch", "ACKEPOCH"}, {"ack-ld", "ACK"},
	{"acknewleader", "ACK"}, {"ack-newleader", "ACK"},
	{"commit-ld", "UPTODATE"}, {"newepoch", "LEADERINFO"}, {"cepoch", "FOLLOWERINFO"},
	{"ack vote", "NOTIFICATION"}, {"vote ack", "ACK"}, {"become follower", "BECOME FOLLOWER"},
	{"become a follower", "BECOME FOLLOWER"},
	{"newleader", "NEWLEADER"}, {"uptodate", "UPTODATE"}, {"proposal", "PROPOSAL"},
	{"propose", "PROPOSAL"},
	{"proposes", "PROPOSAL"}, {"ack", "ACK"}, {"acks", "ACK"}, {"commit", "COMMIT"},
	{"commits", "COMMIT"},
	{"inform", "INFORM"}, {"ping", "PING"}, {"heartbeat", "PING"}, {"heartbeats", "PING"},
	{"pings", "PING"}, {"request", "REQUEST"}, {"forward", "REQUEST"},
	{"forwards", "REQUEST"},
	{"revalidate", "REVALIDATE"}, {"sync", "SYNC"},
})
