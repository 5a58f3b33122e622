// Package client is the client's part of ZooKeeper as a pure state machine: the session, its
// connection, pings, reconnection and watches. Programs in blocking style run on top of it.
//
// The package has the recipes of ZooKeeper's page (recipes.html), corrected where that page or common
// use is wrong:
//
//   - [Election]: [Election.Race] for one node, or [Election.Queue] with numbered nodes
//   - [Lock] and [RWLock] return a [Held], which has a fencing token; [Fence] checks tokens for a
//     resource
//   - [Primary] holds a lock for life; [Worker] acquires a lock, works, releases the lock and
//     queues again
//   - [Queue]: Put and Take
//   - [Barrier]: Enter and Leave
//
// A [Client] is a [sim.Program]. It does what [Command] messages and the programs in its [Config]
// say. A program is an ordinary function that gets a [Proc]; it runs as a coroutine inside the
// client's steps.
//
// # Contract
//
//  1. Hand every event of the machine to Step, one at a time. Make a new Client for every start of
//     the process: a session does not survive it.
//  2. Call [Client.Stop] when the process dies or the world ends: it ends the coroutines. What a
//     program does while it unwinds is ignored.
//  3. Operations are sent, and answered, in the order in which they were started.
//  4. An [Outcome] says whether an operation happened. OK: yes. Failed, NotSent: certainly not.
//     Unknown: it may have happened once, or may still happen. An operation that was sent and not
//     answered when the connection broke is Unknown (a read, which has no effect, is Failed). An
//     operation that was not sent waits for the next connection. Nothing is sent twice.
//  5. A session has expired when a server says so. The client does not decide that by itself, except
//     with the [Library] Curator. So a client that is cut off does not learn that its ephemeral nodes
//     are gone.
//  6. Watches live in the client until they fire. After a reconnection the client sets them again
//     before any other request. The changes made in between then fire the watches, unless a node
//     was both created and deleted.
//  7. A program blocks only in methods of its Proc, and shares nothing with other clients.
//  8. The recipes mark what they do ([Mark]): that a program waits, holds an office, has taken an
//     item. Marks change nothing in the client. They are evidence for the judge of recipes. A
//     program of your own declares what it is in [Config].Is (package recipe), and says what it
//     believes by [Proc.Want], [Proc.Hold], [Proc.LetGo] and [Proc.Say].
//
// # Hazards
//
// These things can go wrong in clients of a coordination service. The code cites these hazards by
// number. Each hazard except H7 has a test, which shows the hazard or how a recipe avoids it.
//
//   - H1, the herd: all waiters watch one node, so one release wakes all of them. TestHerd
//   - H2, no fencing: a lock's holder is paused for longer than its session timeout. When it wakes,
//     it acts at the same time as its successor. TestPrimaryHoldsForLife
//   - H3, a watch set too late: a change comes after a read and before the second call, which sets
//     the watch. The waiter waits for ever. TestQueueItemBetweenLookAndSleep
//   - H4, the old self: after a restart a client adopts the node of its previous session, which is
//     about to be deleted. TestBarrierOldNode
//   - H5, the orphan: a client repeats a sequential create whose answer was lost. No client
//     recognises the first node as its own, and the node blocks the line. TestLostAnswerToCreate
//   - H7, numbers that restart: sequential names start again after the parent is deleted and
//     recreated, or after 2^31 creates. The recipes do not handle this.
//   - H8, a leader that waits to be told: a leader that is cut off continues to act, at the same
//     time as its successor, until it learns that its session has expired.
//     TestCarefulLeaderStepsDownInTime
//   - H9, no second look: a waiter that is woken takes the lock, because the client before it is
//     gone. But that client died in line, and an earlier client holds the lock.
//     TestWaiterLooksAgain
//   - H10, holding on: a holder continues to hold, in its client's next session, although the
//     client knows that the earlier session is over. TestCarefulLeaderStepsDownInTime
//   - H11, release by path: the answer to a delete is lost, and a second delete removes the
//     successor's node. TestResignationTakesOnlyItsOwn
//   - H12, taken anyway: a taker returns an item that its delete did not find.
//     TestQueueTakesEachItemOnce
//   - H13, one short: a barrier opens one program too early. TestBarrierWaitsForTheLast
//   - H14, names as strings: a line is sorted by the GUIDs with which its tickets begin.
//     TestLockExcludesAndIsFair
//   - H15, the direct predecessor: a reader that follows a waiting reader enters, although a writer
//     is before both. TestRWLockOrder
//
// # Decisions
//
// An operation that is not sent when the connection breaks stays queued as long as the session
// lives. ZooKeeper's Java client fails such an operation with ConnectionLoss. So this client
// reports "certainly not" less often, and "unknown" only for operations that were sent.
//
// A client ends with its session unless Config.Renew is set. With Config.Renew it opens another
// session, as the Go client does, and as Java applications do themselves. Config.Library makes
// the client behave as a given library does, where libraries differ.
//
// Programs are coroutines (iter.Pull): one program runs at a time, and only events decide which
// program runs and when.
package client
