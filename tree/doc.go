// Package tree is ZooKeeper's coordination state as a pure state machine: znodes with their stats
// and ACLs, the session table, and the watches of one server.
//
// A leader turns each request into a transaction. A transaction carries results, not a command: the
// number of a sequential node, the new version of a node. Every replica applies the same
// transactions to its [Tree] with [Tree.Apply], and so reaches the same state; equal [Tree.Digest]s
// show this. The messages between clients and servers ([Request], [Reply], [WatchNotification]) are
// here too, so that all packages that import this one share them.
//
// The package reads no clock, uses no randomness, starts no goroutine and depends on no map order.
//
// # Contract
//
//  1. Before the leader makes a transaction from a request, it must check the request against the
//     state in which the transaction will be applied: the state that the tree will have after all
//     transactions that are already proposed. Apply does not check a transaction again.
//  2. Apply transactions in the order of their zxids, on one goroutine. You may replay: apply again
//     all transactions from an earlier zxid on. If the tree may already contain effects of later
//     transactions, as after a fuzzy snapshot, replay at least up to the newest transaction whose
//     effects it may contain.
//  3. After the restore of a fuzzy snapshot the tree is in a state that never existed, until a
//     replay has ended. Do not answer clients from such a tree, and do not compare its digest.
//  4. Never change a byte slice or ACL list that went into a transaction or came out of a node:
//     they are shared, not copied.
//  5. A [Node] is a view into the tree: read it before the next Apply.
//  6. After a restore, attach the [Watches] to the new tree. After each Apply, first send the
//     events that [Watches.Take] returns, and then the replies that depend on the new state.
//
// # Decisions
//
// A delete also removes the node's descendants. Normally a deleted node has none. But a fuzzy
// snapshot can already contain descendants that later transactions in the log create, so a replay
// can delete a node that has descendants. ZooKeeper keeps these descendants. When its replay
// reaches the transaction that creates one of them, ZooKeeper finds that the node already exists,
// and does not add it to its parent's list of children: the node exists, but no parent lists it.
// This package does not imitate this bug, because here a delete removes the descendants too.
//
// A snapshot walks the tree while the tree changes, and remembers only the path that it has
// reached. ZooKeeper copies a node's list of children when it writes the node. This package makes
// no copy, so a snapshot here may also contain a child that was created after its parent had been
// written. This does no harm: with or without such children, a replay must handle nodes that
// already exist. A copy-on-write tree would give exact snapshots, but it would hide the mistakes
// that this lab is meant to show.
//
// Lists over which the code iterates (children, sessions, ephemerals) are sorted slices; maps are
// for lookups only. So inserting a node among n siblings moves up to n pointers. With a million
// children of one node a balanced tree would be faster.
//
// The digest is the sum of the hashes of all nodes and sessions. Updating it after a change costs
// only O(1). It does not protect against attackers, who could construct two states with the same
// digest. A node stores the hashes of its path, data and ACL separately, so that creating a child,
// which changes the parent's version numbers but not its data, does not hash the parent's data
// again.
//
// The leader deletes a container after its last child is gone, and a node with a time to live when
// this time is over and the node has no children: see [Tree.AppendIdle]. The package has no quotas.
package tree
