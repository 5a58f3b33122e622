package script

import (
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// line is the text of an arrow or a note, as the compiler reads it.
type line struct {
	text  string
	words []word
	cross bool // the arrow ends in a cross: it is lost
}

func lineOf(text string) line {
	text = unquoted(normal(text))
	return line{text: text, words: wordsOf(text)}
}

// unquoted is a text without the quotes around all of it, which authors need in other notations. A
// value in quotes keeps them, and what has four words is no value.
func unquoted(text string) string {
	inner := strings.TrimSpace(text)
	if len(inner) < 3 || inner[0] != '"' || inner[len(inner)-1] != '"' {
		return text
	}
	inner = inner[1 : len(inner)-1]
	foreign := strings.ContainsFunc(inner, func(r rune) bool {
		return r > unicode.MaxASCII && unicode.IsLetter(r)
	})
	if strings.IndexByte(inner, '"') >= 0 || !foreign && len(strings.Fields(inner)) < 4 {
		return text
	}
	return inner
}

// arrow decides what an arrow means by the roles at its ends.
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

// nobody is the error of a call that no ensemble is drawn for.
func (c *compiler) nobody(a *Act, l line) error {
	if c.cast.service() || len(c.script.Diagrams) > 1 {
		return nil
	}
	if _, _, v := find(l.words, calls); v == verbNone || firstPath(l.words) == "" {
		return nil
	}
	return &misread{why: a.To + " is not known as ZooKeeper: if it is, name it ZK, ZooKeeper or " +
		"ensemble"}
}

// call reads an arrow from a client to the ensemble.
func (c *compiler) call(a *Act, l line) error {
	if at, _, _ := find(l.words, aliveWords); at >= 0 {
		if i, what := happeningIn(l.words, ensembleHappenings, false); what == SessionOver && i < at {
			return c.note(a, []string{a.From}, l)
		}
		a.Kind = Heartbeat
		return nil
	}
	a.Kind = Call
	op, denies, err := parseCall(l.text, l.words)
	switch _, _, v := find(l.words, calls); {
	case v == verbNone && endsSession(l):
		return c.note(a, []string{a.From}, l)
	case v == verbNone || v == verbCheck && err != nil:
		done, wrong := c.requested(a, l)
		if done {
			op, denies, err = a.Op, false, wrong
		}
	case errors.Is(err, errNoPath):
		err = c.path(a, &op, l.words)
	}
	if err != nil {
		return err
	}
	c.complete(a, &op, l)
	a.Op = op
	a.Reply, a.Claims = claimIn(l)
	a.Own = c.scene.world.Runs(a.From)
	if op.Type == tree.OpCreate2 {
		c.creates[a.From] = a
		if op.Flags != 0 {
			c.leaves[strings.TrimRight(op.Path, "0123456789")] = true
		}
	}
	c.speak(op.Path)
	if op.Type == tree.OpGetChildren2 {
		c.listed = op.Path
	}
	if op.Type == tree.OpCreate2 && !denies {
		c.enters(a.From, &op)
	}
	if denies {
		a.deny()
	}
	return nil
}

// endsSession says whether a text is about the end of a session, drawn on its way to the ensemble.
func endsSession(l line) bool {
	_, what := happeningIn(l.words, ensembleHappenings, false)
	return expiryWords.in(l.words) || what == SessionOver
}

// complete gives a call what its words leave out: the value of a set, the flag of a lock.
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

// claimIn is the answer that a call says it gets: create /x, fails (exists).
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

// claimWords are the outcomes that a call may claim for itself.
var claimWords = lexiconOf([]string{"fails", "failed", "rejected", "denied", "refused", "success",
	"succeeds", "succeeded", "nodeexists", "nonode"})

// lockWords ask for a lock: a node that is there as long as its client.
var lockWords = lexiconOf([]string{"acquire", "acquires", "claim", "claims", "lock creation",
	"acquirelock"})

// speak notes a path that a line speaks of, so that later lines may shorten or omit it.
func (c *compiler) speak(path string) {
	path = strings.TrimRight(path, "/")
	if path == "" {
		return
	}
	c.last = path
	name := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	if old, known := c.names[name]; len(c.names) >= 10_000 || known && old == path {
		return
	}
	c.names[name] = path
	if words := nameWords(name); len(words) > 1 && !hasNumber(words) {
		for _, w := range words {
			if len(c.parts[w]) < 2 {
				c.parts[w] = append(c.parts[w], path)
			}
		}
	}
}

// shortened is the path that a word stands for that is only its last name; empty if none is.
func (c *compiler) shortened(words []word) string {
	for _, w := range words {
		if path := c.names[w.is]; path != "" &&
			strings.Trim(w.is, "abcdefghijklmnopqrstuvwxyz") != "" {
			return path
		}
		if path := c.numbered(w); path != "" {
			return path
		}
	}
	return ""
}

// byWord is the one path above whose last name has a word of the text as a part: the ack, for
// /jobs/1/backup_ack. Names with numbers belong to others.
func (c *compiler) byWord(words []word) (path string) {
	for _, w := range words {
		if len(w.is) < 3 || w.quoted || plainWords.in([]word{w}) || startsIn([]word{w}, calls) ||
			isEphemeral(w) || isSequential(w) {
			continue
		}
		for _, p := range c.parts[w.is] {
			if path != "" && path != p {
				return ""
			}
			path = p
		}
	}
	return path
}

// path gives a call without a path one: the last that was spoken of, or a new one.
func (c *compiler) path(a *Act, op *tree.Op, words []word) error {
	a.vague = true
	create := op.Type == tree.OpCreate2
	switch name := nodeName(words); {
	case c.shortened(words) != "":
		op.Path = c.shortened(words)
		a.Supplied = append(a.Supplied, "the rest of the path: "+op.Path)
	case c.byWord(words) != "":
		op.Path = c.byWord(words)
		a.Supplied = append(a.Supplied, "the rest of the path: "+op.Path)
	case create && name != "":
		op.Path = "/" + name
		a.Supplied = append(a.Supplied, "a slash: "+op.Path)
	case len(words) == 2 && !plainWords.in(words[1:]) && !words[1].quoted && validPath(words[1].is):
		op.Path = "/" + strings.Trim(words[1].raw, ".,;:!?()")
		a.Supplied = append(a.Supplied, "a slash: "+op.Path)
	case c.last == "" || c.last == "/":
		c.invent(a, op, words)
	case create && c.registers(words) && c.invented[c.last] != "" && c.invented[c.last] != a.From:
		op.Path = "/" + strings.ToLower(a.From)
		a.Supplied = append(a.Supplied, "a path, since another client has the last: "+op.Path)
		c.invented[op.Path] = a.From
	case op.Type == tree.OpGetChildren2 && c.listing() != "":
		op.Path = c.listing()
		a.Supplied = append(a.Supplied, "the path last listed, or of the nodes: "+op.Path)
	default:
		op.Path = c.last
		if op.Flags.IsSequential() && create {
			op.Path = strings.TrimRight(op.Path, "0123456789")
		}
		a.Supplied = append(a.Supplied, "the path last mentioned: "+op.Path)
	}
	return tree.ValidateCreatePath(op.Path, op.Flags.IsSequential())
}

// invent gives a call a path that the drawing names nowhere.
func (c *compiler) invent(a *Act, op *tree.Op, words []word) {
	op.Path = "/node"
	if lockWords.in(words) || has(words, "lock") {
		op.Path = "/lock"
	}
	if op.Flags.IsSequential() {
		op.Path += "-"
	}
	c.invented[op.Path] = a.From
	a.Supplied = append(a.Supplied, "a path: "+op.Path)
}

// registers says whether a create is a client's entry of itself, and not of something shared.
func (c *compiler) registers(words []word) bool {
	return has(words, "register", "registers", "registration", "join", "joins")
}

// parentOf is the parent of a path.
func parentOf(path string) string {
	if i := strings.LastIndexByte(path, '/'); i > 0 {
		return path[:i]
	}
	return "/"
}

// nodeName is a word that can only be the name of a node: lock-0001, n_3.
func nodeName(words []word) string {
	for _, w := range words {
		name := strings.Trim(w.raw, ".,;:!?()[]\"'")
		bare := strings.TrimRight(name, "0123456789")
		if len(bare) > 1 && len(bare) < len(name) && validPath(w.is) &&
			strings.IndexByte("-_", bare[len(bare)-1]) >= 0 && isLetter(bare[0]) {
			return name
		}
	}
	return ""
}

// noPaths are words after a call's verb that are no path without its slash.
var noPaths = wordSet("children", "data", "ok", "config", "configuration", "metadata", "session",
	"status", "state", "value", "path", "node", "nodes", "znode", "znodes", "lock", "leadership",
	"leader", "itself", "again", "list", "members", "changes", "updates", "offset", "offsets",
	"url", "request", "service", "services", "instance", "brokers", "broker", "predecessor",
	"successor", "parent", "child", "callback", "listener", "this", "everything", "all")

// word0 is a word alone.
func word0(is string) word { return word{is: is, raw: is} }

// validPath says whether a word could be a path whose slash was forgotten.
func validPath(word string) bool {
	w := word0(word)
	if isEphemeral(w) || isSequential(w) || isPersistent(w) || isWatch(w) || noPaths[word] {
		return false
	}
	return strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789-_/") == ""
}

// answer reads an arrow to a client: an answer or a notification.
func (c *compiler) answer(a *Act, l line) error {
	n, isNotice, sure := parseNotice(l.words)
	r, isReply, err := parseReply(l.text, l.words)
	switch {
	case r.Code == tree.SessionExpired && ofAnother(l.words):
		n.Event, isNotice, sure, err = tree.NodeDeleted, true, true, nil
	case !sure && watchesFirst(l.words):
		r, isReply, err = Answer{Outcome: WentWell}, true, nil
		a.watches = c.watched(l.words)
	}
	a.Notice, a.Reply = n, r
	c.speak(n.Path)
	c.assigned(a)
	c.nameOf(a.To, n.Path, l.words)
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
		a.Kind, a.Either = Reply, true // "deleted" may be either: the run decides
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
		return errors.New("neither an outcome nor an event: write success, failed " +
			"— exists, a value, or notification — /leader is gone")
	}
	return nil
}

// assigned notes the name that an answer says a create has made: lock-0001, for /locks/lock-.
func (c *compiler) assigned(a *Act) {
	create := c.creates[a.To]
	if create == nil || len(a.Reply.Values) != 1 || !create.Op.Flags.IsSequential() {
		return
	}
	path, name := create.Op.Path, a.Reply.Values[0]
	at := strings.LastIndexByte(path, '/') + 1
	if prefix := strings.TrimRight(path[at:], "0123456789"); strings.HasPrefix(name, prefix) &&
		strings.Trim(name[len(prefix):], "0123456789") == "" && len(name) > len(prefix) {
		c.speak(path[:at] + name)
	}
}

// ofAnother says whether a text about the end of a session names whose: session expired for A. Its
// receiver hears that somebody else's node is gone.
func ofAnother(words []word) bool {
	at, n, _ := find(words, reasons)
	rest := words[at+n:]
	return at >= 0 && len(rest) > 1 && (rest[0].is == "for" || rest[0].is == "of") &&
		rest[1].is != "you" && (rest[1].is[0] < '0' || rest[1].is[0] > '9')
}

// watchesFirst says whether a text on an arrow to a client says what that client watches now, as
// the answer to its call: watches the first node only.
func watchesFirst(words []word) bool {
	n, v := calls.at(words)
	return n > 0 && v == verbWatch && len(words) > n
}

// upWords say on an arrow to a client that its session is up.
var upWords = lexiconOf([]string{"pong", "ping", "alive", "heartbeat", "connected"})

// packet reads an arrow between servers.
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
	if at < 0 {
		return unknown(l.text, words, packets, "no known message between servers",
			"vote, FOLLOWERINFO, LEADERINFO, ACKEPOCH, DIFF, TRUNC, SNAP, NEWLEADER, UPTODATE, "+
				"PROPOSAL 1/3, ACK, COMMIT, INFORM or REQUEST")
	}
	if name == "ACK" && speaksOfEpoch(l.text) {
		name = "ACKEPOCH"
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
	return nil
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

// Is reports whether a message between servers has the name, or one of the names, that an arrow
// says.
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
	{"ack vote", "NOTIFICATION"}, {"become follower", "BECOME FOLLOWER"},
	{"become a follower", "BECOME FOLLOWER"},
	{"newleader", "NEWLEADER"}, {"uptodate", "UPTODATE"}, {"proposal", "PROPOSAL"},
	{"propose", "PROPOSAL"},
	{"proposes", "PROPOSAL"}, {"ack", "ACK"}, {"acks", "ACK"}, {"commit", "COMMIT"},
	{"commits", "COMMIT"},
	{"inform", "INFORM"}, {"ping", "PING"}, {"request", "REQUEST"}, {"forward", "REQUEST"},
	{"forwards", "REQUEST"},
	{"revalidate", "REVALIDATE"}, {"sync", "SYNC"},
})

// deny turns an act into its absence: nothing is carried out, and what it says must not happen
// before the next line of its lane.
func (a *Act) deny() {
	denied := *a
	a.Kind, a.Denied = Absence, &denied
}

// cross makes an act of an arrow that is lost in transit.
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

// silence makes an act in which the ensemble hears nothing more from a client.
func (c *compiler) silence(a *Act, who string) {
	a.Kind = Fault
	a.Fault = FaultNote{Fault: c.isolate(who), Parts: who}
	c.silent[who], c.cut[who] = true, true
	a.Supplied = append(a.Supplied, who+" is cut off until its next call")
}

// isolate is the split of one machine from all servers, or from all other servers.
func (c *compiler) isolate(who string) sim.Fault {
	var rest []string
	for i := 1; i <= c.scene.world.Stage.Servers+c.scene.world.Stage.Observers; i++ {
		if name := engine.ServerName(zab.ID(i)); name != who {
			rest = append(rest, name)
		}
	}
	return sim.Split([]string{who}, rest)
}

// lostWords say that a message does not arrive, as a cross at the end of its arrow does.
var lostWords = lexiconOf([]string{
	"lost", "is lost", "gets lost", "dropped", "is dropped", "never arrives", "does not arrive",
	"doesn't arrive", "never reaches", "does not reach", "doesn't reach", "not delivered",
})

// lost says whether a text says that its own message is lost. A lost connection is something else.
func lost(words []word) bool {
	at, _, _ := find(words, lostWords)
	return at >= 0 && !has(words, "connection", "session", "lock", "leadership", "quorum", "power",
		"network", "race", "leader", "election")
}
