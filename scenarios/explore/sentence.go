package explore

import (
	"fmt"
	"strings"
)

// Sentence says what a search has shown, with its bounds. It has the word complete only if the
// search has tried every choice in every state within the bounds.
func (r *Result) Sentence() string {
	bounds := r.Setup.Bounds()
	if r.Given > 0 {
		bounds += ", after " + plural(r.Given, "given step", "given steps")
	}
	further := plural(len(r.Steps), "step", "steps")
	if r.Given > 0 {
		further = fmt.Sprintf("%s (the given steps and %d more)", further, len(r.Steps)-r.Given)
	}
	states := thousands(r.States) + " states"
	if r.Certainty != nil {
		what := fmt.Sprintf("%q is reached", goalText(r.Goal))
		if r.Broken != nil {
			what = r.Broken.Name + " is broken"
		}
		return fmt.Sprintf("%s: %s after %s, and no shorter path leads to it; %s", bounds, what,
			further, r.certain())
	}
	until := "the search found " + states + " until then"
	if r.Why != "" {
		until = fmt.Sprintf("the step after which this end was certain is not known, because the "+
			"search has ended early (%s)", r.Why)
	}
	switch {
	case r.Differs != "":
		return fmt.Sprintf("%s: this result is invalid, because the search took two different "+
			"states for the same state: %s", bounds, r.Differs)
	case r.Broken != nil:
		return fmt.Sprintf("%s: %s is broken after %s, and no shorter path breaks it; %s", bounds,
			r.Broken.Name, further, until)
	case r.Reached:
		return fmt.Sprintf("%s: %q is reached after %s, and no shorter path reaches it; %s", bounds,
			r.Goal.text, further, until)
	case !r.Complete:
		followed := thousands(r.States - r.Open)
		return fmt.Sprintf("%s: not complete (%s): the search found %s and followed %s of them, "+
			"0 violations",
			bounds, r.Why, states, followed)
	case r.Goal != nil && r.Cut > 0:
		return fmt.Sprintf("%s: %q is true in none of the %s within the bounds; %s states beyond "+
			"them were found and not followed", bounds, r.Goal.text, states, thousands(r.Cut))
	case r.Goal != nil:
		return fmt.Sprintf("%s: %q is true in none of the %s; the search was "+
			"complete", bounds, r.Goal.text, states)
	case r.Rests && r.Cut == 0:
		return fmt.Sprintf("%s: all %s, 0 violations, complete; each state can lead to a state "+
			"in which all servers serve clients", bounds, states)
	case r.Cut > 0:
		return fmt.Sprintf("%s: all %s, 0 violations, complete up to the bounds: %s states beyond "+
			"them were found and not followed", bounds, states, thousands(r.Cut))
	}
	return fmt.Sprintf("%s: all %s, 0 violations, complete", bounds, states)
}

func goalText(g *Goal) string {
	if g == nil {
		return ""
	}
	return g.text
}

// thousands prints a number with commas.
func thousands(n int) string {
	s := fmt.Sprint(n)
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return strings.Join(append([]string{s}, parts...), ",")
}
