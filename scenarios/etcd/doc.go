// Package etcd plays documents on a private cluster of etcd servers on loopback: Debian's package
// etcd-server, release 3.4. It calls them by their JSON gateway.
//
// # Contract
//
//  1. [Find] returns an error of one line that names what is missing and the package to install.
//  2. [Start] returns when every server knows a leader, or fails and leaves no process or file.
//  3. Servers reach each other, and clients reach servers, through relays, as in package apache.
//  4. After [Cluster.Close] no process, port or directory is left. If the lab itself is killed, the
//     kernel kills the servers, and the next Start removes their directories.
//
// # What stands for what
//
//	ZooKeeper           etcd
//	node                key; its children are the keys below its path
//	zxid                revision: every transaction that changes something has the next one
//	create              transaction, on the condition that the key's create revision is 0
//	set, delete         transaction, on the condition of the key's version, counted from 1
//	multi               one read, then one transaction on the condition that the read still holds
//	session             lease, renewed three times in its time to live
//	ephemeral node      key under a lease
//	session's end       the leader revokes the lease, in one transaction with all its keys
//	one-time watch      the first event, after the revision of the read, of a watch of etcd
//	sequential node     the number of creates below the parent, which a key of the lab counts
//	read, sync          linearizable read
//
// Every transaction of a session also writes a key of that session, under its lease. So etcd refuses
// a write whose session is over, as ZooKeeper does, and each revision shows whose it is: the lab reads
// all revisions, by watches of its own, and knows when a write whose answer was lost took effect.
//
// # What differs
//
//   - A lease lives whole seconds, and at least one and a half election timeouts (1 s by default), so
//     2 s: [LeaseFor]. The leader looks every 0.5 s for leases that are over (lessor.runLoop). A new
//     leader gives every lease its whole time again, and an election timeout more (Lessor.Promote).
//   - A client counts the time too: it regards its lease as over if no renewal was answered within the lease's time
//     (clientv3, lessor.deadlineLoop). ZooKeeper's client learns it only from a server.
//   - Reads are linearizable. A server without a quorum answers none.
//   - A watch continues at another server, from the revision after the last that it showed: it
//     misses no change. Its events are ordered, but not with answers. The lab's client holds an answer
//     back until its watch has shown what the answer shows, so that the judges' rule for ZooKeeper
//     applies.
//   - A write that fails is no transaction and has no revision.
//   - A transaction changes no key twice, and nodes have no ACLs, are no containers, and have no times
//     to live of their own: such operations fail with [tree.Unimplemented].
//
// # Decisions
//
//   - Reads are judged as linearizable. The witness trusts revisions as it trusts zxids; stats have no
//     counts of children ([engine.Account]).
//   - All servers have the same list of addresses, from which they compute each other's IDs. So each
//     address is a [loopback.Fork], which tells by the kernel's tables who has dialled.
//   - The messages between servers are Raft's: the engine shows none.
//   - A wiped server leaves the cluster and joins it as another member: a member without its log would
//     break Raft's promises. So that this takes no five seconds, the servers run with
//     --strict-reconfig-check=false.
//   - S3, the last server, is made the leader at first, as it is in ZooKeeper and in drawings.
package etcd
