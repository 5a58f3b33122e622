package repair

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/tree"
)

// Mermaid returns the diagrams of a document, as the lab reads them, in clean Mermaid. If the
// document has several diagrams, each is in a Markdown fence; a single diagram has no fence.
func Mermaid(doc *diagram.Document) string {
	if len(doc.Diagrams) == 1 {
		return diagram.Print(doc.Diagrams[0])
	}
	var b strings.Builder
	for i, d := range doc.Diagrams {
		if i > 0 {
			b.WriteString("\n")
		}
		b.WriteString("```mermaid\n" + diagram.Print(d) + "```\n")
	}
	return b.String()
}

// Prefixes of the comments that a repair adds.
const (
	markFixed  = "%% fixed: "
	markUnread = "%% unread: "
)

// fixer repairs one document.
type fixer struct {
	lines []string // lines of the document, without line ends
	edits map[int]*edit
	count int
}

// edit is the change of one line. Line numbers begin at 1.
type edit struct {
	before []string // lines to add above: comments, then arrows
	text   string   // the new line, if change is set
	change bool
	after  []string
	drop   bool // remove the line
}

// Fix returns the document, corrected so that it describes the run, and the number of changes.
func Fix(text string, s *script.Script, r *scenarios.Result) (fixed string, changes int) {
	f := fixer{lines: strings.Split(text, "\n"), edits: make(map[int]*edit)}
	next := 0
	for _, w := range s.Worlds {
		results := r.Diagrams[next:min(next+len(w.Scenes), len(r.Diagrams))]
		next += len(w.Scenes)
		f.supplies(w)
		names := namesOf(results)
		for i := range results {
			f.scene(w, w.Scenes[i], &results[i])
			f.rename(w.Scenes[i].Diagram, names)
		}
	}
	return f.document(), f.count
}

// at returns the edit of a line, and creates it if necessary.
func (f *fixer) at(line int) *edit {
	if f.edits[line] == nil {
		f.edits[line] = &edit{}
		if line <= len(f.lines) {
			f.edits[line].text = strings.TrimSuffix(f.lines[line-1], "\r")
		}
	}
	return f.edits[line]
}

// say explains a change of a line in a comment above the line.
func (f *fixer) say(line int, mark, text string) {
	f.count++
	e := f.at(line)
	e.before = append(e.before, mark+strings.Join(strings.Fields(text), " "))
}

// supplies adds what the drawings of a world assume: above the first arrow the calls made before,
// and above other arrows what is done directly before them.
func (f *fixer) supplies(w *script.World) {
	for i, scene := range w.Scenes {
		if i == 0 {
			f.supply(w, firstLine(scene.Diagram), w.Supplies, " before the drawing begins")
		}
		for _, a := range scene.Arrows {
			f.supply(w, a.Pos.Line, a.Before, " before")
		}
	}
}

// supply adds calls and faults above a line.
func (f *fixer) supply(w *script.World, line int, list []script.Supply, when string) {
	for _, s := range list {
		if s.Client == "" && s.Fault == nil {
			continue // not a call: something that the run waits for
		}
		if s.Fault != nil && f.stands(line-manyLinks, line, "Note over "+w.Cast.Drawn(s.Fault.Who[1])+": "+
			s.Fault.Action()) {
			continue
		}
		if s.Fault != nil {
			f.say(line, markFixed, "the drawing assumes that a link is cut or repaired here")
			e := f.at(line)
			e.before = append(e.before, "Note over "+w.Cast.Drawn(s.Fault.Who[1])+": "+
				s.Fault.Action())
			continue
		}
		call := asked(&s.Op)
		switch {
		case s.Op.Watch:
			f.say(line, markFixed, s.Client+" watches "+s.Op.Path+when)
		case s.Op.Type == tree.OpCreate2:
			f.say(line, markFixed, s.Op.Path+" exists"+when)
		default:
			f.say(line, markFixed, s.Client+" asks"+when+": "+call)
		}
		service, drawn := serviceOf(w, s.Client), w.Cast.Drawn(s.Client)
		e := f.at(line)
		e.before = append(e.before, drawn+"->>"+service+": "+diagram.Escape(call))
		if !s.Op.Watch {
			e.before = append(e.before, service+"-->>"+drawn+": ok")
		}
	}
}

// manyLinks is how many lines above its place the fault of a link may stand: each link of a client is
// cut, reset and repaired on a line of its own, with a comment above it.
const manyLinks = 60

// nearby is how many lines above or below its place a line of an earlier repair may stand.
const nearby = 6

// stands reports whether one of the lines from first to last has a text, as an earlier repair has
// added it.
func (f *fixer) stands(first, last int, text string) bool {
	for n := max(1, first); n <= min(last, len(f.lines)); n++ {
		if strings.TrimSpace(f.lines[n-1]) == text && n > 1 &&
			strings.HasPrefix(strings.TrimSpace(f.lines[n-2]), markFixed) {
			return true
		}
	}
	return false
}

// asked returns a call as a document draws it. A document has no quotation marks inside a value.
func asked(o *tree.Op) string {
	if !bytes.ContainsRune(o.Data, '"') {
		return narration.Asked(o)
	}
	plain := *o
	plain.Data = bytes.ReplaceAll(o.Data, []byte{'"'}, []byte{'\''})
	return narration.Asked(&plain)
}

// firstLine returns the line of the first arrow, note or block of a diagram.
func firstLine(d *diagram.Diagram) int {
	for _, it := range d.Items {
		switch it.(type) {
		case *diagram.Arrow, *diagram.Note, *diagram.Block:
			return it.Position().Line
		}
	}
	return d.Line + 1
}

// serviceOf returns the participant that a client calls: the ensemble, if it is drawn.
func serviceOf(w *script.World, client string) string {
	for _, name := range w.Cast.Order {
		if w.Cast.Roles[name].Kind == script.RoleEnsemble {
			return name
		}
	}
	for _, scene := range w.Scenes {
		for _, a := range scene.Arrows {
			if a.Kind == script.Call && a.From == client {
				return a.To
			}
		}
	}
	return "ZK"
}

// scene repairs the arrows and notes of a diagram.
func (f *fixer) scene(w *script.World, scene *script.Scene, r *scenarios.DiagramResult) {
	on := make(map[int]int) // number of arrows and notes on each line
	for _, a := range scene.Arrows {
		if !a.Beside {
			on[a.Pos.Line]++
		}
	}
	f.standIn(w, scene.Diagram)
	if scene == w.Scenes[0] {
		f.resources(w, scene.Diagram)
	}
	places := make(map[*script.Act]int)
	k := 0
	for _, g := range scene.Readings() {
		if g.Plays() && k < len(scene.Arrows) {
			places[scene.Arrows[k]] = g.Column
			k++
		}
	}
	for _, a := range scene.Arrows {
		if on[a.Pos.Line] > 1 {
			continue // a line with several statements is left unchanged
		}
		if a.Beside {
			f.ending(w, a)
			continue
		}
		f.words(w, a, places[a])
		f.version(a)
		f.expectation(a, resultOf(r, a))
		f.watch(w, a)
		if a.Kind == script.Unread {
			text := a.Problem
			if a.Nearest != "" {
				text += "; nearest: " + a.Nearest
			}
			f.unread(a.Pos.Line, text)
		}
	}
}

// unread marks a line as unread, unless it already has this mark.
func (f *fixer) unread(line int, text string) {
	if line > 1 {
		above := strings.TrimSpace(f.lines[line-2])
		if above == markUnread+strings.Join(strings.Fields(text), " ") {
			return // the numbers of lines in it are right, too: see document
		}
		if strings.HasPrefix(above, markUnread) {
			f.at(line - 1).drop = true
		}
	}
	f.say(line, markUnread, text)
}

// resultOf returns the outcome of an act.
func resultOf(r *scenarios.DiagramResult, a *script.Act) *scenarios.Arrow {
	for i := range r.Arrows {
		if b := &r.Arrows[i]; b.Line == a.Pos.Line && b.Column == a.Pos.Column {
			return b
		}
	}
	return nil
}

// words rewrites a call or a pause in full, if the lab had to supply a part of it.
func (f *fixer) words(w *script.World, a *script.Act, column int) {
	text, why := "", ""
	for _, s := range a.Supplied {
		switch {
		case a.Kind == script.Call && !slices.Contains(a.Besides, s) && !a.Joint:
			text, why = asked(&a.Op), s
			if a.Counts() {
				text = "increment " + a.Op.Path
			}
		case a.Kind == script.Fault && s == a.Lasts:
			text, why = "pauses "+a.Fault.Fault.Span.Brief(), s
		}
	}
	e := f.at(a.Pos.Line)
	runes := []rune(e.text)
	if text == "" || column < 1 || column > len(runes) || text == a.Text {
		return
	}
	f.say(a.Pos.Line, markFixed, fmt.Sprintf("%s (it was: %s)", why, a.Text))
	front := string(runes[:column-1])
	if a.Turned || drawnFrom(front, w.Cast.Drawn(a.To)) {
		front = front[:len(front)-len(strings.TrimLeft(front, " \t"))] + w.Cast.Drawn(a.From) + "->>" +
			w.Cast.Drawn(a.To) + ": "
	}
	for _, arrow := range []string{"→", "->"} {
		if _, claim, ok := strings.Cut(a.Text, arrow); ok && a.Claims {
			text += " " + arrow + claim
			break
		}
	}
	e.text, e.change = front+diagram.Escape(text), true
}

// drawnFrom reports whether an arrow begins at a participant, by the text in front of its own text.
func drawnFrom(front, name string) bool {
	rest, ok := strings.CutPrefix(strings.TrimLeft(front, " \t"), name)
	rest = strings.TrimLeft(rest, " \t")
	return ok && rest != "" && strings.IndexByte("-<=.", rest[0]) >= 0
}

// version replaces the version in a call or an answer by the real one.
func (f *fixer) version(a *script.Act) {
	e, real := f.at(a.Pos.Line), a.Version
	if a.Kind == script.Call {
		real = a.Op.Version
	}
	drawn := fmt.Sprint(real + a.Shift)
	if a.Shift == 0 || e.change || strings.Count(e.text, drawn) != 1 ||
		!whole(e.text, strings.Index(e.text, drawn), drawn) {
		return
	}
	f.say(a.Pos.Line, markFixed, fmt.Sprintf("in the run, the node has version %d here", real))
	e.text, e.change = strings.Replace(e.text, drawn, fmt.Sprint(real), 1), true
}

// ending writes the end of a session, which another line tells beside its own, on a line of its
// own.
func (f *fixer) ending(w *script.World, a *script.Act) {
	e := f.at(a.Pos.Line)
	note := "Note over " + w.Cast.Drawn(a.From) + ": the session of " +
		w.Cast.Drawn(a.Happening.Client) + " expires"
	f.count++
	if a.Ahead {
		e.before = append(e.before, markFixed+a.Supplied[0], note)
		return
	}
	e.after = append(e.after, markFixed+a.Supplied[0], note)
}

// declared matches the line of a participant in Mermaid, with its label if it has one.
var declared = regexp.MustCompile(`^\s*(?:participant|actor)\s+[^\s"]+(\s+as\s+[^"]+?)?\s*$`)

// resources names the participants that are resources, because of the tokens in their writes.
func (f *fixer) resources(w *script.World, d *diagram.Diagram) {
	if d.Line < 1 || d.Line > len(f.lines) || !strings.Contains(f.lines[d.Line-1], "sequenceDiagram") {
		return
	}
	for _, name := range w.Cast.Order {
		r := w.Cast.Roles[name]
		if _, here := d.Participant(w.Cast.Drawn(name)); !r.Guessed || !here {
			continue
		}
		setting := "%% lab: resource=" + w.Cast.Drawn(name)
		if r.Fenced {
			setting += " fenced"
		}
		e := f.at(d.Line)
		e.after = append(e.after, markFixed+name+" is a resource, because writes to it carry "+
			"fencing tokens", setting)
		f.count++
	}
}

// standIn gives the service that is played as ZooKeeper a label that says so.
func (f *fixer) standIn(w *script.World, d *diagram.Diagram) {
	p, ok := d.Participant(w.Cast.StandIn)
	if w.Cast.StandIn == "" || !ok || !p.Declared || p.Line < 1 || p.Line > len(f.lines) {
		return
	}
	e := f.at(p.Line)
	if m := declared.FindStringSubmatch(e.text); m != nil && !e.change {
		text := strings.TrimRight(e.text, " \t")
		if m[1] == "" {
			text += " as " + p.Name
		}
		f.say(p.Line, markFixed, p.Name+" is played as ZooKeeper")
		e.text, e.change = text+" (ZooKeeper)", true
	}
}

// watch adds the call that sets the watch which an answer or a remark mentions.
func (f *fixer) watch(w *script.World, a *script.Act) {
	if a.Watcher == "" {
		return
	}
	call := asked(a.Watch)
	if f.stands(a.Pos.Line+1, a.Pos.Line+nearby, a.Watcher+"->>"+serviceOf(w, a.Watcher)+": "+
		diagram.Escape(call)) {
		return
	}
	e := f.at(a.Pos.Line)
	e.after = append(e.after, markFixed+a.Watcher+" sets its watch: "+call,
		a.Watcher+"->>"+serviceOf(w, a.Watcher)+": "+diagram.Escape(call))
	f.count++
}

// expectLine matches a line that says what the author expects.
var expectLine = regexp.MustCompile(`^\s*%%\s*expect:`)

// expectation adds a line "%% expect:" that says what happens instead of what is drawn.
func (f *fixer) expectation(a *script.Act, r *scenarios.Arrow) {
	if r == nil || a.Kind == script.Unread {
		return
	}
	want := diagram.Unsaid
	switch r.Verdict {
	case scenarios.Later, scenarios.Different, scenarios.Never:
		want = diagram.Expect(r.Verdict)
	case scenarios.AsDrawn:
	default:
		return
	}
	if want == a.Expect {
		return
	}
	line := a.Pos.Line
	if a.Expect != diagram.Unsaid {
		for n := line + 1; n <= len(f.lines); n++ {
			if expectLine.MatchString(f.lines[n-1]) {
				f.at(n).drop = true
				break
			}
		}
	}
	why := "this line happens as drawn"
	if want != diagram.Unsaid {
		why = explain(r)
		e := f.at(line)
		e.after = append(e.after, "%% expect: "+string(want))
	}
	f.say(line, markFixed, why)
}

// explain returns a sentence that says what happens instead of what is drawn.
func explain(r *scenarios.Arrow) string {
	switch {
	case r.Verdict != scenarios.Later:
		return string(r.Verdict) + ": " + r.Instead
	case len(r.Omitted) > 0:
		return "later: " + r.Omitted[0].Say
	}
	return "later"
}

// name is the name of a node in a drawing, and its name in the run.
type name struct{ drawn, real string }

// bound matches the sentence in a result that says which real name a drawn name has.
var bound = regexp.MustCompile(`^(/\S+) is (/\S+) here$`)

// namesOf returns the drawn names in a world that differ from the real names, the longest first.
func namesOf(results []scenarios.DiagramResult) (list []name) {
	for i := range results {
		for k := range results[i].Arrows {
			for _, s := range results[i].Arrows[k].Supplied {
				if m := bound.FindStringSubmatch(s); m != nil {
					list = append(list, name{m[1], m[2]})
				}
			}
		}
	}
	slices.SortStableFunc(list, func(a, b name) int { return len(b.drawn) - len(a.drawn) })
	return list
}

// rename replaces drawn names by real names in the lines of a diagram.
func (f *fixer) rename(d *diagram.Diagram, names []name) {
	if len(names) == 0 {
		return
	}
	for line := d.Line + 1; line <= min(d.EndLine, len(f.lines)); line++ {
		e := f.edits[line]
		text := strings.TrimSuffix(f.lines[line-1], "\r")
		if e != nil {
			text = e.text
		}
		said := rewritten(text, names)
		if said == text || strings.HasPrefix(strings.TrimSpace(text), "%%") {
			continue
		}
		f.say(line, markFixed, "in the run, the ensemble chose these names instead of those in "+
			"the drawing")
		e = f.at(line)
		e.text, e.change = said, true
	}
}

// rewritten returns a text in which each drawn name is replaced by the real one. All are replaced
// in one pass, because a real name may equal another drawn name.
func rewritten(text string, names []name) string {
	var b strings.Builder
	for at := 0; at < len(text); {
		took := false
		for _, n := range names {
			base, realBase := n.drawn[strings.LastIndex(n.drawn, "/")+1:], n.real[strings.LastIndex(n.real,
				"/")+1:]
			for _, p := range [][2]string{{n.drawn, n.real}, {base, realBase},
				{digits(base), digits(realBase)}} {
				if p[0] != "" && strings.HasPrefix(p[1], p[0]+",") &&
					(p[0] == base || strings.HasPrefix(text[at:], p[0]+",")) {
					continue // HBase adds a port and a time to a name: the name alone is the server's
				}
				if whole(text, at, p[0]) &&
					(strings.ContainsFunc(p[0], letter) || len(p[0]) > 2 && listed(text, at)) {
					b.WriteString(p[1])
					at += len(p[0])
					took = true
					break
				}
			}
			if took {
				break
			}
		}
		if !took {
			b.WriteByte(text[at])
			at++
		}
	}
	return b.String()
}

// digits returns the number at the end of a name.
func digits(name string) string { return name[len(strings.TrimRight(name, "0123456789")):] }

// listed reports whether a place of a text is inside brackets: in a list of names.
func listed(text string, at int) bool {
	open := strings.LastIndexByte(text[:at], '[')
	return open >= 0 && strings.IndexByte(text[open:at], ']') < 0 &&
		strings.IndexByte(text[at:], ']') >= 0
}

func letter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// whole reports whether the name at this place of a text is not part of a longer name.
func whole(text string, at int, name string) bool {
	part := func(c byte) bool {
		return letter(rune(c)) || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '/'
	}
	end := at + len(name)
	return name != "" && strings.HasPrefix(text[at:], name) && (at == 0 || !part(text[at-1])) &&
		(end == len(text) || !part(text[end]) || text[end] == '/')
}

// document returns the text with all edits applied.
func (f *fixer) document() (text string) {
	var lines []string
	places := make(map[int]int) // of the old lines in the new text, from 1
	var said []int              // the lines that the repair adds
	defer func() {
		for _, n := range said {
			lines[n] = relined(lines[n], places)
		}
		text = strings.Join(lines, "\n")
	}()
	for i, line := range f.lines {
		e := f.edits[i+1]
		if places[i+1] = len(lines) + 1; e != nil {
			places[i+1] += len(e.before)
		}
		if e == nil {
			lines = append(lines, line)
			continue
		}
		end := ""
		if strings.HasSuffix(line, "\r") {
			end = "\r"
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		for _, s := range e.before {
			if strings.HasPrefix(s, "%%") {
				said = append(said, len(lines))
			}
			lines = append(lines, indent+s+end)
		}
		switch {
		case e.drop:
		case e.change:
			lines = append(lines, e.text+end)
		default:
			lines = append(lines, line)
		}
		for _, s := range e.after {
			if strings.HasPrefix(s, "%%") {
				said = append(said, len(lines))
			}
			lines = append(lines, indent+s+end)
		}
	}
	return text
}

// named matches the number of a line in a comment.
var named = regexp.MustCompile(`\bline (\d+)\b`)

// relined returns a comment with the numbers that the lines have in the new text.
func relined(comment string, places map[int]int) string {
	return named.ReplaceAllStringFunc(comment, func(s string) string {
		n, _ := strconv.Atoi(s[len("line "):])
		if at := places[n]; at > 0 {
			return fmt.Sprintf("line %d", at)
		}
		return s
	})
}
