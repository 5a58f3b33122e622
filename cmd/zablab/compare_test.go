package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/compare"
)

// TestCompareCommand: the same command gives the same document, to the byte, and errors have one
// line.
func TestCompareCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it measures; scenarios/compare is tested")
	}
	args := []string{"compare", "--json", "--only", "writes", "--servers", "3"}
	code, out, errOut := zablab(args...)
	var c struct {
		Guest    string `json:"guest_sha256"`
		Settings []string
		Writes   []compare.Write
	}
	if err := json.Unmarshal([]byte(out), &c); err != nil || code != command.OK || errOut != "" {
		t.Fatalf("exit %d, %v: %s%s", code, err, errOut, out)
	}
	if len(c.Writes) != 3 || c.Writes[0].Messages != 6 || c.Writes[2].Messages != 4 ||
		len(c.Guest) != 64 || len(c.Settings) == 0 {
		t.Errorf("%s", out)
	}
	if _, again, _ := zablab(args...); again != out {
		t.Errorf("the second time\n%s\nthe first\n%s", again, out)
	}
	plan := file(t, "plan", "3s crash LEADER\n5s restart S1\n5s restart S2\n5s restart S3\n")
	runs := filepath.Join(t.TempDir(), "runs")
	code, out, errOut = zablab("compare", "--plan", plan, "--servers", "3", "--out", runs)
	if code != command.OK || errOut != "" || !strings.Contains(out, "leads term 3") ||
		!strings.Contains(out, "epoch 2 is established") || strings.Count(out, "Written") != 4 {
		t.Errorf("exit %d: %s%s", code, errOut, out)
	}
	for _, engine := range []string{"zab", "raft"} {
		drawn, err := os.ReadFile(filepath.Join(runs, engine+".mmd"))
		if err != nil || strings.Count(string(drawn), ">>") < 20 {
			t.Errorf("%v: %s", err, drawn)
		}
		code, out, errOut := zablab("trace", "show", filepath.Join(runs, engine+".ndjson"))
		if code != command.OK || errOut != "" || !strings.Contains(out, "leads") {
			t.Errorf("%s: exit %d: %s%s", engine, code, errOut, out)
		}
	}
	bad := filepath.Join(t.TempDir(), "guest")
	if err := os.WriteFile(bad, []byte("no module"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"--servers", "4"}, {"--servers", "x"}, {"--seeds", "0"}, {"--only", "all"},
		{"--detect", "1ms"}, {"--guest", "nosuch"}, {"--guest", bad},
		{"--fault", "6s explode LEADER"}, {"--fault", "6s crash S9"}, {"--fault", "1s crash S1"},
		{"--fault", "6s crash S1", "--only", "writes"}, {"what"},
		{"--engine", "zookeeper", "--html", "x"}, {"--engine", "zookeeper", "--batch", "8"},
		{"--engine", "etcd"}, {"--plan", "nosuch"}, {"--plan", plan, "--only", "writes"},
		{"--plan", plan, "--seed", "x"}, {"--out", "x"},
		{"--plan", file(t, "empty", "# nothing\n")},
		{"--plan", file(t, "bad", "3s explode LEADER\n")},
	} {
		code, out, errOut := zablab(append([]string{"compare"}, args...)...)
		if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 {
			t.Errorf("%v: exit %d: %q %q", args, code, out, errOut)
		}
	}
}
