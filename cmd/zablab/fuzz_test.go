package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/fuzz"
)

func TestFuzzCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("fuzz", "--seeds", "20", "--verify", "10")
	if code != exitOK || errOut != "" || !strings.Contains(out, "20 seeds from 0x1") || !strings.Contains(out, "✓ nothing broke") {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
	code, out, _ = zablab("fuzz", "--seeds", "5-9", "--json")
	var doc jsonFuzz
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitOK || doc.Seeds != 5 || doc.First != "0x5" || doc.Sometimes["faults took effect"] == 0 {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	code, out, _ = zablab("fuzz", "--seed", "7")
	_, schedule, _ := strings.Cut(out, "Schedule\n")
	schedule, checked, _ := strings.Cut(schedule, "\nChecked")
	if code != exitOK || !strings.Contains(schedule, "stage seed=0x7 ") || !strings.Contains(checked, "✓ linearizable-writes") {
		t.Fatalf("exit %d: %s", code, out)
	}
	_, print, _ := strings.Cut(checked, "Fingerprint  ")
	name := file(t, "7.schedule", schedule)
	if code, out, errOut := zablab("fuzz", "--schedule", name); code != exitOK || !strings.HasSuffix(out, "Fingerprint  "+print) {
		t.Errorf("played from its file: exit %d: %s%s", code, errOut, out)
	}
	if _, err := os.Stat("fuzz-failures"); err == nil {
		t.Error("a folder for failures, and there is none")
	}
	for _, args := range [][]string{{"--seeds", "0"}, {"--seeds", "9-5"}, {"--seeds", "many"}, {"--seed", "x"}, {"--workers", "-1"},
		{"--schedule", "nosuch"}, {"--flaw", "nosuch"}, {"--mix", "nosuch"}, {"--mix", "common", "--beyond"}, {"--shard", "3/3"}, {"--shard", "x"},
		{"--seeds", "3", "--shard", "0/4"}, {"--results", "no/such/folder"}, {"report"}, {"report", "nosuch"}, {"report", file(t, "empty", "")},
		{"report", file(t, "none", "{\"seeds\":1}\n")}, {"report", file(t, "newer", `{"schema":"zablab.fuzz/2"}`)}, {"--trace", "t"}, {"--seed", "7", "--schedule", name}, {"--seed", "7", "--trace", "no/such/folder"}, {"--schedule", file(t, "bad", "stage seed=1\nclient Q")}, {"what"}} {
		if code, out, errOut := zablab(append([]string{"fuzz"}, args...)...); code != exitUsage || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %q %q", args, code, out, errOut)
		}
	}
}

// TestFuzzShards: the parts of some seeds, in one file or in several, are together what they are in one go; a line
// that was cut short does no harm.
func TestFuzzShards(t *testing.T) {
	t.Chdir(t.TempDir())
	_, out, _ := zablab("fuzz", "--seeds", "11-22", "--json")
	var whole, merged struct {
		jsonFuzz
		Spans []jsonSpan `json:"spans"`
	}
	if err := json.Unmarshal([]byte(out), &whole); err != nil {
		t.Fatal(err)
	}
	for _, shard := range []string{"2/3", "0/3", "1/3"} {
		name := "one"
		if shard == "1/3" {
			name = "other"
		}
		if code, out, errOut := zablab("fuzz", "--seeds", "11-22", "--shard", shard, "--results", name); code != exitOK || errOut != "" || !strings.Contains(out, "4 seeds from") {
			t.Fatalf("exit %d: %s%s", code, errOut, out)
		}
	}
	other, _ := os.ReadFile("other")
	if err := os.WriteFile("other", append(other, other[:len(other)/2]...), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, errOut := zablab("fuzz", "report", "--json", "other", "one")
	if err := json.Unmarshal([]byte(out), &merged); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v: %s%s", code, err, errOut, out)
	}
	if len(merged.Spans) != 1 || merged.Spans[0].First != "0xb" || merged.Spans[0].Last != "0x16" || merged.Spans[0].Twice != 0 {
		t.Errorf("%+v", merged.Spans)
	}
	merged.Elapsed, merged.Median, whole.Median = whole.Elapsed, 0, 0
	if a, b := fmt.Sprintf("%+v", whole.jsonFuzz), fmt.Sprintf("%+v", merged.jsonFuzz); a != b {
		t.Errorf("in one go\n%s\nand merged\n%s", a, b)
	}
	if code, out, _ := zablab("fuzz", "report", "one", "other", "other"); code != exitOK || !strings.Contains(out, "seeds 11 to 22 of the swarm mix") ||
		!strings.Contains(out, "4 seeds are counted twice") {
		t.Errorf("exit %d: %s", code, out)
	}
	// A failure is told once, however many machines met it.
	for range 2 {
		zablab("fuzz", "--seeds", "2", "--flaw", "newleader.ack-before-fsync", "--results", "broken")
	}
	if code, out, _ := zablab("fuzz", "report", "broken"); code != exitBroken || strings.Count(out, "✗") != 1 ||
		!strings.Contains(out, "with the flaw newleader.ack-before-fsync") || !strings.Contains(out, "and so did 3 seeds more") {
		t.Errorf("exit %d: %s", code, out)
	}
}

// TestFuzzJob: what the manifest has the program do it can do.
func TestFuzzJob(t *testing.T) {
	text, err := os.ReadFile("fuzz-job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	flags := newFuzz().Flags()
	n := 0
	for line := range strings.Lines(string(text)) {
		arg, ok := strings.CutPrefix(strings.TrimSpace(line), "- --")
		if !ok {
			continue
		}
		n++
		name, value, _ := strings.Cut(arg, "=")
		if err := flags.Set(name, strings.ReplaceAll(value, "$(JOB_COMPLETION_INDEX)", "15")); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n < 4 {
		t.Errorf("%d arguments", n)
	}
	f := fuzzFlags{seeds: "1-1000000", shard: flags.Lookup("shard").Value.String()}
	first, count, err := f.which()
	if err == nil {
		first, count, err = f.part(first, count)
	}
	if err != nil || first+uint64(count) != 1_000_001 {
		t.Errorf("the last part begins at %d and has %d: %v", first, count, err)
	}
}

// TestFuzzBeyond: who leaves the atlas is told so.
func TestFuzzBeyond(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("fuzz", "--beyond", "--seeds", "11-15")
	if errOut != "" || !strings.HasPrefix(out, "beyond: with faults that nothing of this sort promises to survive") || code != exitBroken || !strings.Contains(out, "✗") {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
}

// TestFuzzFlaw: with a bug in every server the fuzzer finds one failure, not one for each seed, and keeps
// all that a person needs to follow it.
func TestFuzzFlaw(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("fuzz", "--flaw", "newleader.ack-before-fsync", "--seeds", "40")
	if code != exitBroken || errOut != "" || strings.Count(out, "✗") != 1 || !strings.Contains(out, "and so did 39 seeds more, 0x2 the first") {
		t.Fatalf("exit %d: %s%s", code, errOut, out)
	}
	code, out, errOut = zablab("fuzz", "--flaw", "setwatches.no-compare", "--seeds", "8")
	if code != exitBroken || errOut != "" || !strings.Contains(out, "zablab fuzz --schedule fuzz-failures/0x8/schedule") {
		t.Fatalf("exit %d: %s%s", code, errOut, out)
	}
	why, err := os.ReadFile("fuzz-failures/0x8/why.txt")
	if err != nil || !strings.Contains(string(why), "✗ watches") || !strings.Contains(string(why), "led there") {
		t.Errorf("%v: %s", err, why)
	}
	drawn, err := os.ReadFile("fuzz-failures/0x8/diagram.md")
	if err != nil || !strings.HasPrefix(string(drawn), "# witness/watches\n") || strings.Count(string(drawn), ">>") < 5 {
		t.Errorf("%v: %s", err, drawn)
	}
	if _, errs := diagram.Parse("diagram.md", drawn); errs != nil {
		t.Errorf("the drawing cannot be read: %v", errs)
	}
	for _, args := range [][]string{{"fuzz", "--schedule", "fuzz-failures/0x8/schedule", "--trace", "again"}, {"check", "again"}} {
		if code, out, errOut := zablab(args...); code != exitBroken || errOut != "" || !strings.Contains(out, "✗ watches") || !strings.Contains(out, "led there") {
			t.Errorf("%v: exit %d: %s%s", args, code, out, errOut)
		}
	}
	kept, _ := os.ReadFile("fuzz-failures/0x8/trace.ndjson")
	if again, err := os.ReadFile("again"); err != nil || !bytes.Equal(kept, again) {
		t.Errorf("%v: the trace of the same schedule is another: %d and %d bytes", err, len(kept), len(again))
	}
}

// TestFuzzFailures: what breaks is told, and kept as a file that can be read.
func TestFuzzFailures(t *testing.T) {
	drawn := fuzz.Generate(3)
	least := drawn
	least.Plan = least.Plan[:1]
	b := fuzz.Batch{First: 1, Done: 3, Failures: []fuzz.Failure{{
		Seed: 3, Property: "PrefixConsistency", Text: "safety: it is\nnot so", Generated: drawn, Least: least, Runs: 7,
	}}}
	f := fuzzFlags{out: filepath.Join(t.TempDir(), "deep", "failures")}
	files, err := f.keep(&b)
	if err != nil || len(files) != 1 {
		t.Fatal(files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	back, err := fuzz.Parse(files[0], string(text))
	if err != nil || back.String() != least.String() || !strings.Contains(string(text), "# As it was drawn:") {
		t.Errorf("%v: %s", err, text)
	}
	var out strings.Builder
	printFuzz(&out, &b, files, time.Second)
	for _, want := range []string{"✗ PrefixConsistency  seed 0x3, shrunk in 7 runs", least.Plan[0].String(), "zablab fuzz --schedule " + files[0], "never seen: "} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if j := jsonOfFuzz(&b, files, time.Second); len(j.Violations) != 1 || j.Violations[0].Schedule != least.String() {
		t.Errorf("%+v", j)
	}
	unsure := fuzz.Batch{First: 1, Done: 3, Undecided: []uint64{2}}
	out.Reset()
	printFuzz(&out, &unsure, nil, time.Second)
	if j := jsonOfFuzz(&unsure, nil, time.Second); j.Undecided != 1 || j.Unsure[0] != "0x2" || strings.Contains(out.String(), "nothing broke") ||
		!strings.Contains(out.String(), "zablab fuzz --seed 0x2") {
		t.Errorf("%+v\n%s", j, out.String())
	}
	dull := fuzz.Batch{First: 1, Done: 500, Median: 300}
	out.Reset()
	if printFuzz(&out, &dull, nil, time.Second); !dull.Dull() || strings.Contains(out.String(), "✓ nothing broke") {
		t.Errorf("of a dull batch it says\n%s", out.String())
	}
	dull.Sometimes = fuzz.Sometimes{Elections: 1, Diffs: 1, Truncs: 1, Snaps: 1, Moved: 1, Expired: 1, Unknown: 1, TwoBelieved: 1, Faults: 1,
		Between: 1, NoQuorum: 1, Lost: 1}
	if dull.Dull() {
		t.Errorf("dull, and it has seen %+v", dull.Sometimes)
	}
	if dull.Median = 99; !dull.Dull() {
		t.Error("not dull, and in half of the runs next to nothing succeeded")
	}
	f.out = filepath.Join(files[0], "below")
	if _, err := f.keep(&b); err == nil || !strings.Contains(err.Error(), "--out") {
		t.Errorf("below a file: %v", err)
	}
}

func TestFlawsCommand(t *testing.T) {
	code, out, _ := zablab("flaws")
	if code != exitOK || !strings.Contains(out, "close.no-mark  ZOOKEEPER-1208") || !strings.Contains(out, "35 flaws") {
		t.Errorf("exit %d: %s", code, out)
	}
	code, out, errOut := zablab("flaws", "--hunt", "setwatches.no-compare")
	if code != exitOK || errOut != "" || !strings.Contains(out, "witness/watches") || !strings.Contains(out, "1 of 1 found by all checks, in ") {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
	code, out, _ = zablab("flaws", "--hunt", "--seeds", "1", "--json", "connect.no-zxid-check")
	var doc struct{ Flaws []jsonFlaw }
	if err := json.Unmarshal([]byte(out), &doc); err != nil || code != exitBroken || len(doc.Flaws) != 1 || *doc.Flaws[0].Found {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
	for _, args := range [][]string{{"flaws", "nosuch"}, {"flaws", "--hunt", "--seeds", "0"}, {"flaws", "--for", "0s"}, {"flaws", "--out", "x"}} {
		if code, out, errOut := zablab(args...); code != exitUsage || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %q %q", args, code, out, errOut)
		}
	}
}
