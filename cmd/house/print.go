package main

import (
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// printTable prints rows below a heading that says what they are.
func printTable(out io.Writer, title string, rows [][]string) {
	fmt.Fprintf(out, "%s\n", title)
	var buf bytes.Buffer
	t := tablewriter.NewTable(&buf,
		tablewriter.WithRenderer(renderer.NewBlueprint()),
		tablewriter.WithRendition(tw.Rendition{
			Borders:  tw.BorderNone,
			Symbols:  tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{Separators: tw.SeparatorsNone, Lines: tw.Lines{ShowHeaderLine: tw.On}},
		}),
		tablewriter.WithAlignment(tw.MakeAlign(len(rows[0]), tw.AlignLeft)),
		tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithRowAutoWrap(tw.WrapNone),
	)
	t.Header(rows[0])
	for _, r := range rows[1:] {
		_ = t.Append(r) // fails only on a row of another length
	}
	_ = t.Render()
	for line := range strings.Lines(buf.String()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	fmt.Fprintln(out)
}

// top keeps the first n of each list; all, if n is 0.
func (s sizes) top(n int) sizes {
	return sizes{first(s.Packages, n), first(s.Files, n), first(s.Functions, n), first(s.Lines, n), first(s.Alike, n)}
}

func first[T any](list []T, n int) []T {
	if n > 0 && n < len(list) {
		return list[:n]
	}
	return list
}

func printSizes(out io.Writer, all sizes, n int) {
	s := all.top(n)
	count := strconv.Itoa

	rows := [][]string{{"Package", "Files", "Lines", "Types", "Exported", "Most methods", ""}}
	for _, p := range s.Packages {
		rows = append(rows, []string{p.Package, count(p.Files), count(p.Lines), count(p.Types),
			count(p.Exported), p.Largest, count(p.Methods)})
	}
	printTable(out, fmt.Sprintf("Packages  %d", len(all.Packages)), rows)

	long := 0
	for _, f := range all.Files {
		if f.Lines > longFile {
			long++
		}
	}
	rows = [][]string{{"File", "Lines", "Of code"}}
	for _, f := range s.Files {
		rows = append(rows, []string{f.File, count(f.Lines), count(f.Code)})
	}
	printTable(out, fmt.Sprintf("Files  %d, of which %d over %d lines", len(all.Files), long, longFile), rows)

	long = 0
	for _, f := range all.Functions {
		if f.Lines > longFunction {
			long++
		}
	}
	rows = [][]string{{"Function", "Lines", "At"}}
	for _, f := range s.Functions {
		rows = append(rows, []string{f.Function, count(f.Lines), fmt.Sprintf("%s:%d", f.File, f.Line)})
	}
	printTable(out, fmt.Sprintf("Functions  %d, of which %d over %d lines", len(all.Functions), long, longFunction), rows)

	rows = [][]string{{"At", "Columns", "Begins"}}
	for _, l := range s.Lines {
		rows = append(rows, []string{fmt.Sprintf("%s:%d", l.File, l.Line), count(l.Columns), shorten(l.Text, 50)})
	}
	printTable(out, fmt.Sprintf("Lines  %d over %d columns", len(all.Lines), wideLine), rows)

	rows = [][]string{{"Lines", "Alike", "In"}}
	for _, p := range s.Alike {
		rows = append(rows, []string{count(p.Lines), p.A.String(), p.A.In}, []string{"", p.B.String(), p.B.In})
	}
	printTable(out, fmt.Sprintf("Pairs of alike places  %d", len(all.Alike)), rows)
}

// shorten cuts a text to n letters.
func shorten(s string, n int) string {
	s = strings.ReplaceAll(s, "\t", " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func printTexts(out io.Writer, texts []text) {
	for i, t := range texts {
		fmt.Fprintf(out, "%d. %s:%d  %s\n", i+1, t.File, t.Line, t.Kind)
		fmt.Fprintf(out, "    %s\n\n", strings.ReplaceAll(t.Text, "\n", "\n    "))
	}
}

// printOffences lists the offences word by word, those that a test holds the code to first.
func printOffences(out io.Writer, found []offence) {
	held := 0
	for _, o := range found {
		if o.Held {
			held++
		}
	}
	for _, list := range []bool{true, false} {
		last := ""
		for _, o := range found {
			if o.Held != list {
				continue
			}
			if o.Word != last {
				note := ""
				if !o.Held {
					note = "  (right in some places: look twice)"
				}
				fmt.Fprintf(out, "\n%s: say %s%s\n", o.Word, o.But, note)
				last = o.Word
			}
			fmt.Fprintf(out, "  %s:%d  %s\n", o.File, o.Line, shorten(o.Text, 100))
		}
	}
	fmt.Fprintf(out, "\n%d places to mend, %d to look at twice\n", held, len(found)-held)
}
