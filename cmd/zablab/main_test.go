package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/trace"
)

// zablab runs the program with these arguments.
func zablab(args ...string) (code int, out, errOut string) {
	var o, e bytes.Buffer
	code = run(context.Background(), args, &o, &e)
	return code, o.String(), e.String()
}

func file(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestErrors: every error is one line with its place and what to do, and status 2; with --json it
// is a JSON document.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	race := "sequenceDiagram\nA->>ZK: create /x\n"
	good := write("good.md", race)
	for _, c := range []struct {
		name string
		args []string
		want string
	}{
		{"no such file", []string{"replay", "nosuch.md"}, `^zablab: replay nosuch.md: no such file or chapter: zablab list shows the chapters$`},
		{"a folder", []string{"replay", t.TempDir()},
			`no file in this folder has one of the extensions .*: name another`},
		{"empty", []string{"replay", write("empty.md", "")}, `empty.md:1:1: no sequence diagram in this document: write `},
		{"garbage", []string{"replay", write("bin.md", "\xff\x00\x93\xfe")}, `bin.md:1:1: not UTF-8 text`},
		{"17 MB", []string{"replay", write("big.md", strings.Repeat("a", 17<<20))}, `big.md:1:1: the document has 17825792 bytes; the limit is 16777216: split the document$`},
		{"unknown verb", []string{"replay", "--strict", write("verb.md", "# x\n\n"+race+"A->>ZK: dances\n")}, `verb.md:5:9: "dances": this text contains no call: write create, get, set, .* or alive$`},
		{"no such server", []string{"replay", "--strict", write("s9.md", race+"Note over S9: crashes\n")}, `s9.md:3:15: "crashes": S9: the ensemble has only the servers S1 S2 S3: write %% lab: servers=9$`},
		{"no such engine", []string{"fuzz", "--engine", "paxos"}, `--engine paxos: must be lab, raft or etcd-raft, or a library and a version, such as raft@v1.7.3$`},
		{"no such bug", []string{"fuzz", "--engine", "raft", "--bug", "all"}, `--bug all: must be term, vote, ack or read$`},
		{"a version of the lab", []string{"fuzz", "--engine", "lab@v1"}, `--engine lab@v1: must be lab, raft or etcd-raft, or a library and a version, such as raft@v1.7.3$`},
		{"a checkout for the lab", []string{"fuzz", "--raft", "."}, `--raft needs --engine raft or etcd-raft: add that flag$`},
		{"a checkout and a version", []string{"fuzz", "--engine", "raft@v1.7.3", "--raft", "."}, `--raft builds from a checkout: write --engine raft, without a version$`},
		{"a guest and a version", []string{"fuzz", "--engine", "raft@v1.7.3", "--guest", "x.wasm"}, `--guest names a module that is already built: leave out --raft, and the @version in --engine$`},
		{"no checkout", []string{"fuzz", "--engine", "raft", "--raft", "."}, `--raft .: no checkout of hashicorp/raft: stat .*raft.go: no such file or directory: give the folder that contains raft.go$`},
		{"no such issue", []string{"flaws", "--engine", "raft", "1"}, `flaws 1: no such issue: zablab flaws --engine raft lists all issues$`},
		{"versions of the lab", []string{"flaws", "--versions", "v1.7.3"}, `flaws --raft and --versions need --engine raft or etcd-raft: add that flag$`},
		{"versions without a hunt", []string{"flaws", "--engine", "raft", "--versions", "v1.7.3"}, `flaws --versions and --raft select the sources for a hunt: add --hunt$`},
		{"remix of raft", []string{"flaws", "--engine", "raft", "--remix"}, `flaws --engine raft lists issues, or hunts for them with --hunt: leave out --explain, --remix, --out-of-reach, --feedback and --blind$`},
		{"naps of the lab", []string{"fuzz", "--naps", "off"}, `--naps, --bug and --guest need --engine raft or etcd-raft: add that flag$`},
		{"a flaw of the lab", []string{"fuzz", "--engine", "raft", "--flaw", "owner.skip"}, `--flaw: this flag applies only to the simulated ZooKeeper: leave out the flag, or use --engine lab$`},
		{"no such guest", []string{"fuzz", "--engine", "raft", "--guest", "nosuch.wasm"}, `guest: open nosuch.wasm: .*: build the program with GOOS=wasip1 GOARCH=wasm go build$`},
		{"no such participant", []string{"replay", "--strict", write("q.md", race+"Note over Q: crashes\n")}, `q.md:3:14: "crashes": Q: no such participant: the drawing has A, ZK`},
		{"contradiction", []string{"replay", write("c.md", "sequenceDiagram\n%% lab: servers=3 servers=5\nA->>ZK: create /x\n")}, `c.md:2:19: servers=5 contradicts servers=3 in line 2: keep one$`},
		{"makes no sense", []string{"replay", "--strict", write("r.md", race+"Note over A: crashes\nNote over A: crashes\n")}, `r.md:4:1: "crashes": crash A: A is already down: restart it first`},
		{"fault on nobody", []string{"replay", "--fault", "1s crash S9", good}, `--fault 1: 1.000s crash S9: no machine S9: the machines are S1 S2 S3 A: use one of these names$`},
		{"no fault", []string{"replay", "--fault", "explode S1", good}, `--fault 1: fault "explode S1": unknown verb "explode": write one of crash`},
		{"no plan", []string{"replay", "--plan", write("p.plan", "\n 1s crash\n"), good}, `p.plan:2:2: fault "1s crash"`},
		{"seed", []string{"replay", "--seed", "x", good}, `--seed: "x" is not a seed: write a whole number that is not negative, such as 7 or 0x51c3$`},
		{"seeds", []string{"replay", "--seeds", "0", good}, `--seeds 0: must be at least 1$`},
		{"servers", []string{"replay", "--servers", "99", good}, `--servers 99: servers=99 observers=0: use 1 to 9 servers in total`},
		{"timeout", []string{"replay", "--session-timeout", "1s", good}, `with tick=2s, servers grant 2 to 20 ticks, which is 4s to 40s`},
		{"expiry", []string{"replay", "--expiry", "never", good}, `--expiry never: must be session or disconnect$`},
		{"sync", []string{"replay", "--sync", "nobody", good}, `--sync nobody: must be leader or quorum$`},
		{"reads", []string{"replay", "--reads", "fresh", good}, `--reads fresh: must be zookeeper or linearizable$`},
		{"until", []string{"replay", "--until", "soon", good}, `--until soon: must be a time such as 2.5s, or a step such as 911$`},
		{"depth", []string{"replay", "--depth", "abyss", good}, `--depth abyss: must be client or server$`},
		{"output", []string{"replay", "--trace", filepath.Join(dir, "no", "such", "t"), good}, `no folder .*: name a file in an existing folder$`},
		{"flag", []string{"replay", "--nonsense"}, `unknown flag: --nonsense$`},
		{"command", []string{"frobnicate"}, `unknown command "frobnicate"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errOut := zablab(c.args...)
			if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 || !regexp.MustCompile(c.want).MatchString(strings.TrimSuffix(errOut, "\n")) {
				t.Errorf("exit %d\nout %q\nerr %q\nwant %s", code, out, errOut, c.want)
			}
			code, out, errOut = zablab(append([]string{"--json"}, c.args...)...)
			var doc struct {
				Error struct {
					File         string
					Line, Column int
					Message      string
				}
			}
			if err := json.Unmarshal([]byte(out), &doc); err != nil || code != command.Usage || errOut != "" || doc.Error.Message == "" {
				t.Errorf("with --json: exit %d, %v: %s%s", code, err, out, errOut)
			}
		})
	}
}

// TestExit: of all problems in a run, the gravest decides the exit status.
func TestExit(t *testing.T) {
	head := "sequenceDiagram\nA->>ZK: create /x\n"
	stale := "sequenceDiagram\nA->>S2: create /x\nNote over S1,S3: cut S3 > S1\nA->>S2: set /x to 2\nB->>S1: get /x\n"
	for _, c := range []struct {
		name, text string
		args       []string
		want       int
	}{
		{"as drawn", head + "ZK-->>A: ok\n", nil, command.OK},
		{"later", "sequenceDiagram\nA->>ZK: create /x (ephemeral)\nNote over A: crashes\nNote over ZK: deletes /x\n", nil, command.OK},
		{"different", head + "ZK-->>A: failed\n", nil, command.Surprise},
		{"never", head + "ZK-->>A: ok\nZK-->>A: ok\n", nil, command.Surprise},
		{"different, and expected", head + "ZK-->>A: failed\n%% expect: different\n", nil, command.OK},
		{"different, and another expected", head + "ZK-->>A: failed\n%% expect: never\n", nil, command.Surprise},
		{"a stale read", stale, nil, command.OK},
		{"a stale read where none may be", stale, []string{"--reads", "linearizable"}, command.Broken},
		{"unread", head + "A->>ZK: dances\n", nil, command.Surprise},
	} {
		if code, out, errOut := zablab(append([]string{"replay", file(t, "x.md", c.text)}, c.args...)...); code != c.want {
			t.Errorf("%s: exit %d, want %d\n%s%s", c.name, code, c.want, out, errOut)
		}
	}
}

// TestJSON: the keys of --json do not change.
func TestJSON(t *testing.T) {
	code, out, errOut := zablab("replay", "--json", "--seeds", "20", "2", "3")
	if code != command.OK || errOut != "" {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	var doc struct {
		Documents []struct {
			Name     *string
			Diagrams []map[string]json.RawMessage
		}
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Documents) != 2 || len(doc.Documents[0].Diagrams) != 2 || *doc.Documents[0].Name != "02-first-one-wins.md" {
		t.Fatalf("documents: %s", out)
	}
	for _, d := range doc.Documents[0].Diagrams {
		for _, key := range []string{"title", "line", "seed", "seeds", "fingerprint", "verdict", "arrows", "branches", "winners", "checks"} {
			if d[key] == nil {
				t.Errorf("a diagram has no key %q", key)
			}
		}
		var arrows []map[string]json.RawMessage
		if err := json.Unmarshal(d["arrows"], &arrows); err != nil || len(arrows) == 0 {
			t.Fatalf("arrows: %v", err)
		}
		for _, a := range arrows {
			for _, key := range []string{"line", "text", "kind", "from", "to", "verdict", "at_us", "omitted", "instead", "counts"} {
				if a[key] == nil {
					t.Errorf("an arrow has no key %q", key)
				}
			}
		}
		if !regexp.MustCompile(`^"0x[0-9a-f]+"$`).Match(d["seed"]) || !regexp.MustCompile(`^"[0-9a-f]{16}"$`).Match(d["fingerprint"]) {
			t.Errorf("seed %s, fingerprint %s", d["seed"], d["fingerprint"])
		}
	}
	var winners map[string]int
	if err := json.Unmarshal(doc.Documents[0].Diagrams[1]["winners"], &winners); err != nil || winners["A"]+winners["B"]+winners["C"] != 20 {
		t.Errorf("winners %v", winners)
	}
}

// TestOutputs: other commands read the files of replay: check reads the trace, and the diagram can
// be played.
func TestOutputs(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	code, out, errOut := zablab("replay", "--trace", path("t.ndjson"), "--diagram", path("d.mmd"), "--porcupine", path("p.html"), "3")
	if code != command.OK || !strings.Contains(out, "Written") {
		t.Fatalf("exit %d: %s%s", code, out, errOut)
	}
	in, err := os.Open(path("t.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r, err := trace.Read("t.ndjson", in)
	if err != nil || !r.Ended || !strings.Contains(out, r.Fingerprint) {
		t.Errorf("the trace: %v, fingerprint %s", err, r.Fingerprint)
	}
	if page, err := os.ReadFile(path("p.html")); err != nil || !bytes.Contains(page, []byte("leads: epoch 1 is established")) {
		t.Errorf("porcupine's page: %v", err)
	}
	code, out, errOut = zablab("replay", path("d.mmd"))
	if code != command.OK || strings.Contains(out, "✗") {
		t.Errorf("the run drawn back: exit %d: %s%s", code, out, errOut)
	}
	if code, out, errOut = zablab("replay", "--diagram", path("s.mmd"), "--depth", "server", "2"); code != command.OK {
		t.Fatalf("exit %d: %s%s", code, out, errOut)
	}
	for _, name := range []string{"s.mmd", "s-2.mmd"} { // two diagrams, the second of them fresh
		text, err := os.ReadFile(path(name))
		if err != nil || !bytes.Contains(text, []byte("PROPOSAL 1/")) {
			t.Errorf("%s: %v", name, err)
		}
		if code, _, errOut := zablab("replay", path(name)); code == command.Usage {
			t.Errorf("%s: %s", name, errOut)
		}
	}
}

// TestUntil: --until stops in the middle of a run.
func TestUntil(t *testing.T) {
	code, out, _ := zablab("replay", "--until", "1s", "3")
	if code != command.OK || !strings.Contains(out, "stopped here") || strings.Contains(out, "notification") {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestInterrupt: an interrupted run prints the results so far.
func TestInterrupt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var o, e bytes.Buffer
	code := run(ctx, []string{"replay", "--seeds", "100000", "2"}, &o, &e)
	if code != command.Interrupted || !strings.Contains(o.String(), "Checked") {
		t.Errorf("exit %d: %s%s", code, o.String(), e.String())
	}
}

func TestList(t *testing.T) {
	code, out, _ := zablab("list")
	if code != command.OK || !regexp.MustCompile(`03-the-leader-dies +The leader dies`).MatchString(out) {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestAgain: the command at the end of every output repeats the output.
func TestAgain(t *testing.T) {
	_, out, _ := zablab("replay", "--servers", "5", "--fault", "at A crashes crash S5", "the-leader-dies")
	_, line, _ := strings.Cut(out, "Again  zablab ")
	words := regexp.MustCompile(`'[^']*'|\S+`).FindAllString(strings.TrimSpace(line), -1)
	for i := range words {
		words[i] = strings.Trim(words[i], "'")
	}
	if _, again, _ := zablab(words...); again != out {
		t.Errorf("%q gives\n%s\nnot\n%s", words, again, out)
	}
}

const readme = "../../README.md"

// readmeShows compares a block of README.md with the output of the program, or rewrites the block.
func readmeShows(t *testing.T, text, shown, printed string) {
	t.Helper()
	switch {
	case shown == printed:
	case *rewrite:
		text = strings.Replace(text, shown, printed, 1)
		if err := os.WriteFile(readme, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("README.md is out of date; go test ./cmd/zablab -run Readme -rewrite:\n%s",
			difference(shown, printed))
	}
}

// TestReadme: the run in README.md is the output of the program.
func TestReadme(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	const begin = "```\nDiagram 2 of 2"
	_, shown, _ := strings.Cut(string(text), begin)
	shown, _, _ = strings.Cut(shown, "```\n")
	_, out, _ := zablab("replay", "the-leader-dies")
	_, printed, second := strings.Cut(out, "Diagram 2 of 2")
	if shown == "" || !second {
		t.Fatalf("README.md or the program shows no such run:\n%s", out)
	}
	readmeShows(t, string(text), shown, printed)
}

// TestReadmeAtlas: the picture in README.md is the output of its command.
func TestReadmeAtlas(t *testing.T) {
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("```\n\\$ (zablab atlas [^\n]*)\n([^`]*)```").FindSubmatch(text)
	if block == nil {
		t.Fatal("README.md has no picture of zablab atlas")
	}
	out, err := shell(t.Context(), string(block[1]))
	if err != nil {
		t.Fatal(err)
	}
	command := "$ " + string(block[1]) + "\n"
	readmeShows(t, string(text), command+string(block[2]), command+out)
}

// TestReadmeCheck: the example of a history in README.md gets the verdict shown there.
func TestReadmeCheck(t *testing.T) {
	all, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(all), "```\n$ cat locks.jsonl\n")
	text, shown, ok := strings.Cut(block, "$ zablab check locks.jsonl\n")
	shown, _, ended := strings.Cut(shown, "```\n")
	if !ok || !ended {
		t.Fatal("README.md has no such example")
	}
	locks := file(t, "locks.jsonl", text)
	code, out, _ := zablab("check", locks)
	if code != command.Broken {
		t.Errorf("exit %d: %s", code, out)
	}
	readmeShows(t, string(all), shown, strings.ReplaceAll(out, locks, "locks.jsonl"))
}
