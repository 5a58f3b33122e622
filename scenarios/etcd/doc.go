// Package etcd plays the sequence diagrams of documents on a private cluster of etcd servers on
// loopback (release 3.4, Debian's package etcd-server). It calls the servers through their JSON
// gateway.
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
//	persistent watch    all events of a watch of etcd after the revision of addWatch
//	sequential node     the number of creates below the parent, which a key of the lab counts
//	read, sync          linearizable read
//
// Every transaction of a session also writes a key of that session, which is attached to the
// session's lease. This has two effects: etcd refuses the writes of a session that is over, as
// ZooKeeper does, and each revision shows the session that wrote it. A transaction whose condition
// does not hold writes nothing, so it reads that key instead. The lab watches all revisions, so it
// knows when a write took effect, even if the answer was lost.
//
// # What differs
//
//   - The time to live of a lease is in whole seconds, and longer than an election: at least 2 s
//     with etcd's default settings ([LeaseFor]). Every 0.5 s, the leader looks for leases that have
//     run out (lessor.runLoop). A new leader gives every lease its full time to live again, plus an
//     election timeout (Lessor.Promote).
//   - A client regards its lease as over if etcd has answered no renewal for the lease's whole time
//     to live (clientv3, lessor.deadlineLoop). A ZooKeeper client learns only from a server that
//     its session is over.
//   - Reads are linearizable. A server without a quorum answers no read.
//   - A watch that continues at another server misses no change: it starts after the last revision
//     that it has delivered. The events of a watch arrive in order, but the answer to a read may
//     overtake the event of an earlier change. In ZooKeeper, this cannot happen. The lab's client
//     therefore delays each answer until the watch has delivered all changes up to the revision of
//     the answer, so that the checks for ZooKeeper apply.
//   - A failed write is not a transaction and gets no revision. In ZooKeeper, it gets a zxid.
//   - A transaction cannot change a key twice. Nodes have no ACLs and no time to live, and cannot
//     be containers. An operation that needs one of these fails with [tree.Unimplemented].
//
// # Decisions
//
//   - The lab calls the servers' JSON gateway with net/http, and not etcd's client library
//     (go.etcd.io/etcd/client/v3, 3.7.3), which brings gRPC. With the library, a first build of
//     zablab takes 118 s of processor time instead of 100 s, compiles 519 packages instead of 393,
//     and makes a binary of 45.2 MB instead of 40.0 MB. After a change of one file, a build takes
//     3.6 s of processor time instead of 2.1 s.
//   - When the lab checks a history of etcd, every read must be linearizable. Package witness,
//     which replays the writes of a history in zxid order, uses etcd's revisions as zxids. The stat
//     of a node does not contain the number of children ([engine.Account]).
//   - All servers have the same list of addresses, from which they compute each other's IDs. So all
//     servers reach a given server at the same address. A [loopback.Fork] listens there, and looks
//     up in the kernel's socket tables which server each connection comes from.
//   - Servers exchange messages of Raft, not of ZAB, so the engine shows no messages between
//     servers.
//   - A wiped server is removed from the cluster, and joins it as a new member: an old member
//     without its log would break Raft's promises. The servers run with
//     --strict-reconfig-check=false, because the check would delay the change of members by five
//     seconds.
//   - At the start the lab transfers the leadership to the last server, such as S3 of three:
//     ZooKeeper would elect that server too, and most drawings show it as the leader.
package etcd
