package safety

import "github.com/zablab/zablab/zab"

// back makes a follower log 1/2 as its leader does, lose its connection before its ack is counted,
// and come back to that leader.
func back(r *rig) {
	r.reign(1, 3, 1)
	r.join(1, 2)
	r.propose(3, z(1, 1), 1)
	r.s[3].Committed(z(1, 1))
	r.propose(3, z(1, 2), 1)
}

// quorumTrials are about what quorums of disks hold, and what may be taken from them.
var quorumTrials = []trial{
	{"CommitQuorum", "a commit that one disk holds", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.s[3].Proposed(entry(z(1, 1), "x"))
		r.accept(3, z(1, 1))
		if !bad {
			r.accept(1, z(1, 1))
		}
		r.s[3].Committed(z(1, 1))
	}},
	{"CommitQuorum", "a commit that a voter and an observer hold", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.join(1, 4)
		r.propose(3, z(1, 1), pick[zab.ID](bad, 4, 1))
		r.s[3].Committed(z(1, 1))
	}},
	{"CommitQuorum", "a commit that the second disk holds in another epoch",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.s[3].Proposed(entry(z(1, 1), "x"))
			r.accept(3, z(1, 1))
			if bad {
				r.promise(2, 1)
				r.join(2, 1)
			}
			r.accept(1, z(1, 1))
			r.s[3].Committed(z(1, 1))
		}},
	{"CommitQuorum", "an epoch whose history one disk holds", func(r *rig, bad bool) {
		r.boot(3, z(1, 1))
		if !bad {
			r.boot(1, z(1, 1))
		}
		r.elect(2, 3, 1)
		r.join(2, 3, 1)
		r.s[1].Acked(r.s[1], z(2, 0))
		r.s[3].Established(2)
	}},
	{"CommitQuorum", "an ack that is counted late, given after a later promise",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.s[3].Proposed(entry(z(1, 1), "x"))
			r.log(3, "x", z(1, 1))
			r.log(1, "x", z(1, 1))
			if bad {
				r.promise(2, 1)
			}
			r.store(1, z(1, 1))
			r.join(2, 1)
			r.store(3, z(1, 1))
			r.s[3].Committed(z(1, 1))
		}},
	{"LeaderLogCompleteness", "what a voter logs before it promises a later epoch counts",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.propose(3, z(1, 1))
			r.log(1, "x", z(1, 1))
			if bad {
				r.store(1, z(1, 1))
			}
			r.promise(2, 1)
			r.store(1, z(1, 1))
			r.elect(2, 2, 1)
		}},
	{"VoteTruth", "a crash brings back what a snapshot was to replace", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		r.propose(3, z(1, 1))
		r.propose(3, z(1, 2))
		r.follow(1, 3, 2)
		for _, at := range []zab.Zxid{z(1, 2), z(1, 1)} {
			r.s[3].applied = at
			r.s[3].CatchUp(r.s[3], 2, "SNAP")
			r.s[2].Installed(r.s[2], at)
		}
		r.s[2].base = z(1, 2)
		r.boot(2)
		r.s[2].Voted(zab.Vote{Leader: 2, Zxid: pick(bad, z(1, 1), z(1, 2))})
	}},
	{"CommitQuorum", "a commit of what was taken back", func(r *rig, bad bool) {
		back(r)
		r.truncate(3, 1, z(1, 1))
		if !bad {
			r.accept(1, z(1, 2))
		}
		r.s[3].Committed(z(1, 2))
	}},
	{"CommittedLogDurability", "a truncation that nobody ordered", func(r *rig, bad bool) {
		back(r)
		r.truncate(pick[zab.ID](bad, 0, 3), 1, z(1, 1))
	}},
	{"CommittedLogDurability", "a truncation ordered by another server", func(r *rig, bad bool) {
		back(r)
		r.s[2].epoch, r.s[2].leader = 1, 3
		r.truncate(pick[zab.ID](bad, 2, 3), 1, z(1, 1))
	}},
	{"CommittedLogDurability", "a truncation ordered by a later life of the leader",
		func(r *rig, bad bool) {
			back(r)
			if bad {
				r.boot(3, z(1, 1), z(1, 2))
				r.s[3].epoch = 1
			}
			r.truncate(3, 1, z(1, 1))
		}},
	{"CommittedLogDurability", "a truncation of what the leader had committed",
		func(r *rig, bad bool) {
			back(r)
			if bad {
				r.s[3].Committed(z(1, 2))
			}
			r.truncate(3, 1, z(1, 1))
		}},
	{"CommittedLogDurability", "a truncation of what was delivered and only one other disk holds",
		func(r *rig, bad bool) {
			back(r)
			r.s[3].CatchUp(r.s[3], 1, "TRUNC")
			if bad {
				r.deliver(3, z(1, 1), z(1, 2))
			}
			r.s[1].Truncated(r.s[1], z(1, 1))
		}},
	{"CommittedLogDurability", "what is committed since the order is not on enough other disks",
		func(r *rig, bad bool) {
			back(r)
			r.s[3].CatchUp(r.s[3], 1, "TRUNC")
			if !bad {
				r.accept(2, z(1, 1), z(1, 2))
			}
			r.s[3].Committed(z(1, 2))
			r.s[1].Truncated(r.s[1], z(1, 1))
		}},
	{"CommittedLogDurability", "an order is used twice", func(r *rig, bad bool) {
		back(r)
		r.truncate(3, 1, z(1, 1))
		r.accept(1, z(1, 2))
		r.truncate(pick[zab.ID](bad, 0, 3), 1, z(1, 1))
	}},
	{"CommittedLogDurability", "an order is executed in a later life", func(r *rig, bad bool) {
		back(r)
		if bad {
			r.s[3].CatchUp(r.s[3], 1, "TRUNC")
		}
		r.boot(1, z(1, 1), z(1, 2))
		r.follow(1, 3, 1)
		r.truncate(pick[zab.ID](bad, 0, 3), 1, z(1, 1))
	}},
	{"CommittedLogDurability", "an order of one epoch drops the history of an earlier one",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.propose(3, z(1, 1), 1)
			r.reign(2, 3, 1)
			r.propose(3, z(2, 1), 1)
			r.truncate(3, 1, pick(bad, z(0, 0), z(1, 1)))
		}},
	{"CommittedLogDurability", "a snapshot without what is chosen replaces a log",
		func(r *rig, bad bool) {
			r.reign(1, 3, 1)
			r.join(1, 2)
			r.propose(3, z(1, 1), 1)
			r.s[3].applied = pick(bad, 0, z(1, 1))
			r.s[3].CatchUp(r.s[3], 1, "SNAP")
			r.s[1].Installed(r.s[1], r.s[3].applied)
		}},
	{"CommittedLogDurability", "a snapshot drops a void ack, and no TRUNC came before it",
		func(r *rig, bad bool) {
			back(r)
			if !bad {
				r.s[3].CatchUp(r.s[3], 1, "TRUNC") // S1 cannot follow it, and asks for a SNAP
			}
			r.s[3].applied = z(1, 1)
			r.s[3].CatchUp(r.s[3], 1, "SNAP")
			r.s[1].Installed(r.s[1], z(1, 1))
		}},
	{"CommittedLogDurability", "the same, and the leader has committed what it drops",
		func(r *rig, bad bool) {
			back(r)
			r.s[3].CatchUp(r.s[3], 1, "TRUNC")
			if bad {
				r.s[3].Committed(z(1, 2))
			}
			r.s[3].applied = z(1, 1)
			r.s[3].CatchUp(r.s[3], 1, "SNAP")
			r.s[1].Installed(r.s[1], z(1, 1))
		}},
	{"CommitQuorum", "a commit that counts what a snapshot has dropped", func(r *rig, bad bool) {
		back(r)
		r.s[3].CatchUp(r.s[3], 1, "TRUNC")
		r.s[3].applied = z(1, 1)
		r.s[3].CatchUp(r.s[3], 1, "SNAP")
		r.s[1].Installed(r.s[1], z(1, 1))
		if !bad {
			r.accept(1, z(1, 2))
		}
		r.s[3].Committed(z(1, 2))
	}},
	{"CommitQuorum", "a truncation of what the leader goes on to count", func(r *rig, bad bool) {
		back(r)
		r.s[3].counted = pick(bad, z(1, 2), z(1, 1))
		r.truncate(3, 1, z(1, 1))
	}},
	{"CommitQuorum", "a snapshot without what its leader goes on to count",
		func(r *rig, bad bool) {
			back(r)
			r.s[3].CatchUp(r.s[3], 1, "TRUNC")
			r.s[3].applied = z(1, 1)
			r.s[3].CatchUp(r.s[3], 1, "SNAP")
			r.s[3].counted = pick(bad, z(1, 2), z(1, 1))
			r.s[1].Installed(r.s[1], z(1, 1))
		}},
	{"PromiseQuorum", "a leader that only an observer has promised to follow",
		func(r *rig, bad bool) {
			r.promise(1, 3, 2, 4)
			r.s[pick[zab.ID](bad, 4, 2)].Pledged(1)
			r.s[3].epoch = 1
			r.s[3].Elected(1)
		}},
	{"LogRolls", "a log that goes on in an old file", func(r *rig, bad bool) {
		r.reign(1, 3, 1)
		for n := uint32(1); n <= 3; n++ {
			r.propose(3, z(1, n), 1)
			r.s[3].Committed(z(1, n))
			r.deliver(1, z(1, n))
			if n < 3 {
				r.s[1].Snapped(r.s[1], z(1, n))
			}
		}
		file := pick(bad, "log.0000000100000001", "log.0000000100000003")
		r.audit.rolled(&r.audit.servers[1], file, z(1, 3))
	}},
}
