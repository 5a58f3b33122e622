package documents

import (
	"bytes"
	"fmt"
	"html"
	"regexp"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	table "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
	"github.com/zablab/zablab/cmd/zablab/terminal"
)

// joined replaces each blank of a command, so that no line is broken there.
const joined = "\ue000"

// layout formats Markdown in lines of a given width.
type layout struct {
	paint  terminal.Paint
	source []byte
	page   strings.Builder
	first  string // prefix of the next line
	rest   string // prefix of the lines after it
	width  int
}

// markdown formats prose for the terminal. Without styles, the marks of emphasis and headings stay.
func markdown(prose string, width int, paint terminal.Paint) string {
	l := layout{paint: paint, source: []byte(prose), first: "  ", rest: "  ", width: width - 2}
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.TaskList,
		extension.Strikethrough))
	l.blocks(md.Parser().Parse(text.NewReader(l.source)), true)
	if l.page.Len() > 0 {
		l.page.WriteString("\n")
	}
	return strings.ReplaceAll(l.page.String(), joined, " ")
}

// blocks formats the children of a block. If they are loose, a blank line separates them.
func (l *layout) blocks(parent ast.Node, loose bool) {
	begun := false
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.HTMLBlock); ok && l.htmlText(h) == "" {
			continue
		}
		l.between(begun && loose)
		l.block(n)
		begun = true
	}
}

// between writes the separator of two blocks: a blank line if blank is true.
func (l *layout) between(blank bool) {
	if blank {
		l.line("")
	}
}

// block formats one block.
func (l *layout) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		text := l.inline(n)
		if l.paint {
			text = l.styled("1;4", text)
		} else {
			text = strings.Repeat("#", n.Level) + " " + text
		}
		l.write(text)
	case *ast.Paragraph, *ast.TextBlock:
		l.write(l.inline(n))
	case *ast.List:
		l.list(n)
	case *ast.Blockquote:
		l.within("│ ", "│ ", n, true)
	case *ast.FencedCodeBlock, *ast.CodeBlock:
		for i := range n.Lines().Len() {
			at := n.Lines().At(i)
			line := strings.TrimRight(string(at.Value(l.source)), "\n")
			for _, part := range wrapCode(line, max(l.width-2, 20)) {
				l.line("  " + part)
			}
		}
	case *table.Table:
		l.table(n)
	case *ast.ThematicBreak:
		l.line("────────")
	case *ast.HTMLBlock:
		l.write(l.htmlText(n))
	}
}

// line writes one line without breaking it.
func (l *layout) line(s string) {
	l.page.WriteString(strings.TrimRight(l.first+s, " ") + "\n")
	l.first = l.rest
}

// write writes text, broken into lines.
func (l *layout) write(s string) {
	for part := range strings.SplitSeq(s, "\n") {
		for _, line := range terminal.WrapWords(part, max(l.width, 10)) {
			l.line(line)
		}
	}
}

// within formats the children of n with a prefix: first for the first line, rest for the others.
func (l *layout) within(first, rest string, n ast.Node, loose bool) {
	outer, width := l.rest, l.width
	l.first, l.rest, l.width = l.first+first, l.rest+rest, l.width-len([]rune(rest))
	l.blocks(n, loose)
	l.first, l.rest, l.width = outer, outer, width
}

// list formats the items of a list, each after its mark.
func (l *layout) list(n *ast.List) {
	number := n.Start
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		l.between(item != n.FirstChild() && !n.IsTight)
		mark := "• "
		if n.IsOrdered() {
			mark = fmt.Sprintf("%d. ", number)
			number++
		}
		l.within(mark, strings.Repeat(" ", len([]rune(mark))), item, !n.IsTight)
	}
}

// table formats a table so that it fits the page.
func (l *layout) table(n *table.Table) {
	var page bytes.Buffer
	out := terminal.NewOutput(&page)
	terminal.SetWidth(out, l.width)
	var t *terminal.Table
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		var cells []string
		for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
			cells = append(cells, l.inline(cell))
		}
		if t == nil {
			t = terminal.NewTable(out, cells...)
			continue
		}
		t.Row(cells...)
	}
	t.Render()
	for line := range strings.Lines(page.String()) {
		l.line(strings.TrimRight(line, "\n"))
	}
}

// tags matches an HTML tag.
var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// htmlText is the text of an HTML block, without its tags.
func (l *layout) htmlText(n *ast.HTMLBlock) string {
	var b strings.Builder
	for i := range n.Lines().Len() {
		at := n.Lines().At(i)
		b.Write(at.Value(l.source))
	}
	return strings.Join(strings.Fields(html.UnescapeString(tags.ReplaceAllString(b.String(), " "))),
		" ")
}

// inline is the text of a block, styled.
func (l *layout) inline(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		b.WriteString(l.span(n))
	}
	return b.String()
}

// span is one span of text.
func (l *layout) span(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Text:
		s := html.UnescapeString(string(util.UnescapePunctuations(n.Value(l.source))))
		switch {
		case n.HardLineBreak():
			s += "\n"
		case n.SoftLineBreak():
			s += " "
		}
		return s
	case *ast.String:
		return string(n.Value)
	case *ast.CodeSpan:
		return code(n, l.source)
	case *ast.Emphasis:
		return l.emphasis(n)
	case *ast.Link:
		return l.link(l.inline(n), string(n.Destination))
	case *ast.AutoLink:
		return string(n.URL(l.source))
	case *ast.RawHTML:
		return breakTag(n, l.source)
	case *table.TaskCheckBox:
		if n.IsChecked {
			return "[x] "
		}
		return "[ ] "
	}
	return l.inline(n)
}

// emphasis is text in italics or in bold type.
func (l *layout) emphasis(n *ast.Emphasis) string {
	text, mark, style := l.inline(n), "*", "3"
	if n.Level == 2 {
		mark, style = "**", "1"
	}
	if l.paint {
		return l.styled(style, text)
	}
	return mark + text + mark
}

// styled sets a text in a style, and sets the style again after each nested style ends.
func (l *layout) styled(style, text string) string {
	const end = "\x1b[0m"
	text = strings.ReplaceAll(text, end, end+"\x1b["+style+"m")
	return l.paint.In(style, text)
}

// link returns the text of a link and, if the link leaves the document, its address.
func (l *layout) link(text, address string) string {
	if !strings.Contains(address, "://") || text == address {
		return text
	}
	return text + " (" + address + ")"
}

// code formats a code span. A command stays on one line, so that it can be copied.
func code(n *ast.CodeSpan, source []byte) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			b.Write(t.Value(source))
		}
	}
	s := strings.Join(strings.Fields(b.String()), " ")
	for _, program := range []string{"zablab ", "go ", "git "} {
		if strings.HasPrefix(s, program) {
			return strings.ReplaceAll(s, " ", joined)
		}
	}
	return s
}

// breakTag returns a line break for the tag <br>, and "" for other tags.
func breakTag(n *ast.RawHTML, source []byte) string {
	for i := range n.Segments.Len() {
		at := n.Segments.At(i)
		if strings.HasPrefix(strings.ToLower(string(at.Value(source))), "<br") {
			return "\n"
		}
	}
	return ""
}
