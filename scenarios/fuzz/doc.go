// Package fuzz generates schedules of faults from seeds, plays them, and shrinks what breaks.
//
// [Generate] turns a seed into a [Schedule]: an ensemble, what its clients do, and the faults
// that happen to them. [Schedule.Play] plays it on a simulated ensemble and applies every check
// to the run; its [Result] says which property broke first, if any. [Shrink] removes what the
// failure does not need. [Run] does all of this for many seeds, a [Batch]. [Hunt] does it with a
// flaw injected into the engine, until something breaks. Package results merges the batches of
// many machines.
//
// # Contract
//
//  1. A schedule is its text: [Parse] reads what [Schedule.String] prints, and both give one run.
//  2. A run depends on the schedule alone, and a batch on its seeds, however many workers play it.
//  3. The faults of a schedule are those that ZAB promises to survive, except in the mix [Beyond].
//  4. After the faults everything is healed. Then, within bounds, there must be a leader, one more
//     write, no client that waits for what cannot come, and, when the clients are gone, equal trees
//     without sessions.
//  5. What [Shrink] leaves still breaks the same property, and no single fault, workload or
//     client in it can be removed.
//
// # Schedules
//
// The kinds of faults and work, the number of servers and the sizes of their buffers are picked
// first, then the faults: a run sees much of a few things (swarm testing). Any process may die or
// stand still at any moment, or at one of its own events (a message, an fsync, a new role). Any
// link may lose, hold or delay messages. Any clock may run at half or at twice its speed. A disk
// may tear what is not durable yet, fail, or be full, and one disk may be lost. Besides single
// faults there are shapes: halves, a bridge that clients can cross and servers cannot, a ring,
// links that go and come one by one (swizzle), rolling restarts, storms in which no leader lasts,
// leaders deposed while they stand still, and a loss of power of all servers.
//
// If a shrunk schedule still has many lines, other seeds of its run are tried: the same faults may
// break the property by other chances. Failures of one property and one shape count as one.
//
// The fuzzer finds every flaw of package flaw ("zablab flaws --hunt"). Their shrunk schedules are
// in testdata/regressions.
//
// # What the fuzzer cannot find
//
// A schedule plays the model that this module is, not ZooKeeper's Java. Errors between two
// threads, in memory or in a socket's buffer are not steps of the model, unless it models them
// explicitly. A run has some 20 s of virtual time, at most seven servers and a few hundred
// operations: it never sees a log of gigabytes, or the effects of a day's uptime (counters
// overflow only because some schedules make them narrow). Disks keep what they reported as
// durable, and no machine lies.
//
// Even a bug within reach takes luck to find: one that needs four events in one order within a
// few milliseconds may need millions of seeds. Requests that no workload makes are never made:
// ACLs, quotas, reconfiguration, children by the thousand.
//
// The fuzzer finds only violations of a check. It does not notice slowness within the bounds by
// which all must be at rest. And a check can be blind exactly where the engine is wrong, because
// the same people wrote both. Hence the flaws of zab/flaw: the fuzzer either finds each, or a
// blind spot is known.
package fuzz
