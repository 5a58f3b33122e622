package main

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/replay"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/etcd"
)

// needEtcd skips a test if etcd is not installed, and says what to install.
func needEtcd(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers of etcd are started")
	}
	if _, err := etcd.Find(); err != nil {
		t.Skip(err)
	}
}

// TestReplayOnEtcd: a leader dies on etcd as in the lab, the judges accept what the clients saw, with
// linearizable reads, and nothing is left.
func TestReplayOnEtcd(t *testing.T) {
	needEtcd(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	drawn := filepath.Join(temp, "real.mmd")
	code, out, errOut := zablab("replay", "--engine", "etcd", "--json", "--diagram", drawn, "03")
	if code != command.OK {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	var j replay.JSON
	if err := json.Unmarshal([]byte(out), &j); err != nil {
		t.Fatal(err)
	}
	fresh := false
	for _, d := range j.Documents[0].Diagrams {
		for _, a := range d.Arrows {
			if a.Simulated == nil || !a.Simulated.Agrees {
				t.Errorf("line %d, %s: %s, simulated %v", a.Line, a.Text, a.Verdict, a.Simulated)
			}
		}
		for _, c := range d.Checks {
			if c.Verdict != lin.Linearizable && c.Promised {
				t.Errorf("%s is %s: %s", c.Name, c.Verdict, c.Text)
			}
			fresh = fresh || c.Name == "witness/linearizable-reads" && strings.Contains(c.Text, "each read shows a state at least as new")
		}
	}
	if !fresh {
		t.Error("reads were not judged as linearizable")
	}
	// The diagram of the real run is a document that plays as drawn in the lab.
	if code, out, errOut := zablab("replay", drawn); code != command.OK ||
		!strings.Contains(out, "on real servers") {
		t.Errorf("drawn: exit %d\n%s%s", code, out, errOut)
	}
	if l, err := filepath.Glob(filepath.Join(temp, "zablab-*")); err != nil || len(l) > 0 {
		t.Errorf("left behind: %v, %v", l, err)
	}
}

// TestOtherwiseOnEtcd: the table names what differs on etcd, and what etcd lacks.
func TestOtherwiseOnEtcd(t *testing.T) {
	t.Parallel()
	needEtcd(t)
	doc := file(t, "x.md", "sequenceDiagram\n%% lab: tick=200ms session-timeout=1s\n"+
		"%% lab: fault=1h clock S1 x2\n"+
		"A->>ZK: watch /alarm\nNote over A: split A | S1 S2 S3\nNote over A: reset A S1\nB->>ZK: create /alarm\n"+
		"B->>ZK: delete /alarm\nNote over A: heal\nZK-->>A: notification — /alarm created\n"+
		"%% expect: never\nS3->>S2: PROPOSAL\nNote over S1: loses power\n")
	code, out, errOut := zablab("replay", "--engine", "etcd", doc)
	said(t, "otherwise", out+errOut, []string{
		"a session is a lease of 2.00s, not 1.00s", "clock is impossible on etcd",
		"an etcd watch misses no change", "does not record messages between servers",
		"not here: power is impossible on etcd", "· etcd",
	})
	if strings.Contains(out, "messages between servers and") || code == command.Broken {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}

// TestInterruptedOnEtcd: ^C ends a run on etcd early, with status 130, and nothing is left.
func TestInterruptedOnEtcd(t *testing.T) {
	needEtcd(t)
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	doc := file(t, "x.md", "sequenceDiagram\n%% lab: servers=1\nA->>ZK: create /x\nNote over ZK: 60s pass\n")
	ctx, cancel := context.WithCancel(t.Context())
	var out, errOut bytes.Buffer
	time.AfterFunc(time.Second, cancel)
	code := run(ctx, []string{"replay", "--engine", "etcd", doc}, &out, &errOut)
	if code != command.Interrupted {
		t.Errorf("exit %d\n%s%s", code, &out, &errOut)
	}
	if l, err := filepath.Glob(filepath.Join(temp, "zablab-*")); err != nil || len(l) > 0 {
		t.Errorf("left behind: %v, %v", l, err)
	}
}

// TestWithoutEtcd: where etcd is missing, one line says what to install.
func TestWithoutEtcd(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	code, out, errOut := zablab("replay", "--engine", "etcd", "03")
	if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 ||
		!strings.Contains(errOut, "apt-get install etcd-server") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}
