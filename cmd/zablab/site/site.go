package site

import (
	"bytes"
	"context"
	"embed"
	"fmt"
	"html"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/cmd/zablab/web/fork"
	"github.com/zablab/zablab/cmd/zablab/web/svg"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/claims"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/learn"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/scenarios/stage"
)

//go:embed ui
var ui embed.FS

// Files are the files of a site, by their path in the folder.
type Files map[string][]byte

// Size is the number of bytes of all files.
func (f Files) Size() (n int) {
	for _, text := range f {
		n += len(text)
	}
	return n
}

// Names returns the paths, sorted.
func (f Files) Names() []string { return slices.Sorted(maps.Keys(f)) }

// Options are the inputs of [Build].
type Options struct {
	Engine []byte // the compressed engine, as [web.Engine] returns it; nil for a site without forks
	WhyNot string // there is no engine
	Seeds  int    // with which each claim is tested
	// Shell runs a command that a claim cites as evidence. Without it, the site has no claims.
	Shell func(ctx context.Context, line string) (string, error)
	// Only, if set, is the file name of the one chapter whose runs are written, for tests.
	Only string
}

// builder makes a site.
type builder struct {
	Options
	ctx   context.Context
	files Files
	list  []chapter
	// lessons are the exercises.
	lessons []*learn.Exercise
}

// chapter is a chapter, or a document of claims, with its runs.
type chapter struct {
	book.Chapter
	doc    *diagram.Document
	script *script.Script
	base   string // the name of its page, without .html
	number int    // from 1; 0 for claims
	worlds map[*diagram.Diagram]int
	last   map[*diagram.Diagram]bool // it is the last of its world
}

// Build makes the site of the whole book.
func Build(ctx context.Context, o Options) (Files, error) {
	b := &builder{Options: o, ctx: ctx, files: make(Files), lessons: learn.All()}
	for name, text := range web.Shared(o.Engine) {
		b.files[name] = text
	}
	for _, name := range []string{"site.css", "site.js"} {
		text, err := ui.ReadFile("ui/" + name)
		if err != nil {
			return nil, err
		}
		b.files[name] = text
	}
	for i, c := range book.Chapters() {
		ch, err := read(c, i+1)
		if err != nil {
			return nil, err
		}
		b.list = append(b.list, *ch)
	}
	for i := range b.list {
		if err := b.chapter(&b.list[i]); err != nil {
			return nil, err
		}
	}
	for _, page := range []func() error{b.exercises, b.claims, b.glossary, b.play, b.contents} {
		if err := page(); err != nil {
			return nil, err
		}
	}
	return b.files, ctx.Err()
}

// read parses and compiles a document.
func read(c book.Chapter, number int) (*chapter, error) {
	doc, err := diagram.Parse(c.Name, c.Text)
	if err != nil {
		return nil, err
	}
	s, err := script.Compile(doc, script.Options{})
	if err != nil {
		return nil, err
	}
	ch := &chapter{Chapter: c, doc: doc, script: s, number: number,
		base:   strings.ReplaceAll(strings.TrimSuffix(c.Name, ".md"), "/", "-"),
		worlds: make(map[*diagram.Diagram]int), last: make(map[*diagram.Diagram]bool)}
	for i, w := range s.Worlds {
		for k, scene := range w.Scenes {
			ch.worlds[scene.Diagram] = i
			ch.last[scene.Diagram] = k == len(w.Scenes)-1
		}
	}
	return ch, nil
}

// run is the address of the page of a run.
func (c *chapter) run(world int) string { return fmt.Sprintf("runs/%s-%d.html", c.base, world+1) }

// runs plays a document and writes the page of each of its worlds.
func (b *builder) runs(c *chapter) error {
	if b.Only != "" && b.Only != c.Name {
		return nil
	}
	r, err := scenarios.Replay(c.script, scenarios.Options{Keep: true,
		Stop: func() bool { return b.ctx.Err() != nil }})
	if err != nil {
		return err
	}
	for i := range r.Worlds {
		w := &r.Worlds[i]
		defer w.Close()
		var trace, page bytes.Buffer
		if err := w.WriteTrace(&trace); err != nil {
			return err
		}
		p := web.Page{Title: w.Title, Trace: trace.Bytes(), Shared: "../", Engine: b.Engine,
			WhyNot: b.WhyNot}
		if b.Engine != nil {
			p.Source = &fork.Source{Name: c.Name, Text: string(c.Text), World: i,
				Commit: stage.Commit()}
		}
		if err := p.Write(&page); err != nil {
			return err
		}
		b.files[c.run(i)] = page.Bytes()
	}
	return nil
}

// pageData is what a page of prose is made of.
type pageData struct {
	Title string
	Class string
	Body  template.HTML
	Prev  *link
	Next  *link
	Here  string // the entry of the menu
	// Script is the page's script, and Policy its Content-Security-Policy, as an attribute; by
	// default those of a page of prose.
	Script string
	Policy template.HTMLAttr
}

// prosePolicy lets a page of prose load files of the site.
const prosePolicy = `content="default-src 'none'; script-src 'self'; style-src 'self'; frame-src 'self'; ` +
	`connect-src 'none'; base-uri 'none'; form-action 'none'"`

type link struct{ Address, Title string }

var shell = template.Must(template.New("page.html").ParseFS(ui, "ui/page.html"))

// page writes a page of prose.
func (b *builder) page(name string, data *pageData) error {
	if data.Script == "" {
		data.Script, data.Policy = "site.js", prosePolicy
	}
	var out bytes.Buffer
	if err := shell.Execute(&out, data); err != nil {
		return err
	}
	b.files[name] = out.Bytes()
	return nil
}

// chapter writes the page and the runs of a chapter.
func (b *builder) chapter(c *chapter) error {
	if err := b.runs(c); err != nil {
		return err
	}
	w := writer{c: c, forks: b.Engine != nil}
	data := &pageData{Title: c.doc.Title, Class: "chapter", Here: "book",
		Body: w.prose(string(c.Text)) + b.lessonsOf(c.number)}
	if i := c.number - 2; i >= 0 {
		data.Prev = &link{b.list[i].base + ".html", b.list[i].doc.Title}
	}
	if c.number < len(b.list) {
		data.Next = &link{b.list[c.number].base + ".html", b.list[c.number].doc.Title}
	}
	return b.page(c.base+".html", data)
}

// parts say what to read first. Each begins with the chapter of this number.
var parts = []struct {
	from        int
	title, text string
}{
	{1, "Begin here", "What a group of servers can agree on, and how clients use the servers to " +
		"elect a leader among the clients. Read these chapters in order."},
	{4, "What goes wrong", "Each chapter shows one way in which elections and locks fail, and " +
		"what helps. Read these chapters in any order."},
	{10, "Inside the servers", "How the servers elect a leader, catch up and commit. Read these " +
		"chapters in order, after chapters 1 to 3."},
	{13, "Comparison with Raft", "ZAB and hashicorp/raft under the same writes and the same crashes."},
	{14, "In real systems", "How Kafka, HBase, HDFS, Curator, Kubernetes and etcd elect leaders, and how to fence a " +
		"lock end to end. Read these chapters in any order."},
	{21, "Every order", "An ensemble so small that a search can try every order in which its " +
		"messages arrive."},
}

// contents writes the first page.
func (b *builder) contents() error {
	var s strings.Builder
	s.WriteString(`<h1>Agreement, and how it breaks</h1>
<p class="lead">A book whose drawings run. Each chapter asks you for a bet, plays its drawing on a simulated
ZooKeeper ensemble, and lets you step through the run and change it: crash a server, cut a link, write a line of
your own. All of it happens in this page.</p>`)
	for i, p := range parts {
		end := len(b.list)
		if i+1 < len(parts) {
			end = parts[i+1].from - 1
		}
		fmt.Fprintf(&s, "<section><h2>%s</h2><p>%s</p><ol class=\"toc\" start=\"%d\">", p.title, p.text,
			p.from)
		for _, c := range b.list[p.from-1 : end] {
			fmt.Fprintf(&s, `<li><a href="%s.html"><b>%s</b> <span>%s</span></a></li>`, c.base,
				html.EscapeString(c.doc.Title), html.EscapeString(teaser(c.doc)))
		}
		s.WriteString("</ol></section>")
	}
	fmt.Fprintf(&s, `<section><h2>Try yourself</h2><ul class="toc"><li><a href="exercises.html"><b>Exercises</b> `+
		`<span>%d of them, from the first minute to expert. Each answer is played, and a wrong one shows what `+
		`happens instead.</span></a></li>`, len(b.lessons))
	if b.Engine != nil {
		s.WriteString(`<li><a href="` + playPage + `"><b>Play</b> <span>Choose a run, change it, write its ` +
			`drawing anew; or look at a trace of your own.</span></a></li>`)
	}
	s.WriteString(`</ul></section>`)
	s.WriteString(`<section><h2>Look up</h2><ul class="toc"><li><a href="claims.html"><b>Claims</b> <span>What ` +
		`tutorials say of ZooKeeper, tested; each with its evidence.</span></a></li><li><a href="glossary.html">` +
		`<b>Glossary</b> <span>One word for each idea.</span></a></li></ul></section>
<p class="hint">For a lecture, add <code>?slides</code> to the address of a chapter: one picture a screen, arrow
keys to move.</p>`)
	return b.page("index.html", &pageData{Title: "The book", Class: "contents",
		Body: template.HTML(s.String()), Here: "book"})
}

// teaser is the beginning of a document's first paragraph.
func teaser(doc *diagram.Document) string {
	if len(doc.Paragraphs) == 0 {
		return ""
	}
	text := strings.Join(strings.Fields(doc.Paragraphs[0].Text), " ")
	for _, end := range []string{". ", "? "} {
		if i := strings.Index(text, end); i > 30 {
			text = text[:i+1]
		}
	}
	return text
}

// playPage is the address of the page on which the reader chooses a run.
const playPage = "runs/play.html"

// picks are the runs that the reader can choose: the chapter, which of its worlds, the filter of the
// events, and what there is to see.
var picks = []struct {
	chapter         string
	world           int
	filter, promise string
}{
	{"03-the-leader-dies.md", 0, "", "A leader crashes: see how long the others wait before one of them takes over."},
	{"05-two-leaders.md", 1, "", "A leader was replaced while it was paused: see it write once " +
		"more, and what stops the write."},
	{"10-elections-inside.md", 0, web.FilterProtocol, "Three servers elect a leader: see every vote, and why the winner wins."},
}

// play writes the page on which the reader chooses a run, if there is an engine to play it.
func (b *builder) play() error {
	if b.Engine == nil {
		return nil
	}
	p := web.Page{Title: "Play", Shared: "../", Engine: b.Engine}
	for _, x := range picks {
		i := slices.IndexFunc(b.list, func(c chapter) bool { return c.Name == x.chapter })
		if i < 0 {
			return fmt.Errorf("the book has no chapter %s, which the page %s offers", x.chapter, playPage)
		}
		c := &b.list[i]
		p.Picks = append(p.Picks, web.Pick{Title: c.doc.Title, Promise: x.promise, Filter: x.filter,
			Source: &fork.Source{Name: c.Name, Text: string(c.Text), World: x.world, Commit: stage.Commit()}})
	}
	text, err := p.Bytes()
	b.files[playPage] = text
	return err
}

// glossary writes the page of the glossary.
func (b *builder) glossary() error {
	w := writer{}
	return b.page("glossary.html", &pageData{Title: "Glossary", Class: "wide",
		Body: w.prose(scenarios.Glossary), Here: "glossary"})
}

// claims writes the page of all claims: statement, verdict, and the evidence a click away.
func (b *builder) claims() error {
	if b.Shell == nil {
		return nil
	}
	docs, err := claims.Documents()
	if err != nil {
		return err
	}
	var s strings.Builder
	s.WriteString("<h1>Claims</h1><p class=\"lead\">Each statement is tested by runs, every time this site is " +
		"made. Open the evidence to see the drawing, and step through its run.</p>")
	for _, doc := range docs {
		c, err := read(doc, 0)
		if err != nil {
			return err
		}
		if err := b.runs(c); err != nil {
			return err
		}
		list, err := claims.Play(doc, scenarios.Options{Seeds: b.Seeds,
			Stop: func() bool { return b.ctx.Err() != nil }},
			func(line string) (string, error) { return b.Shell(b.ctx, line) })
		if err != nil {
			return err
		}
		fmt.Fprintf(&s, "<h2>%s</h2>", html.EscapeString(c.doc.Title))
		for i := range list {
			claim(&s, c, &list[i])
		}
	}
	return b.page("claims.html", &pageData{Title: "Claims", Class: "claims", Body: template.HTML(s.String()),
		Here: "claims"})
}

// claim writes one claim.
func claim(s *strings.Builder, c *chapter, x *claims.Claim) {
	mark, class, verdict := "✓", "ok", "holds"
	switch x.Verdict {
	case claims.HoldsIf:
		mark, class, verdict = "◐", "warn", "holds if "+x.If
	case claims.DoesNotHold:
		mark, class, verdict = "✗", "bad", "does not hold"
	}
	fmt.Fprintf(s, `<article class="claim" id="%s"><p class="statement"><span class="%s">%s</span> %s</p>`+
		`<p class="verdict %s">%s</p>`, html.EscapeString(x.ID), class, mark, html.EscapeString(x.Statement),
		class, html.EscapeString(verdict))
	if x.Instead != "" {
		fmt.Fprintf(s, "<p>%s</p>", html.EscapeString(x.Instead))
	}
	if len(x.Evidence) > 0 {
		s.WriteString("<details><summary>Evidence</summary>")
		for _, e := range x.Evidence {
			word := "Evidence against the claim"
			if e.Supports {
				word = "Evidence for the claim"
			}
			if e.If {
				word += ", if the condition in the claim holds"
			}
			fmt.Fprintf(s, "<p>%s: %s</p>", word, html.EscapeString(e.Figure))
			for _, d := range c.doc.Diagrams {
				if d.Line <= e.Line && e.Line <= d.EndLine {
					fmt.Fprintf(s, `<figure>%s</figure><p><a class="go" href="%s">Step through the run</a></p>`,
						svg.Draw(d), c.run(c.worlds[d]))
				}
			}
		}
		s.WriteString("</details>")
	}
	s.WriteString("</article>")
}
