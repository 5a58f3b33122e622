package ensemble

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"github.com/zablab/zablab/zab/flaw"
)

// The groups of a [Tally].
const (
	TallyOperations   = "operations"   // by kind and outcome, as clients learn it
	TallyMessages     = "messages"     // received, by kind and direction
	TallyTransitions  = "transitions"  // of a server's state and phase
	TallyTransactions = "transactions" // by type, applied or replayed
	TallyWatches      = "watches"      // set, by kind; and events sent, by type
	TallySessions     = "sessions"     // states of a client's session
	TallyRecipes      = "recipes"      // what programs mark
	TallyFaults       = "faults"       // by kind
	TallyPlaces       = "fault places" // faults of servers: at which message, in which state
	TallyRecords      = "records"      // of the world, by kind
	TallyFlaws        = "flaws"        // how often the code of a flaw would have made a difference
)

// Tally counts what happened in runs, such as messages, operations and changes of a server's state,
// by group and name.
type Tally map[string]map[string]int

// Add adds n to the count of a name.
func (t Tally) Add(group, name string, n int) {
	g := t[group]
	if g == nil {
		g = make(map[string]int)
		t[group] = g
	}
	g[name] += n
}

// Merge adds the counts of another tally.
func (t Tally) Merge(o Tally) {
	for group, names := range o { // order: each name alone
		for name, n := range names { // order: each name alone
			t.Add(group, name, n)
		}
	}
}

// Since returns by how much each count of t has grown since an earlier tally. It leaves out the
// counts that have not grown.
func (t Tally) Since(earlier Tally) Tally {
	more := make(Tally)
	for group, names := range t { // order: each name alone
		for name, n := range names { // order: each name alone
			if n -= earlier[group][name]; n != 0 {
				more.Add(group, name, n)
			}
		}
	}
	return more
}

// Clone returns a copy.
func (t Tally) Clone() Tally {
	c := make(Tally)
	c.Merge(t)
	return c
}

// standing is a server's state and phase.
type standing struct {
	state zab.State
	phase zab.Phase
}

func (s standing) String() string { return s.state.String() + " " + s.phase.String() }

// counting is what a run counts for its tally while it goes on. It is nil if nobody asked.
type counting struct {
	tally  Tally
	places flaw.Places
	moved  map[[2]standing]int
}

// counted counts the messages that a program receives.
type counted struct {
	sim.Program
	into map[string]int
	role string // "S" for a server, "C" for a client
}

// Unwrap returns the program itself.
func (c *counted) Unwrap() sim.Program { return c.Program }

// Step counts a message, and hands it to the program.
func (c *counted) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	if e.Kind == sim.Received {
		c.into[c.nameOf(&e)]++
	}
	return c.Program.Step(now, e, out)
}

// nameOf says what a message is, and from whom to whom it goes.
func (c *counted) nameOf(e *sim.Event) string {
	switch m := e.Msg.(type) {
	case *tree.Request:
		return "client to server: " + m.Type.String()
	case *tree.WatchNotification:
		return "server to client: EVENT " + m.Type.String()
	}
	switch {
	case c.role == "client":
		return "server to client: " + e.Msg.Name()
	case e.Port == zab.PortClient:
		return "client to server: " + e.Msg.Name()
	}
	return "between servers: " + e.Msg.Name()
}

// count wraps a program to count its messages, if the run has a tally.
func (e *Ensemble) count(role string, p sim.Program) sim.Program {
	if e.counting == nil {
		return p
	}
	into := e.counting.tally[TallyMessages]
	if into == nil {
		into = make(map[string]int)
		e.counting.tally[TallyMessages] = into
	}
	return &counted{Program: p, into: into, role: role}
}

// stands notes a server's state and phase.
func (p *probe) stands(z *zab.Peer) {
	now := standing{z.State(), z.Phase()}
	if c := p.e.counting; c != nil && now != p.stood {
		c.moved[[2]standing{p.stood, now}]++
	}
	p.stood = now
}

// Tally returns what the run has reached so far, or nil unless [Config].Tally asked for it.
func (e *Ensemble) Tally() Tally {
	if e.counting == nil {
		return nil
	}
	t := e.counting.tally.Clone()
	for m, n := range e.counting.moved { // order: each name alone
		t.Add(TallyTransitions, m[0].String()+" → "+m[1].String(), n)
	}
	for f, n := range e.counting.places {
		if n > 0 {
			t.Add(TallyFlaws, flaw.Flaw(f).String(), n)
		}
	}
	e.takeCalls()
	for _, o := range e.ops {
		outcome := o.Outcome.String()
		switch {
		case o.Lost && o.Outcome == client.Pending:
			outcome = "its client died"
		case o.Outcome == client.Failed:
			outcome = o.Code.Error()
		}
		operation := called(&o.Op) + extreme(o)
		t.Add(TallyOperations, operation+": "+outcome, 1)
	}
	for _, c := range e.clients {
		for _, s := range c.states {
			t.Add(TallySessions, s.State.String(), 1)
		}
		for _, b := range c.beliefs {
			t.Add(TallyRecipes, map[bool]string{true: "believes",
				false: "no longer believes"}[b.Leads], 1)
		}
		for _, m := range c.marks {
			t.Add(TallyRecipes, engine.MarkName(m.Kind), 1)
		}
	}
	for _, r := range e.reached {
		t.Add(TallyPlaces, "at "+cmp.Or(r.Message, "no message"), r.N)
		t.Add(TallyPlaces, "in "+standing{r.State, r.Phase}.String(), r.N)
	}
	for kind, n := range e.World.Tally() {
		if n > 0 {
			t.Add(TallyRecords, narration.KindName(sim.RecordKind(kind)), int(n))
		}
	}
	return t
}

// watcherTypes are the kinds of watches that a removeWatches or checkWatches is about.
var watcherTypes = map[tree.WatcherType]string{
	tree.WatcherChildren: "children", tree.WatcherData: "data", tree.WatcherAny: "any",
	tree.WatcherPersistent: "persistent", tree.WatcherPersistentRecursive: "recursive",
}

// extreme says what is extreme in an operation: its size, or its number.
func extreme(o *engine.Op) string {
	const megabyte = 1_000_000
	r := &o.Result
	_, name, _ := tree.SplitPath(r.Path)
	switch {
	case len(o.Op.Data) > megabyte || len(r.Data) > megabyte:
		return " (a megabyte)"
	case len(r.Children) > 900 || r.Number > 900:
		return " (a thousand children)"
	case o.Op.Flags.IsSequential() && (strings.HasSuffix(name, "2147483647") ||
		strings.Contains(name, "-214748")):
		return " (last number)"
	}
	return ""
}

// called says which operation it is, and in which form.
func called(o *tree.Op) string {
	name := o.Type.String()
	switch o.Type {
	case tree.OpRemoveWatches, tree.OpCheckWatches:
		return name + " " + watcherTypes[o.WatcherType]
	case tree.OpAddWatch:
		if o.WatchMode == tree.WatchPersistentRecursive {
			return name + " recursive"
		}
		return name + " persistent"
	case tree.OpCreate, tree.OpCreate2, tree.OpCreateContainer, tree.OpCreateTTL:
		if o.Type == tree.OpCreateContainer || o.Type == tree.OpCreateTTL {
			return name
		}
		return name + " " + o.Flags.String()
	case tree.OpMulti:
		var parts []string
		for i := range o.Ops {
			parts = append(parts, o.Ops[i].Type.String())
		}
		slices.Sort(parts)
		if parts = slices.Compact(parts); len(parts) == 1 {
			return name + " of " + parts[0]
		}
		if slices.Contains(parts, "check") || slices.Contains(parts, "delete") {
			return name + " with checks or deletes"
		}
	}
	if o.Watch {
		return name + " with a watch"
	}
	return strings.TrimSpace(name)
}

// watchSet and watchFired count the watches that servers set, and the events that they send.
func (c *counting) watchSet(kind server.WatchKind) {
	if c != nil {
		c.tally.Add(TallyWatches, "set: "+kind.String(), 1)
	}
}

func (c *counting) watchFired(e tree.EventType) {
	if c != nil {
		c.tally.Add(TallyWatches, "fired: "+e.String(), 1)
	}
}

// applied counts a transaction.
func (c *counting) applied(op tree.OpCode, replayed bool) {
	switch {
	case c == nil:
	case replayed:
		c.tally.Add(TallyTransactions, "replayed: "+op.String(), 1)
	default:
		c.tally.Add(TallyTransactions, "applied: "+op.String(), 1)
	}
}

// fault counts a fault that is carried out.
func (c *counting) fault(f *sim.Fault) {
	if c != nil {
		c.tally.Add(TallyFaults, f.Kind.String(), 1)
	}
}
