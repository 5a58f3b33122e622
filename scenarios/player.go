package scenarios

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// player plays one world of a script with one seed.
type player struct {
	script *script.Script
	spec   *script.World
	e      engine.Engine
	sim    *ensemble.Ensemble // the engine, if it is simulated: then one can look into it
	seed   uint64
	until  Until
	wait   sim.Time // the longest; 0 for any
	doing  func(line int, text string)
	err    error // why it cannot go on: the document asks for what makes no sense
	cut    bool  // stopped by Until, or interrupted

	run     *sceneRun
	started bool // the first diagram has begun
	warm    bool

	tag       int64
	actions   []action
	unclaimed map[string][]int  // by client: calls without a drawn answer
	events    map[string]int    // by client: watch events used up
	changes   int               // changes of nodes used up
	reigns    int               // elections used up
	lanes     []int64           // what threads begin with: see there
	used      map[int64]bool    // messages matched, by their record
	known     map[zab.Zxid]bool // zxids of closings that a drawing shows
	resources map[string]*resourceRun
}

// action is something that a drawing does, as against what it expects.
type action struct {
	at    sim.Time
	index int64
}

// sceneRun is what came of one diagram with one seed.
type sceneRun struct {
	arrows      []*arrowRun // by id; nil for what was not played
	branches    []string
	winners     []string
	checks      []judge.Check
	figures     witness.Figures
	fingerprint uint64
	facts       Facts
	began       sim.Time
	failure     error // a violation
	cut         bool  // it ended early
	base        sim.Stats
}

// arrowRun is what came of one arrow.
type arrowRun struct {
	verdict Verdict
	at      sim.Time // -1 if it never happened
	index   int64
	omitted []Omitted
	instead string
	answer  string // of a call: what the client was told
	whom    string // of a fault whose victim only the run could tell; of a wait that was cut short, to what
}

// thread is one line of play: what is between its acts is waiting.
type thread struct {
	acts  []*script.Act
	pc    int
	wait  *waiting
	kids  []*thread
	after func()
	lanes []int64 // by server: the record of the last message matched; shared but by branches of a par
}

// waiting is what a thread waits for. ready changes nothing; then is called once, when ready is
// true or the time is up, and may let the thread wait for something else.
type waiting struct {
	until sim.Time
	ready func() bool
	then  func()
}

func newPlayer(s *script.Script, w *script.World, seed uint64, o *Options, keep bool) (*player, error) {
	e, err := newEngine(w, seed, o, keep)
	if err != nil {
		return nil, err
	}
	simulated, _ := e.(*ensemble.Ensemble)
	p := &player{
		script: s, spec: w, e: e, sim: simulated, seed: seed, until: o.Until, wait: o.LongestWait, doing: o.Doing, known: make(map[zab.Zxid]bool),
		unclaimed: make(map[string][]int), events: make(map[string]int),
		lanes: make([]int64, ensemble.Most+1), resources: make(map[string]*resourceRun), used: make(map[int64]bool),
	}
	for i := range p.lanes {
		p.lanes[i] = -1
	}
	for _, name := range w.Cast.Playing() {
		switch r := w.Cast.Roles[name]; r.Kind {
		case script.RoleClient:
			if _, err := e.AddActor(name, r.Home); err != nil {
				e.Close()
				return nil, err
			}
		case script.RoleResource:
			p.resources[name] = newResource(simulated, name, r.Fenced)
		}
	}
	for i, f := range o.Plan {
		if err := e.CheckFault(f); err != nil {
			place := "the plan"
			if i < len(o.Places) {
				place = o.Places[i]
			}
			e.Close()
			return nil, fmt.Errorf("%s: %w: name one of them", place, err)
		}
	}
	if simulated != nil {
		err = simulated.World.Schedule(o.Plan)
	}
	return p, err
}

// newEngine is what a world is played on: the options' own, or a simulated ensemble.
func newEngine(w *script.World, seed uint64, o *Options, keep bool) (engine.Engine, error) {
	if o.Engine != nil {
		return o.Engine(w.Stage)
	}
	c := w.Stage.Config(seed)
	c.Keep = keep
	c.Lenient = len(o.Plan) > 0
	c.Tweak = o.Tweak
	return ensemble.New(c)
}

func (p *player) now() sim.Time { return p.e.Now() }

// play plays one diagram. It is false when there is no going on.
func (p *player) play(scene *script.Scene) bool {
	p.run = &sceneRun{arrows: make([]*arrowRun, len(scene.Arrows)), began: p.now()}
	if !p.started {
		p.started, p.run.began = true, 0 // from the start of the servers on
	}
	if p.sim != nil {
		p.run.base = p.sim.World.Stats()
	}
	clear(p.unclaimed)
	root := &thread{acts: scene.Acts, lanes: p.lanes}
	if !p.warm && !cold(scene.Acts) {
		p.warmUp(root)
	}
	for !p.advance(root) && p.err == nil {
		ok := p.e.Run(p.limit(root), func() bool { return p.over() || p.ready(root) })
		if !ok {
			if p.cut = p.interrupted(); !p.cut {
				p.run.failure = p.e.Err()
			}
			break
		}
		if p.over() {
			p.cut = true
			break
		}
	}
	if p.sim != nil {
		p.run.fingerprint = p.sim.World.Fingerprint()
	}
	p.run.facts, p.run.cut = p.facts(p.run), p.cut
	return p.err == nil && p.run.failure == nil && !p.cut
}

// interrupted says that whoever plays has called the run off.
func (p *player) interrupted() bool { return errors.Is(p.e.Err(), context.Canceled) }

// over says that the replay has come as far as it was asked to.
func (p *player) over() bool {
	u := p.until
	return u.Step > 0 && p.e.Index() >= u.Step || u.At > 0 && p.now() >= u.At
}

// cold says that a diagram begins with what servers say to each other, so that it is played from
// the moment at which they start.
func cold(acts []*script.Act) bool {
	for _, a := range acts {
		switch a.Kind {
		case script.Remark, script.Unread:
		case script.Packet:
			return true
		case script.Happening:
			return a.Happening.What >= script.LeaderElected
		default:
			return false
		}
	}
	return false
}

// warmUp waits until every server that runs serves, lets the clients come, each to its own server,
// and waits until they are connected: a drawing begins there.
func (p *player) warmUp(t *thread) {
	p.warm = true
	until := p.now() + p.e.GiveUp()
	t.wait = &waiting{until: until, ready: p.e.Serves, then: func() {
		for _, c := range p.e.Actors() {
			c.Start()
		}
		t.wait = &waiting{until: until + p.e.GiveUp(), ready: p.allConnected, then: func() {}}
	}}
}

func (p *player) allConnected() bool {
	for _, c := range p.e.Actors() {
		if !c.Connected() && (c.Up() || c.Lives() == 0) {
			return false
		}
	}
	return true
}

// ready says that some thread can go on.
func (p *player) ready(t *thread) bool {
	for _, k := range t.kids {
		if p.ready(k) {
			return true
		}
	}
	return len(t.kids) == 0 && t.wait != nil && t.wait.ready()
}

// limit is the earliest moment at which some thread gives up.
func (p *player) limit(t *thread) sim.Time {
	limit := sim.Never
	for _, k := range t.kids {
		limit = min(limit, p.limit(k))
	}
	if len(t.kids) == 0 && t.wait != nil {
		limit = min(limit, t.wait.until)
	}
	if u := p.until.At; u > 0 {
		limit = min(limit, u)
	}
	return limit
}

// advance lets a thread go on as far as it can. It is true when the thread has come to its end.
func (p *player) advance(t *thread) bool {
	for p.err == nil {
		switch {
		case len(t.kids) > 0:
			done := true
			for _, k := range t.kids {
				done = p.advance(k) && done
			}
			if !done {
				return false
			}
			t.kids = nil
			if t.after != nil {
				t.after()
				t.after = nil
			}
		case t.wait != nil:
			if !t.wait.ready() && p.now() < t.wait.until {
				return false
			}
			then := t.wait.then
			t.wait = nil
			then()
		case t.pc == len(t.acts):
			return true
		default:
			p.begin(t)
		}
	}
	return true
}

// begin starts the next act of a thread.
func (p *player) begin(t *thread) {
	a := t.acts[t.pc]
	if !p.warm {
		switch a.Kind {
		case script.Call, script.Heartbeat, script.Reply, script.Event, script.Write:
			p.warmUp(t)
			return
		}
	}
	t.pc++
	if p.doing != nil && a.Kind != script.Block {
		p.doing(a.Pos.Line, a.Text)
	}
	switch a.Kind {
	case script.Remark, script.Unread:
		p.judge(a, &arrowRun{verdict: Remark, at: -1, index: -1})
	case script.Call:
		t.wait = p.call(a)
	case script.Heartbeat:
		t.wait = p.heartbeat(a)
	case script.Write:
		p.write(t, a)
	case script.Fault:
		// Who leads, or follows, may have to be waited for.
		t.wait = &waiting{
			until: p.now() + p.e.GiveUp(),
			ready: func() bool { _, _, err := p.victims(a); return err == nil },
			then:  func() { p.fault(a) },
		}
	case script.Wait:
		index, span, short := p.act(a), a.Wait, ""
		if p.wait > 0 && span > p.wait {
			span = p.wait
			short = fmt.Sprintf("cut short to %s", span.Brief())
		}
		t.wait = &waiting{until: p.now() + span, ready: func() bool { return false }, then: func() {
			p.judge(a, &arrowRun{verdict: Applied, at: p.now(), index: index, whom: short})
		}}
	case script.Reply, script.Event, script.Packet, script.Happening:
		t.wait = p.expect(t, a)
	case script.Block:
		p.block(t, a)
	}
}

// act notes that a drawing does something, and where in the run that is.
func (p *player) act(a *script.Act) int64 {
	index := p.e.Act(sim.HashString(a.Text), Drawn{a.Pos.Line, a.Text})
	p.actions = append(p.actions, action{p.now(), index})
	return index
}

// Drawn is the body of the record of something that a document does: line and text are its own.
type Drawn struct {
	Line int
	Text string
}

// String is what a trace says of it.
func (d Drawn) String() string { return fmt.Sprintf("line %d: %s", d.Line, d.Text) }

// judge keeps what came of an arrow; of one that is played again, the worst.
func (p *player) judge(a *script.Act, r *arrowRun) {
	if old := p.run.arrows[a.ID]; old == nil || r.verdict.worse(old.verdict) {
		p.run.arrows[a.ID] = r
	}
}

// since is the last thing that the drawing has done before a record.
func (p *player) since(index int64) action {
	for i := len(p.actions) - 1; i >= 0; i-- {
		if p.actions[i].index < index {
			return p.actions[i]
		}
	}
	return action{at: 0, index: -1}
}

func (p *player) call(a *script.Act) *waiting {
	c := p.e.Actor(a.From)
	if !c.Up() {
		p.judge(a, &arrowRun{verdict: Never, at: -1, index: -1, instead: a.From + " is down: a note has crashed it"})
		return nil
	}
	index := p.act(a)
	p.tag++
	tag, first := p.tag, len(p.e.Ops())
	life := c.Lives()
	c.Do(a.Op, tag)
	find := func() int {
		for i := first; i < len(p.e.Ops()); i++ {
			if o := p.e.Ops()[i]; o.Client == a.From && o.Tag == tag {
				return i
			}
		}
		return -1
	}
	return &waiting{
		until: p.now() + p.e.GiveUp(),
		ready: func() bool {
			i := find()
			return i >= 0 && (p.e.Ops()[i].AppliedAt >= 0 || p.e.Ops()[i].Done()) ||
				c.Lives() != life
		},
		then: func() { p.called(a, find(), p.actionAt(index)) },
	}
}

// actionAt is the action that was noted at a record.
func (p *player) actionAt(index int64) action {
	for i := len(p.actions) - 1; i >= 0; i-- {
		if p.actions[i].index == index {
			return p.actions[i]
		}
	}
	return action{index: index}
}

// called judges a call: that it was carried out, not what came of it.
func (p *player) called(a *script.Act, i int, from action) {
	if i < 0 {
		p.judge(a, &arrowRun{verdict: Never, at: -1, index: -1, instead: a.From + " did not get to it within " + p.e.GiveUp().String()})
		return
	}
	o := p.e.Ops()[i]
	p.unclaimed[a.From] = append(p.unclaimed[a.From], i)
	r := &arrowRun{at: o.AppliedAt, index: o.ApplyIndex}
	if !o.Op.Type.Writes() || o.AppliedAt < 0 {
		r.at, r.index = o.ReturnedAt, o.RetIndex
	}
	switch {
	case o.AppliedAt < 0 && !o.Done():
		r.verdict, r.at, r.instead = Never, -1, "no answer within "+p.e.GiveUp().String()
	case o.AppliedAt < 0 && o.Lost, o.AppliedAt < 0 && !o.Outcome.Definite(), o.SentAt < 0,
		o.Outcome == client.Failed && !o.Code.Definite():
		r.verdict, r.instead = Different, answer(o)
	default:
		r.omitted = p.between(from, r.at, a.From)
		r.verdict = lateIf(r.omitted)
	}
	p.judge(a, r)
}

// heartbeat checks that a session is up. Either end may say so.
func (p *player) heartbeat(a *script.Act) *waiting {
	who := a.From
	if p.spec.Cast.Roles[who].Kind != script.RoleClient {
		who = a.To
	}
	c := p.e.Actor(who)
	began := action{at: p.now(), index: p.e.Index() - 1}
	return &waiting{
		until: p.now() + p.e.GiveUp(), ready: c.Connected,
		then: func() {
			r := &arrowRun{verdict: AsDrawn, at: p.now(), index: p.e.Index() - 1}
			if !c.Connected() {
				r.verdict, r.at, r.instead = Never, -1, who+" has no connection"
				if !c.Up() {
					r.instead = who + " is down"
				}
			} else {
				r.omitted = p.between(began, r.at, who)
				r.verdict = lateIf(r.omitted)
			}
			p.judge(a, r)
		},
	}
}

// fault carries out what a note breaks or mends.
func (p *player) fault(a *script.Act) {
	faults, whom, err := p.victims(a)
	index := p.act(a)
	for _, f := range faults {
		if err == nil {
			err = p.e.Apply(f)
		}
	}
	var notHere *engine.NotHere
	if errors.As(err, &notHere) {
		p.judge(a, &arrowRun{verdict: Unplayed, at: -1, index: -1, instead: notHere.Why})
		return
	}
	if err != nil {
		p.err = &diagram.Error{File: p.script.Doc.Name, Line: a.Pos.Line, Column: a.Pos.Column,
			Message: fmt.Sprintf("%s: %s (seed %#x, t=%s)", script.Clip(a.Text), strings.TrimPrefix(err.Error(), "0.000s "),
				p.seed, p.now().Seconds())}
		return
	}
	p.judge(a, &arrowRun{verdict: Applied, at: p.now(), index: index, whom: whom})
}

// victims says on whom a fault falls, now that the run can tell.
func (p *player) victims(a *script.Act) (faults []sim.Fault, whom string, err error) {
	f := a.Fault.Fault
	switch a.Fault.Target {
	case script.ByName:
		return []sim.Fault{f}, "", nil
	case script.AllDown:
		names := p.e.ServerNames()
		if len(a.Fault.Among) > 0 {
			names = a.Fault.Among
		}
		for _, name := range names {
			if !p.up(name) {
				faults = append(faults, sim.Fault{Kind: f.Kind, Who: []string{name}})
				whom += " " + name
			}
		}
		if whom == "" {
			whom = " nobody: all are up"
		}
		return faults, whom[1:], nil
	case script.LeaderServer:
		whom = p.e.LeaderName()
	case script.FollowerServer:
		whom = p.e.FollowerName()
	case script.LeaderClient:
		whom = p.ownerAmong(a.Fault.Among, a.Fault.Path)
	}
	if whom == "" {
		return nil, "", fmt.Errorf("there has been no such one for %s: name one", p.e.GiveUp())
	}
	f.Who = []string{whom}
	return []sim.Fault{f}, whom, nil
}

// up is true while a client's or a server's process exists.
func (p *player) up(name string) bool {
	if c := p.e.Actor(name); c != nil {
		return c.Up()
	}
	return p.e.Up(name)
}

// ownerAmong finds the client, of those named, that owns an ephemeral node.
func (p *player) ownerAmong(names []string, path string) string {
	for _, name := range names {
		for _, owned := range p.e.Owned(name) {
			if path == "" || owned == path {
				return name
			}
		}
	}
	return ""
}

// block starts a par, alt, opt, loop or seq.
func (p *player) block(t *thread, a *script.Act) {
	switch a.Block {
	case "par":
		first := len(p.e.Ops())
		for i := range a.Branches {
			t.kids = append(t.kids, &thread{acts: a.Branches[i].Acts, lanes: slices.Clone(t.lanes)})
		}
		kids := t.kids
		t.after = func() {
			for _, k := range kids {
				for i, last := range k.lanes {
					t.lanes[i] = max(t.lanes[i], last)
				}
			}
			if a.Race {
				p.winner(a, first)
			}
		}
	case "alt", "opt":
		t.wait = p.choose(t, a)
	default:
		var acts []*script.Act
		for range a.Times {
			acts = append(acts, a.Branches[0].Acts...)
		}
		if len(acts) > 0 {
			t.kids = []*thread{{acts: acts, lanes: t.lanes}}
		}
	}
}

// winner notes who won a race: whose create, of those started in it, took effect first.
func (p *player) winner(a *script.Act, first int) {
	best := -1
	racers := 0
	for i := first; i < len(p.e.Ops()); i++ {
		o := p.e.Ops()[i]
		if !o.Op.Type.Writes() || !racesIn(a, o.Client) {
			continue
		}
		racers++
		if o.AppliedAt >= 0 && p.wentWell(o) && (best < 0 || o.AppliedZ < p.e.Ops()[best].AppliedZ) {
			best = i
		}
	}
	if racers < 2 {
		return
	}
	name := "nobody"
	if best >= 0 {
		name = p.e.Ops()[best].Client
	}
	p.run.winners = append(p.run.winners, fmt.Sprintf("%d %s", a.Pos.Line, name))
}

// wentWell says whether a write took effect: its answer may be under way still.
func (p *player) wentWell(o *engine.Op) bool {
	if o.Done() {
		return o.Outcome.String() == "ok"
	}
	for _, c := range p.e.Changes() {
		if c.Zxid == o.AppliedZ {
			return true
		}
	}
	return false
}

func racesIn(a *script.Act, client string) bool {
	for i := range a.Branches {
		for _, b := range a.Branches[i].Acts {
			if b.Kind == script.Call && b.From == client {
				return true
			}
		}
	}
	return false
}
