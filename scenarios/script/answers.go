package script

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/tree"
)

// answer reads an arrow to a client as an answer or a notification.
func (c *compiler) answer(a *Act, l line) error {
	if c.callback(a, l) {
		return nil
	}
	if c.starter[a.To] && has(l.words, "ready", "started", "running", "up", "healthy", "ok", "done") &&
		!negated(l.words) {
		a.Kind = Remark
		return nil
	}
	l = c.namedAnswer(a.To, l)
	n, isNotice, sure := parseNotice(l.words)
	r, isReply, err := parseReply(l.text, l.words)
	switch {
	case r.Code == tree.SessionExpired && (ofAnother(l.words) || c.other(a.To, l.words) != "" ||
		c.outlives(a.To)):
		n.Event, isNotice, sure, err = tree.NodeDeleted, true, true, nil
		a.whose = c.other(a.To, l.words)
	case !sure && watchesFirst(l.words):
		r, isReply, err = Answer{Outcome: WentWell}, true, nil
		a.watches = c.watched(l.words)
	}
	if c.refreshed(a, l.words) && !sure {
		n.Event, isNotice, sure, err = tree.NodeDataChanged, true, true, nil
	}
	if call := c.asked[a.To]; !sure && call != nil && call.Op.Type == tree.OpGetChildren2 {
		switch {
		case r.Code == tree.OK && ranks.in(call.plain()) &&
			has(l.words[:min(1, len(l.words))], "no", "false", "not"): // it is not the lowest
			r, isReply, err = Answer{Outcome: WentWell}, true, nil
		case r.Outcome == WentWell && listNouns.in(l.words):
			isNotice = false
		}
	}
	c.nodeMade(a.To, &r, l.words)
	if c.computed(a, &r, l.words) {
		isReply, err = true, nil
	}
	if err := c.looked(a.To, &r, l.words); err != nil {
		return err
	}
	if c.regrant(a, &r, l) {
		return nil
	}
	if c.unregistered(a, l, sure || isNotice) {
		return nil
	}
	c.below(a.To, &n, &r)
	if sure && n.Path == "" && n.Event == tree.NodeDeleted && !c.lists[a.To] {
		n.Path = c.shortened(l.words)
	}
	if !sure && a.watches == "" {
		a.watches = c.watchNamed(l.words)
	}
	c.unranked(a, &r, l.words)
	a.Notice, a.Reply = n, r
	c.speak(n.Path)
	c.assigned(a)
	c.nameOf(a.To, n.Path, l.words)
	if at := noticed(l.words); (sure || isNotice && !isReply) && at >= 0 && denied(l.words, at) {
		a.Kind = Event
		a.deny()
		return nil
	}
	err = a.isAnswer(l.words, sure, isNotice, isReply, err)
	if a.Kind == Reply {
		err = cmp.Or(err, c.toIdle(a))
		delete(c.waits, a.To)
	}
	return err
}

// nodeMade reads the name of a sequential node among the words of an answer as the node that is made.
func (c *compiler) nodeMade(who string, r *Answer, words []word) {
	call := c.asked[who]
	if !c.script.strict && call != nil && call.Op.Flags.IsSequential() && r.Outcome == AnyOutcome &&
		len(r.Values) > 1 && nodeName(words) != "" {
		r.Values, r.Outcome = []string{nodeName(words)}, WentWell
	}
}

// toIdle returns an error for an answer to a client that has only waited since its last answer.
func (c *compiler) toIdle(a *Act) error {
	line := c.idles[a.To]
	if line == 0 || a.Either || c.waits[a.To] {
		return nil
	}
	return &misread{why: fmt.Sprintf("this is an answer to line %d, but in that line %s only "+
		"waits and calls nothing: write a call in line %[1]d", line, c.cast.Drawn(a.To))}
}

// unranked removes from an answer to a create that is not sequential the place of the node among its
// siblings.
func (c *compiler) unranked(a *Act, r *Answer, words []word) {
	if call := c.asked[a.To]; !c.script.strict && call != nil && call.vague && ranks.in(words) &&
		!call.Op.Flags.IsSequential() {
		r.Sequential = Unsaid
		a.told("the place of the node among its siblings is not checked, because the create does " +
			"not ask for a sequential node")
	}
}

// computed removes from an answer a number that the application computes: the range of a counter,
// or the id that it makes of a node.
func (c *compiler) computed(a *Act, r *Answer, words []word) bool {
	call := c.asked[a.To]
	if call == nil {
		return false
	}
	switch {
	case call.counts && spans(words) && r.Outcome != WentWrong && r.Code == tree.OK &&
		!negated(words) && !has(words, "error", "failed", "failure", "exhausted", "rejected",
		"denied", "refused"):
		a.told("the range is not checked, because the application computes it from the counter")
	case !c.script.strict && call.vague && givesID(words) && call.Op.Type == tree.OpCreate2 &&
		!call.Op.Flags.IsSequential() && len(r.Values) == 1:
		a.told("%s is not checked: the application makes it from the node's name", r.Values[0])
	default:
		return false
	}
	r.Values, r.Outcome = nil, WentWell
	return true
}

// outlives reports whether a client lives while a fault above has hit another client: what expires
// is the other's.
func (c *compiler) outlives(who string) bool {
	return !c.script.strict && c.hurtLast != "" && c.hurtLast != who && !c.silent[who] &&
		!c.paused[who] && !c.cut[who] && !c.waits[who]
}

// isAnswer sets the kind of an arrow to a client, whose notice and reply are read: sure if it can
// be nothing but a notice. err is why its text is no reply.
func (a *Act) isAnswer(words []word, sure, isNotice, isReply bool, err error) error {
	r := &a.Reply
	switch {
	case !sure && !isReply && upWords.in(words):
		if deniesUp(words) {
			return &misread{why: "unclear whether the session has expired or the client has only " +
				"lost its connection: write the event, as in \"session expired\""}
		}
		a.Kind = Heartbeat
	case sure:
		a.Kind = Event
		if raw := stray(words, 0); raw != "" {
			return strayError(raw)
		}
	case err != nil:
		return err
	case isNotice:
		a.Kind, a.Either = Reply, r.Outcome != WentWrong // "deleted" may be either: the run decides
	case isReply || len(r.Values) > 0 || a.Lists() || r.Outcome == WentWrong:
		a.Kind = Reply
	default:
		if _, ok := versionIn(words); ok {
			a.Kind, r.Outcome = Reply, WentWell
			return nil
		}
		return errors.New("the text is neither an answer nor a notification: write \"success\", " +
			"\"failed — exists\", a value, or \"notification — /leader is gone\"")
	}
	return nil
}

// refreshed reports whether the ensemble tells a client that has never called it that what it keeps has
// been written: metadata refresh, config updated. That is no answer, but a notification.
func (c *compiler) refreshed(a *Act, words []word) bool {
	if c.script.strict || c.asked[a.To] != nil || c.cast.Roles[a.From].Kind != RoleEnsemble ||
		len(words) < 2 || negated(words) || hypothetical(words) || questions(words) ||
		future(words, 1) != "" || open(words, 1) {
		return false
	}
	first, second := words[:1], words[1:2]
	if words[1].fresh || words[0].quoted {
		return false
	}
	return startsIn(first, contents) && refreshWords[words[1].is] ||
		refreshWords[words[0].is] && startsIn(second, contents)
}

// refreshWords are words for what becomes of data that somebody writes.
var refreshWords = wordSet("refresh", "refreshed", "update", "updated", "updates", "change", "changes")

// waitAnswers are phrases of an answer by which a service tells a client to wait for a lock. They
// mean that the node of the lock exists.
var waitAnswers = lexiconOf([]string{"wait", "waits", "waiting", "please wait", "wait for lock",
	"wait for release", "must wait", "blocked", "queued", "enqueued", "you wait", "pending",
	"lock pending", "lease pending", "busy", "lock busy", "lock is busy", "locked", "already locked",
	"lock held", "lock is held", "already held", "lock already held", "lock is already held",
	"lock is taken", "lock unavailable", "lock is unavailable", "lock not available",
	"lock is not available"})

// grantWords are phrases of an answer that gives a client the lock that it has asked for.
var grantWords = lexiconOf([]string{"granted", "acquired", "lock granted", "lock acquired",
	"you are leader", "you are the leader", "you lead", "you are now leader", "you're the leader"})

// regrant reads answers of lock services that ZooKeeper does not send. An answer that tells a
// client to wait is read as a refusal, and a later grant as a second create by that client.
func (c *compiler) regrant(a *Act, r *Answer, l line) bool {
	create := c.creates[a.To]
	if create == nil || create.Op.Type != tree.OpCreate2 || create.Op.Flags.IsSequential() ||
		!create.Op.Flags.IsEphemeral() {
		return false
	}
	if n, _ := waitAnswers.at(l.words); n > 0 && n == len(l.words) && !questions(l.words) {
		*r = Answer{Outcome: WentWrong, Code: tree.NodeExists}
		c.refused[a.To] = create
		return false
	}
	if r.Outcome == WentWrong {
		c.refused[a.To] = create
		return false
	}
	if c.refused[a.To] != create || !grantWords.in(l.words) || r.Outcome != WentWell {
		return false
	}
	delete(c.refused, a.To)
	a.Kind, a.Op, a.From, a.To = Call, create.Op, a.To, a.From
	a.Reply, a.Claims = Answer{Outcome: WentWell}, true
	caller := a.From
	a.told("%s calls create %s again, because ZooKeeper never grants a lock by itself: a client "+
		"gets it by a successful create",
		caller, a.Op.Path)
	return true
}

// below gives the name that an answer shows with a slash, and without its parent, its place:
// created /lock-0001, for /locks/lock-.
func (c *compiler) below(who string, n *Notice, r *Answer) {
	create := c.creates[who]
	if create == nil || !create.Op.Flags.IsSequential() || strings.LastIndexByte(n.Path, '/') != 0 {
		return
	}
	parent := parentOf(create.Op.Path)
	if family := seriesOf(create.Op.Path); parent == "/" || seriesOf(parent+n.Path) != family ||
		n.Path == seriesOf(n.Path) {
		return
	}
	if len(r.Values) == 1 && r.Values[0] == n.Path {
		r.Values[0] = parent + n.Path
	}
	n.Path = parent + n.Path
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
		if c.owns[a.To] == path {
			c.owns[a.To] = path[:at] + name
		}
	}
}

// listNouns are phrases for a list of children, without the children themselves.
var listNouns = lexiconOf([]string{"children list", "child list", "list of children",
	"list of nodes"})

// ofAnother says whether a text about the end of a session names the session's client: session
// expired for A. The text tells another client that A's node is gone.
func ofAnother(words []word) bool {
	at, n, _ := find(words, reasons)
	rest := words[at+n:]
	return at >= 0 && len(rest) > 1 && (rest[0].is == "for" || rest[0].is == "of") &&
		rest[1].is != "you" && (rest[1].is[0] < '0' || rest[1].is[0] > '9')
}

// other is the client, other than the given one, whose name a text begins with; empty if there is
// none: B1's session expired.
func (c *compiler) other(who string, words []word) string {
	for i := 0; i < len(words) && i < 2; i++ {
		name, n := c.cast.named(words[i:])
		if n > 0 && name != who && c.cast.Roles[name].Kind == RoleClient {
			return name
		}
	}
	return ""
}

// watchesFirst says whether a text on an arrow to a client says what that client watches now, as
// the answer to its call: watches the first node only.
func watchesFirst(words []word) bool {
	n, v := calls.at(words)
	return n > 0 && v == verbWatch && len(words) > n
}

// watchNamed is the node that a text names right after the word watch; empty if it names none, or
// denies the watch: not lowest, watch n-0001.
func (c *compiler) watchNamed(words []word) string {
	for i := 0; i+1 < len(words); i++ {
		from := i
		if i > 0 && !words[i].fresh { // no → watch n-0001: no answers a question
			from = i - 1
		}
		if has(words[i:i+1], "watch", "watches", "watching") && !negated(words[from:i+2]) {
			return c.shortened(words[i+1 : min(len(words), i+3)])
		}
	}
	return ""
}

// upWords are phrases on an arrow to a client that mean that its session is alive.
var upWords = lexiconOf([]string{"pong", "ping", "alive", "heartbeat", "connected",
	"session active", "session is active", "session valid", "session ok", "session kept",
	"lease renewed", "lock renewed", "session renewed", "lease extended", "session extended",
	"connection established", "lease is renewed", "renewed"})

// deniesUp reports whether a text denies one of the upWords, close before or after it: not renewed,
// heartbeat not received, heartbeat missed. A negation in another clause counts if it is about what
// is received: connected, nothing new says no more than connected.
func deniesUp(words []word) bool {
	for i := range words {
		n, _ := upWords.at(words[i:])
		if n == 0 {
			continue
		}
		from, to := max(0, i-2), min(len(words), i+n+3)
		near := words[from:to]
		if downTalk.in(near) || has(near, "lost") && !lost(words) ||
			strings.HasSuffix(words[i+n-1].raw, "?") {
			return true
		}
		for k := from; k < to; k++ {
			if negates(words[k:]) && (sameClause(words, i, k) || k+1 >= len(words) ||
				upTalk.in(words[k+1:min(len(words), k+3)])) {
				return true
			}
		}
	}
	return false
}

// downTalk are words which say that a heartbeat does not come, or not in time.
var downTalk = lexiconOf([]string{"missed", "missing", "late", "failed", "fails", "failure",
	"stopped", "stops", "too long", "expired", "timed out", "timeout", "ignored", "rejected",
	"refused", "denied"})

// sameClause reports whether no mark separates two words.
func sameClause(words []word, i, k int) bool {
	return !slices.ContainsFunc(words[min(i, k)+1:max(i, k)+1], func(w word) bool { return w.fresh })
}

// upTalk are words about what becomes of a heartbeat or a session.
var upTalk = lexiconOf([]string{"received", "answered", "acknowledged", "renewed", "extended",
	"arrived", "arrives", "alive", "connected", "sent", "seen", "delivered", "valid", "active", "kept",
	"in time", "yet", "any", "anymore", "longer", "really", "session", "heartbeat", "answer",
	"response", "reply", "pong", "ping", "lease", "connection", "known"})

// onlyLooks reports whether the last call of a client asks whether a node exists, and each create
// above it has an answer.
func (c *compiler) onlyLooks(who string) bool {
	call := c.asked[who]
	if c.script.strict || call == nil || call.Op.Type != tree.OpExists || !c.waits[who] {
		return false
	}
	create := c.creates[who]
	if create == nil {
		return true
	}
	for _, b := range c.scene.Arrows[min(create.ID, len(c.scene.Arrows)):] {
		if b.Kind == Reply && b.To == who {
			return true
		}
	}
	return create.Claims
}

// looked reads "node exists" as the answer to exists: the node is there.
func (c *compiler) looked(who string, r *Answer, words []word) error {
	if r.Code != tree.NodeExists || !c.onlyLooks(who) {
		return nil
	}
	if !saysExists(words, c.asked[who].Op.Path) {
		return &misread{why: "unclear whether the node exists: write \"node exists\" or \"no node\" " +
			"as the answer to exists"}
	}
	r.Code, r.Outcome, r.Exists = tree.OK, AnyOutcome, true
	return nil
}

// saysExists reports whether a text says that the node with this path exists, and takes nothing of
// that back: node exists, waiting.
func saysExists(words []word, path string) bool {
	if len(words) > 0 && (words[0].isPath() && words[0].path() == path || words[0].is == "the") {
		words = words[1:]
	}
	at, n, code := find(words, reasons)
	if at != 0 || code != tree.NodeExists || negated(words) {
		return false
	}
	end := words[n-1].raw
	if rest := words[n:]; len(rest) == 0 {
		return !strings.ContainsAny(end, "?=")
	} else if !rest[0].fresh || strings.ContainsAny(end, ":?!.=") || rest[0].raw[0] == '(' ||
		troubled(rest) || eventWords.in(rest) {
		return false
	}
	return !slices.ContainsFunc(words, func(w word) bool { return strings.ContainsAny(w.raw, "?=") })
}

// troubled reports whether a text speaks of a failure, of its reason, or of what is out of date.
func troubled(words []word) bool {
	for i := range words {
		if n, how := outcomes.at(words[i:]); n > 0 && (how == WentWrong || how == Unanswered) {
			return true
		}
	}
	for _, w := range words { // response -110, reply 503
		if n := len(w.is); n > 1 && w.raw[0] == '-' && w.raw[1] >= '0' && w.raw[1] <= '9' ||
			n == 3 && (w.is[0] == '4' || w.is[0] == '5') && strings.Trim(w.is, "0123456789") == "" {
			return true
		}
	}
	at, _, _ := codeIn(words)
	return at >= 0 || reasons.in(words) || faultWords.in(words) || has(words, "stale", "outdated",
		"behind", "late", "missed", "lost", "aborted", "cancelled", "canceled", "impossible",
		"unavailable", "errors", "failing", "reject", "rejects", "refuse", "refuses", "timeouts")
}

// givesID reports whether an answer is the number of its client with its name, and nothing else:
// machine id = 7.
func givesID(words []word) bool {
	if len(words) == 0 || len(words) > 5 || negated(words) {
		return false
	}
	var name []string
	value, given := "", false
	for _, w := range words {
		key, rest, is := strings.Cut(w.is, "=")
		switch {
		case is && given || w.quoted:
			return false
		case is:
			value, given = rest, true
			if key != "" {
				name = append(name, key)
			}
		case !given:
			name = append(name, key)
		case value == "":
			value = w.is
		default:
			return false // more than a number
		}
	}
	_, ok := number(value)
	return given && ok && namesID(name)
}

// namesID reports whether words are a name for the number of a client among its like: id, workerId,
// machine id. A session id, a zxid and every other word that ends in id are none.
func namesID(name []string) bool {
	for len(name) > 0 && (name[0] == "your" || name[0] == "the" || name[0] == "ok" ||
		name[0] == "assigned" || name[0] == "new" || name[0] == "unique") {
		name = name[1:]
	}
	noun := strings.NewReplacer("_", "", "-", "").Replace(strings.Join(name, ""))
	noun, is := strings.CutSuffix(noun, "id")
	switch noun {
	case "", "worker", "machine", "node", "server", "instance", "process", "broker":
		return is
	}
	return false
}

// registrations are phrases of a clause that leaves open whether a client has set a watch.
var registrations = lexiconOf([]string{"if registered", "if set", "if watching", "if watched",
	"if any watch", "if any watches", "if any watcher", "if any watchers",
	"if a watch", "if the watch", "if it watches", "if there is a watch", "if there are watches",
	"if subscribed"})

// unregistered reads a notification that comes only if its client has set a watch, which no line
// above shows: it is only for the reader.
func (c *compiler) unregistered(a *Act, l line, notice bool) bool {
	at, _, _ := find(l.words, registrations)
	if !notice || at < 1 || c.script.strict || negated(l.words) {
		return false
	}
	if c.hasWatched(a.To) {
		return false
	}
	a.Kind = Remark
	a.told("this arrow is only for the reader and is not played: no line above shows that %s has "+
		"set a watch", c.cast.Drawn(a.To))
	return true
}

// hasWatched reports whether a line above, in this diagram or in an earlier one of its world, shows
// that a client sets a watch. It looks at each line only once.
func (c *compiler) hasWatched(who string) bool {
	if c.watchers == nil {
		c.watchers = make(map[string]bool)
		for _, scene := range c.scene.world.Scenes {
			if scene != c.scene {
				c.addWatchers(scene.Arrows)
			}
		}
	}
	c.addWatchers(c.scene.Arrows[c.searched:])
	c.searched = len(c.scene.Arrows)
	return c.watchers[who]
}

// addWatchers adds the clients that set a watch in some lines.
func (c *compiler) addWatchers(lines []*Act) {
	for _, b := range lines {
		if b.Watcher != "" {
			c.watchers[b.Watcher] = true
		}
		if b.Kind == Call && b.Op.Watch {
			c.watchers[b.From] = true
		}
		if b.watches != "" || b.Watch != nil {
			c.watchers[b.To] = true
		}
	}
}

// spans reports whether a text has a range of numbers: [5,000 - 5,999].
func spans(words []word) bool {
	for i := 0; i+1 < len(words); i++ {
		a, b := words[i].is, words[i+1].is
		if words[i+1].fresh && a != "" && b != "" && strings.Trim(a, "0123456789,") == "" &&
			strings.Trim(b, "0123456789,") == "" {
			return true
		}
	}
	return false
}
