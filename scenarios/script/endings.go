package script

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// endsToo reports whether a fault's note says that the session of its client ends, and the next
// line is a call of another client: A pauses, its lease expires. That call comes after the end.
func (c *compiler) endsToo(a *Act) bool {
	if c.script.strict || a.Kind != Fault || len(c.cast.ensemble()) == 0 {
		return false
	}
	who := ends(&a.Fault.Fault)
	if a.Fault.Over { // the note is over the ensemble, which ends the session
		return who != ""
	}
	next, ok := c.next.(*diagram.Arrow)
	if !ok || c.cast.Roles[who].Kind != RoleClient || c.cast.name(next.From) == who ||
		c.cast.role(next.From).Kind != RoleClient || c.cast.role(next.To).Kind != RoleEnsemble {
		return false
	}
	words := a.plain()
	at, what := happeningIn(words, sessionEnds, false)
	if what != SessionOver || denied(words, at) || open(words, at) || hypothetical(words) {
		return false
	}
	n, _, _ := find(words, faultWords)
	if n < 0 || n >= at || later(words[at:]) || has(words[n:at], "if", "unless", "before", "until") {
		return false
	}
	open := at // of the parentheses in which the end stands: pause / lag (lease expires)
	for open > n && words[open].raw[0] != '(' {
		open--
	}
	return !has(words[max(n, open):at], "or", "/") && (open > n || !has(words[n:at], "or", "/"))
}

// later reports whether words that begin with an event say that it comes after some time: expires in
// 10 s, expires later.
func later(words []word) bool { return has(words, "in", "after", "within", "soon", "later", "at") }

// end is the end of the session that a fault's note tells. A pause whose length is too short for
// that lasts longer.
func (c *compiler) end(a *Act) *Act {
	who := ends(&a.Fault.Fault)
	c.outlasts(a, who)
	b := c.act()
	b.Pos, b.From, b.Text = a.Pos, c.cast.ensemble()[0], a.Text
	b.Kind, b.Happening = Happening, Occurrence{What: SessionOver, Client: who}
	b.Beside = true
	b.Supplied = []string{fmt.Sprintf("this line also says that the session of %s ends",
		c.cast.Drawn(who))}
	return c.add(b, a.at, nil)
}

// outlasts makes a pause whose length is too short for the session of its client to end last longer.
func (c *compiler) outlasts(a *Act, who string) {
	f := &a.Fault
	if timeout := c.scene.world.Timeout(who); f.Fault.Kind == sim.FaultPause && !f.Open &&
		f.Fault.Span <= timeout+2*c.scene.world.Stage.Tick {
		a.told("this pause lasts longer than %s, because the session ends only after its "+
			"timeout, %s", f.Fault.Span.Brief(),
			timeout.Brief())
		f.Fault.Span, f.Open = c.long(), true
	}
}

// endsNext reports whether the line below a pause says, over the ensemble, that the session of its
// client ends after a time that is shorter than the pause: lease expires at 300ms. Servers grant no
// timeout that is so short.
func (c *compiler) endsNext(f *sim.Fault) bool {
	who := ends(f)
	it, ok := c.next.(*diagram.Note)
	if c.script.strict || !ok || len(it.Over) != 1 || c.cast.role(it.Over[0]).Kind != RoleEnsemble ||
		c.cast.Roles[who].Kind != RoleClient {
		return false
	}
	l := c.unclocked(lineOf(diagram.Plain(it.Text)))
	at, what := happeningIn(l.words, sessionEnds, false)
	if what != SessionOver || saysLater(l.words) || open(l.words, at) || hypothetical(l.words) ||
		questions(l.words) || negated(l.words[:at]) || future(l.words, at) != "" ||
		has(l.words, "if", "or", "unless", "before", "until", "would") {
		return false
	}
	named := c.lastClient(l.words[:at])
	span, ok := spanIn(l.words[at:])
	return ok && f.Kind == sim.FaultPause && span < f.Span && (named == "" || named == who)
}

// endBefore is the end of the session of the client with the last fault, if a call of another
// client comes after it, as the answer to that call says: granted (lease expired). It is nil if the
// drawing shows no such answer.
func (c *compiler) endBefore(it *diagram.Arrow) *Act {
	who := c.hurtLast
	next, ok := c.next.(*diagram.Arrow)
	if c.script.strict || who == "" || !ok || next.From != it.To || next.To != it.From ||
		c.cast.name(it.From) == who || c.cast.role(it.To).Kind != RoleEnsemble ||
		c.cast.Roles[who].Kind != RoleClient || !c.silent[who] {
		return nil
	}
	if n := len(c.scene.Arrows); n > 1 {
		above := c.scene.Arrows[n-2]
		if above.Kind == Happening && above.Happening.What == SessionOver &&
			above.Happening.Client == who {
			return nil // the line above says so
		}
	}
	l := lineOf(diagram.Plain(next.Text))
	at, what := happeningIn(l.words, sessionEnds, false)
	if what != SessionOver || at == 0 || negated(l.words) || open(l.words, at) ||
		future(l.words, at) != "" || hypothetical(l.words) || later(l.words[at:]) ||
		has(l.words[:at], "until", "unless", "if", "or", "before", "while") {
		return nil
	}
	if _, _, how := outcomeIn(l.words[:at]); how != WentWell {
		return nil
	}
	b := c.act()
	b.Pos, b.From, b.Text = it.Pos, c.cast.ensemble()[0], diagram.Plain(next.Text)
	b.Kind, b.Happening = Happening, Occurrence{What: SessionOver, Client: who}
	b.Beside, b.Ahead = true, true
	b.told("the session of %s ends before this call, as line %d says", c.cast.Drawn(who),
		next.Line)
	return c.add(b, it.TextPos, nil)
}

// timesOut reads an arrow by which the ensemble tells a client that has no open call that its session
// is over, because its heartbeats do not come: timeout (no heartbeat). The client is cut off, and
// its session ends here.
func (c *compiler) timesOut(a *Act, l line) bool {
	who := a.To
	if c.script.strict || c.waits[who] || c.creates[who] == nil || c.silent[who] || len(l.words) > 8 ||
		c.cast.Roles[a.From].Kind != RoleEnsemble || c.cast.Roles[who].Kind != RoleClient {
		return false
	}
	_, n, kind := find(l.words, faultWords)
	if n == 0 || kind != sim.FaultSplit || !has(l.words, "heartbeat", "heartbeats") ||
		!has(l.words, "timeout", "timed out", "expired", "session over", "lease over") ||
		hypothetical(l.words) || questions(l.words) ||
		has(l.words, "or", "if", "unless", "until", "before", "else", "otherwise", "after", "in",
			"for") {
		return false
	}
	for i := range l.words { // no heartbeat is the phrase itself; anything else that is denied is not
		if k, _ := faultWords.at(l.words[i:]); k == 0 && negates(l.words[i:]) {
			return false
		}
	}
	c.silence(a, who)
	a.Fault.Over = true
	c.hurtLast = who
	return true
}

// leased are words for what a client keeps by its heartbeats.
var leased = lexiconOf([]string{"lease", "leases", "lock", "leader", "leadership"})

// leases supplies the node of a client whose heartbeat says that it holds a lease or a lock, if the
// drawing shows that the client fails and that another client then creates that node.
func (s *supplier) leases() {
	if s.strict || s.world.NoParents {
		return
	}
	for i, a := range s.acts {
		who := a.From
		if a.Kind != Heartbeat || s.world.Cast.Roles[who].Kind != RoleClient || !leased.in(a.plain()) ||
			negated(a.plain()) || s.owns(who, i) {
			continue
		}
		hurt := false
		for k, b := range s.after(i) {
			hurt = hurt || b.Kind == Fault && ends(&b.Fault.Fault) == who
			if b.Kind != Call || b.Op.Type != tree.OpCreate2 || b.Op.Flags.IsSequential() {
				continue
			}
			if path := b.Op.Path; hurt && b.From != who && b.Op.Flags.IsEphemeral() &&
				!s.createdBefore(i+1+k, path) && !s.exists[path] {
				s.parents(&Act{From: who}, path)
				s.hold(who, path, a)
			}
			break
		}
	}
}
