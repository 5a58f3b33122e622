// Package fuzz generates schedules of faults from seeds, plays them, and shrinks what breaks.
//
// A seed goes into [Generate], and a [Schedule] comes out: an ensemble, what its clients do, and
// the faults that happen to them. [Schedule.Play] plays it on a simulated ensemble and puts the run
// to every check; a [Result] says which property broke first, if any. [Shrink] takes away from a
// schedule what the failure does not need. [Run] does all of it for many seeds, a [Batch]; [Hunt]
// does it with a flaw planted in the engine, until something breaks. Package results puts batches
// of many machines together.
//
// # Schedules
//
// First it is picked which kinds of faults and work there are at all, how many servers, how large
// the windows, then the faults. All of it is within what ZAB promises to survive: any process may
// die or stand still at any moment, or at an event of its own (a message, an fsync, a new role);
// any link may lose, hold or delay; any clock may run at half or at twice its speed; a disk may
// tear what was not synced, fail, be full, and one of them may be lost. Beside single faults there
// are shapes: halves, a bridge that only servers cannot cross, a ring, links that go and come one
// by one (swizzle), restarts in turn, storms in which nobody leads for long, leaders deposed while
// they stand still, the power of all. The mix [Beyond] leaves that: with it what breaks need not be
// a bug.
//
// Then all is healed, and within bounds there must be a leader, one more write, nobody who waits
// for what will never come, and, when the clients are gone, equal trees without sessions.
//
// [Shrink] takes away what is not needed, faults, clients, servers, time and settings, for as long
// as the same property breaks, at last with every single thing left tried once more; where the same
// chance does not do without a fault, other seeds of the run are tried. Failures of one property
// and one shape are one.
//
// Every flaw of package flaw is found so ("zablab flaws --hunt"), and kept, shrunk, in
// testdata/regressions.
//
// # What the fuzzer cannot find
//
// A schedule plays the model that this module is, not ZooKeeper's Java: what goes wrong between two
// threads, in memory or in a socket's buffer there is no step here, unless somebody has written it
// down as one. A run has some 20 s of virtual time, at most seven servers and a few hundred
// operations, so that it never sees a log of gigabytes, or what takes a day (a counter overflows
// only because some schedules have it narrow). Its disks keep what they said they had synced, and
// no machine lies; whatever needs otherwise is out of its reach, and within it are only moments
// that a seed happens upon: a bug that needs four things in one order within a few milliseconds may
// need millions of seeds. Requests that no workload makes are never made: ACLs, quotas,
// reconfiguration, children by the thousand. It notices what a check names. Slowness it does not,
// short of the bounds within which all must be at rest. And a check can be blind just where the
// engine is, since one mind wrote both: hence the flaws of zab/flaw, each of which it either finds,
// or shows where it cannot see.
package fuzz
