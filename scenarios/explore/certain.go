package explore

import "fmt"

// Certainty is when what a search has found became certain: from which states every continuation
// leads there, whatever happens next. What it has found is a check that is broken, or the goal. A run
// ends when any check is broken, or at the goal. Ways out are a run that ends otherwise, a run that
// never ends, and a state beyond the bounds.
type Certainty struct {
	// From is the number of steps, without those of Options.From, after which it was certain; the
	// number of all these steps if the last one could still have been another.
	From   int
	Before []Odds // by step: the choices before it
	States int    // from which it is certain
}

// Odds are the choices in one state: how many there are, and after how many of them it is certain.
type Odds struct{ Choices, Certain int }

// certain says from which step on the end of the story was certain.
func (r *Result) certain() string {
	c := r.Certainty
	steps := len(r.Steps) - r.Given
	out := ""
	if r.Cut > 0 {
		out = fmt.Sprintf(" (%s states beyond the bounds, which were not followed, count as ways out)",
			thousands(r.Cut))
	}
	total := fmt.Sprintf("; the same is true of %s of all %s states%s", thousands(c.States),
		thousands(r.States), out)
	switch {
	case c.From == 0 && r.Given > 0:
		return "after the given steps it was certain already, and perhaps before" + total
	case c.From == 0:
		return "it was certain from the start, whatever happened" + total
	case c.From >= steps:
		o := c.Before[steps-1]
		if o.Certain == o.Choices {
			return "it was never certain: the last step is a fault or a write, which need not happen" +
				out
		}
		return fmt.Sprintf("it was never certain: up to the last step, another of the %s could have "+
			"averted it%s", plural(o.Choices, "choice", "choices"), out)
	}
	o := c.Before[c.From-1]
	return fmt.Sprintf("after step %d it was certain: every continuation leads to it; at step %d, "+
		"%d of the %s led there%s", r.Given+c.From, r.Given+c.From, o.Certain, plural(o.Choices, "choice", "choices"),
		total)
}

// ending is an action in the state at a place, after which the search has found what it looks for.
type ending struct {
	at     int
	action action
	broken *Violation
}

// certainty goes through all states backward until it finds no further state from which every choice
// leads to what the search looks for. Then it tells the first story, and how certain its end was
// before each of its steps.
func (x *Search) certainty() {
	certain := make([]bool, x.store.n)
	count := 0
	for more := true; more; {
		more = false
		for at := x.store.n - 1; at >= 0; at-- {
			if at%(1<<14) == 0 && !x.mayGoOn(x.store.n, 0) {
				x.tellFirst()
				return
			}
			if !certain[at] && x.inevitable(at, certain) {
				certain[at], more = true, true
				count++
			}
		}
	}
	c := &Certainty{States: count}
	places := x.placesTo(x.first.at)
	for _, at := range places {
		c.Before = append(c.Before, x.odds(at, certain))
	}
	if x.first.action.kind == 0 { // the state itself is what the search looks for
		c.Before = c.Before[:len(c.Before)-1]
	}
	for c.From < len(places) && !certain[places[c.From]] {
		c.From++
	}
	if x.tellFirst(); x.locals.differ == "" {
		x.result.Certainty = c
	}
}

// tellFirst tells the first story, if there is one.
func (x *Search) tellFirst() {
	if x.first != nil && x.locals.differ == "" {
		choices := x.choices
		x.broken = x.first.broken
		x.explain(x.first.at, x.first.action)
		x.choices = choices
	}
}

// same reports whether a violation, or the goal if it is nil, is what the search looks for: the same
// check as in the first story.
func (x *Search) same(v *Violation) bool {
	first := x.first.broken
	return (v == nil) == (first == nil) && (v == nil || v.Name == first.Name)
}

// inevitable reports whether every choice in a state leads to what the search looks for. In a state in
// which only faults and writes remain, nothing needs to happen.
func (x *Search) inevitable(at int, certain []bool) bool {
	tuple := x.store.at(at)
	switch {
	case x.fits(tuple):
		return x.same(nil)
	case x.beyond(tuple):
		return false
	}
	list := x.choicesAt(at)
	if quiet(list) {
		v := x.setup.unserved(&x.scene.sums)
		return v != nil && x.same(v)
	}
	for _, a := range list {
		if !x.leads(at, a, certain) {
			return false
		}
	}
	return true
}

// odds counts the choices of a state.
func (x *Search) odds(at int, certain []bool) Odds {
	list := x.choicesAt(at)
	o := Odds{Choices: len(list)}
	for _, a := range list {
		if x.leads(at, a, certain) {
			o.Certain++
		}
	}
	return o
}

// leads reports whether an action in the state at a place leads to what the search looks for, or to a
// state from which that is certain.
func (x *Search) leads(at int, a action, certain []bool) bool {
	x.take(x.store.at(at), a)
	if x.broken != nil {
		return x.same(x.broken)
	}
	next := x.store.find(x.tuple)
	return next >= 0 && certain[next]
}

// choicesAt loads the state at a place, and returns its choices. The list is valid until the next
// call.
func (x *Search) choicesAt(at int) []action {
	x.load(x.store.at(at))
	x.list = x.setup.choices(x.list[:0], &x.scene.sums, x.scene.chans, x.spent)
	return x.list
}
