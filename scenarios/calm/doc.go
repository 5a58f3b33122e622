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
//   - no server is paused, no clock of a server runs at another rate, no disk is slower than the
//     configuration says, no disk is about to fail, and no disk has been corrupted;
//   - no write and no message is still delayed by a disk or a link that was slow earlier.
//
// A [Period] is a span of calm moments in which no fault happens, and no server starts or stops. A
// server may be down during the whole period. In a period of a client, there is also no fault on
// that client or on its links.
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
// The judge reads the roles of servers, not the reasons that servers give for leaving a role,
// because a wrong reason must not excuse lost time. A server may leave its role without a fault in
// two cases, which the judge reads from the disks of the servers: the counter of the epoch is used
// up, or another server has promised a later epoch.
//
// The run is judged at its end, so that judging slows no event down. The [Log] is short, because it
// records faults and changes of the servers' roles, but no messages.
//
// The ensemble must answer a client's attempt to connect within a bound. The judge leaves out a
// client that gives up an attempt sooner than that, because such a client breaks its connections
// itself.
package calm
