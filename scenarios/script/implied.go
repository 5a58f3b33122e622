package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// If the first line of a client notifies it, the client was there before and had set its watch: a
// drawing need not show more of a client that makes no calls. A client that has made calls and has
// set no watch is not notified.

// implied sets the watch of a client that gets a notification and has no open call. This happens
// before the drawing begins or, if the watched node changes earlier too, directly before the change
// that the client is notified of.
func (s *supplier) implied(i int, e *Act) {
	who := e.To
	if s.world.NoParents || s.world.Cast.Roles[who].Kind != RoleClient || s.watching[who] ||
		e.Via != "" || s.world.Runs(who) || s.asked(i, who) && !s.implies[who] && !s.usesRecipe() {
		return
	}
	c, ok := s.causeOf(i, e)
	if !ok {
		return
	}
	if e.Kind == Reply && !e.Either {
		e.Kind = Event
		e.told("this line is a notification, because no call of %s waits for an answer",
			s.world.Cast.Drawn(who))
	}
	op := s.watchFor(e, c)
	s.implies[who], s.told[who] = true, i
	at := s.anchor(c.at)
	anchor := s.acts[at]
	if s.scenes[anchor] != s.world.Scenes[0] || s.during[op.Path] || s.changes(at, &op) {
		anchor.Before = append(anchor.Before, Supply{Client: who, Op: op})
		e.told("a call of %s before line %d: %s", who, anchor.Pos.Line, sayOp(&op))
		return
	}
	s.late = append(s.late, Supply{Client: who, Op: op})
	e.told("a call of %s before the drawing begins: %s", who, sayOp(&op))
}

// usesRecipe says whether the drawing names a recipe of Curator's, which sets watches by itself.
func (s *supplier) usesRecipe() bool {
	if s.recipe == 0 {
		s.recipe = 1
		for _, a := range s.acts {
			if recipeNames.in(a.plain()) {
				s.recipe = 2
			}
		}
	}
	return s.recipe == 2
}

// recipeNames are the recipes of Curator's that watch the node before their own, and what they
// call.
var recipeNames = lexiconOf([]string{"leaderselector", "leaderlatch", "takeleadership",
	"interprocessmutex"})

// unasked says whether an answer can only be a notification: its client has made no call, and the
// answer has no outcome, or says that the session of another client has ended.
func (s *supplier) unasked(i int, a *Act) bool {
	if a.Of != nil || s.asked(i, a.To) && !(a.Either && s.implies[a.To]) {
		return false
	}
	switch {
	case a.Either:
		return true
	case a.Reply.Code == tree.SessionExpired:
		return s.victim(i, a.To) != ""
	}
	return plainProse(a)
}

// unsolicited reads as a notification what the ensemble tells a client that has no open call, if it
// is no outcome and no value.
func (s *supplier) unsolicited(a *Act) {
	if a.Kind != Reply || a.Of != nil || a.Either || !plainProse(a) ||
		s.world.Cast.Roles[a.From].Kind != RoleEnsemble || s.world.Runs(a.To) {
		return
	}
	a.Kind, a.Notice = Event, Notice{}
	a.told("this line is a notification, because no call of %s waits for an answer",
		s.world.Cast.Drawn(a.To))
}

// noNews reads a line in which the ensemble tells a client something that is no outcome, no value
// and no change of a node, such as "assign partition 3". ZooKeeper gives no orders, so the line
// never happens, unless it answers a call for an office: elect B as leader.
func (s *supplier) noNews(a *Act) bool {
	if kind := s.world.Cast.Roles[a.From].Kind; a.Kind != Reply || a.Either || kind != RoleEnsemble &&
		(kind != RoleServer || s.strict) || s.world.Runs(a.To) {
		return false
	}
	words := a.plain()
	if len(words) == 0 || notices.in(words) {
		return false
	}
	n, v := calls.at(words)
	if a.Of == nil && s.pulls(a, words, v) {
		return true
	}
	if !plainProse(a) {
		return false
	}
	if n > 0 && v != verbCheck && a.Of == nil && reads(v) {
		a.problem(&misread{why: fmt.Sprintf("%q is a call, but the arrow goes to client %s: turn "+
			"the arrow around, or write ZooKeeper's answer", words[0].raw,
			s.world.Cast.Drawn(a.To))})
		return true
	}
	if a.Of == nil && !s.strict && (unmoved.in(words) || asBefore(words)) {
		a.problem(&misread{why: fmt.Sprintf("unclear what %s is told: ZooKeeper notifies its "+
			"clients only of changes, so write the event, as in \"notification: /x is gone\"",
			s.world.Cast.Drawn(a.To))})
		return true
	}
	if !orders.in(words[:1]) {
		return false
	}
	if a.Of != nil && a.Of.Op.Type == tree.OpCreate2 && a.Of.Op.Flags.IsEphemeral() &&
		s.appointed(a.To, words) {
		a.Reply.Outcome = WentWell
		a.told("this line is the answer to the call in line %d: success", a.Of.Pos.Line)
		return false
	}
	if a.Of != nil {
		a.Of.Answer, a.Of = nil, nil
	}
	a.Kind, a.Order, a.Notice = Event, true, Notice{}
	return true
}

// unmoved are words which say that something is as it was, which is no news from ZooKeeper.
var unmoved = lexiconOf([]string{"unchanged", "healthy", "intact", "unaffected", "untouched", "no news",
	"no change", "no changes", "as before", "up-to-date", "up to date", "stays", "remains", "keeps",
	"unmodified", "valid", "quorum"})

// asBefore reports whether a text says that something still holds: B still leads.
func asBefore(words []word) bool { return has(words, "still") && !eventWords.in(words) }

// pulls reads an arrow from the ensemble to a client as the client's call, if its text is a read,
// such as "get the list": such an arrow shows which way the data goes.
func (s *supplier) pulls(a *Act, words []word, v verb) bool {
	if s.strict || v != verbGet && v != verbChildren || !contents.in(words) && !lists.in(words) &&
		firstPath(words) == "" || a.Reply.Outcome == WentWrong || a.Reply.Code != tree.OK {
		return false
	}
	text := normal(a.Text)
	op, denies, err := parseCall(text, words)
	if errors.Is(err, errNoPath) {
		err, a.vague = nil, true
		if op.Path = s.world.spoken.last; op.Path == "" || op.Path == "/" {
			op.Path = "/node"
		}
	}
	if err != nil || denies || op.Type == tree.OpSetData {
		return false
	}
	a.Kind, a.Op, a.From, a.To = Call, op, a.To, a.From
	a.Reply, a.Claims = Answer{Outcome: WentWell}, true
	a.told("this line is read as a call that %s makes: %s", s.world.Cast.Drawn(a.From), sayOp(&op))
	s.node(a, op.Path, "")
	return true
}

// appointed says whether an order gives its client an office: elect as leader. One that names
// another client, or another leader, does not.
func (s *supplier) appointed(who string, words []word) bool {
	if !appoints.in(words[:1]) || !offices.in(words) || negated(words) ||
		has(words, "another", "other", "election", "different") {
		return false
	}
	for i := range words {
		if name, n := s.world.Cast.named(words[i:]); n > 0 && name != who {
			return false
		}
	}
	return true
}

// appoints are the orders by which ZooKeeper is said to give its client an office.
var appoints = lexiconOf([]string{"elect", "elects", "promote", "promotes", "choose", "chooses",
	"pick", "picks", "select", "selects", "nominate", "appoint", "designate", "become", "grant",
	"grants"})

// orders are verbs by which a drawing lets ZooKeeper decide for its clients.
var orders = lexiconOf([]string{"assign", "assigns", "assigned", "start", "starts", "stop", "stops",
	"do", "calculate", "calculates", "compute", "computes", "transfer", "send", "sends", "run",
	"execute", "promote", "promotes", "choose", "chooses", "pick", "picks", "select", "selects",
	"redirect", "redirects", "route", "routes", "move", "migrate", "aggregate",
	"aggregates", "allocate", "allocates", "distribute", "distributes", "schedule", "schedules",
	"elect", "elects", "trigger", "initiate", "initiates", "nominate", "appoint", "designate",
	"take", "process", "consume", "resume", "begin", "become", "perform", "rebalance", "count",
	"grant", "grants", "propose", "proposes", "replicate", "replicates", "append", "appends", "apply",
	"applies", "persist", "persists", "forward", "forwards", "retry", "please"})

// plainProse says whether an answer is words that are neither an outcome nor a value.
func plainProse(a *Act) bool {
	return !a.Lists() && !strings.Contains(a.Text, `"`) && len(a.words()) > 1 &&
		a.Reply.Outcome == AnyOutcome && !a.Reply.Exists && a.Reply.Code == tree.OK
}

// asked says whether a client has asked for anything above a line, or is drawn to connect there. An
// answer that has turned out to be a notification no longer counts.
func (s *supplier) asked(i int, who string) bool {
	list := s.where.asks[who]
	for len(list) > 0 && s.acts[list[0]].asker() != who {
		list = list[1:]
	}
	s.where.asks[who] = list
	return len(list) > 0 && list[0] < i
}

// cause is what a notification reports: an event of a node, caused by an act.
type cause struct {
	at    int
	path  string
	event tree.EventType
}

// causeOf returns the last event above a notification that it can report, and that no earlier
// notification has reported.
func (s *supplier) causeOf(i int, e *Act) (c cause, ok bool) {
	n := e.Notice
	if e.Kind == Reply && e.Reply.Code == tree.SessionExpired {
		n = Notice{Event: tree.NodeDeleted}
		e.Notice = n
	}
	for k := i - 1; k >= max(0, i-reach, s.told[e.To]); k-- {
		c := s.causeAt(k, i, e)
		if c.event == 0 {
			continue
		}
		child := c.event != tree.NodeDataChanged
		fits := n.Event == 0 || n.Event == c.event || n.Event == tree.NodeChildrenChanged && child
		here := n.Path == "" || n.Path == c.path || child && n.Path == parentOf(c.path)
		if c.path != "" && fits && here {
			return c, true
		}
	}
	return c, false
}

// causeAt returns what an act does to a node; event is 0 if it changes no node.
func (s *supplier) causeAt(k, i int, e *Act) cause {
	a := s.acts[k]
	switch {
	case a.Kind == Happening && a.Happening.What == NodeDeleted:
		return cause{k, a.Happening.Path, tree.NodeDeleted}
	case a.Kind == Happening && a.Happening.What == NodeCreated:
		return cause{k, a.Happening.Path, tree.NodeCreated}
	case a.Kind == Happening && a.Happening.What == SessionOver && a.Happening.Client != "":
		return cause{k, s.holds(a.Happening.Client, k, i, e), tree.NodeDeleted}
	case a.Kind == Fault:
		if who := ends(&a.Fault.Fault); s.world.Cast.Roles[who].Kind == RoleClient &&
			who != e.To && (e.whose == "" || e.whose == who) {
			return cause{k, s.holds(who, k, i, e), tree.NodeDeleted}
		}
	case a.Kind == Call && a.From != e.To && (a.Answer == nil ||
		a.Answer.Reply.Outcome != WentWrong):
		switch a.Op.Type {
		case tree.OpCreate2:
			return cause{k, a.Op.Path, tree.NodeCreated}
		case tree.OpDelete:
			return cause{k, a.Op.Path, tree.NodeDeleted}
		case tree.OpSetData:
			return cause{k, a.Op.Path, tree.NodeDataChanged}
		case tree.OpCloseSession:
			return cause{k, s.owned(a.From, k), tree.NodeDeleted}
		}
	}
	return cause{}
}

// ends is the client whose session a fault may end; empty if there is no such client.
func ends(f *sim.Fault) string {
	switch f.Kind {
	case sim.FaultCrash, sim.FaultPower, sim.FaultPause, sim.FaultExpire:
		if len(f.Who) == 1 {
			return f.Who[0]
		}
	case sim.FaultSplit:
		if len(f.Groups) > 0 && len(f.Groups[0]) == 1 {
			return f.Groups[0][0]
		}
	}
	return ""
}

// victim is the client whose session was last ended above a line, except for the given client.
func (s *supplier) victim(i int, other string) string {
	for k := i - 1; k >= max(0, i-reach); k-- {
		if a := s.acts[k]; a.Kind == Fault {
			who := ends(&a.Fault.Fault)
			if s.world.Cast.Roles[who].Kind == RoleClient && who != other {
				return who
			}
		}
	}
	return ""
}

// owned is the ephemeral node that a client has made above a line, or that was supplied for it.
func (s *supplier) owned(who string, k int) string {
	at := lastAbove(s.where.owns[who], k)
	if at < 0 {
		return s.held[who]
	}
	a := s.acts[at]
	switch {
	case a.named != "":
		return a.named
	case a.Op.Flags.IsSequential():
		return a.Op.Path + fmt.Sprintf("%010d", s.count(at, a.Op.Path))
	}
	return a.Op.Path
}

// owns says whether a client has made an ephemeral node above a line, or one was supplied for it.
func (s *supplier) owns(who string, k int) bool {
	return s.held[who] != "" || lastAbove(s.where.owns[who], k) >= 0
}

// count is how many sequential nodes of a series were made above a line.
func (s *supplier) count(i int, path string) int {
	n, _ := slices.BinarySearch(s.where.series[path], i)
	return n
}

// holds is the ephemeral node of a client whose session ends at act k. If the drawing shows no such
// node, one is supplied: the node that act i or a deletion before it names, or else a node that
// another client creates later, or else a node with the name of the client.
func (s *supplier) holds(who string, k, i int, e *Act) string {
	if path := s.owned(who, k); path != "" {
		return path
	}
	path := e.Notice.Path
	if e.Kind == Happening {
		path = e.Happening.Path
	}
	for n := k; n < min(len(s.acts), k+reach) && path == ""; n++ {
		a := s.acts[n]
		switch {
		case n <= i && a.Kind == Happening && a.Happening.What == NodeDeleted:
			path = a.Happening.Path
		case n > i && a.Kind == Call && a.Op.Type == tree.OpCreate2 && a.From != who &&
			!a.Op.Flags.IsSequential():
			path = a.Op.Path
		}
	}
	if path == "" {
		path = "/" + strings.ToLower(who)
	}
	if s.createdBefore(k, path) || s.exists[path] || tree.ValidateCreatePath(path, false) != nil {
		return ""
	}
	s.parents(&Act{From: who}, path)
	s.hold(who, path, e)
	return path
}

// hold supplies an ephemeral node of a client.
func (s *supplier) hold(who, path string, e *Act) {
	op := createOf(path, "")
	op.Flags = tree.Ephemeral
	s.exists[path], s.held[who] = true, path
	s.world.Supplies = append(s.world.Supplies, Supply{Client: who, Op: op})
	e.told("%s owns the ephemeral node %s before the drawing begins",
		s.world.Cast.Drawn(who), path)
}

// createdBefore says whether the drawing creates a node above a line.
func (s *supplier) createdBefore(i int, path string) bool {
	return above(s.where.creates, path, i) || above(s.where.creates, seriesOf(path)+"#", i)
}

// watchFor is the call that sets the watch of a notification.
func (s *supplier) watchFor(e *Act, c cause) tree.Op {
	parent := parentOf(c.path)
	listed := e.Notice.Event == tree.NodeChildrenChanged || e.Notice.Path == parent &&
		parent != c.path || e.Notice.Event == 0 && e.Notice.Path == "" &&
		c.event == tree.NodeCreated && parent != "/"
	if !listed {
		return watchOf(c.path)
	}
	op := watchOf(parent)
	op.Type = tree.OpGetChildren2
	return op
}

// anchor returns the act that causes the event of act k: the nearest fault or call, k included.
func (s *supplier) anchor(k int) int {
	for n := k; n >= 0; n-- {
		if kind := s.acts[n].Kind; kind == Fault || kind == Call {
			return n
		}
	}
	return k
}

// changes says whether an act above another changes what a call watches.
func (s *supplier) changes(before int, op *tree.Op) bool {
	return above(s.where.writes, op.Path, before) ||
		above(s.where.creates, seriesOf(op.Path)+"#", before) ||
		op.Type == tree.OpGetChildren2 && above(s.where.under, op.Path, before)
}

// goWithSessions makes the nodes ephemeral of which a drawing says that they are deleted, by
// nobody, after a fault of the client that has made them. An author who calls some nodes ephemeral
// means that the others are not.
func (s *supplier) goWithSessions() {
	if s.world.NoParents || slices.ContainsFunc(s.acts, func(a *Act) bool {
		return a.Kind == Call && a.Op.Type == tree.OpCreate2 &&
			slices.ContainsFunc(a.plain(), isEphemeral)
	}) {
		return
	}
	done := make(map[string]bool) // by series
	for i, a := range s.acts {
		path := a.Happening.Path
		if a.Kind != Happening || a.Happening.What != NodeDeleted || path == "" ||
			done[seriesOf(path)] || len(done) > reach {
			continue
		}
		done[seriesOf(path)] = true
		for k := i - 1; k >= max(0, i-reach); k-- {
			b := s.acts[k]
			if b.Kind == Call && b.Op.Type == tree.OpDelete && b.Op.Path == path ||
				b.Kind == Fault && s.goesWith(ends(&b.Fault.Fault), k, path, a.Pos.Line) {
				break
			}
		}
	}
}

// goesWith makes a client's node ephemeral, and the other nodes of its series, if the drawing
// deletes them with the client's session. It is false if that client has not made the node.
func (s *supplier) goesWith(who string, i int, path string, line int) bool {
	made := slices.ContainsFunc(s.acts[max(0, i-reach):i], func(a *Act) bool {
		return a.Kind == Call && a.From == who && a.Op.Type == tree.OpCreate2 &&
			(a.Op.Path == path || a.named == path ||
				a.Op.Flags.IsSequential() && a.Op.Path == seriesOf(path))
	})
	if !made {
		return false
	}
	for _, a := range s.acts {
		if a.Kind == Call && a.Op.Type == tree.OpCreate2 && !a.Op.Flags.IsEphemeral() &&
			seriesOf(a.Op.Path) == seriesOf(path) &&
			!slices.ContainsFunc(a.plain(), func(w word) bool {
				return isPersistent(w) || isEphemeral(w)
			}) {
			a.Op.Flags |= tree.Ephemeral
			a.told("the node is ephemeral, as line %d says", line)
		}
	}
	return true
}

// heldBy is the client whose node another watches: the one that a fault ends before the drawing
// says that the node is gone, if nobody makes or deletes it. Empty if there is none.
func (s *supplier) heldBy(i int, watch *Act) (who string) {
	path := watch.Op.Path
	for _, a := range s.after(i) {
		switch {
		case a.Kind == Call && a.Op.Path == path && (a.Op.Type == tree.OpDelete ||
			a.Op.Type == tree.OpCreate2):
			return ""
		case a.Kind == Fault && who == "":
			if w := ends(&a.Fault.Fault); w != watch.From && !s.owns(w, i) &&
				s.world.Cast.Roles[w].Kind == RoleClient {
				who = w
			}
		case a.Kind == Happening && a.Happening.What == NodeDeleted && a.Happening.Path == path,
			(a.Kind == Event || a.Either) && a.To == watch.From &&
				a.Notice.Event == tree.NodeDeleted:
			return who
		}
	}
	return ""
}
