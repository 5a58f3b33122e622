package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"

	"charm.land/glamour/v2"
	"github.com/spf13/cobra"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"golang.org/x/term"
)

func newRead() *cobra.Command {
	width := 0
	cmd := &cobra.Command{
		Use:   "read [DOC]",
		Short: "Read a chapter of the book, or any document, in the terminal",
		Long: "Renders a document for the terminal, its diagrams drawn as text. A document is a chapter of the lab by\n" +
			"name or number, or a file. Without one, the chapters are listed.",
		Example: "  zablab read the-leader-dies\n  zablab read my-election.md | less",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return list(cmd)
			}
			return read(cmd, args[0], width)
		},
	}
	cmd.Flags().IntVar(&width, "width", 0, "columns (default: the terminal's, 100 at most, or 80)")
	return cmd
}

// comments are what a reader is not shown: what holds figures to their runs.
var comments = regexp.MustCompile(`(?s)<!--.*?-->`)

func read(cmd *cobra.Command, name string, width int) error {
	if width != 0 && (width < 40 || width > 300) {
		return fmt.Errorf("--width %d: give it 40 to 300 columns", width)
	}
	text, shown, err := readDocument("read", name)
	if err != nil {
		return err
	}
	doc, err := diagram.Parse(shown, text)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	file, onFile := out.(*os.File)
	if width == 0 {
		width = 80
		if onFile {
			if w, _, err := term.GetSize(int(file.Fd())); err == nil && w >= 40 {
				width = min(w, 100)
			}
		}
	}
	if asJSON, _ := cmd.Flags().GetBool("json"); asJSON {
		writeJSON(out, jsonRead(doc, string(text), width))
		return nil
	}
	page, err := render(doc, string(text), width, bool(painter(out)))
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	fmt.Fprint(out, page)
	again := book.ShortName(shown)
	fmt.Fprintf(out, "%s  zablab replay %s\n", painter(out).bold("Play it"), again)
	return nil
}

// render is the document as the terminal shows it.
func render(doc *diagram.Document, text string, width int, colours bool) (string, error) {
	r, err := glamour.NewTermRenderer(glamour.WithStandardStyle("notty"), glamour.WithWordWrap(width-2))
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
			shown(&page, p.console, width)
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
		page.WriteString(emphasise(lines.String(), paint(colours)))
	}
	return page.String(), nil
}

var (
	headings = regexp.MustCompile(`(?m)^( *)#+ (.*)$`)
	strong   = regexp.MustCompile(`\*\*([^*]+)\*\*`)
	emphasis = regexp.MustCompile(`\*([^*\s][^*]*)\*`)
)

// emphasise shows in a terminal what is left of Markdown's marks, in the terminal's own colours: the
// renderer's styles are for a dark background or for a light one, and nobody says which it is.
func emphasise(text string, p paint) string {
	if !p {
		return text
	}
	text = headings.ReplaceAllString(text, "$1"+p.in("1;4", "$2"))
	text = strong.ReplaceAllString(text, p.bold("$1"))
	return emphasis.ReplaceAllString(text, p.in("3", "$1"))
}

// shown writes what a terminal shows. A line that is too long goes on below, further in, so that the
// columns of the others stay.
func shown(page *strings.Builder, text string, width int) {
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

// part is a stretch of prose, a diagram, or what a terminal shows.
type part struct {
	prose   string
	drawn   *diagram.Diagram
	console string
}

// consoleBlock is a fence of the language console.
var consoleBlock = regexp.MustCompile("(?ms)^```console\n(.*?)^```$")

// stretch cuts prose at its console blocks.
func stretch(prose string) (list []part) {
	from := 0
	for _, block := range consoleBlock.FindAllStringIndex(prose, -1) {
		list = append(list, part{prose: prose[from:block[0]]},
			part{console: consoleBlock.FindStringSubmatch(prose[block[0]:block[1]])[1]})
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
		list = append(append(list, stretch(strings.Join(lines[at:begin], ""))...), part{drawn: d})
		at = end
	}
	return append(list, stretch(strings.Join(lines[at:], ""))...)
}

// jsonRead is read --json: the text and each diagram drawn.
func jsonRead(doc *diagram.Document, text string, width int) any {
	type drawn struct {
		Title string `json:"title"`
		Line  int    `json:"line"`
		Text  string `json:"text"`
	}
	diagrams := []drawn{}
	for _, d := range doc.Diagrams {
		diagrams = append(diagrams, drawn{d.Title, d.Line, diagram.Draw(d, width)})
	}
	return map[string]any{
		"name": doc.Name, "title": doc.Title, "text": comments.ReplaceAllString(text, ""), "diagrams": diagrams,
	}
}
