package scenarios_test

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
)

// lies are drawings that agree with their runs, each with a false line to put in place of a true
// one. A false line must never be as drawn.
var lies = []struct{ doc, line, lie string }{
	{contentsHold, "PROPOSAL(zxid=0x500000001, create /a)", "PROPOSAL(zxid=0x500000003, create /a)"},
	{contentsHold, "PROPOSAL(zxid=0x500000001, create /a)", "PROPOSAL(zxid=0x500000001, create /b)"},
	{contentsHold, "PROPOSAL(zxid=0x500000001, create /a)", "PROPOSAL(zxid=0x500000001, delete /a)"},
	{contentsHold, "ACK(0x500000001)", "ACK(0x500000007)"},
	{contentsHold, "COMMIT 1/2", "COMMIT 2/2"},
	{contentsHold, "COMMIT 1/2", "COMMIT 1/9"},
	{contentsHold, "COMMIT zxid (5,2)", "COMMIT zxid (4,2)"},
	{contentsHold, "COMMIT zxid (5,2)", "COMMIT zxid (5,7)"},
	{votesHold, "vote for S3", "vote for S1"},
	{votesHold, "Vote(leader=3, zxid=0x0)", "Vote(leader=1, zxid=0x0)"},
	{votesHold, "Vote(leader=3, zxid=0x0)", "Vote(leader=3, zxid=0x4)"},
	{votesHold, "vote (3, 0, epoch=0)", "vote (3, 0, epoch=2)"},
	{votesHold, "vote (3, 0, round=1)", "vote (3, 0, round=5)"},
	{answersHold, `ZK-->>A: "7"`, `ZK-->>A: "8"`},
	{answersHold, "ZK-->>A: 7", "ZK-->>A: 70"},
	{answersHold, "ok, version 1", "ok, version 2"},
	{answersHold, "[n-0001, n-0002]", "[n-0001, n-0003]"},
	{answersHold, "[n-0001, n-0002]", "[n-0001]"},
	{answersHold, "[n-0001, n-0002]", "[n-0001, n-0002, n-0003]"},
	{answersHold, "[n-0001, n-0002]", "[]"},
	{answersHold, "created /q/n-0002", "created /q/n-0001"},
	{answersHold, "created /q/n-0002", "created /q/n-0000"},
	{answersHold, "created /q/n-0002", "created /q/m-0002"},
	{answersHold, "event: /q/n-0001 deleted", "event: /q/n-0002 deleted"},
	{answersHold, "event: /q/n-0001 deleted", "event: /q/n-0001 changed"},
	{answersHold, "failed — node exists", "failed — no node"},
	{answersHold, "failed — node exists", "created"},
	{answersHold, "failed — bad version", "ok"},
	{answersHold, "ZK-->>B: yes", "ZK-->>B: no"},
	{answersHold, "Note over ZK: deletes /e", "Note over ZK: deletes /a"},
}

const contentsHold = `sequenceDiagram
C->>S3: create /a
S3->>S1: PROPOSAL(zxid=0x500000001, create /a)
S1->>S3: ACK(0x500000001)
S3->>S1: COMMIT 1/2
S3-->>C: ok
C->>S3: set /a to 1
S3->>S2: PROPOSAL 1/3 set /a
S3->>S2: COMMIT zxid (5,2)
S3-->>C: ok
`

const votesHold = `sequenceDiagram
%% lab: seed=1
S3->>S2: vote for S3
S2->>S3: Vote(leader=3, zxid=0x0)
S1->>S3: vote (3, 0, epoch=0)
S1->>S2: vote (3, 0, round=1)
`

const answersHold = `sequenceDiagram
A->>ZK: create /a = 7
ZK-->>A: ok
A->>ZK: get /a
ZK-->>A: "7"
A->>ZK: get /a
ZK-->>A: 7
A->>ZK: set /a to 8
ZK-->>A: ok, version 1
A->>ZK: set /a to 9 (version 0)
ZK-->>A: failed — bad version
A->>ZK: create /a
ZK-->>A: failed — node exists
A->>ZK: create /q/n- (sequential)
ZK-->>A: created /q/n-0001
B->>ZK: create /q/n- (sequential)
ZK-->>B: created /q/n-0002
B->>ZK: children /q
ZK-->>B: [n-0001, n-0002]
B->>ZK: watch /q/n-0001
A->>ZK: delete /q/n-0001
ZK-->>B: event: /q/n-0001 deleted
A->>ZK: create /e (ephemeral)
B->>ZK: exists /e
ZK-->>B: yes
Note over A: crashes
Note over ZK: deletes /e
`

func TestLies(t *testing.T) {
	for _, doc := range []string{contentsHold, votesHold, answersHold} {
		r := play(t, "holds.md", doc, scenarios.Options{})
		for _, a := range r.Diagrams[0].Arrows {
			if a.Verdict.Wrong() {
				t.Errorf("line %d: %s is %s: %s", a.Line, a.Text, a.Verdict, a.Instead)
			}
		}
	}
	for _, l := range lies {
		t.Run(strings.ReplaceAll(l.lie, "/", "|"), func(t *testing.T) {
			text := strings.Replace(l.doc, l.line, l.lie, 1)
			if text == l.doc {
				t.Fatalf("no %q in the drawing", l.line)
			}
			before, _, _ := strings.Cut(l.doc, l.line)
			line := 1 + strings.Count(before, "\n")
			r, err := try("lie.md", text, scenarios.Options{})
			if err != nil {
				return // refused
			}
			for _, a := range r.Diagrams[0].Arrows {
				if a.Line == line && !a.Verdict.Wrong() {
					t.Errorf("line %d: %s is %s %s", line, a.Text, a.Verdict, a.Answer)
				}
				if a.Verdict == scenarios.Never && a.Instead == "" {
					t.Errorf("line %d: %s is never, without a reason", a.Line, a.Text)
				}
			}
		})
	}
}
