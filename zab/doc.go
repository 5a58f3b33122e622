// Package zab is ZAB, the atomic broadcast protocol of ZooKeeper, as a pure state machine.
//
// A [Peer] is one server's share of the protocol. It reads no clock, opens no socket and starts no
// goroutine: [Peer.Step] takes the time and one event, and appends the effects that the peer wants,
// in order. The caller carries them out; package sim does so on simulated machines.
//
// # The protocol on one screen
//
// In this table, L is the leader, F a follower, O an observer. The column "Disk" says what must be
// durable before the message may leave: this makes the message a promise.
//
//	Message        From, to     Says                                       Disk
//	ELECTION: election.go, over the connections of links.go
//	NOTIFICATION   all voters   my vote: a leader, its last zxid and epoch  my log and epoch
//	DISCOVERY: discovery.go
//	FOLLOWERINFO   F, O to L    the last epoch that I accepted              acceptedEpoch
//	LEADERINFO     L to F, O    the new epoch: larger than any a quorum     acceptedEpoch
//	ACKEPOCH       F, O to L    I join no older epoch; my log ends here     acceptedEpoch
//	SYNCHRONIZATION, or catching up: catchup.go
//	DIFF           L to F, O    the transactions that you lack follow
//	TRUNC          L to F, O    drop what follows this zxid
//	SNAP, SNAPDATA L to F, O    the whole state, piece by piece
//	and then, to establish the epoch: establish.go
//	NEWLEADER      L to F, O    that was the initial history of the epoch
//	ACK of e/0     F, O to L    I hold it                                   history, currentEpoch
//	UPTODATE       L to F, O    a quorum holds it: serve
//	BROADCAST, a write: broadcast.go
//	REQUEST        F, O to L    a client's write
//	PROPOSAL       L to F       log this transaction
//	ACK            F to L       I hold everything up to this zxid           log
//	COMMIT         L to F       a quorum holds it: apply it                 log, on a quorum
//	INFORM         L to O       PROPOSAL and COMMIT in one                  log, on a quorum
//	at any time: leader.go, learner.go, sync.go
//	PING           L to F, O    are you there? The answer names the sessions heard of
//	SYNC           F, O to L    a client's sync: comes back after every commit sent so far
//	REVALIDATE     F, O to L    does this session live?
//
// An epoch is established when a quorum has acked NEWLEADER. Then all of its initial history is
// committed, including transactions that no earlier leader had committed. A later transaction is
// committed when a quorum has it on disk in the established epoch. It is delivered to a server's
// [App] when that server learns of the commit.
//
// The disk (storage.go) has two epoch files, logs and snapshots. writer.go writes all of them,
// except our own snapshots, one after another: what is requested first is durable first. At the
// same time snapper.go writes our own fuzzy snapshots, piece by piece.
//
// RULES.md has the rules that the code and its tests cite, each with its reason and its reference.
// flawed.go has the bugs that can be injected.
//
// # Contract
//
//  1. Make a peer with [New] from what [Recover] reads off the disk. Its first event is Boot.
//     Before a new server's first start, write its disk with [Format]: an empty disk counts as
//     lost.
//  2. Hand every event to the peer, one at a time, and carry out the effects in order. Sends may be
//     lost with their connection; disk effects must not be reordered. There are two entry points.
//     If all events are the peer's, call [Peer.Step]. An [App] with its own events calls
//     [IO.Begin], then [Peer.Handle] for the peer's events and its own code for the others, and
//     then takes the effects from IO.Out. The Example and tree/server do so.
//  3. When an fsync is complete, hand its completion event, with the token of the fsync, to the
//     peer. Before that, the peer sends nothing that depends on the data.
//  4. At [Peer.Deadline], hand a Wake event to the peer.
//  5. Connections are FIFO. When one breaks, notify both ends; messages in transit are lost.
//  6. Propose ([Peer.Propose]) only while [Peer.NextZxid] allows it, and never change the proposed
//     data.
//  7. After a crash, begin again at step 1 with what the disk still holds.
//
// # The App
//
// The peer replicates a state machine of yours, the [App]:
//
//	Deliver, Restore, Snapshot  the state: one change, all of it from a snapshot, all of it to one
//	Changed                     the server leads or follows, and serves ([Peer.Serving]) or not
//	Forwarded, Answered         what a learner's client asks of the leader, and the answer
//	Touched, Heard              the sessions that a learner has heard of, for the leader
//
// If only the leader's server has clients, all methods except Deliver, Restore and Snapshot may do
// nothing.
//
// # What becomes of a proposal
//
// Propose promises nothing. A proposal is committed when the leader that made it delivers it. If
// that leader fails first, a later leader commits or drops the proposal. Until then the outcome is
// unknown: report that to the client. The App learns the outcome when its server serves again, in a
// later epoch: its state then contains everything that was committed before, and a proposal that is
// missing from it is lost for ever. (A Restore may undo transactions for which the argument
// replayed of Deliver was true.) If the counter of an epoch is used up, Propose drops the data,
// returns false, and ends the epoch.
//
// # Decisions
//
//   - A history is ranked by currentEpoch and then by its last zxid, not by the zxid alone, because
//     committing an inherited history writes no record. The story election-figure-eight shows what
//     goes wrong.
//   - Records and epochs share one queue (writer.go), because only their order makes recovery safe
//     (rules D1 to D8). ZooKeeper writes them from several threads, and most of its bugs in this
//     area were writes in the wrong order. A second queue would need another proof.
//   - Every follower acks every proposal, in order, so commits leave in order too. Reconfiguration
//     is left out: it would let two proposals need different voters, and then commits could leave
//     out of order.
//   - Where ZooKeeper is weaker than the rules R0 to R11, we follow the rules.
//   - An event that the fault model allows but the protocol cannot use is refused, with a reason
//     ([Probe], [Peer.Refusals]); an event that the fault model forbids fails an assertion, which
//     ends the run.
//
// # Stories
//
// Each file of testdata is a story that a test runs: what is on which disk, which server is cut off
// or loses its power at which step, which messages follow, and how the story ends. Read the stories
// to learn the protocol; TestStories explains their commands.
package zab
