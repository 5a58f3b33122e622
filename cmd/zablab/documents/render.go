package documents

import (
	"regexp"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/diagram"
)

// comments are not shown to readers: they tie figures to the runs that give them.
var comments = regexp.MustCompile(`(?s)<!--.*?-->`)

// render lays a document out for the terminal.
func render(doc *diagram.Document, text string, width int, paint terminal.Paint) string {
	var page strings.Builder
	page.WriteString("\n")
	for _, p := range parts(doc, text) {
		switch {
		case p.drawn != nil:
			for line := range strings.Lines(diagram.Draw(p.drawn, width-4)) {
				page.WriteString("    " + line)
			}
			page.WriteString("\n")
		case p.console != "":
			writeConsole(&page, p.console, width)
			page.WriteString("\n")
		default:
			page.WriteString(markdown(comments.ReplaceAllString(p.prose, ""), width, paint))
		}
	}
	return page.String()
}

// closed hides what a document's author expects of its arrows: a bet is for the reader to make.
func closed(doc *diagram.Document) {
	for _, d := range doc.Diagrams {
		diagram.Walk(d.Items, func(it diagram.Item) bool {
			switch it := it.(type) {
			case *diagram.Arrow:
				it.Expect = diagram.Unsaid
			case *diagram.Note:
				it.Expect = diagram.Unsaid
			}
			return true
		})
	}
}

// writeConsole writes a console block.
func writeConsole(page *strings.Builder, text string, width int) {
	const indent = "    "
	for line := range strings.Lines(text) {
		for _, part := range wrapCode(strings.TrimRight(line, "\n"), width-len(indent)) {
			page.WriteString(strings.TrimRight(indent+part, " ") + "\n")
		}
	}
}

// commands are lines to be pasted.
var commands = regexp.MustCompile(`^\s*(\$ |(zablab|go|git)\s)|\|\s*zablab\s`)

// wrapCode breaks a line of code that is too long: it goes on below, indented, so that the columns
// of the other lines stay. A command stays in one line.
func wrapCode(line string, width int) (lines []string) {
	const on = "        "
	rest, lead := []rune(line), ""
	for len(rest) > width-len(lead) && !commands.MatchString(line) {
		cut := width - len(lead)
		for cut > width/2 && rest[cut] != ' ' {
			cut--
		}
		lines = append(lines, lead+strings.TrimRight(string(rest[:cut]), " "))
		rest, lead = []rune(strings.TrimLeft(string(rest[cut:]), " ")), on
	}
	return append(lines, lead+string(rest))
}

// part is a piece of a document: prose, a diagram, or a console block.
type part struct {
	prose   string
	drawn   *diagram.Diagram
	console string
}

// ConsoleBlock matches a fence of the language console, and captures its contents.
var ConsoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// split cuts prose at its console blocks.
func split(prose string) (list []part) {
	from := 0
	for _, block := range ConsoleBlock.FindAllStringIndex(prose, -1) {
		list = append(list, part{prose: prose[from:block[0]]},
			part{console: ConsoleBlock.FindStringSubmatch(prose[block[0]:block[1]])[1]})
		from = block[1]
	}
	return append(list, part{prose: prose[from:]})
}

// parts cuts a document at its diagrams.
func parts(doc *diagram.Document, text string) (list []part) {
	lines := strings.SplitAfter(text, "\n")
	at := 0
	for _, d := range doc.Diagrams {
		begin, end := d.Line-1, min(d.EndLine, len(lines))
		if begin > at && strings.HasPrefix(strings.TrimSpace(lines[begin-1]), "```") {
			begin--
			if end < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[end]), "```") {
				end++
			}
		}
		list = append(append(list, split(strings.Join(lines[at:begin], ""))...), part{drawn: d})
		at = end
	}
	return append(list, split(strings.Join(lines[at:], ""))...)
}
