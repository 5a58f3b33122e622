// Package engine is the contract between documents and the engines that they are played on. It
// knows no engine: the simulated one (scenarios/ensemble) and Apache ZooKeeper (scenarios/apache)
// implement it, and the player needs nothing else of an engine. What only a simulated world has,
// its trace and its plan of faults, the player takes from scenarios/ensemble itself.
//
// # Contract
//
// An [Engine] owes its caller:
//
//  1. Start. It has servers, named S1, S2 and so on ([ServerName]), which run when its constructor
//     returns. Clients come with AddActor and run from [Actor].Start on. Close ends them all.
//  2. Time. Now begins at 0 and moves only in Run. Every event has a number (Index); numbers grow,
//     and may have gaps. What the caller does gets a number from Act.
//  3. Call. [Actor].Do makes a client ask for an operation. It becomes an [Op], which keeps what
//     was asked, when, and what came of it. Ops do not move: callers hold pointers to them.
//  4. Fault. Apply carries out a fault now, CheckFault finds a wrong name before that, and Heal
//     undoes every fault that lasts. GiveUp bounds how long recovery may take.
//  5. What it said. Ops, watch events ([Notice]), state changes, [Change]s of nodes, sessions that
//     ended ([Closing]) and leaders ([Reign]) are kept for the whole run, in order.
//  6. History. History and Record are the same run for a judge. An engine fills in an [Account] and
//     takes them from there, so that every engine is judged by the same translation.
//  7. What it cannot do. A fault, or something to be seen, that it has no counterpart for is a
//     [*NotHere] with the reason; never silence, and never another fault instead.
//
// An engine's methods are for one goroutine. An engine whose servers' messages can be seen is also
// a [Watcher]; one that keeps no records of a simulated world, but can tell its run, a
// [Storyteller].
package engine
