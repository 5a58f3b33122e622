package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/replay"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// needZooKeeper skips a test if Apache ZooKeeper is not installed, and says what to install.
func needZooKeeper(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: no servers of Apache ZooKeeper are started")
	}
	if _, err := apache.Find(); err != nil {
		t.Skip(err)
	}
}

// tutorial has the two drawings of the tutorial, with short timeouts; between them the leader of
// the servers is crashed.
const tutorial = `
sequenceDiagram
%% lab: tick=200ms session-timeout=2s
participant A as App Server A
participant B as App Server B
participant C as App Server C
participant ZK as ZooKeeper
A->>ZK: create /leader (ephemeral)
B->>ZK: create /leader (ephemeral)
C->>ZK: create /leader (ephemeral)
ZK-->>A: success — you are leader
ZK-->>B: failed — /leader already exists
ZK-->>C: failed — /leader already exists
Note over ZK: the leader crashes
Note over ZK: elects a new leader
B->>ZK: watch /leader (notify me when it's gone)
C->>ZK: watch /leader (notify me when it's gone)
Note over ZK: restarts

sequenceDiagram
participant A as App Server A (leader)
participant B as App Server B
participant C as App Server C
participant ZK as ZooKeeper
A->>ZK: TCP connection alive (= still leader)
Note over A: Crashes ✗
Note over A: loses its disk
Note over ZK: TCP drops → deletes /leader automatically
ZK-->>B: notification — /leader is gone
ZK-->>C: notification — /leader is gone
B->>ZK: create /leader (ephemeral)
C->>ZK: create /leader (ephemeral)
ZK-->>B: success — B is new leader
ZK-->>C: failed — /leader already exists
C->>ZK: watch /leader again
`

// TestReplayOnZooKeeper: a real leader is killed during the election of the tutorial, and the
// judges accept what the clients saw.
func TestReplayOnZooKeeper(t *testing.T) {
	t.Parallel()
	needZooKeeper(t)
	doc := file(t, "tutorial.txt",
		strings.Replace(tutorial, "Note over A: loses its disk\n", "", 1))
	drawn := filepath.Join(t.TempDir(), "real.mmd")
	code, out, errOut := zablab("replay",
		"--engine", "zookeeper", "--json", "--diagram", drawn, doc)
	if code != command.OK {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	var j replay.JSON
	if err := json.Unmarshal([]byte(out), &j); err != nil {
		t.Fatal(err)
	}
	ops := 0
	for _, d := range j.Documents[0].Diagrams {
		for _, a := range d.Arrows {
			if a.Simulated == nil || a.Verdict.Wrong() {
				t.Errorf("line %d, %s: %s, simulated %v", a.Line, a.Text, a.Verdict, a.Simulated)
			}
			if a.Kind == script.Call {
				ops++
			}
		}
		for _, c := range d.Checks {
			if c.Verdict != lin.Linearizable && c.Promised {
				t.Errorf("%s is %s: %s", c.Name, c.Verdict, c.Text)
			}
			if c.Name == judge.CheckWrites && strings.HasPrefix(c.Text, "nothing") {
				t.Error("nothing was judged")
			}
		}
	}
	// The diagram of the real run is a document that plays as drawn in the lab, if the real servers
	// elected S3 first, as the lab does: a document cannot choose the first leader. Otherwise the crash
	// of that leader is the crash of a follower in the lab, and one arrow never happens: the election.
	reigns := j.Documents[0].Diagrams[1].Reigns
	want, never := command.OK, 0
	if first := j.Documents[0].Diagrams[0].Reigns; len(first) == 0 || first[0].Server != "S3" {
		want, never = command.Surprise, 1
	}
	if code, out, errOut := zablab("replay", drawn); code != want ||
		strings.Count(out, "✗") != never || !strings.Contains(out, "on real servers") ||
		!strings.Contains(out, "crash S") {
		t.Errorf("drawn, after %v: exit %d\n%s%s", reigns, code, out, errOut)
	}
	if ops != 8 || len(reigns) == 0 || reigns[len(reigns)-1].Epoch < 2 {
		t.Errorf("%d calls, reigns %v: want 8, and a second epoch", ops, reigns)
	}
}

// TestStoryOnZooKeeper: the steps that a search has found are taken on real servers; a state that
// these cannot be held in is not claimed.
func TestStoryOnZooKeeper(t *testing.T) {
	t.Parallel()
	needZooKeeper(t)
	for _, c := range []struct {
		goal string
		code int
		want string
	}{
		{"S1 current 2 and S3 down and not SOME syncing", command.OK,
			"✓ The lab made 11 steps on servers of Apache ZooKeeper"},
		{"S3 accepted 0 and S3 syncing", command.Undecided, "this state was not reached."},
	} {
		doc := filepath.Join(t.TempDir(), "story.md")
		if code, out, errOut := zablab("explore", "crash", "--reach", c.goal, "-o", doc); code != command.OK {
			t.Fatalf("explore: exit %d\n%s%s", code, out, errOut)
		}
		code, out, errOut := zablab("replay", "--engine", "zookeeper", doc)
		if code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%s: exit %d\n%s%s", c.goal, code, out, errOut)
		}
		code, out, errOut = zablab("replay", "--engine", "zookeeper", "--json", doc)
		if same := strings.Contains(out, `"same": true`); code != c.code || same != (code == command.OK) {
			t.Errorf("%s, JSON: exit %d\n%s%s", c.goal, code, out, errOut)
		}
	}
}

// TestPacketsOnZooKeeper: messages between real servers are compared with the drawing too.
func TestPacketsOnZooKeeper(t *testing.T) {
	t.Parallel()
	needZooKeeper(t)
	doc := file(t, "x.md",
		"sequenceDiagram\n%% lab: tick=200ms session-timeout=2s\nS2->>S3: FOLLOWERINFO 0/0\n"+
			"S3->>S2: LEADERINFO 1/0\nS3->>S2: NEWLEADER 1/0\n"+
			"A->>S3: create /x\nS3->>S1: PROPOSAL 1/2 create /x\nS1->>S3: ACK 1/2\nZK-->>A: ok\n")
	drawn, page := filepath.Join(t.TempDir(), "real.mmd"), filepath.Join(t.TempDir(), "real.html")
	code, out, errOut := zablab("replay", "--engine", "zookeeper", "--diagram", drawn,
		"--depth", "server", "--porcupine", page, doc)
	if strings.Count(out, "S3 led epoch 1") != 1 {
		t.Skip("by chance, another server than S3 was elected first")
	}
	if code != command.OK ||
		!strings.Contains(out, "7 arrows and notes agree with the simulated run, 0 differ") ||
		!strings.Contains(out, "PROPOSAL 4") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	for name, words := range map[string][]string{
		drawn: {"S3->>S1: vote for S3", "S2->>S3: FOLLOWERINFO", "becomes leader of epoch 1",
			"A->>S3: create /x", "S3->>S1: PROPOSAL 1/2 create /x", "S3-->>A: success"},
		page: {"S3 leads"},
	} {
		text, err := os.ReadFile(name)
		for _, w := range words {
			if err != nil || !strings.Contains(string(text), w) {
				t.Errorf("%s in %s: %v\n%s", w, name, err, text)
			}
		}
	}
}

// TestBookOnZooKeeper: a chapter has the same verdicts on a real ensemble as on the simulated one.
func TestBookOnZooKeeper(t *testing.T) {
	t.Parallel()
	needZooKeeper(t)
	code, out, errOut := zablab("replay", "--engine", "zookeeper", "06")
	if code != command.OK ||
		!strings.Contains(out,
			"47 arrows and notes agree with the simulated run, 0 differ, 0 cannot be played on these servers") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}

// TestNotHere: an arrow that is impossible on real servers is named, in the table and in JSON, and
// is not a failure.
func TestNotHere(t *testing.T) {
	t.Parallel()
	needZooKeeper(t)
	doc := file(t, "x.md",
		"sequenceDiagram\n%% lab: servers=1 tick=200ms session-timeout=1s expiry=disconnect\n"+
			"A->>ZK: create /x\nNote over S1: loses power\nZK-->>A: ok\nS1->>S1: hello\n")
	code, out, errOut := zablab("replay", "--engine", "zookeeper", doc)
	for _, want := range []string{
		"not here: power is impossible on real servers", "expiry=disconnect is impossible on real servers",
		"1 cannot be played on these servers",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("exit %d, %q is missing in\n%s%s", code, want, out, errOut)
		}
	}
	if code != command.OK {
		t.Errorf("exit %d", code)
	}
}

// TestConnect: a running ensemble is used without changes to its servers.
func TestConnect(t *testing.T) {
	t.Parallel()
	needZooKeeper(t)
	e, err := apache.Start(t.Context(),
		apache.Config{Stage: engine.Stage{Servers: 1, Tick: 200 * sim.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	doc := file(t, "x.md", "sequenceDiagram\n%% lab: servers=1 tick=200ms session-timeout=4s\n"+
		"A->>ZK: create /x (ephemeral)\nZK-->>A: ok\nB->>ZK: watch /x\nNote over ZK: "+
		"the leader crashes\nA->>ZK: delete /x\nZK-->>B: notification — /x is gone\n")
	code, out, errOut := zablab("replay", "--engine", "zookeeper", "--connect", e.Address(1), doc)
	if code != command.OK || !strings.Contains(out, "the lab did not start these servers") || !e.Up(1) {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}

// TestInterruptedOnZooKeeper: ^C ends a real run early, with status 130.
func TestInterruptedOnZooKeeper(t *testing.T) {
	needZooKeeper(t)
	doc := file(t, "x.md",
		"sequenceDiagram\n%% lab: servers=1 tick=200ms session-timeout=1s\nA->>ZK: create /x\n"+
			"Note over ZK: 60s pass\n")
	ctx, cancel := context.WithCancel(t.Context())
	var out, errOut bytes.Buffer
	done := make(chan int)
	go func() {
		done <- run(ctx, []string{"replay", "--engine", "zookeeper", doc}, &out, &errOut)
	}()
	time.AfterFunc(2*time.Second, cancel)
	select {
	case code := <-done:
		if code != command.Interrupted {
			t.Errorf("exit %d\n%s%s", code, &out, &errOut)
		}
	case <-time.After(20 * time.Second):
		t.Error("it does not stop")
	}
}

func TestEngineFlags(t *testing.T) {
	for _, x := range []struct{ args, want string }{
		{"replay --engine consul 03", "must be lab, zookeeper or etcd"},
		{"replay --engine etcd --connect localhost:2379 03", "--connect works only with --engine zookeeper"},
		{"replay --connect localhost:2181 03", "add --engine zookeeper"},
		{"replay --engine zookeeper --seeds 3 03", "--seeds: this flag does not apply to real servers"},
		{"replay --engine zookeeper --connect localhost 03", "write host:port"},
		{"replay --engine zookeeper --connect 127.0.0.1:9 03", "no server answers"},
		{"replay --engine zookeeper --until 3s 03", "--until: this flag does not apply to real servers"},
		{"replay --engine zookeeper --longest-wait soon 03", "must be a duration"},
		{"replay --longest-wait 3s 03", "add --engine zookeeper"},
		{"compare --engine etcd", "must be raft, etcd-raft or zookeeper"},
		{"compare --engine zookeeper --detect 2s", "does not apply to --engine zookeeper"},
	} {
		code, _, errOut := zablab(strings.Fields(x.args)...)
		if code != command.Usage || !strings.Contains(errOut, x.want) {
			t.Errorf("%s: exit %d, %s; want %s", x.args, code, errOut, x.want)
		}
	}
	if _, err := apache.Find(); err != nil && runtime.GOOS == "linux" &&
		!errors.Is(err, apache.ErrMissing) {
		t.Errorf("%v does not name the package", err)
	}
}

// TestTimedOnZooKeeper: faults and calls at a time are played on real servers, counted from the
// moment at which these are up. What real servers cannot have is refused, each with its line.
func TestTimedOnZooKeeper(t *testing.T) {
	t.Parallel()
	needZooKeeper(t)
	doc := file(t, "x.md", "sequenceDiagram\n%% lab: tick=200ms session-timeout=1s\n"+
		"%% lab: fault=2s crash A\n%% lab: fault=2.1s power S1\n%% lab: fault=2.2s clock B x1.2\n"+
		"%% lab: fault=at S2 boots crash S2\n%% lab: call=3s B create /x\n"+
		"%% lab: call=3.2s A create /y\n%% lab: fault=4s restart A\n%% lab: fault=1h crash B\n"+
		"A->>ZK: create /a (ephemeral)\nZK-->>A: ok\nNote over ZK: 4s pass\n"+
		"B->>ZK: exists /x\nZK-->>B: yes\nB->>ZK: exists /y\nZK-->>B: no\n"+
		"B->>ZK: exists /a\nZK-->>B: no\n")
	code, out, errOut := zablab("replay", "--engine", "zookeeper", doc)
	said(t, "timed", out+errOut, []string{
		"crash A (2.00s after the servers were up)", "restart A (4.00s after the servers were up)",
		"call of B: create /x (3.00s after", "call of A: create /y (no effect: client A is down",
		"crash B (no effect: the run ended earlier)",
		"not here: line 4: 2.100s power S1: power is impossible on real servers",
		"not here: line 5: 2.200s clock B x1.2: clock of a client is impossible on real servers",
		"not here: line 6: at S2 boots crash S2: a fault at an event is impossible on real servers",
		"3 cannot be played on these servers",
	})
	if code != command.OK {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	doc = file(t, "y.md", "sequenceDiagram\n%% lab: fault=1s crash Z\nA->>ZK: create /a\n")
	code, out, errOut = zablab("replay", "--engine", "zookeeper", doc)
	if code != command.Usage || !strings.Contains(errOut, "y.md:2:9: ") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
}
