// Package client is the client's half of ZooKeeper as a pure state machine: the session, its
// connection, pings, reconnection and watches. Programs in blocking style run on top of it, with
// the recipes of ZooKeeper's page (recipes.html), corrected where that page or common use is wrong:
//
//   - [Election]: Race on one node, or Queue by numbered nodes
//   - [Lock] and [RWLock] give a [Held] with its fencing token; [Fence] is the resource's side
//   - [Primary] holds a lock for life; [Worker] acquires it, works, releases it and queues again
//   - [Queue]: Put and Take
//   - [Barrier]: Enter and Leave
//
// A [Client] is a [sim.Program]. Two things drive it, and may be mixed: a [Command] from outside,
// and programs in its [Config]. A program is an ordinary function on a [Proc], which runs as a
// coroutine inside the client's steps.
//
// # Contract
//
//  1. Hand every event of the machine to Step, one at a time. Make a new Client for every start of
//     the process: a session does not survive it.
//  2. Call [Client.Stop] when the process dies or the world ends: it ends the coroutines. What a
//     program does while it unwinds is ignored.
//  3. Operations are sent, and answered, in the order in which they were started.
//  4. An [Outcome] says whether an operation happened. OK: yes. Failed, NotSent: certainly not.
//     Unknown: perhaps, at most once, and perhaps only later. An operation that was sent and not
//     answered when the connection broke is Unknown (a read, which has no effect, is Failed); one
//     that was not sent waits for the next connection. Nothing is sent twice.
//  5. A session has expired when a server says so. The client never concludes this alone, so a
//     client that is cut off does not learn that its ephemeral nodes are gone.
//  6. Watches live in the client until they fire. After a reconnection they are set again before
//     any other request, and changes made in between fire then, except for a node that was created
//     and deleted.
//  7. A program blocks only in methods of its Proc, and shares nothing with other clients.
//
// # Hazards
//
// What goes wrong in clients of a coordination service. The code cites these by number; each but H7
// has a test that shows it, or shows how a recipe avoids it.
//
//   - H1, the herd: all waiters watch one node, so one release wakes all of them. TestHerd
//   - H2, no fencing: a holder is paused for longer than its session, and when it wakes acts at
//     the same time as its successor. TestPrimaryHoldsForLife
//   - H3, a watch set too late: a change falls between a read and the watch that a second call
//     sets, and the waiter waits for ever. TestQueueItemBetweenLookAndSleep
//   - H4, the old self: after a restart a client adopts the node of its previous session, which is
//     about to be deleted. TestBarrierOldNode
//   - H5, the orphan: a sequential create is repeated because its answer was lost; the first node
//     is never found again and blocks the line. TestLostAnswerToCreate
//   - H7, numbers that restart: the parent was deleted and recreated, or 2^31 children were
//     created. The recipes do not handle this.
//   - H8, a leader that waits to be told: cut off, it leads until it learns that its session has
//     expired, at the same time as its successor. TestCarefulLeaderStepsDownInTime
//   - H9, no second look: a waiter that is woken takes the lock, although the client before it died
//     in line and an earlier one holds it. TestWaiterLooksAgain
//   - H10, holding on: a holder goes on when its client knows that its session is over, in the next
//     one. TestCarefulLeaderStepsDownInTime
//   - H11, release by path: the answer to a delete is lost, and a second one removes the successor's
//     node. TestResignationTakesOnlyItsOwn
//   - H12, taken anyway: a taker returns an item that its delete did not find.
//     TestQueueTakesEachItemOnce
//   - H13, one short: a barrier counts one program too many. TestBarrierWaitsForTheLast
//   - H14, names as strings: tickets are sorted by the GUID that they begin with.
//     TestLockExcludesAndIsFair
//   - H15, the direct predecessor: a reader that follows a reader enters, though a writer is before
//     both. TestRWLockOrder
//
// # Decisions
//
// An operation that is not sent when the connection breaks stays queued as long as the session
// lives. ZooKeeper's Java client fails it with ConnectionLoss. So ours reports "certainly not" less
// often, and "unknown" only when it is.
//
// A client ends with its session unless Config.Renew is set: then it opens another, as the Go
// client does, and Java applications do by hand.
//
// Programs are coroutines of iter.Pull: one runs at a time, and only events decide when.
package client
