// Package server is ZooKeeper's coordination server as a pure state machine: one [zab.Peer] that
// agrees on the order of transactions, one [tree.Tree] that they are applied to, and between the
// two the way of a request: connection, leader, transaction, commit, reply.
//
// A [Server] is a [sim.Program]: it is told what happened, and appends what it wants done. It is
// the [zab.App] of its peer at the same time.
//
// # Contract
//
//  1. Hand every event of the machine to Step, one at a time; a client's connections come in on
//     [zab.PortClient].
//  2. Make a new Server for every start of the process. It reads the disk once, in [New].
//  3. Clients are served while the peer is in BROADCAST and at no other time: before it their
//     connections are closed at once, and leaving it closes all of them.
//  4. Of one connection, requests are answered in the order in which they came. A read waits
//     behind the writes and syncs before it, and is answered from the local tree at that moment.
//  5. A write goes to the leader, which turns it into a transaction (a failed one too: that is
//     the error transaction) judged against the state in which it will be applied. The reply
//     leaves when the commit that carries its session and cxid is applied here.
//  6. A watch event is on its connection before any reply made from the state that fired it.
//  7. Sessions are expired by the leader alone, by its monotonic clock, through the log. A
//     session that is being closed takes no more writes.
//  8. A request of a session that has moved to another server is refused, and its connection
//     closed.
//  9. Whoever holds the server reads [Server.Tree] and [Server.Peer] between steps and changes
//     nothing in them.
//
// # Decisions
//
// Pings wait in the queue of their session as ZooKeeper's do, so a stuck write makes the client
// look for another server. If a session should outlive a slow commit, answer them first.
//
// A sync of a client of the leader's own server waits for what is outstanding
// ([zab.Peer.LocalSync]); ZooKeeper's is a read there. It is never weaker. Who owns the session is
// asked on the leader's own server only: a sync changes nothing, so a late one harms nobody.
//
// Sessions are kept in one list by id that is looked through once per expiry, not in ZooKeeper's
// buckets: the moments are the same, a touch moves nothing, and nothing is allocated. With a
// million sessions buckets would pay.
//
// A session's owner is a server, not a connection: a second connection of the same session to the
// same server closes the first.
//
// A bare check is answered; ZooKeeper closes the connection on it, which nobody can want.
package server
