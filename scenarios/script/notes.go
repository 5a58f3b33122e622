package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
)

// note decides what a note means: a fault, a wait, an event expected of the servers, or a remark.
// An arrow from a participant to itself is read as a note.
func (c *compiler) note(a *Act, over []string, l line) error {
	if err := foreign(l.words); err != nil {
		return err
	}
	if c.believes(a, over, l) || c.learnt(a, over, l) || c.reconnects(a, over, l) {
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
		c.hurt(&f.FaultNote)
		return nil
	}
	if c.expiry(a, over, l) {
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

// happening reads a note that says what the ensemble or a server does. ok is false for another
// note.
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

// expiry reads a note over a client that says that the client's session ends. If no fault above has
// silenced the client, the note itself is a fault: the ensemble expires the session.
func (c *compiler) expiry(a *Act, over []string, l line) bool {
	if len(over) != 1 || c.cast.Roles[over[0]].Kind != RoleClient || c.silent[over[0]] ||
		!c.cast.service() {
		return false
	}
	h, ok, denies := c.parseHappening(over, l)
	if !ok || denies || h.What != SessionOver || h.Client != over[0] {
		return false
	}
	a.Kind, a.Fault = Fault, FaultNote{Fault: sim.Expire(over[0])}
	a.Supplied = append(a.Supplied, "the ensemble expires the session of "+over[0])
	c.hurt(&a.Fault)
	return true
}

// hypothetical reports whether a note says what would happen, as in "if A dies, I lead".
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

// longestWait is the longest wait that a note may ask for. A day takes half a second to play.
const longestWait = 24 * sim.Hour

// known returns an error if a fault names a machine that does not exist.
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

	supplied string
}

type OccurrenceKind uint8

const (
	NodeDeleted OccurrenceKind = iota + 1
	NodeCreated
	SessionOver
	LearnsLoss       // a client learns that its connection is lost
	LearnsExpiry     // a client learns that its session has expired
	LearnsConnection // a client learns that it is connected again
	BeginsToLead     // a client that runs a recipe begins to believe that it leads
	StopsLeading     // a client that runs a recipe no longer believes that it leads
	LeaderElected
	BecomesLeader
	BecomesFollower
	BecomesLooking
)

// parseWait reads a note as a wait: "10s pass" or "wait 3s", but not "two ticks later".
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

// passWords are words that turn a span of time in a note into a wait.
var passWords = []string{"pass", "passes", "wait", "waits", "later", "after", "elapse", "elapses",
	"passed", "elapsed"}

var passing = lexiconOf(passWords)

// serverHappenings and ensembleHappenings are the events that a note can expect of a server and of
// the ensemble. If several phrases are in a note, the first in the table counts.
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
	{"session closed", SessionOver}, {"session lost", SessionOver},
})

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
	h.Path = firstPath(l.words)
	kind := c.cast.Roles[over[0]].Kind
	for _, name := range over {
		if c.cast.Roles[name].Kind == RoleEnsemble {
			kind = RoleEnsemble
		}
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
	switch {
	case what == LeaderElected && !c.servers() && l.words[0].is != "elects":
		return h, false, false // the applications elect their leader, not the servers
	case what == SessionOver && ofLength(l.text):
		return h, false, false
	}
	if kind == RoleClient {
		switch {
		case what == SessionOver && h.Client == "":
			h.Client = over[0]
		case what != SessionOver && what != NodeDeleted:
			return h, false, false
		}
	}
	h.What = what
	return h, what != 0, at >= 0 && denied(l.words, at)
}

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
