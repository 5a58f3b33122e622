package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/trace"
)

// recorded plays the chapter "the-leader-dies", and returns the file with its trace.
func recorded(t *testing.T, args ...string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "t.ndjson")
	code, _, errOut := zablab(append([]string{"replay", "--trace", name, "the-leader-dies"},
		args...)...)
	if code != command.OK {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	return name
}

var crashS3 = []string{"--fault", "at A crashes crash S3"}

// TestTraceStory: the causes of a notification lead back to the crash, and name other reasons.
func TestTraceStory(t *testing.T) {
	name := recorded(t, crashS3...)
	code, out, errOut := zablab("trace", "show", name, "--causes", "579")
	if code != command.OK {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	for _, want := range []string{
		"Why: B hears: /leader was deleted", "the watch was set here: B watches /leader on S1",
		"A's session expires",
		"last message from this client: A crashes",
		" not shown", "S3 crashes", "waiting for timers",
	} {
		at := strings.Index(out, want)
		if at < 0 {
			t.Fatalf("%q does not come, or comes too early, in\n%s", want, out)
		}
		out = out[at:]
	}
	_, out, _ = zablab("trace", "show", name, "--effects", "382", "--json")
	var doc struct{ Events []struct{ I int } }
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	if n := len(doc.Events); n != 60 || doc.Events[0].I != 382 {
		t.Errorf("%d effects", n)
	}
}

// TestTraceShow: a long trace is shown by its key moments; flags show more.
func TestTraceShow(t *testing.T) {
	name := recorded(t, crashS3...)
	for _, c := range []struct {
		args      []string
		want, not string
	}{
		{nil, "★ S2 leads: epoch 2 is established", "PROPOSAL"},
		{[]string{"--around", "6s"}, "PROPOSAL", "epoch 2 is established"},
		{[]string{"--node", "C", "--kind", "watch.fire"}, "C hears", "B hears"},
		{[]string{"--around", "461", "--lines", "1", "--state"}, " S2    leading", "PROPOSAL"},
	} {
		code, out, errOut := zablab(append([]string{"trace", "show", name}, c.args...)...)
		if code != command.OK || strings.Contains(out, c.not) || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d %s\n%s", c.args, code, errOut, out)
		}
	}
}

func TestTraceDiff(t *testing.T) {
	plain, again, dead := recorded(t), recorded(t), recorded(t, crashS3...)
	if code, out, _ := zablab("trace", "diff", plain, again); code != command.OK ||
		!strings.HasPrefix(out, "The same") {
		t.Errorf("equal runs: exit %d\n%s", code, out)
	}
	code, out, _ := zablab("trace", "diff", plain, dead)
	for _, want := range []string{
		"actions: nothing | at A crashes crash S3", "The runs diverge  at step 382", "S3 crashes",
		"S2 role",
	} {
		if code != command.Broken || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q in\n%s", code, want, out)
		}
	}
}

// TestTraceTrim: the parts of many runs, cut at many points, give the state of the whole run.
func TestTraceTrim(t *testing.T) {
	seeds := []string{"1", "2", "3", "4", "5", "6", "7", "8"}
	if testing.Short() {
		seeds = seeds[:2]
	}
	for _, seed := range seeds {
		name := recorded(t, append([]string{"--seed", seed}, crashS3...)...)
		whole := readTrace(t, name)
		for from := int64(1); from < int64(len(whole.Events)); from += 83 {
			part := filepath.Join(t.TempDir(), "p.ndjson")
			at := strconv.FormatInt(from, 10)
			code, _, errOut := zablab("trace", "trim", name,
				"--from", at, "--to", "999999", "-o", part)
			if code != command.OK {
				t.Fatalf("exit %d: %s", code, errOut)
			}
			cut := readTrace(t, part)
			a, b := trace.NewState(whole.Header.Nodes), trace.NewState(cut.Header.Nodes)
			for i := range whole.Events {
				a.Apply(&whole.Events[i])
			}
			for i := range cut.Events {
				b.Apply(&cut.Events[i])
			}
			if a.Canonical() != b.Canonical() || cut.End.Cut.From != from || !cut.Ended {
				t.Fatalf("seed %s, from %d: the whole ends as\n%s\nand the cut\n%s",
					seed, from, a.Canonical(), b.Canonical())
			}
		}
	}
}

func readTrace(t *testing.T, name string) *trace.Run {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	run, err := trace.Read(name, file)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// TestTraceErrors: an error is one line that says what to do.
func TestTraceErrors(t *testing.T) {
	name := recorded(t)
	other := file(t, "other.ndjson", "{\"schema\":\"zablab.trace/9\"}\n")
	garbage := file(t, "garbage.ndjson", "{\"schema\":oops}\n")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"show", "nosuch"},
			`read nosuch: no such file or directory: write a trace with zablab replay --trace$`},
		{[]string{"show", other}, `other.ndjson:1:1: schema "zablab.trace/9": must be zablab.trace/1`},
		{[]string{"show", garbage},
			`garbage.ndjson:1:11: header: .* write a trace with zablab replay --trace$`},
		{[]string{"show", name, "--around", "soon"},
			`--around soon: must be a time such as 1.7s, or a step such as 911$`},
		{[]string{"show", name, "--causes", "99999"},
			`--causes 99999: no such step: the trace has steps 0 to `},
		{[]string{"trim", name}, `write either --around 1.7s, or --from 380 --to 480$`},
		{[]string{"trim", name, "--from", "99999", "--to", "99999"},
			`no event within these bounds: the trace has events 0 to `},
		{[]string{"trim", name, "--around", "1s", "-o", name},
			`this is the input trace: name another file$`},
		{[]string{"diff", name, "--lines", "0", name}, `--lines 0: must be at least 1$`},
	} {
		code, out, errOut := zablab(append([]string{"trace"}, c.args...)...)
		if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 ||
			!regexp.MustCompile(c.want).MatchString(strings.TrimSpace(errOut)) {
			t.Errorf("%v: exit %d\n%s%s", c.args, code, out, errOut)
		}
	}
}
