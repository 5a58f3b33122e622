package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/check"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/replay"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/judge"
)

// stale is a drawing of a stale read: the server that answers has not yet received the commit.
const stale = `# A read from the past
sequenceDiagram
A->>S3: create /x = "old"
S3-->>A: success
B->>S1: get /x
S1-->>B: "old"
Note over S1: hold S3 > S1 COMMIT
A->>S3: set /x to "new"
S3-->>A: success
B->>S1: get /x
S1-->>B: "old"
`

// TestCheckAgreesWithReplay: check gives a trace the verdicts of replay, and refuses a part of a
// trace.
func TestCheckAgreesWithReplay(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "t.ndjson")
	doc := file(t, "stale.md", stale)
	for _, c := range []struct {
		flags []string
		code  int
	}{{nil, command.OK}, {[]string{"--reads", "linearizable"}, command.Broken}} {
		code, out, errOut := zablab(append([]string{"replay", "--json", "--trace", name, doc},
			c.flags...)...)
		if code != c.code {
			t.Fatalf("replay: exit %d: %s", code, errOut)
		}
		var played replay.JSON
		if err := json.Unmarshal([]byte(out), &played); err != nil {
			t.Fatal(err)
		}
		code, out, errOut = zablab(append([]string{"check", "--json", name}, c.flags...)...)
		if code != c.code {
			t.Fatalf("check: exit %d: %s", code, errOut)
		}
		var checked check.JSON
		if err := json.Unmarshal([]byte(out), &checked); err != nil {
			t.Fatal(err)
		}
		want := make(map[string]judge.Check)
		for _, k := range played.Documents[0].Diagrams[0].Checks {
			want[k.Name] = k
		}
		led := 0
		for _, k := range checked.Checks {
			w := want[k.Name]
			if w.Verdict != k.Verdict || w.Text != k.Text ||
				fmt.Sprint(w.Breaches) != fmt.Sprint(k.Breaches) {
				t.Errorf("%s: replay says\n%+v\ncheck\n%+v", k.Name, w, k)
			}
			for _, b := range k.Breaches {
				led += len(b.Led)
			}
		}
		if len(checked.Checks) < 15 || led == 0 || checked.Figures.Stale != 1 {
			t.Errorf("%d checks, %d events, %+v", len(checked.Checks), led, checked.Figures)
		}
	}
	part := filepath.Join(dir, "part.ndjson")
	if code, _, errOut := zablab("trace", "trim", name,
		"--from", "200", "--to", "250", "-o", part); code != command.OK {
		t.Fatal(errOut)
	}
	if code, _, errOut := zablab("check", part); code != command.Usage ||
		!strings.Contains(errOut, "only a part of a run") {
		t.Errorf("a part: exit %d: %s", code, errOut)
	}
	whole, _ := os.ReadFile(name)
	cut := file(t, "cut.ndjson", string(whole[:len(whole)/2]))
	if code, _, errOut := zablab("check", cut); code != command.Usage ||
		!strings.Contains(errOut, "is truncated") {
		t.Errorf("cut off: exit %d: %s", code, errOut)
	}
}

// TestCheckHistories: verdicts on histories written by hand.
func TestCheckHistories(t *testing.T) {
	const registers = `{"client":"A","op":"set","path":"/x","data":"1","call":0,"return":10}
{"client":"A","op":"set","path":"/x","data":"2","call":20,"return":30}
{"client":"B","op":"get","path":"/x","call":40,"return":50,"result":{"data":"%s"}}
`
	const locks = `{"client":"A","op":"acquire","path":"/l","call":0,"return":10,"result":{"token":3}}
{"client":"A","op":"release","path":"/l","call":20,"return":30}
{"client":"B","op":"acquire","path":"/l","call":%d,"return":90,"result":{"token":4}}
{"belief":"/l","client":"A","from":10,"to":2000000}
{"belief":"/l","client":"B","from":30}
`
	for _, c := range []struct {
		name, text string
		args       []string
		code       int
		want, not  string
	}{
		{"a value", fmt.Sprintf(registers, "2"), nil, command.OK,
			"one order of all 3 reads and writes", "witness"},
		{"an old value", fmt.Sprintf(registers, "1"), nil,
			command.Broken, "right is    2", "witness"},
		{"not a tree's", fmt.Sprintf(registers, "1"), []string{"--model", "znode"}, command.Broken,
			"right is    no node", ""},
		{"a lock", fmt.Sprintf(locks, 15), nil, command.OK, "✓ lock", "linearizable"},
		{"a lock of two", fmt.Sprintf(locks, 35) +
			`{"client":"C","op":"acquire","path":"/l","call":12,"return":15}`, nil,
			command.Broken, "right is    held", ""},
		{"two beliefs", fmt.Sprintf(locks, 15), nil, command.OK,
			"for 1.99s, A and B both believed that they held /l, from 30µs to", ""},
		{"without answers", `{"client":"A","op":"create","path":"/x","call":4}`, nil, command.OK,
			"1 without an answer", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errOut := zablab(append([]string{"check", file(t, "h.jsonl", c.text)},
				c.args...)...)
			if code != c.code || errOut != "" || !strings.Contains(out, c.want) ||
				c.not != "" && strings.Contains(out, c.not) {
				t.Errorf("exit %d, %s%s\nwant %q", code, errOut, out, c.want)
			}
		})
	}
}

// TestCheckUndecided: a check that runs out of time is never shown as ok.
func TestCheckUndecided(t *testing.T) {
	var b bytes.Buffer
	for i := range 40 { // 40 concurrent writes of other values: only a full search can decide
		fmt.Fprintf(&b,
			`{"client":"C%d","op":"set","path":"/x","data":"%d","call":0,"return":100}`+"\n", i, i)
		fmt.Fprintf(&b,
			`{"client":"D%d","op":"get","path":"/x","call":0,"return":100,"result":{"data":"%d"}}`+
				"\n",
			i, i)
	}
	b.WriteString(`{"client":"Z","op":"get","path":"/x","call":200,"return":300,"result":{"data":"never"}}`)
	name := file(t, "h.jsonl", b.String())
	code, out, errOut := zablab("check", "--limit", "30ms", name)
	if code != command.Undecided ||
		!strings.Contains(out, "? linearizable-reads   undecided: porcupine reached no verdict "+
			"within 30ms") ||
		strings.Contains(out, "✓") {
		t.Errorf("exit %d, %s%s", code, errOut, out)
	}
	_, out, _ = zablab("check", "--limit", "30ms", "--json", name)
	var doc check.JSON
	err := json.Unmarshal([]byte(out), &doc)
	if err != nil || len(doc.Checks) != 1 || doc.Checks[0].Verdict != lin.Undecided {
		t.Errorf("%v: %s", err, out)
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	var o, e bytes.Buffer
	// The search goes on in this process until its limit, although the command has ended.
	if code := run(stopped, []string{
		"check", "--limit", "2s", name,
	}, &o, &e); code != command.Interrupted {
		t.Errorf("interrupted: exit %d", code)
	}
}

func TestCheckErrors(t *testing.T) {
	good := file(t, "h.jsonl", `{"client":"A","op":"create","path":"/x","call":4}`)
	bad := file(t, "bad.jsonl", `{"client":"A","op":"create","path":"/x","retrun":4}`)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"check"}, "accepts 1 arg(s), received 0"},
		{[]string{"check", "nosuch"},
			"read nosuch: no such file or directory: give the path of a trace or a history"},
		{[]string{"check", t.TempDir()}, "this is a folder: name a file in the folder"},
		{[]string{"check", file(t, "empty", "")},
			"no operations: write one operation per line, as zablab check --help shows"},
		{[]string{"check", bad}, `bad.jsonl:1:41: unknown key "retrun"`},
		{[]string{"check", "--model", "tree", good},
			"--model tree: must be znode, register, lock or election"},
		{[]string{"check", "--scope", "some", good}, "--scope some: must be writes or all"},
		{[]string{"check", "--reads", "fresh", good},
			"--reads fresh: must be zookeeper or linearizable"},
		{[]string{"check", "--sync", "nobody", good}, "--sync nobody: must be leader or quorum"},
		{[]string{"check", "--limit", "0s", good}, "--limit 0s: must be more than zero, such as 20s"},
		{[]string{"check", "--porcupine", "/no/such/p.html", good},
			"name a file in an existing folder"},
	} {
		code, out, errOut := zablab(c.args...)
		if code != command.Usage || out != "" || !strings.Contains(errOut, c.want) ||
			strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d, %q %q, want %s", c.args, code, out, errOut, c.want)
		}
	}
	if code, out, _ := zablab("check", "--json", bad); code != command.Usage ||
		!strings.Contains(out, `"line": 1`) || !strings.Contains(out, `"column": 41`) {
		t.Errorf("exit %d, %s", code, out)
	}
}
