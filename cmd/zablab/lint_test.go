package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/lint"
)

// misread is a drawing with two unread lines.
const misread = `# Mine
sequenceDiagram
participant B1 as Broker 1
B1->>ZK: create /a (ephemeral)
ZK-->>B1: ok
B1->>ZK: dances
Note over B1: crashes
B1->>ZK: frobs around
`

// TestLint: lint reads every line, and reports all problems at once.
func TestLint(t *testing.T) {
	name := file(t, "mine.md", misread)
	code, out, errOut := zablab("lint", name)
	if code != command.Surprise || errOut != "" {
		t.Errorf("exit %d: %s", code, errOut)
	}
	for _, want := range []string{
		name + "  3 of 5 lines read, 2 unread\n",
		" 3     B1 as Broker 1 ", "a client\n",
		" 4     B1 → ZK: create /a (ephemeral)  create /a, ephemeral, as B1\n",
		" 5     ZK → B1: ok                     answer: success\n",
		" 6     B1 → ZK: dances                 ? unread: this text contains no call: ",
		" 7     Note over B1: crashes           fault: crash B1\n",
		" 8     B1 → ZK: frobs around           ? unread: this text contains no call",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q:\n%s", want, out)
		}
	}
	if code, out, _ := zablab("lint", "the-leader-dies"); code != command.OK ||
		!strings.Contains(out, "18 of 18 lines read") {
		t.Errorf("a chapter: exit %d: %s", code, out)
	}
	code, out, _ = zablab("replay", "--explain", name)
	if code != command.Surprise || !strings.Contains(out, "create /a, ephemeral, as B1\n") ||
		!strings.Contains(out, "? unread: this text contains no call") ||
		!strings.Contains(out, "3 of 5 lines read, 2 unread") {
		t.Errorf("--explain: exit %d: %s", code, out)
	}
	if code, out, errOut := zablab("replay", "--strict", name); code != command.Usage || out != "" ||
		strings.Count(errOut, name+":") != 2 {
		t.Errorf("--strict: exit %d: %s%s", code, out, errOut)
	}
}

// TestLintJSON: the keys of lint --json do not change.
func TestLintJSON(t *testing.T) {
	code, out, _ := zablab("lint", "--json", file(t, "mine.md", misread))
	var doc lint.JSON
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != command.Surprise {
		t.Fatalf("exit %d: %v", code, err)
	}
	if n := len(doc.Files[0].Diagrams[0].Readings); n != 6 || doc.Read.Unread != 2 {
		t.Errorf("%d readings, %+v", n, doc.Read)
	}
	for _, key := range []string{"errors", "line", "column", "text", "kind", "says", "supplied",
		"problem", "files_without_diagram"} {
		if !strings.Contains(out, `"`+key+`"`) {
			t.Errorf("no key %q: %s", key, out)
		}
	}
	code, out, _ = zablab("replay", "--json", "--explain", file(t, "mine.md", misread))
	if code != command.Surprise || strings.Count(out, `"verdict": "unread"`) < 2 ||
		!strings.Contains(out, `"readings"`) {
		t.Errorf("replay: exit %d: %s", code, out)
	}
}

// TestLintMany: lint reads folders, globs and standard input; --format github prints annotations
// for CI systems.
func TestLintMany(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"good.md": "sequenceDiagram\nA->>ZK: create /a\n", "mine,too.md": misread,
		"notes.md": "# Nothing drawn\n", "sub/bad.md": "sequenceDiagram\nA->>ZK: \x00\xff\n",
		"code.go": "sequenceDiagram\n", ".git/x.md": misread,
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	code, out, _ := zablab("lint", "--format", "github", dir)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	mine := strings.ReplaceAll(filepath.Join(dir, "mine,too.md"), ",", "%2C")
	if code != command.Usage || len(lines) != 3 ||
		!strings.HasPrefix(lines[0], "::warning file="+mine+",line=6,col=10::B1 → ZK: dances: ") ||
		!strings.HasPrefix(lines[2], "::error file="+filepath.Join(dir, "sub/bad.md")+",line=") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	code, out, _ = zablab("lint", filepath.Join(dir, "*.md"))
	if want := "2 documents, 1 file without a diagram: 4 of 6 lines read, 2 unread\n"; code !=
		command.Surprise || !strings.HasSuffix(out, want) {
		t.Errorf("exit %d:\n%s", code, out)
	}
	root, o := newRoot(), new(bytes.Buffer)
	root.SetIn(strings.NewReader("sequenceDiagram\nA->>ZK: create /a\n"))
	code = command.Run(context.Background(), root, []string{"lint", "-"}, o, o)
	if code != command.OK || !strings.Contains(o.String(), "1 of 1 lines read") {
		t.Errorf("standard input: exit %d: %s", code, o.String())
	}
	for _, args := range [][]string{{"lint"}, {"lint", "--format", "loud", dir},
		{"lint", filepath.Join(dir, "*.none")}} {
		if code, out, errOut := zablab(args...); code != command.Usage || out != "" || errOut == "" {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errOut)
		}
	}
}

// TestIdle: a document of which this seed plays no line is not a success.
func TestIdle(t *testing.T) {
	path := filepath.Join(t.TempDir(), "idle.mmd")
	text := "sequenceDiagram\nopt maybe\nA->>ZK: create /a\nend\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, problems strings.Builder
	code := run(context.Background(), []string{"replay", path}, &out, &problems)
	if code != 3 || !strings.Contains(out.String(), "no line was played") {
		t.Errorf("exit %d: %s", code, out.String())
	}
}
