package fuzz

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/fuzz"
)

// TestJob: the program accepts the arguments of the Kubernetes manifest.
func TestJob(t *testing.T) {
	text, err := os.ReadFile("../fuzz-job.yaml")
	if err != nil {
		t.Fatal(err)
	}
	defined := Command().Flags()
	n := 0
	for line := range strings.Lines(string(text)) {
		arg, ok := strings.CutPrefix(strings.TrimSpace(line), "- --")
		if !ok {
			continue
		}
		n++
		name, value, _ := strings.Cut(arg, "=")
		err := defined.Set(name, strings.ReplaceAll(value, "$(JOB_COMPLETION_INDEX)", "15"))
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n < 4 {
		t.Errorf("%d arguments", n)
	}
	f := flags{seeds: "1-1000000", shard: defined.Lookup("shard").Value.String()}
	first, count, err := f.which()
	if err == nil {
		first, count, err = f.part(first, count)
	}
	if err != nil || first+uint64(count) != 1_000_001 {
		t.Errorf("the last part begins at %d and has %d: %v", first, count, err)
	}
}

// TestFailures: a failure is printed, and written to a file that can be read again.
func TestFailures(t *testing.T) {
	drawn := fuzz.Generate(3)
	least := drawn
	least.Plan = least.Plan[:1]
	b := fuzz.Batch{First: 1, Done: 3, Failures: []fuzz.Failure{{
		Seed: 3, Property: "PrefixConsistency", Text: "safety: it is\nnot so", Generated: drawn,
		Least: least, Runs: 7,
	}}}
	k := keeper{dir: filepath.Join(t.TempDir(), "deep", "failures")}
	k.found(&b.Failures[0])
	begun, err := os.ReadFile(filepath.Join(k.begun, "schedule"))
	if err != nil || !strings.Contains(string(begun), least.String()) {
		t.Errorf("before the shrinking: %v %s", err, begun)
	}
	k.keep(&b)
	files := k.schedules
	if k.err != nil || len(files) != 1 {
		t.Fatal(files, k.err)
	}
	k.found(&fuzz.Failure{Seed: 4, Generated: drawn, Least: drawn}) // like the first one
	k.keep(&b)
	if left, err := os.ReadDir(k.dir); err != nil || len(left) != 1 {
		t.Errorf("folders: %v %v", left, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	back, err := fuzz.Parse(files[0], string(text))
	if err != nil || back.String() != least.String() ||
		!strings.Contains(string(text), "# Before shrinking:") {
		t.Errorf("%v: %s", err, text)
	}
	var out strings.Builder
	printBatch(&out, &b, files, time.Second)
	for _, want := range []string{
		"✗ PrefixConsistency  seed 0x3, shrunk in 7 runs", least.Plan[0].String(),
		"zablab fuzz --schedule " + files[0], "never happened: ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	j := jsonOfBatch(&b, files, time.Second)
	if len(j.Violations) != 1 || j.Violations[0].Schedule != least.String() {
		t.Errorf("%+v", j)
	}
	unsure := fuzz.Batch{First: 1, Done: 3, Undecided: []uint64{2}}
	out.Reset()
	printBatch(&out, &unsure, nil, time.Second)
	if j := jsonOfBatch(&unsure, nil, time.Second); j.Undecided != 1 || j.Unsure[0] != "0x2" ||
		strings.Contains(out.String(), "no check failed") ||
		!strings.Contains(out.String(), "zablab fuzz --seed 0x2") {
		t.Errorf("%+v\n%s", j, out.String())
	}
	dull := fuzz.Batch{First: 1, Done: 500, Median: 300}
	out.Reset()
	if printBatch(&out, &dull, nil, time.Second); !dull.Dull() ||
		strings.Contains(out.String(), "✓ no check failed") {
		t.Errorf("a dull batch prints\n%s", out.String())
	}
	dull.Sometimes = fuzz.Sometimes{
		Elections: 1, Diffs: 1, Truncs: 1, Snaps: 1, Moved: 1, Expired: 1, Unknown: 1,
		TwoBelieved: 1, Faults: 1, Between: 1, NoQuorum: 1, Lost: 1, Outlived: 1,
		AtTrunc: 1, InSnap: 1, Election: 1, Started: 1, Lagging: 1,
	}
	if dull.Dull() {
		t.Errorf("dull, although it has seen %+v", dull.Sometimes)
	}
	if dull.Median = 99; !dull.Dull() {
		t.Error("not dull, although almost nothing succeeded in half of the runs")
	}
	k = keeper{dir: filepath.Join(files[0], "below")}
	if k.keep(&b); k.err == nil || !strings.Contains(k.err.Error(), "--out") {
		t.Errorf("below a file: %v", k.err)
	}
}

// TestEngineFlag: the command that plays a failure again selects the code that was played.
func TestEngineFlag(t *testing.T) {
	for engine, want := range map[string]string{ // order: independent
		"": "", "raft": " --engine raft", "raft@v1.7.3": " --engine raft@v1.7.3",
		"raft@../my-raft": " --engine raft --raft ../my-raft",
	} {
		if got := engineFlag(engine); got != want {
			t.Errorf("%s: %q, want %q", engine, got, want)
		}
	}
}
