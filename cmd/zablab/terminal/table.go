package terminal

import (
	"bytes"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Table is a tablewriter in the lab's one style: no frame, one line under the header.
type Table struct {
	t   *tablewriter.Table
	out io.Writer
	buf bytes.Buffer
}

// NewTable begins a table with its header.
func NewTable(out io.Writer, header ...string) *Table {
	tab := &Table{out: out}
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

// Row adds a row, with as many cells as the header has.
func (t *Table) Row(cells ...string) {
	// The only error is a row of another length, which a test of the output would show.
	_ = t.t.Append(cells)
}

// Render writes the table without the blanks that would fill up its last column.
func (t *Table) Render() {
	_ = t.t.Render()
	for _, line := range strings.SplitAfter(t.buf.String(), "\n") {
		end := ""
		if strings.HasSuffix(line, "\n") {
			end = "\n"
		}
		_, _ = io.WriteString(t.out, strings.TrimRight(line, " \n")+end)
	}
}
