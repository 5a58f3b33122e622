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
//     state in which the transaction will be applied: the tree, changed by the transactions that
//     are already proposed but not applied yet. Apply does not check a transaction again.
//  2. Apply transactions in the order of their zxids, on one goroutine. You may replay: apply all
//     transactions again, from an earlier zxid on. If the tree may already contain effects of later
//     transactions (as after a fuzzy snapshot), the replay must include the newest of them.
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
// snapshot can already contain descendants that transactions later in the log create, so a replay
// can delete a node that has descendants. ZooKeeper keeps these descendants. When the replay
// reaches the transaction that creates one of them, ZooKeeper finds that it already exists, and
// does not add it to its parent's list of children: the node exists, but no parent lists it. This
// package does not reproduce that: a delete would have to keep the node's descendants, as
// ZooKeeper's delete does.
//
// A snapshot walks the tree while the tree changes, and remembers only the path that it has
// reached. ZooKeeper copies a node's list of children when it writes the node. This package does
// not, so its snapshot may also have a node that was created after its parent was written. A replay
// must handle such nodes anyway. A copy-on-write tree would give exact snapshots, but it would hide
// the mistakes that this lab is meant to show.
//
// Lists over which the code iterates (children, sessions, ephemerals) are sorted slices; maps are
// for lookups only. So inserting a node among n siblings moves up to n pointers. With a million
// children of one node a balanced tree would be faster.
//
// The digest is a sum of one hash for each node and session. Updating the digest after a change
// costs only O(1), but an attacker could construct two states with the same digest. A node stores
// the hashes of its path, data and ACL separately. A create changes the parent's version numbers
// but not its data, so the parent's data is not hashed again.
//
// The leader deletes a container that had children and has none any more, and a node without
// children whose time to live is over: see [Tree.AppendIdle]. The package has no quotas.
package tree
