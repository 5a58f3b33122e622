package script

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// settle reads lines again that depend on the lines around them. Examples are a note about a watch
// that a call sets, a note with the outcome or the parameters of a call, an answer to a line that
// is unread, a fault of a client without a session.
func (s *supplier) settle() {
	sessions := s.sessions()
	recent := make(map[string]*Act) // by client: its last line to or from the ensemble
	for i, a := range s.acts {
		switch {
		case a.Kind == Call && a.noted && s.idle(i, a):
			a.remark("this wait is not played, because the drawing does not show its end")
		case a.Kind == Call && a.noted && s.repeated(i, a):
			a.remark("this note is not played, because another line shows the call that " +
				"sets the watch")
		case a.Kind == Happening && s.creates(i, a):
		case a.Kind == Happening && s.planned(i, a):
			a.remark("this note is not played, because a line below shows the call that " +
				"it announces")
		case a.Kind == Reply && !a.Either:
			s.orphan(a, recent[a.To])
		case (a.Kind == Fault || a.Kind == Unread) && s.titles(i, a):
			a.Problem, a.Nearest = "", ""
			a.remark(fmt.Sprintf("this note is only a title and does nothing itself, because the "+
				"fault happens in line %d",
				s.acts[i+1].Pos.Line))
		case a.To == "" && (a.Kind == Remark || a.Kind == Unread) && s.details(i, a):
		case a.To == "" && (a.Kind == Remark || a.Kind == Unread):
			s.belongs(i, a)
		case a.Kind == Fault && a.heading && s.announced(i, a) != "":
			a.remark("this note is only a title and does nothing itself, " +
				"because " + s.announced(i, a))
		case a.Kind == Fault && s.harmless(i, a, sessions):
			a.remark(a.Fault.Fault.Who[0] +
				" has no session, so this fault changes nothing in ZooKeeper")
		}
		switch {
		case a.To == "":
		case a.Kind == Call, a.Kind == Heartbeat, a.Kind == Unread:
			recent[a.From] = a
			if a.Kind == Unread {
				recent[a.To] = a
			}
		case a.Kind == Reply, a.Kind == Event:
			recent[a.To] = a
		}
	}
}

// planned says whether a note over a client says what the client is about to do: delete the node.
// It is drawn as the client's next call.
func (s *supplier) planned(i int, a *Act) bool {
	if a.Happening.What != NodeDeleted || s.world.Cast.Roles[a.From].Kind != RoleClient ||
		a.To != "" && a.To != a.From || !ownDeletion.in(a.plain()) {
		return false
	}
	for _, b := range s.acts[i+1 : min(len(s.acts), i+nearby)] {
		switch {
		case b.Kind == Call && b.From == a.From:
			return b.Op.Type == tree.OpDelete
		case b.To == a.From && b.From != a.From:
			return false
		}
	}
	return false
}

// ownDeletion are the words of one who deletes a node, not of one who sees it go.
var ownDeletion = lexiconOf([]string{"delete", "remove", "release", "deleting", "removing",
	"releasing"})

// announced says why a heading that names a fault is only a title. The drawing shows the fault
// below it, or its victim acts there. It is empty if the heading is the fault.
func (s *supplier) announced(i int, a *Act) string {
	for _, b := range s.after(i) {
		switch {
		case b.heading:
			return ""
		case b.Kind == Fault && b.Fault.Fault.Kind == a.Fault.Fault.Kind:
			return fmt.Sprintf("the fault happens in line %d", b.Pos.Line)
		case (b.Kind == Call || b.Kind == Heartbeat) && !a.Fault.Back &&
			slices.Contains(a.Fault.Fault.Who, b.From):
			return fmt.Sprintf("%s still sends something in line "+
				"%d", s.world.Cast.Drawn(b.From), b.Pos.Line)
		}
	}
	return ""
}

// creates reads the node that the ensemble is said to create directly below a create without a
// path: the call made that node. It is false if the call has a path of its own.
func (s *supplier) creates(i int, a *Act) bool {
	if a.Happening.What != NodeCreated || a.Happening.Path == "" || i == 0 {
		return false
	}
	call := s.acts[i-1]
	if call.Kind != Call || !call.vague || call.Op.Type != tree.OpCreate2 ||
		!s.made[call.Op.Path] || tree.ValidateCreatePath(a.Happening.Path, false) != nil {
		return false
	}
	old := call.Op.Path
	call.Op.Path, call.vague = a.Happening.Path, false
	call.Supplied = nil
	call.told("this call has the path that line %d shows", a.Pos.Line)
	s.rename(i, call.From, old, call.Op.Path)
	return true
}

// titles says whether a note over several participants that names a fault by a noun, as in broker
// failure, is the title of the next line, which is a fault of the same victim.
func (s *supplier) titles(i int, a *Act) bool {
	if a.To != "" || strings.IndexByte(a.From, ',') < 0 || i+1 == len(s.acts) {
		return false
	}
	words := a.plain()
	next := s.acts[i+1]
	return len(words) > 0 && len(words) <= 4 && has(words[len(words)-1:], "failure", "crash",
		"outage", "partition", "failures") && next.Kind == Fault && ends(&next.Fault.Fault) != "" &&
		(a.Kind == Unread || ends(&next.Fault.Fault) == ends(&a.Fault.Fault))
}

// remark makes a remark of what was read as something else.
func (a *Act) remark(why string) {
	a.Kind, a.Supplied = Remark, []string{why}
	if a.noted {
		a.To = ""
	}
}

// idle says whether a note without a path speaks of waiting, as in wait for the others, and the
// drawing notifies its client of nothing below.
func (s *supplier) idle(i int, a *Act) bool {
	words := a.words()
	if firstPath(words) != "" || !has(words, "wait for", "waits for") {
		return false
	}
	return !slices.ContainsFunc(s.acts[i+1:],
		func(b *Act) bool { return b.To == a.From && (b.Kind == Event || b.Either) })
}

// repeated says whether the watch of a note is also drawn as a call: above it, or below it before
// its client makes another call or gets an event.
func (s *supplier) repeated(i int, a *Act) bool {
	own := firstPath(a.words()) != "" ||
		strings.Contains(strings.ToLower(a.Text), lastName(a.Op.Path))
	same := func(b *Act) bool {
		return b.Kind == Call && b.From == a.From && b.Op.Watch && b != a &&
			(b.Op.Path == a.Op.Path || !own && b.Op.Type == a.Op.Type)
	}
	for k := i - 1; k >= max(0, i-nearby); k-- {
		b := s.acts[k]
		if b.Kind == Event && b.To == a.From {
			break
		}
		if same(b) {
			return true
		}
	}
	for _, b := range s.acts[i+1 : min(len(s.acts), i+nearby)] {
		switch {
		case same(b) && b.noted && !s.strict:
			return false // the first of two notes is the call
		case same(b):
			return true
		case b.Kind == Event && b.To == a.From, b.Kind == Call && b.From == a.From:
			return b.Kind == Call && b.Op.Watch && !own
		}
	}
	return false
}

// nearby is how many lines around a note are searched for the call that it speaks of.
const nearby = 200

// orphan reads an answer directly below a line of its client that is not a call. It answers a
// heartbeat. Below a line that is unread it is unread too, unless it suits an older call well.
func (s *supplier) orphan(a, above *Act) {
	switch {
	case above == nil || above.From != a.To || above.To != a.From:
	case above.Kind == Heartbeat && a.Of == nil && saysOnlyYes(a.Text):
		a.Kind = Heartbeat
		a.told("this line is the answer to the heartbeat in line %d", above.Pos.Line)
	case above.Kind == Heartbeat && a.Reply.Code == tree.SessionExpired:
		above.Answer, a.Of = a, above
		a.Happening = Occurrence{What: LearnsExpiry, Client: a.To}
		a.told("this line is the answer to the heartbeat in line %d", above.Pos.Line)
	case above.Kind == Unread && (a.Of == nil || a.Suits(&a.Of.Op) != SuitsWell):
		a.problem(&misread{why: fmt.Sprintf("this is an answer to the call in line %d, but the "+
			"lab cannot read that call: %s",
			above.Pos.Line, above.Problem)})
	}
}

// saysOnlyYes says whether an answer is an outcome and no more: ack, ok, session established.
func saysOnlyYes(text string) bool {
	words := wordsOf(normal(text))
	if len(words) == 2 && (words[0].is == "session" || words[0].is == "connection") {
		words = words[1:]
	}
	n, how := outcomes.at(words)
	return how == WentWell && n == len(words)
}

// belongs reads a note that belongs to the call above it. The note has the call's outcome, if the
// drawing has no other answer, or its parameters.
func (s *supplier) belongs(i int, a *Act) {
	call := s.callAbove(i, a)
	if call == nil {
		return
	}
	if s.parameters(i, a, call) || call.Kind != Call || s.answers[call] != nil || a.Kind == Unread ||
		call.Op.Watch || call.Op.Type == tree.OpSync || a.From != call.From {
		return
	}
	words := a.plain()
	at, _, _ := find(words, noteOutcomes)
	if at < 0 || at > 2 || negated(words[:min(len(words), at+4)]) || hypothetical(words) {
		return
	}
	a.Kind, a.Reply = Reply, Answer{Outcome: WentWell}
	a.From, a.To = call.To, call.From
	a.told("this note is the answer to the call in line %d", call.Pos.Line)
}

// noteOutcomes are phrases by which a note over a client says that its call has succeeded.
var noteOutcomes = lexiconOf([]string{"succeeds", "succeeded", "success", "secured", "lock secured",
	"lock acquired", "lock obtained", "lock granted", "acquires the lock", "gets the lock",
	"created"})

// negated says whether a text denies something.
func negated(words []word) bool {
	for i := range words {
		if negates(words[i:]) {
			return true
		}
	}
	return false
}

// callAbove is the call or the unread line right above a note, if the note is over its client or
// the ensemble.
func (s *supplier) callAbove(i int, a *Act) *Act {
	if i == 0 {
		return nil
	}
	b := s.acts[i-1]
	if b.To == "" || b.Kind != Call && b.Kind != Unread || b.noted ||
		a.From != b.From && a.From != b.To && (b.Via == "" || a.From != b.Via) {
		return nil
	}
	return b
}

// parameters takes the parameters of a call that does not name its node from the note below it.
func (s *supplier) parameters(i int, a, call *Act) bool {
	if call.Kind == Call && !call.vague ||
		s.world.Cast.Roles[call.From].Kind != RoleClient {
		return false
	}
	text, below, _ := strings.Cut(normal(a.Text), "\n")
	words := wordsOf(text)
	op, denies, err := parseCall(text, words)
	switch {
	case err == nil && !denies && len(words) > 0 && startsIn(words, calls):
	case call.Kind == Call && len(words) > 0 && len(words) <= 3 && words[0].isPath() &&
		tree.ValidateCreatePath(words[0].path(), false) == nil:
		op = call.Op
		op.Path = words[0].path()
	default:
		return false
	}
	if call.Kind == Call && call.Op.Type == op.Type {
		op.Flags |= call.Op.Flags
	}
	if data := dataIn(below); data != "" && len(op.Data) == 0 && (op.Type == tree.OpCreate2 ||
		op.Type == tree.OpSetData) {
		op.Data = []byte(data)
	}
	if call.Kind == Call {
		s.rename(i, call.From, call.Op.Path, op.Path)
	}
	call.Kind, call.Op, call.Problem, call.Nearest = Call, op, "", ""
	call.Supplied = nil
	call.told("this call has the parameters that line %d shows", a.Pos.Line)
	call.vague = false
	a.Problem, a.Nearest = "", ""
	a.remark(fmt.Sprintf("this note shows the parameters of the call in line %d", call.Pos.Line))
	if calls.in(words) {
		a.Kind, a.param = Condition, true
	}
	return true
}

// dataIn returns the value of the line of a note that gives the data of a node: data: {"id": 1}.
func dataIn(text string) string {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, ":")
		switch strings.ToLower(strings.TrimSpace(key)) {
		case "data", "znode data", "node data", "value":
			if ok {
				return strings.TrimSpace(value)
			}
		}
	}
	return ""
}

// rename replaces the path old, which was supplied for a call, by the call's real path in the lines
// below it.
func (s *supplier) rename(i int, who, old, path string) {
	for _, b := range s.acts[i+1 : min(len(s.acts), i+nearby)] {
		switch {
		case b.Kind == Call && b.vague && b.Op.Path == old && (b.From == who || !s.made[old] ||
			b.Op.Type != tree.OpCreate2):
			b.Op.Path = path
			if b.Op.Type == tree.OpCreate2 && b.Op.Flags.IsSequential() {
				b.Op.Path = strings.TrimRight(path, "0123456789")
			}
		case b.Kind == Happening && b.Happening.Path == old:
			b.moves(path)
		case b.Kind == Happening && seriesOf(b.Happening.Path) == old: // by the ensemble's number
			if path == seriesOf(path) {
				path += b.Happening.Path[len(old):]
			}
			b.moves(path)
		}
	}
}

// moves gives an expected event another path, and says so where its path was said.
func (a *Act) moves(path string) {
	for i, told := range a.Supplied {
		if told == "the path: "+a.Happening.Path {
			a.Supplied[i] = "the path: " + path
		}
	}
	a.Happening.Path = path
}

// flags gives creates the flag that other lines tell: an earlier create of the same node, or of a
// sibling by number, by another client, or a deletion that calls the node ephemeral.
func (s *supplier) flags() {
	deleted := make(map[string]int) // lines
	for _, a := range s.acts {
		if a.Kind == Happening && a.Happening.What == NodeDeleted && ephemeralsGo(a.words()) {
			if kin := kinOf(a.Happening.Path); deleted[kin] == 0 {
				deleted[kin] = a.Pos.Line
			}
		}
	}
	created := make(map[string]*Act)
	for _, a := range s.acts {
		if a.Kind != Call || a.Op.Type != tree.OpCreate2 {
			continue
		}
		kin := kinOf(a.Op.Path)
		line := deleted[kin]
		if first := created[kin]; first != nil && first.From != a.From {
			line = first.Pos.Line
		}
		switch {
		case a.Op.Flags.IsEphemeral():
			if created[kin] == nil {
				created[kin] = a
			}
		case line > 0 && !slices.ContainsFunc(a.plain(), func(w word) bool {
			return isPersistent(w) || isEphemeral(w)
		}):
			a.Op.Flags |= tree.Ephemeral
			a.told("the node is ephemeral, as line %d says", line)
		}
	}
}

// kinOf is a path without the number at its end: that of a node and of its siblings.
func kinOf(path string) string { return strings.TrimRight(path, "0123456789") }

// sessions are the clients with a line to or from the ensemble or a server.
func (s *supplier) sessions() map[string]bool {
	has := make(map[string]bool)
	for _, a := range s.acts {
		bystander := a.Kind == Fault && s.world.Cast.Roles[a.To].Kind == RoleClient
		if a.To != "" && a.From != a.To && a.Kind != Remark && !bystander {
			has[a.From], has[a.To] = true, true
		}
		if a.Watcher != "" {
			has[a.Watcher] = true
		}
		if a.whose != "" {
			has[a.whose] = true
		}
	}
	for _, c := range s.world.Calls {
		has[c.Who] = true
	}
	return has
}

// harmless says whether a fault hits a client that the drawing never connects, and no event of the
// ensemble is drawn directly below.
func (s *supplier) harmless(i int, a *Act, sessions map[string]bool) bool {
	f := &a.Fault
	switch f.Fault.Kind {
	case sim.FaultCrash, sim.FaultPower, sim.FaultPause:
	default:
		return false
	}
	if i+1 < len(s.acts) && s.acts[i+1].Kind == Happening {
		return false
	}
	return f.Target == ByName && len(f.Fault.Who) > 0 && !slices.ContainsFunc(f.Fault.Who,
		func(who string) bool {
			return sessions[who] || s.world.Runs(who) || s.world.Cast.Roles[who].Kind != RoleClient || isServer(who)
		})
}
