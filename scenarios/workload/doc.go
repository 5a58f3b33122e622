// Package workload has the programs that the lab's clients run while faults happen to them. They
// are ordinary programs on a [client.Proc] that use the recipes of package client. Every engine
// whose clients run on a [client.Proc] can run them.
//
// # Contract
//
//  1. A [Workload] is pure: what a program does depends only on its client's randomness and on the
//     answers and events that it gets.
//  2. Programs run until they are stopped, or until their session is over and no new session
//     follows.
//  3. Between two operations a program pauses, for [Pace] on average, so that the cost of a run
//     depends on its length.
//
// # Decisions
//
// The seeds of the fuzzer pick from [All]. A workload that is added there changes what every seed
// generates, and with it recorded rates and fingerprints. [OnRequest] has workloads that a user must
// name: the elections of package elect, which each need all clients. [Shared] has those that the clients
// of other engines run too.
//
// Each client picks which workloads it runs. A run with one workload never has an election next to
// a busy register, and a run with all workloads is never quiet (swarm testing, Groce 2012).
package workload
