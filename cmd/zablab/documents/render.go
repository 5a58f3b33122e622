package documents

import (
	"regexp"
	"strings"

	"charm.land/glamour/v2"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/diagram"
)

// comments are not shown to readers: they tie figures to the runs that give them.
var comments = regexp.MustCompile(`(?s)<!--.*?-->`)

// render lays a document out for the terminal.
func render(doc *diagram.Document, text string, width int, paint terminal.Paint) (string, error) {
	r, err := glamour.NewTermRenderer(glamour.WithStandardStyle("notty"),
		glamour.WithWordWrap(width-2))
	if err != nil {
		return "", err
	}
	var page strings.Builder
	for _, p := range parts(doc, text) {
		if p.drawn != nil {
			for line := range strings.Lines(diagram.Draw(p.drawn, width-4)) {
				page.WriteString("    " + line)
			}
			continue
		}
		if p.console != "" {
			writeConsole(&page, p.console, width)
			continue
		}
		prose, err := r.Render(comments.ReplaceAllString(p.prose, ""))
		if err != nil {
			return "", err
		}
		var lines strings.Builder
		for line := range strings.Lines(prose) {
			lines.WriteString(strings.TrimRight(line, " \n") + "\n")
		}
		page.WriteString(emphasise(lines.String(), paint))
	}
	return page.String(), nil
}

var (
	headings = regexp.MustCompile(`(?m)^( *)#+ (.*)$`)
	strong   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	emphasis = regexp.MustCompile(`\*([^*\s][^*]*)\*`)
)

// emphasise turns the remaining marks of Markdown into bold, underlined and italic text. It keeps
// the terminal's own colours: the renderer's styles suit either a dark background or a light one,
// and no program can tell which it is.
func emphasise(text string, p terminal.Paint) string {
	if !p {
		return text
	}
	text = headings.ReplaceAllString(text, "$1"+p.In("1;4", "$2"))
	text = strong.ReplaceAllString(text, p.Bold("$1"))
	return emphasis.ReplaceAllString(text, p.In("3", "$1"))
}

// writeConsole writes a console block. A line that is too long goes on below, indented more, so
// that the columns of the other lines stay.
func writeConsole(page *strings.Builder, text string, width int) {
	const in, on = "    ", "            "
	for line := range strings.Lines(text) {
		rest, lead := []rune(strings.TrimRight(line, "\n")), in
		for len(rest) > width-len(lead) {
			cut := width - len(lead)
			for cut > width/2 && rest[cut] != ' ' {
				cut--
			}
			page.WriteString(lead + strings.TrimRight(string(rest[:cut]), " ") + "\n")
			rest, lead = []rune(strings.TrimLeft(string(rest[cut:]), " ")), on
		}
		page.WriteString(lead + string(rest) + "\n")
	}
}

// part is a piece of a document: prose, a diagram, or a console block.
type part struct {
	prose   string
	drawn   *diagram.Diagram
	console string
}

// ConsoleBlock matches a fence of the language console, and finds what it encloses.
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
