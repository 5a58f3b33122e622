package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// Compile compiles the diagrams of a document. Its error joins a *diagram.Error for each problem,
// in order, or names an impossible option. Even then the script has its readings.
func Compile(doc *diagram.Document, o Options) (*Script, error) {
	s := &Script{Doc: doc, strict: o.Strict}
	for _, n := range doc.Notices {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %s", n.Line, n.Message))
	}
	for _, p := range doc.Passed {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: skipped: %s", p.Line, p.Kind))
	}
	for _, p := range doc.Problems {
		if p.Mended == "" { // an act, whose reading says that it is unread
			continue
		}
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %s (%s)", p.Line, p.Error(), p.Mended))
		if o.Strict {
			s.refuse(p.Pos, "%s", p.Error())
		}
	}
	for _, d := range doc.Diagrams {
		if err := s.compile(d, o); err != nil {
			return s, err
		}
	}
	for _, w := range s.Worlds {
		w.supply()
	}
	if t := s.Read(); len(s.errors) == 0 && t.Unread == 0 && (t.Read == 0 || !s.service()) {
		d := doc.Diagrams[0]
		why := "nothing to play"
		if other := s.other(); other != "" {
			why += ": " + other + " is not ZooKeeper"
		}
		s.errors = append(s.errors, errorAt(doc.Name, diagram.Pos{Line: d.Line, Column: 1},
			"%s: name a participant ZooKeeper or S1, and have the others call it: A->>ZooKeeper: "+
				"create /leader (ephemeral)", why))
	}
	return s, errors.Join(s.errors...)
}

// service says whether some world has an ensemble or a server to ask.
func (s *Script) service() bool {
	return slices.ContainsFunc(s.Worlds, func(w *World) bool { return w.Cast.service() })
}

// other is the first participant that is another service; empty if there is none.
func (s *Script) other() string {
	for _, w := range s.Worlds {
		for _, name := range w.Cast.Order {
			if w.Cast.Roles[name].Kind == RoleOther {
				return name
			}
		}
	}
	return ""
}

// refuse takes in a problem without which no part of the document can be played: with the stage.
func (s *Script) refuse(pos diagram.Pos, format string, args ...any) {
	s.errors = append(s.errors, errorAt(s.Doc.Name, pos, format, args...))
}

// compile takes a diagram into the script: its stage, its cast, its acts.
func (s *Script) compile(d *diagram.Diagram, o Options) error {
	dirs := s.readDirectives(d)
	scene := &Scene{Diagram: d, Fresh: dirs.fresh || len(s.Worlds) == 0}
	if scene.Fresh {
		s.Worlds = append(s.Worlds, &World{Stage: engine.DefaultStage(), Cast: newCast(),
			spoken: spoken{silent: make(map[string]bool), cut: make(map[string]bool),
				names: make(map[string]string), owns: make(map[string]string),
				libraries: newLibraries()}})
	}
	w := s.Worlds[len(s.Worlds)-1]
	scene.world = w
	w.Scenes = append(w.Scenes, scene)
	s.Diagrams = append(s.Diagrams, scene)
	for _, key := range dirs.set {
		old := w.Stage
		v := dirs.values[key]
		_ = setStage(&w.Stage, key, v.value) // readDirectives has tried it
		if !scene.Fresh && w.Stage != old {
			s.refuse(v.pos, "%s=%s: this diagram continues the one before, "+
				"which has another value: write fresh, or remove the setting", key, v.value)
		}
	}
	if err := w.Stage.Check(); err != nil {
		s.refuse(scene.pos(dirs), "%s", err)
		w.Stage = engine.DefaultStage()
	}
	for _, set := range o.Set {
		err := setStage(&w.Stage, set.Key, set.Value)
		if err == nil {
			err = w.Stage.Check()
		}
		if err != nil {
			return fmt.Errorf("--%s %s: %w", set.Key, set.Value, err)
		}
	}
	scene.Stage = w.Stage
	w.Cast.add(d, dirs.resources)
	for _, told := range w.Cast.told {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %s", d.Line, told))
	}
	w.Cast.told = nil
	for _, r := range dirs.resources {
		if w.Cast.role(r.name).Kind != RoleResource {
			s.refuse(scene.pos(dirs), "resource=%s: no participant has this name: add one", r.name)
		}
	}
	for _, name := range w.Cast.Order {
		if r := w.Cast.Roles[name]; r.Kind == RoleServer && r.Plays && isServer(name) &&
			int(name[1]-'0') > w.Stage.Servers+w.Stage.Observers {
			p, _ := d.Participant(w.Cast.Drawn(name))
			s.refuse(diagram.Pos{Line: max(1, p.Line), Column: 1},
				"%s: no such server (have %s): write %%%% lab: servers=%c",
				name, serverNames(w.Stage.Servers+w.Stage.Observers), name[1])
		}
	}
	scene.stage(d, w.Cast)
	c := &compiler{script: s, scene: scene, cast: w.Cast, race: o.Race || dirs.race,
		spoken: &w.spoken}
	c.plan(dirs)
	scene.Acts = c.items(d.Items)
	return nil
}

// pos is the position of an error about the stage: the first setting.
func (s *Scene) pos(d *directives) diagram.Pos {
	if len(d.set) > 0 {
		return d.values[d.set[0]].pos
	}
	return diagram.Pos{Line: s.Diagram.Line, Column: 1}
}

func serverNames(n int) string {
	var names []string
	for i := 1; i <= n; i++ {
		names = append(names, fmt.Sprintf("S%d", i))
	}
	return strings.Join(names, " ")
}

// compiler compiles one diagram.
type compiler struct {
	script *Script
	scene  *Scene
	cast   *Cast
	race   bool

	*spoken
}

// spoken is what the lines of a world above the one that is compiled have spoken of.
type spoken struct {
	last   string            // the last path
	silent map[string]bool   // who is crashed, paused or cut off
	cut    map[string]bool   // clients that words have cut off
	names  map[string]string // paths, by their last name
	owns   map[string]string // by client: its last ephemeral node

	hurtLast   string // the client that was silenced last
	serverHurt bool   // a fault was about servers
	libraries
}

// items compiles a list of items.
func (c *compiler) items(items []diagram.Item) (acts []*Act) {
	for _, it := range items {
		if a := c.item(it); a != nil {
			acts = append(acts, a)
		}
	}
	if c.race {
		acts = c.racing(acts)
	}
	return acts
}

// line is the text of an arrow or a note, as it is read.
type line struct {
	text  string
	words []word
	cross bool // the arrow ends in a cross: it is lost
}

// item compiles an arrow, a note or a block; of anything else nothing is played.
func (c *compiler) item(it diagram.Item) *Act {
	switch it := it.(type) {
	case *diagram.Arrow:
		a := &Act{
			Pos: it.Pos, From: c.cast.name(it.From), To: c.cast.name(it.To), Expect: it.Expect,
			Text: diagram.Plain(it.Text),
		}
		c.through(a, a.Text)
		l := lineOf(a.Text)
		l.cross = it.Head == diagram.HeadCross || lost(l.words)
		return c.add(a, it.TextPos, c.arrow(a, l))
	case *diagram.Note:
		over := make([]string, len(it.Over))
		for i, name := range it.Over {
			over[i] = c.cast.name(name)
		}
		a := &Act{
			Pos: it.Pos, From: strings.Join(over, ","), To: "", Expect: it.Expect,
			Text: diagram.Plain(it.Text),
		}
		if it.Divider { // a heading: what it names is drawn below it
			a.Kind = Remark
			return c.add(a, it.TextPos, nil)
		}
		return c.add(a, it.TextPos, c.note(a, c.users(over), lineOf(a.Text)))
	case *diagram.Unread:
		a := &Act{Pos: it.Pos, Text: it.Text}
		return c.add(a, it.Pos, &misread{it.Problem, it.Nearest})
	case *diagram.Block:
		return c.block(it)
	}
	return nil
}

func lineOf(text string) line {
	text = normal(text)
	return line{text: text, words: wordsOf(text)}
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

// arrow decides what an arrow means by the roles at its ends.
func (c *compiler) arrow(a *Act, l line) error {
	from, to := c.cast.Roles[a.From], c.cast.Roles[a.To]
	if a.From == a.To || c.faulty(l, a.From, a.To) {
		return c.note(a, []string{a.From}, l)
	}
	if from.Kind == RoleLibrary || to.Kind == RoleLibrary {
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
		err = c.answer(a, l)
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
	if aliveWords.in(l.words) {
		a.Kind = Heartbeat
		return nil
	}
	a.Kind = Call
	op, denies, err := parseCall(l.text, l.words)
	if _, _, v := find(l.words, calls); v == verbNone && expiryWords.in(l.words) {
		return c.note(a, []string{a.From}, l)
	}
	if errors.Is(err, errNoPath) {
		err = c.path(a, &op, l.words)
	}
	if err != nil {
		return err
	}
	c.complete(a, &op, l)
	a.Op = op
	if op.Flags.IsEphemeral() && !denies {
		c.owns[a.From] = op.Path
	}
	c.speak(op.Path)
	if denies {
		a.deny()
	}
	return nil
}

// lockWords ask for a lock: a node that is there as long as its client.
var lockWords = lexiconOf([]string{"acquire", "acquires", "claim", "claims", "lock creation",
	"acquirelock"})

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

// speak notes a path that a line speaks of, so that later lines may shorten or omit it.
func (c *compiler) speak(path string) {
	path = strings.TrimRight(path, "/")
	if path == "" {
		return
	}
	c.last = path
	if len(c.names) < 10_000 {
		c.names[strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])] = path
	}
}

// shortened is the path that a word stands for that is only its last name; empty if none is.
func (c *compiler) shortened(words []word) string {
	for _, w := range words {
		if path := c.names[w.is]; path != "" && strings.Trim(w.is, "abcdefghijklmnopqrstuvwxyz") != "" {
			return path
		}
	}
	return ""
}

// path gives a call without a path one: the last that was spoken of, or a new one.
func (c *compiler) path(a *Act, op *tree.Op, words []word) error {
	if path := c.shortened(words); path != "" {
		op.Path = path
		a.Supplied = append(a.Supplied, "the rest of the path: "+path)
	} else if len(words) == 2 && !plainWords.in(words[1:]) && !words[1].quoted && validPath(words[1].is) {
		op.Path = "/" + strings.Trim(words[1].raw, ".,;:!?()")
		a.Supplied = append(a.Supplied, "a slash: "+op.Path)
	} else if c.last != "" && c.last != "/" {
		op.Path = c.last
		if op.Flags.IsSequential() && op.Type == tree.OpCreate2 {
			op.Path = strings.TrimRight(op.Path, "0123456789")
		}
		a.Supplied = append(a.Supplied, "the path last mentioned: "+op.Path)
	} else {
		op.Path = "/node"
		if lockWords.in(words) || has(words, "lock") {
			op.Path = "/lock"
		}
		if op.Flags.IsSequential() {
			op.Path += "-"
		}
		a.Supplied = append(a.Supplied, "a path: "+op.Path)
	}
	return tree.ValidateCreatePath(op.Path, op.Flags.IsSequential())
}

// validPath says whether a word could be a path whose slash was forgotten.
func validPath(word string) bool {
	switch word {
	case "ephemeral", "sequential", "children", "data", "watch", "ok":
		return false
	}
	return strings.Trim(word, "abcdefghijklmnopqrstuvwxyz0123456789-_/") == ""
}

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
	a.Fault = FaultNote{Fault: c.isolate(who)}
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

// upWords say on an arrow to a client that its session is up.
var upWords = lexiconOf([]string{"pong", "ping", "alive", "heartbeat", "connected"})

// answer reads an arrow to a client: an answer or a notification.
func (c *compiler) answer(a *Act, l line) error {
	n, isNotice, sure := parseNotice(l.words)
	r, isReply, err := parseReply(l.text, l.words)
	a.Notice, a.Reply = n, r
	c.speak(n.Path)
	if mine := c.owns[a.To]; mine != "" && len(n.Path) > len(mine) &&
		strings.HasPrefix(n.Path, mine) {
		c.owns[a.To] = n.Path
	}
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

// packets are the words for messages between servers.
var packets = newLexicon([]phrase[string]{
	{"vote", "NOTIFICATION"}, {"votes", "NOTIFICATION"}, {"notification", "NOTIFICATION"},
	{"followerinfo", "FOLLOWERINFO"}, {"observerinfo", "OBSERVERINFO"},
	{"leaderinfo", "LEADERINFO"},
	{"ackepoch", "ACKEPOCH"}, {"diff", "DIFF"}, {"trunc", "TRUNC"}, {"snap", "SNAP"},
	{"snapdata", "SNAPDATA"},
	{"ack-e", "ACKEPOCH"}, {"ack-epoch", "ACKEPOCH"}, {"ack-ld", "ACK"}, {"acknewleader", "ACK"}, {"ack-newleader", "ACK"},
	{"commit-ld", "UPTODATE"}, {"newepoch", "LEADERINFO"}, {"cepoch", "FOLLOWERINFO"},
	{"newleader", "NEWLEADER"}, {"uptodate", "UPTODATE"}, {"proposal", "PROPOSAL"},
	{"propose", "PROPOSAL"},
	{"proposes", "PROPOSAL"}, {"ack", "ACK"}, {"acks", "ACK"}, {"commit", "COMMIT"},
	{"commits", "COMMIT"},
	{"inform", "INFORM"}, {"ping", "PING"}, {"request", "REQUEST"}, {"forward", "REQUEST"},
	{"forwards", "REQUEST"},
	{"revalidate", "REVALIDATE"}, {"sync", "SYNC"},
})

// packet reads an arrow between servers.
func (c *compiler) packet(a *Act, l line) error {
	words := l.words
	at, length, name := find(words, packets)
	if at < 0 {
		return unknown(l.text, words, packets, "no known message between servers",
			"vote, FOLLOWERINFO, LEADERINFO, ACKEPOCH, DIFF, TRUNC, SNAP, NEWLEADER, UPTODATE, "+
				"PROPOSAL 1/3, ACK, COMMIT, INFORM or REQUEST")
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
	rest := words[at+length:]
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

// note decides what a note means: a fault, a wait, something expected of the servers, or a remark.
// An arrow to oneself is read as a note.
func (c *compiler) note(a *Act, over []string, l line) error {
	if err := foreign(l.words); err != nil {
		return err
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
	if h, ok, denies := c.parseHappening(over, l); ok {
		a.Kind, a.Happening = Happening, h
		c.speak(h.Path)
		if h.supplied != "" {
			a.Supplied = append(a.Supplied, h.supplied)
		}
		if denies {
			a.deny()
			return nil
		}
		if raw := stray(l.words, 0); raw != "" {
			return strayError(raw)
		}
		return nil
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

// expiry reads a note over a client that says that its session ends. If nothing drawn above has
// silenced the client, the ensemble ends it.
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
	a.Supplied = append(a.Supplied, "the ensemble ends the session of "+over[0])
	c.hurt(&a.Fault)
	return true
}

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

// add takes in an act. If it could not be read, it is unread, and an error for a strict reader.
func (c *compiler) add(a *Act, at diagram.Pos, err error) *Act {
	a.at = at
	if err != nil {
		a.problem(err)
		if c.script.strict {
			c.script.refuse(at, "%s: %s", Clip(a.Text), a.Problem)
		}
	}
	a.ID = len(c.scene.Arrows)
	c.scene.Arrows = append(c.scene.Arrows, a)
	return a
}

// block compiles a block and its branches.
func (c *compiler) block(b *diagram.Block) *Act {
	a := &Act{Kind: Block, Pos: b.Pos, Block: b.Kind, Times: 1, Text: diagram.Plain(b.Label())}
	c.scene.blocks++
	a.Number = c.scene.blocks
	switch b.Kind {
	case "par", "par_over":
		a.Block, a.Race = "par", true
	case "alt", "critical":
		a.Block = "alt"
	case "opt", "break":
		a.Block = "opt"
	case "loop":
		for _, w := range wordsOf(a.Text) {
			switch n, ok := number(w.is); {
			case ok && n > 0 && n <= mostTimes:
				a.Times = int(n)
			case ok && n > 0:
				c.script.Notices = append(c.script.Notices, fmt.Sprintf(
					"line %d: a loop is played %d times at most: this one is played once", b.Line,
					mostTimes))
			}
		}
	default: // rect, box
		a.Block = "seq"
	}
	c.scene.stageLines = append(c.scene.stageLines, Reading{
		Line: a.Pos.Line, Column: a.Pos.Column, Text: strings.TrimSpace(b.Kind + " " + a.Text),
		Kind: Block, Says: sayBlock(a),
	})
	inner := *c
	inner.race = c.race && a.Block != "par"
	for i := range b.Branches {
		label := diagram.Plain(b.Branches[i].Label)
		first := inner.branch(b, i, label)
		acts := append(first, inner.items(b.Branches[i].Items)...)
		if label == "" {
			label = fmt.Sprintf("branch %d", i+1)
		}
		a.Branches = append(a.Branches, Branch{label, b.Branches[i].Pos, acts})
	}
	return a
}

// mostTimes is how often a loop is played at most.
const mostTimes = 1000

// branch is the fault that a branch of an alt or an opt is named after: else the leader crashes.
func (c *compiler) branch(b *diagram.Block, i int, label string) []*Act {
	switch b.Kind {
	case "alt", "opt", "critical", "break":
	default:
		return nil
	}
	l := lineOf(label)
	h, ok := c.faultAt(l.words)
	if !ok || h.denied || len(l.words) == 0 || len(h.rest) > 4 ||
		h.who == "" && !has(h.front, "leader", "follower") {
		return nil
	}
	f, ok, err := c.parseFault(nil, l)
	if !ok || err != nil {
		return nil
	}
	pos := b.Branches[i].Pos
	a := &Act{Pos: pos, From: h.who, Text: label, Kind: Fault, Fault: f.FaultNote,
		Supplied: append(f.supplied, "the fault in the branch's label")}
	if a.From == "" {
		a.From = strings.Join(c.cast.ensemble(), "")
	}
	c.hurt(&f.FaultNote)
	return []*Act{c.add(a, pos, nil)}
}

// racing turns consecutive calls of different clients into a race.
func (c *compiler) racing(acts []*Act) []*Act {
	var out []*Act
	for i := 0; i < len(acts); {
		n := i
		var seen []string
		for n < len(acts) && acts[n].Kind == Call && !slices.Contains(seen, acts[n].From) {
			seen = append(seen, acts[n].From)
			n++
		}
		if n-i < 2 {
			out = append(out, acts[i])
			i++
			continue
		}
		par := &Act{Kind: Block, Block: "par", Race: true, Pos: acts[i].Pos, Times: 1}
		for _, a := range acts[i:n] {
			par.Branches = append(par.Branches, Branch{a.From, a.Pos, []*Act{a}})
		}
		out = append(out, par)
		i = n
	}
	return out
}
