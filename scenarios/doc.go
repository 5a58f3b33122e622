// Package scenarios plays documents: Markdown whose Mermaid sequence diagrams run. Each arrow is
// carried out or awaited on a simulated ensemble, and gets a verdict: as drawn, later (with what
// lay between and is not drawn), different (with what came instead) or never.
//
// # Contract
//
//  1. [Compile] says what every arrow and note of a document means, or where it means nothing. An
//     error about the document is a [*diagram.Error].
//  2. [Replay] plays it, with one seed or many, on as many processors as there are; what comes out
//     depends on the document, the options and the seeds alone.
//  3. A diagram goes on where the one before it ended, unless it says fresh. It begins when the
//     servers serve and the clients are connected, each to its own server; one that begins with
//     the servers' own messages begins when they start.
//  4. What a drawing does (a call, a fault, a wait) is done in the order in which it is drawn, each
//     when the one before is done: a write when it is committed, a read when it is answered. What
//     is expected is awaited, together with what stands directly behind it, for
//     [ensemble.Ensemble.GiveUp] at most. The branches of a par begin together.
//  5. An answer is for the client's oldest call without one; a watch event is used up by the arrow
//     that shows it.
//  6. Every run is judged: [CheckInvariants] at every event, the others at the end of each diagram,
//     and [CheckLive] behind the last of each world, when what the document covers is over and
//     fingerprinted.
//  7. With several seeds an arrow's verdict is its worst, and Counts has them all.
//
// # Decisions
//
// A thing is late when its transaction came out of something that is not drawn (the end of a
// session), or when the servers elected, or its client connected, in the time between it and what
// enabled it. Which transaction it was is known by its zxid, so nothing is guessed from times.
//
// An answer that only tells that a watch is set is claimed last: drawings seldom show it, and the
// next answer to that client would be taken for it.
//
// An alt takes the branch whose first expectations come true. One that begins with anything else is
// the branch for all other cases; where no branch begins with an expectation the seed chooses.
//
// "The leader" in a fault is waited for. A drawing that crashes the leader means one that leads.
//
// A run is drawn from the events of its trace ([Drawing]), by replay and by whoever has the file
// alone. So a drawing cannot say what the trace does not.
//
// # Schedules
//
// A [Schedule] is drawn from a seed ([Draw]): first which kinds of faults and work there are at all, how many
// servers, how large the windows, then the faults. All of it is within what ZAB promises to survive: any
// process may die or stand still at any moment, or at an event of its own (a message, an fsync, a new role);
// any link may lose, hold or delay; any clock may run at half or at twice its speed; a disk may tear what was
// not synced, fail, be full, and one of them may be lost. Beside single faults there are shapes: halves, a
// bridge that only servers cannot cross, a ring, links that go and come one by one (swizzle), restarts in
// turn, storms in which nobody leads for long, leaders deposed while they stand still, the power of all. The
// mix [Beyond] leaves that: with it what breaks need not be a bug.
//
// Then all is healed, and within bounds there must be a leader, one more write, nobody who waits for what
// will never come, and, when the clients are gone, equal trees without sessions.
//
// [Shrink] takes away what is not needed, faults, clients, servers, time and settings, for as long as the same
// property breaks, at last with every single thing left tried once more; where the same chance does not do
// without a fault, other seeds of the run are tried. Failures of one property and one shape are one.
//
// Every flaw of package flaw is found so ("zablab flaws --hunt"), and kept, shrunk, in testdata/regressions.
//
// # What the fuzzer cannot find
//
// [Fuzz] plays the model that this module is, not ZooKeeper's Java: what goes wrong between two threads,
// in memory or in a socket's buffer there is no step here, unless somebody has written it down as one. A
// run has some 20 s of virtual time, at most seven servers and a few hundred operations, so that it never
// sees a log of gigabytes, or what takes a day (a counter overflows only because some schedules have it narrow).
// Its disks keep what they said they had synced, and no machine lies; whatever needs otherwise is out of its
// reach, and within it are only moments that a draw happens upon: a bug that needs four things in one order
// within a few milliseconds may need millions of seeds. Requests that no workload makes are never made: ACLs,
// quotas, reconfiguration, children by the thousand. It notices
// what a check names. Slowness it does not, short of the bounds within which all must be at rest. And a
// check can be blind just where the engine is, since one mind wrote both: hence the flaws of zab/flaw, each
// of which it either finds, or shows where it cannot see.
//
// Porcupine's time limit is the only clock here. It can turn ok into undecided, nothing else.
package scenarios
