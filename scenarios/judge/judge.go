package judge

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/promise"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// DefaultLimit is how much wall time porcupine may take for one model. After that the verdict is
// undecided, never ok.
const DefaultLimit = 20 * time.Second

// mostExplained limits the breaches of a check, and mostLed the events of a breach.
const (
	mostExplained = 3
	mostLed       = 12
)

// Options say what to check. With the zero value, Judge makes every check for which the record has
// the operations.
type Options struct {
	Models            []lin.Model // porcupine's; default: those that fit the history
	Scope             lin.Scope   // default: the model's own
	LinearizableReads bool
	QuorumSync        bool
	Limit             time.Duration // default DefaultLimit
	WitnessFirst      bool          // and skip porcupine if it complains, to save time
	Part              bool          // the history goes on: see [Judgement.Rest]
	Patience          time.Duration // see [lin.Options], as for ZxidsFirst
	ZxidsFirst        bool
}

// Judgement has the verdicts of both judges.
type Judgement struct {
	Checks   []Check
	Verdicts []lin.Verdict // porcupine's, by model
	Figures  witness.Figures
	Promises promise.Figures // of recipes
	// Rest is what the next part of the history needs; nil without [Options.Part], and if this part
	// must be judged again together with the next one: see [witness.JudgePart].
	Rest *lin.Rest
}

// Picture returns the verdict to draw: the first verdict that reports a violation, or the first of
// all if none does.
func (j *Judgement) Picture() lin.Verdict { return picture(j.Verdicts) }

// Judge checks a record with both judges: porcupine and the witness. The witness checks r.
// Porcupine checks black, the history as the clients see it, in which the outcome of an operation
// without an answer is unknown; if black is nil, porcupine checks the operations of r. Judge
// returns an error only if a history is invalid: see [lin.History.Validate].
func Judge(black lin.History, r lin.Record, o Options) (j Judgement, err error) {
	if black == nil {
		black = r.Ops
	}
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	if o.WitnessFirst {
		if err := j.witness(r, &o); err != nil {
			return j, err
		}
		if slices.ContainsFunc(j.Checks, func(c Check) bool {
			return c.Verdict == lin.Broken && c.Promised
		}) {
			j.Checks = append(j.Checks, sessionOrder(black))
			return j, nil
		}
	}
	j.promises(&r)
	models := o.Models
	if len(models) == 0 {
		models = Models(black, r.Initial)
	}
	initial, closed := lin.Relevant(r.Initial, black), lin.Ended(r.Closed, black)
	for _, m := range models {
		options := lin.Options{Model: m, Scope: o.Scope, Initial: initial, Closed: closed,
			Timeout: o.Limit, Patience: o.Patience, ZxidsFirst: o.ZxidsFirst}
		if m == lin.Election && o.LinearizableReads && o.Scope == "" {
			options.Scope = lin.All
		}
		v, err := lin.Check(black, options)
		if err != nil {
			return j, err
		}
		if v.Result == lin.Undecided {
			prove(&v, black, r.Ops, options)
		}
		j.Verdicts = append(j.Verdicts, v)
		j.Checks = append(j.Checks, checkOf(&v, black, &o))
	}
	if zxids(r.Ops) {
		j.Checks = append(j.Checks, sessionOrder(black))
	}
	if !o.WitnessFirst {
		if err := j.witness(r, &o); err != nil {
			return j, err
		}
	}
	if slices.Contains(models, lin.ZNode) && zxids(r.Ops) {
		j.Checks = append(j.Checks, judgesAgree(j.Checks))
	}
	return j, nil
}

// prove tries the zxid order of the whole record for a history that porcupine did not decide. The
// record knows which of the unanswered operations took effect, and when; without them the order of
// the others often explains nothing. An order that explains every answer is a proof wherever it
// comes from: an unanswered operation may have happened, or not.
func prove(v *lin.Verdict, black, record lin.History, o lin.Options) {
	o.ZxidsFirst, o.Timeout = true, 1 // ns: only the zxids, no search
	w, err := lin.Check(record, o)
	if err != nil || !w.Certified {
		return
	}
	place := make([]int, 0, len(record)) // of each operation of the record, in black
	for i := range black {
		if k := len(place); k < len(record) && black[i].Client == record[k].Client &&
			black[i].Kind == record[k].Kind && black[i].Call == record[k].Call {
			place = append(place, i)
		}
	}
	if len(place) != len(record) {
		return
	}
	v.Result, v.Certified, v.Order = lin.Linearizable, true, nil
	for _, k := range w.Order {
		v.Order = append(v.Order, place[k])
	}
	v.Longest, v.Blame, v.Misses = v.Order, nil, nil
}

// Models returns the models that apply to the operations of a history. If there are no initial
// nodes and no operation creates a node, the values are judged as registers, not as a tree.
func Models(h lin.History, initial []lin.Node) (models []lin.Model) {
	var made, values, locks, holders, offices bool
	made = len(initial) > 0
	for i := range h {
		op := &h[i]
		switch op.Kind {
		case lin.Create, lin.Multi:
			made = true
			offices = offices || op.Ephemeral && !op.Sequential
		case lin.Set, lin.Get:
			values = true
		case lin.Acquire, lin.Release, lin.Use:
			locks = true
		case lin.Holder:
			holders = true
		}
	}
	tree := made || !values && !locks && !holders
	for _, m := range []struct {
		model lin.Model
		fits  bool
	}{{lin.ZNode, tree}, {lin.Register, values || tree}, {lin.Lock, locks},
		{lin.Election, holders || offices}} {
		if m.fits {
			models = append(models, m.model)
		}
	}
	return models
}

// zxids reports whether a history has zxids. The witness can check little without zxids.
func zxids(h lin.History) bool {
	return slices.ContainsFunc(h, func(op lin.Operation) bool {
		return op.Zxid != 0 || op.Txn != 0
	})
}

// words are, for each model, the name of porcupine's check and its text if the verdict is ok.
var words = map[lin.Model]struct{ name, ok string }{
	lin.ZNode: {CheckWrites, "one order of %d operations explains every answer to a write"},
	lin.Register: {CheckRegister, "the reads are linearizable too, although ZooKeeper does not " +
		"promise this: one order of %d operations explains them"},
	lin.Lock: {CheckLock, "the %d operations fit into one order, with one holder at a time and " +
		"increasing fencing tokens"},
	lin.Election: {CheckElection, "the %d operations fit into one order, with one leader at a " +
		"time"},
}

// checkOf turns a verdict of porcupine into a check.
func checkOf(v *lin.Verdict, h lin.History, o *Options) Check {
	c := Check{Name: words[v.Model].name, Verdict: v.Result, Promised: true}
	n := len(h) - len(v.Left)
	c.Text = fmt.Sprintf(words[v.Model].ok, n)
	reads := v.Model == lin.Register || v.Scope == lin.All && v.Model != lin.Lock
	if reads && zxids(h) {
		c.Promised = o.LinearizableReads
	} else if v.Model == lin.Register {
		c.Text = fmt.Sprintf("one order of all %d reads and writes explains every value", n)
	}
	if n == 0 {
		c.Idle = v.Result == lin.Linearizable
		c.Text = "nothing to check: no client read or set the value of a persistent node"
	}
	switch {
	case v.Certified && o.ZxidsFirst:
		c.Note = "the order of the zxids explains every answer, so porcupine did not have to search"
	case v.Certified:
		c.Note = "porcupine ran out of time, but the order of the zxids explains every answer"
	}
	switch v.Result {
	case lin.Undecided:
		c.Text = fmt.Sprintf("undecided: porcupine reached no verdict within %s", o.Limit)
	case lin.Broken:
		list := make([]string, len(v.Blame))
		for n, i := range v.Blame {
			list[n] = h[i].String()
		}
		c.Text = "no order explains the answer to: " + strings.Join(list, "; ")
		if c.Bad = !c.Promised; c.Bad {
			c.Text = "a stale read, which ZooKeeper allows: " + c.Text
		}
		for _, m := range v.Misses[:min(len(v.Misses), mostExplained)] {
			b := lin.Breach{Op: m.Op, Before: m.After, Reference: m.Reference, Seen: m.Seen}
			c.Breaches = append(c.Breaches, explain(h, &b))
		}
	}
	return c
}

// explain returns a breach with the operations before and after it.
func explain(h lin.History, breach *lin.Breach) Explained {
	e := Explained{Called: -1, Returned: -1, Reference: breach.Reference, Seen: breach.Seen}
	if breach.Op < 0 {
		return e
	}
	op := &h[breach.Op]
	e.Operation, e.Called = op.String(), sim.Time(op.Call)
	if op.Outcome != lin.Unknown {
		e.Returned = sim.Time(op.Return)
	}
	e.step(op)
	if breach.Before >= 0 {
		e.After = h[breach.Before].String()
		e.step(&h[breach.Before])
	}
	next := -1
	for i := range h {
		o := &h[i]
		if i == breach.Op || i == breach.Before || !o.Kind.Write() || o.Call <= op.Return ||
			op.Outcome == lin.Unknown {
			continue
		}
		if next < 0 || o.Call < h[next].Call {
			next = i
		}
	}
	if next >= 0 {
		e.Before = h[next].String()
	}
	return e
}

// step adds the place of an answer in the run.
func (e *Explained) step(op *lin.Operation) {
	if op.Place > 0 {
		e.Steps = append(e.Steps, op.Place-1)
	}
}

// sessionOrder checks, by the zxids of the replies, that no session sees an older state after a
// newer one.
func sessionOrder(h lin.History) Check {
	c := Check{Name: CheckSessions, Verdict: lin.Linearizable,
		Text: "no session saw an older state after a newer one", Promised: true}
	for n, s := range lin.SessionOrder(h) {
		if n == 0 {
			c.Verdict, c.Text = lin.Broken, s.Text
		}
		if n < mostExplained {
			c.Breaches = append(c.Breaches, explain(h, &s))
		}
	}
	return c
}

// witness adds the checks of the witness, which trusts the zxids. Without zxids it adds only the
// checks that need none.
func (j *Judgement) witness(r lin.Record, o *Options) error {
	options := witness.Options{QuorumSync: o.QuorumSync, Linearizable: o.LinearizableReads}
	var report witness.Report
	var err error
	if o.Part {
		report, j.Rest, err = witness.JudgePart(r, options)
	} else {
		report, err = witness.Judge(r, options)
	}
	if err != nil {
		return err
	}
	j.Figures = report.Figures
	told := zxids(r.Ops)
	for i := range report.Verdicts {
		v := &report.Verdicts[i]
		switch v.Check {
		case witness.Exclusion:
			if !told && len(r.Beliefs) == 0 {
				continue
			}
		case witness.Fencing:
			if !told && len(r.Accesses) == 0 {
				continue
			}
		default:
			if !told {
				continue
			}
		}
		c := Check{Name: CheckWitness + "/" + v.Check, Verdict: v.Result, Text: v.Text,
			Promised: true}
		if v.Result == lin.Linearizable {
			c.Bad = j.Figures.Bad(v.Check)
			c.Idle = strings.HasPrefix(v.Text, witness.Idle)
		}
		for _, w := range v.Breaches[:min(len(v.Breaches), mostExplained)] {
			c.Breaches = append(c.Breaches, explain(r.Ops, &w))
		}
		j.Checks = append(j.Checks, c)
	}
	return nil
}

// judgesAgree returns a check that is broken if the two judges contradict each other. Porcupine may
// choose the order of the writes, and the witness takes their order from the zxids. If porcupine
// finds no order and the witness reports no breach, one of the two is wrong.
func judgesAgree(checks []Check) Check {
	c := Check{Name: CheckAgree, Verdict: lin.Linearizable,
		Text: "porcupine and the witness, which replays the writes in zxid order, do not " +
			"contradict each other", Promised: true}
	porcupine, complaint := false, false
	for i := range checks {
		k := &checks[i]
		porcupine = porcupine || k.Name == CheckWrites && k.Verdict == lin.Broken
		complaint = complaint || strings.HasPrefix(k.Name, CheckWitness+"/") &&
			k.Verdict != lin.Linearizable
	}
	if porcupine && !complaint {
		c.Verdict, c.Text = lin.Broken,
			"porcupine finds no order of the writes, but the witness, which replays them in zxid "+
				"order, reports no breach: one of the two judges is wrong"
	}
	return c
}

// Explain adds to each breach the events of the run that led to it.
func Explain(checks []Check, events []trace.Event) {
	for i := range checks {
		for k := range checks[i].Breaches {
			b := &checks[i].Breaches[k]
			b.Led = nil
			places := make([]int64, 0, len(b.Steps))
			for _, s := range b.Steps {
				if p := trace.Place(s); p < int64(len(events)) {
					places = append(places, p)
				}
			}
			slices.SortFunc(places, func(a, b int64) int { return cmp.Compare(b, a) })
			for _, e := range trace.Led(events, places, mostLed) {
				b.Led = append(b.Led, Moment{sim.Time(e.T), e.I, e.Say})
			}
		}
	}
}

// promises adds a check for each promise of a recipe of which the record has a case.
func (j *Judgement) promises(r *lin.Record) {
	report := promise.Judge(*r)
	j.Promises = report.Figures
	for i := range report.Verdicts {
		v := &report.Verdicts[i]
		if v.Judged == 0 {
			continue
		}
		c := Check{Name: v.Check, Verdict: v.Result, Text: v.Text, Promised: true}
		for k, b := range v.Breaches[:min(len(v.Breaches), mostExplained)] {
			e := Explained{Called: sim.Time(b.At), Returned: -1, Steps: b.Places}
			if k > 0 { // the first one is the text of the check
				e.Seen = b.Text
			}
			c.Breaches = append(c.Breaches, e)
		}
		j.Checks = append(j.Checks, c)
	}
}
