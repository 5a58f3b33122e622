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
	if l = c.unclocked(l); len(l.words) == 0 {
		a.Kind = Remark
		return nil
	}
	c.under = ""
	if len(over) == 1 {
		c.under = over[0]
	}
	if err := foreign(l.words); err != nil {
		return err
	}
	if c.cast.aside(over) || c.cast.elsewhere() && !c.script.strict {
		a.Kind = Remark
		return nil
	}
	if why := c.scene.contradicts[a.Pos.Line]; why != "" {
		return &misread{why: why}
	}
	acts := c.cast.acts(over)
	if acts && (c.believes(a, over, l) || c.learnt(a, over, l) || c.reconnects(a, over, l)) {
		return nil
	}
	if acts && c.closes(a, over, l) || c.states(a, over, l) || c.wakes(a, over, l) {
		return nil
	}
	if ok, err := c.lasts(a, over, l); ok {
		return err
	}
	if ok, err := c.apart(a, l); ok || err != nil {
		return err
	}
	if ok, err := c.faultNote(a, over, l); ok || err != nil {
		return err
	}
	if c.caseBelow(a, over, l) {
		return nil
	}
	if heading(l) {
		a.Kind = Remark
		return nil
	}
	if err := c.endsLater(over, l); err != nil {
		return err
	}
	if c.expiry(a, over, l) || c.stops(a, over, l) {
		return nil
	}
	if ok, err := c.waitNote(a, over, l); ok || err != nil {
		return err
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
	if acts && c.watches(a, over, l) {
		return nil
	}
	return c.leaveAsRemark(a, over, l)
}

// unclocked returns a text without the time of the drawing at its beginning: t=0, T+30s:, t = 10 s.
func (c *compiler) unclocked(l line) line {
	if c.script.strict || len(l.words) < 2 {
		return l
	}
	if _, named := c.cast.named(l.words); named > 0 {
		return l // T1 is a participant
	}
	is, n := l.words[0].is, 1
	digits := strings.TrimLeft(strings.TrimPrefix(is, "t"), "=+-")
	switch {
	case len(is) < 2 || is[0] != 't' || digits == "" || digits[0] < '0' || digits[0] > '9':
		return l
	case strings.Trim(digits, "0123456789.") == "" && startsIn(l.words[1:], units):
		n = 2
	case strings.Trim(digits, "0123456789.") != "" && spanLength([]word{word0(digits)}, 0) == 0:
		return l
	}
	if n == len(l.words) {
		return l
	}
	return line{text: l.text[l.words[n].begin:], words: wordsOf(l.text[l.words[n].begin:]),
		cross: l.cross}
}

// leaveAsRemark makes a note a remark. It returns an error if the note may say that something
// fails.
func (c *compiler) leaveAsRemark(a *Act, over []string, l line) error {
	a.Kind = Remark
	c.speak(firstPath(l.words))
	if !c.script.strict && !c.cast.service() && len(c.script.Diagrams) == 1 {
		return nil // of a drawing in which nothing can fail
	}
	if err := untoldFault(l.words); err != nil && !hypothetical(l.words) && c.cast.service() &&
		slices.ContainsFunc(over, func(name string) bool { return !c.bystander(name) }) {
		return err
	}
	if hypothetical(l.words) {
		return nil
	}
	if learns(l.words) && c.hurtLast != "" && !c.script.strict ||
		!slices.ContainsFunc(over, func(name string) bool { return !c.bystander(name) }) {
		return nil // of a fault that a line above has, or of somebody beside ZooKeeper
	}
	if err := c.hiddenFault(l); err != nil {
		return err
	}
	return suspicious(l, slices.ContainsFunc(over, func(name string) bool {
		return c.cast.Roles[name].Kind == RoleClient
	}))
}

// hiddenFault returns an error for a remark that says of a named machine that it fails, in words
// that mostly mean something else: now broker A is down. It returns nil if a line above has the
// fault, or if the note says what somebody comes to know.
func (c *compiler) hiddenFault(l line) error {
	if c.script.strict || !c.cast.service() || learns(l.words) {
		return nil
	}
	for i := range l.words {
		n, kind := faultWords.at(l.words[i:])
		if n == 0 || !prose[l.words[i].is] || l.words[i].quoted || l.words[i].is == "power" ||
			startsIn(l.words[i+n:], notFaults) || kind == sim.FaultRelease || kind == sim.FaultHeal {
			continue
		}
		for k := i - 1; k >= max(0, i-4) && !l.words[k+1].fresh; k-- {
			who, named := c.cast.named(l.words[k:])
			if r := c.cast.Roles[who].Kind; named > 0 && (r == RoleClient || r == RoleServer) &&
				!c.silent[who] && !insights.in(l.words[:k]) {
				return &misread{why: fmt.Sprintf("unclear whether %s fails here: write \"%[1]s "+
					"crashes\" where the fault happens", c.cast.Drawn(who))}
			}
		}
	}
	return nil
}

// faultNote reads a note as a fault. ok is false if it is none.
func (c *compiler) faultNote(a *Act, over []string, l line) (ok bool, err error) {
	f, ok, err := c.parseFault(over, l)
	if !ok && err == nil && len(over) == 1 && !c.script.strict {
		if rest, found := c.secondSentence(l); found {
			f, ok, err = c.parseFault(over, rest)
		}
	}
	if err != nil || !ok {
		return false, err
	}
	a.Kind, a.Fault = Fault, f.FaultNote
	a.Supplied = append(a.Supplied, f.supplied...)
	if err := c.known(a, f.Fault); err != nil {
		return false, err
	}
	who := f.Fault.Groups
	switch {
	case f.denied:
		a.deny()
	case f.Fault.Kind == sim.FaultSplit && len(who) > 0 && len(who[0]) == 1 &&
		c.silent[who[0][0]] && has(l.words, "heartbeat", "heartbeats"):
		a.silentAlready(who[0][0])
	default:
		c.hurt(&f.FaultNote)
		if c.endsNext(&f.Fault) {
			c.outlasts(a, ends(&f.Fault))
		}
	}
	return true, nil
}

// secondSentence returns the second sentence of a note, if it says that its participant fails:
// deadlock! The event loop freezes.
func (c *compiler) secondSentence(l line) (rest line, ok bool) {
	if hypothetical(l.words) || openings.in(l.words) || negated(l.words) {
		return l, false
	}
	for i := 1; i < len(l.words); i++ {
		if !l.words[i].fresh || !strings.HasSuffix(l.words[i-1].raw, "!") &&
			!strings.HasSuffix(l.words[i-1].raw, ".") {
			continue
		}
		rest = lineOf(l.text[l.words[i].begin:])
		h, found := c.faultAt(rest.words)
		return rest, found && !h.denied && (h.kind == sim.FaultCrash || h.kind == sim.FaultPause ||
			h.kind == sim.FaultPower)
	}
	return l, false
}

// waitNote reads a note as a wait. ok is false if it is none.
func (c *compiler) waitNote(a *Act, over []string, l line) (ok bool, err error) {
	if h, silent := c.faultAt(l.words); silent && h.kind == sim.FaultSplit && h.who == "" {
		if span, ok := spanIn(h.rest); ok { // no heartbeat for 10s
			a.Kind, a.Wait = Wait, span
			return true, tooLong(span)
		}
	}
	span, ok := parseWait(l.words)
	if len(l.words) == 0 {
		return false, nil
	}
	if t, n := spanAt(l.words, 0); n > 0 && n == len(l.words) {
		span, ok = t, true // ...5 seconds...
	}
	if _, what := happeningIn(l.words, ensembleHappenings, true); ok && what != 0 &&
		what != NodeCreated && c.cast.Roles[over[0]].Kind == RoleEnsemble {
		ok = false // deleted after 6s
	}
	switch {
	case !ok || !c.script.strict && comparesSpan(l.text):
		return false, nil
	case span > longestWait:
		return false, tooLong(span)
	case denied(l.words, len(l.words)-1):
		return false, strayError("not")
	}
	a.Kind, a.Wait = Wait, span
	return true, nil
}

// comparesSpan reports whether a text compares numbers, as in 4ms < 5ms: wait. Such a span is a bound,
// and says how long nobody waits.
func comparesSpan(text string) bool {
	return strings.ContainsAny(noArrows(strings.ReplaceAll(text, "<br", "")), "<>≤≥")
}

// stops reads a note over the ensemble that says whose heartbeats stop: that client falls silent,
// or is already silent.
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

// silentAlready compiles a line that says that a client sends nothing, if an earlier line has
// already silenced the client. The line then denies that a heartbeat comes.
func (a *Act) silentAlready(who string) {
	a.Supplied = nil
	a.Kind, a.Denied = Absence, &Act{Kind: Heartbeat, Pos: a.Pos, Text: a.Text, From: who}
	a.told("this line adds no fault, because %s has been silent since an earlier line", who)
}

// stopWords are phrases that say that no more heartbeats come.
var stopWords = lexiconOf([]string{"heartbeats stop", "heartbeat stops", "stop arriving",
	"stops arriving", "heartbeats missing", "no heartbeats from", "no heartbeat from",
	"heartbeats missed", "misses heartbeats"})

// heading says whether a note is a heading for the lines below it: Phase 2: leader election. A note
// that names a fault, a path or an event is no heading: Step 3: A crashes.
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

// happening reads a note that says what the ensemble or a server does. ok is false for another
// note.
func (c *compiler) happening(a *Act, over []string, l line) (ok bool, err error) {
	if !c.script.strict && (comparing.in(l.words) ||
		general(l.words) && c.hurtLast == "" && !c.serverHurt) {
		return false, nil
	}
	h, ok, denies := c.parseHappening(over, l)
	if !ok || len(over) == 1 && h.What == SessionOver && c.bystander(over[0]) &&
		!has(l.words, "session") {
		return false, nil
	}
	if !denies && c.tooLate(a, over, &h, l.words) {
		return true, nil
	}
	a.Kind, a.Happening = Happening, h
	c.speak(h.Path)
	if h.supplied != "" {
		a.Supplied = append(a.Supplied, h.supplied)
	}
	if denies {
		a.deny()
		return true, a.within(l)
	}
	if raw := stray(l.words, 0); raw != "" {
		return true, strayError(raw)
	}
	return true, c.unsure(l.words)
}

// tooLate reads a note over the ensemble, directly below a heartbeat, that says that a session has
// ended, and nothing else: the heartbeat came too late. If no line above silences its client, or
// another one whose session it may be, the ensemble ends the session.
func (c *compiler) tooLate(a *Act, over []string, h *Occurrence, words []word) bool {
	n := len(c.scene.Arrows)
	if c.script.strict || n == 0 || len(over) != 1 || h.What != SessionOver || h.Path != "" ||
		c.cast.Roles[over[0]].Kind != RoleEnsemble {
		return false
	}
	beat := c.scene.Arrows[n-1]
	who := beat.From
	if beat.Kind != Heartbeat || beat.To != over[0] || c.cast.Roles[who].Kind != RoleClient ||
		h.Client != "" && h.Client != who || !c.hasExpired(who, words) {
		return false
	}
	for _, name := range c.cast.Order {
		if c.cast.Roles[name].Kind == RoleClient && (c.silent[name] || c.paused[name] || c.cut[name]) {
			return false
		}
	}
	a.Kind, a.Fault = Fault, FaultNote{Fault: sim.Expire(who)}
	a.told("the ensemble ends the session of %s, because line %d renews it and no line above silences "+
		"%[1]s", c.cast.Drawn(who), beat.Pos.Line)
	c.hurt(&a.Fault)
	return true
}

// hasExpired reports whether a text says that the session of a client has expired, and nothing else
// but that the ensemble refuses the heartbeat.
func (c *compiler) hasExpired(who string, words []word) bool {
	subject, over := false, false
	for i := 0; i < len(words); {
		w := words[i]
		name, n := c.cast.named(words[i:])
		switch {
		case n > 0 && name == who:
			i += n
			continue
		case w.quoted:
			return false
		case w.is == "session" || w.is == "lease":
			subject = true
		case w.is == "expired":
			over = true
		case over && has(words[i:i+1], "reject", "rejects", "rejected", "refuse", "refuses", "refused"):
		case !has(words[i:i+1], "the", "its", "of", "has", "already"):
			return false
		}
		i++
	}
	return subject && over
}

// unsure returns an error for an event of the ensemble that may happen, or happens later: is about
// to expire, should be deleted.
func (c *compiler) unsure(words []word) error {
	if c.script.strict {
		return nil
	}
	for i := range words {
		if n, _ := futures.at(words[i:]); n > 0 && !words[i].quoted &&
			ensembleHappenings.near(words[i+n:]) {
			var said []string
			for _, w := range words[i : i+n] {
				said = append(said, w.raw)
			}
			return &misread{why: fmt.Sprintf("%q says what may happen later: write the event where it "+
				"happens", strings.Join(said, " "))}
		}
	}
	return nil
}

// within gives a denial the span of time that its text names: after 10s the session is not over.
func (a *Act) within(l line) error {
	span, ok := spanIn(l.words)
	if ok {
		a.Wait = span
	}
	return tooLong(span)
}

// endsLater returns an error for a note that says when a session is to end, or what would end it: its
// session expires in 10s, otherwise the lease expires. It does not end there.
func (c *compiler) endsLater(over []string, l line) error {
	if c.script.strict || hypothetical(l.words) || general(l.words) || learns(l.words) ||
		!c.cast.service() || len(over) == 1 && c.bystander(over[0]) {
		return nil
	}
	h, ok, denies := c.parseHappening(over, l)
	if !ok || denies || h.What != SessionOver {
		return nil
	}
	if saysLater(l.words) || has(l.words[1:], "if", "unless") {
		return notYet
	}
	return nil
}

// notYet is the error for a text about a session that is to end later, or under a condition.
var notYet = &misread{why: "unclear whether the session ends here, or would end later: write " +
	"\"session expires\" where it ends"}

// saysLater reports whether a text says when something is to happen, or that something else averts
// it: in 10s, within 5 seconds, otherwise.
func saysLater(words []word) bool {
	for i := 1; i < len(words); i++ {
		if has(words[i-1:i], "in", "within") && !words[i].fresh && spanLength(words, i) > 0 {
			return true
		}
	}
	return has(words, "otherwise", "or else") || putOff.in(words)
}

// putOff are words that say that something does not happen yet.
var putOff = lexiconOf([]string{"put off", "postponed", "delayed", "deferred", "averted", "avoided",
	"prevented", "cancelled", "canceled"})

// warned returns an error for an arrow by which the ensemble tells a client that has no open call when
// its session is to end: your lease expires in 30s, unless renewed.
func (c *compiler) warned(a *Act, l line) error {
	if c.script.strict || c.waits[a.To] || c.cast.Roles[a.From].Kind != RoleEnsemble {
		return nil
	}
	if at, _, how := outcomeIn(l.words); at == 0 && how != Unanswered {
		return nil
	}
	_, what := happeningIn(l.words, sessionEnds, false)
	if what != SessionOver && !has(l.words, "timeout", "times out") ||
		!saysLater(l.words) && !has(l.words, "unless", "if") {
		return nil
	}
	return notYet
}

// expiry reads a note over a client, or over it and the ensemble, that says that its session ends.
// If nothing drawn above has silenced the client, the ensemble ends it.
func (c *compiler) expiry(a *Act, over []string, l line) bool {
	who := over[0]
	if len(over) > 1 {
		who = c.cast.onlyClient(over, nil)
	}
	if c.cast.Roles[who].Kind != RoleClient || c.silent[who] || !c.cast.service() || learns(l.words) ||
		c.bystander(who) && !has(l.words, "session") || (general(l.words) || comparing.in(l.words)) &&
		!c.script.strict {
		return false
	}
	h, ok, denies := c.parseHappening(over, l)
	if !ok || denies || h.What != SessionOver || h.Client != who && h.Client != "" {
		return false
	}
	a.Kind, a.Fault = Fault, FaultNote{Fault: sim.Expire(who)}
	a.Supplied = append(a.Supplied, "the ensemble expires the session of "+who)
	c.hurt(&a.Fault)
	return true
}

// comparing are words of a text that compares a timeout: session timeout longer than the pause.
var comparing = lexiconOf([]string{"longer than", "shorter than", "greater than", "less than", "more than",
	"larger than", "smaller than", "higher than", "lower than", "exceeds", ">", "<"})

// learns says whether a note over a client says what it comes to know: realizes that its session
// expired.
func learns(words []word) bool {
	at, _, _ := find(words, insights)
	return at >= 0 && at < 3
}

var insights = lexiconOf([]string{"realizes", "realises", "notices", "learns", "discovers",
	"detects", "knows", "thinks", "believes", "sees", "assumes", "finds out"})

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

// general reports whether a note says what always happens, as in on crash: its node is deleted.
func general(words []word) bool {
	return len(words) > 1 && has(words[:1], "if", "on", "upon", "unless", "whenever")
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
			return fmt.Errorf("%s: the ensemble has only the servers %s: write %%%% lab: "+
				"servers=%c", n,
				serverNames(all), n[1])
		case ok && r.Kind == RoleServer:
		case !ok, r.Kind == RoleClient && !r.Plays:
			return fmt.Errorf("%s: no such participant: the drawing has %s; the servers are %s", n,
				strings.Join(c.cast.some(), ", "), serverNames(all))
		case r.Kind != RoleClient:
			return fmt.Errorf("%s is not a machine: name a server (%s) or a client", n,
				serverNames(all))
		}
	}
	return nil
}

// tooLong returns the error of a wait that no run can have, or nil.
func tooLong(span sim.Time) error {
	switch {
	case span <= longestWait:
		return nil
	case span >= endless:
		return &misread{why: "the wait is too long: the limit is " + longestWait.String(),
			nearest: longestWait.Brief() + " pass"}
	}
	return &misread{why: fmt.Sprintf("a wait of %s is too long: the limit is %s", span, longestWait),
		nearest: longestWait.Brief() + " pass"}
}

// parseWait reads a note as a wait: "10s pass" or "wait 3s", but not "two ticks later".
func parseWait(words []word) (sim.Time, bool) {
	if !passing.in(words) {
		return 0, false
	}
	return spanIn(words)
}

// passWords are words that turn a span of time in a note into a wait.
var passWords = []string{"pass", "passes", "wait", "waits", "later", "after", "elapse", "elapses",
	"passed", "elapsed"}

var passing = lexiconOf(passWords)
