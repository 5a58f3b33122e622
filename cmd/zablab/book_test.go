package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/documents"
	"github.com/zablab/zablab/scenarios/book"
)

var rewrite = flag.Bool("rewrite", false, "rewrite what the book and README show of their runs")

// TestBookSaysWhatHappens compares the outputs in the book with the runs. A console block shows the
// output of its commands. A figure in the prose, **343**<!-- Winner: A (\d+) -->, is what the
// expression finds in these outputs. After an intended change: go test ./cmd/zablab -run Book
// -rewrite.
func TestBookSaysWhatHappens(t *testing.T) {
	files, err := filepath.Glob("../../scenarios/book/*.md")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".md"), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			shown, outputs, err := consoles(string(text))
			if err != nil {
				t.Fatal(err)
			}
			for _, block := range measured.FindAllString(string(text), -1) {
				outputs += block // TestCompareFigures compares it with a run
			}
			shown, err = figures(shown, outputs)
			if err != nil {
				t.Error(err)
			}
			switch {
			case shown == string(text):
			case *rewrite:
				if err := os.WriteFile(name, []byte(shown), 0o644); err != nil {
					t.Fatal(err)
				}
			default:
				t.Errorf("the runs have changed, or the chapter is wrong; "+
					"go test ./cmd/zablab -run Book -rewrite:\n%s",
					difference(string(text), shown))
			}
		})
	}
}

// consoles returns the text with the current output in every console block, and all outputs
// together.
func consoles(text string) (shown, outputs string, err error) {
	shown = documents.ConsoleBlock.ReplaceAllStringFunc(text, func(block string) string {
		body := documents.ConsoleBlock.FindStringSubmatch(block)[1]
		var b strings.Builder
		for line := range strings.Lines(body) {
			command, ok := strings.CutPrefix(line, "$ ")
			if !ok {
				continue // this line is output
			}
			out, e := shell(context.Background(), strings.TrimSpace(command))
			if e != nil && err == nil {
				err = e
			}
			b.WriteString(line + out)
		}
		if !strings.HasPrefix(body, "$ ") && err == nil {
			err = fmt.Errorf("a console block that does not begin with a command:\n%s", block)
		}
		outputs += b.String()
		return "```console\n" + b.String() + "```"
	})
	return shown, outputs, err
}

var quoted = regexp.MustCompile(`\*\*([^*\n]+)\*\*<!-- (.*?) -->`)

// figures returns the text with the current value of every figure.
func figures(text, outputs string) (string, error) {
	var wrong error
	text = quoted.ReplaceAllStringFunc(text, func(s string) string {
		m := quoted.FindStringSubmatch(s)
		re, err := regexp.Compile(m[2])
		if err != nil {
			wrong = fmt.Errorf("%s: %w", s, err)
			return s
		}
		found := re.FindStringSubmatch(outputs)
		if len(found) != 2 {
			wrong = fmt.Errorf("%s: no run of the chapter prints that", s)
			return s
		}
		return "**" + found[1] + "**<!-- " + m[2] + " -->"
	})
	return text, wrong
}

// difference returns the lines in which two texts differ.
func difference(old, now string) string {
	var b strings.Builder
	had, has := strings.Split(old, "\n"), strings.Split(now, "\n")
	for i := range max(len(had), len(has)) {
		x, y := "", ""
		if i < len(had) {
			x = had[i]
		}
		if i < len(has) {
			y = has[i]
		}
		if x != y {
			fmt.Fprintf(&b, "%d: - %s\n%d: + %s\n", i+1, x, i+1, y)
		}
	}
	return b.String()
}

// TestBookTools: the functions of the test above find errors.
func TestBookTools(t *testing.T) {
	block := "```console\n$ zablab list | grep first | head -n 1\nold\n```\n" +
		"It is **9**<!-- first-one-wins .* (\\d+) -->.\n"
	shown, outputs, err := consoles(block)
	if err != nil || strings.Contains(shown, "old") ||
		!strings.Contains(shown, "02-first-one-wins") {
		t.Errorf("%v: %s", err, shown)
	}
	if shown, err = figures(shown, outputs); err != nil || strings.Contains(shown, "**9**") {
		t.Errorf("%v: %s", err, shown)
	}
	for _, bad := range []string{
		"```console\nno command\n```", "```console\n$ rm -r x\n```",
		"```console\n$ zablab list | sort\n```",
		"```console\n$ zablab replay nosuch\n```",
		"```console\n$ zablab list | grep 'no such line'\n```",
	} {
		if _, _, err := consoles(bad); err == nil {
			t.Errorf("passes:\n%s", bad)
		}
	}
	for _, bad := range []string{
		"**9**<!-- ( -->", "**9**<!-- nowhere (\\d+) -->", "**9**<!-- first -->",
	} {
		if _, err := figures(bad, outputs); err == nil {
			t.Errorf("passes: %s", bad)
		}
	}
}

// TestBookPlays: the whole book plays as its authors expect, over 20 seeds.
func TestBookPlays(t *testing.T) {
	code, out, errOut := zablab("replay", "--all")
	rows := strings.Count(out, "none")
	if code != command.OK || errOut != "" || rows != len(book.Chapters()) ||
		strings.Contains(out, "✗") {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
	if code, _, errOut := zablab("replay", "--all", "2"); code != command.Usage ||
		!strings.Contains(errOut, "--all plays every chapter: leave out the names") {
		t.Errorf("with a name: exit %d: %s", code, errOut)
	}
	if code, out, _ := zablab("replay", "--all", "--seeds", "2", "--json"); code != command.OK ||
		!strings.Contains(out, `"seeds": 2`) {
		t.Errorf("as JSON: exit %d: %s", code, out)
	}
}
