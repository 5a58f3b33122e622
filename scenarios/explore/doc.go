// Package explore searches all states that a few ZAB servers can reach, within bounds such as 1
// write and 1 crash: a model checker that runs the servers' own code ([zab.Peer]). It applies all
// checks of zab/safety after every event.
//
// A fuzzer can only report that none of many runs broke a check. But a world with few servers and
// few faults can be searched completely. The [Setup] of a search has the number of servers and the
// bounds: the numbers of writes, crashes and losses of power, and the highest epoch. In every
// state, a [Search] tries every choice:
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
// A [Goal] is a description of a state: conditions, written in words, that hold at the same time. A
// search with a goal ends at the first state that fits the description, which it reaches in the
// fewest possible steps. If no state fits, the search reports this.
//
// A [Story] has the steps that lead to a violation or to a goal: [Story.Document] writes it as a
// document, [ReadStory] reads it, [Story.Play] plays it, and Options.From begins a search after its
// steps. With Options.Certain a search also says after which step the violation or the goal could
// no longer be avoided ([Certainty]). A search that ends early can be saved ([Search.Save]) and
// resumed ([Resume]).
//
// If a world is too large to be searched, a [PCT] plays random runs of it. The depth of a bug is
// the number of pairs of events whose order matters for it. For a bug of a given depth, PCT gives a
// lower bound of the probability that a run finds it.
//
// # How it is fast
//
// The local state of a server is its peer, its disk and its state machine. A world has few
// different local states, so each gets a number. The state of the world is a tuple of numbers: the
// local state of each server, the network, the state of the checks, and how many more faults,
// writes and epochs the bounds allow. States are compared by value, never only by hash, so
// different states are never treated as equal.
//
// The server's code runs only once for each local state and each event. A table stores the outcome:
// the next local state, the messages, and the reports to the checks. To run the code, the search
// rebuilds the peer from its disk and the events that led to the local state, so it never copies a
// peer. A second table stores, for each state of the checks and each list of reports, the next
// state of the checks.
//
// On two or more processors, one thread computes the next states while another looks them up among
// the states found so far. The states are added in the same order as with a single thread, so the
// result does not depend on the number of processors.
//
// [zab.Peer.AppendState] leaves out the fields that cannot change what a peer does next. The option
// Check tests that all other fields are included: if two different sequences of events lead to the
// same local state, every next event must have the same outcome after both.
//
// # What a world leaves out
//
// A result holds only for worlds of this package, which are simpler than real ones:
//
//   - A connection opens at once, and a connection attempt to a server that is down fails at once.
//   - A server's start-up writes are on disk before anything else happens.
//   - A timeout (a server closes a silent connection, or a leader gives up its epoch) happens only
//     when nothing else can happen. The bound Timeouts also allows some early timeouts: timeouts
//     although the other side was not silent. There are no PINGs: a leader that has lost its quorum
//     of followers may notice this at any moment.
//   - After a loss of power, a disk has only what was fsynced. After a crash, it has everything
//     that was written.
//   - When a server crashes, the other servers notice: their connections to it end after the last
//     message. When a machine loses its power or its disk, its messages in transit are lost.
//   - A server never saves a snapshot of its own state. Only a leader makes one, to bring a
//     follower up to date, and sends the whole snapshot in a single message.
//   - Prepared disks (Setup.Disks) need not be the result of a run. Their transactions may be lost
//     until a leader that has these transactions is established. From then on, the transactions
//     count as chosen: no later leader may lack them.
//   - Clients write at the leader; the state machine is the list of writes.
package explore
