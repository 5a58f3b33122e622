package diagram

import "strings"

// Print returns a diagram as Mermaid in canonical form: one statement per line, indented by four
// spaces for each level, without comments other than "%% lab:" and "%% expect:" lines. GitHub draws
// the result in a fenced block of the language mermaid.
func Print(d *Diagram) string {
	var w writer
	w.line(0, "sequenceDiagram")
	if t := cleanTitle(safe(d.Title)); t != "" {
		w.line(1, "title "+t)
	}
	if t := oneLine(d.AccTitle); t != "" {
		w.line(1, "accTitle: "+t)
	}
	w.describe(d.Description)
	w.items(1, d.Items)
	return w.String()
}

// oneLine returns a text for accTitle or accDescr: without line ends.
func oneLine(s string) string {
	return trim(strings.ReplaceAll(s, "\n", " "))
}

type writer struct{ strings.Builder }

func (w *writer) line(depth int, words ...string) {
	for range depth {
		w.WriteString("    ")
	}
	for _, s := range words {
		w.WriteString(s)
	}
	w.WriteByte('\n')
}

func (w *writer) describe(text string) {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = oneLine(lines[i])
	}
	lines = filled(lines)
	if len(lines) == 1 {
		w.line(1, "accDescr: ", lines[0])
	}
	if len(lines) < 2 {
		return
	}
	w.line(1, "accDescr {")
	for _, l := range lines {
		w.line(2, strings.ReplaceAll(l, "}", ")"))
	}
	w.line(1, "}")
}

func (w *writer) items(depth int, items []Item) {
	for _, it := range items {
		w.item(depth, it)
	}
}

func (w *writer) item(depth int, it Item) {
	switch it := it.(type) {
	case *Declare:
		w.declare(depth, it)
	case *Destroy:
		if !it.Loose {
			w.line(depth, "destroy ", it.Name)
		}
	case *Arrow:
		w.arrow(depth, it)
	case *Note:
		who := it.Over[0]
		if n := len(it.Over); n > 1 { // a note in Mermaid is over one or two
			who += "," + it.Over[n-1]
		}
		text := it.Text
		if it.Divider {
			text = "== " + text + " =="
		}
		w.line(depth, "Note ", string(it.Placement), " ", who, ":", spaced(text))
		w.expect(depth, it.Expect)
	case *Block:
		w.block(depth, it)
	case *Activation:
		word := "deactivate "
		if it.On {
			word = "activate "
		}
		w.line(depth, word, it.Name)
	case *Autonumber:
		words := []string{"autonumber", it.Start, it.Step}
		if it.Off {
			words = []string{"autonumber", "off"}
		}
		w.line(depth, strings.Join(filled(words), " "))
	case *Link:
		w.line(depth, it.Kind, " ", it.Name, ":", spaced(it.Text))
	case *Directive:
		w.directive(depth, it)
	case *Unread:
		w.line(depth, "%% unread: ", it.Text)
	}
}

// spaced returns a text for after a colon, with a blank before it. An empty text becomes a blank,
// because Mermaid before version 11 needs a character after the colon.
func spaced(text string) string { return " " + safe(text) }

func (w *writer) declare(depth int, d *Declare) {
	words := []string{"participant ", d.Name}
	if d.Actor {
		words[0] = "actor "
	}
	if d.Create {
		words[0] = "create " + words[0]
	}
	if d.Config != "" {
		words = append(words, "@{ ", d.Config, " }")
	}
	if a := safe(d.Alias); a != "" {
		words = append(words, " as ", a)
	}
	w.line(depth, words...)
}

func (w *writer) arrow(depth int, a *Arrow) {
	words := []string{a.From, "", a.Token(), "", a.To, ":", spaced(a.Text)}
	if a.FromCenter {
		words[1] = "()"
	}
	switch {
	case a.Sends:
		words[3] = "+"
	case a.Ends && strings.HasSuffix(words[2], "-"):
		words[3] = " -" // //- followed by - would be another arrow, //--
	case a.Ends:
		words[3] = "-"
	case a.ToCenter:
		words[3] = "()"
	}
	w.line(depth, words...)
	w.expect(depth, a.Expect)
}

func (w *writer) expect(depth int, e Expect) {
	if e != Unsaid {
		w.line(depth, "%% expect: ", string(e))
	}
}

func (w *writer) block(depth int, b *Block) {
	word := b.Kind
	for i := range b.Branches {
		w.line(depth, strings.TrimRight(word+" "+safe(b.Branches[i].Label), " "))
		w.items(depth+1, b.Branches[i].Items)
		word = branchWord(b.Kind)
	}
	w.line(depth, "end")
}

func (w *writer) directive(depth int, d *Directive) {
	words := []string{"%% lab:"}
	for _, k := range d.Words {
		switch {
		case k.Bare:
			words = append(words, " ", k.Key)
		case strings.ContainsAny(k.Value, " \t\v\f\r"):
			words = append(words, " ", k.Key, `="`, k.Value, `"`)
		default:
			words = append(words, " ", k.Key, "=", k.Value)
		}
	}
	w.line(depth, words...)
}
