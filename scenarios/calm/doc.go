// Package calm judges whether servers and clients took longer than the protocol needs for an
// election, a connection, an answer or an event. It judges only the times in which no fault acted.
//
// Input: a [Log], and what the clients called and received. The engine reports to the Log every
// fault, every change of a server's role, and each start and end of a client, at the moment when it
// happens.
//
// Output: [Log.Judge] returns a [Breach] for each span that took longer than the protocol needs,
// and the [Figures] of the run. Package fuzz compares the figures of many runs with a recorded
// baseline: the figures of the engine without an injected bug.
//
// # Calm
//
// A moment is calm for the servers if
//
//   - the servers that run and have never lost their disks are a quorum;
//   - no message between two servers is cut off, held or delayed;
//   - no server is paused, every server's clock runs at the normal rate, no disk is slower than the
//     configuration says, no disk is going to fail because of an earlier fault, and no disk has
//     been corrupted;
//   - no write and no message is still delayed by a disk or a link that was slow earlier.
//
// A [Period] is a span of calm moments in which no fault happens, and no server starts or stops. A
// server may be down during the whole period. Each client also has its own periods: those in which
// there is no fault on the client or on its links either.
//
// In a period, an earlier fault may still have effects that nobody has noticed: a lost vote, or a
// connection whose other end has lost its power. The bounds below allow time for these effects.
//
// # What is checked
//
// Each bound is the sum of the times that the protocol needs: messages at the largest latency of a
// link, fsyncs of the longest duration, and ZooKeeper's own waits. The function named at the end of
// a table row computes its bound.
//
//	judge.go   ElectionInTime   without a working leader, a quorum gets one: electionBound
//	           EpochInTime      a leader with a quorum of followers is established: join
//	           NoVainEpoch      an epoch that a quorum has promised is established
//	           ReignInCalm      a server that serves does not leave its role: settle
//	client.go  ConnectedInTime  a client without a connection gets one: connect
//	           StaysConnected   a client with a connection keeps it: hung
//	           AnswerInTime     a call is answered, and its outcome is known: answer
//	           WakeInTime       a client learns of the first change after its watch: answer
//
// # Decisions
//
// The judge reads which roles the servers had, but not the reasons that they gave for leaving a
// role: a wrong reason must not excuse lost time. Without a fault, a server may leave its role in
// only two cases: the epoch has no zxids left, or another server has promised a later epoch. The
// judge reads both from the disks of the servers.
//
// The run is judged when it has ended, so that no event takes longer because of the judge. The
// [Log] is short, because it records only faults and changes of the servers' roles, and no
// messages.
//
// The ensemble must answer a client's attempt to connect within a bound. The judge leaves out a
// client that gives up an attempt sooner than that, because such a client breaks its connections
// itself.
package calm
