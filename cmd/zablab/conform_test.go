package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/check"
	"github.com/zablab/zablab/cmd/zablab/command"
)

const corpus = "../../scenarios/conformance/testdata/zookeeper-3.8.0.jsonl"

func TestConform(t *testing.T) {
	code, out, errOut := zablab("conform", corpus)
	if code != command.OK || !strings.Contains(out, "no difference in 537 compared steps") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	text, err := os.ReadFile(corpus)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.jsonl")
	if err := os.WriteFile(changed,
		[]byte(strings.Replace(string(text), `"cversion":5`, `"cversion":7`, 1)),
		0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errOut = zablab("conform", changed)
	if code != command.Broken || !strings.Contains(out, "1 difference in 537 compared steps") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	code, out, _ = zablab("conform", "--json", changed)
	var j check.ConformJSON
	if err := json.Unmarshal([]byte(out), &j); err != nil || code != command.Broken ||
		len(j.Differences) != 1 || len(j.Skipped) != 0 {
		t.Errorf("exit %d, %v\n%s", code, err, out)
	}
	bad := filepath.Join(t.TempDir(), "bad.jsonl")
	if err := os.WriteFile(bad, []byte(text[:300]), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"conform", bad}, {"conform", "nowhere.jsonl"}, {"conform"}} {
		if code, out, errOut := zablab(args...); code != command.Usage || errOut == "" {
			t.Errorf("%v: exit %d\n%s%s", args, code, out, errOut)
		}
	}
}
