package terminal

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/displaywidth"
)

// least is the minimum width of a column, in columns of the terminal. A shorter cell is never
// wrapped.
const least = 16

// escape matches an ANSI sequence that sets a style.
var escape = regexp.MustCompile("\x1b\\[[0-9;]*m")

// visible returns how many columns of a terminal the longest line of a text takes, without styles.
func visible(s string) (n int) {
	for line := range strings.SplitSeq(s, "\n") {
		n = max(n, columnsOf(line))
	}
	return n
}

// fit returns widths of columns with which a table fits the page. The widest columns are narrowed
// first. ok is false if columns would become too narrow to read.
func fit(header []string, rows [][]string, width int) (columns []int, ok bool) {
	columns = make([]int, len(header))
	narrow := make([]int, len(header))
	for i, h := range header {
		columns[i], narrow[i] = visible(h), min(longestWord(h), least)
	}
	for _, row := range rows {
		for i, cell := range row {
			columns[i] = max(columns[i], visible(cell))
			narrow[i] = max(narrow[i], min(visible(cell), least))
		}
	}
	room := width - 2*len(columns) // a blank on both sides of each column
	for sum(columns) > room {
		widest, next := -1, 0
		for i, w := range columns {
			switch {
			case w <= narrow[i]:
			case widest < 0 || w > columns[widest]:
				if widest >= 0 {
					next = columns[widest]
				}
				widest = i
			default:
				next = max(next, w)
			}
		}
		if widest < 0 {
			return nil, false
		}
		// Narrow to the width of the next widest column; then both are narrowed together.
		most := columns[widest] - max(next, narrow[widest])
		columns[widest] -= max(1, min(most, sum(columns)-room))
	}
	return columns, true
}

func sum(list []int) (n int) {
	for _, k := range list {
		n += k
	}
	return n
}

func longestWord(s string) (n int) {
	for _, w := range strings.Fields(s) {
		n = max(n, visible(w))
	}
	return n
}

// wrapCells wraps the cells of a row to their columns' widths.
func wrapCells(row []string, columns []int) []string {
	wrapped := make([]string, len(row))
	for i, cell := range row {
		wrapped[i] = cell
		if visible(cell) > columns[i] {
			var lines []string
			for line := range strings.SplitSeq(cell, "\n") {
				lines = append(lines, WrapStyled(line, columns[i])...)
			}
			wrapped[i] = strings.Join(lines, "\n")
		}
	}
	return wrapped
}

// WrapStyled breaks a text into lines at blanks. Only a word longer than a line is broken. A style
// that continues on the next line ends before the break and is set again after it.
func WrapStyled(s string, width int) []string { return wrapStyled(s, width, true) }

// WrapWords breaks a text into lines at blanks, and never within a word.
func WrapWords(s string, width int) []string { return wrapStyled(s, width, false) }

func wrapStyled(s string, width int, cut bool) (lines []string) {
	style, line, n := "", "", 0
	end := func() {
		if style != "" {
			line += "\x1b[0m"
		}
		lines = append(lines, line)
		line, n = style, 0
	}
	for _, word := range strings.Split(s, " ") {
		k := visible(word)
		switch {
		case n > 0 && n+1+k > width:
			end()
		case n > 0:
			line += " "
			n++
		}
		for word != "" {
			if at := escape.FindStringIndex(word); at != nil && at[0] == 0 {
				style += word[:at[1]]
				if strings.HasSuffix(style, "\x1b[0m") {
					style = ""
				}
				line, word = line+word[:at[1]], word[at[1]:]
				continue
			}
			r, size := utf8.DecodeRuneInString(word)
			wide := displaywidth.Rune(r)
			if n > 0 && n+wide > width && cut {
				end()
			}
			line, word = line+word[:size], word[size:]
			n += wide
		}
	}
	return append(lines, line)
}
