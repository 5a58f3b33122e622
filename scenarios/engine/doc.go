// Package engine is the contract between documents and the engines that play them. Three packages
// implement it: scenarios/ensemble (the simulation), scenarios/apache (Apache ZooKeeper) and
// scenarios/etcd. Package engine imports none of them. Package scenarios, which plays documents,
// uses an engine only through this contract. The one exception: traces and plans of faults, which
// only a simulated world has, come from scenarios/ensemble.
//
// # Contract
//
// What an [Engine] must do:
//
//  1. Start. The servers are named S1, S2 and so on ([ServerName]), and run when the engine's
//     constructor returns. AddActor adds a client, which runs from [Actor].Start on. Close ends
//     servers and clients.
//  2. Time. Now begins at 0 and advances only in Run. Every event has a number (Index); the numbers
//     grow, and may have gaps. An action of the caller gets a number from Act.
//  3. Call. [Actor].Do makes a client call an operation. The call becomes an [Op], which records
//     its time and its outcome. Ops never move in memory, so callers may keep pointers to them.
//  4. Fault. Apply carries out a fault now. CheckFault reports in advance that a fault names an
//     unknown machine, or that this engine does not support it. Heal undoes every lasting fault.
//     GiveUp bounds how long recovery may take.
//  5. Events. The engine keeps, in order and for the whole run, Ops, watch events ([Notice]), state
//     changes of clients, [Change]s of nodes, ended sessions ([Closing]) and leaders ([Reign]).
//  6. History. History and Record present the run to a judge. An engine fills in an [Account],
//     which has a History and a Record method, so that the conversion is the same for all engines.
//  7. Limits. For a fault or an observation that the engine does not support, it returns a
//     [*NotHere] with the reason. It never skips a fault or replaces it by another.
//
// Call an engine's methods from one goroutine. An engine that shows the messages between its
// servers is also a [Watcher]. An engine without a simulated world has no records of a run; if it
// can describe its run in another way, it is also a [Storyteller].
package engine
