package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
)

// Compile compiles the diagrams of a document. Its error joins one [*diagram.Error] for each
// problem, in document order; if a setting in o.Set is invalid, the error names the setting.
// Compile returns a script even with an error: the script contains the [Reading] of each line that
// was compiled.
func Compile(doc *diagram.Document, o Options) (*Script, error) {
	s := &Script{Doc: doc, strict: o.Strict}
	for _, n := range doc.Notices {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %s", n.Line, n.Message))
	}
	for _, p := range doc.Passed {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: skipped: %s", p.Line, p.Kind))
	}
	for _, p := range doc.Problems {
		if p.Mended == "" { // an unread line, which becomes an act
			continue
		}
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %s (%s)", p.Line, p.Error(), p.Mended))
		if o.Strict {
			s.refuse(p.Pos, "%s", p.Error())
		}
	}
	for _, d := range doc.Diagrams {
		if !o.Strict {
			d = plainQuotes(d)
		}
		if err := s.compile(d, o); err != nil {
			return s, err
		}
	}
	for _, w := range s.Worlds {
		w.supply(o.Strict)
	}
	for _, scene := range s.Diagrams {
		for _, a := range scene.Arrows {
			a.numbers()
		}
	}
	for _, w := range s.Worlds {
		w.shiftVersions(o.Strict)
	}
	if o.Strict {
		s.refuseUnread()
	}
	if t := s.Read(); len(s.errors) == 0 && t.Unread == 0 && (t.Read == 0 || !s.service()) {
		d := doc.Diagrams[0]
		why := "nothing to play"
		if other := s.other(); other != "" {
			why += ": " + other + " is not ZooKeeper"
		}
		s.errors = append(s.errors, errorAt(doc.Name, diagram.Pos{Line: d.Line, Column: 1},
			"%s: name a participant ZooKeeper or S1, and draw calls to it, as in A->>ZooKeeper: "+
				"create /leader (ephemeral)", why))
	}
	return s, errors.Join(s.errors...)
}

// service reports whether a world has an ensemble or a server that clients can call.
func (s *Script) service() bool {
	return slices.ContainsFunc(s.Worlds, func(w *World) bool { return w.Cast.service() })
}

// other returns the first participant that is another service, such as etcd; empty if there is no
// such participant.
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

// refuse adds an error to the script. No part of a document with errors is played.
func (s *Script) refuse(pos diagram.Pos, format string, args ...any) {
	s.errors = append(s.errors, errorAt(s.Doc.Name, pos, format, args...))
}

// refuseUnread adds an error to the script for every line that is unread.
func (s *Script) refuseUnread() {
	for _, d := range s.Diagrams {
		for _, a := range d.Arrows {
			if a.Kind == Unread {
				s.refuse(a.at, "%s: %s", Clip(a.Text), a.Problem)
			}
		}
	}
}

// compile adds a diagram to the script: its stage, its participants, its acts.
func (s *Script) compile(d *diagram.Diagram, o Options) error {
	dirs := s.readDirectives(d)
	scene := &Scene{Diagram: d, Fresh: dirs.fresh || len(s.Worlds) == 0}
	if scene.Fresh {
		s.Worlds = append(s.Worlds, newWorld())
	}
	w := s.Worlds[len(s.Worlds)-1]
	scene.world = w
	w.Scenes = append(w.Scenes, scene)
	s.Diagrams = append(s.Diagrams, scene)
	if err := s.setting(scene, dirs, o); err != nil {
		return err
	}
	w.Cast.add(d, dirs.resources, o.Strict)
	for _, told := range w.Cast.told {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %s", d.Line, told))
	}
	w.Cast.told = nil
	if !o.Strict && scene.Fresh {
		s.enlarge(scene, dirs, o)
	}
	if o.Strict {
		s.refuseTimeouts(scene)
	} else {
		s.stretch(scene, dirs, o)
	}
	s.late(scene)
	scene.Stage = w.Stage
	s.refuseCast(scene, dirs)
	scene.stage(d, w.Cast)
	c := &compiler{script: s, scene: scene, cast: w.Cast, race: o.Race || dirs.race,
		spoken: &w.spoken, slab: &s.slab}
	c.plan(dirs)
	scene.Acts = c.items(d.Items)
	return nil
}

// newWorld returns the world of a diagram that does not continue another.
func newWorld() *World {
	return &World{Stage: engine.DefaultStage(), Cast: newCast(),
		Timeouts: make(map[string]sim.Time),
		spoken: spoken{silent: make(map[string]bool), cut: make(map[string]bool),
			names: make(map[string]string), owns: make(map[string]string),
			digits: make(map[string]string), counts: make(map[string]string), lists: make(map[string]bool),
			nouns: make(map[string]string), queued: make(map[string]bool),
			creates: make(map[string]*Act), asked: make(map[string]*Act),
			refused: make(map[string]*Act), parts: make(map[string][]string),
			leaves: make(map[string]bool), invented: make(map[string]string),
			paused: make(map[string]bool),
			aliens: make(map[string]int), lister: make(map[string]string),
			starter: make(map[string]bool),
			idles:   make(map[string]int),
			fills:   make(map[string]string), filled: make(map[string]string),
			token: make(map[string]grant), writer: make(map[string]string),
			waits:  make(map[string]bool),
			series: make(map[string]string), made: make(map[string]int),
			libraries: newLibraries()}}
}

// refuseCast refuses resources that nobody is, and servers and observers that the stage does not
// have.
func (s *Script) refuseCast(scene *Scene, dirs *directives) {
	w := scene.world
	for _, r := range dirs.resources {
		if w.Cast.role(r.name).Kind != RoleResource {
			s.refuse(scene.pos(dirs), "resource=%s: no participant has this name: "+
				"add a participant", r.name)
		}
	}
	for _, name := range w.Cast.Order {
		if r := w.Cast.Roles[name]; r.Kind == RoleServer && r.Plays && isServer(name) &&
			int(name[1]-'0') > w.Stage.Servers+w.Stage.Observers {
			p, _ := scene.Diagram.Participant(w.Cast.Drawn(name))
			s.refuse(diagram.Pos{Line: max(1, p.Line), Column: 1},
				"%s: the ensemble has only the servers %s: write %%%% lab: servers=%c",
				name, serverNames(w.Stage.Servers+w.Stage.Observers), name[1])
		}
	}
	for _, name := range w.Cast.Order {
		if r := w.Cast.Roles[name]; r.Observes > w.Stage.Observers && r.Plays {
			p, _ := scene.Diagram.Participant(w.Cast.Drawn(name))
			s.refuse(diagram.Pos{Line: max(1, p.Line), Column: 1},
				"%s is observer number %d, but the number of observers in the ensemble is %d: "+
					"write %%%% lab: observers=%[2]d",
				w.Cast.Drawn(name), r.Observes, w.Stage.Observers)
		}
	}
}

// pos returns the position for an error about the stage: the first setting.
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
	under  string       // the participant under the note that is read, if it is one
	heard  *Act         // the notification before the callback that is read, if it has one
	next   diagram.Item // the item below the line that is read, if it is in the same block
	slab   *[]Act
	guards map[string]bool // who gets writes with tokens, in lines in another language
	synced map[string]bool // by "from to": a sync that the second server has not answered
	recent line            // the last text that was split into words

	watchers map[string]bool // clients that set a watch in the first lines
	searched int             // how many lines these are
	owed     map[string]int  // by "from to": messages that the second server has not acknowledged

	*spoken
}

// act returns a new act. Acts are large, and a document may have many: two dozen are made at once,
// which fill 32 kB.
func (c *compiler) act() *Act {
	if len(*c.slab) == 0 {
		*c.slab = make([]Act, 24)
	}
	a := &(*c.slab)[0]
	*c.slab = (*c.slab)[1:]
	return a
}

// spoken is what the compiler remembers of the earlier lines of a world.
type spoken struct {
	last    string              // the last path
	silent  map[string]bool     // who is crashed, paused or cut off
	cut     map[string]bool     // clients that words have cut off
	names   map[string]string   // paths, by their last name
	digits  map[string]string   // paths, by the number of three digits or more at their end
	counts  map[string]string   // the same, by the number without the zeros before it
	owns    map[string]string   // by client: its last ephemeral node
	parts   map[string][]string // paths, by a word of their last names
	asked   map[string]*Act     // by client: its last call
	creates map[string]*Act     // by client: its last create
	refused map[string]*Act     // by client: its last create, if the drawn answer is a refusal
	leaves  map[string]bool     // paths that were created ephemeral or sequential
	// paths that the drawing does not name, with the client that made the first call on each
	invented map[string]string
	paused   map[string]bool   // clients whose pause goes on
	series   map[string]string // paths of sequential creates, by their last name
	made     map[string]int    // how many of them there are, by path
	office   string            // the path of the last create for an office that names no path
	queued   map[string]bool   // clients whose recipe waits for another's node to go
	nouns    map[string]string // paths of things that lines name by a noun alone
	lists    map[string]bool   // clients that watch the children of a node
	starter  map[string]bool   // clients that have started the ensemble with their last line
	idles    map[string]int    // by client: its last line, if that says only that it waits
	lister   map[string]string // by client: the path whose children it has listed last
	fills    map[string]string // by path with a placeholder: the client that has created it first
	filled   map[string]string // by such a path, a blank and another client: its own path
	listed   string            // the path of the last call for children

	alien  int            // the last line in another language that may be a call or a fault
	aliens map[string]int // by client: the last such line that may say that it fails
	// alienServers is the last line in another language at a server.
	alienServers int

	waits  map[string]bool   // clients whose last call has no answer yet
	writer map[string]string // by resource: the client whose write it has not answered
	grants []grant           // the fencing tokens that the lines show
	token  map[string]grant  // by client: its last token

	hurtLast   string // the last client with a fault
	serverHurt bool   // true after a fault of a server
	libraries
}

// items compiles a list of items into acts.
func (c *compiler) items(items []diagram.Item) (acts []*Act) {
	next := below(items)
	for i, it := range items {
		c.next = next[i]
		if onlyRemark(it) {
			acts = append(acts, c.remark(it))
		} else if a := c.overlong(it); a != nil {
			acts = append(acts, a)
		} else if arrow, ok := it.(*diagram.Arrow); ok {
			drawn := c.arrows(arrow)
			if before := c.endBefore(arrow); before != nil {
				acts = append(acts, before)
			}
			acts = append(acts, drawn...)
			n := len(drawn)
			if n > 0 && drawn[n-1].Kind == Fault && drawn[n-1].Fault.Over && !c.showsEnd() {
				acts = append(acts, c.end(drawn[n-1]))
			}
		} else if a := c.item(it); a != nil {
			if acts = append(acts, a); c.endsToo(a) {
				acts = append(acts, c.end(a))
			}
		}
	}
	if c.race {
		acts = c.racing(acts)
	}
	return acts
}

// mostText is the longest text of an arrow or a note that is read, in bytes. Some readers look at
// each word of a text from each other word.
const mostText = 1 << 14

// overlong returns an unread act for an arrow or a note whose text is too long to be read, or nil.
func (c *compiler) overlong(it diagram.Item) *Act {
	var text, from, to string
	var at diagram.Pos
	switch it := it.(type) {
	case *diagram.Arrow:
		text, at, from, to = it.Text, it.TextPos, it.From, it.To
	case *diagram.Note:
		text, at, from = it.Text, it.TextPos, it.Over[0]
	}
	if len(text) <= mostText {
		return nil
	}
	a := c.act()
	a.Pos, a.From = it.Position(), c.cast.name(from)
	if to != "" {
		a.To = c.cast.name(to)
	}
	a.Text = strings.ToValidUTF8(text[:mostText/64], "") + "…"
	return c.add(a, at, &misread{why: fmt.Sprintf("the text has %d bytes: write at most %d", len(text),
		mostText)})
}

// arrows compiles an arrow, which may make several calls, or be a notification and a call.
func (c *compiler) arrows(it *diagram.Arrow) (acts []*Act) {
	for _, part := range c.twofold(it) {
		from, to := c.cast.role(part.From).Kind, c.cast.role(part.To).Kind
		var parts []*diagram.Arrow
		var left string
		var err error
		if (from == RoleClient || from == RoleLibrary) && (to == RoleEnsemble || to == RoleServer) &&
			!part.Dashed && part.Head != diagram.HeadCross {
			parts, left, err = c.joint(part)
		}
		if err == nil && (parts == nil || c.script.strict) {
			c.heard = nil
			a := c.item(part)
			if c.heard != nil {
				acts = append(acts, c.heard)
			}
			if acts = append(acts, a); left != "" && a.Kind == Call {
				a.beside("not played: %s", left)
			}
			if a.Trails {
				acts = append(acts, c.queues(a))
			}
			continue
		}
		if err != nil {
			a := &Act{Pos: part.Pos, From: c.cast.name(part.From), To: c.cast.name(part.To),
				Expect: part.Expect, Text: diagram.Plain(part.Text)}
			acts = append(acts, c.add(a, part.TextPos, err))
			continue
		}
		for _, p := range parts {
			a := c.item(p)
			a.Joint = true
			acts = append(acts, a)
		}
	}
	return acts
}

// item compiles an arrow, a note, an unread statement or a block. It returns nil for any other
// item.
func (c *compiler) item(it diagram.Item) *Act {
	switch it := it.(type) {
	case *diagram.Arrow:
		a := c.act()
		a.Pos, a.From, a.To, a.Expect = it.Pos, c.cast.name(it.From), c.cast.name(it.To), it.Expect
		a.Text = diagram.Plain(it.Text)
		if why := c.scene.contradicts[it.Line]; why != "" {
			a.told("%s", why)
		}
		c.through(a, a.Text)
		l := c.line(a.Text)
		a.keep(l)
		l.cross = it.Head == diagram.HeadCross || lost(l.words)
		err := c.arrow(a, l)
		if err == nil {
			c.tokens(a, l)
		}
		return c.add(a, it.TextPos, err)
	case *diagram.Note:
		over := make([]string, len(it.Over))
		for i, name := range it.Over {
			over[i] = c.cast.name(name)
		}
		a := c.act()
		a.Pos, a.From, a.Expect = it.Pos, strings.Join(over, ","), it.Expect
		a.Text = diagram.Plain(it.Text)
		l := c.line(a.Text)
		a.keep(l)
		if h, ok := c.faultAt(l.words); it.Divider && (!ok || h.who == "" ||
			c.script.strict) { // a heading is only for the reader
			a.Kind = Remark
			return c.add(a, it.TextPos, nil)
		}
		a.heading = it.Divider
		return c.add(a, it.TextPos, c.note(a, c.users(over), l))
	case *diagram.Unread:
		a := &Act{Pos: it.Pos, Text: it.Text}
		return c.add(a, it.Pos, &misread{why: it.Problem, nearest: it.Nearest})
	case *diagram.Block:
		return c.block(it)
	}
	return nil
}

// add adds an act to the scene. If err is not nil, the act is unread; with Options.Strict it is
// also an error of the script.
func (c *compiler) add(a *Act, at diagram.Pos, err error) *Act {
	a.at = at
	if err != nil {
		a.problem(err)
	}
	c.doubts(a, err)
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
		a.Block, a.Options = "alt", b.Kind == "critical" && !c.script.strict
	case "opt", "break":
		a.Block = "opt"
	case "loop":
		for _, w := range a.words() {
			switch n, ok := number(w.is); {
			case ok && n > 0 && n <= mostTimes:
				a.Times = int(n)
			case ok && n > 0:
				c.script.Notices = append(c.script.Notices, fmt.Sprintf("line %d: this loop is "+
					"played only once: %d times exceed the limit of %d", b.Line, n, mostTimes))
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
	if a.Block == "par" && !c.race && numbersRise(a.Branches) {
		a.Block, a.Race = "seq", false
		for _, branch := range a.Branches[1:] {
			a.Branches[0].Acts = append(a.Branches[0].Acts, branch.Acts...)
		}
		a.Branches = a.Branches[:1]
		a.Branches[0].Acts[0].told("the branches are played one after another, because the " +
			"sequential nodes in their answers have rising numbers")
	}
	return a
}

// numbersRise says whether each branch makes a sequential node, and their answers show numbers that
// rise from branch to branch: the drawing decides who is first.
func numbersRise(branches []Branch) bool {
	last := ""
	for _, b := range branches {
		if len(b.Acts) < 2 || b.Acts[0].Kind != Call || !b.Acts[0].Op.Flags.IsSequential() {
			return false
		}
		n := ""
		for _, a := range b.Acts[1:] {
			if a.Kind == Reply && n == "" {
				path := firstPath(a.words())
				n = path[len(seriesOf(path)):]
			} else if a.Kind != Remark {
				return false
			}
		}
		if n == "" || len(n) < len(last) || len(n) == len(last) && n <= last {
			return false
		}
		last = n
	}
	return len(branches) > 1
}

// mostTimes is the largest number of times that a loop is played.
const mostTimes = 1000

// branch returns the fault that the label of a branch names, as in "else the leader crashes".
func (c *compiler) branch(b *diagram.Block, i int, label string) []*Act {
	switch b.Kind {
	case "alt", "opt", "critical", "break":
	default:
		return nil
	}
	l := lineOf(label)
	if acts := c.branchExpiry(l, b.Branches[i].Pos); acts != nil {
		return acts
	}
	if err := foreign(l.words); err != nil && !c.script.strict {
		a := c.act()
		a.Pos, a.From, a.Text = b.Branches[i].Pos, strings.Join(c.cast.ensemble(), ""), label
		return []*Act{c.add(a, a.Pos, err)}
	}
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
		Supplied: append(f.supplied, "the fault happens, because the label of the branch names it")}
	if a.From == "" {
		a.From = strings.Join(c.cast.ensemble(), "")
	}
	c.hurt(&f.FaultNote)
	return []*Act{c.add(a, pos, nil)}
}

// branchExpiry returns the expiry of a session that a branch's label names: alt session expires. It
// is the session of the client that the label names, or else of the only client that owns a node.
func (c *compiler) branchExpiry(l line, pos diagram.Pos) []*Act {
	_, what := happeningIn(l.words, sessionEnds, false)
	if what == 0 || len(l.words) > 6 || negated(l.words) || len(c.cast.ensemble()) == 0 {
		return nil
	}
	who := ""
	for i := range l.words {
		if name, n := c.cast.named(l.words[i:]); n > 0 && c.cast.Roles[name].Kind == RoleClient {
			who = name
		}
	}
	clients := c.cast.clients()
	for _, name := range clients {
		if who == "" && (len(clients) == 1 || c.owns[name] != "" && len(c.owns) == 1) {
			who = name
		}
	}
	if who == "" {
		return nil
	}
	a := &Act{Pos: pos, From: who, Text: l.text, Kind: Fault,
		Fault: FaultNote{Fault: sim.Expire(who)},
		Supplied: []string{"the ensemble ends the session of " + who +
			", as the branch's label says"}}
	c.hurt(&a.Fault)
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
