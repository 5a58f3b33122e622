// Package safety checks safety properties that no single server can check: after every event of a
// run it compares all servers with each other.
//
// An [Audit] observes the servers from outside. A [zab.Probe] reports to it what each peer does.
// [Audit.DiskLog] and [Audit.DiskEpochs] report to it what each disk really holds: this information
// comes from the simulated disks, never from a peer. The audit keeps only what it needs to make
// each check a fast comparison. At a violation it calls the function fail that [New] was given.
//
// For each log record the audit keeps a hash of the history up to that record. If two servers have
// the same hash at a zxid, they have the same history up to that zxid. So the audit can compare two
// histories with one comparison of hashes.
//
// # Names
//
// The names of the checks are from the TLA+ specifications Zab.tla and ZkV3_7_0.tla. If only the
// Zab paper (DSN 2011) has a check, the name is from there. The checks with a rule L1 to L7 are new
// in this lab, because the specifications do not model the disk.
//
//	TypeOK                          no transaction is proposed at e/0, the mark of an epoch
//	Leadership1, Leadership2        one leader, and one life of it, per epoch
//	PrefixConsistency               all servers deliver the same history; Agreement and
//	                                TotalOrder follow, because there is one chain of hashes
//	Integrity                       only what some leader broadcast is delivered
//	LocalPrimaryOrder               e/k is delivered right after e/k-1, for all k
//	GlobalPrimaryOrder              no server delivers an older epoch after a newer one
//	PrimaryIntegrity                an established leader holds everything delivered before
//	PromiseQuorum                   a leader is elected when a quorum has promised its epoch
//	LeaderLogCompleteness           a leader with the ACKEPOCH quorum holds everything chosen
//	CommittedLogMonotonicity        what is chosen only grows
//	CommittedLogDurability          no truncation and no snapshot removes what is chosen
//	CommitQuorum                    what is committed is on a quorum's disks, in this epoch; a
//	                                leader counts no ACK of what it tells the follower to drop
//	InitialHistory                  an epoch's initial history holds that of every earlier one
//	ProcessConsistency              a follower that has caught up holds a prefix of its leader's
//	                                log
//	proposalInconsistent            a log has no hole (rule L4), and what is proposed fits
//	VoteTruth (rule L1)             a vote says what is on the voter's disk
//	EpochCurrency (rule L2)         a promise is on disk before it is sent and counted; a server
//	                                that is in an epoch by its disk, or acks NEWLEADER, holds
//	                                what its leader had committed when it began to catch up; a
//	                                leader has its epoch and initial history on its own disk
//	AckedDurable (rule L3)          what was acked survives every crash; the logs on a disk hold
//	                                the server's history and nothing else when it joins an epoch
//	SnapshotLegality (rule L6)      a snapshot holds only what is chosen
//	CommittedLogChain (rule L7)     deliveries have no hole
//	LogRolls                        a server's log begins a new file with each of its snapshots
//
// Other properties of the specifications are not checked by this package, because one server can
// check them itself, or because the check needs the tree:
//
//   - The rest of TypeOK: each peer asserts it after every event.
//   - stateInconsistent, ackInconsistent, messageIllegal: each peer asserts that it receives only
//     messages that a correct peer may send (TestPeersConvict in package zab).
//   - proposalInconsistent (for a received message) and commitInconsistent: if a message violates
//     one of these properties, the follower that receives it closes the connection (rule R3) and
//     reports its leader. The leader must have a bug, because a connection does not reorder
//     messages.
//   - StateAtZxid (rule L5) and NoServiceUnlessEstablished (rule L8): package scenarios/audit
//     checks them, because it can read the servers' trees.
//   - VoteOrder (rule L9: of two different votes exactly one is better): each peer checks it when
//     it compares two votes.
//   - LogContiguous (rule L4: a server can start from its disk): each peer checks it when it
//     starts. Tests of package zab check rule L10: only voters count towards a quorum.
//   - ShouldBeTriggered: this property says that something must happen at some time, so no check of
//     a single state can find a violation. Audit.Elections counts how often a leader is elected.
//
// # Decisions
//
// Only the disks decide what is chosen, because the leader's own count of ACKs is what the audit
// checks. A transaction is chosen if a quorum of voters had it on disk while they were in the
// newest established epoch. A voter is in an epoch while its disk has the number of that epoch both
// as acceptedEpoch and as currentEpoch. A transaction that a voter logs after it has promised a
// later epoch does not count, although currentEpoch is still the old epoch. A transaction that it
// logged before that promise does count: the voter may have acked it, and the leader may count this
// ACK much later.
//
// A history that was on a lost disk still counts in the epochs in which the disk held it: the
// server may have acked the history, and the leader counts the ACK when it arrives. This is safe. A
// server that has lost its disk does not vote, and does not count for a quorum, until an
// established leader has sent it a history. So any leader that is elected before the server
// receives this history has the acked history from another disk. The history can be lost only if so
// many disks are lost at the same time that the remaining ones are not a quorum; in this case ZAB
// promises nothing.
//
// When a server that has lost its disk rejoins an epoch in which it had sent ACKs, the leader of
// that epoch no longer counts these ACKs. A transaction that needed one of them for its quorum then
// no longer counts as chosen, unless it was already settled: committed, delivered or shown to a
// client, or part of the initial history of an established epoch.
//
// A leader that was paused may receive the quorum of ACKs of its NEWLEADER only after a later epoch
// has been established. This leader does not know of the later epoch, and can commit no new
// transaction, so its history need not include what was chosen in the later epoch. In this case the
// audit checks two things: the paused leader holds what was chosen before its own epoch, and the
// initial history of the later epoch begins with the paused leader's history.
//
// The audit counts only records that are in the log files on a disk. When a record becomes durable,
// [Disks] compares it with the server's log, by the hash of the history up to that record. Records
// after the first difference do not count. So the audit notices a missing record, a changed record,
// a file whose name is not durable, and truncated records that have come back.
//
// After a crash the audit reads from the disk which history the server has. If the crash
// interrupted the installation of a snapshot, the server may start from its previous snapshot, and
// then has its old history again.
//
// In one case a chosen transaction may be dropped, because ZooKeeper drops it too and this does no
// harm. For example, in an ensemble of three, the leader and one follower have e/33 on disk. They
// are a quorum, so e/33 is chosen. The follower's connection breaks, and its ACK is lost. When the
// follower comes back, the same leader sends TRUNC(e/32), which keeps the committed history, and
// then proposes e/33 again. So a truncation may drop chosen transactions if all of these conditions
// hold:
//
//   - The truncation was ordered by the established leader of the epoch in which the dropped
//     transactions were proposed, and the process of that leader has not restarted since it was
//     elected.
//   - The truncation keeps everything that the leader had committed when it ordered the truncation.
//   - After the truncation, a quorum of the disks still holds everything that is settled, including
//     what was settled after the leader gave the order. A transaction is settled when it is
//     committed, delivered or shown to a client, or when it is in the initial history of an
//     established epoch.
//
// After such a truncation, the chosen history shrinks to what a quorum of disks still holds; it
// never loses a settled transaction. If the leader still counts the ACK of a dropped transaction,
// the check CommitQuorum finds that too few disks hold the transaction. A snapshot must not drop a
// chosen transaction: if a follower's history goes beyond what the leader has committed, the leader
// sends TRUNC, not SNAP. There is one exception: the follower cannot carry out the TRUNC if its
// oldest snapshot, which came from the same leader, ends after the zxid of the TRUNC. It then asks
// for a SNAP, which may drop chosen transactions under the conditions listed above.
package safety
