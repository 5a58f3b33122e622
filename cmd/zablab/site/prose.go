package site

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"github.com/zablab/zablab/cmd/zablab/web/svg"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
)

var markdown = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough,
	extension.TaskList))

// comments matches HTML comments, which tie figures to the runs that produce them.
var comments = regexp.MustCompile(`(?s)<!--.*?-->`)

// withoutComments removes the comments of a text, and keeps its lines.
func withoutComments(s string) string {
	return comments.ReplaceAllStringFunc(s, func(c string) string {
		return strings.Repeat("\n", strings.Count(c, "\n"))
	})
}

// writer writes the prose of a document as HTML, with its drawings, its runs and its bet.
type writer struct {
	c      *chapter // nil for prose without runs
	forks  bool
	b      strings.Builder
	source []byte
	bet    bool // the document asks for a bet
	open   bool // what follows the bet has begun
	slide  bool
	first  int // the world of the first run that was shown; -1 before
	// history is the picture of a history, which the first block of code shows in characters.
	history string
}

// prose returns the HTML of a document. What follows a bet is in elements of the class after, which
// the page hides until the reader has bet.
func (w *writer) prose(words string) template.HTML {
	w.source = []byte(withoutComments(words))
	w.first = -1
	root := markdown.Parser().Parse(text.NewReader(w.source))
	for n := root.FirstChild(); n != nil; n = n.NextSibling() {
		w.block(n)
	}
	w.endSlide()
	if w.open {
		w.b.WriteString("</div>")
	}
	return template.HTML(w.b.String())
}

func (w *writer) newSlide() {
	w.endSlide()
	w.b.WriteString(`<section class="slide">`)
	w.slide = true
}

func (w *writer) endSlide() {
	if w.slide {
		w.b.WriteString("</section>")
	}
	w.slide = false
}

func (w *writer) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		if n.Level == 2 && w.bet && !w.open {
			w.endSlide()
			w.b.WriteString(`<div class="after">`)
			w.open = true
		}
		w.newSlide()
	case *ast.Paragraph:
		if strings.HasPrefix(w.words(n), "**Bet before you look.**") && w.c != nil {
			w.askBet(n)
			return
		}
		if f, ok := n.NextSibling().(*ast.FencedCodeBlock); ok && w.drawing(f) != nil {
			w.newSlide() // the text above a drawing is on its slide
		}
	case *ast.FencedCodeBlock:
		if d := w.drawing(n); d != nil {
			w.figure(d)
			return
		}
		w.code(n)
		return
	case *ast.CodeBlock:
		w.code(n)
		return
	case *ast.HTMLBlock:
		if box := box.FindStringSubmatch(w.words(n)); box != nil {
			w.b.WriteString(`<details class="answer"><summary>` + box[1] + "</summary>")
			return
		}
		if strings.TrimSpace(w.words(n)) == "</details>" {
			w.b.WriteString("</details>")
			return
		}
	}
	if !w.slide && w.c != nil {
		w.newSlide()
	}
	w.render(n)
}

// box matches the beginning of a box that a reader opens, and captures its title.
var box = regexp.MustCompile(`^<details>\n<summary>([\w ]+)</summary>\s*$`)

// words is the source of a block.
func (w *writer) words(n ast.Node) string {
	var s strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		s.Write(line.Value(w.source))
	}
	return s.String()
}

func (w *writer) render(n ast.Node) {
	var out bytes.Buffer
	if err := markdown.Renderer().Render(&out, w.source, n); err != nil {
		out.WriteString(html.EscapeString(err.Error())) // a bytes.Buffer has no errors
	}
	w.b.WriteString(links.ReplaceAllString(out.String(), `href="$1.html$2"`))
}

// links matches the address of another chapter.
var links = regexp.MustCompile(`href="(\d\d-[a-z-]+)\.md(#[^"]*)?"`)

// drawing is the diagram of a fenced block, or nil.
func (w *writer) drawing(f *ast.FencedCodeBlock) *diagram.Diagram {
	if w.c == nil || string(f.Language(w.source)) != "mermaid" || f.Lines().Len() == 0 {
		return nil
	}
	first, last := f.Lines().At(0), f.Lines().At(f.Lines().Len()-1)
	from := 1 + bytes.Count(w.source[:first.Start], []byte("\n"))
	to := 1 + bytes.Count(w.source[:last.Start], []byte("\n"))
	for _, d := range w.c.doc.Diagrams {
		if from <= d.Line && d.Line <= to {
			return d
		}
	}
	return nil
}

// figure draws a diagram. After the last one of an ensemble comes its run.
func (w *writer) figure(d *diagram.Diagram) {
	if !w.slide {
		w.newSlide()
	}
	fmt.Fprintf(&w.b, `<figure tabindex="0" role="group" aria-label="Drawing">%s</figure>`,
		svg.Draw(d))
	world, plays := w.c.worlds[d]
	if !plays || !w.c.last[d] {
		return
	}
	if w.first < 0 {
		w.first = world
	}
	w.newSlide()
	class := "run"
	if w.bet && !w.open {
		class += " after"
	}
	fmt.Fprintf(&w.b, `<div class="%s" id="run-%d"><p class="rh"><b>The run</b> <span>Step with the arrow keys, `+
		`or go from one key moment to the next with [ and ].</span> <a class="go" href="%s">Open it alone</a></p>`+
		`<iframe title="The run of this drawing" data-src="%s" allow="clipboard-write"></iframe></div>`,
		class, world+1, w.c.run(world), w.c.run(world))
	w.endSlide()
}

// askBet shows the bet, with a place to write it down.
func (w *writer) askBet(n ast.Node) {
	w.newSlide()
	w.bet = true
	w.b.WriteString(`<aside class="bet" aria-label="Your bet">`)
	w.render(n)
	w.b.WriteString(`<form class="place" hidden><label for="bet">Your bet</label>` +
		`<textarea id="bet" rows="2" placeholder="Write it down before you look: nobody but you sees it."></textarea>` +
		`<button>Show what happens</button></form></aside>`)
	w.endSlide()
}

// code writes a block of code. A command that plays this chapter with other settings gets a button.
func (w *writer) code(n ast.Node) {
	if !w.slide && w.c != nil {
		w.newSlide()
	}
	words := w.words(n)
	if w.history != "" {
		fmt.Fprintf(&w.b, `<figure tabindex="0" role="group" aria-label="History">%s</figure>`, w.history)
		_, words, _ = strings.Cut(words, "\n\n") // the list below the lanes
		w.history = ""
	}
	w.b.WriteString(`<div class="code"><pre tabindex="0">` + html.EscapeString(words) + "</pre>")
	for line := range strings.Lines(w.words(n)) {
		if flags, ok := w.playable(line); ok {
			fmt.Fprintf(&w.b, `<button class="try" data-run="%s" data-flags="%s">Run it here: %s</button>`,
				w.c.run(max(0, w.first)), html.EscapeString(flags), html.EscapeString(flags))
		}
	}
	w.b.WriteString("</div>")
}

// playable returns the flags of a command that plays this chapter with flags that a page can play.
func (w *writer) playable(line string) (flags string, ok bool) {
	command, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), " | ")
	rest, found := strings.CutPrefix(command, "zablab replay ")
	if !found || w.c == nil || !w.forks || w.first < 0 {
		return "", false
	}
	i := strings.LastIndexByte(rest, ' ')
	if i < 0 {
		return "", false
	}
	if c, ok := book.Find(rest[i+1:]); !ok || c.Name != w.c.Name {
		return "", false
	}
	flags = strings.TrimSpace(rest[:i])
	if !pageFlags.MatchString(flags) {
		return "", false
	}
	return flags, true
}

// pageFlags matches the flags that the page of a run can play: see overrides in ui/whatif.js of
// package web.
var pageFlags = regexp.MustCompile(
	`^(?:(?:--(?:servers|observers|session-timeout|expiry|sync|client|fault|seed|flaw|reads) (?:'[^']*'|\S+))\s*)+$`)
