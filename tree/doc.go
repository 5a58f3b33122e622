// Package tree is ZooKeeper's coordination state as a pure state machine: znodes with their stats
// and ACLs, the session table, and the watches of one server.
//
// A leader turns each request into a transaction. A transaction carries results, not a command: the
// number that a sequential node got, the version that a node has afterwards. Every replica applies
// the same transactions to its [Tree] with [Tree.Apply] and so reaches the same state;
// [Tree.Digest] proves it. The messages between clients and servers are here too ([Request],
// [Reply], [WatchNotification]), so that the packages above share one vocabulary.
//
// The package reads no clock, uses no randomness, starts no goroutine and depends on no map order.
//
// # Contract
//
//  1. Check each request against the state in which its transaction will be applied: this tree, and
//     the transactions that are proposed and not applied yet. Apply does not check again: it
//     carries out what the leader let through.
//  2. Apply transactions in the order of their zxids, on one goroutine. A replay may restart at an
//     earlier transaction at any time, if it continues to the newest transaction whose effects the
//     tree may contain.
//  3. Between the restore of a fuzzy snapshot and the end of that replay the tree is in a state
//     that never existed. Answer no client from it and compare no digest.
//  4. Never change a byte slice or ACL list that went into a transaction or came out of a node:
//     they are shared, not copied.
//  5. A [Node] is a view into the tree: read it before the next Apply.
//  6. Attach [Watches] after a restore. After each Apply send the events of [Watches.Take] before
//     any reply made from the new state.
//
// # Decisions
//
// A delete also removes the node's descendants. In history order it has none; a replay over a fuzzy
// snapshot can find some, which later transactions created. ZooKeeper keeps those, listed under no
// parent, and the create that should restore one finds it there: the child exists but is not
// listed. To teach how ZooKeeper's replay differs, change it here.
//
// A snapshot walks the live tree and remembers only the path it has reached; ZooKeeper copies a
// node's list of children when it writes the node. Ours is fuzzier (a node may be in it whose
// parent was written before the create), which a replay must handle anyway, and a walk can be
// abandoned at any time. A copy-on-write tree would give exact snapshots, and would hide the errors
// that this lab teaches.
//
// Lists that are iterated (children, sessions, ephemerals) are sorted slices; maps serve lookups
// only. So inserting among n siblings moves up to n pointers. With a million children of one node a
// balanced tree would be faster.
//
// The digest is a sum of one hash for each node and session: O(1) per change, without protection
// against crafted collisions. A node keeps the hashes of path, data and ACL separately, so that a
// create does not hash its parent's data.
//
// Containers, nodes with a time to live and quotas are left out: they need a clock or a scan in the
// server, and no election or lock depends on them.
package tree
