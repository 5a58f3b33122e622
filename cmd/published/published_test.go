package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/script"
)

const drawing = `sequenceDiagram
    participant A
    participant ZK
    A->>ZK: create /leader (ephemeral)
    ZK-->>A: created
    Note over A: I lead now`

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// A drawing is found by its hash alone, in whatever encloses it.
func TestFind(t *testing.T) {
	plant := "@startuml\nA -> ZK : create /a\n@enduml"
	for _, c := range []struct {
		name, copied, block string
		first               int
	}{
		{"fence", "```mermaid\n" + drawing + "\n```\n", drawing, 2},
		{"empty lines at the end", "```mermaid\n" + drawing + "\n\n\n```\n", drawing, 2},
		{"tildes", "~~~mermaid\n" + drawing + "\n~~~\n", drawing, 2},
		{"CRLF", strings.ReplaceAll("```mermaid\n"+drawing+"\n```\n", "\n", "\r\n"), drawing, 2},
		{"the second of a page", "# A page\n```\nx\n```\ntext\n```mermaid\n" + drawing +
			"\n```\nmore\n```mermaid\nsequenceDiagram\n```\n", drawing, 2},
		{"never closed", "```mermaid\n" + drawing + "\n", drawing, 2},
		{"Hexo", "{% mermaid %}\n" + drawing + "\n{% endmermaid %}\n", drawing, 2},
		{"PlantUML without a fence", "text\n" + plant + "\ntext\n", plant, 1},
	} {
		b, ok := find(c.copied, sumOf(c.block))
		if !ok || strings.TrimRight(strings.Join(b.lines, "\n"), "\n") != c.block || b.first != c.first {
			t.Errorf("%s: found %v, %q from line %d", c.name, ok, b.lines, b.first)
		}
	}
	if _, ok := find("```mermaid\n"+drawing+"!\n```\n", sumOf(drawing)); ok {
		t.Error("a drawing that differs in one character is found")
	}
}

// What counts as right, wrong and unread.
func TestJudge(t *testing.T) {
	arrow := func(k script.Kind, v scenarios.Verdict, says string) *scenarios.Arrow {
		return &scenarios.Arrow{Kind: k, Verdict: v, Says: says}
	}
	call := func(says string) *scenarios.Arrow {
		return arrow(script.Call, scenarios.AsDrawn, says)
	}
	for _, c := range []struct {
		reads, verdict string
		got            *scenarios.Arrow
		what           outcome
	}{
		{"call: create /a by A", "as-drawn", call("create /a, as A"), isRight},
		{"call: create /a by A", "as-drawn", call("children /a, as A"), isWrong},
		{"call: watch /a by A", "as-drawn", call("exists /a, and watch it, as A"), isRight},
		{"call: watch /a by A", "as-drawn", call("exists /a, as A"), isWrong},
		{"call: ping", "as-drawn", arrow(script.Heartbeat, scenarios.AsDrawn, ""), isRight},
		{"call: ping", "as-drawn", arrow(script.Remark, scenarios.Remark, ""), isWrong},
		{"call: ping", "as-drawn", arrow(script.Unread, scenarios.Unread, ""), isUnread},
		{"call: ping", "as-drawn", nil, isWrong},
		{"remark", "remark", nil, isRight},
		{"remark", "remark", arrow(script.Remark, scenarios.Remark, ""), isRight},
		{"remark", "remark", call("create /a, as A"), isWrong},
		{"remark", "remark", arrow(script.Unread, scenarios.Unread, ""), isUnread},
		{"answer ok", "as-drawn", arrow(script.Reply, scenarios.Different, ""), isWrong},
		{"answer ok", "different", arrow(script.Reply, scenarios.AsDrawn, ""), isWrong},
		{"answer ok", "different", arrow(script.Reply, scenarios.Never, ""), isRight},
		{"answer ok", "as-drawn", arrow(script.Event, scenarios.AsDrawn, ""), isWrong},
		{"notification gone", "later", arrow(script.Event, scenarios.AsDrawn, ""), isRight},
		{"fault: A crashes", "applied", arrow(script.Fault, scenarios.Applied, ""), isRight},
		{"fault: A crashes", "later", arrow(script.Fault, scenarios.Applied, ""), isRight},
		{"A sets it", "as-drawn", arrow(script.Fault, scenarios.Applied, ""), isOther},
		{"header", "-", call("create /a, as A"), isWrong},
		{"call: ping", "as-drawn", &scenarios.Arrow{Verdict: scenarios.Unread,
			Instead: `"x" is in another language (Chinese): the lab reads English`}, isAlien},
		{"parameters of line 4: path", "as-drawn", &scenarios.Arrow{Kind: script.Remark,
			Verdict: scenarios.Remark, Supplied: []string{"this note shows the parameters of the call in line 4"}},
			isRight},
		{"parameters of line 4: path", "as-drawn", arrow(script.Remark, scenarios.Remark, ""), isWrong},
	} {
		want := expected{Reads: c.reads, Verdict: c.verdict}
		if what, why := judge(&want, classOf(c.reads, ""), c.got); what != c.what {
			t.Errorf("%s, %s, and the lab: %+v: %s (%s), want %s", c.reads, c.verdict, c.got, what, why,
				c.what)
		}
	}
}

// A note that shows only the path of the call above it explains that call, in the lab's own words.
func TestExplains(t *testing.T) {
	list, err := play("01", block{text: "```mermaid\nsequenceDiagram\n    participant A\n" +
		"    participant ZK\n    A->>ZK: create ephemeral node\n    Note over A: /workers/w1\n" +
		"    ZK-->>A: created\n```\n"})
	if err != nil {
		t.Fatal(err)
	}
	want := expected{Reads: "parameters of line 5: path", Verdict: "as-drawn"}
	if len(list) != 3 || list[1].Verdict != scenarios.Remark || !explains(&want, &list[1]) {
		t.Errorf("the note explains no call: %+v", list)
	}
}

// A folder of copies: one plays whole, one is read wrongly, one differs and one is missing.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	rows := []row{
		{ID: "01", Subject: "a lock", SHA256: sumOf(drawing), Lines: []expected{
			{1, "header", "-", ""},
			{4, "call: create /leader ephemeral by A", "as-drawn", ""},
			{5, "answer ok", "as-drawn", ""},
			{6, "remark", "remark", ""},
		}},
		{ID: "02", Subject: "the same, read by a fool", SHA256: sumOf(drawing), Lines: []expected{
			{4, "call: delete /leader by A", "never", ""},
			{5, "as above", "as-drawn", ""},
		}},
		{ID: "03", Where: "a page", SHA256: sumOf("else")},
		{ID: "04", Where: "nowhere", SHA256: sumOf(drawing)},
	}
	var lines []string
	for _, r := range rows {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(text))
		if r.ID != "04" {
			write(t, filepath.Join(dir, r.ID+".md"), "```mermaid\n"+drawing+"\n```\n")
		}
	}
	catalogue := filepath.Join(dir, "catalogue.jsonl")
	write(t, catalogue, strings.Join(lines, "\n")+"\n")

	var out bytes.Buffer
	whole, err := run([]string{"--catalogue", catalogue, "-v", dir}, &out)
	if err != nil || whole {
		t.Fatalf("whole %v, %v", whole, err)
	}
	want := ` Id   Subject                   Lines  Unread  Other language  Read wrong  Read right  Every line right
────────────────────────────────────────────────────────────────────────────────────────────────────────
 01   a lock                    3      0       0               0           3           ✓
 02   the same, read by a fool  2      0       0               2           0           ✗
 all  2 drawings                5      0       0               2           3           1 (1)

02  the same, read by a fool
  line 4, wrong: the lab and the expert read the line differently
    A->>ZK: create /leader (ephemeral)
    expert  never: call: delete /leader by A
    lab     as-drawn: create /leader, ephemeral, as A
  line 5, wrong: the lab and the expert read the line differently
    ZK-->>A: created
    expert  as-drawn: as above
    lab     as-drawn: an answer if a call waits for one, otherwise a notification: NodeCreated

The table leaves out 2 drawings:
  ` + filepath.Join(dir, "03.md") + `: no diagram in this copy has the SHA-256 that the catalogue gives
  04 has no copy; it is published at: nowhere
`
	if d := cmp.Diff(want, out.String()); d != "" {
		t.Error(d)
	}
	out.Reset()
	whole, err = run([]string{"--catalogue", catalogue, "--id", "01", dir}, &out)
	if err != nil || !whole {
		t.Errorf("--id 01: whole %v, %v", whole, err)
	}
	for _, args := range [][]string{nil, {dir, dir}, {"--catalogue", dir + "/none", dir},
		{"--catalogue", catalogue, "--id", "04", dir}, {"--nonsense", dir}} {
		if _, err := run(args, &out); err == nil {
			t.Errorf("%q is accepted", args)
		}
	}
}

// The catalogue itself can be read, and its readings begin with kinds that the command knows.
func TestCatalogue(t *testing.T) {
	var o options
	rows, err := o.rows()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 318 {
		t.Errorf("%d drawings", len(rows))
	}
	named, all := 0, 0
	for _, r := range rows {
		class := ""
		for _, l := range r.Lines {
			if class = classOf(l.Reads, class); l.Verdict != "-" {
				all++
				if class != "" || l.Verdict == "remark" {
					named++
				}
			}
		}
	}
	if named*100 < all*90 {
		t.Errorf("of %d lines with a verdict only %d have a kind", all, named)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
