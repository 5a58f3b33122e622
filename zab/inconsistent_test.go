package zab_test

import (
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// A message that no sound peer can send ends the run, under the name that Zab.tla or ZkV3_7_0.tla
// gives it (rules I2 to I6). A similar message that a sound peer may send does not.
func TestPeersConvict(t *testing.T) {
	follower, leader := "S1", "S3"
	for _, c := range []struct {
		name, to  string
		bad, good sim.Message
	}{
		// beyond what was sent
		{"ackInconsistent", leader, ack(1, 9), ack(1, 3)},
		// acked before
		{"ackInconsistent", leader, ack(1, 1), ack(1, 0)},
		// another epoch
		{"ackInconsistent", leader, ack(2, 0), ack(1, 0)},
		// a second time
		{"ackInconsistent", leader, &zab.AckEpoch{LastZxid: zab.MakeZxid(1, 2)}, nil},
		{"stateInconsistent", leader, &zab.FollowerInfo{AcceptedEpoch: 1}, nil},
		{"messageIllegal", leader, &zab.UpToDate{}, &zab.Ping{}},
		{"stateInconsistent", follower, &zab.LeaderInfo{Epoch: 1}, nil},
		{"stateInconsistent", follower, &zab.Diff{Zxid: zab.MakeZxid(1, 2)}, nil},
		{"stateInconsistent", follower, &zab.SnapData{Last: true}, nil},
		{"stateInconsistent", follower, &zab.NewLeader{Epoch: 1}, nil},
		{"messageIllegal", follower, &zab.AckEpoch{CurrentEpoch: 1}, &zab.Ping{}},
		{"proposalInconsistent", follower, proposal(9), proposal(3)}, // a hole
		{"proposalInconsistent", follower, proposal(2), proposal(3)}, // a second time
		{"commitInconsistent", follower, &zab.Commit{Zxid: zab.MakeZxid(1, 9)}, nil},
		// not observing
		{"stateInconsistent", follower, &zab.Inform{Entry: proposal(3).Entry}, proposal(3)},
	} {
		for _, m := range []sim.Message{c.bad, c.good} {
			if m == nil {
				continue
			}
			w := newCluster(1, 3, 0, nil)
			s3 := w.Find(leader)
			w.Run(sim.Second, nil)
			for _, text := range []string{"a", "b"} {
				w.Tell(s3, &word{text})
			}
			w.Run(1200*sim.Millisecond, nil)
			w.Tell(s3, &word{"c"}) // under way to S1, whose ack comes after the forged one
			w.Next(sim.Never)
			w.Tell(w.Find(c.to), &forged{m})
			w.Run(1201*sim.Millisecond, nil)
			err := w.Err()
			convicted := err != nil && strings.Contains(err.Error(), c.name)
			if convicted != (m == c.bad) {
				t.Errorf("%s gets %s: %v, want %s: %v", c.to, m.Name(), err, c.name, m == c.bad)
			}
		}
	}
}

// Rule L9: of two different votes exactly one is better, and better is transitive.
func TestVotesAreInOrder(t *testing.T) {
	var all []zab.Vote
	for epoch := range uint32(3) {
		for zxid := range zab.Zxid(3) {
			for id := range zab.ID(3) {
				all = append(all, zab.Vote{Epoch: epoch, Zxid: zxid, Leader: id + 1})
			}
		}
	}
	for _, a := range all {
		for _, b := range all {
			if (zab.Better(a, b) != zab.Better(b, a)) != (a != b) {
				t.Fatalf("%v and %v: each is better than the other, or neither", a, b)
			}
			for _, c := range all {
				if zab.Better(a, b) && zab.Better(b, c) && !zab.Better(a, c) {
					t.Fatalf("%v > %v > %v, and not %v > %v", a, b, c, a, c)
				}
			}
		}
	}
}

// Rule L10: observers and unknown servers count towards no quorum.
func TestQuorumsAreOfVoters(t *testing.T) {
	voters := zab.Set(0).With(1).With(2).With(3)
	for _, c := range []struct {
		ids  []zab.ID
		want bool
	}{
		{[]zab.ID{1, 2}, true},
		{[]zab.ID{3, 1, 9}, true},
		{[]zab.ID{1, 4}, false},
		{[]zab.ID{1, 4, 5, 6, 7}, false},
		{[]zab.ID{4, 5, 6}, false},
	} {
		s := zab.Set(0)
		for _, id := range c.ids {
			s = s.With(id)
		}
		if s.Majority(voters) != c.want {
			t.Errorf("%v of %v: a quorum is %v", c.ids, voters, !c.want)
		}
	}
}

func ack(epoch, counter uint32) *zab.Ack { return &zab.Ack{Zxid: zab.MakeZxid(epoch, counter)} }

// proposal is one of epoch 1; the leader's third says c.
func proposal(counter uint32) *zab.Proposal {
	return &zab.Proposal{Entry: zab.Entry{Zxid: zab.MakeZxid(1, counter), Data: []byte("c")}}
}
