package flaw

// Beyond is a bug of ZooKeeper that cannot be injected into this lab's servers and clients.
type Beyond struct {
	Issue string
	Says  string // what it is in ZooKeeper
	Why   string // why it cannot be here
}

// OutOfReach returns the bugs of ZooKeeper that are not among the flaws, because they cannot be
// injected into this lab's servers and clients.
func OutOfReach() []Beyond {
	return []Beyond{
		{
			Issue: "ZOOKEEPER-4907",
			Says: "With Netty, a server that has closed a client's connection still reads what " +
				"the client has sent on this connection.",
			Why: "The bug concerns requests that arrive on a connection which the server has " +
				"already closed. In the simulation no such request arrives: a server that was " +
				"changed to read such requests got none in 2154 seeds. All requests of the old " +
				"connection arrive before the client's new connection is open. And if a request " +
				"came after the client had moved to another server, the leader would refuse it, " +
				"because the session would then belong to the new server. In ZooKeeper the bug " +
				"only causes a misleading line in the log.",
		},
		{
			Issue: "ZOOKEEPER-4886, authentication",
			Says: "If an observer with a smaller id opens an election connection to a server, " +
				"the server closes this connection and opens a new one to the observer. On the " +
				"new connection the server does not authenticate itself.",
			Why: "The lab's servers have no authentication (SASL). The bug has the effect that " +
				"no server connects to the observer, and the flaw election.no-call-back has this " +
				"effect too.",
		},
		{
			Issue: "ZOOKEEPER-3023, transactions not applied yet",
			Says: "When a follower acks NEWLEADER, it has logged the transactions of a DIFF, but has " +
				"not applied them yet.",
			Why: "In the lab it is harmless to ack NEWLEADER before the logged transactions " +
				"are applied: no client is served before UPTODATE, and a server applies its " +
				"whole log before it votes. The flaw newleader.ack-before-log is worse: there " +
				"the follower acks NEWLEADER before it has even logged the transactions.",
		},
	}
}
