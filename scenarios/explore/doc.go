// Package explore goes through every schedule of a small world: the code that runs, [zab.Peer], with
// all checks of zab/safety after every event.
//
// A fuzzer reports that none of many runs broke a check. A small world can be finished: its
// [Setup] says how many servers there are, how many writes, crashes and losses of power, and how far
// epochs may go; a [Search] then takes every choice at every moment:
//
//   - which message is delivered next, on which connection (each connection is FIFO);
//   - when the oldest fsync of a disk ends (a disk completes them one after another);
//   - when a timer fires;
//   - whether a process crashes, a machine loses power, a server restarts, a client writes.
//
// The search is breadth-first, so the first counter-example that it finds has the fewest steps.
// [Search.Run] plays it again on fresh peers, disks and a fresh audit, without any of the means
// below, and reports an internal error if the outcome differs.
//
// # How it is fast
//
// A world has few local states: a peer, its disk and its state machine. So a world is a tuple of
// numbers: the local state of each server, the network, the audit's state, and what is left of the
// bounds. The engine runs once for each pair of a local state and an event; the outcome (the next
// local state, messages, and reports to the audit) is kept. To run it, a peer is built again from its
// disk by the events that led to the local state, so no copy of a peer is needed. What the audit
// makes of a list of reports is kept in the same way. All states are compared by value, never by a
// hash alone: two states that differ are never taken for one.
//
// [zab.Peer.AppendState] leaves fields out. The option Check of a search tests that: it reaches each
// local state by a second chain of events, if there is one, and requires the same outcome of every
// event.
//
// # What a world leaves out
//
// A result holds for these worlds, and says nothing about others:
//
//   - A connection opens at once, and a connection attempt to a server that is down fails at once.
//   - A server's start-up writes are on disk before anything else happens.
//   - A read timeout and a leader's giving up come only when nothing else can happen, or from the
//     bound Timeouts; then the other side need not have been silent. There are no PINGs: a leader
//     without a quorum of followers may notice it at any moment.
//   - A loss of power leaves what was fsynced and nothing else. A crash leaves everything written.
//   - A crash is known to the other servers: their connections end after what was sent. What a
//     machine has sent and what nobody has received is lost with its power, or with its disk.
//   - Snapshots that a server writes of its own are off, and one message carries a whole snapshot.
//   - Prepared disks (Setup.Disks) are taken as they are: no run need lead to them, and what they hold
//     is not chosen until a leader is established with it.
//   - Clients write at the leader; the state machine is the list of writes.
package explore
