// Package audit checks a simulated run at every event, and ends it at the first property that does
// not hold.
//
// What goes in: an [Audit] is made for a world of servers and told what happens there, at the
// moment when it happens. A server's peer is watched through [Audit.Probe]; everything else comes
// through one method per kind of event (Applied, TookEffect, Expiring, ...). What an event does not
// carry, the audit asks of the [Run].
//
// What comes out: nothing while all is well. At the first broken property a record of the world
// and, as the world's error, a [*Violation], which names the property, the step and the moment.
//
// # What is checked
//
// All of package zab/safety: properties of the protocol, from what the disks hold and not from any
// server's word. Above it, one file for each group of properties:
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
// makes sure that all replicas apply the same one. A separate reference machine would also catch a
// fault that every replica shares, but linearizability does that: its models share no code with
// package tree.
//
// The checks keep few facts and no history, so that every check costs a look-up. ExpiryInTime asks
// at a deadline, and no step pays for it while no client is dead.
package audit
