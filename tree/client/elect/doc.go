// Package elect has the elections of well-known systems, as programs on a [client.Proc]. They run
// on ZooKeeper. If a system uses something else, such as etcd, its type describes how znodes stand
// for it.
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
// Each type is a struct. Its fields are the choices that the system leaves to its users, and its
// method Run is a program for [client.Config].Programs. Some fields inject a well-known mistake;
// their comments name the release or the issue. Without such a mistake, an elector is as sound as
// its system.
//
// # Contract
//
//  1. Run takes part in elections until its candidate has led for Hold and has resigned. It also
//     returns when its session is over and no new session follows. To continue for ever, call it in
//     a loop.
//  2. A leader runs the function Lead, which gets a [Term], and should return when [Term.Still] is
//     false. If Lead is nil, the leader waits for the end of its term.
//  3. Run marks what it does ([client.Proc.Mark]), so that package linearizability/promise can judge
//     it. A [Lease] excludes nobody, and says so.
//  4. Run creates the parents of its nodes.
//
// # Decisions
//
// The original systems use callbacks on the threads of a client library. Here each is a program in
// blocking style: a leader that is at work learns of an event when it checks [Term.Still], not from
// a queue. The order of operations, the watches, and what happens after a lost answer are as in the
// sources that each type cites.
package elect
