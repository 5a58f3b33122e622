package why

import (
	"strings"
)

// should says in one sentence what a property promises. Codes such as rule D4 are those of zab/RULES.md.
var should = map[string][]string{
	"SessionBeforeExpiry": {"Only a server can tell a client that its session is over. A client " +
		"that has not got a session yet has none that could expire, so it continues to try."},
	"linearizable-reads": {"A read shows every write that was answered before the read was " +
		"called."},
	"mutual-exclusion": {"At every moment, at most one client believes that it holds a given " +
		"lock or leadership."},
	"TypeOK": {"The zxid e/0 only marks the start of epoch e. When the counter of an epoch is " +
		"used " +
		"up, the leader steps down, and the next epoch is elected."},
	"Leadership1": {"An epoch has one leader. Rule D1: acceptedEpoch is on disk before ACKEPOCH, so " +
		"that " +
		"no two quorums promise one epoch to two leaders."},
	"Leadership2": {"A server leads an epoch only until its process ends: after a restart it " +
		"needs a new epoch."},
	"PrefixConsistency": {"All servers deliver the same transactions in the same order."},
	"Integrity": {"A server delivers only transactions that a leader has broadcast. It " +
		"can decode every entry of its log."},
	"LocalPrimaryOrder": {"The transactions of an epoch are delivered in the order of " +
		"their counters."},
	"GlobalPrimaryOrder": {"No transaction of an older epoch is delivered after one of a " +
		"newer epoch."},
	"PrimaryIntegrity": {"A leader has delivered everything of earlier epochs before it " +
		"broadcasts."},
	"LeaderLogCompleteness": {"When a quorum has promised an epoch to its leader, the leader " +
		"has every committed transaction in its log."},
	"CommittedLogMonotonicity": {"A committed transaction stays committed."},
	"CommittedLogDurability": {"No TRUNC, SNAP or new record removes a committed transaction " +
		"from a disk. Rule L7: a leader's " +
		"DIFF contains every transaction after the follower's last one."},
	"CommitQuorum": {"A transaction, or a new epoch with its initial history, counts when a " +
		"quorum of voters has it " +
		"on disk (rules D4, D5, D6). Rule L10: only voters count."},
	"InitialHistory": {"The initial history of an epoch contains that of every earlier epoch."},
	"ProcessConsistency": {"Rule R4: when a follower has caught up, its log is a prefix of its " +
		"leader's, because every transaction that the leader lacks has been truncated."},
	"proposalInconsistent": {"Rule I3: each PROPOSAL follows directly after the follower's last " +
		"transaction; none is skipped. " +
		"A leader sends a joining follower every proposal after its DIFF, TRUNC or SNAP."},
	"commitInconsistent": {"Rule I4: each COMMIT is for the oldest proposal that the follower has " +
		"and that is not committed. " +
		"The follower keeps proposals until their COMMIT, and the leader sends every COMMIT."},
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
		"or SNAP. Rule D7: after TRUNC, the log continues where it was cut."},
	"SnapshotLegality": {"Rule L6: a snapshot contains committed transactions only. Rule R5: a server " +
		"writes snapshots only while it " +
		"serves clients."},
	"CommittedLogChain": {"Rule L7: a server delivers transactions without gaps."},
	"LogContiguous": {"Rule L4: a log has no gap, and there is no gap between a snapshot " +
		"and the log after it."},
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
	"ExpiryInTime": {"The session of a client that is gone ends within a fixed time: every " +
		"leader tracks all sessions in its tree."},
	"Registration": {"A program believes that it leads only by a node that its present session " +
		"has created."},
	"OneTicket": {"A client has one node for each place in a line. After a create without an " +
		"answer, it looks for a node " +
		"with its own GUID before it creates another."},
	"NoHerd": {"When a holder gives up its place, only one waiter is notified: each waiter " +
		"watches only the node " +
		"directly before its own."},
	"LiveAfterHealing": {"After all faults are healed, the servers elect a leader and a write " +
		"succeeds. In the end all servers have equal trees, without sessions of clients that " +
		"are gone."},
	"NoStuckWaiter": {"A client that waits for an event gets it: a waiter reads and sets its " +
		"watch in one call, so that it misses no change in between."},
	"DurableAtRest": {"A loss of power while no request is in progress changes nothing: the " +
		"tree after the restart equals the tree before."},
	"ElectionInTime": {"While a quorum runs undisturbed, it elects a leader within the time " +
		"that an election may take."},
	"EpochInTime": {"When a quorum follows a leader, the epoch is established within a " +
		"fixed time."},
	"NoVainEpoch": {"An epoch that a quorum has promised becomes established."},
	"ReignInCalm": {"A server that serves clients keeps its role while no fault acts."},
	"ConnectedInTime": {"While no fault acts, a client without a connection gets a connection " +
		"within a fixed time."},
	"StaysConnected": {"While no fault acts, a client keeps its connection."},
	"AnswerInTime": {"While no fault acts, a call is answered within a fixed time, and its " +
		"outcome is known."},
	"WakeInTime": {"While no fault acts, a client that has set a watch learns of the first " +
		"change within a fixed time."},
	"MutualExclusion": {"Two programs never hold the same office at the same moment while the " +
		"nodes of both exist: a program holds an office only when its node has the lowest number at the " +
		"end of its name."},
	"ReadersWriters": {"A writer holds a lock alone: a reader enters only if no earlier ticket " +
		"is a writer's."},
	"InOrder": {"A program holds an office only when all earlier tickets that exclude it are " +
		"gone; the number at the end of a ticket's name says which is earlier."},
	"OwnNode": {"A program holds an office by a node that its own session has created."},
	"OwnRelease": {"Only its owner deletes the node of an office; a retried delete must not " +
		"hit the successor's node."},
	"StepsDown": {"A holder lets go when its client learns that its session is over; the node " +
		"does not belong to a new session."},
	"FreshToken": {"Each holder has a larger fencing token than all earlier ones."},
	"TakenOnce": {"An item of a queue belongs to the program whose delete succeeded; if a " +
		"delete is answered with \"no node\", the item belongs to another program."},
	"PutOnce":     {"A put makes one item."},
	"NothingLost": {"The program that deletes an item reports that it took the item."},
	"OldestFirst": {"No item is taken while an earlier one is in the list."},
	"BarrierSize": {"Nobody passes a barrier before the stated number of programs has entered " +
		"it."},
	"BarrierLeave": {"Nobody leaves a barrier before all programs in the barrier want to leave."},
	"Progress": {"While no fault acts, a program that waits gets a free lock, or an item, " +
		"within a fixed time."},
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
	"FencedInOrder": {"A fenced resource accepts no write of a former holder after one of a later " +
		"holder, and none of a program that holds nothing."},
	"witness/watches": {"A watch reports the first change after it was set, once, before any " +
		"answer that shows the change. When a " +
		"client sets its watches again after a reconnection, the server compares each node with " +
		"the last zxid that the client " +
		"has seen, and reports at once what the client has missed."},
	"witness/sync": {"Rule R10: a read after a sync shows everything that was committed before " +
		"the sync: a leader that may have been deposed asks a quorum first."},
	"witness/fencing": {"A resource refuses a fencing token that is lower than one that it has " +
		"seen."},
	"session-order": {"The zxids that a session sees never decrease: a server refuses a client " +
		"that has seen a later zxid than " +
		"the server has applied."},
	"write-results": {"Each write has the result that follows from the tree before the write."},
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
