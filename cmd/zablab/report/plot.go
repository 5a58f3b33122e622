package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/compare"
)

// plot is one SVG picture: as wide as its container, Height pixels high.
type plot struct {
	Height int
	Class  string
	Title  string // description of the picture, one sentence
	Desc   string
	Marks  []mark
}

// mark is one shape of a plot. Horizontal positions are in percent, vertical positions in pixels.
type mark struct {
	Kind         string // line, rect, text, use, path
	Class        string
	X, X2, W     string
	Y, Y2, H     string
	Anchor, Text string
	Ref          string // if Kind is use: the shape to draw
	D            string // if Kind is path: its data, in a frame 1000 wide
	Tip          string
}

func (p *plot) add(marks ...mark) { p.Marks = append(p.Marks, marks...) }

func (p *plot) line(class string, x, y, x2, y2 float64) {
	p.add(mark{Kind: "line", Class: class, X: percent(x), X2: percent(x2), Y: px(y), Y2: px(y2)})
}

func (p *plot) rect(class string, x, y, x2, h float64) {
	p.add(mark{
		Kind: "rect", Class: class, X: percent(x), Y: px(y), W: percent(max(0, x2-x)), H: px(h),
	})
}

func (p *plot) text(class, anchor string, x, y float64, text string) {
	p.add(mark{Kind: "text", Class: class, Anchor: anchor, X: percent(x), Y: px(y), Text: text})
}

func (p *plot) use(class, ref string, x, y float64) {
	p.add(mark{Kind: "use", Class: class, Ref: ref, X: percent(x), Y: px(y)})
}

func (p *plot) path(class, d string) {
	p.add(mark{Kind: "path", Class: class, H: strconv.Itoa(p.Height), D: d})
}

func percent(x float64) string { return px(x) + "%" }

// px formats a coordinate with at most two decimals, and without a minus sign before zero.
func px(x float64) string {
	x = math.Round(x*100) / 100
	if x == 0 {
		x = 0
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// frame formats a point of a path: x in percent, y in pixels.
func frame(x, y float64) string { return px(math.Round(x*100)/10) + " " + px(y) }

// scale maps the values from 0 to top to positions from 0 to 100 percent.
type scale struct {
	top   float64
	ticks []float64
}

// newScale returns a scale from 0 to a little more than the value most. It has at most the given
// number of ticks, at round values.
func newScale(most float64, ticks int) scale {
	if most <= 0 {
		most = 1
	}
	step := math.Pow(10, math.Floor(math.Log10(most/float64(ticks))))
	for _, k := range []float64{1, 2, 5, 10} {
		if most/(step*k) <= float64(ticks) {
			step *= k
			break
		}
	}
	s := scale{top: most * 1.03}
	for i := 0; float64(i)*step <= s.top; i++ {
		s.ticks = append(s.ticks, float64(i)*step)
	}
	return s
}

func (s *scale) at(x float64) float64 { return min(x/s.top*100, 100) }

// grid draws the vertical line of each tick of the scale.
func (s *scale) grid(p *plot) {
	for i, t := range s.ticks {
		class := "grid"
		if i == 0 {
			class = "base"
		}
		p.line(class, s.at(t), 0, s.at(t), float64(p.Height))
	}
}

// axis returns a plot with labels at all ticks, or only at the first and the last. The last label
// has the unit.
func (s *scale) axis(unit string, all bool) *plot {
	p := &plot{Height: 20, Class: "axis"}
	for i, t := range s.ticks {
		p.line("grid", s.at(t), 0, s.at(t), 4)
		if !all && i > 0 && i < len(s.ticks)-1 {
			continue
		}
		anchor, text := "middle", trim(t)
		if i == 0 {
			anchor = "start"
		}
		if i == len(s.ticks)-1 {
			text = strings.TrimSpace(text + nbsp + unit)
			if s.at(t) > 88 {
				anchor = "end"
			}
		}
		class := "tick"
		if last := len(s.ticks) - 1; last > 2 && i > 0 && (last-i)%2 == 1 {
			class = "tick odd" // hidden on a narrow page
		}
		p.text(class, anchor, s.at(t), 16, text)
	}
	return p
}

const nbsp = "\u00a0"

func trim(x float64) string { return decimals(x, 3) }

// decimals formats a number with at most the given number of decimals.
func decimals(x float64, most int) string {
	return grouped(strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(x, 'f', most, 64), "0"),
		"."))
}

// grouped writes 10000 as 10,000.
func grouped(s string) string {
	whole, fraction, dot := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dot {
		return whole + "." + fraction
	}
	return whole
}

// figure formats a number with at most two decimals, as the tables of zablab compare do.
func figure(x float64) string { return decimals(x, 2) }

// whole formats a number without decimals. Halves round to even, as in the tables of zablab
// compare.
func whole(x float64) string { return grouped(strconv.FormatFloat(x, 'f', 0, 64)) }

// rounded formats a rate without the digits that its interval does not allow.
func rounded(x, low, high float64) string {
	return whole(compare.Rounded(x, low, high))
}

// rateBetween formats the interval of a rate.
func rateBetween(low, high float64) string {
	return rounded(low, low, high) + "–" + rounded(high, low, high)
}

func number(n int) string { return grouped(strconv.Itoa(n)) }

func millis[T ~int64](us T) string { return fmt.Sprintf("%.1f%sms", float64(us)/1000, nbsp) }

func seconds[T ~int64](us T) string { return fmt.Sprintf("%.2f%ss", float64(us)/1e6, nbsp) }

// count formats a number with its noun: 1 run, 2 runs.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

// engineName returns the name of an engine for people, possibly with a setting: raft, no PreVote.
func engineName(e compare.Engine) string {
	if rest, ok := strings.CutPrefix(string(e), string(compare.Raft)); ok {
		return "Raft" + rest
	}
	if rest, ok := strings.CutPrefix(string(e), string(compare.ZAB)); ok {
		return "ZAB" + rest
	}
	return string(e)
}

// engineClass returns the CSS class that gives an engine its colour, shape and dashes.
func engineClass(e compare.Engine) string {
	if strings.HasPrefix(string(e), "etcd-raft") {
		return "etcd"
	}
	if strings.HasPrefix(string(e), string(compare.Raft)) {
		return "raft"
	}
	return "zab"
}

// chart is a table in which each row has a name, a picture and the figures.
type chart struct {
	Title  string
	Note   string
	Class  string
	Head   [3]string // headings of the columns
	Groups []group
	Axis   *plot
}

// group is a group of rows with a common label.
type group struct {
	Label string // empty if the chart has one group
	Note  string
	Rows  []row
}

// row is one row of a chart.
type row struct {
	Class string
	Name  string
	At    string // second part of the name
	Plot  plot
	Value string
	Small []string // interval, number of runs, and expectation
}

// bars is a chart of values as bars that start at zero, with a mark at the expected value.
type bars struct {
	title, note, unit string
	show              func(x float64) string
	list              []bar
}

// bar is one bar. If expect is negative, no value is expected.
type bar struct {
	group, name   string
	at            string // second part of the name
	engine        compare.Engine
	value, expect float64
	text          string  // of value, if not by show
	more          float64 // stacked on top of value; expect does not include it
	moreName      string
	small         []string
	hollow        bool
}

func (b *bars) chart() chart {
	most := 0.0
	for i := range b.list {
		most = max(most, b.list[i].value+b.list[i].more, b.list[i].expect)
	}
	s := newScale(most, 2)
	c := chart{
		Title: b.title, Note: b.note, Head: [3]string{"Who", "The bars are to scale and begin at 0", "Measured"},
		Axis: s.axis(b.unit, false),
	}
	for i := range b.list {
		x := &b.list[i]
		r := row{
			Class: engineClass(x.engine), Name: x.name, At: x.at, Value: x.text,
			Plot: plot{Height: 22},
		}
		if x.text == "" {
			r.Value = b.show(x.value)
		}
		p := &r.Plot
		p.Title = fmt.Sprintf("%s, %s: %s", b.title, strings.TrimSpace(x.name+" "+x.at), r.Value)
		s.grid(p)
		fill := "fill"
		if x.hollow {
			fill = "hollow"
		}
		p.rect(fill, 0, 5, s.at(x.value), 12)
		if x.more > 0 {
			p.rect("hatched", s.at(x.value), 5, s.at(x.value+x.more), 12)
			r.Small = append(r.Small, "+ "+b.show(x.more)+" "+x.moreName)
			p.Title += ", and " + b.show(x.more) + " " + x.moreName
		}
		p.use("cap", "m-"+r.Class, s.at(x.value), 11)
		if x.expect >= 0 {
			p.use("target", "m-target", s.at(x.expect), 11)
			expected := "expected " + b.show(x.expect)
			p.Title += ", " + expected
			if b.show(x.expect) == r.Value {
				expected = "as expected"
			}
			r.Small = append(r.Small, expected)
		}
		r.Small = append(r.Small, x.small...)
		for i := range len(r.Small) - 1 {
			r.Small[i] += ","
		}
		c.add(x.group, r)
	}
	return c
}

// add appends a row to the group of the given name. A new group is created unless the last group
// has this name.
func (c *chart) add(name string, r row) {
	if n := len(c.Groups); n == 0 || c.Groups[n-1].Label != name {
		c.Groups = append(c.Groups, group{Label: name})
	}
	g := &c.Groups[len(c.Groups)-1]
	g.Rows = append(g.Rows, r)
}
