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
	{contextHolds, "ZK-->>A: session expired", "ZK-->>A: ack"},
	{contextHolds, "Note over B: node exists", "Note over B: Lock acquired!"},
	{contextHolds, "DB-->>B: accepted", "DB-->>B: rejected"},
	{contextHolds, "ZK->>ZK: session expires, n-0001 is deleted", "ZK->>ZK: session expires, /old is deleted"},
	{statesHold, "Note over S1: state FOLLOWING", "Note over S1: state LEADING"},
	{statesHold, "Note over S1,S3: S3 is the leader", "Note over S1,S3: S2 is the leader"},
	{statesHold, "Note over S1,S2: FOLLOWING", "Note over S2,S3: FOLLOWING"},
	{statesHold, "ACK vote for S3", "ACK vote for S1"},
	{statesHold, "DIFF/TRUNC", "TRUNC/SNAP"},
	{statesHold, "ack(acceptedEpoch, lastZxid)", "become follower"},
	{countsHold, "ACK(zxid=42)", "ACK(zxid=43)"},
	{countsHold, "COMMIT(zxid=42)", "COMMIT(zxid=41)"},
	{countsHold, "PROPOSAL(zxid=43)", "PROPOSAL(zxid=42)"},
	{countsHold, "ACK 43", "ACK 44"},
	{countsHold, "DIFF/SNAP", "TRUNC/SNAP"},
	{historiesHold, "S3->>S1: Vote(S3, zxid=6)", "S3->>S1: Vote(S3, zxid=60000)"},
	{historiesHold, "S1->>S2: Vote(S3, zxid=6)", "S1->>S2: Vote(S3, zxid=5)"},
	{historiesHold, "S1->>S2: Vote(S3, zxid=6)", "S1->>S2: Vote(S2, zxid=4)"},
	{historiesHold, "S2->>S3: Vote(S3, zxid=6)", "S2->>S3: Vote(S3, zxid=6, epoch=2)"},
	{impliedHold, "ZK->>B: /leader is gone", "ZK->>B: /leader changed"},
	{impliedHold, "ZK->>B: /leader is gone", "ZK->>B: /other is gone"},
	{impliedHold, "ZK->>W: children of /jobs changed", "ZK->>W: children of /jobs/1 changed"},
	{impliedHold, "ZK->>W: children of /jobs changed", "ZK->>W: event: /jobs deleted"},
	{impliedHold, "ZK-->>B: you are leader", "ZK-->>B: [node-2]"},
	{impliedHold, "ZK-->>C: [node-1, node-2, ...]", "ZK-->>C: [node-2, node-3, ...]"},
	{impliedHold, "ZK-->>C: [node-1, node-2, ...]", "ZK-->>C: [node-1, node-2, node-3, ...]"},
	{impliedHold, "ZK-->>C: ok", "ZK-->>C: you are leader"},
	{impliedHold, "ZK-->>C: node exists", "ZK-->>C: created"},
	{wordsHold, "created ephemeral node", "created (not ephemeral)"},
	{wordsHold, "created ephemeral node", "created persistent node"},
	{wordsHold, "no node, watch set", "no node, watch not set"},
	{wordsHold, "created (not ephemeral)", "created (ephemeral)"},
	{wordsHold, "created (not ephemeral)", "created (sequential)"},
	{wordsHold, "ok, v1", "ok, v2"},
	{wordsHold, "failed — bad version", "ok"},
	{wordsHold, "ZK--xW: /t1 changed", "ZK--xW: /t1 deleted"},
	{wordsHold, "ZK--xW: /t1 changed", "ZK--xW: /t2 changed"},
	{wordsHold, "ZK--xW: /t1 changed", "ZK--xU: /t1 changed"},
	{wordsHold, "the session of B survives", "the session of B expires"},
	{wordsHold, "D's session expires", "D's session does NOT expire"},
	{wordsHold, "D's session expires", "after 10s D's session has not expired"},
	{wordsHold, "D's session expires", "D's session survives"},
	{answererHolds, "F1-->>C: ok", "F2-->>C: ok"},
	{answererHolds, "F1-->>C: created", "L-->>C: created"},
	{answererHolds, "F1->>C: /x changed", "F2->>C: /x changed"},
	{answererHolds, "L->>O: INFORM", "L->>O: PROPOSAL"},
	{answererHolds, "L->>F1: COMMIT", "F1->>L: COMMIT"},
	{denialsHold, "Note over ZK: the session of A does not expire", "Note over ZK: the session of A expires"},
	{denialsHold, "Note over ZK: /b is not deleted", "Note over ZK: /b has been deleted"},
	{denialsHold, "Note over ZK: the session of B does not expire", "Note over ZK: the session of B does expire"},
	{denialsHold, "Note over ZK: deletes /a", "Note over ZK: does not delete /a"},
	{denialsHold, "Note over ZK: deletes /a", "Note over ZK: /a will not be deleted"},
	{denialsHold, "Note over ZK: deletes /a", "Note over ZK: /a was never deleted"},
	{denialsHold, "Note over ZK: deletes /a", "Note over ZK: fails to delete /a"},
	{denialsHold, "ZK-->>C: /a deleted", "ZK-->>C: /a not deleted"},
	{denialsHold, "ZK-->>D: no such node", "ZK-->>D: exists"},
	{denialsHold, "ZK-->>D: no such node", "ZK-->>D: the node still exists"},
	{timeoutsHold, "Note over ZK: the session of A survives", "Note over ZK: the session of A times out"},
	{timeoutsHold, "Note over ZK: session of B expires", "Note over ZK: session of B never expires"},
	{timeoutsHold, "Note over ZK: session of B expires", "Note over ZK: session of B lives on"},
	{mixedHold, "ZK-->>A: [1, 2]", "ZK-->>A: [1, 2, 4]"},
	{mixedHold, "ZK-->>A: [1, 2]", "ZK-->>A: not [1, 2]"},
	{mixedHold, "ZK-->>A: [1, 2]", "ZK-->>A: no children"},
	{mixedHold, "ZK-->>A: [1, 2]", "ZK-->>A: 3 children"},
	{mixedHold, "ZK-->>B: 2 children", "ZK-->>B: 3 children"},
	{mixedHold, "ZK-->>B: 2 children", "ZK-->>B: no children"},
	{mixedHold, "ZK-->>B: 2 children", "ZK-->>B: not 2 children"},
	{mixedHold, "ZK-->>A: stat (version 1, 0 children)", "ZK-->>A: stat (version 1, 2 children)"},
	{mixedHold, "ZK-->>A: stat (version 1, 0 children)", "ZK-->>A: ephemeral node"},
	{mixedHold, "Note over ZK: /d/1 still exists", "Note over ZK: /d/1 no longer exists"},
	{mixedHold, "Note over ZK: /d/1 still exists", "Note over ZK: /d/2 still exists"},
	{mixedHold, "Note over ZK: /d/1 still exists", "Note over ZK: /d/2 is not deleted"},
	{mixedHold, "Note over ZK: /d/1 still exists", "Note over ZK: /d/3 still exists"},
	{denialsHold, "Note over D: waits", "Note over ZK: the session of A survives"},
	{denialsHold, "Note over D: waits", "Note over ZK: A's session has not expired"},
	{denialsHold, "Note over D: waits", "Note over ZK: /a was not deleted"},
	{denialsHold, "Note over D: waits", "Note over ZK: /b was deleted"},
	{mixedHold, "ZK-->>B: NoNodeException", "ZK-->>B: NodeExistsException"},
	{mixedHold, "ZK-->>B: NoNodeException", "ZK-->>B: no exception"},
	{mixedHold, "ZK-->>B: v1 (version 1)", "ZK-->>B: v1 (version 0)"},
	{mixedHold, "ZK-->>B: v1 (version 1)", "ZK-->>B: v0 (version 1)"},
	{mixedHold, "ZK-->>B: v1 (version 1)", "ZK-->>B: v1 (version 1), ephemeral"},
	{mixedHold, "ZK-->>A: deleted", "ZK-->>A: not deleted"},
	{mixedHold, "ZK-->>A: deleted", "ZK-->>A: deleted?"},
	{mixedHold, "ZK-->>A: deleted", "ZK-->>A: deleted (not really)"},
	{mixedHold, "ZK-->>A: deleted", "ZK-->>A: partial success"},
	{mixedHold, "ZK-->>A: deleted", "ZK-->>A: rc=-101"},
	{mixedHold, "ZK-->>A: deleted", "ZK-->>A: ❌"},
	{mixedHold, "A->>ZK: watch /d/1", "A->>ZK: cancel the watch on /d/1"},
	{mixedHold, "A->>ZK: watch /d/1", "A->>ZK: removes its watch from /d/1"},
	{mixedHold, "A->>ZK: delete /d/2", "A->>ZK: delete /d/2 unless it has version 0"},
	{denialsHold, "ZK-->>C: /a deleted", "ZK-->>C: watch does not fire"},
	{denialsHold, "Note over ZK: the session of A does not expire", "Note over ZK: the session of B ends"},
	{mixedHold, "ZK-->>A: deleted", "ZK-->>A: cannot delete"},
	{mixedHold, "ZK-->>A: deleted", "ZK-->>A: will be deleted later"},
	{mixedHold, "ZK-->>B: lock not acquired", "ZK-->>B: lock acquired"},
	{mixedHold, "ZK-->>B: lock not acquired", "ZK-->>B: lock was acquired"},
	{mixedHold, "ZK-->>A: stat (version 1, 0 children)", "ZK-->>A: stat (version 3, 0 children)"},
	{mixedHold, "ZK-->>A: stat (version 1, 0 children)", "ZK-->>A: null"},
}

// wordsHold says in many words what happens to nodes, versions, watches and sessions.
const wordsHold = `sequenceDiagram
A->>ZK: create /l (ephemeral)
ZK-->>A: created ephemeral node
A->>ZK: exists /n (watch)
ZK-->>A: no node, watch set
A->>ZK: create /g
ZK-->>A: created (not ephemeral)
A->>ZK: set /g to 2 if version == 0
ZK-->>A: ok, v1
A->>ZK: delete /g (ver 7)
ZK-->>A: failed — bad version
A->>ZK: create /t1 & create /t2
ZK-->>A: ok
W->>ZK: watch /t1
A->>ZK: set /t1 to 1
ZK--xW: /t1 changed
W->>ZK: get /t1
ZK-->>W: 1
U->>ZK: get /t1
ZK-->>U: 1
B->>ZK: create /b (ephemeral)
Note over B: freezes for two seconds
Note over ZK: the session of B survives
E->>ZK: create /e (ephemeral)
Note over E: is partitioned for 1s
D->>ZK: create /d (ephemeral)
Note over D: freezes for a minute
Note over ZK: D's session expires
A->>ZK: exists /d
ZK-->>A: no node
`

// answererHolds shows which servers answer, and whom the leader tells of a write.
const answererHolds = `sequenceDiagram
%% lab: observers=1
participant L as Leader
participant F1 as Follower 1
participant F2 as Follower 2
participant O as Observer
C->>F1: create /x
F1->>L: REQUEST
L->>F1: PROPOSAL
F1->>L: ACK
L->>F1: COMMIT
L->>O: INFORM
F1-->>C: created
C->>F1: get /x (watch)
F1-->>C: ok
D->>F2: set /x to 1
F1->>C: /x changed
`

// denialsHold says what does not happen, and ends each denial by the next line of its lane.
const denialsHold = `sequenceDiagram
A->>ZK: create /a (ephemeral)
B->>ZK: create /b (ephemeral)
C->>ZK: watch /a
Note over A: freezes for 1s
Note over ZK: the session of A does not expire
Note over A: crashes
Note over ZK: /b is not deleted
Note over ZK: the session of B does not expire
Note over ZK: deletes /a
ZK-->>C: /a deleted
D->>ZK: exists /a
ZK-->>D: no such node
Note over D: waits
`

// timeoutsHold gives each client a session timeout of its own.
const timeoutsHold = `sequenceDiagram
A->>ZK: connect (timeout=20s)
B->>ZK: connect (timeout=4s)
A->>ZK: create /a (ephemeral)
B->>ZK: create /b (ephemeral)
Note over A: freezes for 12s
Note over ZK: the session of A survives
Note over B: freezes for 12s
Note over ZK: session of B expires
`

// mixedHold has answers of many kinds.
const mixedHold = `sequenceDiagram
A->>ZK: create /d
A->>ZK: create /d/1 = v0
A->>ZK: create /d/2
A->>ZK: getChildren /d
ZK-->>A: [1, 2]
B->>ZK: getChildren /d
ZK-->>B: 2 children
B->>ZK: delete /d/9
ZK-->>B: NoNodeException
A->>ZK: setData /d/1 v1
B->>ZK: getData /d/1
ZK-->>B: v1 (version 1)
A->>ZK: exists /d/1
ZK-->>A: stat (version 1, 0 children)
A->>ZK: delete /d/2
ZK-->>A: deleted
A->>ZK: create /lock (ephemeral)
B->>ZK: create /lock (ephemeral)
ZK-->>B: lock not acquired
A->>ZK: watch /d/1
Note over ZK: /d/1 still exists
`

// contextHolds is read by what stands around its lines.
const contextHolds = `sequenceDiagram
B->>ZK: create /old
B->>ZK: delete /old
A->>ZK: creates its node
Note over A: create("/q/n-", EPHEMERAL_SEQUENTIAL)
ZK-->>A: lock: n-0001 is mine
A->>DB: write (token 1)
DB-->>A: accepted by the database
Note over A: full GC for 15s
Note over ZK: no heartbeats from A
ZK->>ZK: session expires, n-0001 is deleted
B->>ZK: create /q/m (ephemeral)
ZK-->>B: ok
B->>DB: write (token 2)
DB-->>B: accepted
A->>DB: write (token 1)
DB-->>A: rejected
A->>ZK: heartbeat
ZK-->>A: session expired
A->>ZK: connect with a new session
A->>ZK: create /q/a
Note over A: Lock acquired!
B->>ZK: create /q/a
Note over B: node exists
`

// statesHold is a drawing of servers, with their states.
const statesHold = `sequenceDiagram
%% lab: seed=1
S3->>S2: vote for S3
S2->>S3: ACK vote for S3
Note over S1,S3: S3 is the leader
S1->>S3: ack(acceptedEpoch, lastZxid)
S3->>S1: DIFF/TRUNC
Note over S1: state FOLLOWING
Note over S1,S2: FOLLOWING
`

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

// countsHold counts zxids from 42, and supposes the writes; historiesHold supposes transactions, and
// impliedHold watches, nodes, a loss and names.
const countsHold = `sequenceDiagram
participant L as Leader
participant F as Follower 1
L->>F: DIFF/SNAP
L->>F: PROPOSAL(zxid=42)
F->>L: ACK(zxid=42)
L->>F: COMMIT(zxid=42)
L->>F: PROPOSAL(zxid=43)
F->>L: ACK 43
`

const historiesHold = `sequenceDiagram
S1->>S2: Vote(S1, zxid=4)
S2->>S1: Vote(S2, zxid=6)
S3->>S1: Vote(S3, zxid=6)
S1->>S2: Vote(S3, zxid=6)
S2->>S3: Vote(S3, zxid=6)
`

const impliedHold = `sequenceDiagram
participant A
participant B
participant C
participant W
participant ZK as ZooKeeper
A->>ZK: create /leader (ephemeral)
Note over A: crashes
ZK->>B: /leader is gone
C->>ZK: create /jobs
C->>ZK: create /jobs/1
ZK->>W: children of /jobs changed
B->>ZK: create /e/node (ephemeral, sequential)
ZK-->>B: created node-1
C->>ZK: create /e/node (ephemeral, sequential)
ZK-->>C: created node-2
D->>ZK: create /e/node (ephemeral, sequential)
ZK-->>D: created node-3
B->>ZK: list children
ZK-->>B: you are leader
C->>ZK: list children
ZK-->>C: [node-1, node-2, ...]
C->>ZK: list children
ZK-->>C: ok
C->>ZK: create /x
ZK--xC: created
C->>ZK: create /x
ZK-->>C: node exists
`

func TestLies(t *testing.T) {
	for _, doc := range []string{countsHold, historiesHold, impliedHold, contentsHold,
		votesHold, answersHold, contextHolds, statesHold, wordsHold, answererHolds,
		denialsHold, timeoutsHold, mixedHold} {
		r, err := try("holds.md", doc, scenarios.Options{})
		if err != nil {
			t.Fatal(err)
		}
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
