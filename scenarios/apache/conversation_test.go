package apache_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/zab"
)

// TestConversation makes a follower catch up in different ways, on real servers and on simulated
// ones. On both, leader and follower must send each other the same messages in the same order. It
// leaves out votes and pings, because their number depends on timing.
//
// Two differences are known. A real UPTODATE has zxid -1, a simulated one the last committed zxid.
// And a real follower acknowledges each proposal of a DIFF again after UPTODATE, although its ACK
// of NEWLEADER covers all of them.
func TestConversation(t *testing.T) {
	for _, c := range []struct {
		name string
		talk func(*talk) (leader, follower string)
		want []string // some messages of the leader
	}{
		{"too short", tooShort,
			[]string{"DIFF +0/3", "PROPOSAL +0/3", "COMMIT +0/3", "UPTODATE", "PROPOSAL +0/4"}},
		{"too long", tooLong,
			[]string{"LEADERINFO +1/0", "TRUNC +0/2", "NEWLEADER +1/0", "UPTODATE"}},
		{"long and wrong", longAndWrong,
			[]string{"LEADERINFO +1/0", "SNAP +1/1", "NEWLEADER +1/0", "UPTODATE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// On a machine that stands still for a second, real servers elect again. So they wait longer
			// for each other than elsewhere.
			stage := engine.Stage{
				Seed: 1, Servers: 3, Tick: 200 * sim.Millisecond, SessionTimeout: 4 * sim.Second,
				InitLimit: 20, SyncLimit: 15,
			}
			real := startStage(t, t.Context(), stage)
			ours, err := ensemble.New(ensemble.Config{Stage: stage, Keep: true})
			if err != nil {
				t.Fatal(err)
			}
			defer ours.Close()
			leader, follower := c.talk(&talk{real.Engine, t})
			list, _ := real.Packets()
			theirs := conversation(list, leader, follower)
			leader, follower = c.talk(&talk{ours, t})
			mine := conversation(packets(ours), leader, follower)
			for _, from := range []string{"leader", "follower"} {
				a, b := strings.Join(theirs[from], "\n"), strings.Join(mine[from], "\n")
				if a != b {
					t.Errorf("Apache's %s sends\n%s\nours sends\n%s", from, a, b)
				}
			}
			for _, m := range c.want {
				if !slices.Contains(mine["leader"], m) {
					t.Errorf("the leader never sent %s", m)
				}
			}
		})
	}
}

// packets are the messages between servers of a simulated ensemble.
func packets(e *ensemble.Ensemble) (list []*engine.Packet) {
	records := e.World.Records()
	for i := range records {
		if m, ok := records[i].Message.(zab.Message); ok && records[i].Kind == sim.KindSend {
			list = append(list, &engine.Packet{
				From: records[i].Node, To: records[i].To, Message: m, Send: int64(i),
			})
		}
	}
	return list
}

// talk is an engine whose methods fail the test on an error.
type talk struct {
	engine.Engine
	t *testing.T
}

func (k *talk) until(what string, is func() bool) {
	k.t.Helper()
	if !k.Run(k.Now()+30*sim.Second, is) || !is() {
		for _, s := range k.ServerNames() {
			k.t.Logf("%s: up %v, follows %v, looks %v", s, k.Up(s), k.Stands(s, zab.Following),
				k.Stands(s, zab.Looking))
		}
		k.t.Fatalf("waited until %s, with %q as the leader: not within 30 s, error %v", what,
			k.LeaderName(), k.Err())
	}
}

// begin connects client A to a server and creates /x.
func (k *talk) begin(server string) engine.Actor {
	k.t.Helper()
	a, err := k.AddActor("A", int(server[1]-'0'), 0)
	if err != nil {
		k.t.Fatal(err)
	}
	a.Start()
	k.until("A is connected", a.Connected)
	k.do(a, tree.Op{Type: tree.OpCreate2, Path: "/x", ACL: tree.OpenACL})
	k.until("all are at rest", k.AtRest)
	return a
}

func (k *talk) do(a engine.Actor, op tree.Op) {
	k.t.Helper()
	a.Do(op, 1)
	k.until("it is answered", a.Idle)
}

func (k *talk) set(a engine.Actor, to string) {
	k.t.Helper()
	k.do(a, tree.Op{Type: tree.OpSetData, Path: "/x", Data: []byte(to), Version: tree.AnyVersion})
}

func (k *talk) fault(f sim.Fault) {
	k.t.Helper()
	if err := k.Apply(f); err != nil {
		k.t.Fatal(err)
	}
}

// settle waits until all servers are at rest and their last messages have arrived.
func (k *talk) settle() {
	k.t.Helper()
	k.until("all are at rest again", k.AtRest)
	k.Run(k.Now()+300*sim.Millisecond, nil)
}

// tooShort returns a leader, and a follower that has missed one write: its history is too short.
func tooShort(k *talk) (leader, follower string) {
	k.until("all serve", k.Serves)
	leader, follower = k.LeaderName(), k.FollowerName()
	a := k.begin(leader)
	k.fault(sim.Crash(follower))
	k.set(a, "1")
	k.fault(sim.Restart(follower))
	k.until("it follows", func() bool { return k.Stands(follower, zab.Following) && k.AtRest() })
	k.set(a, "2")
	k.settle()
	return leader, follower
}

// tooLong cuts off a leader with its client. That leader logs a write that no other server has, and
// returns as a follower: its history is too long.
func tooLong(k *talk) (leader, follower string) { return k.depose(false) }

// longAndWrong cuts off a leader as tooLong does, but the next leader commits another transaction
// before the old one returns.
func longAndWrong(k *talk) (leader, follower string) { return k.depose(true) }

func (k *talk) depose(goOn bool) (leader, follower string) {
	k.t.Helper()
	k.until("all serve", k.Serves)
	old := k.LeaderName()
	a := k.begin(old)
	others := slices.DeleteFunc(k.ServerNames(), func(s string) bool { return s == old })
	k.fault(sim.Split([]string{old, "A"}, others))
	k.set(a, "1")
	k.until("another leads", func() bool {
		return k.LeaderName() != "" && k.LeaderName() != old && k.Stands(old, zab.Looking)
	})
	if goOn {
		b, err := k.AddActor("B", int(k.LeaderName()[1]-'0'), 0)
		if err != nil {
			k.t.Fatal(err)
		}
		b.Start() // its session is the next leader's first transaction
		k.until("B is connected", b.Connected)
	}
	k.fault(sim.Heal())
	k.settle()
	return k.LeaderName(), old
}

// conversation lists what leader and follower have sent each other since the follower's return, by
// sender. Its zxids count epochs from the first NEWLEADER's.
func conversation(list []*engine.Packet, leader, follower string) map[string][]string {
	said := map[string][]string{}
	l, f := zab.ID(leader[1]-'0'), zab.ID(follower[1]-'0')
	var first uint32
	var later []uint32            // epochs after the first, in which the two have talked
	synced := map[zab.Zxid]bool{} // proposals before NEWLEADER
	syncing := false
	for _, p := range list {
		m := p.Message
		if n, is := m.(*zab.NewLeader); is && first == 0 {
			first = n.Epoch
		}
		if p.From != l && p.From != f || p.To != l && p.To != f {
			continue
		}
		who := "leader"
		if p.From == f {
			who = "follower"
		}
		text := m.Name()
		switch m := m.(type) {
		case *zab.Notification, *zab.Ping, *zab.SnapData:
			continue
		case *zab.FollowerInfo: // the follower returns: start again
			said, synced, syncing, later = map[string][]string{}, map[zab.Zxid]bool{}, true, nil
		case *zab.NewLeader:
			syncing = false
		case *zab.Proposal:
			synced[m.Entry.Zxid] = syncing
		case *zab.Ack:
			if synced[m.Zxid] {
				continue
			}
		case *zab.UpToDate:
			said[who] = append(said[who], text)
			continue
		}
		if z := m.At(); z != 0 {
			after := 0
			if z.Epoch() > first {
				if !slices.Contains(later, z.Epoch()) {
					later = append(later, z.Epoch())
				}
				after = 1 + slices.Index(later, z.Epoch())
			}
			text += fmt.Sprintf(" +%d/%d", after, z.Counter())
		}
		said[who] = append(said[who], text)
	}
	return said
}
