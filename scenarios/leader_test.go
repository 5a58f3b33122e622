package scenarios_test

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/zab"
)

// A document chooses the first leader with %% lab: leader=S2. Each server of which the servers up to
// it are a quorum can be chosen, with every seed, and leads the first epoch.
func TestLeader(t *testing.T) {
	const calls = "A->>ZK: create /x\nZK-->>A: ok\nNote over ZK: the leader crashes\n" +
		"Note over ZK: 60s pass\nA->>ZK: set /x to 1\nZK-->>A: ok\nNote over ZK: restarts\n" +
		"A->>ZK: get /x\nZK-->>A: 1\n"
	for _, c := range []struct {
		settings string
		first    zab.ID
		late     string
	}{
		{"", 3, ""},
		{"leader=S2", 2, "leader=S2: S3 starts when S2 leads"},
		{"leader=3", 3, ""},
		{"leader=S3 servers=5", 3, "leader=S3: S4 and S5 start when S3 leads"},
		{"servers=5 observers=1 leader=S4", 4, "leader=S4: S5 starts when S4 leads"},
	} {
		text := "sequenceDiagram\n"
		if c.settings != "" {
			text += "%% lab: " + c.settings + "\n"
		}
		for seed := range uint64(8) {
			r := play(t, "doc.md", text+calls, scenarios.Options{Seed: &seed})
			sound(t, r)
			d := &r.Diagrams[0]
			if reign := d.Facts.Reigns[0]; reign.Leader != c.first || reign.Epoch != 1 {
				t.Errorf("%q, seed %d: S%d led epoch %d first", c.settings, seed, reign.Leader, reign.Epoch)
			}
			if told := strings.Join(r.Notices, "\n"); c.late != "" && !strings.Contains(told, c.late) {
				t.Errorf("%q: the notices are %q", c.settings, told)
			}
			for i := range d.Arrows {
				if a := &d.Arrows[i]; a.Verdict.Wrong() {
					t.Errorf("%q, seed %d, line %d: %s: %s", c.settings, seed, a.Line, a.Verdict, a.Instead)
				}
			}
		}
	}
}

// A first leader that no election of empty servers chooses is an error of the document.
func TestLeaderImpossible(t *testing.T) {
	for settings, want := range map[string]string{
		"leader=S1":           "with servers=3, choose a leader from S2 to S3",
		"leader=S4":           "with servers=3, choose a leader from S2 to S3",
		"leader=S2 servers=4": "with servers=4, choose a leader from S3 to S4",
		"leader=A":            `"A" is not a server: write a name such as S2`,
		"leader=S0":           `"S0" is not a server: write a name such as S2`,
	} {
		doc, err := diagram.Parse("doc.md", []byte("sequenceDiagram\n%% lab: "+settings+
			"\nA->>ZK: create /x\n"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := script.Compile(doc, script.Options{}); err == nil ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", settings, err)
		}
	}
}

// A drawing of an election that the lower number wins plays as drawn with the chosen first leader.
func TestLeaderOfADrawing(t *testing.T) {
	r := play(t, "doc.md", `sequenceDiagram
%% lab: leader=S2
S1->>S2: vote for S1
S2->>S1: vote for S2
S1->>S2: vote for S2
S1->>S2: FOLLOWERINFO
S2->>S1: LEADERINFO
S1->>S2: ACKEPOCH
S2->>S1: NEWLEADER
S1->>S2: ACK
S2->>S1: UPTODATE
`, scenarios.Options{})
	for i := range r.Diagrams[0].Arrows {
		if a := &r.Diagrams[0].Arrows[i]; a.Verdict != scenarios.AsDrawn {
			t.Errorf("line %d: %s: %s", a.Line, a.Verdict, a.Instead)
		}
	}
}
