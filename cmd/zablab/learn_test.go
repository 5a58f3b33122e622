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
	"github.com/zablab/zablab/scenarios/learn"
)

// begun is a learner's folder.
func begun(t *testing.T) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "mine")
	if code, out, errOut := zablab("learn", "start", folder); code != command.OK {
		t.Fatalf("%d: %s%s", code, out, errOut)
	}
	return folder
}

// answers writes an answer into a learner's folder.
func answers(t *testing.T, folder string, x *learn.Exercise, text []byte) {
	t.Helper()
	name := filepath.Join(folder, x.File())
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

// solved writes the solutions of all exercises for which ok returns true.
func solved(t *testing.T, folder string, ok func(x *learn.Exercise) bool) {
	t.Helper()
	for _, x := range learn.All() {
		if ok(x) {
			answers(t, folder, x, x.Answered(x.Solution))
		}
	}
}

func quick(x *learn.Exercise) bool { return x.Kind != learn.Repair }

// TestLearnPath: a learner lists, starts, answers wrongly and rightly, takes a hint, and sees the
// progress in a file and in the list.
func TestLearnPath(t *testing.T) {
	if code, out, _ := zablab("learn"); code != command.OK || !strings.Contains(out, "zablab learn start") {
		t.Errorf("%d: %s", code, out)
	}
	folder := begun(t)
	at := "--dir=" + folder
	code, out, _ := zablab("learn", "check", at)
	if code != command.Broken || !strings.Contains(out, "there is no answer yet") {
		t.Errorf("%d: %s", code, out)
	}
	answers(t, folder, learn.All()[0], []byte("Answer: a"))
	code, out, _ = zablab("learn", "check", at, "1")
	if code != command.Broken || !strings.Contains(out, `your bet was "A gets it in every run`) {
		t.Errorf("%d: %s", code, out)
	}
	code, out, _ = zablab("learn", "hint", at, "1")
	if code != command.OK || !strings.Contains(out, "1 of 3") || strings.Contains(out, "2 of 3") {
		t.Errorf("%d: %s", code, out)
	}
	solved(t, folder, quick)
	code, out, errOut := zablab("learn", "check", at, "1", "first-drawing", "08-the-moment-of-truth")
	if code != command.OK || strings.Count(out, "✓ passed") != 3 {
		t.Errorf("%d: %s%s", code, out, errOut)
	}
	code, out, _ = zablab("learn", "--json", at)
	var list struct {
		Passed    int `json:"passed"`
		Exercises []struct {
			Status string `json:"status"`
			Tries  int    `json:"tries"`
			Hints  int    `json:"hints_shown"`
		} `json:"exercises"`
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil || code != command.OK || list.Passed != 3 {
		t.Fatalf("%d, %v: %s", code, err, out)
	}
	if x := list.Exercises[0]; x.Status != "passed" || x.Tries != 2 || x.Hints != 1 {
		t.Errorf("%+v", x)
	}
	data, err := os.ReadFile(filepath.Join(folder, "progress.txt"))
	if err != nil || !strings.Contains(string(data), "01-first-come                passed       2     1     0\n") {
		t.Errorf("%v\n%s", err, data)
	}
}

// TestLearnMistakes: whatever a learner does wrong is one clear sentence.
func TestLearnMistakes(t *testing.T) {
	folder, empty := begun(t), t.TempDir()
	at := "--dir=" + folder
	remove := func(name string) {
		if err := os.RemoveAll(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	remove("02-silence.md")
	write("01-first-come.md", "Answer: b\nAnswer: c\n")
	write("04-who-is-to-blame.md", "nothing at all")
	write("05-one-register.md", strings.Repeat("x", 70<<10))
	remove("07-a-blip.md")
	if err := os.Mkdir(filepath.Join(folder, "07-a-blip.md"), 0o755); err != nil {
		t.Fatal(err)
	}
	write("09-one-node/one_node.go", "package lock\n\nimport \"os\"\n\nfunc Lock() { os.Exit(0) }\n")
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"check", at, "1"}, command.Broken, `line 2 is a second line with "Answer:"`},
		{[]string{"check", at, "2"}, command.Broken, "02-silence.md: no such file: zablab learn start"},
		{[]string{"check", at, "4"}, command.Broken, `the file has no line "Answer:"`},
		{[]string{"check", at, "5"}, command.Broken, "the limit is 65536"},
		{[]string{"check", at, "7"}, command.Broken, "07-a-blip.md: not a file"},
		{[]string{"check", at, "9"}, command.Broken, `one_node.go:3:8: import "os": a program may import only`},
		{[]string{"check", at, "99"}, command.Usage, "learn 99: no such exercise: write a number from 1 to"},
		{[]string{"check", "--dir=" + empty, "1"}, command.Usage, "has no progress.txt"},
		{[]string{"check", "--dir=" + empty + "/none", "1"}, command.Usage, "no such folder: run zablab learn start"},
		{[]string{"hint", "--dir=" + empty, "1"}, command.Usage, "has no progress.txt"},
		{[]string{"hint", at}, command.Usage, "accepts 1 arg"},
		{[]string{"start", filepath.Join(folder, "01-first-come.md")}, command.Usage, "name a folder that can be created"},
		{[]string{"start", filepath.Join(folder, "09-one-node")}, command.Usage, "the folder has other files"},
		{[]string{"grade"}, command.Usage, "requires at least 1 arg"},
		{[]string{"show", "0"}, command.Usage, "learn 0: no such exercise"},
		{[]string{"--exercises", empty}, command.Usage, "no exercise in this folder"},
		{[]string{"--exercises", empty + "/none"}, command.Usage, "no such folder"},
		{[]string{"check", at, "--clone", empty, "9"}, command.Usage, "not the root of a clone"},
		{[]string{"check", at, "--limit", "-1s", "9"}, command.Usage, "must not be negative"},
	} {
		code, out, errOut := zablab(append([]string{"learn"}, c.args...)...)
		said := strings.Join(strings.Fields(out+errOut), " ")
		if code != c.code || !strings.Contains(said, c.says) {
			t.Errorf("learn %s: exit %d, and not %d with %q\n%s", strings.Join(c.args, " "), code, c.code, c.says,
				said)
		}
	}
	t.Run("no compiler", func(t *testing.T) {
		x := learn.Find(learn.All(), "9")
		answers(t, folder, x, x.Solution)
		t.Setenv("PATH", t.TempDir())
		if code, _, errOut := zablab("learn", "check", at, "9"); code != command.Usage ||
			!strings.Contains(errOut, "the go command was not found") {
			t.Errorf("%d: %s", code, errOut)
		}
	})
	write("progress.txt", "01-first-come half 1 2 3\n")
	if code, _, errOut := zablab("learn", at); code != command.Usage ||
		!strings.Contains(errOut, "progress.txt:1:1: 01-first-come half 1 2 3: not a line of progress: write EXERCISE STATUS") {
		t.Errorf("%d: %s", code, errOut)
	}
	write("progress.txt", "")
	if code, out, errOut := zablab("learn", "start", folder); code != command.OK ||
		!strings.Contains(out, "1 file written") {
		t.Errorf("start does not write again what is missing, and only that: %d: %s%s", code, out, errOut)
	}
}

// TestLearnGrade: one table for a class. It believes no progress file, and counts what is missing.
func TestLearnGrade(t *testing.T) {
	good, bad := begun(t), begun(t)
	solved(t, good, quick)
	for _, x := range learn.All() { // programs take a compiler: TestSandbox has them
		if x.Kind != learn.Repair {
			continue
		}
		for _, folder := range []string{good, bad} {
			answers(t, folder, x, []byte("package main\n"))
		}
	}
	lies := "01-first-come passed 1 0 0\n02-silence passed 7 3 0\n"
	if err := os.WriteFile(filepath.Join(bad, "progress.txt"), []byte(lies), 0o644); err != nil {
		t.Fatal(err)
	}
	answers(t, bad, learn.All()[1], []byte("Answer: a"))
	code, out, errOut := zablab("learn", "grade", "--json", good, bad, filepath.Join(bad, "none"))
	var table struct {
		Exercises int `json:"exercises"`
		Learners  []struct {
			Passed, Tries int
			Hints         int `json:"hints_shown"`
			Error         string
			Answers       []struct{ Status, Why string }
		} `json:"learners"`
	}
	if err := json.Unmarshal([]byte(out), &table); err != nil || code != command.OK {
		t.Fatalf("%d, %v: %s%s", code, err, out, errOut)
	}
	n := 0
	for _, x := range learn.All() {
		if quick(x) {
			n++
		}
	}
	l := table.Learners
	if table.Exercises != len(learn.All()) || len(l) != 3 || l[0].Passed != n || l[1].Passed != 0 ||
		l[1].Tries != 8 || l[1].Hints != 3 || l[2].Error != "no such folder" {
		t.Errorf("%+v", table)
	}
	if a := l[1].Answers[1]; a.Status != "wrong" || !strings.Contains(a.Why, "your bet was") {
		t.Errorf("%+v", a)
	}
}

// TestLearnOwnExercises: a lecturer's folder is read, verified and solved, and its mistakes have
// their places.
func TestLearnOwnExercises(t *testing.T) {
	course := t.TempDir()
	if err := os.Mkdir(filepath.Join(course, "01-one"), 0o755); err != nil {
		t.Fatal(err)
	}
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(course, "01-one", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	head := "kind: predict\ntitle: T\nhint: H\nlesson: L\nsolution: a\n" +
		"choice: a | yes | arrow 2 as-drawn\nchoice: b | no | arrow 2 different\n"
	text := "---\nIs it so?\n\n```mermaid\nsequenceDiagram\n    A->>ZK: create /x\n    ZK-->>A: ok\n```\n"
	put("exercise.md", head+text)
	put("wrong.txt", "== no == your bet was\nb\n== c == is none of the choices\nc\n"+
		"== two == a second line\na\nAnswer: b\n== words == is none of the choices\nperhaps\n")
	if code, out, errOut := zablab("learn", "verify", "--exercises", course); code != command.OK {
		t.Errorf("%d: %s%s", code, out, errOut)
	}
	folder := filepath.Join(t.TempDir(), "mine")
	if code, _, errOut := zablab("learn", "start", folder, "--exercises", course); code != command.OK {
		t.Fatalf("%d: %s", code, errOut)
	}
	if err := os.WriteFile(filepath.Join(folder, "01-one.md"), []byte("Answer: a"), 0o644); err != nil {
		t.Fatal(err)
	}
	if code, out, errOut := zablab("learn", "check", "--dir", folder); code != command.OK ||
		!strings.Contains(out, "1. T (predict)") {
		t.Errorf("%d: %s%s", code, out, errOut)
	}
	put("wrong.txt", "== no == your bet was\na\n")
	code, out, _ := zablab("learn", "verify", "--exercises", course)
	if code != command.Broken || !strings.Contains(out, "only 1 wrong answers: write at least 4") ||
		!strings.Contains(out, `the verdict on the wrong answer "no" is "passed"`) {
		t.Errorf("%d: %s", code, out)
	}
	for _, c := range []struct{ text, says string }{
		{strings.Replace(head, "hint: H\n", "", 1) + text, "01-one/exercise.md:1:1: the exercise has no hint"},
		{strings.Replace(head, "predict", "guess", 1) + text, "01-one/exercise.md:1:1: kind: guess: must be"},
		{"colour: red\n" + head + text, "01-one/exercise.md:1:1: colour: no such key"},
		{strings.Replace(head, "arrow 2 d", "arow 2 d", 1) + text, "01-one/exercise.md:7:1: arow 2 different: no such"},
		{head, `no line "---"`},
	} {
		put("exercise.md", c.text)
		if code, _, errOut := zablab("learn", "--exercises", course); code != command.Usage ||
			!strings.Contains(errOut, c.says) {
			t.Errorf("%d, and not %q: %s", code, c.says, errOut)
		}
	}
}

// course writes a lecturer's folder with one exercise, and returns it.
func course(t *testing.T, exercise string) string {
	t.Helper()
	folder := t.TempDir()
	one := filepath.Join(folder, "01-one")
	if err := os.Mkdir(one, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"exercise.md": exercise,
		"wrong.txt": "== b == write a number\nb\n== c == write a number\nc\n== none == there is " +
			"no fault\n3\n" +
			"== minus == write a number\n-1\n"} {
		if err := os.WriteFile(filepath.Join(one, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// blames is a read exercise with this fault.
func blames(fault string) string {
	return "kind: read\ntitle: T\nhint: H\nlesson: L\nsolution: 1\nfault: " + fault + "\n" +
		"shows: arrow 2 never\n---\nWhy?\n\n```mermaid\nsequenceDiagram\n    A->>ZK: create /x\n" +
		"    ZK-->>A: ok\n```\n"
}

// TestLearnVerifyRead: a read exercise that cannot be played, or whose run does not show what it asks
// about, is a fault of the exercise with a sentence.
func TestLearnVerifyRead(t *testing.T) {
	for _, c := range []struct {
		fault string
		code  int
		says  string
	}{
		{"0s split A | S1 S2 S3", command.OK, ""},
		{"1s crash S9", command.Broken, "S9"},
		{"20s crash A", command.Broken,
			"01-one: the run does not show what the exercise asks about: change the run"},
		{"1s crush A", command.Usage,
			`01-one/exercise.md:6:1: fault "1s crush A": unknown verb "crush"`},
	} {
		code, out, errOut := zablab("learn", "verify", "--exercises", course(t, blames(c.fault)))
		said := strings.Join(strings.Fields(out+errOut), " ")
		if code != c.code || !strings.Contains(said, c.says) || strings.Contains(said, "nil") {
			t.Errorf("%s: exit %d, and not %d with %q\n%s", c.fault, code, c.code, c.says, said)
		}
	}
}

// TestLearnCRLF: an exercise may be written on Windows.
func TestLearnCRLF(t *testing.T) {
	folder := course(t, strings.ReplaceAll(blames("0s split A | S1 S2 S3"), "\n", "\r\n"))
	if code, out, errOut := zablab("learn", "verify", "--exercises", folder); code != command.OK {
		t.Errorf("%d: %s%s", code, out, errOut)
	}
}

// TestLearnKeepsModule: start keeps a go.mod that the learner has changed.
func TestLearnKeepsModule(t *testing.T) {
	folder := begun(t)
	name := filepath.Join(folder, "go.mod")
	const mine = "module mine\n\ngo 1.26\n"
	if err := os.WriteFile(name, []byte(mine), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errOut := zablab("learn", "start", folder)
	data, err := os.ReadFile(name)
	if code != command.OK || err != nil || string(data) != mine {
		t.Errorf("%d, %v: %s%s\n%s", code, err, out, errOut, data)
	}
	if !strings.Contains(out, "The existing go.mod was kept") || strings.Contains(out,
		"No go.mod") {
		t.Errorf("%s", out)
	}
}

// TestLearnVerifyInterrupted: ^C is status 130, and no fault of an exercise.
func TestLearnVerifyInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(context.Background())
	interrupt()
	var o, e bytes.Buffer
	for _, more := range [][]string{nil, {"--json"}} {
		o.Reset()
		if code := run(ctx, append([]string{"learn", "verify", "9"}, more...), &o,
			&e); code != command.Interrupted ||
			strings.Contains(o.String(), "canceled") || strings.Contains(o.String(), "one-node") {
			t.Errorf("%d: %s%s", code, &o, &e)
		}
	}
}

// TestLearnCloneHelp: the help of --clone says where each command finds the sources.
func TestLearnCloneHelp(t *testing.T) {
	for name, of := range map[string]bool{"check": true, "grade": false, "verify": false} {
		_, out, _ := zablab("learn", name, "--help")
		_, help, _ := strings.Cut(out, "--clone string")
		help, _, _ = strings.Cut(help, "\n")
		if !strings.Contains(help, "contains the working directory") || strings.Contains(help,
			"your go.mod") != of {
			t.Errorf("%s: %s", name, help)
		}
	}
}
