package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/cmd/zablab/command"
	fuzzing "github.com/zablab/zablab/scenarios/fuzz"
)

// TestFuzzFirst: --first stops at the first failure, and --for ends a shrinking too.
func TestFuzzFirst(t *testing.T) {
	t.Chdir(t.TempDir())
	code, out, errOut := zablab("fuzz", "--seeds", "500", "--first",
		"--flaw", "newleader.ack-before-fsync")
	if code != command.Broken || errOut != "" || strings.Count(out, "✗") != 1 ||
		strings.HasPrefix(out, "500 seeds") || strings.Contains(out, "more seed") {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
	began := time.Now()
	code, out, _ = zablab("fuzz", "--seeds", "100000", "--for", "1s", "--out", "short",
		"--flaw", "newleader.ack-before-fsync")
	if took := time.Since(began); took > 5*time.Second || code != command.Broken {
		t.Errorf("exit %d after %v: %s", code, took, out)
	}
}

// TestFuzzMute: a muted property does not fail a batch, and nothing says that it holds.
func TestFuzzMute(t *testing.T) {
	t.Chdir(t.TempDir())
	args := []string{"fuzz", "--seeds", "20", "--flaw", "recipe.herd"}
	if code, out, _ := zablab(append(args, "--first", "--for", "2s")...); code != command.Broken ||
		!strings.Contains(out, "✗ NoHerd") {
		t.Fatalf("exit %d: %s", code, out)
	}
	code, out, errOut := zablab(append(args, "--mute", "NoHerd,SharesReads,Nothing")...)
	if code != command.OK || errOut != "" || strings.Contains(out, "✓ no check failed") ||
		!strings.Contains(out, "~ NoHerd  muted: this check failed in ") ||
		strings.Contains(out, "~ NoHerd  muted: this check failed in 0") ||
		!strings.Contains(out, "~ Nothing  muted: this check failed in 0 runs") {
		t.Errorf("exit %d: %s%s", code, out, errOut)
	}
}

// TestFuzzHostile: a schedule that would take all memory is an error with file and line.
func TestFuzzHostile(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, bad := range []string{"length=100000h", "servers=99999", "tick=1us"} {
		text := "stage seed=1 servers=3 tick=200ms session-timeout=2s " + bad + "\nclient A queue\n"
		if err := os.WriteFile("bad.schedule", []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		code, out, errOut := zablab("fuzz", "--schedule", "bad.schedule")
		if code != command.Usage || out != "" ||
			!strings.HasPrefix(errOut, "zablab: bad.schedule:1") {
			t.Errorf("%s: exit %d: %s%s", bad, code, out, errOut)
		}
	}
}

// TestFuzzBaseline: a batch of the sound engine can be recorded, a batch of a flawed one cannot.
func TestFuzzBaseline(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, mix := range []string{"swarm", "common", "swarm"} {
		if code, out, errOut := zablab("fuzz", "--seeds", "11-14", "--mix", mix, "--baseline",
			"rates.json"); code != command.OK {
			t.Fatalf("exit %d: %s%s", code, out, errOut)
		}
	}
	text, err := os.ReadFile("rates.json")
	var all map[fuzzing.Mix]fuzzing.Recorded
	if err == nil {
		err = json.Unmarshal(text, &all)
	}
	if err != nil || len(all) != 2 || all[fuzzing.Swarm].Rates.Runs != 4 ||
		all[fuzzing.Swarm].Generator != fuzzing.Swarm.Generator() {
		t.Errorf("%v: %s", err, text)
	}
	code, _, errOut := zablab("fuzz", "--seeds", "2", "--flaw", "newleader.ack-before-fsync",
		"--baseline", "rates.json")
	if code != command.Usage || !strings.Contains(errOut, "a check failed, or the batch used --flaw") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}
