package repair

import (
	"regexp"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/lint"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
)

// mostRounds limits how often [Strict] looks for lines to rewrite: a line that is rewritten may
// change how the lines below it are read, and a run refuses one line at a time.
const mostRounds = 60

// Strict rewrites the lines of a document that only a lenient replay can read. A strict replay then
// reads them with the same meaning. Strict returns the new text and the number of changes. It does
// not change a line that even a lenient replay cannot read.
func Strict(name, text string, o scenarios.Options) (string, int) {
	changes := 0
	for range mostRounds {
		doc, err := diagram.Parse(name, []byte(text))
		if err != nil {
			return text, changes
		}
		f := fixer{lines: strings.Split(text, "\n"), edits: make(map[int]*edit)}
		if !f.mended(doc) {
			f.refused(doc, o)
		}
		if f.count == 0 {
			return text, changes
		}
		text, changes = f.document(), changes+f.count
	}
	return text, changes
}

// mended writes out how the parser reads lines that are not Mermaid. It reports whether there are
// any. A semicolon in a text becomes an entity code; a diagram with another problem is printed as
// it was read.
func (f *fixer) mended(doc *diagram.Document) (found bool) {
	for _, p := range slices.Backward(doc.Problems) {
		if p.Mended == "" || p.Line < 1 || p.Line > len(f.lines) {
			continue
		}
		found = true
		e := f.at(p.Line)
		runes := []rune(e.text)
		at := p.Column - 2
		for at >= 0 && at < len(runes) && (runes[at] == ' ' || runes[at] == '\t') {
			at--
		}
		if at < 0 || at >= len(runes) || runes[at] != ';' || !strings.Contains(p.Remedy, "#59;") {
			if d := around(doc, p.Line); d != nil {
				f.reprint(d)
			}
			continue
		}
		if !e.change {
			f.say(p.Line, markFixed, "the semicolon belongs to the text")
		}
		e.text, e.change = string(runes[:at])+"#59;"+string(runes[at+1:]), true
	}
	return found
}

// around returns the diagram that a line belongs to, or nil.
func around(doc *diagram.Document, line int) *diagram.Diagram {
	for _, d := range slices.Backward(doc.Diagrams) {
		if d.Line <= line {
			return d
		}
	}
	return nil
}

// reprint replaces a diagram by the diagram as it was read.
func (f *fixer) reprint(d *diagram.Diagram) {
	if d.Line < 1 || d.Line > len(f.lines) || f.at(d.Line).change ||
		!strings.Contains(f.lines[d.Line-1], "sequenceDiagram") {
		return
	}
	lines := strings.Split(strings.TrimSuffix(diagram.Print(d), "\n"), "\n")
	for n := d.Line; n <= min(d.EndLine, len(f.lines)); n++ {
		f.edits[n] = &edit{drop: n > d.Line}
	}
	f.count++
	f.edits[d.Line] = &edit{text: lines[0], change: true, after: append([]string{
		"    " + markFixed + "lines that were not valid Mermaid are now Mermaid, with the " +
			"meaning that the lab read in them"}, lines[1:]...)}
}

// refused rewrites the lines that a strict replay of the document refuses.
func (f *fixer) refused(doc *diagram.Document, o scenarios.Options) {
	strict := o
	strict.Strict, strict.Keep = true, false
	s, err := script.Compile(doc, strict.Options)
	if err == nil {
		if _, err = scenarios.Replay(s, strict); err == nil {
			return
		}
	}
	lenient, _ := script.Compile(doc, o.Options)
	for _, e := range lint.Placed(err) {
		f.strictly(doc, lenient, e)
	}
	for _, scene := range lenient.Diagrams {
		for _, a := range scene.Arrows {
			line := a.Pos.Line
			if a.Kind == script.Unread && a.From != "" && f.edits[line] == nil && !f.told(line) {
				f.remark(a) // it told what another line now tells in full
			}
		}
	}
}

// setting matches the remedy of a strict error: a setting to write.
var setting = regexp.MustCompile(`write (%% lab: [a-z-]+=[^\s,]+)$`)

// strictly rewrites the line of a strict error, or adds the setting that its remedy names.
func (f *fixer) strictly(doc *diagram.Document, s *script.Script, e *diagram.Error) {
	if m := setting.FindStringSubmatch(e.Message); m != nil && f.set(doc, e.Line, m[1]) {
		return
	}
	for _, w := range s.Worlds {
		for _, scene := range w.Scenes {
			for _, a := range scene.Arrows {
				if a.Pos.Line == e.Line && a.Kind != script.Unread && f.edits[e.Line] == nil {
					f.plain(w, scene, a)
				}
			}
		}
	}
}

// set adds a setting to the diagram of a line. It reports whether the setting is there now: not if
// the diagram has another value already, or continues a diagram without it.
func (f *fixer) set(doc *diagram.Document, line int, text string) bool {
	d := around(doc, line)
	key, _, _ := strings.Cut(strings.TrimPrefix(text, "%% lab: "), "=")
	if d == nil || d != doc.Diagrams[0] || d.Line > len(f.lines) {
		return false
	}
	has := false
	diagram.Walk(d.Items, func(it diagram.Item) bool {
		if dir, ok := it.(*diagram.Directive); ok {
			_, found := dir.Get(key)
			has = has || found
		}
		return true
	})
	e := f.at(d.Line)
	switch {
	case has:
		return false
	case e.after == nil:
		f.count++
		e.after = []string{markFixed + "the drawing needs this setting", text}
	}
	return true
}

// plain rewrites an arrow or a note in words that a strict replay reads. If it has been rewritten
// before, or no such words say what it says, it becomes a remark.
func (f *fixer) plain(w *script.World, scene *script.Scene, a *script.Act) {
	line := a.Pos.Line
	e := f.at(line)
	indent := e.text[:len(e.text)-len(strings.TrimLeft(e.text, " \t"))]
	said := inWords(w, a)
	again := a.Kind == script.Fault && a.Text == a.Fault.Fault.Action() // the run refuses it
	if said == "" || strings.TrimSpace(e.text) == said || again {
		f.remark(a)
		return
	}
	f.say(line, markFixed, "reworded, because a strict replay does not read the original line ("+
		a.Text+")")
	e.text, e.change = indent+said, true
}

// told reports whether a comment above a line says that the line is unread.
func (f *fixer) told(line int) bool {
	return line > 1 && strings.HasPrefix(strings.TrimSpace(f.lines[line-2]), markUnread)
}

// remark makes an arrow or a note a remark.
func (f *fixer) remark(a *script.Act) {
	line := a.Pos.Line
	f.say(line, markFixed, "a strict replay cannot play this line: it is now a remark, which "+
		"the lab does not play")
	e := f.at(line)
	e.after = append(e.after, "%% expect: "+string(diagram.OnlyRemark))
	if a.Expect != diagram.Unsaid {
		f.unexpect(line)
	}
}

// unexpect removes the line below that says what the author expects.
func (f *fixer) unexpect(line int) {
	for n := line + 1; n <= len(f.lines); n++ {
		if expectLine.MatchString(f.lines[n-1]) {
			f.at(n).drop = true
			return
		}
	}
}

// inWords returns an act as a line of a drawing, in words that every replay reads, or "" if there
// are none.
func inWords(w *script.World, a *script.Act) string {
	from, to := w.Cast.Drawn(a.From), w.Cast.Drawn(a.To)
	service := serviceOf(w, a.From)
	switch a.Kind {
	case script.Call:
		if a.Claims || a.Loses {
			return ""
		}
		return from + "->>" + service + ": " + diagram.Escape(asked(&a.Op))
	case script.Heartbeat:
		return from + "->>" + service + ": heartbeat"
	case script.Fault:
		if a.Fault.Target != script.ByName || len(a.Fault.Fault.Who) == 0 || a.Fault.Delay > 0 ||
			a.Fault.Back || a.Fault.Fault.Kind == sim.FaultSplit {
			return ""
		}
		return "Note over " + w.Cast.Drawn(a.Fault.Fault.Who[0]) + ": " +
			diagram.Escape(a.Fault.Fault.Action())
	case script.Wait:
		return "Note over " + service + ": " + a.Wait.Brief() + " pass"
	case script.Happening:
		return happeningInWords(w, a, service)
	case script.Reply:
		return answerInWords(a, from, to)
	}
	return ""
}

// happeningInWords returns the note that expects what an act expects of the servers.
func happeningInWords(w *script.World, a *script.Act, service string) string {
	h := &a.Happening
	said := ""
	switch h.What {
	case script.SessionOver:
		if h.Client == "" {
			return ""
		}
		said = "the session of " + w.Cast.Drawn(h.Client) + " expires"
	case script.NodeDeleted:
		said = "deletes " + h.Path
	case script.NodeCreated:
		said = "creates " + h.Path
	case script.LeaderElected:
		said = "elects a leader"
	default:
		return ""
	}
	return "Note over " + service + ": " + diagram.Escape(said)
}

// answerInWords returns the arrow of an answer in plain words.
func answerInWords(a *script.Act, from, to string) string {
	said := ""
	switch r := &a.Reply; {
	case a.Either, a.HasVersion, a.HasCount, len(r.Values) > 0:
		return ""
	case r.Code != tree.OK:
		said = "failed: " + r.Code.Error()
	case r.Outcome == script.WentWell:
		said = "ok"
	case r.Outcome == script.WentWrong:
		said = "failed"
	default:
		return ""
	}
	return from + "-->>" + to + ": " + said
}
