package explore

import (
	"fmt"
	"slices"

	"github.com/zablab/zablab/zab"
)

// Step is one action of a counter-example, in words.
type Step struct {
	Says  string   // S2 receives NEWLEADER from S3
	Then  []string // what the audit learned by it: S2 acks NEWLEADER of epoch 1
	Fault bool
}

// explain sets the result to the violation x.broken and the steps that lead to it: the steps to the
// state at a place, and then the action a. Without a violation these are the steps to the goal. It
// plays them on fresh peers. If the outcome is not the same there, the search took two states for
// one that differ: then the result says so, and has neither a violation nor a goal.
func (x *Search) explain(at int, a action) {
	x.adder.flush()
	broken, name := x.broken, "reached the goal"
	if broken != nil {
		name = "broke " + broken.Name
	}
	actions := append(slices.Clone(x.given), x.actionsTo(at)...)
	if a.kind != 0 {
		actions = append(actions, a)
	}
	w := newWorld(&x.result.Setup, newWords())
	steps, story, ok := w.retell(actions)
	if !ok {
		x.locals.differ = fmt.Sprintf("the search %s, but step %d of the same steps is not "+
			"possible on fresh servers", name, len(steps)+1)
		return
	}
	switch {
	case broken == nil:
		if x.result.Reached = w.broken == nil && w.reaches(x.options.Goal); !x.result.Reached {
			x.locals.differ = "the search reached the goal, but the same steps do not reach " +
				"it on fresh servers"
			return
		}
		x.result.Servers = w.describe()
	case a.kind == 0 && w.broken == nil: // a state without a next one that is good
	case w.broken == nil || w.broken.Name != broken.Name:
		x.locals.differ = fmt.Sprintf("the search broke %s, but the same steps do not break it on "+
			"fresh servers", broken.Name)
		return
	default:
		broken = w.broken // with the real numbers of lives
	}
	x.result.Broken, x.result.Steps, x.result.Story = broken, steps, story
}

// placesTo returns the places of the states on the way to the state at a place, which is the last.
func (x *Search) placesTo(at int) []int {
	list := []int{at}
	for ; at > 0; list = append(list, at) {
		at = int(x.store.at(at)[x.store.width])
	}
	slices.Reverse(list)
	return list
}

// actionsTo finds the actions that lead to the state at a place.
func (x *Search) actionsTo(at int) (list []action) {
	places := x.placesTo(at)
	for i, to := range places[1:] {
		tuple := slices.Clone(x.store.at(to)[:x.store.width])
		list = append(list, x.actionFrom(places[i], tuple))
	}
	return list
}

// actionFrom finds the first action that leads from the state at a place to a tuple.
func (x *Search) actionFrom(from int, tuple []uint32) action {
	x.load(x.store.at(from))
	for _, a := range x.setup.choices(nil, &x.scene.sums, x.scene.chans, x.spent) {
		x.take(x.store.at(from), a)
		if x.broken == nil && slices.Equal(x.tuple, tuple) {
			return a
		}
	}
	panic("explore: no action leads from one recorded state to the next: this is a bug of the " +
		"lab")
}

// tell carries out an action, and says it in words.
func (x *world) tell(a action) Step {
	step := Step{Says: x.say(a), Fault: a.kind >= doCrash || a.early}
	x.take(a)
	step.Then = slices.Clone(x.said)
	return step
}

// say says an action in words, before it is carried out.
func (x *world) say(a action) string {
	who := fmt.Sprintf("S%d", a.a)
	switch a.kind {
	case doDeliver:
		c := x.scene.find(a.conn)
		from, to := a.conn.end(int(a.b)), a.conn.end(1-int(a.b))
		head := x.scene.queues.list[c.q[a.b]].head
		if head == endMark {
			return fmt.Sprintf("S%d learns that its connection with S%d has ended", to, from)
		}
		m := x.words.messages[head].(zab.Message)
		return fmt.Sprintf("S%d receives %s %v from S%d", to, m.Name(), m.At(), from)
	case doFsync:
		file := x.servers[a.a].syncs[0].asked.File
		if file == "" {
			file = "its directory"
		}
		if x.setup.Atomic {
			return fmt.Sprintf("%s has written %s to its disk", who, file)
		}
		return fmt.Sprintf("%s has fsynced %s", who, file)
	case doTimer:
		return fmt.Sprintf("a timer of %s fires: %s", who, zab.Timer(a.b))
	case doElect:
		return x.election(a, x.setup.members(a.set))
	case doJoin:
		return fmt.Sprintf("%s learns that S%d leads", who, a.b)
	case doRestart:
		return who + " restarts"
	case doWrite:
		return fmt.Sprintf("a client writes %c at %s", written[x.spent.of(spentWrites)], who)
	case doCrash:
		return who + " crashes"
	case doPower:
		return who + " loses power"
	case doWipe:
		return who + " loses its disk"
	}
	return "?"
}

// tellReader says in words what the reports of a step mean.
func (x *world) tellReader(list []report) {
	say := func(format string, args ...any) {
		if s := fmt.Sprintf(format, args...); !slices.Contains(x.said, s) {
			x.said = append(x.said, s)
		}
	}
	for i := range list {
		r := &list[i]
		z := zab.Zxid(r.n)
		switch r.kind {
		case repElected:
			say("a quorum has promised epoch %d to S%d", r.n, r.id)
		case repEstablished:
			say("S%d leads epoch %d, which is established", r.id, r.n)
		case repPledged:
			say("S%d promises epoch %d", r.id, r.n)
		case repAcked:
			if z.Counter() == 0 {
				say("S%d acks NEWLEADER of epoch %d", r.id, z.Epoch())
			} else {
				say("S%d acks %v", r.id, z)
			}
		case repCommitted:
			say("S%d commits %v", r.id, z)
		case repTruncated:
			say("S%d truncates its log to %v", r.id, z)
		case repInstalled:
			say("S%d replaces its history with a snapshot at %v", r.id, z)
		case repCatchUp:
			say("S%d sends %s to S%d", r.id, r.name, r.n)
		case repVoted:
			if r.vote.Leader == r.id {
				say("S%d votes for itself: epoch %d, %v", r.id, r.vote.Epoch, r.vote.Zxid)
			}
		}
	}
}
