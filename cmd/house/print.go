package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// printTable prints a title and a table below it.
func printTable(out io.Writer, title string, rows [][]string) {
	fmt.Fprintf(out, "%s\n", title)
	var buf bytes.Buffer
	t := tablewriter.NewTable(&buf,
		tablewriter.WithRenderer(renderer.NewBlueprint()),
		tablewriter.WithRendition(tw.Rendition{
			Borders: tw.BorderNone,
			Symbols: tw.NewSymbols(tw.StyleLight),
			Settings: tw.Settings{
				Separators: tw.SeparatorsNone,
				Lines:      tw.Lines{ShowHeaderLine: tw.On},
			},
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

// top returns the first n rows of each list; all rows if n is 0.
func (s sizes) top(n int) sizes {
	return sizes{
		Packages:  first(s.Packages, n),
		Files:     first(s.Files, n),
		Functions: first(s.Functions, n),
		Lines:     first(s.Lines, n),
		Alike:     first(s.Alike, n),
	}
}

func first[T any](list []T, n int) []T {
	if n > 0 && n < len(list) {
		return list[:n]
	}
	return list
}

// printSizes prints the totals, and the first n rows of each list.
func printSizes(out io.Writer, all sizes, n int) {
	s := all.top(n)
	files := over(all.Files, func(f fileSize) bool { return f.Lines > longFile })
	functions := over(all.Functions, func(f functionSize) bool { return f.Lines > longFunction })

	printTable(out, fmt.Sprintf("Packages  %d", len(all.Packages)), packageRows(s.Packages))
	printTable(out, fmt.Sprintf("Files  %d, of which %d over %d lines",
		len(all.Files), files, longFile), fileRows(s.Files))
	printTable(out, fmt.Sprintf("Functions  %d, of which %d over %d lines",
		len(all.Functions), functions, longFunction), functionRows(s.Functions))
	printTable(out, fmt.Sprintf("Lines  %d over %d columns",
		len(all.Lines), wideLine), lineRows(s.Lines))
	printTable(out, fmt.Sprintf("Pairs of similar code  %d", len(all.Alike)), pairRows(s.Alike))
}

// over counts the items that are larger than their limit.
func over[T any](list []T, large func(T) bool) int {
	n := 0
	for _, x := range list {
		if large(x) {
			n++
		}
	}
	return n
}

func packageRows(list []packageSize) [][]string {
	rows := [][]string{{"Package", "Files", "Lines", "Types", "Exported", "Most methods", ""}}
	for _, p := range list {
		rows = append(rows, []string{p.Package, strconv.Itoa(p.Files), strconv.Itoa(p.Lines),
			strconv.Itoa(p.Types), strconv.Itoa(p.Exported), p.Largest, strconv.Itoa(p.Methods)})
	}
	return rows
}

func fileRows(list []fileSize) [][]string {
	rows := [][]string{{"File", "Lines", "Of code"}}
	for _, f := range list {
		rows = append(rows, []string{f.File, strconv.Itoa(f.Lines), strconv.Itoa(f.Code)})
	}
	return rows
}

func functionRows(list []functionSize) [][]string {
	rows := [][]string{{"Function", "Lines", "At"}}
	for _, f := range list {
		at := fmt.Sprintf("%s:%d", f.File, f.Line)
		rows = append(rows, []string{f.Function, strconv.Itoa(f.Lines), at})
	}
	return rows
}

func lineRows(list []lineSize) [][]string {
	rows := [][]string{{"At", "Columns", "Begins"}}
	for _, l := range list {
		at := fmt.Sprintf("%s:%d", l.File, l.Line)
		rows = append(rows, []string{at, strconv.Itoa(l.Columns), shorten(l.Text, 50)})
	}
	return rows
}

func pairRows(list []pair) [][]string {
	rows := [][]string{{"Lines", "Alike", "In"}}
	for _, p := range list {
		rows = append(rows, []string{strconv.Itoa(p.Lines), p.A.String(), p.A.In},
			[]string{"", p.B.String(), p.B.In})
	}
	return rows
}

// shorten cuts a text to n letters.
func shorten(s string, n int) string {
	s = strings.ReplaceAll(s, "\t", " ")
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// kinds has the words for the kinds of texts.
var kinds = map[string]string{"error": "error", "help": "help", "heading": "table heading",
	"sentence": "output", "package": "documentation", "name": "documentation"}

// phrases matches the place of a text in a table of phrases, which the lab reads and does not
// print.
var phrases = regexp.MustCompile(`scenarios/script, in \w+: (phrases|words) `)

func printTexts(out io.Writer, texts []text) {
	fmt.Fprint(out, "A name in ‹ › stands for a value; ‹id 1› and ‹id 2› are different values. "+
		"⟦ ⟧ marks the message; the text around it completes what a user reads.\n\n")
	for i, t := range texts {
		kind := kinds[t.Kind]
		if phrases.MatchString(t.In) && !strings.Contains(t.In, "each with") {
			kind = "phrase that the author of a drawing (a sequence diagram) may write"
		}
		fmt.Fprintf(out, "%d. %s, %s (%s:%d)\n", i+1, kind, t.In, t.File, t.Line)
		fmt.Fprintf(out, "    %s\n\n", strings.ReplaceAll(t.Shown, "\n", "\n    "))
	}
}

// printOffences prints the offences, grouped by word. Words that a test forbids come first.
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
					note = fmt.Sprintf("  (%s is sometimes right: check each place)", o.Word)
				}
				fmt.Fprintf(out, "\nInstead of %s, write: %s%s\n", o.Word, o.But, note)
				last = o.Word
			}
			fmt.Fprintf(out, "  %s:%d  %s\n", o.File, o.Line, shorten(o.Text, 100))
		}
	}
	fmt.Fprintf(out, "\n%d words to replace, %d words to check\n", held, len(found)-held)
}
