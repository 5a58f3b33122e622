package terminal

import (
	"bytes"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Table is a table without a frame, with one line under the header. It is never wider than the
// terminal: long cells wrap, and if that is not enough, each row becomes a list of its cells.
type Table struct {
	out    io.Writer
	header []string
	rows   [][]string
}

// NewTable returns a table with these headings, which [Table.Render] writes to out.
func NewTable(out io.Writer, header ...string) *Table {
	return &Table{out: out, header: header}
}

// Row adds a row. It must have as many cells as the header.
func (t *Table) Row(cells ...string) { t.rows = append(t.rows, cells) }

// Render writes the table, without trailing blanks in the last column.
func (t *Table) Render() {
	if width := Columns(t.out); width > 0 {
		columns, ok := fit(t.header, t.rows, width)
		if !ok {
			t.list(width)
			return
		}
		t.header = wrapCells(t.header, columns)
		for i, row := range t.rows {
			t.rows[i] = wrapCells(row, columns)
		}
	}
	var page bytes.Buffer
	t.draw(&page)
	for _, line := range strings.SplitAfter(page.String(), "\n") {
		end := ""
		if strings.HasSuffix(line, "\n") {
			end = "\n"
		}
		_, _ = io.WriteString(t.out, strings.TrimRight(line, " \n")+end)
	}
}

// draw writes the table with each column as wide as its widest cell.
func (t *Table) draw(page io.Writer) {
	w := tablewriter.NewTable(page,
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
	cells := make([]any, len(t.header))
	for i, h := range t.header {
		cells[i] = h
	}
	w.Header(cells...)
	for _, row := range t.rows {
		// Append fails only for a row of another length, which a test of the output would show.
		_ = w.Append(row)
	}
	_ = w.Render()
}

// list writes each row as a list of its cells, one cell per line.
func (t *Table) list(width int) {
	name := 0
	for _, h := range t.header {
		name = max(name, visible(h))
	}
	indent := strings.Repeat(" ", name+3)
	for i, row := range t.rows {
		if i > 0 {
			_, _ = io.WriteString(t.out, "\n")
		}
		for k, cell := range row {
			if cell == "" {
				continue
			}
			text := wrapCells([]string{cell}, []int{max(width-name-3, 8)})[0]
			pad := strings.Repeat(" ", name-visible(t.header[k]))
			_, _ = io.WriteString(t.out, " "+t.header[k]+pad+"  "+
				strings.ReplaceAll(text, "\n", "\n"+indent)+"\n")
		}
	}
}
