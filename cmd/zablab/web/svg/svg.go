// Package svg draws a sequence diagram as SVG. The style sheet of the site sets the colours.
// Whatever a diagram contains is shown as text.
package svg

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/zablab/zablab/scenarios/diagram"
)

// The measures of a drawing, in pixels.
const (
	rowHeight  = 46
	noteHeight = 40
	headHeight = 30
	glyph      = 6.9 // the mean width of a character of a text; 13px
	leastGap   = 104 // between two lifelines
	margin     = 16
)

// picture draws a diagram as SVG. Its colours are those of the page.
type picture struct {
	b     strings.Builder
	at    map[string]int // by participant: its lifeline
	names []string
	y     int
	width int
	open  []int // where open blocks begin
}

// Draw returns a diagram as an SVG element. The id of an arrow or a note is the letter L and the
// number of its line.
func Draw(d *diagram.Diagram) string {
	p := picture{at: make(map[string]int)}
	p.lay(d)
	p.y = headHeight + 2*margin
	p.items(d.Items)
	body := p.b.String()
	p.b.Reset()
	bottom := p.y + margin
	fmt.Fprintf(&p.b, `<svg class="sd" viewBox="0 0 %d %d" width="%d" role="img" aria-label="%s">`,
		p.width, bottom+headHeight/2, p.width, html.EscapeString(title(d)))
	for _, x := range p.names {
		fmt.Fprintf(&p.b, `<line class="life" x1="%d" x2="%d" y1="%d" y2="%d"/>`, p.at[x], p.at[x],
			headHeight+margin/2, bottom)
	}
	for _, x := range d.Participants {
		w := max(54, width(x.Label())+22)
		fmt.Fprintf(&p.b, `<rect class="who" x="%d" y="%d" width="%d" height="%d" rx="6"/>`+
			`<text class="name" x="%d" y="%d" text-anchor="middle">%s</text>`, p.at[x.Name]-w/2, margin/2,
			w, headHeight, p.at[x.Name], margin/2+20, html.EscapeString(x.Label()))
	}
	p.b.WriteString(body)
	p.b.WriteString("</svg>")
	return p.b.String()
}

func title(d *diagram.Diagram) string {
	var said []string
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		switch it := it.(type) {
		case *diagram.Arrow:
			said = append(said, it.From+" to "+it.To+": "+diagram.Plain(it.Text))
		case *diagram.Note:
			said = append(said, diagram.Plain(it.Text))
		}
		return true
	})
	return "Sequence diagram. " + strings.Join(said, ". ")
}

func width(text string) int {
	most := 0
	for line := range strings.SplitSeq(text, "\n") {
		most = max(most, int(float64(utf8.RuneCountInString(line))*glyph))
	}
	return most
}

// lay places the lifelines, so that each text has room between those that it joins.
func (p *picture) lay(d *diagram.Diagram) {
	index := make(map[string]int)
	for i, x := range d.Participants {
		index[x.Name] = i
		p.names = append(p.names, x.Name)
	}
	n := len(p.names)
	gaps := make([]int, n+1)
	for i := 1; i < n; i++ {
		a, b := d.Participants[i-1].Label(), d.Participants[i].Label()
		gaps[i] = max(leastGap, (max(54, width(a)+22)+max(54, width(b)+22))/2+14)
	}
	gaps[0], gaps[n] = 60, 60
	room := func(from, to, w int) { // lifelines from and to must be w apart
		if from > to {
			from, to = to, from
		}
		have := 0
		for i := from + 1; i <= to; i++ {
			have += gaps[i]
		}
		if have < w {
			for i := from + 1; i <= to; i++ {
				gaps[i] += (w - have + to - from - 1) / (to - from)
			}
		}
	}
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		switch it := it.(type) {
		case *diagram.Arrow:
			w := min(width(diagram.Plain(it.Text)), 330) + 28
			if i := index[it.From]; it.From == it.To {
				if i+1 < n {
					room(i, i+1, w+30)
				} else {
					gaps[n] = max(gaps[n], w+40)
				}
			} else {
				room(i, index[it.To], w)
			}
		case *diagram.Note:
			w := min(width(diagram.Plain(it.Text)), 330)/2 + 24
			if len(it.Over) > 0 && index[it.Over[0]] == 0 {
				gaps[0] = max(gaps[0], w)
			}
			if len(it.Over) > 0 && index[it.Over[len(it.Over)-1]] == n-1 {
				gaps[n] = max(gaps[n], w)
			}
		}
		return true
	})
	widest := 0
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if n, ok := it.(*diagram.Note); ok {
			widest = max(widest, min(width(diagram.Plain(n.Text)), 330)+32)
		}
		return true
	})
	x := 0
	for i, name := range p.names {
		x += gaps[i]
		p.at[name] = x
	}
	p.width = max(x+gaps[n], widest)
}

func (p *picture) items(items []diagram.Item) {
	for _, it := range items {
		switch it := it.(type) {
		case *diagram.Arrow:
			p.arrow(it)
		case *diagram.Note:
			p.note(it)
		case *diagram.Block:
			p.block(it)
		}
	}
}

// clipped is a text of one line, in the room that it has.
func clipped(text string, room int) string {
	text = strings.Join(strings.Fields(diagram.Plain(text)), " ")
	if most := int(float64(room) / glyph); utf8.RuneCountInString(text) > most && most > 3 {
		text = string([]rune(text)[:most-1]) + "…"
	}
	return html.EscapeString(text)
}

func (p *picture) arrow(a *diagram.Arrow) {
	from, to := p.at[a.From], p.at[a.To]
	dash := ""
	if a.Dashed {
		dash = ` stroke-dasharray="6 4"`
	}
	p.y += rowHeight
	y := p.y - 12
	fmt.Fprintf(&p.b, `<g id="L%d" class="row">`, a.Pos.Line)
	if from == to {
		fmt.Fprintf(&p.b, `<path class="ar" d="M%d %dh30v14h-24"%s/><path class="ah" d="M%d %dl9 -4v8z"/>`+
			`<text x="%d" y="%d">%s</text>`, from, y-10, dash, from+2, y+4, from+38, y+2,
			clipped(a.Text, 360))
	} else {
		way := 1
		if to < from {
			way = -1
		}
		fmt.Fprintf(&p.b, `<line class="ar" x1="%d" x2="%d" y1="%d" y2="%d"%s/>`+
			`<path class="ah" d="M%d %dl%d -4.5v9z"/><text x="%d" y="%d" text-anchor="middle">%s</text>`,
			from, to-6*way, y, y, dash, to-way, y, -10*way, (from+to)/2, y-8,
			clipped(a.Text, max(from, to)-min(from, to)-12))
	}
	p.b.WriteString("</g>")
}

// lineHeight is how much a further line of a note takes.
const lineHeight = 17

func (p *picture) note(n *diagram.Note) {
	if len(n.Over) == 0 {
		return
	}
	left, right := p.at[n.Over[0]], p.at[n.Over[len(n.Over)-1]]
	left, right = min(left, right), max(left, right)
	mid := (left + right) / 2
	w := max(right-left+60, min(width(diagram.Plain(n.Text)), 330)+24)
	if mid-w/2 < 4 {
		mid = 4 + w/2
	}
	if mid+w/2 > p.width-4 {
		mid = p.width - 4 - w/2
	}
	lines := strings.Split(strings.TrimSpace(diagram.Plain(n.Text)), "\n")
	more := (len(lines) - 1) * lineHeight
	p.y += noteHeight + more
	fmt.Fprintf(&p.b, `<g id="L%d" class="row"><rect class="note" x="%d" y="%d" width="%d" height="%d" `+
		`rx="4"/>`, n.Pos.Line, mid-w/2, p.y-26-more, w, 26+more)
	for i, line := range lines {
		fmt.Fprintf(&p.b, `<text class="in" x="%d" y="%d" text-anchor="middle">%s</text>`, mid,
			p.y-8-more+i*lineHeight, clipped(line, w-12))
	}
	p.b.WriteString("</g>")
}

func (p *picture) block(b *diagram.Block) {
	if b.Kind == "rect" || b.Kind == "box" {
		for i := range b.Branches {
			p.items(b.Branches[i].Items)
		}
		return
	}
	depth := len(p.open)
	p.y += 26
	begin := p.y - 12
	p.open = append(p.open, begin)
	inset := 6 + 7*depth
	words := func(label string, y int) {
		fmt.Fprintf(&p.b, `<text class="label" x="%d" y="%d">%s</text>`, inset+8, y,
			clipped(label, p.width-2*inset-20))
	}
	words(b.Kind+"  "+b.Branches[0].Label, begin+15)
	p.y += 10
	for i := range b.Branches {
		if i > 0 {
			p.y += 12
			fmt.Fprintf(&p.b, `<line class="else" x1="%d" x2="%d" y1="%d" y2="%d"/>`, inset, p.width-inset,
				p.y, p.y)
			words(b.Branches[i].Label, p.y+15)
			p.y += 16
		}
		p.items(b.Branches[i].Items)
	}
	p.y += 12
	p.open = p.open[:depth]
	fmt.Fprintf(&p.b, `<rect class="block" x="%d" y="%d" width="%d" height="%d" rx="5"/>`, inset, begin,
		p.width-2*inset, p.y-begin)
}
