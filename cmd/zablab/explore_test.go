package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
)

func TestExplore(t *testing.T) {
	code, out, errOut := zablab("explore", "oracle")
	want := "✓ 3 servers, an oracle elects the leader, no fault: all 3,598 states, 0 violations, complete"
	if code != 0 || !strings.HasPrefix(out, want) || errOut != "" {
		t.Errorf("status %d: %s%s", code, out, errOut)
	}
	code, out, _ = zablab("explore", "oracle", "--flaw", "epoch.ack-before-persist")
	for _, part := range []string{"injected flaw: epoch.ack-before-persist",
		"EpochCurrency is broken after 5 steps, and no\n  shorter path breaks it",
		"   5  S1 receives LEADERINFO 1/0 from S2  → S1 promises epoch 1",
		"which a plan\nof faults cannot do"} {
		if code != 1 || !strings.Contains(out, part) {
			t.Errorf("status %d, without %q: %s", code, part, out)
		}
	}
	code, out, _ = zablab("explore", "oracle", "--servers", "1", "--crashes", "1", "--epochs", "2",
		"--json")
	var r struct {
		Bounds   string
		Sentence string
		Complete bool
		States   int
		Cut      int
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || !r.Complete || r.States < 5 ||
		r.Bounds != "1 server, an oracle elects the leader, at most 1 crash, epochs up to 2" {
		t.Errorf("status %d, %v: %s", code, err, out)
	}
	code, out, _ = zablab("explore", "election", "--memory", "1")
	if code != 4 || !strings.HasPrefix(out, "? ") ||
		!strings.Contains(out, "out of memory: 1 MB are used") {
		t.Errorf("status %d: %s", code, out)
	}
	code, out, _ = zablab("explore", "--list")
	if code != 0 || !strings.Contains(out, "election-write  an election by votes") {
		t.Errorf("status %d: %s", code, out)
	}
	for _, c := range [][]string{
		{"explore: no setup is named: zablab explore --list", "explore"},
		{"explore nosuch: no such setup, and no document", "explore", "nosuch"},
		{"--flaw nosuch: no such flaw", "explore", "write", "--flaw", "nosuch"},
		{"explore write: 99 crashes: must be from 0 to 15", "explore", "write", "--crashes", "99"},
		{"--memory 0: must be at least 1 MB", "explore", "write", "--memory", "0"},
	} {
		if code, _, errOut := zablab(c[1:]...); code != 2 || !strings.Contains(errOut, c[0]) {
			t.Errorf("status %d: %s, want %s", code, errOut, c[0])
		}
	}
}

// TestExplorePCT: random runs say what they promise, find a flaw, and name the seed that plays it again.
func TestExplorePCT(t *testing.T) {
	code, out, errOut := zablab("explore", "crash-power", "--pct", "2", "--runs", "50")
	if flat := strings.Join(strings.Fields(out), " "); code != 0 || errOut != "" ||
		!strings.Contains(flat, "50 random runs, 0 violations; each run finds a bug of depth 2 with "+
			"a probability of at least 1 in ") || !strings.Contains(flat, "these runs miss it") {
		t.Errorf("status %d: %s%s", code, out, errOut)
	}
	args := []string{"explore", "write", "--flaw", "newleader.ack-order"}
	code, out, _ = zablab(append(args, "--pct", "3", "--seed", "5")...)
	again := regexp.MustCompile(`(--pct \d) (--seed 0x[0-9a-f]+)`).FindStringSubmatch(out)
	if code != 1 || again == nil {
		t.Fatalf("status %d: %s", code, out)
	}
	steps := func(out string) string {
		_, out, _ = strings.Cut(out, "\nackInconsistent  ")
		out, _, _ = strings.Cut(out, "Again:")
		return out
	}
	code, second, _ := zablab(append(append(args, strings.Fields(again[1])...),
		append(strings.Fields(again[2]), "--runs", "1")...)...)
	if code != 1 || steps(second) == "" || steps(second) != steps(out) {
		t.Errorf("status %d: %s\nnot\n%s", code, second, out)
	}
	for _, c := range [][]string{
		{"--pct 0: must be from 1 to 20", "--pct", "0"}, {"add --pct 3", "--runs", "5"}, {"--runs 0: must", "--pct", "1", "--runs", "0"},
		{"leave out --pct, or these three flags", "--pct", "2", "--reach", "S1 up"}, {"--seed: ", "--pct", "2", "--seed", "x"},
	} {
		code, _, errOut := zablab(append([]string{"explore", "write"}, c[1:]...)...)
		if code != 2 || !strings.Contains(errOut, c[0]) {
			t.Errorf("status %d: %s, want %s", code, errOut, c[0])
		}
	}
}

func TestAtlas(t *testing.T) {
	code, out, errOut := zablab("atlas", "--who", "LEADER", "--most", "40", "the-leader-dies")
	if code != 0 || errOut != "" || !strings.Contains(out, "Only one moment in 15 is played") ||
		!strings.Contains(out, "  LEADER  ") || !strings.Contains(out, "another leader (") {
		t.Errorf("status %d: %s%s", code, out, errOut)
	}
	again := regexp.MustCompile(`zablab replay --fault '(at step \d+ crash S3)' the-leader-dies`).
		FindStringSubmatch(out)
	if again == nil {
		t.Fatalf("no command plays a moment again: %s", out)
	}
	code, out, errOut = zablab("replay", "--fault", again[1], "the-leader-dies")
	if code == 2 || !strings.Contains(out, again[1]) && !strings.Contains(out, "crash S3 (at step") {
		t.Errorf("status %d: %s%s", code, out, errOut)
	}
	code, out, _ = zablab("atlas", "--who", "all", "--fault", "pause", "--span", "1s", "--most", "4",
		"--json", "the-leader-dies")
	var a struct {
		Fault  string
		Every  int
		Worlds []struct {
			Steps int
			Rows  []struct {
				Who     string
				Moments []struct {
					Step           int64
					Outcome, Fault string
				}
			}
		}
	}
	err := json.Unmarshal([]byte(out), &a)
	if err != nil || code != 0 || len(a.Worlds) != 1 || len(a.Worlds[0].Rows) != 6 || a.Every < 100 {
		t.Fatalf("status %d, %v: %s", code, err, out)
	}
	if m := a.Worlds[0].Rows[5].Moments[1]; !strings.HasSuffix(m.Fault, " pause C 1s") || m.Outcome == "" {
		t.Errorf("the second moment of the last row is %+v", m)
	}
	for _, c := range [][]string{
		{"--fault explode: must be one of crash, power, pause, cut", "--fault", "explode"},
		{"no machine S7: the machines are S1 S2 S3", "--who", "S7"},
		{"--span x: must be a time such as 3s", "--span", "x"},
		{"--most 0: must be at least 1", "--most", "0"},
	} {
		code, _, errOut := zablab(append([]string{"atlas", "the-leader-dies"}, c[1:]...)...)
		if code != 2 || !strings.Contains(errOut, c[0]) {
			t.Errorf("status %d: %s, want %s", code, errOut, c[0])
		}
	}
}

// TestExploreReach: a state in words is reached by the fewest steps, or by none of all states.
func TestExploreReach(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"write", "--reach", "S3 LEADING and S1 durable 1/1"}, command.OK,
			`is\s+reached\s+after\s+[0-9]+\s+steps(.|\n)*a client writes o at S3\n`},
		{[]string{"write", "--reach", "S1 LEADING and S2 LEADING"}, command.Broken,
			`✗ .*"S1\s+LEADING\s+and\s+S2\s+LEADING"\s+is\s+true\s+in\s+none\s+of\s+the\s+34,714\s+states;\s+the\s+search\s+was\s+complete`},
		{[]string{"write", "--json", "--reach", "S1 up"}, command.OK, `"reached": true`},
		{[]string{"write", "--reach", "S1 leaping"}, command.Usage, `unknown condition "leaping"`},
		{[]string{"--reach", "help"}, command.OK, `LOOKING, FOLLOWING, LEADING, OBSERVING`},
	} {
		code, out, errOut := zablab(append([]string{"explore"}, c.args...)...)
		if code != c.code || !regexp.MustCompile(c.want).MatchString(out+errOut) {
			t.Errorf("%q: exit %d, no %s:\n%s%s", c.args, code, c.want, out, errOut)
		}
	}
}

// TestExploreStory: the steps that a search finds become a document, which replay plays to the same
// end; a line that is not possible is named, with what is possible in its place.
func TestExploreStory(t *testing.T) {
	dir := t.TempDir()
	doc, page, run := filepath.Join(dir, "found.md"), filepath.Join(dir, "found.html"),
		filepath.Join(dir, "found.ndjson")
	code, out, errOut := zablab("explore", "oracle", "--flaw", "newleader.ack-before-fsync",
		"-o", doc, "--html", page, "--trace", run)
	if code != command.Broken || !strings.Contains(out, doc) || !strings.Contains(out, page) {
		t.Fatalf("exit %d: %s%s", code, out, errOut)
	}
	code, out, errOut = zablab("replay", doc)
	if code != command.Broken || !strings.Contains(out, "10 of 10 steps played") ||
		!strings.Contains(out, "✗ EpochCurrency") {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
	again := filepath.Join(dir, "again.ndjson")
	zablab("replay", "--trace", again, doc)
	code, out, _ = zablab("trace", "show", again)
	if code != command.OK || !strings.Contains(out, "EpochCurrency") {
		t.Errorf("exit %d: %s", code, out)
	}
	text, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	sound := file(t, "sound.md", strings.Replace(string(text), " flaw=newleader.ack-before-fsync",
		"", 1))
	if code, out, _ := zablab("replay", sound); code != command.OK ||
		!strings.Contains(out, "✓ no step breaks a check") {
		t.Errorf("without the flaw: exit %d: %s", code, out)
	}
	early := file(t, "early.md", strings.Replace(string(text), "    S2->>S1: NEWLEADER 1/0\n", "", 1))
	wrong := file(t, "wrong.md", strings.Replace(string(text), "S2->>S1: DIFF 0/0",
		"S2->>S1: SNAP 0/0", 1))
	steps, ok := strings.CutSuffix(string(text), "```\n")
	if !ok {
		t.Fatalf("the document has another end: %s", text)
	}
	longer := file(t, "longer.md", steps+"    Note over S1: crashes\n```\n")
	empty := file(t, "empty.md", "```mermaid\nsequenceDiagram\n    %% lab: explore=oracle\n    "+
		"participant S1\n```\n")
	drawing := file(t, "drawing.md", "```mermaid\nsequenceDiagram\nA->>ZK: create /x\nZK-->>A: ok\n"+
		"Note over ZK: the leader crashes\nNote over A: crashes\n```\n")
	reads := file(t, "reads.md", "```mermaid\nsequenceDiagram\nA->>ZK: get /x\nZK-->>A: no node\n```\n")
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"replay", wrong}, command.Surprise,
			`this step is not possible here: S2->>S1: SNAP 0/0(.|\n)*\n    S2->>S1: DIFF 0/0\n`},
		{[]string{"replay", "--json", wrong}, command.Surprise, `"text": "S2->>S1: SNAP 0/0"`},
		{[]string{"replay", "--seed", "7", doc}, command.Usage, `leave out --seed`},
		{[]string{"replay", "--engine", "zookeeper", doc}, command.Usage,
			`Apache ZooKeeper cannot take these steps, because they have an injected flaw`},
		{[]string{"replay", "--engine", "zookeeper", wrong}, command.Usage, `not possible here: S2->>S1: SNAP`},
		{[]string{"replay", "--engine", "zookeeper", "--html", page, sound}, command.Usage,
			`--html: this flag does not apply to real servers`},
		{[]string{"replay", "--engine", "etcd", sound}, command.Usage, `use --engine zookeeper or lab`},
		{[]string{"lint", doc}, command.OK, `10 steps of a small ensemble(.|\n)*the last one breaks EpochCurrency`},
		{[]string{"lint", sound}, command.OK, `every step is possible\n`},
		{[]string{"lint", wrong}, command.Surprise, `✗ line \d+, column 5: this step is not possible .*: S2->>S1: SNAP 0/0`},
		{[]string{"lint", "--format", "github", wrong}, command.Surprise, `::warning file=.*,col=5::this step`},
		{[]string{"lint", "--json", wrong}, command.Surprise, `"problem_line": \d+`},
		{[]string{"lint", longer}, command.Surprise, `the step before this line breaks EpochCurrency`},
		{[]string{"lint", empty}, command.Surprise, `there are no steps`},
		{[]string{"explore", "oracle", "--check", "--save", "x"}, command.Usage, `a saved search does not have these events`},
		{[]string{"replay", doc, "the-leader-dies"}, command.Usage, `as the only document`},
		{[]string{"explore", doc}, command.Usage, `the steps break EpochCurrency`},
		{[]string{"explore", early, "--save", early}, command.Usage, `would be overwritten`},
		{[]string{"explore", early, "--html", early}, command.Usage, `would be overwritten`},
		{[]string{"explore", "oracle", "--save", page}, command.Usage, `has no saved search`},
		{[]string{"explore", "oracle", "-o", "x.md", "--html", "x.md"}, command.Usage, `two outputs`},
		{[]string{"explore", "oracle", "--flaws"}, command.Usage, `leave out the setup`},
		{[]string{"explore", "oracle", "--certain"}, command.OK,
			`--certain names no step, because the search found`},
		{[]string{"odds", "--html", early, early}, command.Usage, `would be overwritten`},
		{[]string{"explore", early}, command.Broken,
			`after 9 given steps: EpochCurrency\s+is\s+broken\s+after\s+10\s+` +
				`steps\s+\(the\s+given\s+steps\s+and\s+1\s+more\)`},
		{[]string{"explore", "--pct", "2", early}, command.Usage, `name a setup, not a document`},
		{[]string{"explore", "--writes", "0", drawing}, command.OK, `complete\s+up\s+to(.|\n)*drawing.md: every\s+order(.|\n)*` +
			`at\s+most\s+1\s+write,\s+at\s+most\s+1\s+crash(.|\n)*left\s+out:\s+line\s+6\s+\(a\s+client's\s+fault\)`},
		{[]string{"explore", reads}, command.Usage, `no client of this document writes and no server fails`},
		{[]string{"explore", "nowhere"}, command.Usage, `no such setup, and no document`},
		{[]string{"explore", "oracle", "-o", doc}, command.OK, `no file was written`},
		{[]string{"explore", "oracle", "--open"}, command.Usage, `add --html FILE`},
		{[]string{"explore", "--flaws", "-o", doc}, command.Usage,
			`--output applies to a single search: leave out --list, --flaws`},
		{[]string{"explore", "oracle", "-o", filepath.Join(dir, "no", "x.md")}, command.Usage,
			`no/x.md|no such folder`},
	} {
		code, out, errOut := zablab(c.args...)
		if code != c.code || !regexp.MustCompile(c.want).MatchString(out+errOut) {
			t.Errorf("%q: exit %d, want %d and %s:\n%s%s", c.args, code, c.code, c.want, out, errOut)
		}
	}
}

// TestExploreDocument: what a document has becomes the bounds, the most of any of its worlds; a step that
// was found is written as a document that plays.
func TestExploreDocument(t *testing.T) {
	dir := t.TempDir()
	doc := file(t, "drawing.md", "```mermaid\nsequenceDiagram\n%% lab: servers=5\nA->>ZK: create /x\n"+
		"A->>ZK: set /x to 1\nNote over S1: loses power\nNote over S2: paused for 3s\n"+
		"Note over S3: loses its disk\nNote over S1: restarts\n```\n\n```mermaid\nsequenceDiagram\n"+
		"%% lab: fresh servers=3\nB->>ZK: create /y\nNote over ZK: the leader crashes\n```\n")
	found := filepath.Join(dir, "found.md")
	code, out, errOut := zablab("explore", "--reach", "S5 LEADING", "-o", found, doc)
	flat := strings.Join(strings.Fields(errOut), " ")
	if code != command.OK || !strings.Contains(flat, "5 servers, an oracle elects the leader, at most 2 writes, "+
		"at most 1 crash, at most 1 loss of power, at most 1 lost disk, at most 1 early timeout") ||
		!strings.Contains(flat, "epochs up to 5") || strings.Contains(flat, "left out") {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
	if code, out, errOut := zablab("replay", found); code != command.OK {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
}

// TestExploreCertain: the step after which the end could no longer be avoided.
func TestExploreCertain(t *testing.T) {
	page := filepath.Join(t.TempDir(), "certain.html")
	code, out, errOut := zablab("explore", "write", "--certain", "--flaw",
		"newleader.drain-uncommitted", "--html", page)
	text, err := os.ReadFile(page)
	curve := regexp.MustCompile(`"odds":\[\[0,0,3\],(\[\d+,\d,\d\],){42}\[\d+,1,1\]\]`)
	if err != nil || !curve.Match(text) || !strings.Contains(string(text), `"oddsWord":"choices here`) {
		t.Errorf("the page has no curve with a point for each of 43 steps: %v", err)
	}
	flat := strings.Join(strings.Fields(out), " ")
	if code != command.Broken || !strings.Contains(flat, "after step 31 this end was certain") ||
		!regexp.MustCompile(`\n  31  .*\n.*every continuation leads to the same end`).
			MatchString(out) {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
	code, out, _ = zablab("explore", "oracle", "--certain", "--json", "--reach", "S3 serves")
	var r struct {
		Steps     []any
		Certainty *struct {
			After  int                              `json:"after_steps"`
			Before []struct{ Choices, Certain int } `json:"before_step"`
		}
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != command.OK ||
		r.Certainty == nil || len(r.Certainty.Before) != len(r.Steps) {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	code, out, errOut = zablab("explore", "write", "--certain", "--pct", "2")
	if code != command.Usage || !strings.Contains(errOut, "--certain") {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
}

// TestExploreSave: a search at the limit of its memory is saved, and resumed to the same result.
func TestExploreSave(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "search")
	_, want, _ := zablab("explore", "write")
	code, out, errOut := zablab("explore", "write", "--memory", "3", "--save", saved)
	if code != command.Undecided || !strings.Contains(out, "not complete (out of memory") ||
		!strings.Contains(out, "--resume "+saved) {
		t.Fatalf("exit %d: %s%s", code, out, errOut)
	}
	code, out, errOut = zablab("explore", "--resume", saved)
	first, _, _ := strings.Cut(want, "choices")
	if code != command.OK || !strings.HasPrefix(out, first) {
		t.Errorf("exit %d: %s%s, want %s", code, out, errOut, first)
	}
	if runtime.GOOS == "linux" {
		code, out, errOut = zablab("explore", "write", "--memory", "3", "--spill", t.TempDir())
		if code != command.OK || !strings.HasPrefix(out, first) {
			t.Errorf("in a file: exit %d: %s%s, want %s", code, out, errOut, first)
		}
		code, _, errOut = zablab("explore", "write", "--spill", saved)
		if code != command.Usage || !strings.Contains(errOut, "--spill") {
			t.Errorf("--spill %s: exit %d: %s", saved, code, errOut)
		}
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"explore", "--resume", saved, "write"}, "leave out write"},
		{[]string{"explore", "--resume", saved, "--crashes", "2"}, "leave out --crashes"},
		{[]string{"explore", "--resume", saved + "x"}, "no such file"},
		{[]string{"explore", "--resume", file(t, "x.md", "# X\n")}, "not a search"},
		{[]string{"explore", "--list", "--save", saved}, "leave out --list"},
	} {
		code, out, errOut := zablab(c.args...)
		if code != command.Usage || !strings.Contains(errOut, c.want) {
			t.Errorf("%q: exit %d: %s%s", c.args, code, out, errOut)
		}
	}
}
