package scenarios

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// Kind is what an arrow or a note of a drawing is to the lab.
type Kind string

// The kinds.
const (
	Call       Kind = "call"       // a client asks the ensemble for something
	Heartbeat  Kind = "heartbeat"  // a session is said to be up
	Reply      Kind = "reply"      // an answer is expected
	Event      Kind = "event"      // a notification is expected
	Happening  Kind = "happening"  // something is expected to happen at the servers
	Packet     Kind = "message"    // a message between servers is expected
	Fault      Kind = "fault"      // something is broken or mended
	Wait       Kind = "wait"       // time passes
	Write      Kind = "write"      // a client writes to a resource
	RemarkKind Kind = "remark"     // for the reader only
	block      Kind = "block"      // par, alt, opt, loop
	Unread     Kind = "not-played" // left out because of --lenient
)

// act is one thing to do or to expect, compiled.
type act struct {
	kind   Kind
	id     int // index among the arrows of its diagram
	pos    diagram.Pos
	text   string
	from   string
	to     string
	expect diagram.Expect

	op        tree.Op
	reply     reply
	notice    notice
	either    bool // a reply, or a notification if nothing was asked
	happening ensembleNote
	packet    string
	zxid      zab.Zxid
	hasZxid   bool
	voteFor   zab.ID // of a vote that says for whom: vote for S3
	node      string // of a proposal that says what of: PROPOSAL 1/3 create /x
	fault     faultSpec
	wait      sim.Time

	name     string // of a block: par, alt, opt, loop
	race     bool   // a par whose winner counts
	branches []branch
	times    int
}

type branch struct {
	label string
	pos   diagram.Pos
	acts  []*act
}

// Script is a document ready to be played.
type Script struct {
	Doc      *diagram.Document
	Diagrams []*Scene
	Notices  []string
	worlds   []*worldSpec
}

// Scene is one diagram of a script.
type Scene struct {
	Diagram *diagram.Diagram
	Stage   Stage
	Fresh   bool // it begins a world of its own

	world  *worldSpec
	acts   []*act
	arrows []*act // every arrow and note, in order
}

// worldSpec is what diagrams that continue one another share.
type worldSpec struct {
	stage  Stage
	cast   *cast
	scenes []*Scene
}

// Options are what the command line says. The zero value says nothing.
type Options struct {
	Seed    *uint64
	Seeds   int       // how many, from Seed on; 0 means 1
	Set     []Setting // override what documents say
	Race    bool      // consecutive calls of different clients start together
	Lenient bool      // what is not understood is left out and listed
	Plan    sim.Plan  // faults, at moments of each world or at events
	Places  []string  // where each fault of the plan was written, for errors; may be shorter
	Until   Until
	Keep    bool // keep the records of the first seed, for traces and pictures
	// LinearizableReads asks for more than ZooKeeper promises: a stale read breaks the run.
	LinearizableReads bool
	// Tweak, if set, changes what servers are told, for an experiment with servers that err. It must
	// do the same for equal seeds, and may be called from several goroutines.
	Tweak func(id zab.ID, c *server.Config)
	// Engine, if set, is asked for what each world is played on, instead of a simulated ensemble: then
	// there is one seed and no plan. Keep keeps its story, if it can tell it (engine.Storyteller).
	Engine func(Stage) (engine.Engine, error)
	// LongestWait, if it is not 0, is how long a note may have a run wait; a longer one is cut short, and
	// what came of it says so.
	LongestWait sim.Time
	// Doing, if set, is told of each arrow or note, its line and text, when its turn comes.
	Doing func(line int, text string)
	// Progress, if set, is told after every seed how many are done.
	Progress func(done int)
	// Stop, if set, ends a run over many seeds early when it is true.
	Stop func() bool
}

// Setting is one thing of a stage that the command line sets.
type Setting struct{ Key, Value string }

// Until is where a replay stops: at a step, or at a moment; the zero value is at the end.
type Until struct {
	Step int64
	At   sim.Time
}

// Compile reads what a document's diagrams mean. Errors are a *diagram.Error, or say which of the
// options cannot be.
func Compile(doc *diagram.Document, o Options) (*Script, error) {
	s := &Script{Doc: doc}
	for _, n := range doc.Notices {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %s", n.Line, n.Message))
	}
	for _, p := range doc.Passed {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: passed over: %s", p.Line, p.Kind))
	}
	playable := false
	for _, d := range doc.Diagrams {
		scene, err := s.compile(d, o)
		if err != nil {
			return nil, err
		}
		for _, a := range scene.arrows {
			playable = playable || a.kind != RemarkKind && a.kind != Unread
		}
	}
	if !playable {
		d := doc.Diagrams[0]
		return nil, errorAt(doc.Name, diagram.Pos{Line: d.Line, Column: 1},
			"there is nothing here to play: call a participant ZooKeeper, or S1, and let the others ask it: A->>ZooKeeper: create /leader (ephemeral)")
	}
	return s, nil
}

func (s *Script) compile(d *diagram.Diagram, o Options) (*Scene, error) {
	file := s.Doc.Name
	dirs, err := readDirectives(file, d)
	if err != nil {
		return nil, err
	}
	scene := &Scene{Diagram: d, Fresh: dirs.fresh || len(s.worlds) == 0}
	if scene.Fresh {
		s.worlds = append(s.worlds, &worldSpec{stage: DefaultStage(), cast: newCast()})
	}
	w := s.worlds[len(s.worlds)-1]
	scene.world = w
	w.scenes = append(w.scenes, scene)
	s.Diagrams = append(s.Diagrams, scene)
	for _, key := range dirs.set {
		old := w.stage
		v := dirs.values[key]
		_ = w.stage.set(key, v.value) // it was tried when it was read
		if !scene.Fresh && w.stage != old {
			return nil, errorAt(file, v.pos, "%s=%s: this diagram goes on with the ensemble of the one before, "+
				"which has another: write fresh, or leave it out", key, v.value)
		}
	}
	if err := w.stage.Check(); err != nil {
		return nil, errorAt(file, scene.pos(dirs), "%s", err)
	}
	for _, set := range o.Set {
		err := w.stage.set(set.Key, set.Value)
		if err == nil {
			err = w.stage.Check()
		}
		if err != nil {
			return nil, fmt.Errorf("--%s %s: %w", set.Key, set.Value, err)
		}
	}
	scene.Stage = w.stage
	w.cast.add(d, dirs.resources)
	for _, r := range dirs.resources {
		if w.cast.roles[r.name].kind != roleResource {
			return nil, errorAt(file, scene.pos(dirs), "resource=%s: no participant of that name: draw one", r.name)
		}
	}
	for _, name := range w.cast.order {
		if r := w.cast.roles[name]; r.kind == roleServer && int(name[1]-'0') > w.stage.Servers+w.stage.Observers {
			p, _ := d.Participant(name)
			return nil, errorAt(file, diagram.Pos{Line: max(1, p.Line), Column: 1}, "%s: no such server (have %s): write %%%% lab: servers=%c",
				name, serverNames(w.stage.Servers+w.stage.Observers), name[1])
		}
	}
	c := &compiler{script: s, scene: scene, cast: w.cast, file: file, lenient: o.Lenient, race: o.Race || dirs.race}
	if scene.acts, err = c.items(d.Items); err != nil {
		return nil, err
	}
	return scene, nil
}

// pos is where an error about the stage is said to be: at the first setting.
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

type compiler struct {
	script  *Script
	scene   *Scene
	cast    *cast
	file    string
	lenient bool
	race    bool
}

func (c *compiler) items(items []diagram.Item) ([]*act, error) {
	var acts []*act
	for _, it := range items {
		a, err := c.item(it)
		if err != nil {
			return nil, err
		}
		if a != nil {
			acts = append(acts, a)
		}
	}
	if c.race {
		acts = c.racing(acts)
	}
	return acts, nil
}

func (c *compiler) item(it diagram.Item) (*act, error) {
	switch it := it.(type) {
	case *diagram.Arrow:
		a := &act{
			pos: it.Pos, from: it.From, to: it.To, expect: it.Expect,
			text: diagram.Plain(it.Text),
		}
		return c.add(a, it.TextPos, c.arrow(a))
	case *diagram.Note:
		a := &act{
			pos: it.Pos, from: strings.Join(it.Over, ","), to: "", expect: it.Expect,
			text: diagram.Plain(it.Text),
		}
		return c.add(a, it.TextPos, c.note(a, it))
	case *diagram.Block:
		return c.block(it)
	}
	return nil, nil
}

// add takes an act in; what could not be read is an error, or left out.
func (c *compiler) add(a *act, at diagram.Pos, err error) (*act, error) {
	if err != nil {
		if !c.lenient || !errors.Is(err, errUnread) {
			var e *diagram.Error
			if errors.As(err, &e) {
				return nil, err
			}
			return nil, errorAt(c.file, at, "%s: %s", clip(a.text), strings.TrimPrefix(err.Error(), errUnread.Error()))
		}
		a.kind = Unread
		c.script.Notices = append(c.script.Notices, fmt.Sprintf("line %d: left out: %s", a.pos.Line, clip(a.text)))
	}
	a.id = len(c.scene.arrows)
	c.scene.arrows = append(c.scene.arrows, a)
	return a, nil
}

// errUnread marks what --lenient forgives: words that nobody knows.
var errUnread = errors.New("")

func unread(err error) error { return fmt.Errorf("%w%w", errUnread, err) }

// arrow says what an arrow means by who is at its ends.
func (c *compiler) arrow(a *act) error {
	from, to := c.cast.roles[a.from], c.cast.roles[a.to]
	switch {
	case a.from == a.to || from.kind == roleClient && to.kind == roleClient:
		a.kind = RemarkKind
	case from.kind == roleClient && to.kind == roleResource:
		a.kind = Write
	case from.kind == roleClient:
		return c.call(a)
	case to.kind == roleClient && from.kind == roleResource:
		a.kind = Reply
		a.reply, _ = parseReply(a.text)
	case to.kind == roleClient:
		return c.answer(a)
	case from.kind == roleServer && to.kind == roleServer:
		return c.packet(a)
	default:
		a.kind = RemarkKind
	}
	return nil
}

func (c *compiler) call(a *act) (err error) {
	if has(wordsOf(a.text), alive...) {
		a.kind = Heartbeat
		return nil
	}
	a.kind = Call
	if a.op, err = parseCall(a.text); err != nil {
		return unread(err)
	}
	return nil
}

// answer is an arrow to a client: an answer, or a notification.
func (c *compiler) answer(a *act) error {
	n, isNotice, sure := parseNotice(a.text)
	r, isReply := parseReply(a.text)
	a.notice, a.reply = n, r
	switch {
	case !sure && !isReply && has(wordsOf(a.text), "pong", "ping", "alive", "heartbeat", "connected"):
		a.kind = Heartbeat
	case sure:
		a.kind = Event
	case isNotice:
		a.kind, a.either = Reply, true // "deleted": whichever it is, the run will tell
	case isReply || len(r.values) > 0:
		a.kind = Reply
	default:
		return unread(errors.New("this says nothing: write success, failed — exists, a value, or notification — /leader is gone"))
	}
	return nil
}

// packets are the words for the messages between servers.
var packets = []phrase[string]{
	{"vote", "NOTIFICATION"}, {"votes", "NOTIFICATION"}, {"notification", "NOTIFICATION"},
	{"followerinfo", "FOLLOWERINFO"}, {"observerinfo", "OBSERVERINFO"}, {"leaderinfo", "LEADERINFO"},
	{"ackepoch", "ACKEPOCH"}, {"diff", "DIFF"}, {"trunc", "TRUNC"}, {"snap", "SNAP"}, {"snapdata", "SNAPDATA"},
	{"newleader", "NEWLEADER"}, {"uptodate", "UPTODATE"}, {"proposal", "PROPOSAL"}, {"propose", "PROPOSAL"},
	{"proposes", "PROPOSAL"}, {"ack", "ACK"}, {"acks", "ACK"}, {"commit", "COMMIT"}, {"commits", "COMMIT"},
	{"inform", "INFORM"}, {"ping", "PING"}, {"request", "REQUEST"}, {"forward", "REQUEST"}, {"forwards", "REQUEST"},
	{"revalidate", "REVALIDATE"}, {"sync", "SYNC"},
}

func (c *compiler) packet(a *act) error {
	words := wordsOf(a.text)
	at, _, name := find(words, packets)
	if at < 0 {
		return unread(fmt.Errorf("no message between servers is called so%s: write vote, FOLLOWERINFO, LEADERINFO, ACKEPOCH, "+
			"DIFF, TRUNC, SNAP, NEWLEADER, UPTODATE, PROPOSAL 1/3, ACK, COMMIT, INFORM or REQUEST; --lenient passes it over",
			meant(words, packets)))
	}
	a.kind, a.packet = Packet, name
	a.zxid, a.hasZxid = zxidIn(words)
	a.node = firstPath(words)
	for i, w := range words {
		if name == "NOTIFICATION" && w.is == "for" && i+1 < len(words) && isServer(strings.ToUpper(words[i+1].is)) {
			a.voteFor = zab.ID(words[i+1].is[1] - '0')
		}
	}
	return nil
}

// note says what a note means: a fault, a wait, something that happens at the servers, or nothing.
func (c *compiler) note(a *act, n *diagram.Note) error {
	f, ok, err := c.cast.parseFault(n, a.text)
	switch {
	case err != nil:
		return err
	case ok:
		a.kind, a.fault = Fault, f
		return c.known(a, f.fault)
	}
	if span, ok := parseWait(a.text); ok {
		if span > longestWait {
			return fmt.Errorf("a wait of %s: the longest is %s", span, longestWait)
		}
		a.kind, a.wait = Wait, span
		return nil
	}
	if h, ok := c.cast.parseHappening(n, a.text); ok {
		a.kind, a.happening = Happening, h
		return nil
	}
	a.kind = RemarkKind
	return nil
}

// longestWait is how long a note may let pass: a day takes half a second.
const longestWait = 24 * sim.Hour

// known checks that a fault names nobody who is not there.
func (c *compiler) known(a *act, f sim.Fault) error {
	names := slices.Clone(f.Who)
	for _, g := range f.Groups {
		names = append(names, g...)
	}
	all := c.scene.world.stage.Servers + c.scene.world.stage.Observers
	for _, n := range names {
		r, ok := c.cast.roles[n]
		switch {
		case isServer(n) && int(n[1]-'0') <= all:
		case isServer(n):
			return fmt.Errorf("%s: no such server (have %s): write %%%% lab: servers=%c", n, serverNames(all), n[1])
		case !ok, r.kind == roleClient && !r.plays:
			return fmt.Errorf("%s: no such participant: there are %s, and the servers %s", n,
				strings.Join(c.cast.playing(), ", "), serverNames(all))
		case r.kind != roleClient:
			return fmt.Errorf("%s is no machine of its own: name a server (%s) or a client", n, serverNames(all))
		}
	}
	return nil
}

func (c *compiler) block(b *diagram.Block) (*act, error) {
	a := &act{kind: block, pos: b.Pos, name: b.Kind, times: 1, text: diagram.Plain(b.Label())}
	switch b.Kind {
	case "par", "par_over":
		a.name, a.race = "par", true
	case "alt", "critical":
		a.name = "alt"
	case "opt", "break":
		a.name = "opt"
	case "loop":
		for _, w := range wordsOf(a.text) {
			if n, ok := number(w.is); ok && n > 0 && n <= 1000 {
				a.times = int(n)
			}
		}
	default: // rect, box
		a.name = "seq"
	}
	inner := *c
	inner.race = c.race && a.name != "par"
	for i := range b.Branches {
		acts, err := inner.items(b.Branches[i].Items)
		if err != nil {
			return nil, err
		}
		label := diagram.Plain(b.Branches[i].Label)
		if label == "" {
			label = fmt.Sprintf("branch %d", i+1)
		}
		a.branches = append(a.branches, branch{label, b.Branches[i].Pos, acts})
	}
	return a, nil
}

// racing makes a race of every run of calls by different clients.
func (c *compiler) racing(acts []*act) []*act {
	var out []*act
	for i := 0; i < len(acts); {
		n := i
		var seen []string
		for n < len(acts) && acts[n].kind == Call && !slices.Contains(seen, acts[n].from) {
			seen = append(seen, acts[n].from)
			n++
		}
		if n-i < 2 {
			out = append(out, acts[i])
			i++
			continue
		}
		par := &act{kind: block, name: "par", race: true, pos: acts[i].pos, times: 1}
		for _, a := range acts[i:n] {
			par.branches = append(par.branches, branch{a.from, a.pos, []*act{a}})
		}
		out = append(out, par)
		i = n
	}
	return out
}

// Arrows counts the arrows and notes of all diagrams.
func (s *Script) Arrows() (n int) {
	for _, d := range s.Diagrams {
		n += len(d.arrows)
	}
	return n
}
