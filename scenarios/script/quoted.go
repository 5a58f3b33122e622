package script

import (
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// leastQuoted is how many texts of a diagram must be in quotes, so that the quotes are its style.
const leastQuoted = 4

// plainQuotes returns a diagram whose author puts every text in quotes, without the quotes: they are
// no values there. It returns any other diagram unchanged.
func plainQuotes(d *diagram.Diagram) *diagram.Diagram {
	n, all := 0, true
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		text := ""
		switch it := it.(type) {
		case *diagram.Arrow:
			text = it.Text
		case *diagram.Note:
			text = it.Text
		}
		if text != "" {
			_, quoted := insideQuotes(text)
			all = all && quoted
			n++
		}
		return all
	})
	if !all || n < leastQuoted {
		return d
	}
	plain := *d
	plain.Items = withoutQuotes(d.Items)
	return &plain
}

// withoutQuotes returns copies of items, with texts without their quotes.
func withoutQuotes(items []diagram.Item) []diagram.Item {
	list := make([]diagram.Item, len(items))
	for i, it := range items {
		switch it := it.(type) {
		case *diagram.Arrow:
			a := *it
			a.Text, _ = insideQuotes(it.Text)
			a.TextPos.Column++
			list[i] = &a
		case *diagram.Note:
			n := *it
			n.Text, _ = insideQuotes(it.Text)
			n.TextPos.Column++
			list[i] = &n
		case *diagram.Block:
			b := *it
			b.Branches = append([]diagram.Branch(nil), it.Branches...)
			for k := range b.Branches {
				b.Branches[k].Items = withoutQuotes(it.Branches[k].Items)
			}
			list[i] = &b
		default:
			list[i] = it
		}
	}
	return list
}

// insideQuotes returns what stands between the quotes that enclose a whole text. It returns false if
// no quotes do.
func insideQuotes(text string) (inside string, ok bool) {
	inside = strings.TrimSpace(text)
	if len(inside) < 3 || inside[0] != '"' || inside[len(inside)-1] != '"' ||
		strings.IndexByte(inside[1:len(inside)-1], '"') >= 0 {
		return text, false
	}
	return inside[1 : len(inside)-1], true
}
