// Package explore searches all states that a few ZAB servers can reach, within bounds such as 1
// write and 1 crash: a model checker that runs the servers' own code ([zab.Peer]). It applies all
// checks of zab/safety after every event.
//
// A fuzzer can only report that none of many runs broke a check. A small world can be searched
// completely. Its [Setup] has the number of servers and the bounds: the numbers of writes, crashes
// and losses of power, and the highest epoch. In every state, a [Search] tries every choice:
//
//   - which message is delivered next, on which connection (each connection is FIFO);
//   - when the oldest fsync of a disk ends (a disk completes them one after another);
//   - when a timer fires;
//   - whether a process crashes, a machine loses power, a server restarts, or a client writes.
//
// The search is breadth-first, so the first counter-example that it finds has the fewest steps.
// [Search.Run] then plays the counter-example again with fresh peers, disks and checks, without the
// optimisations below, and reports an internal error if the outcome differs.
//
// A [Goal] describes a state in words. A search with a goal ends at the first state that fits the
// description, reached in the fewest possible steps, or reports that no state fits.
//
// The steps of a counter-example, or to a goal, are a [Story]: [Story.Document] writes it as a document,
// [ReadStory] reads it, [Story.Play] plays it, and Options.From begins a search after its steps. With
// Options.Certain a search also says after which step nothing could avert the end ([Certainty]). A
// search that ends early can be saved ([Search.Save]) and resumed ([Resume]).
//
// A world that is too large to be searched can be played at random: a [PCT] finds every bug of a given
// depth with a known probability.
//
// # How it is fast
//
// The local state of a server is its peer, its disk and its state machine. A world has few
// different local states, so each gets a number. The state of the world is a tuple of numbers: the
// local state of each server, the network, the state of the checks, and how many more faults,
// writes and epochs the bounds allow. The server's code runs once for each pair of a local state
// and an event; a table keeps the outcome: the next local state, the messages, and the reports to
// the checks. To run the code in a local state, the search rebuilds the peer from its disk and the
// events that led to that state, so it never copies a peer. Another table keeps the next state of
// the checks for each pair of a state of the checks and a list of reports. States are compared by
// value, never only by hash, so different states are never treated as equal.
//
// On two or more processors, one thread computes the next states while another looks them up among
// the states found so far. The states are added in the same order as with a single thread, so the
// result does not depend on the number of processors.
//
// [zab.Peer.AppendState] leaves out the fields that cannot change what a peer does next. The option
// Check tests that it leaves out no other field: if a second chain of events leads to the same
// local state, every event must have the same outcome after both chains.
//
// # What a world leaves out
//
// A result holds only for worlds of this package, which are simpler than real ones:
//
//   - A connection opens at once, and a connection attempt to a server that is down fails at once.
//   - A server's start-up writes are on disk before anything else happens.
//   - A timeout, after which a server closes a silent connection or a leader gives up its epoch,
//     happens only when nothing else can happen. The bound Timeouts allows some early timeouts,
//     which happen although the other side was not silent. There are no PINGs: a leader may notice
//     at any moment that it has no quorum of followers.
//   - After a loss of power, a disk has only what was fsynced. After a crash, it has everything
//     that was written.
//   - When a server crashes, the other servers notice: their connections to it end after the last
//     message. When a machine loses its power or its disk, its messages in transit are lost.
//   - Servers write no snapshots of their own state, and one message carries a whole snapshot.
//   - Prepared disks (Setup.Disks) need not be the result of a run. Their transactions count as
//     chosen (no later leader may lack them) only when a leader that has them is established.
//   - Clients write at the leader; the state machine is the list of writes.
package explore
