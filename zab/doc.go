// Package zab is ZAB, the atomic broadcast protocol of ZooKeeper, as a pure state machine.
//
// A [Peer] is the part of one server that runs the protocol. It reads no clock, opens no socket and
// starts no goroutine: [Peer.Step] takes the time and one event, and appends the effects that the
// peer wants, in order. The caller carries them out; package sim does so on simulated machines.
//
// # The protocol on one screen
//
// In this table, L is the leader, F a follower, O an observer. The column "Disk" says what must be
// durable before the message may be sent, so that the sender can keep the promise that the message
// makes.
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
// An epoch is established when a quorum has acked NEWLEADER. From then on, the whole initial
// history of the epoch is committed, including transactions that no earlier leader had committed. A
// transaction that is proposed afterwards is committed when a quorum of servers in this epoch has
// it on disk. Each server delivers a transaction to its [App] when it learns that the transaction
// is committed.
//
// The disk (storage.go) holds two epoch files, logs and snapshots. Two parts of the code write to
// it. writer.go writes the epochs, the logs, and snapshots received from a leader; it carries out
// its write requests in order, so that nothing becomes durable before what was requested earlier.
// Meanwhile snapper.go writes, piece by piece, the fuzzy snapshots that the server makes of its own
// state.
//
// RULES.md has the rules that the code and its tests cite, each with its reason and its reference.
// flawed.go has the bugs that can be injected.
//
// # Contract
//
//  1. Make a peer with [New] from what [Recover] reads from the disk. The first event of the peer
//     must be Boot. Before the first start of a new server, write its files with [Format]: a peer
//     with an empty disk assumes that its disk was lost.
//  2. Hand every event to the peer, one at a time, and carry out the effects in order. Sends may be
//     lost with their connection; disk effects must not be reordered. If all events are for the
//     peer, call [Peer.Step]. If your [App] has events of its own, call [IO.Begin] for each event,
//     then [Peer.Handle] if the event is for the peer or your own code if it is not, and then take
//     the effects from IO.Out. The Example and package tree/server do this.
//  3. When an fsync is complete, hand its completion event, with the token of the fsync, to the
//     peer. Before that, the peer sends nothing that depends on the data.
//  4. At [Peer.Deadline], hand a Wake event to the peer.
//  5. Connections are FIFO. When one breaks, notify both ends; messages in transit are lost.
//  6. Propose ([Peer.Propose]) only while [Peer.NextZxid] allows it, and never change the proposed
//     data.
//  7. After a crash, begin again at item 1 of this list, with what the disk still holds.
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
// [Peer.Propose] does not promise that the proposal will be committed. When the proposing leader
// delivers the proposal to its App, the proposal is certainly committed. If the leader fails
// earlier, a later leader either commits the proposal or drops it. Until a later leader has done
// so, the outcome is unknown, and the App should tell its client so. The App learns the outcome
// when its server serves again, in a later epoch: its state then contains everything that was
// committed before, and a proposal that is not in the state is lost for ever. (A call of
// [App.Deliver] with replayed = true does not prove that the transaction is committed: a later
// [App.Restore] may undo it.)
//
// # Decisions
//
//   - Servers compare histories by currentEpoch first, and then by the last zxid. The last zxid
//     alone is not enough: a leader that commits a history from earlier epochs adds no record of
//     its own epoch to the log, so the last zxid does not show which history is newer. The story
//     testdata/election-figure-eight shows what goes wrong if only zxids are compared.
//   - Log records and epochs are written through one queue (writer.go), because only their order
//     makes recovery safe (rules D1 to D8 of RULES.md). ZooKeeper writes them from several threads,
//     and most of its recovery bugs came from writes in the wrong order. With two queues, these
//     rules would no longer be enough to make recovery safe.
//   - Every follower acks every proposal, in order, so the leader sends its COMMITs in order too.
//     The package has no reconfiguration: with it, two proposals could need the ACKs of different
//     voters, and the COMMITs could be sent in another order.
//   - Where ZooKeeper violates one of the rules R0 to R11 of RULES.md, this package follows the
//     rule.
//   - If an event can happen under the simulated faults, but the protocol cannot use it, the peer
//     refuses it and counts the reason ([Probe], [Peer.Refusals]). If an event cannot happen under
//     these faults, an assertion fails and ends the run.
//
// # Stories
//
// Each file in testdata is a story, which a test runs. It says what is on which disk, which server
// is cut off or loses power at which step, which messages follow, and how the story ends. Read the
// stories to learn the protocol; TestStories explains their commands.
package zab
