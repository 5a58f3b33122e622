package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
)

// note decides what a note means: a fault, a wait, something expected of the servers, or a remark.
// An arrow to oneself is read as a note.
func (c *compiler) note(a *Act, over []string, l line) error {
	if err := foreign(l.words); err != nil {
		return err
	}
	if c.believes(a, over, l) || c.learnt(a, over, l) || c.reconnects(a, over, l) {
		return nil
	}
	if c.states(a, l) || c.wakes(a, over, l) {
		return nil
	}
	f, ok, err := c.parseFault(over, l)
	switch {
	case err != nil:
		return err
	case ok:
		a.Kind, a.Fault = Fault, f.FaultNote
		a.Supplied = append(a.Supplied, f.supplied...)
		if err := c.known(a, f.Fault); err != nil {
			return err
		}
		if f.denied {
			a.deny()
			return nil
		}
		if who := f.Fault.Groups; f.Fault.Kind == sim.FaultSplit && len(who) > 0 &&
			len(who[0]) == 1 && c.silent[who[0][0]] && has(l.words, "heartbeat", "heartbeats") {
			a.silentAlready(who[0][0])
			return nil
		}
		c.hurt(&f.FaultNote)
		return nil
	}
	if heading(l) {
		a.Kind = Remark
		return nil
	}
	if c.expiry(a, over, l) {
		return nil
	}
	if c.stops(a, over, l) {
		return nil
	}
	if h, silent := c.faultAt(l.words); silent && h.kind == sim.FaultSplit && h.who == "" {
		if span, ok := spanIn(h.rest); ok && span <= longestWait { // no heartbeat for 10s
			a.Kind, a.Wait = Wait, span
			return nil
		}
	}
	span, ok, err := parseWait(l.words)
	if _, what := happeningIn(l.words, ensembleHappenings, true); ok && err == nil && what != 0 &&
		what != NodeCreated && c.cast.Roles[over[0]].Kind == RoleEnsemble {
		ok = false // deleted after 6s
	}
	switch {
	case err != nil:
		return err
	case ok && span > longestWait:
		return fmt.Errorf("a wait of %s is too long: the limit is %s", span, longestWait)
	case ok:
		a.Kind, a.Wait = Wait, span
		if denied(l.words, len(l.words)-1) {
			return strayError("not")
		}
		return nil
	}
	if ok, err := c.happening(a, over, l); ok {
		return err
	}
	if at := noticed(l.words); at >= 0 && len(over) == 1 && denied(l.words, at) &&
		c.cast.Roles[over[0]].Kind == RoleClient && notices.in(l.words) {
		a.Kind, a.Notice = Event, Notice{Path: firstPath(l.words)}
		a.deny()
		a.Denied.To = over[0]
		return nil
	}
	if c.watches(a, over, l) {
		return nil
	}
	a.Kind = Remark
	c.speak(firstPath(l.words))
	if hypothetical(l.words) {
		return nil
	}
	return suspicious(l, slices.ContainsFunc(over, func(name string) bool {
		return c.cast.Roles[name].Kind == RoleClient
	}))
}

// stops reads a note over the ensemble that says whose heartbeats stop: that client falls silent, or
// is already.
func (c *compiler) stops(a *Act, over []string, l line) bool {
	if len(over) != 1 || c.cast.Roles[over[0]].Kind != RoleEnsemble || !stopWords.in(l.words) {
		return false
	}
	for i := range l.words {
		if l.words[i].raw == "a" {
			continue
		}
		who, n := c.cast.named(l.words[i:])
		if n == 0 || c.cast.Roles[who].Kind != RoleClient {
			continue
		}
		if c.silent[who] {
			a.silentAlready(who)
		} else {
			c.silence(a, who)
		}
		return true
	}
	return false
}

// silentAlready makes an act of a line that says that a client sends nothing, after one that has
// silenced it.
func (a *Act) silentAlready(who string) {
	a.Kind, a.Denied = Absence, &Act{Kind: Heartbeat, Pos: a.Pos, Text: a.Text, From: who}
	a.told("%s is silent already", who)
}

// stopWords say that heartbeats do not come any more.
var stopWords = lexiconOf([]string{"heartbeats stop", "heartbeat stops", "stop arriving",
	"stops arriving", "heartbeats missing", "no heartbeats from", "no heartbeat from",
	"heartbeats missed", "misses heartbeats"})

// heading says whether a note names what is drawn below it: Phase 2: leader election. One with a
// word that means something else is none: Step 3: A crashes.
func heading(l line) bool {
	words := nameWords(l.text)
	_, what := happeningIn(l.words, ensembleHappenings, true)
	if len(words) < 2 || faultWords.in(l.words) || passing.in(l.words) || firstPath(l.words) != "" ||
		what != 0 && what != LeaderElected {
		return false
	}
	switch words[0] {
	case "phase", "step", "stage", "part", "scenario", "case":
		_, ok := number(words[1])
		return ok || len(words[1]) == 1
	}
	return false
}

// happening reads a note that says what the ensemble or a server does. ok is false if it says none.
func (c *compiler) happening(a *Act, over []string, l line) (ok bool, err error) {
	h, ok, denies := c.parseHappening(over, l)
	if !ok {
		return false, nil
	}
	a.Kind, a.Happening = Happening, h
	c.speak(h.Path)
	if h.supplied != "" {
		a.Supplied = append(a.Supplied, h.supplied)
	}
	if denies {
		a.deny()
		return true, nil
	}
	if raw := stray(l.words, 0); raw != "" {
		return true, strayError(raw)
	}
	return true, nil
}

// expiry reads a note over a client, or over it and the ensemble, that says that its session ends.
// If nothing drawn above has silenced the client, the ensemble ends it.
func (c *compiler) expiry(a *Act, over []string, l line) bool {
	who := over[0]
	if len(over) > 1 {
		who = c.cast.onlyClient(over, nil)
	}
	if c.cast.Roles[who].Kind != RoleClient || c.silent[who] || !c.cast.service() || learns(l.words) {
		return false
	}
	h, ok, denies := c.parseHappening(over, l)
	if !ok || denies || h.What != SessionOver || h.Client != who && h.Client != "" {
		return false
	}
	a.Kind, a.Fault = Fault, FaultNote{Fault: sim.Expire(who)}
	a.Supplied = append(a.Supplied, "the ensemble ends the session of "+who)
	c.hurt(&a.Fault)
	return true
}

// learns says whether a note over a client says what it comes to know: realizes that its session
// expired.
func learns(words []word) bool {
	at, _, _ := find(words, insights)
	return at >= 0 && at < 3
}

var insights = lexiconOf([]string{"realizes", "realises", "notices", "learns", "discovers",
	"detects", "knows", "thinks", "believes", "sees", "assumes", "finds out"})

// hypothetical says whether a note says what would happen, and not what does: if A dies, I lead.
func hypothetical(words []word) bool {
	if len(words) == 0 {
		return true
	}
	switch words[0].is {
	case "if", "when", "whenever", "on", "once", "unless", "until", "while":
		return true
	}
	return false
}

// longestWait is the longest wait of a note. A day takes half a second to play.
const longestWait = 24 * sim.Hour

// known checks that everybody whom a fault names exists.
func (c *compiler) known(a *Act, f sim.Fault) error {
	names := slices.Clone(f.Who)
	for _, g := range f.Groups {
		names = append(names, g...)
	}
	all := c.scene.world.Stage.Servers + c.scene.world.Stage.Observers
	for _, n := range names {
		r, ok := c.cast.Roles[n]
		switch {
		case isServer(n) && int(n[1]-'0') <= all:
		case isServer(n):
			return fmt.Errorf("%s: no such server (have %s): write %%%% lab: servers=%c", n,
				serverNames(all), n[1])
		case ok && r.Kind == RoleServer:
		case !ok, r.Kind == RoleClient && !r.Plays:
			return fmt.Errorf("%s: no such participant (have %s, and the servers %s)", n,
				strings.Join(c.cast.some(), ", "), serverNames(all))
		case r.Kind != RoleClient:
			return fmt.Errorf("%s is not a machine: name a server (%s) or a client", n,
				serverNames(all))
		}
	}
	return nil
}

// Occurrence is the event that a note over the ensemble or a server describes.
type Occurrence struct {
	What   OccurrenceKind
	Path   string
	Client string
	Server string
	Ends   bool // of a deletion: it comes with the end of a session

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

// parseWait reads a note as a wait: 10s pass, or wait 3s; two ticks later is not one.
func parseWait(words []word) (sim.Time, bool, error) {
	if !passing.in(words) {
		return 0, false, nil
	}
	span, ok := spanIn(words)
	for _, w := range words {
		if digits := strings.TrimRight(w.is, "smhu"); len(digits) > 9 && len(digits) < len(w.is) &&
			strings.Trim(digits, "0123456789") == "" {
			return 0, false, &misread{why: "the wait is too long: the limit is " +
				longestWait.String(), nearest: longestWait.Brief() + " pass"}
		}
	}
	return span, ok, nil
}

// passWords are the words that turn a span of time into a wait.
var passWords = []string{"pass", "passes", "wait", "waits", "later", "after", "elapse", "elapses",
	"passed", "elapsed"}

var passing = lexiconOf(passWords)

// serverHappenings and ensembleHappenings are what can be expected of a server and of the ensemble.
// The first phrase of the table that stands in a note counts.
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
	{"expires", SessionOver}, {"session is over", SessionOver}, {"session ends", SessionOver},
	{"closes the session", SessionOver}, {"session expired", SessionOver},
	{"expired", SessionOver}, {"expire", SessionOver}, {"session timeout", SessionOver},
	{"session times out", SessionOver}, {"session timed out", SessionOver},
	{"session expiry", SessionOver}, {"session expiration", SessionOver},
	{"session dies", SessionOver}, {"ttl expires", SessionOver},
	{"session closed", SessionOver}, {"session lost", SessionOver}, {"session drops", SessionOver},
	{"session dropped", SessionOver}, {"session is lost", SessionOver},
})

// sessionEnds are those of the table that say that a session ends by itself.
var sessionEnds = func() *lexicon[OccurrenceKind] {
	var list []phrase[OccurrenceKind]
	for _, p := range ensembleHappenings.list {
		if p.means == SessionOver && p.text != "closes the session" && p.text != "session closed" {
			list = append(list, p)
		}
	}
	return newLexicon(list)
}()

// nodeNouns say that a note without a path is about a node.
var nodeNouns = lexiconOf([]string{"znode", "znodes", "node", "nodes", "ephemeral", "lock",
	"it", "ephemerals"})

// happeningIn is the first entry of a table that stands in a note. One about a node needs a path.
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

// parseHappening reads a note as something expected of the ensemble or of a server.
func (c *compiler) parseHappening(over []string, l line) (h Occurrence, ok, denies bool) {
	h.Path = firstPath(l.words)
	kind := c.cast.Roles[over[0]].Kind
	for _, name := range over {
		if c.cast.Roles[name].Kind == RoleEnsemble {
			kind = RoleEnsemble
		}
	}
	if server := c.elected(over, l.words); server != "" && kind == RoleServer {
		h.What, h.Server = BecomesLeader, server
		return h, true, false
	}
	if what := stateIn(l.words); what != 0 && kind == RoleServer &&
		(what != IsLeading || len(over) == 1) {
		h.What, h.Server = what, strings.Join(c.cast.between(over), ",")
		return h, true, false
	}
	if kind == RoleServer && len(over) == 1 {
		if at, what := happeningIn(l.words, serverHappenings, false); what != 0 {
			h.What, h.Server = what, over[0]
			return h, true, denied(l.words, at)
		}
	}
	if kind == RoleResource || kind == RoleOther {
		return h, false, false
	}
	for i, w := range l.words {
		if name, n := c.cast.named(l.words[i:]); n > 0 && (n > 1 || c.cast.Drawn(name) ==
			strings.TrimSuffix(trimWord(w.raw), "'s")) &&
			c.cast.Roles[name].Kind == RoleClient {
			h.Client = name
		}
	}
	at, what := happeningIn(l.words, ensembleHappenings, h.Path != "")
	if what == 0 || what == SessionOver && h.Path == "" {
		path := c.goes(h.Client, l.words)
		if i, node := happeningIn(l.words, ensembleHappenings, true); node == NodeDeleted &&
			path != "" && nodeNouns.in(l.words) {
			at, what, h.Path = i, node, path
			h.supplied = "the path: " + path
		}
	}
	if node := ephemeralsGo(l.words); what == 0 && node && c.hurtLast != "" {
		what, h.Client = SessionOver, c.hurtLast
		h.supplied = "the end of the session of " + c.hurtLast + ", which owns no node"
	}
	switch {
	case what == LeaderElected && !c.servers() && l.words[0].is != "elects":
		return h, false, false // an election of applications
	case what == SessionOver && ofLength(l.text):
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
	return h, what != 0, at >= 0 && denied(l.words, at)
}

// ephemeralsGo says whether a note says that ephemeral nodes are deleted.
func ephemeralsGo(words []word) bool {
	_, what := happeningIn(words, ensembleHappenings, true)
	return what == NodeDeleted && slices.ContainsFunc(words, isEphemeral) && !negated(words)
}

// stateIn is the state that a short note ends with: transition to FOLLOWING.
func stateIn(words []word) OccurrenceKind {
	if len(words) == 0 || len(words) > 4 || negated(words) {
		return 0
	}
	switch last := words[len(words)-1]; {
	case len(words) > 1 && !has(words[:1], "transition", "transitions", "state", "enters", "enter",
		"now", "becomes", "goes", "switches", "status"):
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

// elected is the server that a note over servers says has won: quorum reached for server 3, S3 is
// the leader. Empty if it says none, or denies something.
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
		if startsIn(rest, wonWords) || i > 1 && has(words[:i], "quorum reached for", "elected leader",
			"leader is", "elects") {
			return name
		}
	}
	return ""
}

// wonWords follow the name of a server that leads.
var wonWords = lexiconOf([]string{"is the leader", "is leader", "is the new leader", "is elected",
	"becomes leader", "becomes the leader", "wins", "has won", "is now leader",
	"is now the leader"})

// goes is the path of the node that a note without a path says is deleted: that of the client that
// it names, or of the one that was silenced last, or the one last spoken of.
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

// servers says whether a drawing knows of single servers: only then can they elect a leader.
func (c *compiler) servers() bool {
	return c.serverHurt || slices.ContainsFunc(c.cast.Order, func(name string) bool {
		return c.cast.Roles[name].Kind == RoleServer
	})
}

// ofLength says whether a text is about the length of a session's timeout, and not about its end.
func ofLength(text string) bool {
	text = strings.ToLower(text)
	_, rest, ok := strings.Cut(text, "timeout")
	rest = strings.TrimSpace(rest)
	return ok && rest != "" && strings.IndexByte("=:≈", rest[0]) >= 0 ||
		strings.Contains(text, "≈") || strings.Contains(text, "typically")
}
