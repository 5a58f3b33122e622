package script

import (
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
)

// onlyRemark reports whether an arrow or a note is only for the reader, because a line "%% expect:
// remark" says so. No other line is read by its words.
func onlyRemark(it diagram.Item) bool {
	switch it := it.(type) {
	case *diagram.Arrow:
		return it.Expect == diagram.OnlyRemark
	case *diagram.Note:
		return it.Expect == diagram.OnlyRemark
	}
	return false
}

// silent reports whether an item says nothing of what happens: a participant that is declared late, an
// activation.
func silent(it diagram.Item) bool {
	switch it.(type) {
	case *diagram.Declare, *diagram.Activation, *diagram.Autonumber, *diagram.Link:
		return true
	}
	return onlyRemark(it)
}

// below returns for each item the first item below it that is not only for the reader, or nil.
func below(items []diagram.Item) []diagram.Item {
	next := make([]diagram.Item, len(items))
	for i := len(items) - 1; i > 0; i-- {
		next[i-1] = items[i]
		if silent(items[i]) {
			next[i-1] = next[i]
		}
	}
	return next
}

// walk calls visit, as diagram.Walk does, for each item that is not only for the reader.
func walk(items []diagram.Item, visit func(diagram.Item) bool) {
	diagram.Walk(items, func(it diagram.Item) bool { return onlyRemark(it) || visit(it) })
}

// remark returns the act of an arrow or a note that is only for the reader.
func (c *compiler) remark(it diagram.Item) *Act {
	a := c.act()
	a.Pos, a.Kind = it.Position(), Remark
	switch it := it.(type) {
	case *diagram.Arrow:
		a.From, a.To, a.Expect = c.cast.name(it.From), c.cast.name(it.To), it.Expect
		a.Text = diagram.Plain(it.Text)
		return c.add(a, it.TextPos, nil)
	case *diagram.Note:
		over := make([]string, len(it.Over))
		for i, name := range it.Over {
			over[i] = c.cast.name(name)
		}
		a.From, a.Expect = strings.Join(over, ","), it.Expect
		a.Text = diagram.Plain(it.Text)
		return c.add(a, it.TextPos, nil)
	}
	return a
}
