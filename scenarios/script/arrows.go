package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

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
	text = unquoted(normal(text))
	return line{text: text, words: wordsOf(text)}
}

// unquoted removes the quotes around a whole text, which other notations require. A value keeps its
// quotes; a text of four words or more is not a value.
func unquoted(text string) string {
	inner, ok := insideQuotes(text)
	if !ok {
		return text
	}
	foreign := strings.ContainsFunc(inner, func(r rune) bool {
		return r > unicode.MaxASCII && unicode.IsLetter(r)
	})
	if !foreign && len(strings.Fields(inner)) < 4 {
		return text
	}
	return inner
}

// arrow decides what an arrow means, by the roles of the participants at its ends.
func (c *compiler) arrow(a *Act, l line) error {
	from, to := c.cast.Roles[a.From], c.cast.Roles[a.To]
	if c.strikes(l, a.From, a.To) {
		a.told("the arrow points to %s, so the fault happens to %[1]s and not to %s", c.cast.Drawn(a.To),
			c.cast.Drawn(a.From))
		return c.note(a, []string{a.To}, l)
	}
	if c.judged(a, l) {
		return nil
	}
	if a.From == a.To || c.faulty(l, a.From, a.To) {
		return c.note(a, []string{a.From}, l)
	}
	if from.Kind == RoleLibrary || to.Kind == RoleLibrary {
		if from.Kind != RoleLibrary || !c.learns(a, l) {
			a.Kind = Remark
		}
		return nil
	}
	clients := from.Kind == RoleClient && to.Kind == RoleClient
	strange := foreign(l.words)
	if clients && strange != nil && c.writesToken(a, l) {
		return strange
	}
	if clients || from.Kind == RoleOther || to.Kind == RoleOther {
		a.Kind = Remark
		return c.nobody(a, l)
	}
	if strange != nil && from.Kind != RoleResource && to.Kind != RoleResource {
		return strange
	}
	err := c.between(a, l, from, to)
	refused := from.Kind == RoleResource && a.Kind == Reply && a.Reply.Outcome == WentWrong &&
		!c.script.strict
	if l.cross && refused {
		a.told("the cross means that the resource refuses, as the text says, and not that " +
			"the message is lost")
	} else if l.cross && err == nil && a.Kind != Absence && a.Kind != Fault && a.Kind != Happening {
		c.cross(a)
	}
	return err
}

// between reads an arrow between two different participants that play.
func (c *compiler) between(a *Act, l line, from, to Role) error {
	switch {
	case to.Kind == RoleResource && to.Guessed && !tokenWrite(l.words),
		from.Kind == RoleResource && from.Guessed && !judges(l.words):
		a.Kind = Remark
	case from.Kind == RoleClient && to.Kind == RoleResource:
		a.Kind = Write
		c.writer[a.To] = a.From
	case from.Kind == RoleClient:
		return c.call(a, l)
	case to.Kind == RoleClient && from.Kind == RoleResource && has(l.words, "if", "unless") &&
		!c.script.strict:
		a.Kind = Remark
		a.told("this arrow is only for the reader and is not played: it says what would happen")
	case to.Kind == RoleClient && from.Kind == RoleResource:
		a.Kind = Reply
		a.Reply, _, _ = parseReply(l.text, l.words)
		if a.Reply.Outcome == AnyOutcome {
			a.Reply.Outcome = acceptedIn(l.words)
		}
		delete(c.writer, a.From)
	case to.Kind == RoleClient:
		return c.gets(a, l)
	case from.Kind == RoleServer && to.Kind == RoleServer:
		return c.packet(a, l)
	default:
		a.Kind = Remark
		return suspicious(l, false)
	}
	return nil
}

// gets reads an arrow to a client as what the client gets, or as its call that points the wrong way.
func (c *compiler) gets(a *Act, l line) error {
	if rest, turned := c.turned(a, l); turned {
		return c.turn(a, rest)
	}
	return c.hears(a, l)
}

// hears reads what a client gets. Nodes tell nothing by themselves: what cannot be an answer is only
// for the reader.
func (c *compiler) hears(a *Act, l line) (err error) {
	if err := c.warned(a, l); err != nil {
		return err
	}
	if other := c.other(a.To, l.words); other != "" && !c.script.strict && !c.waits[a.To] &&
		has(l.words, "alive", "connected") && !negated(l.words) {
		return &misread{why: fmt.Sprintf("unclear what %s is told of %s: ZooKeeper notifies its "+
			"clients only of changes of nodes", c.cast.Drawn(a.To), c.cast.Drawn(other))}
	}
	if !c.timesOut(a, l) && !c.learns(a, l) {
		err = c.answer(a, l)
	}
	if c.cast.nodes[c.cast.Drawn(a.From)] && (err != nil || a.Kind == Reply && plainProse(a)) {
		a.Kind = Remark
		a.told("this arrow is only for the reader and is not played: %s stands for znodes, "+
			"which send no messages", c.cast.Drawn(a.From))
		return nil
	}
	return err
}

// turn reads an arrow to a client as a call of that client, which succeeds.
func (c *compiler) turn(a *Act, call line) error {
	a.From, a.To = a.To, a.From
	a.Turned = true
	a.told("this arrow is read as a call by %s, although it points in the direction of the answer",
		c.cast.Drawn(a.From))
	err := c.call(a, call)
	if !a.Claims {
		a.Reply, a.Claims = Answer{Outcome: WentWell}, true
	}
	delete(c.waits, a.From)
	return err
}

// nobody returns an error if an arrow reads like a call but the drawing has no ensemble.
func (c *compiler) nobody(a *Act, l line) error {
	if c.cast.service() || len(c.script.Diagrams) > 1 || c.cast.elsewhere() {
		return nil
	}
	if _, _, v := find(l.words, calls); v == verbNone || firstPath(l.words) == "" {
		return nil
	}
	target := a.To
	return &misread{why: target + " does not look like ZooKeeper: if it stands for ZooKeeper, " +
		"name it ZK, ZooKeeper or ensemble"}
}

// connects reads an arrow by which a client connects, or says that it lives. It returns the line of
// the call that may follow; done is true if none does.
func (c *compiler) connects(a *Act, l line) (rest line, done bool, err error) {
	at, _, _ := find(l.words, aliveWords)
	if at < 0 && !c.script.strict {
		at = eitherAlive(l.words)
	}
	if anew, _, _ := find(l.words, anewWords); at < 0 && !c.script.strict && !negated(l.words) {
		at = anew
	}
	if at < 0 {
		return l, false, nil
	}
	if i, what := happeningIn(l.words, ensembleHappenings, false); what == SessionOver && i < at {
		return l, true, c.note(a, []string{a.From}, l)
	}
	rest, ok := callAfter(l, at)
	if !ok {
		a.Kind = Heartbeat
		if l.cross {
			return l, true, nil
		}
		return l, true, lapse(l.words)
	}
	a.told("only the call in this arrow is played, because a client always connects before its " +
		"first call")
	return rest, false, nil
}

// lapse returns an error for a text about a heartbeat that also says that one does not come, or not
// in time: heartbeat timeout detected. What stands in parentheses explains the heartbeat.
func lapse(words []word) error {
	if open := slices.IndexFunc(words, func(w word) bool { return w.raw[0] == '(' }); open > 0 {
		words = words[:open]
	}
	alive, _, _ := find(words, aliveWords)
	for at := range words {
		n, _ := downTalk.at(words[at:])
		if n == 0 || spansTimeout(words, at, alive) || averted(words, at, alive) {
			continue
		}
		return &misread{why: fmt.Sprintf("unclear whether the heartbeat arrives, because of %q: write "+
			"only \"heartbeat\", or what happens, as in \"session expires\"", words[at].raw)}
	}
	return nil
}

// spansTimeout reports whether the word at an index is the session timeout, with its length: timeout
// of 10s. Behind the heartbeat it may also say when it ends: heartbeat every 2s, timeout after 10s.
func spansTimeout(words []word, at, alive int) bool {
	if words[at].is != "timeout" || at+1 == len(words) {
		return false
	}
	next := words[at+1]
	return spanLength(words, at+1) > 0 || next.is[0] == '=' || has(words[at+1:at+2], "of", "is") ||
		next.is == "after" && spanLength(words, at+2) > 0 && words[at].fresh && alive >= 0 && alive < at
}

// averted reports whether the word at an index, for a heartbeat that fails, is what the heartbeat in
// front of it averts: ping to avoid a timeout, heartbeat before the timeout.
func averted(words []word, at, alive int) bool {
	if alive < 0 || alive >= at || denied(words, alive) {
		return false
	}
	for i := at; i > alive+1 && !words[i].fresh; i-- {
		if avert.in(words[i-1 : i]) {
			return !negated(words[alive+1:i-1]) && !attempts.in(words[alive+1:i-1])
		}
		if !has(words[i-1:i], "a", "an", "any", "the", "its", "session") {
			return false
		}
	}
	return false
}

// avert are words before what a heartbeat averts.
var avert = lexiconOf([]string{"avoid", "avoids", "avoiding", "prevent", "prevents", "preventing",
	"reset", "resets", "resetting", "before", "within", "no", "not", "never", "without"})

// eitherAlive returns the index of a word that joins two words for a heartbeat, as in
// heartbeat/renewal, or -1.
func eitherAlive(words []word) int {
	return slices.IndexFunc(words, func(w word) bool {
		first, second, ok := strings.Cut(w.is, "/")
		return ok && first != "" && second != "" && !w.quoted &&
			startsIn([]word{word0(first)}, aliveWords)
	})
}

// call reads an arrow from a client to the ensemble.
func (c *compiler) call(a *Act, l line) error {
	l, done, err := c.connects(a, l)
	if done {
		return err
	}
	a.Kind = Call
	if (onlyWaits(l.words) || c.awaitsOther(a.From, l.words)) && !c.script.strict {
		a.Kind = Remark
		c.idles[a.From] = a.Pos.Line
		return nil
	}
	delete(c.idles, a.From)
	if c.starts(l.words) && !c.script.strict {
		a.Kind = Remark
		c.starter[a.From] = true
		a.told("this arrow is only for the reader and is not played: starting %s is not a call",
			c.cast.Drawn(a.To))
		return nil
	}
	delete(c.starter, a.From)
	l, got := claimed(l)
	if err := unplayableCall(l.words); err != nil {
		return err
	}
	op, denies, done, err := c.operation(a, l)
	if done || err != nil {
		return err
	}
	if err := c.gives(a, &op, l.words); err != nil {
		return err
	}
	c.fill(a, &op)
	if path := c.lister[a.From]; op.Type == tree.OpExists && op.Watch && path == op.Path && path != "" &&
		!c.script.strict && !a.vague {
		op.Type = tree.OpGetChildren2
		a.told("the watch is on the children of %s, because %s has listed them", path,
			c.cast.Drawn(a.From))
	}
	persistent(&op, l.words)
	c.complete(a, &op, l)
	c.underSeries(a, &op)
	a.Op = op
	c.asked[a.From], c.waits[a.From] = a, true
	if a.Reply, a.Claims = claimIn(l); got != nil {
		a.Reply, a.Claims = *got, true
	}
	a.Own = c.scene.world.Runs(a.From)
	c.remember(a, &op, l, denies)
	if denies {
		a.deny()
	}
	return nil
}

// operation reads the operation of a call, in whatever form the drawing has it; denies is true if
// the drawing denies the call, and done if the arrow is read as a note instead.
func (c *compiler) operation(a *Act, l line) (op tree.Op, denies, done bool, err error) {
	op, denies, err = parseCall(l.text, l.words)
	switch _, _, v := find(l.words, calls); {
	case getsOffice(l.words) && !denies && (err == nil || errors.Is(err, errNoPath)):
		if read, wrong := c.requested(a, l); read {
			op, err = a.Op, wrong
		}
	case v == verbNone && endsSession(l):
		return op, denies, true, c.note(a, []string{a.From}, l)
	case v == verbNone && c.present(l) != "":
		past := lineOf(c.present(l))
		if op, denies, err = parseCall(past.text, past.words); err == nil {
			a.told("read as a call: %s", sayOp(&op))
		}
	case v == verbNone || v == verbCheck && err != nil:
		asked := l
		if cut, _ := arrowIn(l.text); cut > 0 && !c.script.strict {
			asked = lineOf(l.text[:cut]) // what comes after it is what the client concludes
		}
		read, wrong := c.requested(a, asked)
		if !read {
			read, wrong = c.method(a, l)
		}
		if read {
			op, denies, err = a.Op, false, wrong
		}
	case errors.Is(err, errNoPath):
		if op.Type == tree.OpGetData && lists.in(l.words) && !c.script.strict {
			op.Type = tree.OpGetChildren2
		}
		words := l.words
		if op.Type == tree.OpCreate2 && !c.script.strict {
			words = beforeArrow(l) // what comes after it is what the client gets
		}
		err = c.path(a, &op, words)
	}
	return op, denies, false, err
}

// present returns a text that says what a client has done to a node, such as updated /a, as the
// call that does it; it is empty for another text.
func (c *compiler) present(l line) string {
	if c.script.strict || len(l.words) < 2 || firstPath(l.words) == "" || negated(l.words) ||
		hypothetical(l.words) || questions(l.words) ||
		has(l.words, "before", "earlier", "already", "previously") {
		return ""
	}
	verb := map[string]string{"created": "create", "updated": "update", "deleted": "delete",
		"registered": "register", "removed": "remove", "written": "write"}[l.words[0].is]
	if verb == "" {
		return ""
	}
	return verb + l.text[l.words[0].begin+len(l.words[0].raw):]
}

// fill gives a path that ends in a placeholder, such as /workers/{id}, another name for each client
// that creates it.
func (c *compiler) fill(a *Act, op *tree.Op) {
	last := lastName(op.Path)
	if c.script.strict || !strings.HasSuffix(last, "}") && !strings.HasSuffix(last, ">") ||
		op.Flags.IsSequential() {
		return
	}
	if own := c.filled[op.Path+" "+a.From]; own != "" {
		op.Path = own
		return
	}
	first := c.fills[op.Path]
	if op.Type != tree.OpCreate2 || first == a.From {
		return
	}
	if first == "" {
		c.fills[op.Path] = a.From
		return
	}
	if c.office != "" && op.Path == c.office {
		return
	}
	own := op.Path + "-" + strings.ToLower(a.From)
	c.filled[op.Path+" "+a.From] = own
	op.Path = own
	a.told("this call creates %s, because %s has already created a node whose path in the "+
		"drawing is the same",
		own, c.cast.Drawn(first))
}

// awaitsOther says whether a client waits for what another client does, and names no node: wait for
// B to finish. That is no call.
func (c *compiler) awaitsOther(who string, words []word) bool {
	if len(words) < 3 || !has(words[:2], "wait for", "waits for", "waiting for") ||
		firstPath(words) != "" || isWatchIn(words) {
		return false
	}
	name, n := c.cast.named(words[2:])
	return n > 0 && name != who && c.cast.Roles[name].Kind == RoleClient && len(words) > 2+n
}

// onlyWaits says whether a text says that its client waits, and no more: continues to wait.
func onlyWaits(words []word) bool {
	waits := false
	for _, w := range words {
		waits = waits || waitVerbs[w.is]
		if w.quoted || !waitVerbs[w.is] && !waitFillers[w.is] {
			return false
		}
	}
	return waits
}

// waitVerbs and waitFillers are the words of a text that only says that its client waits.
var waitVerbs, waitFillers = wordSet("wait", "waits", "waiting"), wordSet("continue", "continues",
	"keep", "keeps", "still", "to", "is", "just", "and", "goes", "on")

// starts says whether a text says that the ensemble itself is started: start ZooKeeper.
func (c *compiler) starts(words []word) bool {
	if len(words) < 2 || len(words) > 5 || !has(words[:1], "start", "starts", "launch", "launches",
		"deploy", "deploys", "boot", "boots", "run", "runs", "install", "installs") {
		return false
	}
	rest := words[1:]
	if has(rest[:1], "the", "a") && len(rest) > 1 {
		rest = rest[1:]
	}
	name, n := c.cast.named(rest)
	return n > 0 && c.cast.Roles[name].Kind == RoleEnsemble || ensembleNames[rest[0].is]
}

// isWatchIn says whether a text names a watch.
func isWatchIn(words []word) bool { return slices.ContainsFunc(words, isWatch) }

// remember keeps what later lines refer to: the path of a call, who has created or listed it.
func (c *compiler) remember(a *Act, op *tree.Op, l line, denies bool) {
	c.speak(op.Path)
	switch op.Type {
	case tree.OpCreate2:
		if a.vague && (offices.in(l.words) || lockWords.in(l.words)) {
			c.office = op.Path
		}
		c.creates[a.From] = a
		delete(c.refused, a.From)
		if op.Flags != 0 {
			c.leaves[strings.TrimRight(op.Path, "0123456789")] = true
		}
		if !denies {
			c.enters(a.From, op)
		}
	case tree.OpGetChildren2:
		c.listed = op.Path
		c.lister[a.From] = op.Path
		c.lists[a.From] = c.lists[a.From] || op.Watch
	}
}

// callAfter returns the clause of a call that stands after the words of a heartbeat, as in connect,
// then create /a. ok is false without such a clause: it needs a verb and a path.
func callAfter(l line, at int) (rest line, ok bool) {
	for i := at + 1; i < len(l.words); i++ {
		n, v := calls.at(l.words[i:])
		joined := l.words[i].fresh || has(l.words[i-1:i], "and", "then", "&", "+")
		if n > 0 && v != verbCheck && joined && firstPath(l.words[i:]) != "" {
			return lineOf(l.text[l.words[i].begin:]), true
		}
	}
	return l, false
}

// endsSession says whether a text is about the end of a session, drawn on its way to the ensemble.
func endsSession(l line) bool {
	_, what := happeningIn(l.words, ensembleHappenings, false)
	return expiryWords.in(l.words) || what == SessionOver
}

// complete adds to a call what its words leave out: the value of a set, the flag of a lock.
func (c *compiler) complete(a *Act, op *tree.Op, l line) {
	a.anyVersion(op, l.words)
	switch {
	case op.Type == tree.OpSetData && (counterWords.in(l.words) || rangeOfIDs(l.words) ||
		!c.script.strict && has(l.words, "cas/increment")):
		a.counts = true
		if c.invented[op.Path] == a.From && a.vague && op.Path == "/node" {
			delete(c.invented, op.Path)
			op.Path = "/counter"
			c.invented[op.Path] = a.From
			a.Supplied = []string{"a new path: " + op.Path}
		}
	case op.Type == tree.OpSetData && len(op.Data) == 0 && !strings.Contains(l.text, `""`):
		if _, rest, ok := strings.Cut(l.text, "= "); ok && a.vague && len(strings.Fields(rest)) == 1 {
			op.Data = []byte(bare(strings.TrimSpace(rest)))
			return
		}
		if value := setTo(l.words); value != "" && a.vague && !c.script.strict {
			op.Data = []byte(value)
			return
		}
		op.Data = []byte("1")
		a.Supplied = append(a.Supplied, `a value: "1"`)
	case op.Type != tree.OpCreate2:
		return
	case (lockWords.in(l.words) || has(l.words, "lock")) && !op.Flags.IsEphemeral():
		op.Flags |= tree.Ephemeral
		a.Supplied = append(a.Supplied, "a lock: ephemeral")
	}
}

// setTo returns the number that a set of an unnamed node writes: set 6, set it to 6. It returns "" if
// the text has none, or more than one after the verb.
func setTo(words []word) string {
	at, n, v := find(words, calls)
	if v != verbSet {
		return ""
	}
	rest := words[at+n:]
	for len(rest) > 0 && has(rest[:1], "it", "to", "the", "value", "counter") {
		rest = rest[1:]
	}
	if len(rest) == 0 || len(rest) > 1 && !rest[1].fresh {
		return ""
	}
	if _, ok := number(rest[0].is); !ok {
		return ""
	}
	return rest[0].is
}

// counterWords are words for a set that adds one to a counter.
var counterWords = lexiconOf([]string{"increment", "increments", "incrementandget",
	"getandincrement"})

// claimIn returns the answer that the text of a call itself announces: create /x, fails (exists).
func claimIn(l line) (r Answer, ok bool) {
	named := false
	for i, w := range l.words {
		if named && (w.fresh || afterArrow(l.text[:w.begin]) || i > 0 && l.words[i-1].isPath()) && !w.quoted {
			n, _ := reasons.at(l.words[i:])
			if startsIn(l.words[i:], claimWords) || n > 0 ||
				afterArrow(l.text[:w.begin]) && startsIn(l.words[i:], outcomes) {
				r, ok, err := parseReply(l.text[w.begin:], l.words[i:])
				r.Values = nil
				return r, ok && err == nil && r.Outcome != AnyOutcome
			}
		}
		named = named || w.isPath()
	}
	return Answer{}, false
}

// afterArrow reports whether a text ends in an arrow.
func afterArrow(text string) bool {
	text = strings.TrimRight(text, " ")
	return strings.HasSuffix(text, "→") || strings.HasSuffix(text, "->") ||
		strings.HasSuffix(text, "=>") || strings.HasSuffix(text, "⇒")
}

// turned reads an arrow from the ensemble whose text is a question with its answer, such as list
// children → [n-1, n-2], as the question of the client. ok is false if the arrow may be an answer
// to the client's open call of the same kind.
func (c *compiler) turned(a *Act, l line) (call line, ok bool) {
	if c.script.strict || c.cast.Roles[a.From].Kind != RoleEnsemble || len(l.words) < 2 ||
		l.words[0].quoted || negated(l.words) {
		return l, false
	}
	at, size := arrowIn(l.text)
	if at < 0 || l.words[len(l.words)-1].begin < at+size {
		return l, false
	}
	n, v := calls.at(l.words)
	if first := l.words[0].raw; n == 0 && strings.HasPrefix(l.text, first) {
		l = lineOf(camel(first) + l.text[len(first):])
		n, v = calls.at(l.words)
	}
	if n == 0 || !reads(v) || l.words[n-1].begin > at {
		return l, false
	}
	open := c.asked[a.To]
	return l, open == nil || !reads(verbOf(&open.Op))
}

// verbOf is the verb of a read, or none.
func verbOf(op *tree.Op) verb {
	switch op.Type {
	case tree.OpGetData:
		return verbGet
	case tree.OpExists:
		return verbExists
	case tree.OpGetChildren2:
		return verbChildren
	}
	return verbNone
}

// arrowIn returns the place and the length of the first arrow inside a text, or -1.
func arrowIn(text string) (at, size int) {
	at, size = strings.Index(text, "→"), len("→")
	if i := strings.Index(text, "->"); i >= 0 && (at < 0 || i < at) {
		at, size = i, len("->")
	}
	return at, size
}

// beforeArrow returns the words of a text before the first arrow inside it.
func beforeArrow(l line) []word {
	at, _ := arrowIn(l.text)
	if at <= 0 {
		return l.words
	}
	n := slices.IndexFunc(l.words, func(w word) bool { return w.begin >= at })
	if n <= 0 {
		return l.words
	}
	return l.words[:n]
}

// claimed splits the text of a read at an arrow: before it is the call, after it what the call
// returns, as in get children → [n-1]. got is nil if the text has no arrow, or if what comes after
// it is a conclusion of the client.
func claimed(l line) (call line, got *Answer) {
	at, _, v := find(l.words, calls)
	if !reads(v) {
		return l, nil
	}
	from := l.words[at].begin
	cut, size := arrowIn(l.text[from:])
	if cut < 0 {
		return l, nil
	}
	call = line{text: l.text[:from+cut], cross: l.cross}
	call.words = wordsOf(call.text)
	rest := strings.TrimLeft(l.text[from+cut+size:], " ")
	for _, pair := range []string{"[]", `""`} {
		if strings.HasPrefix(rest, pair[:1]) {
			if end := strings.Index(rest[1:], pair[1:]); end >= 0 {
				rest = rest[:end+2]
			}
		}
	}
	words := wordsOf(rest)
	if !strings.HasPrefix(rest, "[") && !strings.HasPrefix(rest, `"`) &&
		!startsIn(words, claimWords) && !startsIn(words, reasons) {
		return call, nil
	}
	if r, _, err := parseReply(rest, words); err == nil {
		got = &r
	}
	return call, got
}

// claimWords are the words with which a call may announce its own outcome.
var claimWords = lexiconOf([]string{"fails", "failed", "rejected", "denied", "refused", "success",
	"succeeds", "succeeded", "nodeexists", "nonode"})

// lockWords are words for acquiring a lock: they make an ephemeral node.
var lockWords = lexiconOf([]string{"acquire", "acquires", "claim", "claims", "lock creation",
	"acquirelock", "tryacquire", "tryacquirelock", "trylock", "tryacquireleadership",
	"acquireleadership"})

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

// silence turns an act into a fault that cuts a client off from all servers.
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

// lostWords are phrases on an arrow that mean that its message is lost, like a cross at its end.
var lostWords = lexiconOf([]string{
	"lost", "is lost", "gets lost", "dropped", "is dropped", "never arrives", "does not arrive",
	"doesn't arrive", "never reaches", "does not reach", "doesn't reach", "not delivered",
})

// lost reports whether a text says that its message is lost. It is false if a connection is lost.
func lost(words []word) bool {
	if open := slices.IndexFunc(words, func(w word) bool { return w.raw[0] == '(' }); open > 0 &&
		len(words)-open > 3 {
		words = words[:open] // an explanation: ok (the first attempt was lost)
	}
	at, _, _ := find(words, lostWords)
	return at >= 0 && !has(words, "connection", "session", "lock", "leadership", "quorum", "power",
		"network", "race", "leader", "election")
}
