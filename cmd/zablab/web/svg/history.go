package svg

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
)

// The measures of a history, in pixels.
const (
	historyWidth = 660
	laneHeight   = 44
	barHeight    = 26
	laneLeft     = 44
	laneTop      = 10
)

// History returns a history as an SVG element with a lane for each client. Each operation is a bar
// from its call to its answer, with its number, counted from 1. The bar of an operation without an
// answer is open at the right.
func History(h lin.History) string {
	var clients []lin.Client
	last := int64(1)
	for i := range h {
		last = max(last, h[i].Call+1, h[i].Return)
		if !slices.Contains(clients, h[i].Client) {
			clients = append(clients, h[i].Client)
		}
	}
	slices.Sort(clients)
	at := func(t int64) int { return laneLeft + int(t*(historyWidth-laneLeft-margin)/last) }
	bottom := laneTop + laneHeight*len(clients)
	var b, said strings.Builder
	for k, c := range clients {
		y := laneTop + laneHeight*k
		fmt.Fprintf(&b, `<text class="name" x="12" y="%d">%s</text><line class="life" x1="%d" x2="%d" y1="%d" y2="%d"/>`,
			y+laneHeight/2+5, html.EscapeString(string(c)), laneLeft-8, historyWidth,
			y+laneHeight/2, y+laneHeight/2)
		for i := range h {
			if h[i].Client != c {
				continue
			}
			from, to, class := at(h[i].Call), historyWidth-2, "op open"
			if h[i].Outcome != lin.Unknown {
				to, class = at(h[i].Return), "op"
			}
			fmt.Fprintf(&b, `<rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="5"/>`+
				`<text class="name" x="%d" y="%d" text-anchor="middle">%s</text>`, class, from,
				y+(laneHeight-barHeight)/2, max(6, to-from), barHeight, (from+to)/2, y+laneHeight/2+5,
				strconv.Itoa(i+1))
		}
	}
	for i := range h {
		fmt.Fprintf(&said, " %d, %s.", i+1, h[i].String())
	}
	return fmt.Sprintf(`<svg class="sd" viewBox="0 0 %d %d" width="%d" role="img" aria-label="A lane for each `+
		`client, with its operations from call to answer.%s">%s</svg>`, historyWidth, bottom+laneTop, historyWidth,
		html.EscapeString(said.String()), b.String())
}
