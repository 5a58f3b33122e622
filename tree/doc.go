// Package tree is ZooKeeper's coordination state as a pure state machine: znodes with their
// stats and ACLs, the session table, and the watches of one server.
//
// A leader turns requests into transactions, which carry results instead of commands (which
// number a sequential node got, which version a node has afterwards). Every replica applies the
// same transactions to its [Tree] with [Tree.Apply] and so holds the same state, whose
// [Tree.Digest] says so. What a client and a server say to each other is here too ([Request],
// [Reply], [WatchNotification]), so that the packages above share one vocabulary.
//
// Nothing here reads a clock, draws chance, starts a goroutine or depends on the order of a map.
//
// # Contract
//
//  1. Make transactions out of requests, checked against the state in which they will be
//     applied: this tree and the transactions proposed but not yet applied. Apply checks
//     nothing again; what the leader let through is carried out.
//  2. Apply transactions in the order of their zxids, on one goroutine. Starting over at an
//     earlier one is allowed at any time, if all that follow are applied again up to the newest
//     whose effects the tree may hold.
//  3. Between a restored fuzzy snapshot and the end of that replay the tree is in a state that
//     never was. Answer no client from it and compare no digest.
//  4. Never change a byte slice or ACL list that went into a transaction or came out of a node.
//     They are shared, not copied.
//  5. A [Node] is a view into the tree: read it before the next Apply.
//  6. Attach [Watches] to the tree after it is restored, and after each Apply hand what
//     [Watches.Take] gives to its connections, before any reply made from the new state.
//
// # Decisions
//
// A delete takes along what lies below the node. In order there is never anything; in a replay
// there can be nodes out of the future. ZooKeeper leaves those behind without a parent's list
// that names them, and the create that should bring them back finds them there: the child
// exists and is not listed. If a replay that differs from ZooKeeper's were ever wanted as a
// lesson, this is the place.
//
// A snapshot walks the live tree with nothing but the path it has reached, where ZooKeeper
// copies each node's list of children when it writes the node. The snapshot is fuzzier (a node
// may be in it whose parent was written before the create), which the replay has to bear anyway,
// and a walk can be dropped at any time. A copy-on-write tree would give exact snapshots; it
// would also hide the errors this laboratory is about.
//
// Lists that are walked (children, sessions, ephemerals) are sorted slices; maps serve lookups
// only. So an insert in the middle of n siblings moves n pointers. At a million children of one
// node a balanced tree would pay.
//
// The digest is a sum of one hash for each node and session: O(1) for a change, and it does not
// guard against somebody who constructs collisions. Nodes keep the hashes of their path, data
// and ACL apart, so that a create does not hash its parent's data.
//
// Containers, nodes with a time to live and quotas are left out: what they need is a clock or a
// scan in the server, and no election or lock depends on them.
package tree
