package why

import (
	"strings"
)

// should says in one sentence what a property promises. Codes such as rule D4 are those of zab/RULES.md.
var should = map[string][]string{
	"SessionBeforeExpiry": {"A client learns from a server that its session is over. Before a " +
		"server has given it a session, none can expire: the client tries on."},
	"linearizable-reads": {"A read shows every write that was answered before the read was " +
		"called."},
	"mutual-exclusion": {"At one instant, one client believes that it holds an office."},
	"TypeOK": {"The zxid e/0 only marks the start of epoch e. When the counter of an epoch is " +
		"used " +
		"up, the leader steps down, and the next epoch is elected."},
	"Leadership1": {"An epoch has one leader. Rule D1: acceptedEpoch is on disk before ACKEPOCH, so " +
		"that " +
		"no two quorums promise one epoch to two leaders."},
	"Leadership2": {"A leader leads one epoch in one life only: after a restart it " +
		"needs a new epoch."},
	"PrefixConsistency": {"All servers deliver the same transactions in the same order."},
	"Integrity": {"A server delivers only what a leader has broadcast, and can " +
		"decode what it logs."},
	"LocalPrimaryOrder": {"The transactions of an epoch are delivered in the order of " +
		"their counters."},
	"GlobalPrimaryOrder": {"No transaction of an older epoch is delivered after one of a " +
		"newer epoch."},
	"PrimaryIntegrity": {"A leader has delivered everything of earlier epochs before it " +
		"broadcasts."},
	"LeaderLogCompleteness": {"A leader that a quorum has promised its epoch has every " +
		"committed transaction in its log."},
	"CommittedLogMonotonicity": {"What is committed stays committed."},
	"CommittedLogDurability": {"No TRUNC, SNAP or new record removes a committed transaction " +
		"from a disk. Rule L7: a leader's " +
		"DIFF contains every transaction after the follower's last one."},
	"CommitQuorum": {"A transaction, or a new epoch with its initial history, counts when a " +
		"quorum of voters has it " +
		"on disk (rules D4, D5, D6). Rule L10: only voters count."},
	"InitialHistory": {"The initial history of an epoch contains that of every earlier epoch."},
	"ProcessConsistency": {"Rule R4: when a follower has caught up, its log is a prefix of its " +
		"leader's: a transaction that " +
		"the leader lacks has been truncated."},
	"proposalInconsistent": {"Rule I3: each PROPOSAL follows directly after the follower's last " +
		"transaction; none is skipped. " +
		"A leader sends a joining follower every proposal after its DIFF, TRUNC or SNAP."},
	"commitInconsistent": {"Rule I4: each COMMIT is for the oldest proposal that the follower has " +
		"and that is not committed. " +
		"The follower keeps proposals until their COMMIT, and the leader sends every one of them."},
	"ackInconsistent": {"Rule I5: a follower acks what the leader has sent to it, in order, in " +
		"this epoch."},
	"stateInconsistent": {"Rule I2: a peer sends only messages that its receiver can get in its " +
		"state and phase."},
	"messageIllegal": {"Rule I6: a peer sends only messages that its receiver can handle."},
	"VoteTruth": {"Rule L1: the first vote of a server contains the epoch on its disk and the last " +
		"zxid of its log, or e/0 " +
		"if epoch e is established."},
	"EpochCurrency": {"Rule L2: a promise of an epoch is on disk before ACKEPOCH (rule D1). Rule D4: a " +
		"follower writes the transactions " +
		"that it received first, currentEpoch second, and then acks NEWLEADER."},
	"AckedDurable": {"Rule L3: a transaction that a server has acked is in its log on disk (rule D5), and " +
		"survives crashes until a TRUNC " +
		"or SNAP. Rule D7: after TRUNC, the log goes on where it was cut."},
	"SnapshotLegality": {"Rule L6: a snapshot contains committed transactions only. Rule R5: a server " +
		"writes snapshots only while it " +
		"serves clients."},
	"CommittedLogChain": {"Rule L7: a server delivers transactions without a hole."},
	"LogContiguous":     {"Rule L4: a log has no hole, and none between it and its snapshot."},
	"StateAtZxid": {"Rule L5: two servers that have applied the same zxid have the same tree and " +
		"sessions, also when one of " +
		"them has replayed its log over a snapshot."},
	"NoServiceUnlessEstablished": {"Rule L8: only a server in broadcast answers clients."},
	"VoteOrder": {"Rule L9: of two different votes exactly one is better: the one with the higher " +
		"epoch; if equal, the higher " +
		"zxid; if equal, the higher server number."},
	"EphemeralLifetime": {"An ephemeral node belongs to a session that is open. Once the end of " +
		"a session is proposed, no request " +
		"of that session is accepted."},
	"FIFOClientOrder": {"Requests of one session take effect in the order in which the client " +
		"sent them. After a session has " +
		"moved to another server, requests from its former server are refused (session moved)."},
	"NoEarlyExpiry": {"A session expires only after its client has been silent for the timeout, " +
		"by a clock that does not jump."},
	"ExpiryInTime": {"The session of a client that is gone ends in time: every leader tracks " +
		"all sessions in its tree."},
	"Registration": {"A program believes that it leads only by a node that its present session " +
		"has created."},
	"OneTicket": {"A client has one node for each place in a line. After a create without an " +
		"answer, it looks for a node " +
		"with its own GUID before it creates another."},
	"NoHerd": {"When a holder leaves, one waiter is woken: each waiter watches only the node " +
		"directly before its own."},
	"LiveAfterHealing": {"After all faults are healed, the servers elect a leader, a write " +
		"succeeds, and all come to rest: equal " +
		"trees, and no session of a client that is gone."},
	"NoStuckWaiter": {"A client that waits for an event gets it: a waiter looks and sets its " +
		"watch in one call, so that no change " +
		"falls between."},
	"DurableAtRest": {"A loss of power at rest changes nothing: the tree after the restart is " +
		"the tree before."},
	"ElectionInTime": {"With a quorum that runs undisturbed, there is a leader within the " +
		"bound of the election."},
	"EpochInTime":     {"A leader with a quorum of followers is established in time."},
	"NoVainEpoch":     {"An epoch that a quorum has promised becomes established."},
	"ReignInCalm":     {"A server that serves does not leave its role while nothing disturbs it."},
	"ConnectedInTime": {"A client without a connection gets one in time."},
	"StaysConnected":  {"A client keeps its connection while nothing disturbs it."},
	"AnswerInTime":    {"A call is answered in time, and its outcome is known."},
	"WakeInTime":      {"A client learns of the first change after its watch in time."},
	"MutualExclusion": {"At one instant, no two programs hold the same office while the nodes of " +
		"both exist: a program holds it only when its node is the first, by the number at the " +
		"end " +
		"of the name."},
	"ReadersWriters": {"A writer holds alone: a reader enters only if no earlier ticket is a " +
		"writer's."},
	"InOrder": {"A program holds an office only when all earlier tickets that exclude it are " +
		"gone, by the number at the end of " +
		"the name."},
	"OwnNode": {"A program holds an office by a node that its own session has created."},
	"OwnRelease": {"Only its owner deletes the node of an office; a retried delete must not " +
		"hit the successor's node."},
	"StepsDown": {"A holder lets go when its client learns that its session is over; a new " +
		"session does not have the node."},
	"FreshToken": {"Each holder has a larger fencing token than all earlier ones."},
	"TakenOnce": {"An item of a queue belongs to the program whose delete succeeded; after " +
		"\"no node\" it belongs to another."},
	"PutOnce":     {"A put makes one item."},
	"NothingLost": {"The program that deletes an item says that it took it."},
	"OldestFirst": {"No item is taken while an earlier one is in the list."},
	"BarrierSize": {"Nobody passes a barrier before the stated number of programs has entered " +
		"it."},
	"BarrierLeave":    {"Nobody leaves a barrier before all in it want to leave."},
	"LogRolls":        {"With each snapshot a server begins a new log file, so that old ones can go."},
	"PromiseQuorum":   {"A leader is elected when a quorum of voters has promised its epoch."},
	"AnswersUpToDate": {"A learner answers UPTODATE with an ACK at once."},
	"WaitsForDisk":    {"A server that writes a snapshot waits for an fsync that it has asked for."},
	"NoticesLoss": {"A client leaves a connection when it learns of its end, and waits for the " +
		"answer to CONNECT as long as for a dial."},
	"KeepsQueue":      {"A client fails a call that it has not sent only when its session is over."},
	"BeliefEnds":      {"A client whose programs hold nothing does not believe that it leads."},
	"Polls":           {"A recipe that waits sets a watch, instead of reading again and again."},
	"SetsWatches":     {"Persistent and recursive watches are set again by setWatches2."},
	"NeedlessRefusal": {"A server refuses the arguments of a call only if they are bad."},
	"ClosesLinks":     {"A learner that leaves its leader closes the connection."},
	"GivesUp":         {"A recipe gives up waiting only when its session is over."},
	"ElectedByQuorum": {"A server takes the leader that votes of a quorum have named to it since " +
		"it began to look."},
	"LostInTime": {"A leader gives up a learner, and a learner its leader, that is silent for " +
		"more than syncLimit (while it catches up, initLimit) ticks."},
	"PingsInTurn":  {"A leader pings each learner once in half a tick, also after a pause."},
	"MarksInOrder": {"A program says that it ends only what it has begun."},
	"Progress":     {"A free office is acquired, and an item taken, within the bound."},
	"witness/watches": {"A watch reports the first change after it was set, once, before any " +
		"answer that shows the change. When a " +
		"client sets its watches again after a reconnection, the server compares each node with " +
		"the last zxid that the client " +
		"has seen, and reports at once what it has missed."},
	"witness/sync": {"Rule R10: a read after a sync shows everything that was committed before " +
		"the sync: a leader that may have been deposed asks a quorum first."},
	"witness/fencing": {"A resource refuses a fencing token that is lower than one that it has " +
		"seen."},
	"session-order": {"The zxids that a session sees never decrease: a server refuses a client " +
		"that has seen a later zxid than " +
		"the server has applied."},
	"write-results": {"Each write has the result that the tree before it gives."},
	"linearizable-writes": {"One order of all writes explains every answer, and agrees with " +
		"real time."},
	"zxid-order": {"The order of the zxids agrees with real time."},
	"ephemerals": {"An ephemeral node is deleted when its session ends, not before and " +
		"not later."},
	"reads":            {"A read shows the state at its zxid."},
	"stats":            {"A stat has the node's versions and zxids."},
	"sequential-names": {"Sequential names are unique, and increase."},
	"multi":            {"A multi happens as a whole or not at all."},
}

// shoulds returns what should have been; nothing for a property that is not in the table.
func shoulds(property string) []string {
	if s, ok := should[property]; ok {
		return s
	}
	if s, ok := should[strings.TrimPrefix(property, "witness/")]; ok {
		return s
	}
	return should["witness/"+property]
}
