package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/fuzz"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/zab/flaw"
)

func TestFuzzCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("fuzz", "--seeds", "20", "--verify", "10")
	if code != command.OK || errOut != "" || !strings.Contains(out, "20 seeds from 0x1") ||
		!strings.Contains(out, "✓ no check failed") {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
	code, out, _ = zablab("fuzz", "--seeds", "5-9", "--json")
	var doc fuzz.JSON
	err := json.Unmarshal([]byte(out), &doc)
	if err != nil || code != command.OK || doc.Seeds != 5 || doc.First != "0x5" ||
		doc.Sometimes["faults took effect"] == 0 {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	code, out, _ = zablab("fuzz", "--seed", "7")
	_, schedule, _ := strings.Cut(out, "Schedule\n")
	schedule, checked, _ := strings.Cut(schedule, "\nChecked")
	if code != command.OK || !strings.Contains(schedule, "stage seed=0x7 ") ||
		!strings.Contains(checked, "✓ linearizable-writes") {
		t.Fatalf("exit %d: %s", code, out)
	}
	_, print, _ := strings.Cut(checked, "Fingerprint  ")
	name := file(t, "7.schedule", schedule)
	if code, out, errOut := zablab("fuzz", "--schedule", name); code != command.OK ||
		!strings.HasSuffix(out, "Fingerprint  "+print) {
		t.Errorf("played from its file: exit %d: %s%s", code, errOut, out)
	}
	if _, err := os.Stat("fuzz-failures"); err == nil {
		t.Error("a folder for failures, although nothing failed")
	}
	for _, args := range [][]string{
		{"--seeds", "0"}, {"--seeds", "9-5"}, {"--seeds", "many"}, {"--seed", "x"},
		{"--workers", "-1"}, {"--schedule", "nosuch"}, {"--flaw", "nosuch"}, {"--mix", "nosuch"},
		{"--mix", "common", "--beyond"}, {"--shard", "3/3"}, {"--shard", "x"},
		{"--seeds", "3", "--shard", "0/4"}, {"--results", "no/such/folder"}, {"report"},
		{"report", "nosuch"}, {"report", file(t, "empty", "")},
		{"report", file(t, "none", "{\"seeds\":1}\n")},
		{"report", file(t, "newer", `{"schema":"zablab.fuzz/2"}`)}, {"--trace", "t"},
		{"--seed", "7", "--schedule", name}, {"--seed", "7", "--trace", "no/such/folder"},
		{"--schedule", file(t, "bad", "stage seed=1\nclient Q")}, {"what"},
	} {
		code, out, errOut := zablab(append([]string{"fuzz"}, args...)...)
		if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %q %q", args, code, out, errOut)
		}
	}
}

// TestFuzzShards: the results of all shards, in one file or several, merge into the results of one
// batch. A truncated line is skipped.
func TestFuzzShards(t *testing.T) {
	t.Chdir(t.TempDir())
	_, out, _ := zablab("fuzz", "--seeds", "11-22", "--json")
	var whole, merged struct {
		fuzz.JSON
		Spans []fuzz.Span `json:"spans"`
	}
	if err := json.Unmarshal([]byte(out), &whole); err != nil {
		t.Fatal(err)
	}
	for _, shard := range []string{"2/3", "0/3", "1/3"} {
		name := "one"
		if shard == "1/3" {
			name = "other"
		}
		code, out, errOut := zablab("fuzz", "--seeds", "11-22", "--shard", shard, "--results", name)
		if code != command.OK || errOut != "" || !strings.Contains(out, "4 seeds from") {
			t.Fatalf("exit %d: %s%s", code, errOut, out)
		}
	}
	other, _ := os.ReadFile("other")
	line, _, _ := strings.Cut(string(other), "\n") // a slow machine writes more than one
	if err := os.WriteFile("other", append(other, line[:len(line)/2]...), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errOut := zablab("fuzz", "report", "--json", "other", "one")
	if err := json.Unmarshal([]byte(out), &merged); err != nil || code != command.OK {
		t.Fatalf("exit %d, %v: %s%s", code, err, errOut, out)
	}
	if len(merged.Spans) != 1 || merged.Spans[0].First != "0xb" ||
		merged.Spans[0].Last != "0x16" || merged.Spans[0].Twice != 0 {
		t.Errorf("%+v", merged.Spans)
	}
	merged.Elapsed, merged.Median, whole.Median = whole.Elapsed, 0, 0
	if a, b := fmt.Sprintf("%+v", whole.JSON), fmt.Sprintf("%+v", merged.JSON); a != b {
		t.Errorf("in one go\n%s\nand merged\n%s", a, b)
	}
	if code, out, _ := zablab("fuzz", "report", "one", "other", "other"); code != command.OK ||
		!strings.Contains(out, "seeds 11 to 22 of the swarm mix") ||
		!strings.Contains(out, "4 seeds are counted twice") {
		t.Errorf("exit %d: %s", code, out)
	}
	// A failure is printed once, even if many machines found it.
	for range 2 {
		zablab("fuzz", "--seeds", "2",
			"--flaw", "newleader.ack-before-fsync", "--results", "broken")
	}
	if code, out, _ := zablab("fuzz", "report", "broken"); code != command.Broken ||
		strings.Count(out, "✗") != 1 ||
		!strings.Contains(out, "with the flaw newleader.ack-before-fsync") ||
		!strings.Contains(out, "3 more seeds fail the same check") {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestFuzzBeyond: a batch with faults beyond the model says so.
func TestFuzzBeyond(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("fuzz", "--beyond", "--seeds", "11-15")
	if errOut != "" ||
		!strings.HasPrefix(out, "--beyond includes faults that no consensus protocol can survive") ||
		code != command.Broken || !strings.Contains(out, "✗") {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
}

// TestFuzzFlaw: with a bug in every server the fuzzer reports one failure, not one per seed, and
// writes all files that explain it.
func TestFuzzFlaw(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("fuzz", "--flaw", "newleader.ack-before-fsync", "--seeds", "40")
	if code != command.Broken || errOut != "" || strings.Count(out, "✗") != 1 ||
		!strings.Contains(out, "39 more seeds fail the same check; the first of these seeds is 0x2") {
		t.Fatalf("exit %d: %s%s", code, errOut, out)
	}
	code, out, errOut = zablab("fuzz", "--flaw", "setwatches.no-compare", "--seeds", "11-11")
	if code != command.Broken || errOut != "" ||
		!strings.Contains(out, "zablab fuzz --schedule fuzz-failures/0xb/schedule") {
		t.Fatalf("exit %d: %s%s", code, errOut, out)
	}
	why, err := os.ReadFile("fuzz-failures/0xb/why.txt")
	if err != nil || !strings.Contains(string(why), "✗ witness/watches, at ") ||
		!strings.Contains(string(why), "\nWhat should have happened\n") ||
		!strings.Contains(string(why), "\nWhat led to the failure\n") {
		t.Errorf("%v: %s", err, why)
	}
	page, err := os.ReadFile("fuzz-failures/0xb/page.html")
	if err != nil || !strings.Contains(string(page), "<title>The schedule of seed 0x") {
		t.Errorf("%v: a page of %d bytes", err, len(page))
	}
	drawn, err := os.ReadFile("fuzz-failures/0xb/diagram.md")
	if err != nil || !strings.HasPrefix(string(drawn), "# witness/watches\n") ||
		strings.Count(string(drawn), ">>") < 5 {
		t.Errorf("%v: %s", err, drawn)
	}
	if _, errs := diagram.ParseStrict("diagram.md", drawn); errs != nil {
		t.Errorf("the drawing cannot be read: %v", errs)
	}
	for _, args := range [][]string{
		{"fuzz", "--schedule", "fuzz-failures/0xb/schedule", "--trace", "again"},
		{"check", "again"},
	} {
		code, out, errOut := zablab(args...)
		if code != command.Broken || errOut != "" || !strings.Contains(out, "✗ watches") ||
			!strings.Contains(out, "led there") {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errOut)
		}
	}
	kept, _ := os.ReadFile("fuzz-failures/0xb/trace.ndjson")
	if again, err := os.ReadFile("again"); err != nil || !bytes.Equal(kept, again) {
		t.Errorf("%v: the trace of the same schedule is another: %d and %d bytes",
			err, len(kept), len(again))
	}
}

func TestFlawsCommand(t *testing.T) {
	code, out, _ := zablab("flaws")
	if code != command.OK || !strings.Contains(out, "close.no-mark  ZOOKEEPER-1208") ||
		!strings.Contains(out, "54 flaws") {
		t.Errorf("exit %d: %s", code, out)
	}
	code, out, errOut := zablab("flaws", "--hunt", "newleader.ack-before-fsync")
	if code != command.OK || errOut != "" || !strings.Contains(out, "EpochCurrency") ||
		!strings.Contains(out, "With all checks, the fuzzer finds 1 of 1 flaws, in ") {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
	code, out, _ = zablab("flaws", "--hunt", "--seeds", "1", "--json", "connect.no-zxid-check")
	var doc struct{ Flaws []struct{ Found *bool } }
	err := json.Unmarshal([]byte(out), &doc)
	if err != nil || code != command.Broken || len(doc.Flaws) != 1 || *doc.Flaws[0].Found {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	code, out, errOut = zablab("flaws", "--remix", "--for", "1s", "newleader.drain-uncommitted", "owner.skip")
	if code != command.OK || !strings.Contains(out, "ZOOKEEPER-4394  newleader.drain-uncommitted  9 s") ||
		strings.Contains(out, "owner.skip") {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
	code, out, _ = zablab("flaws", "--out-of-reach")
	if code != command.OK || !strings.Contains(out, "ZOOKEEPER-4907") ||
		strings.Count(out, "out of reach: ") != len(flaw.OutOfReach()) {
		t.Errorf("exit %d: %s", code, out)
	}
	for _, args := range [][]string{
		{"flaws", "nosuch"},
		{"flaws", "--explain"},
		{"flaws", "--explain", "nosuch"},
		{"flaws", "--hunt", "--seeds", "0"},
		{"flaws", "--for", "0s"},
		{"flaws", "--out", "x"},
	} {
		code, out, errOut := zablab(args...)
		if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %q %q", args, code, out, errOut)
		}
	}
}

// The story of a flaw has its schedule, a drawing that can be read, and the verdict on the sound
// engine, which the same schedule does not break.
func TestExplainFlaw(t *testing.T) {
	code, out, errOut := zablab("flaws", "--explain", "newleader.epoch-first", "recipe.herd")
	if code != 0 {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	for _, want := range []string{"# newleader.epoch-first\n", "# recipe.herd\n",
		"ZOOKEEPER-4643", "flaw=newleader.epoch-first", "## What happens", "No check fails."} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	doc, err := diagram.Parse("story.md", []byte(out))
	if err != nil || len(doc.Diagrams) != 2 {
		t.Errorf("the drawings: %v", err)
	}
	code, out, _ = zablab("flaws", "--explain", "--json", "newleader.epoch-first")
	if code != 0 || !strings.Contains(out, `"sound": true`) {
		t.Errorf("exit %d: %s", code, out)
	}
	code, out, _ = zablab("flaws", "--explain", "--seeds", "1", "connect.no-zxid-check")
	if code != 1 || !strings.Contains(out, "Not found in 1 seed") {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestPromiseInTrace: a broken promise of a recipe is explained, and found again in its trace, which
// has the marks and the nodes.
func TestPromiseInTrace(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("fuzz", "--seeds", "13-13", "--flaw", "recipe.any-session")
	if code != command.Broken || !strings.Contains(out, "✗ StepsDown") {
		t.Fatalf("exit %d: %s%s", code, out, errOut)
	}
	why, err := os.ReadFile("fuzz-failures/0xd/why.txt")
	if err != nil || !strings.Contains(string(why), "✗ StepsDown, at ") ||
		!strings.Contains(string(why), "B is expired") {
		t.Errorf("%v: %s", err, why)
	}
	code, out, errOut = zablab("check", "fuzz-failures/0xd/trace.ndjson")
	if code != command.Broken || errOut != "" || !strings.Contains(out, "✗ StepsDown") {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
}

func TestWorkloads(t *testing.T) {
	for _, c := range []struct {
		want int
		says string
		args []string
	}{
		{command.OK, "queue            items put", []string{"--list"}},
		{command.OK, "client C queue\n", []string{"--seed", "1", "--workload", "queue"}},
		{command.OK, "client A queue locks\n", []string{"--seed", "1", "--workload",
			"queue,locks"}},
		{command.Usage, "no such workload: gossip", []string{"--workload", "gossip"}},
		{command.Usage, "leave out --workload", []string{"--workload", "locks", "--schedule",
			"x"}},
	} {
		code, out, errOut := zablab(append([]string{"fuzz"}, c.args...)...)
		if code != c.want || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%v: exit %d: %s%s", c.args, code, out, errOut)
		}
	}
}
