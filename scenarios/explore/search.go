package explore

import (
	"fmt"
	"runtime"
	"strings"

	"github.com/zablab/zablab/zab"
)

// Options say how to search, and when to stop early.
type Options struct {
	// Memory bounds the bytes of what the search keeps; 0 is no bound. A search that reaches it
	// stops, and is not complete.
	Memory int
	// Progress, if set, is called now and then. If it returns false, the search stops.
	Progress func(Progress) bool
	// Check reaches each local state by two chains of events, where there are two, and requires the
	// same outcome of every event. The search takes twice as long or more.
	Check bool
	// Seed changes the hash functions.
	Seed uint64
	// Cold builds each server again from its disk at each step.
	Cold bool
	// Goal, if set, ends the search at the first world that reaches it.
	Goal *Goal
	// Room, if set, returns n zeros for states, outside the memory that counts, such as in a file.
	// If it returns an error, the search stops, and is not complete.
	Room func(n int) ([]uint32, error)
	// Keep makes it possible to save a search that has ended early (Search.Save).
	Keep bool
	// From, if set, is where the search begins: after the steps of this story. Its setup must be that
	// of the search but for bounds.
	From *Story
	// Certain makes the search follow all states, and not only those up to the first violation, or
	// to the goal. The search then finds out after which step the violation or the goal could no
	// longer be avoided (Result.Certainty). This takes several times as long.
	Certain bool
	// Threads is 1 or 2; 0 for 2 if there is more than one processor.
	Threads int
	// Mutate, if set, changes the states of servers as the search compares them, and LeaveOut
	// leaves out parts of them: to test Check.
	Mutate   func(state []byte) []byte
	LeaveOut zab.StateParts
}

// OutOfMemory is the text with which Result.Why begins if the search has reached Options.Memory.
const OutOfMemory = "out of memory"

// Progress is how far a search has come.
type Progress struct {
	States  int // met
	Earlier int // of them, those of the saved search that this one goes on with
	Open    int // of them, not followed yet
	Depth   int // steps to the states that are followed now
	Level   int // states at this depth
	Above   int // states one step less deep
	Next    int // states one step deeper, so far
	Bytes   int // of memory
	Locals  int // local states
	Audits  int // states of the audit
	Choices int // taken
}

// Left estimates how many states the search has not met yet. It supposes that each depth has fewer
// states than the one before, in the proportion of the last two. It returns false as long as depths
// grow: then nothing can be said.
func (p *Progress) Left() (states int, ok bool) {
	if p.Above == 0 || p.Level >= p.Above {
		return 0, false
	}
	// Level times r + r^2 + …, with r = Level/Above, and less what is known of the next depth.
	return max(0, p.Level*p.Level/(p.Above-p.Level)-p.Next), true
}

// Result is the outcome of a search.
type Result struct {
	Setup Setup
	Progress
	Cut       int // states beyond MaxEpoch or MaxRound, which were found and not followed
	Ends      int // states in which nothing can happen any more, and every server serves
	Finals    uint64
	Rests     bool   // with Setup.Rest: each state can still lead to rest
	Complete  bool   // every state up to the bounds was followed
	Why       string // if it is not complete and no check is broken
	Broken    *Violation
	Goal      *Goal
	Reached   bool       // the goal
	Steps     []Step     // to the violation or the goal, from a world of running servers
	Given     int        // of Steps: how many Options.From has
	Story     *Story     // the same steps, to be played again
	Servers   []string   // the servers' states at the goal, in the words of a goal
	Certainty *Certainty // with Options.Certain, of the steps
	Pairs     int        // of a local state and an event
	Exits     map[string]int
	Differs   string // with Options.Check: what depended on the way to a local state
}

// Search goes through all states of a setup.
type Search struct {
	setup   Setup
	options Options
	words   *words
	locals  *locals
	nets    *nets
	queues  *queues
	audits  *audits
	store   *store
	adder   *adder
	judge   *zab.Peer
	scene   scene

	tuple   []uint32 // of the world that is being made
	spent   spent
	broken  *Violation
	list    []action
	choices int
	place   place    // how far the search has come
	grew    []uint32 // with Options.Keep: the states whose choices led to something new to number
	resumed bool
	saved   *saved   // what it was resumed from
	given   []action // the steps of Options.From
	first   *ending  // with Options.Certain: the first way to what the search looks for
	result  Result
}

// New returns a search of a setup.
func New(s Setup, o Options) (*Search, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	x := &Search{setup: s, options: o, words: newWords(), nets: newNets(), queues: newQueues(),
		judge: s.judge()}
	x.locals, x.audits = newLocals(&x.setup, x.words), newAudits(&x.setup)
	x.locals.check, x.locals.others = o.Check, map[uint32]origin{}
	x.setup.leaveOut = o.LeaveOut
	x.locals.cold, x.locals.mutate, x.locals.goal = o.Cold, o.Mutate, o.Goal
	x.locals.after.seed, x.audits.after.seed, x.queues.pushed.seed = o.Seed, o.Seed, o.Seed
	x.store = newStore(s.all()+3, o.Seed)
	x.store.room = o.Room
	x.tuple = make([]uint32, s.all()+3)
	x.scene = scene{queues: x.queues, step: x.step}
	x.result.Setup, x.result.Goal = s, o.Goal
	if o.From != nil {
		begins := Story{Setup: s, Lines: o.From.Lines}
		actions, err := begins.actions()
		if err != nil {
			return nil, err
		}
		x.given, x.result.Given = actions, len(actions)
	}
	return x, nil
}

// The places of a tuple after the local states.
func (x *Search) placeNet() int   { return x.setup.all() }
func (x *Search) placeAudit() int { return x.setup.all() + 1 }
func (x *Search) placeSpent() int { return x.setup.all() + 2 }

// step hands an event to a server of the world that is being made.
func (x *Search) step(i int, e event) (effects []effect, died, ok bool) {
	at := x.tuple[i-1]
	o := x.locals.next(at, e)
	if len(o.dials) > 0 {
		for _, d := range o.dials {
			e.free |= x.scene.free(i, d.to, d.port) << freeShift(d.to, d.port)
		}
		if e.free != 0 {
			o = x.locals.next(at, e)
		}
	}
	if o.calls != 0 {
		n, found := x.audits.next(x.tuple[x.placeAudit()], o.calls, x.locals.calls.list[o.calls])
		if found != nil {
			x.broken = found
			return nil, false, false
		}
		x.tuple[x.placeAudit()] = n
	}
	if o.broken != "" {
		x.broken = assertion(o.broken)
		return nil, false, false
	}
	x.tuple[i-1] = o.to
	x.scene.sums[i] = &x.locals.list[o.to].sum
	return o.effects, o.died, true
}

// assertion makes a violation of a failed assertion, whose text ends with the check's name.
func assertion(text string) *Violation {
	name := "assertion"
	if at := strings.LastIndex(text, " ("); at > 0 && strings.HasSuffix(text, ")") {
		name = text[at+2 : len(text)-1]
	}
	return &Violation{name, text}
}

// load makes the world of a tuple the one that the scene shows.
func (x *Search) load(tuple []uint32) {
	copy(x.tuple, tuple)
	for i := 1; i <= x.setup.all(); i++ {
		x.scene.sums[i] = &x.locals.list[tuple[i-1]].sum
	}
	x.scene.chans = append(x.scene.chans[:0], x.nets.channels(tuple[x.placeNet()])...)
	x.scene.pending, x.scene.failed, x.broken = x.scene.pending[:0], false, nil
	x.spent = spent(tuple[x.placeSpent()])
}

// take carries out an action in the world of a tuple. Afterwards x.tuple is the next world, unless
// x.broken is set.
func (x *Search) take(tuple []uint32, a action) {
	x.load(tuple)
	x.spent = x.setup.perform(&x.scene, a, x.spent, x.words, x.judge)
	x.choices++
	x.tuple[x.placeNet()] = x.nets.number(x.scene.chans)
	x.tuple[x.placeSpent()] = uint32(x.spent)
}

// begin starts all servers, one after another.
func (x *Search) begin() {
	x.tuple[x.placeAudit()] = 1
	for i := 1; i <= x.setup.all(); i++ {
		x.tuple[i-1] = x.locals.number(newServer(&x.setup, x.words, i), origin{})
	}
	for i := 1; i <= x.setup.all() && x.broken == nil; i++ {
		x.take(append([]uint32(nil), x.tuple...), action{kind: doRestart, a: uint8(i)})
	}
	for _, a := range x.given {
		if x.broken == nil {
			x.take(append([]uint32(nil), x.tuple...), a)
		}
	}
	x.choices = 0
}

// Run searches until it has tried every choice in every state within the bounds, a property does
// not hold, or the options end the search.
func (x *Search) Run() *Result {
	r := &x.result
	x.adder = newAdder(x.store, x.options.Threads == 2 ||
		x.options.Threads == 0 && runtime.GOMAXPROCS(0) > 1)
	defer func() {
		switch d := recover().(type) {
		case nil:
		case divergence:
			x.locals.differ = string(d)
			x.finish(x.store.n, 0)
		default:
			panic(d)
		}
	}()
	if x.begin(); x.broken != nil {
		r.Broken = x.broken
		x.finish(0, 0)
		return r
	}
	if !x.resumed {
		x.adder.add(x.tuple, 0)
		if x.adder.flush(); x.reaches(0, action{}) {
			x.finish(0, 0)
			return r
		}
		x.place = place{level: 1}
	}
	if x.resumed && !x.recall() || !x.forward() {
		x.tellFirst()
		x.finish(x.place.at, x.place.depth)
		return r
	}
	x.adder.close()
	choices := x.choices // without those that are taken again below
	switch {
	case x.first != nil:
		x.certainty()
	case !x.setup.Rest || x.restless():
		r.Complete = x.locals.differ == ""
	}
	x.choices = choices
	x.finish(x.store.n, x.place.depth)
	return r
}

// place is how far a search has come: the next state to follow, its depth, and the first state that
// is deeper; and how many states are at this depth, and at the one before.
type place struct{ at, depth, level, size, above int }

// forward follows all states. It returns false if the search ends before.
func (x *Search) forward() bool {
	for p := &x.place; ; p.at++ {
		if p.at == p.level || p.at == x.adder.n || p.at%(1<<14) == 0 {
			x.adder.flush()
		}
		if p.at == x.adder.n {
			return true
		}
		if p.at == p.level {
			p.size, p.above = x.adder.n-p.level, p.size
			p.depth, p.level = p.depth+1, x.adder.n
		}
		if p.at%(1<<14) == 0 && !x.mayGoOn(p.at, p.depth) {
			return false
		}
		before := 0
		if x.options.Keep {
			before = x.numbered()
		}
		if !x.follow(p.at) {
			return false
		}
		if x.options.Keep && x.numbered() != before {
			x.grew = append(x.grew, uint32(p.at))
		}
	}
}

// follow takes every choice of a state. It returns false if a check is broken, or the goal is
// reached.
func (x *Search) follow(at int) bool {
	tuple := x.adder.at(at)
	switch {
	case x.beyond(tuple):
		x.result.Cut++
		return true
	case x.options.Certain && x.fits(tuple):
		return true // the end of a story
	}
	x.load(tuple)
	x.list = x.setup.choices(x.list[:0], &x.scene.sums, x.scene.chans, x.spent)
	if x.quiet() && !x.rest(at, tuple) {
		return false
	}
	for _, a := range x.list {
		x.take(tuple, a)
		if x.broken != nil {
			if x.ends(at, a) {
				continue
			}
			return false
		}
		if x.adder.add(x.tuple, at); x.reaches(at, a) {
			return false // no earlier state has reached it, so this one is new
		}
	}
	return true
}

// reaches reports whether the world that has just been made, by an action in the state at a place,
// reaches the goal. Then it says how.
func (x *Search) reaches(at int, a action) bool {
	return x.fits(x.tuple) && !x.ends(at, a)
}

// fits reports whether the world of a tuple fits the goal.
func (x *Search) fits(tuple []uint32) bool {
	g := x.options.Goal
	if g == nil {
		return false
	}
	bits := uint32(0)
	for _, n := range tuple[:x.setup.all()] {
		bits |= x.locals.list[n].goal
	}
	return g.reached(bits)
}

// ends notes that the search has found what it looks for, by an action in the state at a place. It
// reports whether the search goes on.
func (x *Search) ends(at int, a action) bool {
	if !x.options.Certain {
		x.explain(at, a)
		return false
	}
	if x.first == nil {
		x.first = &ending{at, a, x.broken}
	}
	return true
}

// quiet reports whether nothing can happen any more but what the bounds still allow.
func (x *Search) quiet() bool { return quiet(x.list) }

// rest checks a quiet state: every server must serve. It returns false if one does not.
func (x *Search) rest(at int, tuple []uint32) bool {
	if x.broken = x.setup.unserved(&x.scene.sums); x.broken != nil {
		return x.ends(at, action{})
	}
	if len(x.list) == 0 {
		x.result.Ends++
		x.result.Finals += x.store.hash(tuple[:x.setup.all()])
	}
	return true
}

// beyond reports whether a state is beyond the bounds of epochs or rounds.
func (x *Search) beyond(tuple []uint32) bool {
	s := &x.setup
	if s.MaxEpoch == 0 && s.MaxRound == 0 {
		return false
	}
	for i := range s.all() {
		if s.exceeds(&x.locals.list[tuple[i]].sum) {
			return true
		}
	}
	return false
}

// mayGoOn reports progress, and whether the search may go on.
func (x *Search) mayGoOn(at, depth int) bool {
	p := x.progress(at, depth)
	switch {
	case x.locals.differ != "":
		x.result.Why = "servers in equal states behave differently"
		return false
	case x.options.Progress != nil && !x.options.Progress(p):
		x.result.Why = "interrupted"
		return false
	case x.options.Memory > 0 && p.Bytes > x.options.Memory:
		x.result.Why = fmt.Sprintf(OutOfMemory+": %d MB are used", p.Bytes>>20)
		return false
	case x.store.full != nil:
		x.result.Why = x.store.full.Error()
		return false
	case int64(x.store.n) > 1<<32-1<<20:
		x.result.Why = "the limit of 4 billion states is reached"
		return false
	}
	return true
}

func (x *Search) progress(at, depth int) Progress {
	l := x.locals
	bytes := x.store.bytes() + x.nets.bytes() + l.after.bytes() + x.audits.after.bytes() +
		x.queues.pushed.bytes() + len(x.queues.list)*8 +
		l.texts.size + l.calls.texts.size*3 + x.audits.texts.size + // and what goes with them
		len(l.made)*200 + len(l.list)*300 + len(x.audits.texts.list)*80
	earlier := 0
	if x.saved != nil {
		earlier = x.saved.States
	}
	return Progress{States: x.store.n, Earlier: earlier, Open: x.store.n - at, Depth: depth, Bytes: bytes,
		Level: x.place.size, Above: x.place.above, Next: max(0, x.store.n-x.place.level),
		Locals: len(l.list) - 1, Audits: len(x.audits.texts.list), Choices: x.choices}
}

func (x *Search) finish(at, depth int) {
	r := &x.result
	x.adder.close()
	r.Progress = x.progress(at, depth)
	r.Pairs, r.Exits, r.Differs = len(x.locals.made), x.locals.exits, x.locals.differ
	if r.Why != "" || r.Broken != nil || r.Differs != "" || r.Reached {
		r.Complete = false
	}
}
