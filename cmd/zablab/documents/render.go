package documents

import (
	"regexp"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/diagram"
)

// comments matches HTML comments, which readers do not see: they tie figures to the runs that
// produce them.
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

// closed removes from a document what its author expects of each arrow, so that readers can predict
// it.
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

// boxes matches a box with an answer, which a browser shows closed, and captures its title and its
// contents.
var boxes = regexp.MustCompile(`(?ms)^<details>\n<summary>(.*?)</summary>\n(.*?)^</details>$`)

// openBoxes replaces each box by its title and its contents. No line moves, since diagrams know
// their lines.
func openBoxes(text string) string {
	return boxes.ReplaceAllString(text, "**$1**\n\n$2")
}

// closeBoxes replaces each box by its title and the command that opens it. No line moves.
func closeBoxes(text, name string) string {
	return boxes.ReplaceAllStringFunc(text, func(box string) string {
		title := boxes.FindStringSubmatch(box)[1]
		return "▸ **" + title + "**  `zablab read --answers " + name + "`" +
			strings.Repeat("\n", strings.Count(box, "\n"))
	})
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

// commands matches a line that readers copy into a shell.
var commands = regexp.MustCompile(`^\s*(\$ |(zablab|go|git)\s)|\|\s*zablab\s`)

// wrapCode breaks a line of code that is too long. The remainder is indented, so that the columns
// of other lines stay aligned. A shell command is not broken.
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

// ConsoleBlock matches a Markdown fence of the language console, and captures its contents.
var ConsoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// split splits prose into console blocks and the text between them.
func split(prose string) (list []part) {
	from := 0
	for _, block := range ConsoleBlock.FindAllStringIndex(prose, -1) {
		list = append(list, part{prose: prose[from:block[0]]},
			part{console: ConsoleBlock.FindStringSubmatch(prose[block[0]:block[1]])[1]})
		from = block[1]
	}
	return append(list, part{prose: prose[from:]})
}

// parts splits a document into diagrams and the text between them.
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
