// Package elect implements the leader elections of well-known systems. Each election is a program
// that uses a [client.Proc], and all of them run on ZooKeeper here. If the original keeps its
// election data in another system, such as etcd, the type's documentation says which znodes replace
// that data.
//
//	Kafka     Kafka's controller        /controller, and an epoch that fences writes and requests
//	HBase     HBase's active master     /hbase/master; backup masters; region servers whose logs are
//	                                    fenced when they are taken for dead
//	HDFS      HDFS's active NameNode    a lock, and a breadcrumb that says whom to fence
//	Latch     Curator's LeaderLatch     the lowest number leads; a lost connection ends that
//	Selector  Curator's LeaderSelector  a lock whose holder runs a callback
//	Lease     Kubernetes' Lease         a record with a version; the time of local clocks
//	Etcd      etcd's Election           the oldest key leads; its create revision is a token
//	Fenced    a lock, end to end        from its token to the resource that checks it
//
// Each election is a struct type. Its fields are the options that the original system has, and its
// method Run is a program for [client.Config].Programs. Some fields inject a well-known bug; their
// comments name the release or the issue. Without such a bug, an election is as safe as the
// original.
//
// # Contract
//
//  1. Run takes part in elections until its candidate has led for the time Hold and has resigned.
//     It also returns when the session is over and the client opens no new session. To take part
//     for ever, call it in a loop.
//  2. A leader calls the function Lead with its [Term]. Lead should return when [Term.Still] is
//     false. If Lead is nil, the leader waits for the end of its term.
//  3. Run calls [client.Proc.Mark] to report what it does, so that package linearizability/promise
//     can check it. The marks of a [Lease] say that there may be other leaders at the same time.
//  4. Run creates the parents of its nodes.
//
// # Decisions
//
// The original systems are notified by callbacks on threads of a client library. Here each election
// is a program that blocks, so a leader has no callback: while it works, it must call [Term.Still]
// to learn whether its term has ended. The order of operations, the watches, and what happens after
// a lost answer are the same as in the sources that each type cites.
package elect
