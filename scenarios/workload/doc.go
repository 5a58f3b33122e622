// Package workload holds client programs: what the lab's clients do while faults happen to them. They
// are ordinary programs on a [client.Proc], made of the recipes of package client, and the same for
// every engine that has such clients.
//
// # Contract
//
//  1. A [Workload] is pure: what a program does follows from its client's chance and from what it is
//     told, and from nothing else.
//  2. Programs go on until they are stopped, or their session is over and none follows.
//  3. Between two operations a program thinks, for [Pace] on average, so that what a run costs follows
//     from its length.
//
// # Decisions
//
// Each client draws which workloads it runs. A run of one workload alone would never see an election
// beside a busy register, and one of all at once never a quiet one (swarm testing, Groce 2012).
package workload
