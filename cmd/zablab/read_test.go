package main

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/book"
)

// TestRead: every chapter can be read in a terminal of 80 columns, with its prose and its drawings,
// and without comments for the machine.
func TestRead(t *testing.T) {
	for _, c := range book.Chapters() {
		name := book.ShortName(c.Name)
		code, out, errOut := zablab("read", name)
		if code != command.OK || errOut != "" {
			t.Fatalf("%s: exit %d: %s", name, code, errOut)
		}
		for line := range strings.Lines(out) {
			n := utf8.RuneCountInString(strings.TrimRight(line, "\n"))
			if n > 80 && !strings.Contains(line, "zablab ") {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		for _, hidden := range []string{"<!--", "sequenceDiagram", "\x1b"} {
			if strings.Contains(out, hidden) {
				t.Errorf("%s shows %q", name, hidden)
			}
		}
		if !strings.Contains(out, "Play it  zablab replay "+name) || !strings.Contains(out, "►│") {
			t.Errorf("%s: no drawing, or no way on:\n%s", name, out)
		}
	}
}

// TestReadLine: with the number of a line, only the section of that line is shown, also in a document
// without a name of ours, and a number beyond the end is refused.
func TestReadLine(t *testing.T) {
	doc := file(t, "mine.md", "# Mine\n\nOne.\n\n## Two\n\n```sh\n# no heading\n```\n\n"+
		"```mermaid\nsequenceDiagram\nA->>ZK: create /x\n```\n\n## Three\n\nEnd.\n")
	for line, want := range map[string]string{"1": "One.", "5": "no heading", "13": "create /x",
		"16": "End.", "18": "End."} {
		code, out, errOut := zablab("read", doc+":"+line)
		if code != command.OK || !strings.Contains(out, want) ||
			strings.Contains(out, "One.") != (line == "1") ||
			strings.Contains(out, "►│") != (line == "5" || line == "13") {
			t.Errorf("line %s: exit %d, %s%s", line, code, out, errOut)
		}
	}
	code, _, errOut := zablab("read", doc+":99")
	if code != command.Usage || !strings.Contains(errOut, "the document has 18 lines") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

func TestReadOthers(t *testing.T) {
	doc := file(t, "mine.md",
		"# Mine\n\nSo it is.<!-- not\nthis -->\n\nsequenceDiagram\r\nA->>ZK: create /x\r\n\n"+
			"## After\n\nEnd.\n")
	code, out, _ := zablab("read", doc)
	if code != command.OK || strings.Contains(out, "this") ||
		!strings.Contains(out, "├────►│  create /x") || !strings.Contains(out, "## After") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	code, out, _ = zablab("read", "--json", "--width", "60", doc)
	var got struct {
		Title    string
		Diagrams []struct {
			Line int
			Text string
		}
	}
	err := json.Unmarshal([]byte(out), &got)
	if err != nil || code != command.OK || got.Title != "Mine" || len(got.Diagrams) != 1 {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	if code, out, _ := zablab("read"); code != command.OK ||
		!strings.Contains(out, "To read a chapter: zablab read 1") {
		t.Errorf("without a name: exit %d: %s", code, out)
	}
	for _, args := range [][]string{
		{"read", "nosuch"},
		{"read", "--width", "7", doc},
		{"read", "a", "b"},
		{"read", file(t, "empty.md", "")},
	} {
		code, out, errOut := zablab(args...)
		if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %q %q", args, code, out, errOut)
		}
	}
}

// TestAnswers: the task at the end of a chapter has its answer in a box, which zablab read opens only
// with --answers.
func TestAnswers(t *testing.T) {
	for _, c := range book.Chapters() {
		name := book.ShortName(c.Name)
		_, task, _ := strings.Cut(string(c.Text), "\n## Try\n")
		_, box, _ := strings.Cut(task, "\n<details>\n<summary>Answer</summary>\n\n")
		answer, _, closes := strings.Cut(box, "\n\n</details>\n")
		if !closes || strings.Count(string(c.Text), "<details>") != 1 ||
			strings.Contains(answer, "```mermaid") {
			t.Errorf("%s: its task has no box with an answer, or more than one, or a drawing in it", name)
			continue
		}
		words := strings.Fields(strings.ReplaceAll(answer, "`", ""))
		end := strings.Join(words[len(words)-4:], " ")
		first := func(args ...string) (bool, string) {
			_, out, _ := zablab(append([]string{"read", "--width", "300"}, args...)...)
			return strings.Contains(strings.Join(strings.Fields(out), " "), end), out
		}
		if shown, out := first(name); shown ||
			!strings.Contains(out, "▸ **Answer**  zablab read --answers "+name+"\n") {
			t.Errorf("%s: closed:\n%s", name, out)
		}
		if shown, out := first("--answers", name); !shown || !strings.Contains(out, "**Answer**\n") ||
			strings.Contains(out, "▸") {
			t.Errorf("%s: with --answers:\n%s", name, out)
		}
		for _, args := range [][]string{{name}, {"--answers", name}} {
			_, out, _ := zablab(append([]string{"read"}, args...)...)
			if strings.Contains(out, "<details") || strings.Contains(out, "summary>") {
				t.Errorf("%s: a tag is shown:\n%s", name, out)
			}
		}
	}
}

// TestGuide: the guide prints the tables of the parser.
func TestGuide(t *testing.T) {
	code, out, errOut := zablab("guide")
	for _, want := range []string{
		"create · creates", "loses power", "FOLLOWERINFO", "session-timeout=4s", "already exists",
	} {
		if code != command.OK || errOut != "" || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q: %s", code, want, errOut)
		}
	}
	var doc struct {
		Vocabulary []struct {
			Where string
			Terms []struct{ Phrases []string }
		}
	}
	if _, out, _ := zablab("guide", "--json"); json.Unmarshal([]byte(out), &doc) != nil ||
		len(doc.Vocabulary) < 10 || len(doc.Vocabulary[0].Terms) < 10 {
		t.Errorf("as JSON: %s", out)
	}
}

// TestReadAnswers: drawings show what the author expects only with --answers. Pages of claims can
// be read too.
func TestReadAnswers(t *testing.T) {
	_, out, _ := zablab("read", "the-leader-dies")
	_, all, _ := zablab("read", "--answers", "the-leader-dies")
	if strings.Contains(out, "as expected)") || strings.Count(all, "(later, as expected)") != 3 {
		t.Errorf("closed:\n%s\nwith answers:\n%s", out, all)
	}
	for _, name := range []string{"claims/tutorial", "claims/book.md"} {
		code, out, errOut := zablab("read", name)
		if code != command.OK || errOut != "" || !strings.Contains(out, "Play it  zablab claims\n") {
			t.Errorf("%s: exit %d: %s%s", name, code, errOut, out)
		}
	}
}

// TestGuideExample: the guide ends with an example, produced by the program: a drawing, how it is
// read, and the corrected drawing, which plays as the author meant except for the marked line.
func TestGuideExample(t *testing.T) {
	_, guide, _ := zablab("guide")
	var doc struct {
		Example struct{ Drawing, Repaired string }
	}
	_, asJSON, _ := zablab("guide", "--json")
	if err := json.Unmarshal([]byte(asJSON), &doc); err != nil {
		t.Fatal(err)
	}
	drawn := file(t, "example.mmd", doc.Example.Drawing)
	_, reading, _ := zablab("lint", drawn)
	code, fixed, _ := zablab("replay", "--fix", drawn)
	if code != command.Surprise || fixed != doc.Example.Repaired {
		t.Errorf("exit %d: %s", code, fixed)
	}
	_, table, _ := strings.Cut(reading, " Line ")
	indented := func(text string) string {
		return "\n  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
	}
	for _, part := range []string{indented(doc.Example.Drawing), " Line  " + strings.TrimSpace(table),
		indented(fixed)} {
		if !strings.Contains(guide, part) {
			t.Errorf("the guide does not show\n%s", part)
		}
	}
	for _, want := range []string{"%% fixed: /jobs exists before the drawing begins", "W2->>ZK: watch /jobs/boss",
		"%% expect: later", "%% unread: "} {
		if !strings.Contains(fixed, want) {
			t.Errorf("no %q:\n%s", want, fixed)
		}
	}
	code, out, _ := zablab("replay", file(t, "fixed.mmd", fixed))
	if code != command.Surprise || strings.Contains(out, "✗") || strings.Contains(out, "supplied") ||
		strings.Count(out, "? unread") != 1 {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestClaimsPages: the pages of claims are documents of every command that plays or reads one.
func TestClaimsPages(t *testing.T) {
	for _, command := range []string{"lint", "replay"} {
		_, out, errOut := zablab(command, "claims/tutorial")
		if errOut != "" || !strings.Contains(out, "claims/tutorial.md") {
			t.Errorf("%s: %s%.200s", command, errOut, out)
		}
	}
}
