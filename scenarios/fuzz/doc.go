// Package fuzz generates schedules of faults from seeds, plays them, and shrinks what breaks.
//
// [Generate] turns a seed into a [Schedule]: an ensemble, what its clients do, and the faults that
// happen to them. [Schedule.Play] plays it on a simulated ensemble and applies every check to the
// run; its [Result] says which property broke first, if any. [Shrink] removes what the failure does
// not need. [Run] does all of this for many seeds, a [Batch]. [Hunt] plays seeds with a flaw
// injected into the engine, until a property breaks. Package results merges the batches of many
// machines.
//
// # Contract
//
//  1. A schedule can be written as text: [Schedule.String] prints the text, and [Parse] reads it
//     back as a schedule with the same run.
//  2. A run depends on the schedule alone, and a batch on its seeds alone, not on the number of
//     workers.
//  3. The faults of a schedule are those that ZAB promises to survive, except in the mix [Beyond].
//  4. After the last fault, every fault is healed. Then, within a time limit, one more write must
//     succeed, and no client may wait for an event that cannot come. After that the clients end;
//     within a time limit, the servers must have a leader, equal trees and no sessions. Then all
//     servers lose power, as often as the schedule says (blackouts=2): a bare quorum restarts, then
//     the others, and each time the tree must equal the tree before the loss of power
//     (DurableAtRest). [Result.During] tells in which of these parts a property broke. At no time
//     may the run lose time in which no fault acts (package calm).
//  5. A schedule that [Shrink] returns still breaks the same property, and no single fault,
//     workload or client can be removed from it, unless Stop ended the shrinking.
//  6. The rates of a batch deviate from [Baselines] only if the engine or the generator has
//     changed, or by chance, with the probability [FalseAlarm].
//
// # Schedules
//
// First the seed picks the kinds of faults, the workloads, the number of servers and the sizes of
// their buffers, and then the faults. So a run sees much of a few things (swarm testing).
//
// A process may die or stand still at any moment, or at one of its own events (a message, an fsync,
// a new role). Such events may be counted from a moment or from another event on: the first TRUNC
// after a restart. Some kinds of faults make rare events likely: they keep a server away, or leave
// a proposal on one log only, and then a fault acts while the server catches up. Any link may lose,
// hold or delay messages. Any clock may run at half or at twice its speed. Observers have the
// largest numbers, or the smallest (observer-numbers=low).
//
// A disk may tear what is not durable yet, fail, or be full, and one disk may be lost. In half of
// the schedules the disks keep little order among their writes (disk=writeback, see
// [sim.Disk.LosePower]): a loss of power may keep a later change of a directory without an earlier
// one.
//
// Besides single faults there are patterns: servers split in halves, a split that clients can cross
// and servers cannot, servers in a ring, links that are cut and mended one by one (swizzle),
// rolling restarts, storms in which no leader lasts, leaders deposed while they are paused, and a
// loss of power of all servers.
//
// With [Options.Feedback] most schedules are not generated from their seeds alone. If a fault of a
// schedule acts at a new place of the protocol, which is a new combination of message, server state
// and fault ([ensemble.Reach]), the schedule is kept, and later schedules are variations of it.
//
// If a shrunk schedule still has many lines, other seeds of its run are tried: the same faults may
// break the property with other random choices. Failures of one property count as one failure if
// their plans have the same kinds of faults in the same order.
//
// The order of the zxids is tried first under porcupine's model: if it explains every answer of a
// run, it is the proof that porcupine would search for. Otherwise porcupine searches; it also
// searches for every sixteenth seed, and for every run that is kept.
//
// The fuzzer finds every flaw of package flaw ("zablab flaws --hunt"). The shrunk schedules of
// these flaws are in testdata/regressions.
//
// # Requests and their judges
//
// Some workloads use recipes, and some make every request that a server knows. This table says
// which judge sees what:
//
//	create, delete, setData, check, multi, closeSession   witness and porcupine
//	exists, getData, getChildren, multiRead               witness
//	setACL, getACL, auth, "not authorised"                witness (permissions)
//	getEphemerals, getAllChildrenNumber                   witness
//	addWatch, removeWatches, checkWatches, all events     witness (watches)
//	sync                                                  witness (sync)
//	sequential numbers beyond 2147483647                  both accept what ZooKeeper may answer
//	data of a megabyte, a thousand children               as any; a larger request is refused
//	what recipes do                                       package promise
//
// # What the fuzzer cannot find
//
// The fuzzer plays the simulation, not ZooKeeper's Java code. It cannot find errors between
// threads, in memory or in a socket's buffer, unless the simulation models them explicitly. A run
// has some 20 s of virtual time, at most seven servers and a few hundred operations: it never has a
// log of gigabytes, or the effects of a day's uptime (counters overflow only because some schedules
// make them narrow). Disks keep what they reported as durable, and no machine lies.
//
// Even a bug within reach takes luck to find: a bug that needs four events in one order within a
// few milliseconds may need millions of seeds. Requests that no workload makes are never made:
// quotas, containers, nodes with a time to live, reconfiguration. [Reach.Map] lists what runs
// reach, how often, and why they do not reach the rest.
//
// The fuzzer finds only violations of a check. Slowness within the bounds of package calm shows
// only in the rates of a batch, and only if they were recorded. And a check can be blind exactly
// where the engine is wrong, because the same people wrote both. The flaws of zab/flaw test this:
// the fuzzer finds each flaw, or a blind spot becomes known.
package fuzz
