// Package safety checks what no single server can see: after every event of a run it compares all
// servers with each other.
//
// An [Audit] is outside the servers. A [zab.Probe] reports what each peer does. [Audit.DiskLog] and
// [Audit.DiskEpochs] report what each disk really holds; their source is the simulated disks, never
// a peer. The audit keeps the few facts that make every check a look-up, and stops the run at the
// first violation.
//
// The audit keeps one cumulative hash per record: if two servers have the same hash at a zxid, they
// have the same whole history up to it. So every formula over pairs of histories becomes one
// comparison.
//
// # Names
//
// The names of the checks are from Zab.tla and ZkV3_7_0.tla, or from the DSN'11 paper if only the
// paper has them. Checks with a rule L1 to L7 are new in this lab: the specifications have no disk.
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
// Other properties of the specifications are checked in other places, where one server can see them
// or where the tree is known:
//
//   - the rest of TypeOK: the peer asserts it between any two events.
//   - stateInconsistent, ackInconsistent, messageIllegal: the peer asserts that a sound peer may
//     have sent each message that it receives (TestPeersConvict in zab).
//   - proposalInconsistent and commitInconsistent: if a message violates one of them, the peer that
//     receives it breaks the connection (rule R3) and reports the message. The leader is at fault,
//     because a connection cannot reorder its messages.
//   - StateAtZxid (rule L5) and NoServiceUnlessEstablished (rule L8): scenarios/audit checks them,
//     because it sees the trees.
//   - VoteOrder (rule L9: of two different votes exactly one is better): the peer checks it when it
//     compares votes.
//   - LogContiguous (rule L4: a server can start from its disk): the peer checks it when it starts.
//     Tests of zab check that only voters make a quorum (rule L10).
//   - ShouldBeTriggered is a goal, not an invariant: Audit.Elections counts how often a leader is
//     elected.
//
// # Decisions
//
// "Chosen" is decided from disks alone, because the leader's own count is what is being checked.
// The chosen history is what a quorum of voters held durably while they were in the epoch that is
// now established. A voter is in an epoch while its disk has that number both as acceptedEpoch and
// as currentEpoch. Transactions that it logs after it has promised a later epoch do not count for
// the old epoch, although currentEpoch is still the old one. Transactions that it logged before do
// count: it may have acked them, and the leader may count that ack much later.
//
// A lost disk still counts for the epochs in which it held a history: its server may have acked
// that history, and the leader counts the ack when it arrives. This is safe, because a server
// without a history has no vote, and joins no quorum before an established leader sends it one. So
// a leader elected in between has the acked history from another disk. This fails if more disks are
// lost at once than a quorum can spare, but then ZAB promises nothing.
//
// When the server comes back to the same epoch, its leader drops the acks of this server that it
// had not counted. From then on, transactions that only the lost disk held are no longer chosen,
// unless somebody relies on them.
//
// A leader that was paused may count its quorum's acks when a later epoch is already established.
// That leader must hold what was chosen before its own epoch. It knows of no later epoch, and can
// commit nothing. The later epoch must have begun with the paused leader's history.
//
// A disk holds what its log files hold, record by record. [Disks] compares each record that becomes
// durable with the server's log, by the cumulative hash; the disk counts up to the first
// difference. So the audit notices a hole, other bytes, a file whose name is not durable, and a
// suffix that was cut off and has come back.
//
// After a crash the audit reads from the disk what the server has. If the crash interrupted the
// installation of a snapshot, the server may start from its previous snapshot: then it has its old
// history again.
//
// A chosen transaction may be dropped in one case, because ZooKeeper does so and it does no harm.
// In an ensemble of three, the leader and one follower have e/33 on disk: they are a quorum, so e/33
// is chosen. The follower's connection breaks before the leader counts its ack, and an ack counts only
// on its connection. When the follower comes back, the same leader sends TRUNC(e/32), which keeps the
// committed history, and proposes e/33 again. So a
// truncation may drop chosen transactions if
//
//   - the established leader of the dropped transactions' epoch ordered the truncation, and its
//     process has not restarted since it was elected;
//   - the truncation keeps everything that the leader had committed when it ordered the truncation;
//     and
//   - everything settled after the leader gave the order (committed, part of an established initial
//     history, delivered or served) is on a quorum of the other disks.
//
// After such a truncation the chosen history ends where a quorum of disks still holds it, and never
// before what is settled. A commit that counts the void ack finds too few disks (CommitQuorum). A
// snapshot must not drop a chosen transaction either, because a follower that is ahead of what its
// leader has committed gets TRUNC. There is one exception, under the same conditions: the follower
// had to refuse that TRUNC, because its oldest snapshot, which it got from the same leader, ends
// after the transaction to which it should truncate. Then the follower asks for a SNAP.
package safety
