package why

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
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
	// Record is what the clients recorded; nil if there is none. It may reach beyond the failure.
	Record *lin.Record
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
	fold    *fold
	drawn   []int64           // events of the drawing, ascending
	guids   map[string]string // by the four characters that stand for it
}

// Line is one event of the story: its time, its step, the machine and a sentence.
type Line struct {
	At   int64 // µs
	Step int64
	Who  string
	Say  string
}

// instant is the most events after the failure that belong to the same step of a server.
const instant = 20

// foreign reports whether the run is of an engine to which ZooKeeper's rules, and so the signs, do
// not apply, such as a Raft library.
func foreign(h *trace.Header) bool {
	return slices.ContainsFunc(h.Config, func(s trace.Setting) bool {
		return s.Key == "engine" && s.Word != "zab"
	})
}

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
	d := follow(f, x.At)
	x.fold = d
	for _, id := range s.sessions {
		for _, n := range f.Header.Nodes {
			if slices.Contains(d.ids[n.ID], id) {
				s.mention(n.ID)
			}
		}
	}
	if foreign(f.Header) {
		d.signs = nil
	}
	x.Signs = d.signs
	x.First = x.first(d, s)
	if x.First != nil {
		s.add(f.Header, x.First.Text)
		s.mention(f.Events[x.First.Step].N)
	}
	x.Differs = d.differences(f.Property, s)
	if x.First != nil && x.First.Kind == "state" {
		x.Differs = nil // the first wrong step has them
	}
	if f.Property == "StateAtZxid" && len(x.Differs) == 0 && x.First == nil && s.named > 0 {
		x.Differs = hidden(f, s)
	}
	x.Servers, x.Clients = d.serverTable(s), d.clientTable(s)
	if x.Servers == nil {
		x.Calmly = d.calmly()
	}
	x.Details = append(x.Details, votes(f.Text)...)
	x.Details = append(x.Details, d.untils(f.Text)...)
	x.Lives = d.lives(s)
	x.tell(s, d)
	x.speak(d)
	return x
}

// follow follows a run up to the end of the step that failed.
func follow(f *Failure, until int64) *fold {
	d := newFold(f.Header)
	d.run = f.Events
	d.clients = newClients(f.Events, f.Record)
	for i := range f.Events {
		for _, c := range f.Events[i].Patch.Sess {
			if c.Client != "" && !slices.Contains(d.all[c.Client], c.ID) {
				d.all[c.Client] = append(d.all[c.Client], c.ID)
			}
		}
	}
	d.zxids = strings.HasPrefix(f.Property, "witness/") || f.Property == "reads"
	for i := range f.Events {
		e := &f.Events[i]
		if e.I > f.Broke && (e.T > until || e.I > f.Broke+instant) {
			break
		}
		d.add(e)
	}
	return d
}

// first is the first wrong step: of the recipe, of a server by the signs, or of a server by its
// state.
func (x *Explanation) first(d *fold, s *subjects) *Sign {
	if g := d.wrongStep(x.failure, s); g != nil {
		return g
	}
	if g := d.firstSign(s); g != nil {
		return g
	}
	return d.untold(x.failure, s)
}

// speak puts all sentences into the words of the explanation.
func (x *Explanation) speak(d *fold) {
	say := func(text string) string { return x.short(d.named(x.tokens(plain(text)))) }
	x.Text = say(x.Text)
	for _, list := range [][]string{x.Details, x.Differs, x.Lives} {
		for i := range list {
			list[i] = say(list[i])
		}
	}
	for i := range x.Signs {
		x.Signs[i].Text = say(x.Signs[i].Text)
	}
	if x.First != nil {
		x.First.Text = say(x.First.Text)
	}
	for _, rows := range [][][]string{x.Servers, x.Clients} {
		for _, r := range rows {
			for i := range r {
				r[i] = x.short(plain(r[i]))
			}
		}
	}
	for _, lines := range [][]Line{x.Story, x.Next} {
		for i := range lines {
			lines[i].Say = say(lines[i].Say)
		}
	}
}

// tokens writes fencing tokens as the zxids that they are.
func (x *Explanation) tokens(text string) string {
	if x.Property != "witness/fencing" && x.Property != "FreshToken" {
		return text
	}
	return tokenPattern.ReplaceAllStringFunc(text, func(m string) string {
		if v, err := strconv.ParseInt(m, 10, 64); err == nil && 0 < v>>32 && v>>32 < 100 {
			return lin.Zxid(v).String()
		}
		return m
	})
}

// far is the distance between the first wrong step and the failure that is worth a word, in µs.
const far = 200_000

// begun says where the first wrong step stands, and how long before the failure.
func (x *Explanation) begun() string {
	text := fmt.Sprintf("%s, step %d: %s", seconds(x.First.At), x.First.Step, x.First.Text)
	if !strings.HasSuffix(text, ".") {
		text += "."
	}
	switch gap := x.At - x.First.At; {
	case gap > far:
		text += fmt.Sprintf(" The failure appears %s later.", seconds(gap))
	case gap < -far:
		text += fmt.Sprintf(" The check failed %s before this step: at that moment, the run was "+
			"already in the wrong state that later led to this step.", seconds(-gap))
	}
	return text
}

// untils says that a moment in the text at which all clients died is the end of the run.
func (d *fold) untils(text string) (list []string) {
	for _, m := range d.clients.record.Marks {
		if at := seconds(m.At); m.Kind == lin.Died && strings.Contains(text, "until ") &&
			(strings.Contains(text, "until "+at) || strings.Contains(text, fmt.Sprintf("until "+
				"%d.%06ds", m.At/1e6, m.At%1e6))) {
			return []string{fmt.Sprintf("in this text, \"until %[2]s\" means \"until the end of "+
				"the run\": the run ends at %[1]s and stops all clients", at, at)}
		}
	}
	return nil
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
	section(&b, "What should have happened", x.Should)
	if x.First != nil {
		section(&b, "First wrong step", []string{x.begun()})
	}
	var more []string
	for i := range x.Signs {
		g := &x.Signs[i]
		if x.First != nil && g.Step != x.First.Step {
			more = append(more, fmt.Sprintf("%s, step %d: %s", seconds(g.At), g.Step, g.Text))
		}
	}
	section(&b, "Also wrong", more[:min(2, len(more))])
	section(&b, "What differs", x.Differs)
	table(&b, "Servers at the moment of the failure", x.Servers)
	if x.Calmly != "" {
		section(&b, "Servers at the moment of the failure", []string{x.Calmly})
	}
	table(&b, "Clients at the moment of the failure", x.Clients)
	section(&b, "The data", x.Lives)
	story(&b, "What led to the failure", x.Story)
	story(&b, "What happened after the failure", x.Next)
	b.WriteString(legend)
	return b.String()
}

// legend explains the notation.
const legend = "A zxid e/n is transaction n of epoch e. #n is the n-th call of a client. The 1st " +
	"session of a client\nis its oldest. ff72…-n_2 is a node with number 2, whose name begins with " +
	"a GUID.\n"

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
