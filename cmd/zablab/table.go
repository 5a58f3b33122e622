package main

import (
	"bytes"
	"io"
	"os"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
	"golang.org/x/term"
)

// table is a tablewriter in the lab's one style: no frame, one line under the header.
type table struct {
	t   *tablewriter.Table
	out io.Writer
	buf bytes.Buffer
}

func newTable(out io.Writer, header ...string) *table {
	tab := &table{out: out}
	t := tablewriter.NewTable(&tab.buf,
		tablewriter.WithRenderer(renderer.NewBlueprint()),
		tablewriter.WithRendition(tw.Rendition{
			Borders: tw.Border{Left: tw.Off, Right: tw.Off, Top: tw.Off, Bottom: tw.Off},
			Symbols: tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{
				Separators: tw.Separators{BetweenColumns: tw.Off, BetweenRows: tw.Off},
				Lines:      tw.Lines{ShowHeaderLine: tw.On},
			},
		}),
		tablewriter.WithHeaderAlignment(tw.AlignLeft), tablewriter.WithRowAlignment(tw.AlignLeft),
		tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithRowAutoWrap(tw.WrapNone),
		tablewriter.WithHeaderAutoWrap(tw.WrapNone), tablewriter.WithTrimSpace(tw.Off),
	)
	cells := make([]any, len(header))
	for i, h := range header {
		cells[i] = h
	}
	t.Header(cells...)
	tab.t = t
	return tab
}

func (t *table) row(cells ...string) {
	// The only error is a row of another length, which a test of the output would show.
	_ = t.t.Append(cells)
}

// render writes the table without the blanks that would fill up its last column.
func (t *table) render() {
	_ = t.t.Render()
	for _, line := range strings.SplitAfter(t.buf.String(), "\n") {
		end := ""
		if strings.HasSuffix(line, "\n") {
			end = "\n"
		}
		_, _ = io.WriteString(t.out, strings.TrimRight(line, " \n")+end)
	}
}

// paint colours words where a person at a terminal sees them, and nowhere else.
type paint bool

func painter(out io.Writer) paint {
	file, ok := out.(*os.File)
	return paint(ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(file.Fd())))
}

func (p paint) in(code, s string) string {
	if !p || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (p paint) bold(s string) string   { return p.in("1", s) }
func (p paint) faint(s string) string  { return p.in("2", s) }
func (p paint) green(s string) string  { return p.in("32", s) }
func (p paint) yellow(s string) string { return p.in("33", s) }
func (p paint) red(s string) string    { return p.in("31", s) }
