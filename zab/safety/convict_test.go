package safety

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/zablab/zablab/zab"
)

// trial is a short sequence of events that is legal, and a second sequence that differs in one
// event (if bad is true) and must violate the check name.
type trial struct {
	name, what string
	play       func(r *rig, bad bool)
}

// pick returns wrong if bad is true, and otherwise right.
func pick[T any](bad bool, wrong, right T) T {
	if bad {
		return wrong
	}
	return right
}

var trials = []trial{
	{"Leadership1", "another server is elected in an epoch that already had a leader",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.elect(pick[uint32](bad, 1, 2), 2, 1)
		}},
	{"Leadership2", "a server is elected in an epoch that it led in a former life",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.boot(3)
			r.elect(pick[uint32](bad, 1, 2), 3, 1)
		}},
	{"Leadership2", "an epoch is established for which nobody was elected", func(r *rig, bad bool) {
		r.elect(pick[uint32](bad, 1, 2), 3, 1)
		r.join(2, 3, 1)
		r.s[1].Acked(r.s[1], z(2, 0))
		r.s[3].Established(2)
	}},
	{"Leadership2", "a leader proposes before it is established", func(r *rig, bad bool) {
		if bad {
			r.elect(1, 3, 1)
		} else {
			r.reign(1, 3, 1)
		}
		r.s[3].Proposed(entry(z(1, 1), "x"))
	}},
	{"PrefixConsistency", "a delivery that only one disk holds", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.s[3].Proposed(entry(z(1, 1), "x"))
		r.accept(3, z(1, 1))
		r.log(1, "x", z(1, 1))
		if !bad {
			r.store(1, z(1, 1))
		}
		r.deliver(1, z(1, 1))
	}},
	{"PrefixConsistency", "a server serves what it replayed and nobody has chosen",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.boot(2, z(1, 1))
			if !bad {
				r.propose(3, z(1, 1), 1)
			}
			r.replay(2, z(1, 1))
			r.s[2].phase = zab.Broadcast
			r.s[2].Changed(r.s[2])
		}},
	{"Integrity", "what is delivered is not in the log", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1), 1)
		r.deliver(1, pick(bad, z(1, 2), z(1, 1)))
	}},
	{"Integrity", "what no leader broadcast is delivered as committed", func(r *rig, bad bool) {
		r.boot(3, z(1, 1))
		r.boot(1, z(1, 1))
		r.reign(2, 3, 1)
		if bad {
			r.deliver(1, z(1, 1))
		} else {
			r.replay(1, z(1, 1))
		}
	}},
	{"Integrity", "a commit in an epoch that has no leader", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1), 1)
		r.s[3].Committed(pick(bad, z(2, 1), z(1, 1)))
	}},
	{"LocalPrimaryOrder", "a leader skips a number", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.s[3].Proposed(entry(z(1, 1), "x"))
		r.s[3].Proposed(entry(pick(bad, z(1, 3), z(1, 2)), "x"))
	}},
	{"LocalPrimaryOrder", "a delivery is left out", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1), 1)
		r.propose(3, z(1, 2), 1)
		if !bad {
			r.deliver(1, z(1, 1))
		}
		r.deliver(1, z(1, 2))
	}},
	{"GlobalPrimaryOrder", "an older epoch is delivered after a newer one", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1), 1)
		r.reign(2, 3, 1)
		r.propose(3, z(2, 1), 1)
		r.deliver(1, z(1, 1), z(2, 1))
		if bad {
			r.deliver(1, z(1, 1))
		}
	}},
	{"CommittedLogChain", "the end of an epoch is left out", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1), 1)
		r.propose(3, z(1, 2), 1)
		r.reign(2, 3, 1)
		r.propose(3, z(2, 1), 1)
		r.deliver(1, z(1, 1))
		if !bad {
			r.deliver(1, z(1, 2))
		}
		r.deliver(1, z(2, 1))
	}},
	{"CommittedLogChain", "a replay begins after the end of its snapshot", func(r *rig, bad bool) {
		r.boot(1, z(1, 1), z(1, 2), z(1, 3))
		r.replay(1, z(1, 1), z(1, 2)) // the replay continues, or begins again
		r.replay(1, pick(bad, z(1, 2), z(1, 1)))
	}},
	{"PrimaryIntegrity", "an epoch is established without what the last one chose meanwhile",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.s[3].Proposed(entry(z(1, 1), "x"))
			r.log(3, "x", z(1, 1))
			r.accept(1, z(1, 1))
			r.elect(2, 2, 1) // S3 does not know of epoch 2
			if bad {
				r.store(3, z(1, 1))
			}
			r.join(2, 2, 1) // and nobody sees an ack
			r.s[2].Established(2)
		}},
	{"PrimaryIntegrity", "a leader established late need not hold what came later, but all before",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.s[3].Proposed(entry(z(1, 1), "x"))
			r.log(3, "x", z(1, 1))
			r.accept(1, z(1, 1))
			r.elect(2, 2, 1) // and stands still
			if bad {
				r.store(3, z(1, 1))
			}
			r.join(2, 2, 1)
			r.promise(3, 3)
			r.store(3, z(1, 1)) // no vote for epoch 1 any more
			r.reign(3, 1, 3)
			r.propose(1, z(3, 1), 3)
			r.s[2].Established(2)
		}},
	{"InitialHistory", "a later epoch began without the history of one that is established late",
		func(r *rig, bad bool) {
			r.boot(3, z(1, 1))
			r.boot(1, z(1, 1))
			r.boot(2, pick(bad, nil, []zab.Zxid{z(1, 1)})...)
			r.elect(2, 3, 1)
			r.join(2, 3, 1)
			r.elect(3, 2, 1)
			r.join(3, 2, 1) // and nobody sees an ack
			r.s[2].Established(3)
			r.s[3].Established(2)
		}},
	{"LeaderLogCompleteness", "a server that lacks what is chosen is elected",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.propose(3, z(1, 1), 1)
			if bad {
				r.elect(2, 2, 1)
			} else {
				r.elect(2, 1, 2)
			}
		}},
	{"CommittedLogMonotonicity", "a quorum's disks go on from another history",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.join(1, 2)
			r.propose(3, z(1, 1), 2)
			r.s[1].leader = 0 // so that its leader is not asked first
			r.log(1, pick(bad, "y", "x"), z(1, 1))
			r.log(1, "x", z(1, 2))
			r.propose(3, z(1, 2))
			r.store(1, z(1, 2))
		}},
	{"InitialHistory", "an epoch begins without the history that the last one began with",
		func(r *rig, bad bool) {
			r.boot(3, z(1, 1))
			r.boot(1, z(1, 1))
			if !bad {
				r.boot(2, z(1, 1))
			}
			r.elect(2, 3, 1)
			r.join(2, 3, 1)
			r.s[1].Acked(r.s[1], z(2, 0)) // on its way for long
			r.elect(3, 2, 1)
			r.s[3].Established(2)
			r.join(3, 2, 1)
			r.s[2].Established(3)
		}},
	{"ProcessConsistency", "a follower logs what its leader did not send", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.s[3].Proposed(entry(z(1, 1), "x"))
		r.log(1, pick(bad, "y", "x"), z(1, 1))
	}},
	{"ProcessConsistency", "a follower acks NEWLEADER with a tail that its leader lacks",
		func(r *rig, bad bool) {
			r.boot(1, pick(bad, []zab.Zxid{z(1, 1)}, nil)...)
			r.elect(2, 3, 1)
			r.join(2, 1)
			r.s[1].Acked(r.s[1], z(2, 0))
		}},
	{"proposalInconsistent", "a log has a hole", func(r *rig, bad bool) {
		r.log(1, "x", z(1, 1), pick(bad, z(1, 3), z(1, 2)))
	}},
	{"proposalInconsistent", "a log read back from disk has a hole", func(r *rig, bad bool) {
		r.boot(1, z(1, 1), pick(bad, z(2, 2), z(2, 1)))
	}},
	{"proposalInconsistent", "a truncation to a point that is not there", func(r *rig, bad bool) {
		r.boot(1, z(1, 1), z(1, 2), z(2, 1))
		r.truncate(0, 1, pick(bad, z(1, 3), z(1, 2)))
	}},
	{"VoteTruth", "a vote says more than the log", func(r *rig, bad bool) {
		r.boot(1, z(1, 1))
		r.s[1].Voted(zab.Vote{Leader: 1, Zxid: pick(bad, z(1, 2), z(1, 1)), Epoch: 1})
	}},
	{"VoteTruth", "a vote for an epoch mark that was never established", func(r *rig, bad bool) {
		if bad {
			r.elect(1, 3, 1)
			r.join(1, 3)
		} else {
			r.reign(1, 3, 1)
		}
		r.look(3)
		r.s[3].Voted(zab.Vote{Leader: 3, Zxid: z(1, 0), Epoch: 1})
	}},
	{"VoteTruth", "a server may adopt an old vote for itself, but not begin with it",
		func(r *rig, bad bool) {
			if !bad {
				r.s[1].Voted(zab.Vote{Leader: 1})
			}
			r.s[1].Voted(zab.Vote{Leader: 1, Zxid: z(1, 2)})
		}},
	{"VoteTruth", "a vote says another epoch than the disk", func(r *rig, bad bool) {
		r.join(2, 1)
		r.s[1].Voted(zab.Vote{Leader: 1, Epoch: pick[uint32](bad, 1, 2)})
	}},
	{"EpochCurrency", "a disk holds an epoch that it did not promise", func(r *rig, bad bool) {
		r.audit.DiskEpochs(1, pick[uint32](bad, 1, 2), 2)
	}},
	{"EpochCurrency", "a disk holds a record of an epoch that it did not promise",
		func(r *rig, bad bool) {
			r.promise(pick[uint32](bad, 1, 2), 1)
			r.log(1, "x", z(2, 1))
			r.store(1, z(2, 1))
		}},
	{"EpochCurrency", "NEWLEADER is acked before the epoch is on disk", func(r *rig, bad bool) {
		r.elect(1, 3, 1)
		if !bad {
			r.join(1, 1)
		}
		r.s[1].Acked(r.s[1], z(1, 0))
	}},
	{"EpochCurrency", "NEWLEADER is acked without what the leader had committed",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.propose(3, z(1, 1), 1)
			r.s[3].Committed(z(1, 1))
			r.follow(1, 3, 2)
			r.join(1, 2)
			r.s[3].CatchUp(r.s[3], 2, "DIFF")
			if !bad {
				r.accept(2, z(1, 1))
			}
			r.s[2].Acked(r.s[2], z(1, 0))
		}},
	{"EpochCurrency", "an epoch is acked before its promise is on disk", func(r *rig, bad bool) {
		r.elect(1, 3, 1)
		r.s[1].Pledged(pick[uint32](bad, 2, 1))
	}},
	{"EpochCurrency", "a disk is in an epoch before it has the history", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1), 1)
		r.s[3].Committed(z(1, 1))
		r.follow(1, 3, 2)
		r.promise(1, 2)
		r.s[3].CatchUp(r.s[3], 2, "DIFF")
		if !bad {
			r.accept(2, z(1, 1))
		}
		r.join(1, 2)
	}},
	{"CommitQuorum", "a commit that one disk too few has held, of which one is lost since",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.s[3].Proposed(entry(z(1, 1), "x"))
			r.log(1, "x", z(1, 1))
			if !bad {
				r.store(1, z(1, 1))
			}
			r.audit.DiskLost(1)
			r.accept(3, z(1, 1))
			r.s[3].Committed(z(1, 1))
		}},
	{"LeaderLogCompleteness", "a leader lacks what a disk held that is lost, and whose server has not " +
		"come back to the epoch since",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.propose(3, z(1, 1), 1) // its ack is under way
			r.audit.DiskLost(1)
			r.s[1].acc, r.s[1].cur = 0, 0
			r.boot(1)
			if !bad { // the ack is void now: the leader brings S1 to what is committed
				r.follow(1, 3, 1)
				r.promise(1, 1)
				r.s[3].CatchUp(r.s[3], 1, "SNAP")
				r.s[1].Installed(r.s[1], z(1, 0))
				r.store(1, z(1, 0))
				r.join(1, 1)
				r.look(1)
			}
			r.elect(2, 2, 1)
		}},
	{"TypeOK", "a counter that has run over", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.s[3].Proposed(entry(pick(bad, z(2, 0), z(1, 1)), "x"))
	}},
	{"AckedDurable", "an ack leaves before the disk has what it claims", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1))
		r.log(1, "x", z(1, 1))
		if !bad {
			r.store(1, z(1, 1))
		}
		r.s[1].Acked(r.s[1], z(1, 1))
	}},
	{"AckedDurable", "a crash takes away what was acked", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1), 1)
		r.s[1].Acked(r.s[1], z(1, 1))
		r.boot(1, pick(bad, nil, []zab.Zxid{z(1, 1)})...)
	}},
	{"SnapshotLegality", "a snapshot holds what nobody has chosen", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.s[3].Proposed(entry(z(1, 1), "x"))
		r.accept(3, z(1, 1))
		if !bad {
			r.accept(1, z(1, 1))
		}
		r.s[3].applied = z(1, 1)
		r.s[3].Snapped(r.s[3], z(1, 1))
	}},
}

func TestConvicts(t *testing.T) {
	for _, list := range [][]trial{trials, quorumTrials, diskTrials} {
		for _, c := range list {
			t.Run(c.name+"/"+c.what, func(t *testing.T) {
				r := newRig(t)
				if c.play(r, false); r.first != nil {
					t.Errorf("the right sequence is convicted: %v", r.first)
				}
				r = newRig(t)
				switch c.play(r, true); {
				case r.first == nil:
					t.Error("the wrong sequence passes")
				case r.first.name != c.name:
					t.Errorf("the wrong sequence is convicted of something else: %v", r.first)
				}
			})
		}
	}
}

// TestEveryNameConvicts checks that each name in the list of doc.go has a trial that violates it,
// and that each name in a violation is in that list.
func TestEveryNameConvicts(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	tried := map[string]bool{}
	for _, c := range append(trials[:len(trials):len(trials)], quorumTrials...) {
		tried[c.name] = true
	}
	line := regexp.MustCompile(`(?m)^//\t([A-Za-z0-9]+)(?:, ([A-Za-z0-9]+))?(?: \(rule L\d\))?  +\S`)
	names := line.FindAllStringSubmatch(string(doc), -1)
	if len(names) < 15 {
		t.Fatalf("doc.go lists %d lines of names", len(names))
	}
	for _, line := range names {
		for _, name := range line[1:] {
			if name != "" && !tried[name] {
				t.Errorf("%s is never convicted of", name)
			}
			delete(tried, name)
		}
	}
	for name := range tried {
		t.Errorf("%s is not in doc.go", name)
	}
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range regexp.MustCompile(`broken\("(\w+)"`).FindAllSubmatch(text, -1) {
			if !slices.ContainsFunc(names, func(line []string) bool {
				return slices.Contains(line[1:], string(c[1]))
			}) {
				t.Errorf("%s convicts of %s, which is not in doc.go", file, c[1])
			}
		}
	}
}
