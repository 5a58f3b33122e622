package replay

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/sim"
)

// outcome says how many arrows of a document did not happen as drawn, and why.
type outcome struct {
	arrows    int
	later     int // over all runs, as the verdicts below
	unread    int
	surprises int // different or never, but not expected
	expected  int // different or never, as the author expects
	unplayed  int // not possible on the engine
	waits     []wait
}

// wait is a kind of event that delayed arrows, with its longest delay.
type wait struct {
	kind    string
	longest sim.Time
}

func (w wait) String() string { return w.kind + " " + w.longest.Brief() }

// outcomeOf adds up the arrows of a document.
func outcomeOf(r *scenarios.Result) (o outcome) {
	arrows, odd, counts := arrowsOf(r)
	o.arrows, o.later, o.unread = arrows, counts[scenarios.Later], r.Read.Unread
	o.surprises = odd - o.unread
	for i := range r.Diagrams {
		for k := range r.Diagrams[i].Arrows {
			if a := &r.Diagrams[i].Arrows[k]; !a.Surprise() && a.Verdict != scenarios.Remark {
				o.expected += a.Counts[scenarios.Different] + a.Counts[scenarios.Never]
			}
		}
	}
	o.unplayed = counts[scenarios.Unplayed]
	o.waits = waitsOf(r)
	return o
}

// waitsOf returns the kinds of events that delayed arrows, in order of the document.
func waitsOf(r *scenarios.Result) (list []wait) {
	for i := range r.Diagrams {
		for k := range r.Diagrams[i].Arrows {
			for _, o := range r.Diagrams[i].Arrows[k].Omitted {
				kind := o.What.Words()
				at := slices.IndexFunc(list, func(w wait) bool { return w.kind == kind })
				if at < 0 {
					at = len(list)
					list = append(list, wait{kind: kind})
				}
				list[at].longest = max(list[at].longest, o.Us)
			}
		}
	}
	return list
}

// full returns the outcome in words.
func (o *outcome) full() string {
	var parts []string
	if o.later > 0 {
		parts = append(parts,
			terminal.Plural(o.later, "arrow", "arrows")+" later: "+joined(o.waits, wait.String))
	}
	if o.unread > 0 {
		parts = append(parts, terminal.Plural(o.unread, "line", "lines")+" not read")
	}
	if o.surprises > 0 {
		parts = append(parts, terminal.Plural(o.surprises, "arrow", "arrows")+" not as drawn")
	}
	if o.expected > 0 {
		parts = append(parts,
			terminal.Plural(o.expected, "arrow", "arrows")+" \"different\" or \"never\", as the document announces")
	}
	if o.unplayed > 0 {
		parts = append(parts, terminal.Plural(o.unplayed, "arrow", "arrows")+" not possible on "+
			"this engine")
	}
	switch {
	case o.arrows == 0:
		return "nothing was played"
	case len(parts) == 0:
		return "as drawn"
	}
	return strings.Join(parts, "; ")
}

func joined(list []wait, say func(wait) string) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = say(w)
	}
	return strings.Join(words, ", ")
}

// fit returns the outcome in one line of at most room columns, with as many of the reasons as fit.
// What was not read and what the author did not expect comes first, so that it is always shown.
func (o *outcome) fit(room int) string {
	waits := slices.Clone(o.waits)
	slices.SortStableFunc(waits, func(a, b wait) int { return cmp.Compare(b.longest, a.longest) })
	kind := func(w wait) string { return w.kind }
	var whys []string // from the longest to the shortest
	if len(waits) > 0 {
		whys = []string{joined(waits, wait.String), joined(waits, kind)}
	}
	if len(waits) > 1 {
		whys = append(whys, waits[0].String()+", …", waits[0].kind+", …")
	}
	text := o.brief(joined(waits, wait.String), " as expected")
	for _, why := range append(whys, "") {
		if utf8.RuneCountInString(text) <= room {
			return text
		}
		text = o.brief(why, "")
	}
	return terminal.Clip(text, room)
}

// brief returns the outcome with a given reason, and a suffix for what is expected.
func (o *outcome) brief(why, suffix string) string {
	var parts []string
	if o.unread > 0 {
		parts = append(parts, terminal.Plural(o.unread, "line", "lines")+" not read")
	}
	if o.surprises > 0 {
		parts = append(parts, fmt.Sprintf("%d ✗ not expected", o.surprises))
	}
	if o.later > 0 {
		text := fmt.Sprintf("%d later", o.later)
		if why != "" {
			text += ": " + why
		}
		parts = append(parts, text)
	}
	if o.expected > 0 {
		parts = append(parts, fmt.Sprintf("%d ✗%s", o.expected, suffix))
	}
	if o.unplayed > 0 {
		parts = append(parts, fmt.Sprintf("%d not possible on this engine", o.unplayed))
	}
	switch {
	case o.arrows == 0:
		return "nothing was played"
	case len(parts) == 0:
		return fmt.Sprintf("all %d as drawn", o.arrows)
	}
	return strings.Join(parts, "; ")
}
