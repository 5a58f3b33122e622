package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
)

// diagramOf returns the diagram of a trace.
func diagramOf(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errOut := zablab(append([]string{"trace", "diagram"}, args...)...)
	if code != command.OK || errOut != "" {
		t.Fatalf("%v: exit %d: %s", args, code, errOut)
	}
	return out
}

// TestTraceDiagram: the diagram of a trace is that of replay --diagram, to the byte, and can be
// played.
func TestTraceDiagram(t *testing.T) {
	for _, depth := range []string{"client", "server"} {
		dir := t.TempDir()
		run, drawn, again := filepath.Join(dir, "t.ndjson"), filepath.Join(dir,
			"d.mmd"), filepath.Join(dir,
			"again.mmd")
		args := append([]string{
			"replay", "--trace", run, "--diagram", drawn, "--depth", depth, "the-leader-dies",
		},
			crashS3...)
		if code, _, errOut := zablab(args...); code != command.OK {
			t.Fatalf("exit %d: %s", code, errOut)
		}
		want, err := os.ReadFile(drawn)
		if err != nil {
			t.Fatal(err)
		}
		if got := diagramOf(t, run, "--depth", depth); got != string(want) {
			t.Errorf("at depth %s the trace is drawn as\n%s\nand the run as\n%s", depth, got, want)
		}
		out := diagramOf(t, run, "--depth", depth, "-o", again)
		if got, err := os.ReadFile(again); err != nil || string(got) != string(want) ||
			!regexp.MustCompile(`^Written  .*: \d+ arrows and \d+ notes, drawn from 639 events\n$`).MatchString(out) {
			t.Errorf("at depth %s: %v: %s", depth, err, out)
		}
		code, _, errOut := zablab("replay", again)
		if code == command.Usage || depth == "client" && code != command.OK {
			t.Errorf("at depth %s the drawing cannot be played: exit %d: %s", depth, code, errOut)
		}
	}
}

// TestTraceDiagramParts: diagrams of parts, of causes and of cuts say what they show, and show
// nothing else.
func TestTraceDiagramParts(t *testing.T) {
	name := recorded(t, crashS3...)
	for _, c := range []struct {
		args      []string
		want, not []string // in order
	}{
		{[]string{"--around", "6s"},
			[]string{"a part of the run, steps 552 to 638, from 6.000s to 6.050s<br/>with S2 as " +
				"leader of epoch 2, while S3 and A are down",
				"which deletes /leader", "ZK-->>B: notification: /leader gone",
				"B->>ZK: create /leader"},
			[]string{"crashes", "participant A", "participant S"}},
		{[]string{"--around", "552", "--before", "0s", "--after", "13ms", "--depth", "server"},
			[]string{"a part of the run, steps 552 to ", "S2->>S1: PROPOSAL 2/1 close A's session",
				"S1->>S2: ACK 2/1", "Note over S2: A's session expires",
				"S1-->>B: notification: /leader gone"},
			[]string{"participant S3", "create"}},
		{[]string{"--from", "380", "--to", "0.334s"},
			[]string{"with S3 as leader of epoch 1", "Note over A: crashes",
				"Note over ZK: crash S3"},
			[]string{"elects", "participant B"}},
		{[]string{"--causes", "579"},
			[]string{"what led to step 579 at 6.013s, B hears: /leader was deleted",
				"Note over A: crashes", "5.66s go by", "S2: A was silent for 5.32s",
				"which deletes /leader", "ZK-->>B: notification"},
			[]string{"participant C", "create", "elects"}},
		{[]string{"--causes", "579", "--depth", "server", "--markdown"},
			[]string{"```mermaid\nsequenceDiagram", "Note over S3: crashes",
				"restore the watches", "Note over S2: A was silent for 5.32s",
				"S2->>S1: COMMIT 2/1", "Note over B: B hears: /leader was deleted\n```\n"},
			[]string{"participant C", "heartbeat"}},
	} {
		out := diagramOf(t, append([]string{name}, c.args...)...)
		rest := out
		for _, want := range c.want {
			at := strings.Index(rest, want)
			if at < 0 {
				t.Errorf("%v: %q does not come, or comes too early, in\n%s", c.args, want, out)
				break
			}
			rest = rest[at:]
		}
		for _, not := range c.not {
			if strings.Contains(out, not) {
				t.Errorf("%v: %q is in\n%s", c.args, not, out)
			}
		}
	}
	part := filepath.Join(t.TempDir(), "part.ndjson")
	code, _, errOut := zablab("trace", "trim", name, "--around", "6s", "-o", part)
	if code != command.OK {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	for _, depth := range []string{"client", "server"} {
		a, b := diagramOf(t, part, "--depth", depth), diagramOf(t, name, "--around",
			"6s", "--depth", depth)
		if a != b {
			t.Errorf("at depth %s the cut is drawn as\n%s\nand the part as\n%s", depth, a, b)
		}
	}
}

// TestTraceDiagramCausesHaveTheWatch: the causes of a notification include the call that set the
// watch.
func TestTraceDiagramCausesHaveTheWatch(t *testing.T) {
	name := recorded(t)
	_, out, _ := zablab("trace", "show", name, "--kind", "watch.fire", "--node", "B")
	step := regexp.MustCompile(`(?m)^ (\d+) .*B hears`).FindStringSubmatch(out)
	if step == nil {
		t.Fatalf("B hears nothing in\n%s", out)
	}
	out = diagramOf(t, name, "--causes", step[1])
	told := regexp.MustCompile(`(?s)B->>ZK: watch /leader.*Note over A: crashes.*go by.*` +
		`ZK-->>B: notification: /leader gone`)
	if !told.MatchString(out) {
		t.Errorf("step %s is drawn as\n%s", step[1], out)
	}
}

// TestTraceDiagramJSON: the JSON says how much is drawn, and contains the diagram.
func TestTraceDiagramJSON(t *testing.T) {
	name := recorded(t)
	var doc struct {
		Depth, Diagram, Part, File      string
		From, To, Events, Arrows, Notes int
		Ended                           bool
	}
	out := diagramOf(t, name, "--from", "0", "--to", "300", "--json")
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	text := diagramOf(t, name, "--from", "0", "--to", "300")
	if doc.Diagram != text || doc.Depth != "client" || doc.Part == "" || doc.From != 0 ||
		doc.To != 300 || doc.Events != 301 ||
		doc.Arrows != strings.Count(text, ">>") ||
		doc.Notes != strings.Count(text, "Note over")-1 || !doc.Ended {
		t.Errorf("%+v of\n%s", doc, text)
	}
}

// TestTraceDiagramErrors: an error is one line that says what to do, and nothing is written.
func TestTraceDiagramErrors(t *testing.T) {
	name := recorded(t)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	changed := file(t, "changed.ndjson", strings.Replace(string(text), "A crashes", "A sleeps", 1))
	broken := file(t, "broken.ndjson",
		strings.Join(lines[:50], "")+"oops\n"+strings.Join(lines[50:], ""))
	empty := file(t, "empty.ndjson", "")
	header := file(t, "header.ndjson", lines[0])
	long := longTrace(t)
	out := filepath.Join(t.TempDir(), "out.mmd")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{}, `accepts 1 arg\(s\), received 0$`},
		{[]string{"nosuch"},
			`read nosuch: no such file or directory: write a trace with zablab replay --trace$`},
		{[]string{t.TempDir()}, `is a directory`},
		{[]string{"main.go"},
			`main.go:1:1: header: .*: not a trace: write a trace with zablab replay --trace$`},
		{[]string{empty},
			`empty.ndjson:1:1: empty file: write a trace with zablab replay --trace$`},
		{[]string{header},
			`header.ndjson: the trace has no events: write the trace again with zablab replay --trace$`},
		{[]string{changed}, `changed.ndjson:\d+:1: end line: the key "sha256" does not match the file`},
		{[]string{broken},
			`broken.ndjson:51:1: event: .* write the file again with zablab replay --trace$`},
		{[]string{name, "--depth", "abyss"}, `--depth abyss: must be client or server$`},
		{[]string{name, "--around", "1s", "--from", "3"},
			`trace diagram: the flags must select one part of the run: write either --around 1.7s, or --from 380 --to 480$`},
		{[]string{name, "--from", "3"},
			`trace diagram: the flags must select one part of the run: write either --around 1.7s, or --from 380 --to 480$`},
		{[]string{name, "--before", "1s"},
			`trace diagram: the flags must select one part of the run: write either --around 1.7s, or --from 380 --to 480$`},
		{[]string{name, "--around", "1s", "--after", "soon"},
			`--after soon: must be a duration, such as 500ms$`},
		{[]string{name, "--around", "soon"},
			`--around soon: must be a time such as 1.7s, or a step such as 911$`},
		{[]string{name, "--around", "99999"},
			`--around 99999: no such step: the trace has steps 0 to \d+$`},
		{[]string{name, "--around", "1h"},
			`no event within these bounds: the trace has events 0 to `},
		{[]string{name, "--from", "9", "--to", "3"},
			`no event within these bounds: the trace has events 0 to `},
		{[]string{name, "--causes", "99999"},
			`--causes 99999: no such step: the trace has steps 0 to \d+$`},
		{[]string{name, "--causes", "-3"}, `--causes -3: no such step: the trace has steps 0 to \d+$`},
		{[]string{name, "--causes", "3", "--around", "1s"},
			`trace diagram: --causes cannot be combined with --around, --from or --to: ` +
				`use either --causes or the other flags$`},
		{[]string{name, "--from", "3", "--to", "5"},
			`nothing to draw in 3 events at --depth client: select more events, or add --depth server$`},
		{[]string{long},
			`long.ndjson: 402 arrows are too many to read; the limit is 400: draw a part with --around 1.7s or --from 380 --to 480, or add --all$`},
		{[]string{long, "--around", "3s", "--before", "3s", "--after", "1m"},
			`the limit is 400: draw a smaller part, such as --around 1.7s --before 50ms --after 50ms, or add --all$`},
		{[]string{name, "-o", name}, `this is the input trace: name another file$`},
		{[]string{name, "-o", filepath.Join("no", "such", "d")},
			`no such file or directory: name a file in an existing folder$`},
	} {
		if !slices.Contains(c.args, "-o") {
			c.args = append(c.args, "-o", out)
		}
		code, said, errOut := zablab(append([]string{"trace", "diagram"}, c.args...)...)
		if code != command.Usage || said != "" || strings.Count(errOut, "\n") != 1 ||
			!regexp.MustCompile(c.want).MatchString(strings.TrimSpace(errOut)) {
			t.Errorf("%v: exit %d\n%s%s\nwant %s", c.args, code, said, errOut, c.want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Fatalf("%v: a file is written all the same", c.args)
		}
	}
	if n := strings.Count(diagramOf(t, long, "--all"), ">>"); n != 402 {
		t.Errorf("--all draws %d arrows", n)
	}
	// A truncated file gives the events that it has, and the diagram says so.
	half := file(t, "half.ndjson", strings.Join(lines[:300], "")+lines[300][:9])
	if out := diagramOf(t, half); !strings.Contains(out,
		"the run up to step 298, where the file is truncated") {
		t.Errorf("half a file is drawn as\n%s", out)
	}
}

// longTrace returns the trace of a run with slightly more arrows than the limit.
func longTrace(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "long.ndjson")
	doc := file(t, "long.md", "sequenceDiagram\nloop 201 times\nA->>ZK: exists /\nend\n")
	if code, _, errOut := zablab("replay", "--trace", name, doc); code != command.OK {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	return name
}
