package narration_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/narration"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/client"
	"github.com/zablab/zablab/zab"
)

// The events of a story are in the order of their numbers, with texts that a document may use.
func TestStory(t *testing.T) {
	create := tree.Op{Type: tree.OpCreate, Path: "/x", Flags: tree.Ephemeral}
	op := func(who string, call int64, at sim.Time, ret int64, o client.Outcome) *engine.Op {
		return &engine.Op{
			Client: who, Op: create, CallIndex: call, CalledAt: at, RetIndex: ret,
			ReturnedAt: at + 9, Outcome: o, Code: tree.NodeExists, Server: "S1", ApplyIndex: -1,
		}
	}
	s := engine.Story{
		Account: engine.Account{
			Ops: []*engine.Op{
				op("A", 3, 100, 8, client.OK), op("B", 4, 110, 9, client.Failed),
				op("A", 12, 40_000, 13, client.Unknown),
			},
			Heard: []engine.Heard{{Client: "B", Events: []engine.Notice{{
				Client: "B", Event: tree.WatchEvent{Type: tree.NodeDeleted, Path: "/x"}, At: 30_000,
				Index: 11, Server: "S1",
			}}}},
			Closings: []engine.Closing{{
				Session: 7, AppliedAt: 29_000, Index: 10, Paths: []string{"/x"},
			}},
		},
		Packets: []*engine.Packet{
			{
				From: 3, To: 1, Message: &zab.Commit{Zxid: zab.MakeZxid(1, 2)}, SentAt: 105,
				Send: 5, Recv: 6,
			},
			{
				From: 1, To: 3, Message: &zab.Notification{Vote: zab.Vote{Leader: 3}}, SentAt: 1,
				Send: 0, Recv: -1,
			},
		},
		Reigns:   []engine.Reign{{Leader: 3, Epoch: 1, From: 2, To: 120, Index: 2}},
		Faults:   []engine.Happened{{Fault: sim.Crash("A"), At: 112, Index: 7}},
		ClientOf: func(session int64) string { return map[int64]string{7: "A"}[session] },
	}
	// Two calls as close to each other, but the first takes effect before the second.
	first, second := op("A", 20, 50_000, 24, client.OK), op("B", 22, 50_100, 25, client.Failed)
	first.ApplyIndex, first.AppliedAt, first.Server, second.Server = 21, 50_050, "", ""
	s.Ops = append(s.Ops, first, second)
	var got []string
	for _, e := range narration.Events(&s) {
		text := fmt.Sprintf("%d %s %s %s", e.T, e.N, e.K, e.Drawn)
		if e.Msg != nil {
			text += fmt.Sprintf(" [%s %s to %s]", e.Msg.Kind, e.Msg.Z, e.Msg.To)
		}
		got = append(got, strings.TrimSpace(strings.Join(strings.Fields(text), " ")))
	}
	want := []string{
		"1 S1 send vote for S3 (zxid 0/0, epoch 0, round 0) [NOTIFICATION to S3]",
		"2 S3 role", "2 S3 role",
		"100 A op.call create /x (ephemeral)", "100 A send create /x (ephemeral) [REQUEST to S1]",
		// with the time of A's call
		"100 B op.call create /x (ephemeral)", "110 B send create /x (ephemeral) [REQUEST to S1]",
		"105 S3 send [COMMIT 1/2 to S1]", "105 S1 recv",
		"112 A crash crash A",
		"109 A op.ret success", "109 S1 send success [REPLY to A]",
		"119 B op.ret failed: node exists", "119 S1 send failed: node exists [REPLY to B]",
		"120 S3 role",
		"29000 net session A's session expires, which deletes /x",
		"30000 B watch.fire notification: /x gone",
		"30000 S1 send notification: /x gone [EVENT to B]",
		"40000 A op.call create /x (ephemeral)",
		"40000 A send create /x (ephemeral) [REQUEST to S1]",
		"40009 A op.ret connection lost",
		"50000 A op.call create /x (ephemeral)", "50050 net apply",
		"50100 B op.call create /x (ephemeral)",
		"50009 A op.ret success", "50109 B op.ret failed: node exists",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("told\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
