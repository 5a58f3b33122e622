package diagram

import (
	"strings"
	"unicode/utf8"
)

// Draw draws a diagram as text for a terminal with this number of columns: lifelines on the left, a
// row for each arrow or note, and the text of the arrow or note on the right.
//
//	A     ZK
//	│     │
//	├────►│  create /leader (ephemeral)
//	│◄┄┄┄┄┤  success
//	●     │  crashes
//
// A text that does not fit continues in the next row. Fewer than 40 columns count as 40.
func Draw(d *Diagram, columns int) string {
	w := drawing{at: make(map[string]int), columns: max(columns, 40)}
	w.lay(d)
	w.items(d.Items, nil)
	return w.String()
}

// drawing is the picture so far.
type drawing struct {
	strings.Builder
	order   []string
	at      map[string]int // the column of each lifeline
	width   int            // of all lifelines together, in columns
	columns int
}

// mostName is the largest number of characters of a name above its lifeline.
const mostName = 12

// lay places the lifelines and writes the names above them.
func (w *drawing) lay(d *Diagram) {
	names := make([]string, len(d.Participants))
	for i, p := range d.Participants {
		names[i] = p.Name
		if p.Alias != "" && utf8.RuneCountInString(p.Label()) <= utf8.RuneCountInString(p.Name)+4 {
			names[i] = p.Label()
		}
		if r := []rune(names[i]); len(r) > mostName {
			names[i] = string(r[:mostName-1]) + "…"
		}
	}
	x := 0
	for i, p := range d.Participants {
		w.order = append(w.order, p.Name)
		w.at[p.Name] = x
		x += max(utf8.RuneCountInString(names[i])+2, 6)
	}
	w.width = x - 5
	head := w.blank(' ')
	for i, p := range d.Participants {
		for k, r := range []rune(names[i]) {
			head = put(head, w.at[p.Name]+k, r)
		}
	}
	w.row(head, nil, "")
	w.row(w.lifelines(), nil, "")
}

func (w *drawing) blank(r rune) []rune {
	row := make([]rune, max(w.width, 1))
	for i := range row {
		row[i] = r
	}
	return row
}

func put(row []rune, x int, r rune) []rune {
	for x >= len(row) {
		row = append(row, ' ')
	}
	row[x] = r
	return row
}

func (w *drawing) lifelines() []rune {
	row := w.blank(' ')
	for _, name := range w.order {
		row = put(row, w.at[name], '│')
	}
	return row
}

// row writes a row, and further rows for a text that does not fit. in has a bar for each enclosing
// block.
func (w *drawing) row(line []rune, in []string, text string) {
	const gap = 2
	bars := strings.Join(in, "")
	room := max(w.columns-w.width-gap-utf8.RuneCountInString(bars), 16)
	for i, part := range wrapped(text, room) {
		if i > 0 {
			line = w.lifelines()
		}
		for len(line) < w.width {
			line = append(line, ' ')
		}
		w.WriteString(strings.TrimRight(string(line)+strings.Repeat(" ", gap)+bars+part, " "))
		w.WriteByte('\n')
	}
}

// wrapped breaks a text at blanks into lines of at most room characters, unless a word
// is longer.
func wrapped(text string, room int) (lines []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if n := utf8.RuneCountInString(line); n > 0 && n+1+utf8.RuneCountInString(word) > room {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return append(lines, line)
}

func (w *drawing) items(items []Item, in []string) {
	for _, it := range items {
		switch it := it.(type) {
		case *Arrow:
			w.row(w.arrow(it), in, said(it.Text, it.Expect))
		case *Note:
			w.row(w.note(it), in, said(it.Text, it.Expect))
		case *Block:
			w.block(it, in)
		case *Directive:
			w.row(w.lifelines(), in, "(stage: "+it.text()+")")
		case *Unread:
			w.row(w.lifelines(), in, "(unread: "+it.Text+")")
		}
	}
}

// said returns the text of an arrow or note, with the outcome that its author expects.
func said(text string, e Expect) string {
	text = Plain(text)
	if e != Unsaid {
		text += "  (" + string(e) + ", as expected)"
	}
	return text
}

func (d *Directive) text() string {
	words := make([]string, len(d.Words))
	for i, word := range d.Words {
		if words[i] = word.Key; !word.Bare {
			words[i] += "=" + word.Value
		}
	}
	return strings.Join(words, " ")
}

// arrow draws an arrow from one lifeline to another.
func (w *drawing) arrow(a *Arrow) []rune {
	row := w.lifelines()
	from, to := w.at[a.From], w.at[a.To]
	if from == to {
		return put(row, from+1, '↺')
	}
	stroke := '─'
	if a.Dashed {
		stroke = '┄'
	}
	right := from < to
	for x := min(from, to) + 1; x < max(from, to); x++ {
		row[x] = stroke
	}
	tip := '►'
	if !right {
		tip = '◄'
	}
	if a.Head == HeadCross {
		tip = '✕'
	}
	if right {
		row[from], row[to-1] = '├', tip
	} else {
		row[from], row[to+1] = '┤', tip
	}
	return row
}

// note marks the lifelines that a note is over.
func (w *drawing) note(n *Note) []rune {
	row := w.lifelines()
	first, last := w.width, -1
	for _, name := range n.Over {
		first, last = min(first, w.at[name]), max(last, w.at[name])
	}
	for x := first + 1; x < last; x++ {
		if row[x] == ' ' {
			row[x] = '·'
		}
	}
	for _, name := range n.Over {
		row = put(row, w.at[name], '●')
	}
	return row
}

// block draws the branches of a block, with a bar to the left of their texts.
func (w *drawing) block(b *Block, in []string) {
	if b.Kind == "rect" || b.Kind == "box" {
		for i := range b.Branches {
			w.items(b.Branches[i].Items, in)
		}
		return
	}
	for i := range b.Branches {
		head := "┌ " + b.Kind
		if i > 0 {
			head = "├ " + branchWord(b.Kind)
		}
		w.row(w.lifelines(), in, strings.TrimSpace(head+" "+Plain(b.Branches[i].Label)))
		w.items(b.Branches[i].Items, append(in[:len(in):len(in)], "│ "))
	}
	w.row(w.lifelines(), in, "└")
}
