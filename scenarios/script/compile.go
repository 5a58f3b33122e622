package script

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// Compile says what the diagrams of a document mean. An error joins *diagram.Errors, one for every
// problem in order, or names the option that is impossible. The script has its readings even then.
func Compile(doc *diagram.Document, o Options) (*Script, error) {
	s := &Script{Doc: doc, strict: o.Strict}
	for _, n := range doc.Notices {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: %s", n.Line, n.Message))
	}
	for _, p := range doc.Passed {
		s.Notices = append(s.Notices, fmt.Sprintf("line %d: passed over: %s", p.Line, p.Kind))
	}
	for _, d := range doc.Diagrams {
		if err := s.compile(d, o); err != nil {
			return s, err
		}
	}
	if t := s.Read(); t.Read == 0 && t.Unread == 0 && len(s.errors) == 0 {
		d := doc.Diagrams[0]
		s.errors = append(s.errors, errorAt(doc.Name, diagram.Pos{Line: d.Line, Column: 1},
			"there is nothing here to play: name a participant ZooKeeper or S1, and have the "+
				"others call it: A->>ZooKeeper: create /leader (ephemeral)"))
	}
	return s, errors.Join(s.errors...)
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
		s.Worlds = append(s.Worlds, &World{Stage: engine.DefaultStage(), Cast: newCast()})
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
			s.refuse(v.pos, "%s=%s: this diagram continues with the ensemble of the one before, "+
				"which has another value: write fresh, or leave it out", key, v.value)
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
	for _, r := range dirs.resources {
		if w.Cast.Roles[r.name].Kind != RoleResource {
			s.refuse(scene.pos(dirs), "resource=%s: no participant has that name: draw one", r.name)
		}
	}
	for _, name := range w.Cast.Order {
		if r := w.Cast.Roles[name]; r.Kind == RoleServer && r.Plays &&
			int(name[1]-'0') > w.Stage.Servers+w.Stage.Observers {
			p, _ := d.Participant(name)
			s.refuse(diagram.Pos{Line: max(1, p.Line), Column: 1},
				"%s: no such server (have %s): write %%%% lab: servers=%c",
				name, serverNames(w.Stage.Servers+w.Stage.Observers), name[1])
		}
	}
	scene.stage(d, w.Cast)
	c := &compiler{script: s, scene: scene, cast: w.Cast, race: o.Race || dirs.race}
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

// item compiles an arrow, a note or a block; of anything else nothing is played.
func (c *compiler) item(it diagram.Item) *Act {
	switch it := it.(type) {
	case *diagram.Arrow:
		a := &Act{
			Pos: it.Pos, From: it.From, To: it.To, Expect: it.Expect,
			Text: diagram.Plain(it.Text),
		}
		return c.add(a, it.TextPos, c.arrow(a))
	case *diagram.Note:
		a := &Act{
			Pos: it.Pos, From: strings.Join(it.Over, ","), To: "", Expect: it.Expect,
			Text: diagram.Plain(it.Text),
		}
		return c.add(a, it.TextPos, c.note(a, it))
	case *diagram.Block:
		return c.block(it)
	}
	return nil
}

// arrow decides what an arrow means by the roles at its ends.
func (c *compiler) arrow(a *Act) error {
	from, to := c.cast.Roles[a.From], c.cast.Roles[a.To]
	switch {
	case a.From == a.To || from.Kind == RoleClient && to.Kind == RoleClient:
		a.Kind = Remark
	case from.Kind == RoleClient && to.Kind == RoleResource:
		a.Kind = Write
	case from.Kind == RoleClient:
		return c.call(a)
	case to.Kind == RoleClient && from.Kind == RoleResource:
		a.Kind = Reply
		a.Reply, _ = parseReply(a.Text)
	case to.Kind == RoleClient:
		return c.answer(a)
	case from.Kind == RoleServer && to.Kind == RoleServer:
		return c.packet(a)
	default:
		a.Kind = Remark
	}
	return nil
}

// call reads an arrow from a client to the ensemble.
func (c *compiler) call(a *Act) (err error) {
	if has(wordsOf(a.Text), alive...) {
		a.Kind = Heartbeat
		return nil
	}
	a.Kind = Call
	a.Op, err = parseCall(a.Text)
	return err
}

// upWords say on an arrow to a client that its session is up.
var upWords = []string{"pong", "ping", "alive", "heartbeat", "connected"}

// answer reads an arrow to a client: an answer or a notification.
func (c *compiler) answer(a *Act) error {
	n, isNotice, sure := parseNotice(a.Text)
	r, isReply := parseReply(a.Text)
	a.Notice, a.Reply = n, r
	switch {
	case !sure && !isReply && has(wordsOf(a.Text), upWords...):
		a.Kind = Heartbeat
	case sure:
		a.Kind = Event
	case isNotice:
		a.Kind, a.Either = Reply, true // "deleted" may be either: the run decides
	case isReply || len(r.Values) > 0:
		a.Kind = Reply
	default:
		return errors.New("it says neither an outcome nor an event: write success, failed " +
			"— exists, a value, or notification — /leader is gone")
	}
	return nil
}

// packets are the words for messages between servers.
var packets = []phrase[string]{
	{"vote", "NOTIFICATION"}, {"votes", "NOTIFICATION"}, {"notification", "NOTIFICATION"},
	{"followerinfo", "FOLLOWERINFO"}, {"observerinfo", "OBSERVERINFO"},
	{"leaderinfo", "LEADERINFO"},
	{"ackepoch", "ACKEPOCH"}, {"diff", "DIFF"}, {"trunc", "TRUNC"}, {"snap", "SNAP"},
	{"snapdata", "SNAPDATA"},
	{"newleader", "NEWLEADER"}, {"uptodate", "UPTODATE"}, {"proposal", "PROPOSAL"},
	{"propose", "PROPOSAL"},
	{"proposes", "PROPOSAL"}, {"ack", "ACK"}, {"acks", "ACK"}, {"commit", "COMMIT"},
	{"commits", "COMMIT"},
	{"inform", "INFORM"}, {"ping", "PING"}, {"request", "REQUEST"}, {"forward", "REQUEST"},
	{"forwards", "REQUEST"},
	{"revalidate", "REVALIDATE"}, {"sync", "SYNC"},
}

// packet reads an arrow between servers.
func (c *compiler) packet(a *Act) error {
	words := wordsOf(a.Text)
	at, _, name := find(words, packets)
	if at < 0 {
		return unknown(a.Text, words, packets, "no message between servers has that name",
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
	return nil
}

// note decides what a note means: a fault, a wait, something expected of the servers, or a remark.
func (c *compiler) note(a *Act, n *diagram.Note) error {
	f, ok, err := c.cast.parseFault(n, a.Text)
	switch {
	case err != nil:
		return err
	case ok:
		a.Kind, a.Fault = Fault, f
		return c.known(a, f.Fault)
	}
	if span, ok := parseWait(a.Text); ok {
		if span > longestWait {
			return fmt.Errorf("a wait of %s: the longest is %s", span, longestWait)
		}
		a.Kind, a.Wait = Wait, span
		return nil
	}
	if h, ok := c.cast.parseHappening(n, a.Text); ok {
		a.Kind, a.Happening = Happening, h
		return nil
	}
	a.Kind = Remark
	return nil
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
		case !ok, r.Kind == RoleClient && !r.Plays:
			return fmt.Errorf("%s: no such participant: there are %s, and the servers %s", n,
				strings.Join(c.cast.Playing(), ", "), serverNames(all))
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
	switch b.Kind {
	case "par", "par_over":
		a.Block, a.Race = "par", true
	case "alt", "critical":
		a.Block = "alt"
	case "opt", "break":
		a.Block = "opt"
	case "loop":
		for _, w := range wordsOf(a.Text) {
			if n, ok := number(w.is); ok && n > 0 && n <= 1000 {
				a.Times = int(n)
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
		acts := inner.items(b.Branches[i].Items)
		label := diagram.Plain(b.Branches[i].Label)
		if label == "" {
			label = fmt.Sprintf("branch %d", i+1)
		}
		a.Branches = append(a.Branches, Branch{label, b.Branches[i].Pos, acts})
	}
	return a
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
