// Package engine is the contract between documents and the engines that play them. It imports no
// engine: the simulated one (scenarios/ensemble) and Apache ZooKeeper (scenarios/apache) implement
// it, and the player needs nothing else from an engine. The trace and the plan of faults, which
// only a simulated world has, the player reads from scenarios/ensemble itself.
//
// # Contract
//
// An [Engine] owes its caller:
//
//  1. Start. It has servers, named S1, S2 and so on ([ServerName]), which run when its constructor
//     returns. Clients come with AddActor and run from [Actor].Start on. Close ends them all.
//  2. Time. Now begins at 0 and moves only in Run. Every event has a number (Index); numbers grow,
//     and may have gaps. What the caller does gets a number from Act.
//  3. Call. [Actor].Do makes a client ask for an operation. It becomes an [Op], which records the
//     call, its time and its outcome. Ops never move in memory, so callers may keep pointers to
//     them.
//  4. Fault. Apply carries out a fault now, CheckFault reports a wrong name in advance, and Heal
//     undoes every lasting fault. GiveUp bounds how long recovery may take.
//  5. What it said. Ops, watch events ([Notice]), state changes, [Change]s of nodes, sessions that
//     ended ([Closing]) and leaders ([Reign]) are kept for the whole run, in order.
//  6. History. History and Record present the run to a judge. An engine fills in an [Account],
//     which derives both, so that all engines share one translation.
//  7. What it cannot do. A fault or observation without a counterpart returns a [*NotHere] with the
//     reason; it is never skipped or replaced by another fault.
//
// Call an engine's methods from one goroutine. An engine that shows its servers' messages is also a
// [Watcher]; one that keeps no records of a simulated world, but can describe its run, is a
// [Storyteller].
package engine
