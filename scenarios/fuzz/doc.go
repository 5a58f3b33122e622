// Package fuzz generates schedules of faults from seeds, plays them, and shrinks the schedules in
// which a check fails.
//
// [Generate] turns a seed into a [Schedule]: an ensemble, what its clients do, and the faults that
// happen to servers and clients. [Schedule.Play] plays a schedule on a simulated ensemble and
// applies every check to the run; the [Result] says which property broke first, if any. [Shrink]
// removes from a schedule what its failure does not need. [Run] does all of this for many seeds and
// returns a [Batch]. [Hunt] injects a bug, called a flaw, into the engine and plays seeds until a
// property breaks. Package results merges the batches of many machines.
//
// # Contract
//
//  1. A schedule can be written as text: [Schedule.String] prints the text, and [Parse] reads it
//     back as a schedule with the same run.
//  2. A run depends only on its schedule, and a batch only on its seeds and options, not on the
//     number of workers.
//  3. The faults of a schedule are those that ZAB promises to survive, except in the mix [Beyond].
//  4. At the end of a run every fault is healed. Then, within a time limit, one more write must
//     succeed, and no client may wait for an event that cannot come. Next the clients end, and,
//     within a time limit, the servers must have a leader, equal trees and no sessions. Then come
//     the blackouts, whose number the schedule sets (blackouts=2). In each, all servers lose power,
//     first just a quorum of them restarts, then the others, and the tree must equal the tree
//     before the blackout (DurableAtRest). [Result.During] says in which of these parts a property
//     broke. In all parts, the ensemble must meet the time limits of package calm while no fault
//     acts: for example, it must not be without a leader for long.
//  5. A schedule that [Shrink] returns still breaks the same property. None of its faults,
//     workloads and clients can be removed alone without losing the failure, unless Stop ended the
//     shrinking early.
//  6. If the rates of a batch deviate from [Baselines], the engine or the generator has almost
//     certainly changed: without a change, the probability of a deviation is [FalseAlarm].
//
// # Schedules
//
// The seed first picks a few kinds of faults and workloads, the number of servers and the sizes of
// their buffers, and then the faults of these kinds. So each run has many faults of few kinds
// (swarm testing).
//
// A process may die or pause at any moment, or when something happens to it: it gets a message,
// completes an fsync, or takes a new role. A fault may also wait for the first such event after a
// given time or after another event, such as the first TRUNC after a restart. Some faults come in
// pairs that make rare events likely: the first fault cuts a server off, or leaves a proposal in
// the log of only one server; the second fault acts while that server catches up. Any link may
// lose, hold or delay messages. Any clock may run at half or at twice its speed. Observers have the
// largest server numbers, or the smallest (observer-numbers=low).
//
// A disk may fail or be full, and may keep only a part of a write that is not durable yet. At most
// one server loses its disk, except in the mix [Beyond]. In half of the schedules the disks may
// reorder their writes (disk=writeback, see [sim.Disk.LosePower]): after a loss of power, a later
// change of a directory may be on disk, although an earlier one is lost.
//
// Besides single faults there are patterns: servers split in halves, a split that clients can cross
// and servers cannot, servers in a ring, links that are cut and mended one by one (swizzle),
// rolling restarts, storms in which no leader lasts, leaders deposed while they are paused, and a
// loss of power of all servers.
//
// With [Options.Feedback] most schedules are variations of earlier ones. If a fault acts at a new
// place of the protocol, which is a new combination of message, server state and fault
// ([ensemble.Reach]), the fuzzer keeps the schedule and generates later ones from it.
//
// If a shrunk schedule still has many lines, [Shrink] also plays it with other seeds: with other
// random choices, fewer faults may break the property. Two failures of the same property count as
// one if their schedules have the same kinds of faults in the same order.
//
// Porcupine searches for an order of the operations that explains every answer. Before the search,
// the order of the zxids is checked against porcupine's model: if this order explains every answer,
// no search is needed. For every sixteenth seed, and for every run that the caller keeps, porcupine
// searches in any case.
//
// "zablab flaws --hunt" injects each flaw of package flaw and lets the fuzzer find it. The shrunk
// schedules of these flaws are in testdata/regressions.
//
// # Requests and their judges
//
// Some workloads run recipes such as locks, others make requests of every type that a server
// supports. This table says which checker judges the answers to which requests:
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
// has some 20 s of virtual time, at most seven servers and a few hundred operations. It never has a
// log of gigabytes, and never runs for days. Counters overflow only in schedules that lower the
// counters' limits. Except in the mix [Beyond], disks keep what they reported as durable. Servers
// and clients never send false messages (no Byzantine faults).
//
// Whether a bug is found also depends on chance: a bug that needs four events in a certain order
// within a few milliseconds may need millions of seeds. The workloads use no quotas and no
// reconfiguration; only those of the mix [Rare] use containers and nodes with a time to live.
// [Reach.Map] lists what runs reach, how often, and why they do not reach the rest.
//
// The fuzzer finds only bugs that make a check fail. Slowness within the bounds of package calm
// shows only in the rates of a batch, and only if a baseline was recorded. And a check can be blind
// exactly where the engine is wrong, because the same people wrote both. The flaws of zab/flaw test
// this: a flaw that the fuzzer does not find shows a blind spot.
package fuzz
