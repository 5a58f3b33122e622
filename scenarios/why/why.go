package why

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Failure is a run in which a property broke.
type Failure struct {
	Property string
	Text     string   // the sentence of the check
	Details  []string // more sentences of the check: operations, the right answer
	Header   *trace.Header
	// Events are all events of the run. They may continue after the failure: then the explanation
	// also tells what came next.
	Events []trace.Event
	// Broke is the index of the event at which the failure shows. Later events belong to what came
	// next.
	Broke int64
	// Steps are the indices of the events that show the failure. Empty: the event Broke alone.
	Steps []int64
}

// Explanation says why a run failed.
type Explanation struct {
	Property string
	Text     string
	At       int64 // µs
	Step     int64
	Details  []string
	Should   []string // what should have been, with the rule's code
	First    *Sign    // the first wrong step; nil if no sign appears
	Signs    []Sign   // all signs up to the failure, the first of each kind
	Differs  []string // which data differ
	Servers  [][]string
	Calmly   string // instead of Servers, if all servers serve
	Clients  [][]string
	Lives    []string
	Story    []Line
	Next     []Line // what came after the failure

	failure *Failure
	drawn   []int64 // events of the drawing, ascending
}

// Line is one event of the story. N more events like it, on other machines, may follow.
type Line struct {
	At   int64 // µs
	Step int64
	Who  string
	Say  string
}

// instant is the most events after the failure that belong to the same step of a server.
const instant = 20

// Explain explains a failure.
func Explain(f *Failure) *Explanation {
	x := &Explanation{Property: f.Property, Text: f.Text, Details: f.Details,
		Should: shoulds(f.Property), failure: f, Step: f.Broke}
	if len(f.Events) == 0 {
		return x
	}
	f.Broke = min(max(f.Broke, 0), int64(len(f.Events)-1))
	x.At = f.Events[f.Broke].T
	s := newSubjects(f)
	d := newFold(f.Header)
	d.run = f.Events
	for i := range f.Events { // up to the end of the step that failed
		e := &f.Events[i]
		if e.I > f.Broke && (e.T > x.At || e.I > f.Broke+instant) {
			break
		}
		d.add(e)
	}
	for _, id := range s.sessions {
		for _, n := range f.Header.Nodes {
			if slices.Contains(d.ids[n.ID], id) {
				s.mention(n.ID)
			}
		}
	}
	x.Signs = d.signs
	x.First = d.firstSign(s)
	if x.First != nil {
		s.add(f.Header, x.First.Text)
		s.mention(f.Events[x.First.Step].N)
	}
	x.Differs = d.differences(f.Property, s)
	x.Servers, x.Clients = d.serverTable(), d.clientTable(s)
	if x.Servers == nil {
		x.Calmly = d.calmly()
	}
	x.Details = append(x.Details, votes(f.Text)...)
	x.Details = append(x.Details, tokens(f.Text)...)
	x.Lives = d.lives(s)
	x.tell(s, d)
	return x
}

// tokens explains fencing tokens, which are zxids.
func tokens(text string) (list []string) {
	for _, m := range tokenPattern.FindAllString(text, -1) {
		if v, err := strconv.ParseInt(m, 10, 64); err == nil && v>>32 < 100 {
			list = append(list, fmt.Sprintf("token %s is the czxid %d/%d of a holder's node", m, v>>32, v&(1<<32-1)))
		}
	}
	return slices.Compact(list)
}

// seconds formats a time for a line of the story.
func seconds(us int64) string { return sim.Time(us).Seconds() }

// String prints the explanation as plain text.
func (x *Explanation) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "✗ %s, at %s, step %d\n", x.Property, seconds(x.At), x.Step)
	wrap(&b, "  ", "  ", cleaned(x.Text))
	for _, line := range x.Details {
		wrap(&b, "  ", "    ", line)
	}
	section(&b, "What should have been", x.Should)
	if x.First != nil {
		section(&b, "First wrong step", []string{fmt.Sprintf("%s, step %d: %s", seconds(x.First.At),
			x.First.Step, x.First.Text)})
	}
	var more []string
	for i := range x.Signs {
		g := &x.Signs[i]
		if x.First != nil && g.Step != x.First.Step {
			more = append(more, fmt.Sprintf("%s, step %d: %s", seconds(g.At), g.Step, g.Text))
		}
	}
	section(&b, "Wrong as well", more[:min(2, len(more))])
	section(&b, "What differs", x.Differs)
	table(&b, "Servers at that moment", x.Servers)
	if x.Calmly != "" {
		section(&b, "Servers at that moment", []string{x.Calmly})
	}
	table(&b, "Clients at that moment", x.Clients)
	section(&b, "The data", x.Lives)
	story(&b, "What led there", x.Story)
	story(&b, "What came next, when the run continued", x.Next)
	return b.String()
}

// cleaned is the sentence of a check without the place, which stands above it.
func cleaned(text string) string {
	if _, rest, ok := strings.Cut(text, " broken at step "); ok {
		if _, rest, ok = strings.Cut(rest, "s: "); ok {
			return rest
		}
	}
	return text
}

func section(b *strings.Builder, head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	b.WriteString(head + "\n")
	for _, l := range lines {
		wrap(b, "  ", "    ", l)
	}
}

func story(b *strings.Builder, head string, lines []Line) {
	if len(lines) == 0 {
		return
	}
	b.WriteString(head + "\n")
	for i := range lines {
		l := &lines[i]
		wrap(b, "  ", strings.Repeat(" ", 13), fmt.Sprintf("%-10s %s", seconds(l.At), l.Say))
	}
}

// width is the width of the text, in characters.
const width = 100

// wrap writes a text in lines of at most width characters.
func wrap(b *strings.Builder, first, next, text string) {
	lead := first
	n := 0
	line := lead
	for i, word := range strings.Split(text, " ") {
		if l := len([]rune(line)); i > 0 && l+1+len([]rune(word)) > width && n > 0 {
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			line, n = next, 0
		}
		if n > 0 {
			line += " "
		}
		line += word
		n++
	}
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}

// table writes rows under a head; the first row names the columns.
func table(b *strings.Builder, head string, rows [][]string) {
	if len(rows) < 2 {
		return
	}
	b.WriteString(head + "\n")
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, c := range r {
			widths[i] = max(widths[i], len([]rune(c)))
		}
	}
	for _, r := range rows {
		line := " "
		for i, c := range r {
			line += " " + c + strings.Repeat(" ", widths[i]-len([]rune(c))+1)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// has reports whether a sorted list has a number.
func has(list []int64, v int64) bool {
	_, ok := slices.BinarySearch(list, v)
	return ok
}
