package flaw

// Beyond is a bug of ZooKeeper that this engine cannot have.
type Beyond struct {
	Issue string
	Says  string // what it is in ZooKeeper
	Why   string // why it cannot be here
}

// OutOfReach returns bugs that somebody may miss among the flaws.
func OutOfReach() []Beyond {
	return []Beyond{
		{
			Issue: "ZOOKEEPER-4907",
			Says: "With Netty, a server goes on reading what a client has sent on a connection that " +
				"the server has closed.",
			Why: "A closed end of a simulated connection delivers nothing. A server that read on " +
				"after its client had opened a newer connection to it got no such request in 2154 " +
				"seeds, because old requests arrive before the new connection is open; and if the " +
				"client opens it to another server, that one owns the session, and the leader " +
				"refuses the old requests. In ZooKeeper the bug leads to a misleading line in the log.",
		},
		{
			Issue: "ZOOKEEPER-4886, authentication",
			Says: "The server with the larger number does not authenticate to an observer that it " +
				"calls back.",
			Why: "Servers here do not authenticate (SASL). What follows, that nobody calls the " +
				"observer back, is the flaw election.no-call-back.",
		},
		{
			Issue: "ZOOKEEPER-3023, the commit",
			Says: "A follower has logged the transactions of a DIFF when it acks NEWLEADER, and has " +
				"not applied them.",
			Why: "An App may apply late: no client is served before UPTODATE, and a server that " +
				"looks for a leader applies its log first. Without the log it is the flaw " +
				"newleader.ack-before-log.",
		},
	}
}
