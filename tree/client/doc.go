// Package client is the client's part of ZooKeeper as a pure state machine: the session, its
// connection, pings, reconnection and watches. Programs in blocking style run on top of it.
//
// The package implements the recipes of ZooKeeper's recipes page (recipes.html), and avoids the
// mistakes of that page and of common implementations. The recipes are:
//
//   - [Election]: [Election.Race], in which all clients try to create the same node, or
//     [Election.Queue], with numbered nodes
//   - [Lock] and [RWLock] return a [Held], which has a fencing token; a resource outside ZooKeeper
//     checks tokens with [Fence]
//   - [Primary] holds a lock until its session ends; [Worker] acquires a lock, works, releases the
//     lock and queues again
//   - [Queue]: Put and Take
//   - [Barrier]: Enter and Leave
//
// A [Client] is a [sim.Program]. It does what its programs and [Command] messages demand. The
// programs are ordinary functions in the client's [Config]. Each gets a [Proc], through which it
// uses the client, and runs as a coroutine inside the client's steps.
//
// # Contract
//
//  1. Hand every event of the machine to Step, one at a time. Make a new Client for every start of
//     the process, because the client's session does not survive a restart.
//  2. Call [Client.Stop] when the process dies or the simulation ends. Stop ends the client's
//     programs. Their deferred functions still run, but have no effect.
//  3. Operations are sent, and answered, in the order in which they were started.
//  4. An [Outcome] says whether an operation happened: OK means yes, Failed and NotSent mean
//     certainly not, and Unknown means that it may have happened once, or may still happen. If the
//     connection breaks after an operation was sent and before its answer comes, the outcome of a
//     write is Unknown, and the outcome of a read is Failed, because a read has no effect. An
//     operation that was not sent waits for the next connection. The client sends no operation
//     twice.
//  5. Only a server decides that a session has expired, so a client that is cut off does not learn
//     that its ephemeral nodes are gone. The [Library] Curator is an exception: with it the client
//     may also decide, by its own clock, that its session has expired.
//  6. The client remembers its watches until they fire. After a reconnection it sets them again
//     before it sends any other request. Changes that were made while the client was disconnected
//     then fire the watches, unless a node was both created and deleted in that time.
//  7. A program may block only in methods of its Proc, and must not share data with the programs of
//     other clients.
//  8. The recipes use a [Mark] to report what they do: that a program waits for a lock, holds it,
//     or has taken an item. Marks change nothing in the client. After the run, package
//     linearizability/promise uses the marks to check whether the recipe has kept its promises. To
//     have a program of your own checked, name its recipe in [Config].Is, and call [Proc.Want],
//     [Proc.Hold], [Proc.LetGo] and [Proc.Say].
//
// # Hazards
//
// These are common mistakes in clients of a coordination service. Comments in the code refer to
// them by number. For every hazard except H7, the test named here shows the mistake or shows how a
// recipe avoids it.
//
//   - H1, the herd: all waiters watch one node, so one release wakes all of them. TestHerd
//   - H2, no fencing: the holder of a lock is paused for longer than its session timeout. When it
//     continues, it acts at the same time as its successor. TestPrimaryHoldsForLife
//   - H3, a watch set too late: a program reads a node, and sets a watch on it with a second call.
//     If the node changes between the two calls, the program waits for ever.
//     TestQueueItemBetweenLookAndSleep
//   - H4, the old session's node: after a restart a client finds the node of its previous session
//     and uses it, although that node is about to be deleted. TestBarrierOldNode
//   - H5, the orphan: a client repeats a sequential create whose answer was lost. No client
//     recognises the first node as its own, and the node blocks the line. TestLostAnswerToCreate
//   - H7, repeated numbers: the numbers of sequential nodes begin again when the parent is deleted
//     and created again, or after 2^31 creates. The recipes do not handle this.
//   - H8, a leader that steps down too late: a leader that is cut off continues to act until it
//     learns that its session has expired. Its successor may already act at the same time.
//     TestCarefulLeaderStepsDownInTime
//   - H9, no second look: a waiter takes the lock as soon as the node before its own is deleted.
//     But the owner of the deleted node never held the lock: it died while it was waiting too, and
//     an earlier client still holds the lock. TestWaiterLooksAgain
//   - H10, holding a lost lock: a program still acts as the holder in its client's next session,
//     although the client knows that the session that acquired the lock is over.
//     TestCarefulLeaderStepsDownInTime
//   - H11, release by path: a holder deletes its node, the answer is lost, and the holder deletes
//     the same path again. The second delete removes the successor's node.
//     TestResignationTakesOnlyItsOwn
//   - H12, taken twice: a program that takes an item from a queue returns the item although another
//     program deleted it first. TestQueueTakesEachItemOnce
//   - H13, one too few: a barrier opens when one program is still missing.
//     TestBarrierWaitsForTheLast
//   - H14, sorted by name: the nodes of a waiting line are sorted by their whole names, which begin
//     with random GUIDs, not by their numbers. TestLockExcludesAndIsFair
//   - H15, only the direct predecessor: a reader checks only the node directly before its own. If
//     that node belongs to another reader that is still waiting, the later reader takes the lock at
//     once, although a writer is ahead of both. TestRWLockOrder
//
// # Decisions
//
// An operation that has not been sent stays in the queue when the connection breaks, for as long as
// the session lives. ZooKeeper's Java client fails such an operation with ConnectionLoss. So here
// fewer operations end without having been sent (NotSent), and an outcome is Unknown only if the
// operation was sent.
//
// When its session is over, a client does nothing more. If [Config].Renew is true, the client opens
// a new session when the old one has expired, as the Go client does and as Java applications do
// themselves. [Config].Library makes the client behave like a real client library.
//
// Programs are coroutines (iter.Pull): one program runs at a time, and only events decide which
// program runs and when.
package client
