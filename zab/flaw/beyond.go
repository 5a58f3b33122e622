package flaw

// Beyond is a bug of ZooKeeper that this engine cannot have.
type Beyond struct {
	Issue string
	Says  string // what it is in ZooKeeper
	Why   string // why it cannot be here
}

// OutOfReach returns the bugs of ZooKeeper that are not among the flaws, because this engine cannot
// have them.
func OutOfReach() []Beyond {
	return []Beyond{
		{
			Issue: "ZOOKEEPER-4907",
			Says: "With Netty, a server continues to read what a client has sent on a " +
				"connection that " +
				"the server has closed.",
			Why: "A closed end of a simulated connection delivers nothing. A server that was " +
				"changed to read requests from such an end got none in 2154 seeds, because old " +
				"requests arrive before the client's new connection is open. If the new " +
				"connection goes to another server, that server owns the session, and the leader " +
				"refuses the old requests. In ZooKeeper the bug only causes a misleading line in " +
				"the log.",
		},
		{
			Issue: "ZOOKEEPER-4886, authentication",
			Says: "The server with the larger number does not authenticate to an observer that it " +
				"calls back.",
			Why: "The lab's servers do not authenticate (SASL). The effect of this bug, that no " +
				"server calls the observer back, is the flaw election.no-call-back.",
		},
		{
			Issue: "ZOOKEEPER-3023, its part about applying",
			Says: "When a follower acks NEWLEADER, it has logged the transactions of a DIFF, but has " +
				"not applied them yet.",
			Why: "A follower that acks before it applies does no harm in the lab: no client is " +
				"served before UPTODATE, and a server that looks for a leader first applies its " +
				"log. A follower that has not even logged the transactions has the flaw " +
				"newleader.ack-before-log.",
		},
	}
}
