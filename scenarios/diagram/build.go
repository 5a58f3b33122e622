package diagram

// Builder builds a diagram, line by line. It takes plain texts and escapes Mermaid's special
// characters; it applies [CleanName] to the names of participants.
type Builder struct{ p parser }

// NewDiagram returns a builder for a diagram with this title, which may be empty.
func NewDiagram(title string) *Builder {
	return &Builder{parser{
		doc: &Document{}, d: &Diagram{Title: cleanTitle(Escape(title))},
		index: make(map[string]int), active: make(map[string]int),
	}}
}

// Participant declares a participant, which Mermaid shows under its alias. If alias is empty,
// Mermaid shows the name as given, without the changes that [CleanName] makes to it.
func (b *Builder) Participant(name, alias string) { b.declare(name, alias, false) }

// Actor declares a participant that Mermaid draws as a person; see [Builder.Participant].
func (b *Builder) Actor(name, alias string) { b.declare(name, alias, true) }

func (b *Builder) declare(name, label string, actor bool) {
	clean := CleanName(name)
	if label == "" && clean != name {
		label = name
	}
	d := &Declare{Name: clean, Alias: alias(Escape(label)), Actor: actor}
	b.add(d)
	b.p.declared(d)
}

// Arrow draws a solid arrow: a call, or a message.
func (b *Builder) Arrow(from, to, text string) { b.Draw(from, to, HeadArrow, false, text) }

// Reply draws a dashed arrow: an answer, or a notification.
func (b *Builder) Reply(from, to, text string) { b.Draw(from, to, HeadArrow, true, text) }

// Lost draws a message that does not arrive: an arrow that ends in a cross.
func (b *Builder) Lost(from, to, text string) { b.Draw(from, to, HeadCross, false, text) }

// Draw draws an arrow with any head, solid or dashed.
func (b *Builder) Draw(from, to string, head Head, dashed bool, text string) {
	a := &Arrow{
		From: CleanName(from), To: CleanName(to), Head: head, Dashed: dashed, Text: Escape(text),
	}
	b.add(a)
	b.p.appear(a.From, 0)
	b.p.appear(a.To, 0)
	b.p.last = &a.Expect
}

// Note writes a note over one participant, or over the span from one participant to another. If
// more than two are given, the span is from the first to the last.
func (b *Builder) Note(text string, over ...string) {
	if len(over) == 0 {
		return
	}
	if len(over) > 2 {
		over = []string{over[0], over[len(over)-1]}
	}
	n := &Note{Placement: Over, Text: Escape(text)}
	for _, name := range over {
		n.Over = append(n.Over, CleanName(name))
	}
	b.add(n)
	for _, name := range n.Over {
		b.p.appear(name, 0)
	}
	b.p.last = &n.Expect
}

// Expect writes an "%% expect:" line: it sets the outcome that is expected of the last arrow or
// note.
func (b *Builder) Expect(e Expect) {
	if b.p.last != nil {
		*b.p.last = e
	}
}

// Directive writes a "%% lab:" line. A word without a value is written as its key alone, without =.
func (b *Builder) Directive(words ...Word) {
	if len(words) > 0 {
		b.add(&Directive{Words: words})
	}
}

// Open begins a block. kind is loop, alt, par, critical, break or rect; any other kind becomes opt.
func (b *Builder) Open(kind, label string) {
	switch kind {
	case "loop", "alt", "par", "critical", "break", "rect":
	default:
		kind = "opt"
	}
	k := &Block{Kind: kind, Branches: []Branch{{Label: Escape(label)}}}
	b.add(k)
	b.p.stack, b.p.last = append(b.p.stack, k), nil
}

// Branch begins the next branch of the open block, if this is an alt, par or critical block.
func (b *Builder) Branch(label string) {
	if len(b.p.stack) == 0 {
		return
	}
	switch k := b.p.stack[len(b.p.stack)-1]; k.Kind {
	case "alt", "par", "par_over", "critical":
		k.Branches = append(k.Branches, Branch{Label: Escape(label)})
		b.p.last = nil
	}
}

// Close ends the innermost open block.
func (b *Builder) Close() {
	if n := len(b.p.stack); n > 0 {
		b.p.stack, b.p.last = b.p.stack[:n-1], nil
	}
}

// Diagram closes all open blocks and returns the diagram.
func (b *Builder) Diagram() *Diagram {
	b.p.stack, b.p.last = nil, nil
	return b.p.d
}

func (b *Builder) add(it Item) { b.p.add(it) }
