package script

import (
	"errors"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// line is the text of an arrow or a note, split into words.
type line struct {
	text  string
	words []word
	cross bool // the arrow ends in a cross: the message is lost
}

func lineOf(text string) line {
	text = normal(text)
	return line{text: text, words: wordsOf(text)}
}

// arrow decides what an arrow means, by the roles of the participants at its ends.
func (c *compiler) arrow(a *Act, l line) error {
	from, to := c.cast.Roles[a.From], c.cast.Roles[a.To]
	if a.From == a.To || c.faulty(l, a.From, a.To) {
		return c.note(a, []string{a.From}, l)
	}
	if from.Kind == RoleLibrary || to.Kind == RoleLibrary {
		if from.Kind == RoleLibrary && c.learns(a, l) {
			return nil
		}
		a.Kind = Remark
		return nil
	}
	clients := from.Kind == RoleClient && to.Kind == RoleClient
	if clients || from.Kind == RoleOther || to.Kind == RoleOther {
		a.Kind = Remark
		return c.nobody(a, l)
	}
	if err := foreign(l.words); err != nil && from.Kind != RoleResource && to.Kind != RoleResource {
		return err
	}
	var err error
	switch {
	case from.Kind == RoleClient && to.Kind == RoleResource:
		a.Kind = Write
	case from.Kind == RoleClient:
		err = c.call(a, l)
	case to.Kind == RoleClient && from.Kind == RoleResource:
		a.Kind = Reply
		a.Reply, _, _ = parseReply(l.text, l.words)
	case to.Kind == RoleClient:
		if !c.learns(a, l) {
			err = c.answer(a, l)
		}
	case from.Kind == RoleServer && to.Kind == RoleServer:
		err = c.packet(a, l)
	default:
		a.Kind = Remark
		return suspicious(l, false)
	}
	if l.cross && err == nil && a.Kind != Absence && a.Kind != Fault && a.Kind != Happening {
		c.cross(a)
	}
	return err
}

// nobody returns an error if an arrow reads like a call but the drawing has no ensemble.
func (c *compiler) nobody(a *Act, l line) error {
	if c.cast.service() || len(c.script.Diagrams) > 1 {
		return nil
	}
	if _, _, v := find(l.words, calls); v == verbNone || firstPath(l.words) == "" {
		return nil
	}
	return &misread{why: a.To + " does not look like ZooKeeper: if it stands for ZooKeeper, " +
		"name it ZK, ZooKeeper or ensemble"}
}

// call reads an arrow from a client to the ensemble.
func (c *compiler) call(a *Act, l line) error {
	if aliveWords.in(l.words) {
		a.Kind = Heartbeat
		return nil
	}
	a.Kind = Call
	op, denies, err := parseCall(l.text, l.words)
	if _, _, v := find(l.words, calls); v == verbNone && expiryWords.in(l.words) {
		return c.note(a, []string{a.From}, l)
	}
	if errors.Is(err, errNoPath) {
		err = c.path(a, &op, l.words)
	}
	if err != nil {
		return err
	}
	c.complete(a, &op, l)
	a.Op = op
	a.Reply, a.Claims = claimIn(l)
	a.Own = c.scene.world.Runs(a.From)
	if op.Flags.IsEphemeral() && !denies {
		c.owns[a.From] = op.Path
	}
	c.speak(op.Path)
	if denies {
		a.deny()
	}
	return nil
}

// complete adds to a call what its words leave out: the value of a set, the flag of a lock.
func (c *compiler) complete(a *Act, op *tree.Op, l line) {
	switch {
	case op.Type == tree.OpSetData && len(op.Data) == 0 && !strings.Contains(l.text, `""`):
		op.Data = []byte("1")
		a.Supplied = append(a.Supplied, `a value: "1"`)
	case op.Type != tree.OpCreate2:
		return
	case lockWords.in(l.words) && !op.Flags.IsEphemeral():
		op.Flags |= tree.Ephemeral
		a.Supplied = append(a.Supplied, "a lock: ephemeral")
	}
}

// claimIn returns the answer that the text of a call itself announces: create /x, fails (exists).
func claimIn(l line) (r Answer, ok bool) {
	named := false
	for i, w := range l.words {
		if named && (w.fresh || i > 0 && l.words[i-1].isPath()) && !w.quoted {
			n, _ := reasons.at(l.words[i:])
			if startsIn(l.words[i:], claimWords) || n > 0 {
				r, ok, err := parseReply(l.text[w.begin:], l.words[i:])
				r.Values = nil
				return r, ok && err == nil && r.Outcome != AnyOutcome
			}
		}
		named = named || w.isPath()
	}
	return Answer{}, false
}

// claimWords are the words with which a call may announce its own outcome.
var claimWords = lexiconOf([]string{"fails", "failed", "rejected", "denied", "refused", "success",
	"succeeds", "succeeded", "nodeexists", "nonode"})

// lockWords are words for acquiring a lock: they make an ephemeral node.
var lockWords = lexiconOf([]string{"acquire", "acquires", "claim", "claims", "lock creation",
	"acquirelock"})

// speak remembers a path that a line mentions, so that later lines may shorten or omit it.
func (c *compiler) speak(path string) {
	path = strings.TrimRight(path, "/")
	if path == "" {
		return
	}
	c.last = path
	if len(c.names) < 10_000 {
		c.names[strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])] = path
	}
}

// shortened returns the path of an earlier line whose last name is one of the words; empty if none.
func (c *compiler) shortened(words []word) string {
	for _, w := range words {
		if path := c.names[w.is]; path != "" &&
			strings.Trim(w.is, "abcdefghijklmnopqrstuvwxyz") != "" {
			return path
		}
	}
	return ""
}

// path sets the path of a call that names none: the path that its words shorten, the last path that
// a line mentions, or a new path.
func (c *compiler) path(a *Act, op *tree.Op, words []word) error {
	if path := c.shortened(words); path != "" {
		op.Path = path
		a.Supplied = append(a.Supplied, "the whole path: "+path)
	} else if len(words) == 2 && !plainWords.in(words[1:]) && !words[1].quoted &&
		validPath(words[1].is) {
		op.Path = "/" + strings.Trim(words[1].raw, ".,;:!?()")
		a.Supplied = append(a.Supplied, "a slash: "+op.Path)
	} else if c.last != "" && c.last != "/" {
		op.Path = c.last
		if op.Flags.IsSequential() && op.Type == tree.OpCreate2 {
			op.Path = strings.TrimRight(op.Path, "0123456789")
		}
		a.Supplied = append(a.Supplied, "the last path above: "+op.Path)
	} else {
		op.Path = "/node"
		if lockWords.in(words) || has(words, "lock") {
			op.Path = "/lock"
		}
		if op.Flags.IsSequential() {
			op.Path += "-"
		}
		a.Supplied = append(a.Supplied, "a path: "+op.Path)
	}
	return tree.ValidateCreatePath(op.Path, op.Flags.IsSequential())
}

// validPath reports whether a word could be a path without its slash.
func validPath(word string) bool {
	switch word {
	case "ephemeral", "sequential", "children", "data", "watch", "ok":
		return false
	}
	return strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789-_/") == ""
}

// answer reads an arrow to a client as an answer or a notification.
func (c *compiler) answer(a *Act, l line) error {
	n, isNotice, sure := parseNotice(l.words)
	r, isReply, err := parseReply(l.text, l.words)
	a.Notice, a.Reply = n, r
	c.speak(n.Path)
	if mine := c.owns[a.To]; mine != "" && len(n.Path) > len(mine) &&
		strings.HasPrefix(n.Path, mine) {
		c.owns[a.To] = n.Path
	}
	if at := noticed(l.words); (sure || isNotice && !isReply) && at >= 0 && denied(l.words, at) {
		a.Kind = Event
		a.deny()
		return nil
	}
	switch {
	case !sure && !isReply && upWords.in(l.words):
		a.Kind = Heartbeat
	case sure:
		a.Kind = Event
		if raw := stray(l.words, 0); raw != "" {
			return strayError(raw)
		}
	case err != nil:
		return err
	case isNotice:
		a.Kind, a.Either = Reply, true // "deleted": the run decides which it is
		if r.Outcome == WentWrong {
			a.Either = false
		}
	case isReply || len(r.Values) > 0 || a.Lists():
		a.Kind = Reply
	default:
		if _, ok := versionIn(l.words); ok {
			a.Kind, a.Reply.Outcome = Reply, WentWell
			return nil
		}
		return errors.New("neither an outcome nor an event: write \"success\", " +
			"\"failed — exists\", a value, or \"notification — /leader is gone\"")
	}
	return nil
}

// upWords are words on an arrow to a client that mean that its session is alive.
var upWords = lexiconOf([]string{"pong", "ping", "alive", "heartbeat", "connected"})

// packet reads an arrow between servers as a message.
func (c *compiler) packet(a *Act, l line) error {
	words := l.words
	at, length, name := find(words, packets)
	if at < 0 {
		return unknown(l.text, words, packets, "this text names no message between servers",
			"vote, FOLLOWERINFO, LEADERINFO, ACKEPOCH, DIFF, TRUNC, SNAP, NEWLEADER, UPTODATE, "+
				"PROPOSAL 1/3, ACK, COMMIT, INFORM or REQUEST")
	}
	a.Kind, a.Packet = Packet, name
	a.Zxid, a.HasZxid = zxidIn(words)
	a.Node = firstPath(words)
	for i, w := range words {
		if name == "NOTIFICATION" && w.is == "for" && i+1 < len(words) &&
			isServer(strings.ToUpper(words[i+1].is)) {
			a.VoteFor = zab.ID(words[i+1].is[1] - '0')
		}
	}
	a.contents()
	rest := words[at+length:]
	if denied(words, at) || len(rest) > 0 && !rest[0].fresh && negates(rest) ||
		len(rest) > 1 && negates(rest[1:]) && (rest[0].is == "is" || rest[0].is == "was") {
		a.deny()
		return nil
	}
	if raw := stray(words, at+length); raw != "" {
		return strayError(raw)
	}
	return nil
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
	{"newleader", "NEWLEADER"}, {"uptodate", "UPTODATE"}, {"proposal", "PROPOSAL"},
	{"propose", "PROPOSAL"},
	{"proposes", "PROPOSAL"}, {"ack", "ACK"}, {"acks", "ACK"}, {"commit", "COMMIT"},
	{"commits", "COMMIT"},
	{"inform", "INFORM"}, {"ping", "PING"}, {"request", "REQUEST"}, {"forward", "REQUEST"},
	{"forwards", "REQUEST"},
	{"revalidate", "REVALIDATE"}, {"sync", "SYNC"},
})

// deny turns an act into an absence: what the act says is not done, and must not happen before the
// next line of the same participants.
func (a *Act) deny() {
	denied := *a
	a.Kind, a.Denied = Absence, &denied
}

// cross turns an act into a message that is lost in transit; a lost heartbeat cuts its client off.
func (c *compiler) cross(a *Act) {
	if a.Kind == Heartbeat {
		who := a.From
		if c.cast.Roles[who].Kind != RoleClient {
			who = a.To
		}
		c.silence(a, who)
		return
	}
	a.deny()
	a.Lost = true
	a.Supplied = append(a.Supplied, "the message is lost in transit")
}

// silence turns an act into a fault: client who is cut off from all servers.
func (c *compiler) silence(a *Act, who string) {
	a.Kind = Fault
	a.Fault = FaultNote{Fault: c.isolate(who), Parts: who}
	c.silent[who], c.cut[who] = true, true
	a.Supplied = append(a.Supplied, who+" is cut off until its next call")
}

// isolate returns the fault that splits a client from all servers, or a server from all others.
func (c *compiler) isolate(who string) sim.Fault {
	var rest []string
	for i := 1; i <= c.scene.world.Stage.Servers+c.scene.world.Stage.Observers; i++ {
		if name := engine.ServerName(zab.ID(i)); name != who {
			rest = append(rest, name)
		}
	}
	return sim.Split([]string{who}, rest)
}

// lostWords are words that mean the same as a cross at the end of an arrow: the message is lost.
var lostWords = lexiconOf([]string{
	"lost", "is lost", "gets lost", "dropped", "is dropped", "never arrives", "does not arrive",
	"doesn't arrive", "never reaches", "does not reach", "doesn't reach", "not delivered",
})

// lost reports whether a text says that its message is lost. It is false if a connection is lost.
func lost(words []word) bool {
	at, _, _ := find(words, lostWords)
	return at >= 0 && !has(words, "connection", "session", "lock", "leadership", "quorum", "power",
		"network", "race", "leader", "election")
}
