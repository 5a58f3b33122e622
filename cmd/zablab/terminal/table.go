package terminal

import (
	"bufio"
	"io"
	"strings"
	"sync"

	"github.com/clipperhouse/displaywidth"
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

// Row adds a row, which must have as many cells as the header.
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
	page := pages.Get().(*bufio.Writer)
	page.Reset(t.out)
	t.draw(page)
	_ = page.Flush()
	page.Reset(nil)
	pages.Put(page)
}

// pages has the buffers of tables that are written: a command may write thousands of them.
var pages = sync.Pool{New: func() any { return bufio.NewWriterSize(nil, 1<<16) }}

// draw draws the table as wide as its cells are.
func (t *Table) draw(page *bufio.Writer) {
	columns := make([]int, len(t.header))
	for _, row := range append([][]string{t.header}, t.rows...) {
		for i, cell := range row {
			for line := range strings.SplitSeq(cell, "\n") {
				columns[i] = max(columns[i], columnsOf(line))
			}
		}
	}
	drawRow(page, t.header, columns)
	_, _ = page.WriteString(strings.Repeat("─", sum(columns)+2*len(columns)))
	_ = page.WriteByte('\n')
	for _, row := range t.rows {
		drawRow(page, row, columns)
	}
}

// drawRow draws a row: in as many lines as its longest cell has, with a blank on both sides of each
// column and none at the end of a line.
func drawRow(page *bufio.Writer, row []string, columns []int) {
	for more := true; more; {
		more = false
		blanks := 0
		for i, cell := range row {
			line, rest, cut := strings.Cut(cell, "\n")
			more = more || cut
			row[i] = rest
			if line = strings.TrimRight(line, " "); line == "" {
				blanks += columns[i] + 2
				continue
			}
			for range blanks + 1 {
				_ = page.WriteByte(' ')
			}
			_, _ = page.WriteString(line)
			blanks = columns[i] - columnsOf(line) + 1
		}
		_ = page.WriteByte('\n')
	}
}

// columnsOf is how many columns of a terminal a line takes, without its styles.
func columnsOf(line string) int {
	n := 0
	for _, r := range line {
		if (r < ' ' || r > '~') && r != '→' {
			return displaywidth.Options{ControlSequences: true}.String(line)
		}
		n++
	}
	return n
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
