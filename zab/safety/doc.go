// Package safety holds the truths about ZAB that no single server can see: what must be equal,
// ordered or unique across all of them, at every event of a run.
//
// An [Audit] stands outside the servers. It is told what each peer does (through a [zab.Probe])
// and what each disk really holds (through [Audit.DiskLog] and [Audit.DiskEpochs], which are fed
// from the simulated disk and never from a peer's own word), keeps the few facts that make every
// check cost a look-up, and stops the run at the first thing that is not so.
//
// The trick is one cumulative hash per record (ZAB.md B.0): if two servers have the same hash at
// a zxid, they have the same whole history up to it, so every formula over pairs of histories
// becomes one comparison.
//
// # Names
//
// Checks are named as in Zab.tla and ZkV3_7_0.tla, and as in the DSN'11 paper where only the
// paper has them; L1 to L7 are this lab's own, for what a disk and a restart add.
//
//	TypeOK                          no transaction is proposed at e/0, the mark of an epoch
//	Leadership1, Leadership2        one leader, and one life of it, per epoch
//	PrefixConsistency               everybody delivers the same history; Agreement and
//	                                TotalOrder follow, for there is one chain of hashes
//	Integrity                       only what some leader broadcast is delivered
//	LocalPrimaryOrder               e/k is delivered right behind e/k-1, for all of them
//	GlobalPrimaryOrder              nobody delivers an older epoch behind a newer one
//	PrimaryIntegrity                who is established holds everything delivered before
//	LeaderLogCompleteness           who has the ACKEPOCH quorum holds everything chosen
//	CommittedLogMonotonicity        what is chosen only grows
//	CommittedLogDurability          no truncation and no snapshot removes what is chosen
//	CommitQuorum                    what is committed is on a quorum's disks, in this epoch
//	InitialHistory                  an epoch's initial history holds that of every earlier one
//	ProcessConsistency              a synchronised follower's log is a prefix of its leader's
//	proposalInconsistent            a log has no hole (L4 LogContiguous), and what is proposed fits
//	VoteTruth (L1)                  a vote says what is on the voter's disk
//	EpochCurrency (L2)              promises are on disk before they are told and count; who is in an epoch by
//	                                its disk, and who acks NEWLEADER, holds what its leader had committed
//	                                when it began to sync it
//	AckedDurable (L3)               what was acked survives every crash
//	SnapshotLegality (L6)           a snapshot holds only what is chosen
//	CommittedLogChain (L7)          deliveries have no hole
//
// Agreement and TotalOrder have no check of their own, as said. The other names of the
// specifications are where one server can see them, or where the tree is:
//
//   - the rest of TypeOK: an assertion of the peer (zab), between any two events.
//   - stateInconsistent, ackInconsistent, messageIllegal: assertions of the peer, against a message that
//     no sound one can have sent in its state (TestPeersConvict in zab).
//   - proposalInconsistent, commitInconsistent, of a message: the peer that gets it refuses it and breaks
//     the connection (R3), and its word convicts the leader, for connections keep their order.
//   - StateAtZxid (L5), NoServiceUnlessEstablished (L8): scenarios/ensemble, where the trees are.
//   - VoteOrder (L9), of two different votes one is better, and LogContiguous (L4), a disk can be started
//     from: the peer itself finds out, when it compares and when it starts, and says so.
//   - L10, quorums of voters: tests of zab.
//   - ShouldBeTriggered is no truth but a goal: Audit.Elections counts.
//
// # Decisions
//
// "Chosen" is decided here from disks alone: the history that a quorum of voters held durably while
// they were in the epoch now established. A leader's own counting is what is being checked. A voter
// is in an epoch while its disk has that number both as acceptedEpoch and as currentEpoch. What it
// logs once it has promised a later one is no vote for the old epoch, even though currentEpoch
// still says so; and what it held then it may have acked, though the ack be counted when it has
// long gone on.
//
// A disk that was lost goes on counting for the epochs in which it held something. Its server may have acked
// that, and the leader counts the ack when it comes; and a server without a history votes for nobody, and is
// no member of a quorum before an established leader has given it one. So whoever is elected meanwhile has
// it from another. With more disks lost at a time than a quorum can do without none of this is true; that is
// beyond what ZAB promises.
//
// A leader that stood still may count its quorum's acks when a later epoch is established already.
// It must hold what was chosen before its own epoch; of what came after it knows nothing, and it
// can commit nothing. What it holds, the later epoch must have begun with.
//
// What a crash brings back is asked of the disk. A snapshot that was being installed may be gone
// and the one before it be there again; a server's history is then the old one.
//
// What is chosen may be taken back in one way, because ZooKeeper does it and nobody is hurt. A
// follower logs e/33, and its connection breaks before its ack is counted. With the leader's own
// disk that is a quorum, but the ack is void: when the follower comes back the leader of e brings
// it to what is committed, TRUNC(e/32), and proposes e/33 anew. So a truncation may drop what is
// chosen if
//
//   - the established leader of the epoch of what is dropped ordered it, and not a former life of
//     that leader, nor a later epoch's;
//   - it is to a point at or behind everything that this leader had committed when it gave the
//     order; and
//   - what was settled since (committed, part of an established initial history, delivered or
//     served) is on a quorum of disks without the one that is cut.
//
// What is chosen then ends where a quorum of disks still holds it, and never before what is
// settled. A commit that counts the void ack finds too few disks (CommitQuorum). A snapshot never
// takes anything back: a follower that is ahead of what its leader has committed gets TRUNC, and
// whoever gets SNAP in the same epoch holds nothing that the leader has not committed.
package safety
