// Package elect has elections as well-known systems hold them, as programs on a [client.Proc]: on
// ZooKeeper, or, where a system uses something else, on a tree of znodes by a mapping that its type
// describes.
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
// Each type is a struct with the choices that the system leaves to its users, and a method Run, which
// is a program for [client.Config].Programs. A field that turns a well-known mistake on says which
// release or issue it is from; without it the elector is sound, as far as the system is.
//
// # Contract
//
//  1. Run takes part in elections until its candidate has led for Hold and has resigned, or until
//     its session is over and no new session follows. To go on for ever, call it in a loop.
//  2. A leader does what the function Lead does, which gets a [Term]. It should return when
//     [Term.Still] is false. Without Lead, a leader waits for the end of its term.
//  3. Run marks what it does ([client.Proc.Mark]), so that package linearizability/promise can judge
//     it. A [Lease] excludes nobody, and says so.
//  4. Run creates the parents of its nodes.
//
// # Decisions
//
// The systems are programs in blocking style, not callbacks on the threads of a client library as in
// their own code. So a leader that is at work learns of an event when it looks ([Term.Still]), where
// the original has the event in a queue. The order of operations, the watches, and what happens
// after a lost answer are those of the sources that each type cites.
package elect
