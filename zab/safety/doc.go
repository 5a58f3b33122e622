// Package safety checks what no single server can see: after every event of a run, it compares all
// servers for what must be equal, ordered or unique.
//
// An [Audit] is outside the servers. A [zab.Probe] reports what each peer does. [Audit.DiskLog] and
// [Audit.DiskEpochs] report what each disk really holds; their source is the simulated disks, never
// a peer. The audit keeps the few facts that make every check a look-up, and stops the run at the
// first violation.
//
// It keeps one cumulative hash per record: two servers with the same hash at a zxid have the same
// whole history up to it. So every formula over pairs of histories becomes one comparison.
//
// # Names
//
// Checks have their names from Zab.tla and ZkV3_7_0.tla, or from the DSN'11 paper if only the paper
// has them. Those with a rule L1 to L7 are this lab's own: the specifications have no disk.
//
//	TypeOK                          no transaction is proposed at e/0, the mark of an epoch
//	Leadership1, Leadership2        one leader, and one life of it, per epoch
//	PrefixConsistency               all servers deliver the same history; Agreement and
//	                                TotalOrder follow, because there is one chain of hashes
//	Integrity                       only what some leader broadcast is delivered
//	LocalPrimaryOrder               e/k is delivered right after e/k-1, for all k
//	GlobalPrimaryOrder              no server delivers an older epoch after a newer one
//	PrimaryIntegrity                an established leader holds everything delivered before
//	LeaderLogCompleteness           a leader with the ACKEPOCH quorum holds everything chosen
//	CommittedLogMonotonicity        what is chosen only grows
//	CommittedLogDurability          no truncation and no snapshot removes what is chosen
//	CommitQuorum                    what is committed is on a quorum's disks, in this epoch
//	InitialHistory                  an epoch's initial history holds that of every earlier one
//	ProcessConsistency              a follower that has caught up holds a prefix of its leader's
//	                                log
//	proposalInconsistent            a log has no hole (rule L4), and what is proposed fits
//	VoteTruth (rule L1)             a vote says what is on the voter's disk
//	EpochCurrency (rule L2)         a promise is on disk before it is sent and counted; a server
//	                                that is in an epoch by its disk, or acks NEWLEADER, holds
//	                                what its leader had committed when it began to catch up
//	AckedDurable (rule L3)          what was acked survives every crash
//	SnapshotLegality (rule L6)      a snapshot holds only what is chosen
//	CommittedLogChain (rule L7)     deliveries have no hole
//
// The other names of the specifications are checked where one server can see them, or where the
// tree is:
//
//   - the rest of TypeOK: an assertion of the peer, between any two events.
//   - stateInconsistent, ackInconsistent, messageIllegal: assertions of the peer, against a message
//     that no sound peer can have sent in its state (TestPeersConvict in zab).
//   - proposalInconsistent and commitInconsistent of a message: the peer that gets it refuses it
//     and breaks the connection (rule R3). Its refusal convicts the leader, because connections
//     keep their order.
//   - StateAtZxid (rule L5) and NoServiceUnlessEstablished (rule L8): scenarios/audit, which sees
//     the trees.
//   - VoteOrder (rule L9), of two different votes one is better, and LogContiguous (rule L4), a
//     server can start from its disk: the peer checks these when it compares votes and when it
//     starts.
//   - quorums of voters (rule L10): tests of zab.
//   - ShouldBeTriggered is not an invariant but a goal: Audit.Elections counts.
//
// # Decisions
//
// "Chosen" is decided here from disks alone: the history that a quorum of voters held durably while
// they were in the epoch now established. The leader's own count is what is being checked. A voter
// is in an epoch while its disk has that number both as acceptedEpoch and as currentEpoch. What it
// logs after promising a later epoch does not count for the old one, even though currentEpoch is
// still the old one. What it held before, it may have acked, and the leader may count that ack much
// later.
//
// A lost disk continues to count for the epochs in which it held something: its server may have
// acked that, and the leader counts the ack when it arrives. A server without a history has no
// vote, and joins no quorum before an established leader sends it one. So a leader elected in
// between has that history from another disk. If more disks are lost at once than a quorum can
// spare, this fails; ZAB promises nothing then.
//
// A leader that was paused may count its quorum's acks when a later epoch is already established.
// It must hold what was chosen before its own epoch. It knows nothing later, and can commit
// nothing. The later epoch must have begun with what it holds.
//
// What a crash brings back is read from the disk. A snapshot that was being installed may be gone,
// and the previous one restored; then the server's history is the old one.
//
// What is chosen may be taken back in one way, because ZooKeeper does it and it harms nobody. A
// follower logs e/33, and its connection breaks before its ack is counted. With the leader's own
// disk that is a quorum, but the ack is void: when the follower comes back, the leader of e
// truncates it to the committed history, TRUNC(e/32), and proposes e/33 again. So a truncation may
// drop what is chosen if
//
//   - the leader that is established in the epoch of the dropped transactions ordered it, in this
//     life of its process;
//   - the point is not before anything that this leader had committed when it gave the order; and
//   - what was settled since (committed, part of an established initial history, delivered or
//     served) is on a quorum of disks without the one that is cut.
//
// What is chosen then ends where a quorum of disks still holds it, and never before what is
// settled. A commit that counts the void ack finds too few disks (CommitQuorum). A snapshot never
// undoes anything: a follower that is ahead of what its leader has committed gets TRUNC, and a
// follower that gets SNAP in the same epoch holds nothing that the leader has not committed.
package safety
