package scenarios

import (
	"context"
	"errors"
	"fmt"

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
	sim    *ensemble.Ensemble // the engine if it is simulated, else nil
	seed   uint64
	strict bool
	until  Until
	wait   sim.Time // the longest wait of a note; 0 for no limit
	doing  func(line int, text string)
	err    error // a strict document asks for something impossible
	cut    bool  // stopped by Until or interrupted

	run     *sceneRun
	started bool // the first diagram has begun
	warm    bool

	tag       int64
	asked     int64 // tag of the last undrawn call; counts down from 0
	actions   []action
	unclaimed map[string][]int  // by client: calls without a drawn answer
	events    map[string]int    // by client: watch events used up
	roles     map[string]string // participants that only the run can identify, and their servers
	absences  []*absence        // what the drawing denies and is not judged yet
	changes   int               // number of node changes used up
	reigns    int               // number of elections used up
	lanes     *lanes            // the lanes with which the thread of the diagram begins
	used      map[int64]bool    // records of matched messages
	known     map[zab.Zxid]bool // closings of sessions that the drawing shows
	resources map[string]*resourceRun
	wrote     map[*script.Act]int // the number of each write at its resource
	epochs    [][2]uint32         // pairs of a drawn epoch and the real epoch that it means
	shifts    map[uint32]int64    // by real epoch: a drawn counter less the position of its transaction
	bound     map[string]string   // drawn names of nodes, with the real ones
	messages  bool                // the drawings show messages between servers
	toldNames map[string]bool
	calls     map[int]*callRun    // by operation
	wiped     map[string]bool     // servers whose disk was wiped, and that have not caught up since
	emptied   sim.Time            // when an empty ensemble began; 0 if none did
	drawnAt   map[string]string   // by client: the server of its last call
	apart     map[string]bool     // clients that a line of the drawing has cut off from all servers
	undoings  []undoing           // faults with a length that are going on
	timed     sim.Time            // on real servers: when the times in the document begin to count
	timers    []timed             // on real servers: faults and calls at a time, to come
	carried   []string            // and those of this diagram that are over
	refused   []string            // and those that are impossible
	traps     []trap              // notifications that are drawn as lost, and not sent yet
	spanEnds  map[string]sim.Time // by victim: when its last fault with a drawn length ends
	families  map[string]*family  // names that end in a number, by their front
	sequence  sequence            // the sequential creates that are looked through
	scanned   map[string]int      // by client that runs a recipe: operations looked through
}

// action is something that a drawing does: a call, a fault, a wait.
type action struct {
	at     sim.Time
	index  int64
	pauses string // the machine whose pause it begins; empty for another action
}

// sceneRun is the outcome of one diagram with one seed.
type sceneRun struct {
	arrows      []*arrowRun // by the id of the act; nil if it was not played
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

// thread plays a list of acts one after the other. The branches of a par are threads.
type thread struct {
	acts  []*script.Act
	pc    int
	wait  *waiting
	kids  []*thread
	after func()
	lanes *lanes // the messages that it has drawn
	ready bool   // what the next act presupposes has been supplied
}

// waiting is a condition for which a thread waits. ready must not change anything. then is called
// once, when ready returns true or the time is over; it may make the thread wait again.
type waiting struct {
	until sim.Time
	ready func() bool
	then  func()
}

// newPlayer creates a world: its engine, its clients and resources, and the faults of the plan.
func newPlayer(
	s *script.Script, w *script.World, seed uint64, o *Options, keep bool,
) (*player, error) {
	e, err := newEngine(s, w, seed, o, keep)
	if err != nil {
		return nil, err
	}
	simulated, _ := e.(*ensemble.Ensemble)
	p := &player{
		script: s, spec: w, e: e, sim: simulated, seed: seed, strict: o.Strict,
		until: o.Until, wait: o.LongestWait, doing: o.Doing, known: make(map[zab.Zxid]bool),
		unclaimed: make(map[string][]int), events: make(map[string]int),
		calls: make(map[int]*callRun), drawnAt: make(map[string]string), wiped: make(map[string]bool),
		apart: make(map[string]bool), scanned: make(map[string]int),
		spanEnds: make(map[string]sim.Time), bound: make(map[string]string),
		messages: w.DrawsMessages(),
		lanes:    newLanes(), resources: make(map[string]*resourceRun), used: make(map[int64]bool),
		wrote:  make(map[*script.Act]int),
		shifts: make(map[uint32]int64),
	}
	p.roles = p.observers()
	for _, name := range w.Cast.Playing() {
		switch r := w.Cast.Roles[name]; r.Kind {
		case script.RoleClient:
			if r.Host != "" && w.Cast.Dynamic() {
				continue
			} else if r.Host != "" {
				if r.Home = int(p.roles[r.Host][1] - '0'); r.Home > w.Stage.Servers+w.Stage.Observers {
					r.Home = 0 // no such server
				}
			}
			if err := p.addClient(name, r.Home); err != nil {
				e.Close()
				return nil, err
			}
		case script.RoleResource:
			p.resources[name] = newResource(simulated, name, r.Fenced)
		}
	}
	if err := p.schedule(o); err != nil {
		e.Close()
		return nil, err
	}
	return p, nil
}

// schedule schedules the faults and calls with a time: those of "%% lab:" lines, and the plan of
// the options.
func (p *player) schedule(o *Options) error {
	if p.sim == nil {
		return p.timeReal()
	}
	var plan sim.Plan
	for _, f := range p.spec.Faults {
		if err := p.e.CheckFault(f.Fault); err != nil {
			return p.errorAt(f.Pos, "%s: use one of these names", err)
		}
		plan = append(plan, f.Fault)
	}
	given := o.Plan
	if n := o.PlanWorld; n > 0 && p.script.Worlds[n-1] != p.spec {
		given = nil
	}
	for i, f := range given {
		if err := p.e.CheckFault(f); err != nil {
			place := "the plan"
			if i < len(o.Places) {
				place = o.Places[i]
			}
			return fmt.Errorf("%s: %w: use one of these names", place, err)
		}
	}
	plan = append(plan, given...)
	for _, c := range p.spec.Calls {
		p.asked--
		p.sim.World.TellAt(c.At, p.sim.Client(c.Who).Machine(),
			&client.Command{Op: c.Op, Tag: p.asked})
	}
	return p.sim.World.Schedule(plan)
}

func (p *player) errorAt(pos diagram.Pos, format string, args ...any) error {
	return &diagram.Error{File: p.script.Doc.Name, Line: pos.Line, Column: pos.Column,
		Message: fmt.Sprintf(format, args...)}
}

// newEngine creates the engine of a world: with Options.Engine, or else a simulated ensemble.
func newEngine(
	s *script.Script, w *script.World, seed uint64, o *Options, keep bool,
) (engine.Engine, error) {
	if o.Engine != nil {
		return o.Engine(w.Stage)
	}
	c := ensemble.Config{Stage: w.Stage, Keep: keep, Lenient: len(o.Plan)+len(w.Faults) > 0, Tweak: o.Tweak,
		Flaw: o.Flaw}
	c.Seed = seed
	if n := o.ResampleWorld; o.Resample.Step != 0 && (n == 0 || s.Worlds[n-1] == w) {
		c.Resample = o.Resample
	}
	return ensemble.New(c)
}

func (p *player) now() sim.Time { return p.e.Now() }

// play plays one diagram. It returns false if the next diagram cannot be played.
func (p *player) play(scene *script.Scene) bool {
	p.run = &sceneRun{arrows: make([]*arrowRun, len(scene.Arrows)), began: p.now()}
	if !p.started {
		p.started, p.run.began = true, 0 // from the start of the servers
		if !p.foretime() {
			return false
		}
	}
	if p.sim != nil {
		p.run.base = p.sim.World.Stats()
	}
	clear(p.unclaimed)
	root := &thread{acts: scene.Acts, lanes: p.lanes}
	if !p.warm && (!cold(scene.Acts) || p.spec.Cast.Dynamic()) {
		p.warmUp(root)
	} else {
		root.acts = p.cast(scene.Acts)
	}
	for (!p.advance(root) || p.outlast(root)) && p.err == nil {
		ok := p.e.Run(p.limit(root), func() bool {
			return p.over() || p.sprung() >= 0 || p.due() || p.ready(root)
		})
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
		p.spring()
		p.undo()
		p.timely()
	}
	p.settleAll()
	if p.sim != nil {
		p.run.fingerprint = p.sim.World.Fingerprint()
	}
	p.run.facts, p.run.cut = p.facts(p.run), p.cut
	return p.err == nil && p.run.failure == nil && !p.cut
}

// interrupted reports whether the caller has cancelled the run.
func (p *player) interrupted() bool { return errors.Is(p.e.Err(), context.Canceled) }

// over reports whether the replay has reached Until.
func (p *player) over() bool {
	u := p.until
	return u.Step > 0 && p.e.Index() >= u.Step || u.At > 0 && p.now() >= u.At
}

// cold reports whether a diagram begins with acts of servers, and therefore includes their start.
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

// warmUp waits until every running server serves, connects each client to its own server, and waits
// until all are connected. Then the first diagram begins.
func (p *player) warmUp(t *thread) {
	p.warm = true
	until := p.now() + p.e.GiveUp()
	t.wait = &waiting{until: until, ready: p.e.Serves, then: func() {
		if p.spec.Cast.Dynamic() {
			p.castRoles()
			t.acts = p.cast(t.acts)
			p.err = p.addGuests()
		}
		for _, c := range p.e.Actors() {
			if c.Who() != historian {
				c.Start()
			}
		}
		t.wait = &waiting{until: until + p.e.GiveUp(), ready: p.allConnected, then: func() {
			p.supply(t, p.spec.Supplies, p.startRecipes)
		}}
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

// ready reports whether a thread can continue.
func (p *player) ready(t *thread) bool {
	for _, k := range t.kids {
		if p.ready(k) {
			return true
		}
	}
	return len(t.kids) == 0 && t.wait != nil && t.wait.ready()
}

// expects reports whether acts of this kind are awaited.
func expects(k script.Kind) bool {
	return k == script.Reply || k == script.Event || k == script.Packet || k == script.Happening
}

// pass gives a verdict to an act that plays nothing, such as a remark.
func (p *player) pass(a *script.Act) {
	r := &arrowRun{verdict: Remark, at: -1, index: -1}
	if a.Kind == script.Unread {
		r.verdict, r.instead = Unread, a.Problem
	}
	p.judge(a, r)
}

// limit returns the earliest moment at which a wait of the thread ends.
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
	for i := range p.undoings {
		limit = min(limit, p.undoings[i].at)
	}
	return limit
}

// advance plays a thread as far as possible. It returns true when the thread has ended.
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
		kind := a.Kind
		if kind == script.Absence {
			kind = a.Denied.Kind
		}
		switch kind {
		case script.Call, script.Heartbeat, script.Reply, script.Event, script.Write:
			p.warmUp(t)
			return
		}
	}
	if len(a.Before) > 0 && !t.ready {
		if t.ready = p.warm; !p.warm {
			p.warmUp(t)
			return
		}
		p.supply(t, a.Before, func() {})
		return
	}
	t.ready = false
	t.pc++
	if p.doing != nil && a.Kind != script.Block {
		p.doing(a.Pos.Line, a.Text)
	}
	if !expects(a.Kind) {
		p.settle(a, -1)
	}
	switch a.Kind {
	case script.Remark, script.Unread:
		p.pass(a)
		p.watch(t, a)
	case script.Absence:
		p.deny(t, a)
	case script.Call:
		p.call(t, a)
	case script.Heartbeat:
		p.heartbeat(t, a)
	case script.Write:
		p.write(t, a)
	case script.Fault:
		p.strike(t, a)
	case script.Condition:
		p.judge(a, &arrowRun{verdict: Applied, at: p.now(), index: -1})
	case script.Wait:
		if a.Wakes != "" {
			t.wait = p.wake(a)
			return
		}
		index, span, short := p.act(a), a.Wait, ""
		if p.wait > 0 && span > p.wait {
			span = p.wait
			short = fmt.Sprintf("shortened to %s", span.Brief())
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
