package explore

import "fmt"

// Certainty says from which step on the end of a story was certain. The end is what the search
// looks for: a check that is broken, or the goal. It is certain in a state if every continuation
// from that state leads to it. A continuation is a way out if it ends with another broken check or
// without any, if it never ends, or if it goes beyond the bounds.
type Certainty struct {
	// From is the number of steps, without those of Options.From, after which the end was certain.
	// If another choice was still possible at the last step, From is the number of all these steps.
	From   int
	Before []Odds // by step: the choices before it
	States int    // in which the end is certain
}

// Odds count the choices in one state: Choices is their number, and Certain is the number of those
// after which the end of the story has come or is certain.
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
	total := fmt.Sprintf("; it is certain in %s of all %s states%s", thousands(c.States),
		thousands(r.States), out)
	switch {
	case c.From == 0 && r.Given > 0:
		return "this end was already certain after the given steps, and perhaps earlier" + total
	case c.From == 0:
		return "this end was certain from the start: every path leads to it" + total
	case c.From >= steps:
		o := c.Before[steps-1]
		if o.Certain == o.Choices {
			return "this end was never certain: the last step is a fault or a write, which need " +
				"not happen" + out
		}
		return fmt.Sprintf("this end was never certain: even at the last step, only %d of the %s "+
			"led to it%s", o.Certain, plural(o.Choices, "choice", "choices"), out)
	}
	o := c.Before[c.From-1]
	return fmt.Sprintf("after step %d this end was certain: every continuation leads to it; at "+
		"step %[1]d, %[2]d of the %[3]s made it certain%[4]s", r.Given+c.From, o.Certain,
		plural(o.Choices, "choice", "choices"), total)
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
