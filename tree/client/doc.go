// Package client is the client's half of ZooKeeper as a pure state machine: the session, its
// connection, pings, reconnection, watches; and on top of it programs in blocking style, with the
// recipes of ZooKeeper's page (recipes.html), mended where that page or its readers are known to
// err:
//
//   - [Election]: Race on one node, or Queue by numbered nodes
//   - [Lock] and [RWLock], each giving a [Held] with its fencing token; [Fence] is the other side
//   - [Primary] holds a lock for life, [Worker] gets it, works, gives it back and lines up again
//   - [Queue]: Put and Take
//   - [Barrier]: Enter and Leave
//
// A [Client] is a [sim.Program]. It is driven in two ways, which may be mixed: by [Command]s told
// to it from outside, and by programs given in its [Config], each of which is an ordinary function
// on a [Proc] that runs as a coroutine inside the client's steps.
//
// # Contract
//
//  1. Hand every event of the machine to Step, one at a time. Make a new Client for every start of
//     the process: sessions are not kept over one.
//  2. Call [Client.Stop] when the process dies or the world ends: it ends the coroutines. What a
//     program does while it unwinds is ignored.
//  3. Operations are sent and answered in the order in which they were asked for.
//  4. An [Outcome] says whether an operation happened: OK yes; Failed and NotSent certainly not;
//     Unknown perhaps, once, and perhaps only later. What had been sent when a connection broke is
//     Unknown (a read has no effect and is Failed); what had not been sent waits for the next one.
//     Nothing is ever sent twice.
//  5. A session has expired when a server says so. The client never concludes it by itself, so
//     that a cut-off client does not know, while its ephemeral nodes are gone.
//  6. Watches live in the client until they fire, and are set again after a reconnection, before
//     any other request. What fires meanwhile is delivered then, but for a node that came and went.
//  7. A program blocks only in the methods of its Proc, and touches nothing that another client
//     touches.
//
// # Decisions
//
// What waits unsent when a connection breaks waits on, as long as the session lives. ZooKeeper's
// Java client fails it with ConnectionLoss; ours so says "certainly not" less often, and
// "unknown" never without need.
//
// An expired session is the end of a client unless Config.Renew opens another, as the Go client
// does and Java applications do by hand.
//
// Programs are coroutines of iter.Pull: one at a time, at points that only the events decide.
package client
