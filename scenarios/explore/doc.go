// Package explore plays every schedule of a small world. It runs the servers' own code
// ([zab.Peer]), with all checks of zab/safety after every event.
//
// A fuzzer reports that none of many runs broke a check. A small world can be searched completely:
// its [Setup] says how many servers there are, how many writes, crashes and losses of power, and
// how far epochs may go; a [Search] then takes every choice at every moment:
//
//   - which message is delivered next, on which connection (each connection is FIFO);
//   - when the oldest fsync of a disk ends (a disk completes them one after another);
//   - when a timer fires;
//   - whether a process crashes, a machine loses power, a server restarts, a client writes.
//
// The search is breadth-first, so the first counter-example that it finds has the fewest steps.
// [Search.Run] plays it again on fresh peers, disks and a fresh audit, without the optimisations
// below, and reports an internal error if the outcome differs.
//
// A [Goal] names a state in words. The search then ends at the first world that reaches it, which no
// fewer steps reach, or says that none of all worlds does.
//
// # How it is fast
//
// A world has few local states: a peer, its disk and its state machine. So a world is a tuple of
// numbers: the local state of each server, the network, the audit's state, and what is left of the
// bounds. The engine runs once for each pair of a local state and an event; the outcome (the next
// local state, messages, and reports to the audit) is kept. To run the engine in a local state, the
// search rebuilds the peer from its disk and from the events that led to that state, so it never
// copies a peer. It keeps the verdicts of the audit on a list of reports in the same way. All
// states are compared by value, never by a hash alone: two states that differ are never taken for
// one.
//
// Where there are two processors, one thread makes the next worlds while another looks them up. It does
// so in the same order as one thread, so the result is the same.
//
// [zab.Peer.AppendState] leaves out fields that do not matter. The option Check of a search tests
// this choice: it reaches each local state by a second chain of events, if there is one, and
// requires the same outcome of every event.
//
// # What a world leaves out
//
// A result holds for these worlds, and says nothing about others:
//
//   - A connection opens at once, and a connection attempt to a server that is down fails at once.
//   - A server's start-up writes are on disk before anything else happens.
//   - A server gives up a silent connection, and a leader gives up its epoch, only when nothing
//     else can happen. The bound Timeouts allows some early timeouts: then the other side need not
//     have been silent. There are no PINGs: a leader without a quorum of followers may notice it at
//     any moment.
//   - After a loss of power, a disk has only what was fsynced. After a crash, it has everything
//     that was written.
//   - The other servers notice a crash: their connections end after the last message. When a
//     machine loses its power or its disk, its messages in transit are lost.
//   - Servers write no snapshots of their own state, and one message carries a whole snapshot.
//   - Prepared disks (Setup.Disks) need not be the result of a run, and what they hold is not
//     chosen until a leader is established with it.
//   - Clients write at the leader; the state machine is the list of writes.
package explore
