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
//  1. Check each request against the state in which its transaction will be applied: this tree, and
//     the transactions that are proposed and not applied yet. Apply does not check a transaction
//     again.
//  2. Apply transactions in the order of their zxids, on one goroutine. A replay is allowed: go back
//     to an earlier transaction and apply all transactions from there on, at least up to the newest
//     one that the tree may already include.
//  3. After the restore of a fuzzy snapshot the tree is in a state that never existed, until a
//     replay has ended. Do not answer clients from such a tree, and do not compare its digest.
//  4. Never change a byte slice or ACL list that went into a transaction or came out of a node:
//     they are shared, not copied.
//  5. A [Node] is a view into the tree: read it before the next Apply.
//  6. Attach [Watches] after a restore. After each Apply, send the events that [Watches.Take]
//     returns, and only then replies that depend on the new state.
//
// # Decisions
//
// A delete also removes the node's descendants. In the order of the history a deleted node has no
// descendants. In a replay over a fuzzy snapshot it can have descendants, which later transactions
// created. ZooKeeper keeps such nodes, but no parent lists them: the later create finds that the
// node exists, and does not add it to its parent's list. To show how ZooKeeper's replay differs,
// keep such nodes here too.
//
// A snapshot walks the live tree and remembers only the path that it has reached. ZooKeeper copies
// a node's list of children when it writes the node. Our snapshot is fuzzier: it may have a node
// whose parent was written before the node was created. A replay must handle such cases anyway, and
// our walk can be abandoned at any time. A copy-on-write tree would give exact snapshots, and would
// hide the errors that this lab teaches.
//
// Lists over which the code iterates (children, sessions, ephemerals) are sorted slices; maps are
// for lookups only. So inserting a node among n siblings moves up to n pointers. With a million
// children of one node a balanced tree would be faster.
//
// The digest is a sum of one hash for each node and session. A change costs O(1), but crafted
// collisions are possible. A node keeps the hashes of path, data and ACL apart, so that a create
// does not hash its parent's data.
//
// A container and a node with a time to live are nodes that the leader deletes when they are no
// longer needed: see [Tree.AppendIdle]. Quotas are left out.
package tree
