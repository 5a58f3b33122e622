package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/book"
)

// fixes are drawings, each with its corrected form.
var fixes = []struct{ name, drawn, fixed string }{
	{"a parent", `
A->>ZK: create /jobs/import (ephemeral)
ZK-->>A: ok
`, `
%% fixed: /jobs exists before the drawing begins
A->>ZK: create /jobs
ZK-->>A: ok
A->>ZK: create /jobs/import (ephemeral)
ZK-->>A: ok
`},
	{"names", `
A->>ZK: create /q
ZK-->>A: ok
A->>ZK: create /q/item-0007 (EPHEMERAL_SEQUENTIAL)
ZK-->>A: created /q/item-0007
B->>ZK: children /q
ZK-->>B: [item-0007]
`, `
A->>ZK: create /q
ZK-->>A: ok
%% fixed: the call creates /q/item-, and the ensemble adds the number: the node is drawn as /q/item-0007 (it was: create /q/item-0007 (EPHEMERAL_SEQUENTIAL))
A->>ZK: create /q/item- (ephemeral, sequential)
%% fixed: in the run, the ensemble chose these names instead of those in the drawing
ZK-->>A: created /q/item-0000000000
B->>ZK: children /q
%% fixed: in the run, the ensemble chose these names instead of those in the drawing
ZK-->>B: [item-0000000000]
`},
	{"a watch", `
A->>ZK: create /boss (ephemeral)
B->>ZK: create /boss (ephemeral)
ZK-->>B: already exists, so wait (watch)
A->>ZK: delete /boss
ZK->>B: watch fired: /boss deleted
`, `
A->>ZK: create /boss (ephemeral)
B->>ZK: create /boss (ephemeral)
ZK-->>B: already exists, so wait (watch)
%% fixed: B sets its watch: watch /boss
B->>ZK: watch /boss
A->>ZK: delete /boss
ZK->>B: watch fired: /boss deleted
`},
	{"expectations", `
A->>ZK: create /boss (ephemeral)
ZK-->>A: failed
Note over A: crashes
    Note over ZK: deletes /boss
B->>ZK: create /boss
ZK-->>B: ok
%% expect: never
`, `
A->>ZK: create /boss (ephemeral)
%% fixed: different: ok
ZK-->>A: failed
%% expect: different
Note over A: crashes
    %% fixed: later: A's session had to expire first: its timeout is 4s, and the leader had not heard from A for 4.78s
    Note over ZK: deletes /boss
    %% expect: later
%% fixed: the node is ephemeral, as line 5 says (it was: create /boss)
B->>ZK: create /boss (ephemeral)
%% fixed: this line happens as drawn
ZK-->>B: ok
`},
	{"nothing", `
A->>ZK: create /boss (ephemeral)
ZK-->>A: ok
`, `
A->>ZK: create /boss (ephemeral)
ZK-->>A: ok
`},
}

// TestFix: a corrected drawing plays without a surprise, and needs no further correction.
func TestFix(t *testing.T) {
	for _, c := range fixes {
		t.Run(c.name, func(t *testing.T) {
			const head, tail = "# Mine\n\n```mermaid\nsequenceDiagram", "```\n\nThe end.\n"
			doc := file(t, "mine.md", head+c.drawn+tail)
			code, out, errOut := zablab("replay", "--fix", doc)
			if code != command.OK || out != head+c.fixed+tail ||
				!strings.HasPrefix(errOut, doc+": ") {
				t.Fatalf("exit %d: %s\n%s", code, errOut, difference(head+c.fixed+tail, out))
			}
			fixed := filepath.Join(t.TempDir(), "fixed.md")
			if code, out, errOut := zablab("replay", "--fix", "-o", fixed, doc); code != command.OK ||
				out != "" {
				t.Errorf("-o: exit %d: %s%s", code, out, errOut)
			}
			if code, out, _ := zablab("replay", fixed); code != command.OK ||
				strings.Contains(out, "supplied") {
				t.Errorf("the repaired drawing: exit %d: %s", code, out)
			}
			if _, again, errOut := zablab("replay", "--fix", fixed); again != head+c.fixed+tail ||
				!strings.Contains(errOut, ": 0 changes") {
				t.Errorf("repaired twice: %s\n%s", errOut, again)
			}
		})
	}
}

// TestFixWrites: a document is changed in place only with --write; line ends stay; an unread line
// is marked and not changed.
func TestFixWrites(t *testing.T) {
	text := "sequenceDiagram\r\n  A->>ZK: create /p/x\r\n  A->>ZK: dances\r\n"
	doc := file(t, "mine.mmd", text)
	if code, _, _ := zablab("replay", "--fix", doc); code != command.Surprise {
		t.Errorf("exit %d", code)
	}
	if now, err := os.ReadFile(doc); err != nil || string(now) != text {
		t.Errorf("changed without --write: %v, %q", err, now)
	}
	code, out, errOut := zablab("replay", "--fix", "--write", doc)
	now, err := os.ReadFile(doc)
	want := "sequenceDiagram\r\n  %% fixed: /p exists before the drawing begins\r\n  A->>ZK: create /p\r\n" +
		"  ZK-->>A: ok\r\n  A->>ZK: create /p/x\r\n  %% unread: this text contains no call"
	if code != command.Surprise || out != "" || err != nil || !strings.HasPrefix(string(now), want) ||
		!strings.HasSuffix(string(now), "\r\n  A->>ZK: dances\r\n") {
		t.Errorf("exit %d: %s%s %v\n%q", code, out, errOut, err, now)
	}
	if _, _, errOut := zablab("replay", "--fix", "--write", doc); !strings.Contains(errOut, ": 0 changes") {
		t.Errorf("repaired twice: %s", errOut)
	}
	for _, args := range [][]string{
		{"--fix", "--write", "the-leader-dies"}, {"--fix"}, {"--write", doc}, {"-o", "x", doc},
		{"--fix", "--format", "mermaid", doc}, {"--format", "pdf", doc},
		{"--fix", "--write", "-o", "x", doc},
	} {
		if code, out, errOut := zablab(append([]string{"replay"}, args...)...); code != command.Usage ||
			out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errOut)
		}
	}
}

// TestFixLeavesTheBookAlone: the chapters need no correction.
func TestFixLeavesTheBookAlone(t *testing.T) {
	for _, c := range book.Chapters() {
		code, out, errOut := zablab("replay", "--fix", book.ShortName(c.Name))
		if code != command.OK || out != string(c.Text) {
			t.Errorf("%s: exit %d: %s\n%s", c.Name, code, errOut, difference(string(c.Text), out))
		}
	}
}

// TestFixIsStrict: what --fix writes is read by a strict replay too, unless a line is unread; and
// --fix leaves it as it is. The drawings are those of the readers' tests.
func TestFixIsStrict(t *testing.T) {
	drawings, kept := drawingsOfTests(t), 0
	every := 4 // the rest is like these
	if testing.Short() {
		every = 16
	}
	for i := 0; i < len(drawings); i += every {
		text := drawings[i]
		name := file(t, fmt.Sprintf("drawing%d.md", i), text)
		code, fixed, _ := zablab("replay", "--fix", name)
		if code == command.Usage || code == command.Surprise {
			continue // nothing to play, or a line is unread
		}
		kept++
		again := file(t, "fixed.md", fixed)
		if code, out, errOut := zablab("replay", "--strict", again); code == command.Usage {
			t.Errorf("%s%s\n%s\nbefore:\n%s", out, errOut, fixed, text)
		}
		if _, twice, _ := zablab("replay", "--fix", again); twice != fixed {
			t.Errorf("repaired twice: %s\nbefore:\n%s", difference(fixed, twice), text)
		}
	}
	if kept < len(drawings)/every/2 {
		t.Errorf("only %d of %d drawings have no unread line", kept, len(drawings))
	}
}

// drawingsOfTests returns the drawings in the tests of package scenarios.
func drawingsOfTests(t *testing.T) (list []string) {
	t.Helper()
	const dir = "../../scenarios/testdata/play"
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split("\n"+string(b), "\nplay")[1:] {
			arguments, text, _ := strings.Cut(part, "\n")
			text, _, whole := strings.Cut(text, "\n----")
			if whole && (arguments == "" || arguments == " stranger") {
				list = append(list, text+"\n")
			}
		}
	}
	return list
}

// The kinds of lines that only a lenient replay reads, and what --fix makes of them.
func TestFixStrictly(t *testing.T) {
	for _, c := range []struct{ name, drawn, want string }{
		{"a semicolon", "A->>ZK: create /x\nZK-->>A: failed (that is stale; the current is 3)\n",
			"%% fixed: the semicolon belongs to the text\n" +
				"ZK-->>A: failed (that is stale#59; the current is 3)\n"},
		{"two semicolons", "A->>ZK: create /x\nNote over A: one; two words; three words\n",
			"Note over A: one#59; two words#59; three words\n"},
		{"a heartbeat", "A->>ZK: create /x (ephemeral)\nA->>ZK: Periodic heartbeat/lease renewal\n",
			"A->>ZK: heartbeat\n"},
		{"a session timeout", "A->>ZK: connect (session timeout 10s)\nA->>ZK: create /x (ephemeral)\n",
			"%% fixed: the drawing needs this setting\n%% lab: session-timeout=10.0s\n"},
		{"an end", "A->>ZK: create /x\nend\nA->>ZK: get /x\n", "    A->>ZK: create /x\n    A->>ZK: get /x\n"},
	} {
		doc := file(t, "mine.mmd", "sequenceDiagram\n"+c.drawn)
		_, out, errOut := zablab("replay", "--fix", doc)
		if !strings.Contains(out, c.want) {
			t.Errorf("%s: no %q in\n%s%s", c.name, c.want, out, errOut)
		}
		fixed := file(t, "fixed.mmd", out)
		if code, out, errOut := zablab("replay", "--strict", fixed); code == command.Usage {
			t.Errorf("%s: %s%s", c.name, out, errOut)
		}
	}
}

// TestMermaid: --format mermaid prints the lines that were read, and the output can be played.
func TestMermaid(t *testing.T) {
	doc := file(t, "mine.md", "A line.\n\nsequenceDiagram\n  A ->> ZK : create /x ; ZK -->> A : ok\n")
	code, out, errOut := zablab("replay", "--format", "mermaid", doc)
	want := "sequenceDiagram\n    A->>ZK: create /x\n    ZK-->>A: ok\n"
	if code != command.OK || errOut != "" || out != want {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
	code, out, _ = zablab("replay", "--format", "mermaid", "the-leader-dies")
	again := file(t, "again.md", out)
	if code != command.OK || strings.Count(out, "```mermaid\n") != 2 {
		t.Errorf("exit %d: %s", code, out)
	}
	if code, out, _ := zablab("replay", again); code != command.OK {
		t.Errorf("played again: exit %d: %s", code, out)
	}
}

// TestFixOtherNotations: a drawing in another notation becomes Mermaid, but not in place, because
// its file contains more.
func TestFixOtherNotations(t *testing.T) {
	doc := file(t, "mine.md", "# Mine\n\n```plantuml\n@startuml\nparticipant ZooKeeper as ZK\n"+
		"A -> ZK : create /p/x\nZK --> A : ok\n@enduml\n```\n\nWords.\n")
	code, out, errOut := zablab("replay", "--fix", doc)
	for _, want := range []string{"    %% fixed: it was another notation", "    A->>ZK: create /p\n",
		"    A->>ZK: create /p/x\n    ZK-->>A: ok\n"} {
		if code != command.OK || !strings.Contains(out, want) {
			t.Errorf("exit %d: %s%s", code, errOut, out)
		}
	}
	if code, out, _ := zablab("replay", file(t, "again.mmd", out)); code != command.OK {
		t.Errorf("played again: exit %d: %s", code, out)
	}
	code, _, errOut = zablab("replay", "--fix", "--write", doc)
	if code != command.Usage || !strings.Contains(errOut, "use --output") {
		t.Errorf("--write: exit %d: %s", code, errOut)
	}
}

// A lock service that is played as ZooKeeper, a resource, the end of a session that another line tells,
// and a question that is drawn from ZooKeeper are written out, so that a strict replay agrees.
func TestRepairLocks(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "locks.mmd")
	text := "sequenceDiagram\n  participant A\n  participant L as Lock Service\n" +
		"  A->>L: create /lock (ephemeral)\n  L-->>A: granted\n" +
		"  Note over A: pauses, and its lease expires\n" +
		"  B->>L: create /lock (ephemeral)\n  L-->>B: granted\n" +
		"  B->>DB: write (token=4)\n  DB-->>B: accepted\n" +
		"  L-->>B: get children / → [lock]\n"
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(context.Background(), []string{"replay", "--fix", path}, &out, &errs); code != 0 {
		t.Fatalf("exit status %d: %s%s", code, &out, &errs)
	}
	for _, want := range []string{"participant L as Lock Service (ZooKeeper)",
		"%% lab: resource=DB", "Note over L: the session of A expires", "B->>L: children / → [lock]"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if code := run(context.Background(), []string{"replay", "--strict", path}, &out, &errs); code != 0 {
		t.Errorf("strict replay of the repaired drawing: exit status %d: %s%s", code, &out, &errs)
	}
}
