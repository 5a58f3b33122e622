// Package audit checks a simulated run at every event, and ends it at the first property that does
// not hold.
//
// Input: an [Audit] belongs to a world of servers; its caller reports each event at the moment it
// happens. [Audit.Probe] watches a server's peer; every other kind of event has its own method
// (Applied, TookEffect, Expiring, ...). What an event lacks, the audit queries from the [Run].
//
// Output: nothing while every property holds. The first broken property adds a record to the world
// and ends it with a [*Violation], which names the property, the step and the moment.
//
// # What is checked
//
// All of package zab/safety: properties of the protocol, from what is on the disks, not from what a
// server reports. Above it, one file for each group of properties:
//
//	state.go    StateAtZxid                 servers with the same history have equal trees
//	            EphemeralLifetime           ephemeral nodes belong to live sessions
//	order.go    FIFOClientOrder             requests take effect once, and in a session's order
//	session.go  NoServiceUnlessEstablished  only a server in broadcast answers clients
//	            NoEarlyExpiry               no session expires before its timeout
//	expiry.go   ExpiryInTime                the session of a dead client ends in time
//	recipes.go  NoHerd                      one release wakes one waiter
//	            Registration                a leader has made its node in this session
//	            OneTicket                   a session has one ticket per program in a line
//	audit.go    Integrity                   what is logged or proposed can be decoded
//
// The recipes are client code: a server can be right and its client wrong.
//
// # Decisions
//
// The reference for StateAtZxid is the first replica that applies a committed transaction; safety
// makes sure that all replicas apply the same one. A separate reference tree would also catch a
// fault common to all replicas; linearizability does that already, because its models share no code
// with package tree.
//
// The checks keep few facts and no history, so that every check is a look-up. ExpiryInTime runs
// only at a deadline, and costs nothing while no client is dead.
package audit
