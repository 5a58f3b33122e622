// Package ensemble is the simulated engine: coordination servers and their clients in one simulated
// world. It implements [engine.Engine].
//
// # Contract
//
//  1. [New] formats the disks of the servers, and starts the servers at time 0. Add clients at any
//     time with [Ensemble.AddClient], start them, and let the world run with [Ensemble.Run].
//  2. Call [Ensemble.Close] at the end: it ends the programs of the clients.
//  3. A run ends at the first property that does not hold. [Ensemble.Err] then returns an
//     [*audit.Violation], which has the name of the property, and the number and the time of the
//     event that broke it.
//  4. The same [Config], the same calls and the same plan give the same fingerprint, whether or not
//     records are kept.
//  5. Each action of a server or a client becomes a record of the world ([sim.Record]), whose body
//     has a type of package narration. Bodies are made only while the world keeps its records.
//     [Ensemble.Recording] returns the records that were kept.
//
// # Where it is
//
//   - ensemble.go has the servers in a world, client.go the clients, faults.go the faults
//   - probe.go reports, to the audit and to the records, what a server does
//   - effects.go records when each transaction took effect, which servers led, and which sessions
//     the ensemble ended
//   - engine.go has the methods of [engine.Engine]; recovery.go says whether the ensemble has
//     recovered
//
// Package audit checks the properties of servers and clients after every event. The checks of the
// clients' histories can find what the audit misses. TestPlantedFaultsAreNoticed plants one false
// state at a time in a server, and asserts which checks notice it, and which of them is the first.
package ensemble
