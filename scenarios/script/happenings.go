package script

import (
	"slices"
	"strings"
)

// Occurrence is the event that a note over the ensemble or a server describes.
type Occurrence struct {
	What   OccurrenceKind
	Path   string
	Client string
	Server string
	Ends   bool // of a deletion: it comes with the end of a session
	Stays  bool // of a deletion that is denied: the node exists

	supplied string
}

type OccurrenceKind uint8

const (
	NodeDeleted OccurrenceKind = iota + 1
	NodeCreated
	SessionOver
	LearnsLoss       // a client learns that its connection is lost
	LearnsExpiry     // that its session has expired
	LearnsConnection // that it is connected again
	BeginsToLead     // a client's recipe believes that it leads
	StopsLeading
	LeaderElected
	BecomesLeader
	BecomesFollower
	BecomesLooking
	IsLeading
)

// serverHappenings are phrases by which a note says what happens to a server. If several phrases
// are in a note, the first in the table counts.
var serverHappenings = newLexicon([]phrase[OccurrenceKind]{
	{"becomes leader", BecomesLeader}, {"becomes the leader", BecomesLeader},
	{"leads", BecomesLeader},
	{"wins", BecomesLeader}, {"becomes leading", BecomesLeader},
	{"becomes follower", BecomesFollower}, {"becomes a follower", BecomesFollower},
	{"follows", BecomesFollower},
	{"becomes following", BecomesFollower},
	{"looks for a leader", BecomesLooking}, {"becomes looking", BecomesLooking},
	{"is looking", BecomesLooking},
})

// ensembleHappenings are phrases by which a note says what happens in the ensemble.
var ensembleHappenings = newLexicon([]phrase[OccurrenceKind]{
	{"elects", LeaderElected}, {"new leader", LeaderElected}, {"is elected", LeaderElected},
	{"leader election", LeaderElected},
	{"deletes", NodeDeleted}, {"removes", NodeDeleted}, {"is deleted", NodeDeleted},
	{"is removed", NodeDeleted}, {"delete", NodeDeleted}, {"remove", NodeDeleted},
	{"deleted", NodeDeleted}, {"removed", NodeDeleted}, {"auto-deletes", NodeDeleted},
	{"auto-delete", NodeDeleted}, {"auto-deleted", NodeDeleted}, {"cleans up", NodeDeleted},
	{"vanishes", NodeDeleted}, {"drops", NodeDeleted},
	{"disappears", NodeDeleted}, {"is gone", NodeDeleted},
	{"creates", NodeCreated}, {"is created", NodeCreated}, {"created", NodeCreated},
	{"create", NodeCreated},
	{"expires", SessionOver}, {"session is over", SessionOver}, {"session ends", SessionOver},
	{"closes the session", SessionOver}, {"session expired", SessionOver},
	{"expired", SessionOver}, {"expire", SessionOver}, {"session timeout", SessionOver},
	{"session times out", SessionOver}, {"session timed out", SessionOver},
	{"session expiry", SessionOver}, {"session expiration", SessionOver},
	{"session dies", SessionOver}, {"ttl expires", SessionOver},
	{"session closed", SessionOver}, {"session lost", SessionOver}, {"session drops", SessionOver},
	{"lose its session", SessionOver}, {"lose the session", SessionOver},
	{"loses its session", SessionOver}, {"loses its zk session", SessionOver},
	{"loses its zookeeper session", SessionOver}, {"lost its session", SessionOver},
	{"loses the session", SessionOver}, {"loses session", SessionOver},
	{"session dropped", SessionOver}, {"session is lost", SessionOver},
	{"heartbeat timeout", SessionOver}, {"heartbeats time out", SessionOver},
	{"heartbeat times out", SessionOver}, {"heartbeat timed out", SessionOver},
	{"detect failure", SessionOver}, {"detects failure", SessionOver},
	{"detects the failure", SessionOver}, {"detect the failure", SessionOver},
	{"failure detected", SessionOver}, {"failure is detected", SessionOver},
	{"detect missed heartbeats", SessionOver}, {"detects missed heartbeats", SessionOver},
	{"detect missing heartbeat", SessionOver}, {"detect missing heartbeats", SessionOver},
	{"detects missing heartbeats", SessionOver},
})

// sessionEnds are those of the table that say that a session ends by itself.
var sessionEnds = func() *lexicon[OccurrenceKind] {
	var list []phrase[OccurrenceKind]
	for _, p := range ensembleHappenings.list {
		if p.means == SessionOver && p.text != "closes the session" && p.text != "session closed" &&
			!strings.Contains(p.text, "detect") {
			list = append(list, p)
		}
	}
	return newLexicon(list)
}()

// nodeNouns are words for a node in a note without a path.
var nodeNouns = lexiconOf([]string{"znode", "znodes", "node", "nodes", "ephemeral", "lock",
	"it", "ephemerals"})

// happeningIn returns the first phrase of a table that is in a note: its place and its meaning.
// Phrases about nodes count only if path is true.
func happeningIn(words []word, table *lexicon[OccurrenceKind], path bool) (
	at int, what OccurrenceKind,
) {
	if !table.near(words) {
		return -1, 0
	}
	for _, p := range table.list {
		if about := p.means == NodeDeleted || p.means == NodeCreated; about && !path {
			continue
		}
		for i := range words {
			if begins(words[i:], p.text) > 0 && !words[i].quoted {
				return i, p.means
			}
		}
	}
	return -1, 0
}

// parseHappening reads a note as an event that is expected of the ensemble or of a server.
func (c *compiler) parseHappening(over []string, l line) (h Occurrence, ok, denies bool) {
	l.words = firstOf(l.words)
	if !c.script.strict {
		l.words = joinedEvents(l.words)
	}
	h.Path = firstPath(l.words)
	kind := c.cast.Roles[over[0]].Kind
	for _, name := range over {
		if c.cast.Roles[name].Kind == RoleEnsemble {
			kind = RoleEnsemble
		}
	}
	if kind == RoleClient && has(l.words, "detect", "detects", "detected") {
		return h, false, false // what a client notices
	}
	if kind == RoleEnsemble && h.Path == "" {
		if at := releasedIn(l.words); at >= 0 && c.last != "" {
			h.What, h.Path = NodeDeleted, c.goes("", l.words)
			h.supplied = "the path: " + h.Path
			return h, h.Path != "" && h.Path != "/", denied(l.words, at)
		}
	}
	if kind == RoleServer {
		if what, server, denies := c.stateOf(over, l.words); what != 0 {
			h.What, h.Server = what, server
			return h, true, denies
		}
	}
	if kind == RoleResource || kind == RoleOther {
		return h, false, false
	}
	h.Client = c.lastClient(l.words)
	at, what := c.occurs(&h, l.words, kind)
	switch {
	case what == LeaderElected && !c.servers() && l.words[0].is != "elects":
		return h, false, false // an election of applications
	case what == SessionOver && ofLength(l.text) && detects(l.words) < 0 && !has(l.words, "detect"):
		return h, false, false
	}
	if kind == RoleClient {
		switch {
		case learns(l.words):
			return h, false, false
		case what == SessionOver && h.Client == "":
			h.Client = over[0]
		case what != SessionOver && what != NodeDeleted:
			return h, false, false
		}
	}
	h.What = what
	if _, over := happeningIn(l.words, sessionEnds, false); what == NodeDeleted && over != 0 {
		h.Ends = !negated(l.words)
	}
	return h, what != 0, at >= 0 && (denied(l.words, at) || attempted(l.words, at))
}

// lastClient returns the client that a text names last, or "".
func (c *compiler) lastClient(words []word) (client string) {
	for i, w := range words {
		if name, n := c.cast.named(words[i:]); n > 0 && (n > 1 || c.cast.Drawn(name) ==
			strings.TrimSuffix(trimWord(w.raw), "'s")) &&
			c.cast.Roles[name].Kind == RoleClient {
			client = name
		}
	}
	return client
}

// occurs finds the event that a text over a participant of this kind describes, and the word at
// which it begins; what is 0 if the text describes none. It supplies h with a path, or a client,
// that the text leaves out.
func (c *compiler) occurs(h *Occurrence, words []word, kind RoleKind) (at int, what OccurrenceKind) {
	at, what = happeningIn(words, ensembleHappenings, h.Path != "")
	if ends := sessionEnd(words); what == 0 && ends >= 0 {
		at, what = ends, SessionOver
	}
	if sees := detects(words); what == 0 && sees >= 0 && kind == RoleEnsemble {
		at, what = sees, SessionOver
	}
	if what == 0 || what == SessionOver && h.Path == "" {
		path := c.goes(h.Client, words)
		if path == "" && kind == RoleEnsemble && !c.script.strict {
			path = "/node" // as a create without a path makes it
		}
		if i, node := happeningIn(words, ensembleHappenings, true); node == NodeDeleted &&
			path != "" && (nodeNouns.in(words) || c.shortened(words) != "") {
			at, what, h.Path = i, node, path
			h.supplied = "the path: " + path
		}
	}
	if node := ephemeralsGo(words); what == 0 && node && c.hurtLast != "" {
		what, h.Client = SessionOver, c.hurtLast
		client := c.hurtLast
		h.supplied = "this note is read as the end of the session " +
			"of " + client + " and nothing more, because the client owns no ephemeral node that could be deleted"
	}
	return at, what
}

// releasedIn returns where a text says that somebody's lock is released: the preceding lock is
// released. It returns -1 if the text does not say so, or leaves it open.
func releasedIn(words []word) int {
	if hypothetical(words) || !has(words, "lock", "lock's", "mutex", "lease") {
		return -1
	}
	for i := range words {
		if has(words[i:i+1], "released") && !words[i].quoted && !open(words, i) {
			return i
		}
	}
	return releasesIn(words)
}

// takesBack are verbs for what an ensemble does with a lock.
var takesBack = lexiconOf([]string{"release", "releases", "auto-release", "auto-releases",
	"autorelease", "free", "frees", "revoke", "revokes"})

// releasesIn returns where a text that has no other verb says that the ensemble takes a lock back:
// release lock, auto-releases A's lease. It returns -1 if the text does not say so.
func releasesIn(words []word) int {
	at := 0
	for at < len(words) && has(words[at:at+1], "automatically", "auto", "then", "now") {
		at++
	}
	if at+1 >= len(words) || len(words) > at+5 || negated(words) || !takesBack.in(words[at:at+1]) {
		return -1
	}
	last := words[len(words)-1]
	if !has(words[len(words)-1:], "lock", "mutex", "lease") || last.quoted || last.fresh ||
		strings.HasSuffix(last.raw, "?") {
		return -1
	}
	return at
}

// firstOf cuts a text that joins the end of a session to another event: A's session expires, or A
// deletes its node. One of them happens: the first.
func firstOf(words []word) []word {
	for i, w := range words {
		if _, what := happeningIn(words[:i], sessionEnds, false); w.is == "or" && !w.quoted &&
			what != 0 {
			if _, other := happeningIn(words[i:], ensembleHappenings, true); other != 0 {
				return words[:i]
			}
		}
	}
	return words
}

// stateOf reads a note over servers as the state of one or of all of them.
func (c *compiler) stateOf(over []string, words []word) (
	what OccurrenceKind, server string, denies bool,
) {
	if server := c.elected(over, words); server != "" {
		return BecomesLeader, server, false
	}
	if what := stateIn(words); what != 0 && (what != IsLeading || len(over) == 1) {
		return what, strings.Join(c.cast.between(over), ","), false
	}
	if len(over) == 1 {
		if at, what := happeningIn(words, serverHappenings, false); what != 0 {
			return what, over[0], denied(words, at)
		}
	}
	return 0, "", false
}

// sessionEnd returns where a text says that a session ends, if other words stand between the two:
// the session of A times out. It returns -1 if the text does not say so.
func sessionEnd(words []word) int {
	of := slices.IndexFunc(words, func(w word) bool {
		return !w.quoted && (w.is == "session" || w.is == "lease" || w.is == "session/lease" ||
			w.is == "lease/session")
	})
	if of < 0 {
		return -1
	}
	for i := of + 1; i < len(words); i++ {
		// A noun in parentheses, such as (timeout 10 s), says no event.
		if n, _ := endWords.at(words[i:]); n > 0 && !(words[i].fresh && words[i].is == "timeout") {
			return i
		}
		if words[i].fresh {
			break
		}
	}
	return -1
}

// joinedEvents returns words in which two events that are joined by a slash are the first of them:
// delete/release is delete.
func joinedEvents(words []word) []word {
	copied := false
	for i, w := range words {
		first, second, ok := strings.Cut(w.is, "/")
		if !ok || first == "" || second == "" || w.quoted ||
			!ensembleHappenings.near([]word{word0(first)}) {
			continue
		}
		if !copied {
			words, copied = slices.Clone(words), true
		}
		words[i].is = first
	}
	return words
}

// detects returns where a text says that somebody's failure is noticed: detect leader failure,
// detects S1's crash. It returns -1 if the text does not say so.
func detects(words []word) int {
	for i := range words {
		if !has(words[i:i+1], "detect", "detects", "notice", "notices") || words[i].quoted {
			continue
		}
		for k := i + 1; k < len(words) && k <= i+4 && !words[k].fresh; k++ {
			if has(words[k:k+1], "failure", "crash", "death", "loss", "outage") {
				return k
			}
		}
	}
	return -1
}

// endWords are phrases that say that a session ends.
var endWords = lexiconOf([]string{"times out", "timed out", "timeout", "expires", "expired", "ends",
	"dies", "is over", "has expired", "has timed out"})

// ephemeralsGo says whether a note says that ephemeral nodes are deleted.
func ephemeralsGo(words []word) bool {
	_, what := happeningIn(words, ensembleHappenings, true)
	return what == NodeDeleted && slices.ContainsFunc(words, isEphemeral) && !negated(words)
}

// lookingWords are phrases that say that servers look for a leader.
var lookingWords = []string{"all in looking", "in looking state", "in the looking state"}

// stateIn returns the state that a short note about servers names, by phrases such as "transition
// to FOLLOWING" or "all in looking".
func stateIn(words []word) OccurrenceKind {
	if !negated(words) && has(words, lookingWords...) {
		return BecomesLooking
	}
	if len(words) == 0 || len(words) > 4 || negated(words) {
		return 0
	}
	switch last := words[len(words)-1]; {
	case len(words) > 1 && !has(words[:1], "transition", "transitions", "state", "enters", "enter",
		"now", "becomes", "goes", "switches", "status", "still", "stays", "remains", "is", "keeps"):
		return 0
	case last.is == "following":
		return BecomesFollower
	case last.is == "leading":
		return IsLeading
	case last.is == "looking":
		return BecomesLooking
	}
	return 0
}

// winnerWords are phrases before the name of the server that leads.
var winnerWords = []string{"quorum reached for", "elected leader", "leader is", "elects"}

// elected returns the server that has won according to a note over servers: quorum reached for
// server 3, S3 is the leader. It returns "" if the note names no winner, or denies something.
func (c *compiler) elected(over []string, words []word) string {
	for i := range words {
		if negates(words[i:]) || openings.in(words[i:min(i+1, len(words))]) {
			return ""
		}
	}
	for i := range words {
		name, n := c.cast.named(words[i:])
		if n == 0 || c.cast.Roles[name].Kind != RoleServer || !isServer(name) {
			continue
		}
		rest := words[i+n:]
		if startsIn(rest, wonWords) || i > 1 && has(words[:i], winnerWords...) {
			return name
		}
	}
	return ""
}

// wonWords are phrases that follow the name of the server that leads.
var wonWords = lexiconOf([]string{"is the leader", "is leader", "is the new leader", "is elected",
	"becomes leader", "becomes the leader", "wins", "has won", "is now leader",
	"is now the leader"})

// goes returns the path of the node that is deleted according to a note without a path: the
// ephemeral node of the client that the note names or, if it names none, of the last client with a
// fault. Without such a node it returns the last path that a line mentions.
func (c *compiler) goes(client string, words []word) string {
	if path := c.shortened(words); path != "" {
		return path
	}
	if client == "" {
		client = c.hurtLast
	}
	if path := c.owns[client]; path != "" {
		return path
	}
	return c.last
}

// servers reports whether the drawing shows single servers. If not, a leader is one of
// applications.
func (c *compiler) servers() bool {
	return c.serverHurt || slices.ContainsFunc(c.cast.Order, func(name string) bool {
		return c.cast.Roles[name].Kind == RoleServer
	})
}

// ofLength reports whether a text gives the length of a session timeout, as in "timeout = 4s".
func ofLength(text string) bool {
	text = strings.ToLower(text)
	_, rest, ok := strings.Cut(text, "timeout")
	rest = strings.TrimSpace(rest)
	return ok && rest != "" && strings.IndexByte("=:≈", rest[0]) >= 0 ||
		strings.Contains(text, "≈") || strings.Contains(text, "typically")
}
