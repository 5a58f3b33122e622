// Package workload has the programs that the lab's clients run while faults happen. They are
// ordinary programs on a [client.Proc] that use the recipes of package client. Every engine whose
// clients run on a [client.Proc] can run these programs.
//
// # Contract
//
//  1. A [Workload] is pure: what a program does depends only on its client's randomness and on the
//     answers and events that it gets.
//  2. Programs run until they are stopped, or until their session is over and no new session
//     follows.
//  3. Between two operations a program pauses, for [Pace] on average. So the cost of a run grows
//     with its virtual time, and not with the speed at which servers answer.
//
// # Decisions
//
// The seeds of the fuzzer pick from [All]. A workload that is added to All changes what every seed
// generates, so recorded rates and fingerprints are no longer valid. Therefore the workloads that
// run the elections of package elect, in which all clients must take part, are not in All but in
// [OnRequest]: they run only if a user names them. [Shared] has the workloads that clients of all
// engines can run.
//
// The seed picks a different set of workloads for each client (swarm testing, Groce 2012). If all
// clients of a run had the same single workload, no run would combine, for example, an election
// with a busy register. If every client had every workload, every run would be busy.
package workload
