package explore

import (
	"fmt"
	"strings"
)

// Sentence says what a search has shown, with its bounds. It says complete only if every state up
// to the bounds was followed.
func (r *Result) Sentence() string {
	bounds := r.Setup.Bounds()
	met := thousands(r.States) + " states"
	switch {
	case r.Differs != "":
		return fmt.Sprintf("%s: this result is invalid, because the search took two different "+
			"states for one: %s", bounds, r.Differs)
	case r.Broken != nil:
		return fmt.Sprintf("%s: %s is broken after %s, the fewest possible; %s were met before",
			bounds,
			r.Broken.Name, plural(len(r.Steps), "step", "steps"), met)
	case r.Reached:
		return fmt.Sprintf("%s: %q is reached after %s, the fewest possible; %s were met before", bounds,
			r.Goal.text, plural(len(r.Steps), "step", "steps"), met)
	case !r.Complete:
		return fmt.Sprintf("%s: not complete (%s): %s were met and %s of them followed, 0 violations",
			bounds, r.Why, met, thousands(r.States-r.Open))
	case r.Goal != nil && r.Cut > 0:
		return fmt.Sprintf("%s: none of all %s is %q; %s states beyond the bounds were met and not "+
			"followed", bounds, met, r.Goal.text, thousands(r.Cut))
	case r.Goal != nil:
		return fmt.Sprintf("%s: none of all %s is %q, complete", bounds, met, r.Goal.text)
	case r.Rests && r.Cut == 0:
		return fmt.Sprintf("%s: all %s, 0 violations, complete; from each state, all servers can "+
			"still reach service", bounds, met)
	case r.Cut > 0:
		return fmt.Sprintf("%s: all %s, 0 violations, complete up to the bounds: %s states beyond "+
			"them were met and not followed", bounds, met, thousands(r.Cut))
	}
	return fmt.Sprintf("%s: all %s, 0 violations, complete", bounds, met)
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
