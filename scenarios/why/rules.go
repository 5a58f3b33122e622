package why

import (
	"strings"
)

// should says in one sentence what a property promises. Codes such as rule D4 are those of
// zab/RULES.md.
var should = map[string][]string{
	"SessionBeforeExpiry": {"Only a server can tell a client that its session is over. A client " +
		"that does not have a session yet never says that its session is over: it continues to " +
		"ask for one."},
	"linearizable-reads": {"A read shows every write that was answered before the read was " +
		"called."},
	"mutual-exclusion": {"At every moment, at most one client believes that it holds a given " +
		"lock or leadership."},
	"TypeOK": {"The zxid e/0 only marks the start of epoch e. When the counter of an epoch is " +
		"used up, the leader steps down, and the servers elect a leader for the next epoch."},
	"Leadership1": {"An epoch has one leader. Rule D1: a server has acceptedEpoch on disk before " +
		"it sends ACKEPOCH, so that two leaders cannot both get the promise of a quorum for the " +
		"same epoch."},
	"Leadership2": {"A server leads an epoch only until its process ends: after a restart it " +
		"needs a new epoch."},
	"PrefixConsistency": {"All servers deliver the same transactions in the same order."},
	"Integrity": {"A server delivers only transactions that a leader has broadcast. It " +
		"can decode every entry of its log."},
	"LocalPrimaryOrder": {"The transactions of an epoch are delivered in the order of " +
		"their counters."},
	"GlobalPrimaryOrder": {"No transaction of an older epoch is delivered after one of a " +
		"newer epoch."},
	"PrimaryIntegrity": {"A leader delivers all transactions of earlier epochs before it " +
		"broadcasts its first transaction."},
	"LeaderLogCompleteness": {"When a quorum has accepted a leader's epoch, the leader has every " +
		"committed transaction in its log."},
	"CommittedLogMonotonicity": {"A committed transaction stays committed."},
	"CommittedLogDurability": {"No TRUNC and no SNAP removes a committed transaction from a " +
		"disk, and no new log record overwrites such a transaction. Rule L7: a leader's DIFF " +
		"contains every transaction after the follower's last one."},
	"CommitQuorum": {"A transaction is committed only when a quorum of voters has it on disk, " +
		"and an epoch is established only when a quorum of voters has its initial history on " +
		"disk (rules D4, D5, D6). Rule L10: only voters count."},
	"InitialHistory": {"The history with which an epoch begins contains the history with which " +
		"each earlier epoch began."},
	"ProcessConsistency": {"Rule R4: when a follower has caught up, its log is a prefix of its " +
		"leader's, because every transaction that the leader lacks has been truncated."},
	"proposalInconsistent": {"Rule I3: each PROPOSAL follows directly after the follower's last " +
		"transaction; none is skipped. After the DIFF, TRUNC or SNAP, a leader sends every " +
		"proposal to the follower that joins it."},
	"commitInconsistent": {"Rule I4: each COMMIT is for the follower's oldest proposal that is " +
		"not committed yet. The follower keeps each proposal until the COMMIT for it comes, and " +
		"the leader sends every COMMIT."},
	"ackInconsistent": {"Rule I5: a follower acks only transactions that the leader has sent to " +
		"it in this epoch, and acks them in order."},
	"stateInconsistent": {"Rule I2: a peer sends a message only if the receiver may be in a " +
		"state and a phase in which this message is allowed."},
	"messageIllegal": {"Rule I6: a peer sends only messages that the receiver can handle."},
	"VoteTruth": {"Rule L1: the vote with which a server begins an election contains the epoch " +
		"on its disk and the last zxid of its log. Exception: if the server has been in an " +
		"established epoch e, but its log has no transaction of e, the vote contains the zxid " +
		"e/0."},
	"EpochCurrency": {"Rules L2 and D1: before a server sends ACKEPOCH, its promise to follow " +
		"the new epoch is on its disk. Rule D4: a follower first writes to its disk the " +
		"transactions that it received, then currentEpoch, and only then acks NEWLEADER."},
	"AckedDurable": {"Rule L3: a transaction that a server has acked is in its log on disk (rule D5), and " +
		"survives crashes until a TRUNC or SNAP removes it. Rule D7: after TRUNC, the log " +
		"continues where TRUNC has cut it."},
	"SnapshotLegality": {"Rule L6: a snapshot contains only transactions that a quorum of voters " +
		"has on disk. Rule R5: a server writes snapshots only while it serves clients."},
	"CommittedLogChain": {"Rule L7: a server delivers transactions without gaps."},
	"LogContiguous": {"Rule L4: a log has no gap, and there is no gap between a snapshot " +
		"and the log after it."},
	"StateAtZxid": {"Rule L5: two servers that have applied the same zxid have the same tree and " +
		"the same sessions, even if one of them has replayed its log over a snapshot."},
	"NoServiceUnlessEstablished": {"Rule L8: a server answers clients only in the broadcast " +
		"phase."},
	"VoteOrder": {"Rule L9: of two different votes exactly one is better: the one with the higher " +
		"epoch; if the epochs are equal, the one with the higher zxid; if these are equal too, the one " +
		"with the higher server number."},
	"EphemeralLifetime": {"An ephemeral node belongs to a session that is open. Once the end of " +
		"a session is proposed, no request of that session is accepted."},
	"FIFOClientOrder": {"Requests of one session take effect in the order in which the client " +
		"sent them. After a session has moved to another server, requests from its former server " +
		"are refused (session moved)."},
	"NoEarlyExpiry": {"A session expires only after its client has been silent for the whole " +
		"timeout, measured with a clock that does not jump."},
	"ExpiryInTime": {"The session of a client that is gone ends within a fixed time: every " +
		"leader tracks all sessions in its tree."},
	"Registration": {"A program believes that it leads only while it has a node that its present " +
		"session has created."},
	"OneTicket": {"A client that waits in a queue has exactly one node in the queue. If a create " +
		"gets no answer, the client looks for a node with its own GUID before it creates another " +
		"node."},
	"NoHerd": {"When a holder releases a lock or leadership, only one waiter is notified: each " +
		"waiter watches only the node directly before its own."},
	"LiveAfterHealing": {"After all faults are healed, the servers elect a leader and a write " +
		"succeeds. In the end all servers have equal trees, without sessions of clients that " +
		"are gone."},
	"NoStuckWaiter": {"A client that waits for an event gets it: a waiter reads and sets its " +
		"watch in one call, so that it misses no change in between."},
	"DurableAtRest": {"A loss of power while no request is in progress changes nothing: the " +
		"tree after the restart equals the tree before the loss."},
	"ElectionInTime": {"While no fault acts on the servers of a quorum, these servers elect a " +
		"leader within a fixed time."},
	"EpochInTime": {"While no fault acts, a leader with a quorum of followers establishes its " +
		"epoch within a fixed time."},
	"NoVainEpoch": {"While no fault acts, an epoch that a quorum has promised becomes " +
		"established."},
	"ReignInCalm": {"A server that serves clients keeps its role while no fault acts."},
	"ConnectedInTime": {"While no fault acts, a client without a connection gets a connection " +
		"within a fixed time."},
	"StaysConnected": {"While no fault acts, a client keeps its connection."},
	"AnswerInTime": {"While no fault acts, a call is answered within a fixed time, and its " +
		"outcome is known."},
	"WakeInTime": {"While no fault acts, a client that has set a watch learns of the first " +
		"change within a fixed time."},
	"MutualExclusion": {"If the nodes of two programs both exist, at most one of the two " +
		"programs holds the lock or leadership: a program holds it only if its node has the " +
		"lowest number at the end of its name."},
	"ReadersWriters": {"A writer holds a lock alone: a reader gets the lock only if no node of a " +
		"writer is before its own."},
	"InOrder": {"A program holds a lock or leadership only when every earlier node for which it " +
		"must wait is deleted (a reader does not wait for earlier readers). Of two nodes, the " +
		"earlier is the one with the lower number at the end of its name."},
	"OwnNode": {"A program holds a lock or leadership only with a node that its own session has " +
		"created."},
	"OwnRelease": {"Only the client that created the node of a lock or leadership deletes it: a " +
		"delete that the client repeats must not remove the node of the next holder."},
	"StepsDown": {"A program releases its lock or leadership when its client learns that the " +
		"session is over, because the node of the lock or leadership does not belong to the " +
		"client's next session."},
	"FreshToken": {"The fencing token of each holder is larger than the tokens of all earlier " +
		"holders."},
	"TakenOnce": {"An item of a queue belongs to the program whose delete succeeded; if a " +
		"delete is answered with \"no node\", the item belongs to another program."},
	"PutOnce":     {"One put adds one item to the queue."},
	"NothingLost": {"The program that deletes an item reports that it took the item."},
	"OldestFirst": {"A program takes an item only if the list that it has read has no earlier " +
		"item."},
	"BarrierSize": {"No program passes a barrier before the number of programs that have entered " +
		"it reaches the barrier's size."},
	"BarrierLeave": {"No program leaves a barrier before all programs in the barrier want to " +
		"leave."},
	"Progress": {"While no fault acts, a program that waits gets a free lock, or an item, " +
		"within a fixed time."},
	"LogRolls": {"With each snapshot a server begins a new log file, so that it can " +
		"remove old files."},
	"PromiseQuorum": {"A server leads an epoch only after a quorum of voters has promised " +
		"that epoch."},
	"AnswersUpToDate": {"A learner answers UPTODATE with an ACK at once."},
	"WaitsForDisk": {"A server that writes a snapshot requests an fsync of the snapshot, and " +
		"waits until the fsync has ended."},
	"NoticesLoss": {"A client gives up a connection as soon as it learns that the connection " +
		"has ended. Its timeout for the answer to CONNECT equals its timeout for opening a " +
		"connection."},
	"KeepsQueue": {"If a client has not sent a call yet, the call can fail for one reason only: " +
		"the client's session is over."},
	"BeliefEnds": {"A client does not believe that it leads if none of its programs holds a lock " +
		"or leadership."},
	"Polls": {"A recipe that waits sets a watch; it does not read again and again."},
	"SetsWatches": {"After a reconnection, a client sets its persistent and recursive " +
		"watches again with setWatches2."},
	"NeedlessRefusal": {"A server answers \"bad arguments\" only if the arguments of the call " +
		"are invalid."},
	"ClosesLinks": {"A learner that leaves its leader closes the connection to the leader. When a " +
		"learner connects again, its leader closes the earlier connection."},
	"GivesUpLeader": {"A learner dials its leader at most five times. Then it looks for a leader " +
		"again."},
	"TimersAhead": {"A server sets no timer to a moment that has passed: it would wake up for " +
		"nothing."},
	"CatchUpHeader": {"The DIFF or SNAP of an established leader names a zxid of the leader's own " +
		"epoch: e/0 or later."},
	"SmallDiff": {"When a leader chooses between transactions from its log and a snapshot, it " +
		"sends the transactions if they are smaller than a third of the snapshot, and otherwise " +
		"the snapshot."},
	"TellsTouched": {"A learner answers PING with all sessions whose clients have sent something " +
		"since its last answer. Otherwise the leader would end these sessions too early."},
	"TouchesSessions": {"When a leader confirms to a learner that a session is alive, the " +
		"session lives for at least its full timeout from that moment."},
	"GrantsTimeout": {"A server tells a client the timeout of its session. A new session has the " +
		"timeout that the client asks for, but at least 2 and at most 20 ticks."},
	"KeepsLogs": {"A server removes a log only if its newest snapshot is newer than all records of " +
		"that log, or if a leader has sent TRUNC or SNAP."},
	"SharesReads": {"A reader of a read-write lock waits in line only for a writer: readers may hold the " +
		"lock together."},
	"MovesWhenTold": {"A client that is told to move to another server closes its connection."},
	"AnswersEarly": {"A client may send requests right after CONNECT. The server handles them when the " +
		"session is open."},
	"ExpiresWhenTold": {"A server that is told to end a session proposes the end of the session, " +
		"or asks its leader to propose it."},
	"TruncFits": {"A TRUNC names a point of the learner's own history, so that the learner can " +
		"truncate its log there."},
	"TakesRequests": {"A server accepts every write whose request is not larger than " +
		"jute.maxbuffer allows."},
	"SessionsDiffer": {"A session id contains a number that counts the starts of its server. So " +
		"a server never gives the same id to two sessions, even after a restart."},
	"AnswersVotes": {"A voter that looks for a leader answers each notification of an observer, " +
		"so that the observer learns who leads. An observer has no vote, and answers no " +
		"notification."},
	"AnswersInTurn": {"A server answers the requests on a connection in the order in which they " +
		"came, and each answer has the kind of result that its request asks for. If an answer breaks " +
		"this rule, the client closes the connection."},
	"EndsConfirmed": {"A server that ends a session because a connection broke has confirmed the " +
		"session on that connection."},
	"ForgetsSessions": {"A leader forgets a session when the end of the session is applied."},
	"AddressesDiffer": {"No two machines have the same address. For ACLs of the scheme ip, " +
		"servers identify a client by its address."},
	"ServersInOrder": {"A client tries all servers of its list in order."},
	"AnswerFits": {"The answer to a call has the type of result that belongs to this call: a " +
		"create gets the result of a create, and so on."},
	"RoundsInTurn": {"A server that looks for a leader begins the next round of the election, or " +
		"adopts the round of another voter. It ignores the rounds of observers."},
	"ClaimsEpoch": {"Rule R0: a server whose log has a transaction of an epoch has that epoch's whole " +
		"initial history, so it votes for itself with at least that epoch."},
	"RealSizes": {"A message has the size that it has in ZooKeeper: a PING without sessions has 24 " +
		"bytes."},
	"CallsEnd": {"When a server's answer to an addAuth arrives, the client's call returns."},
	"Defaults": {"Settings that a run does not change are ZooKeeper's defaults."},
	"TimesCalls": {"A client records, by its own clock, when each call was made, sent and " +
		"answered. A call is made before it is sent, and sent before it is answered. A call that " +
		"was not sent has no send time."},
	"SyncAnswered": {"A server answers a client's sync only after the leader has answered this " +
		"sync."},
	"ClosesEnded": {"When a server has told a client that its session is over, or has refused " +
		"the client's addAuth, it closes the connection."},
	"ClosesStrangers": {"A server closes the connection of a client that sends a request before " +
		"CONNECT, a second CONNECT, or a message that is not in the client protocol."},
	"WorksOnce": {"A server truncates its log once for each TRUNC."},
	"DurableTruth": {"The last zxid that a server reports as durable never decreases, unless the " +
		"server truncates or replaces its log."},
	"SparesMessages": {"A client pings only if it has sent nothing for a third of its session " +
		"timeout. It sends one setWatches, not two, if all paths fit into one."},
	"AsksAsItIs": {"CONNECT carries the ID of the client's session. If the client has no " +
		"session, its CONNECT carries 0 as the last zxid that the client has seen."},
	"FailsQueue": {"If a client library reports one queued call as failed because the connection " +
		"broke, it reports all queued calls as failed."},
	"EndsByClock": {"Curator ends a session by its own clock when the connection has been lost for " +
		"the session timeout."},
	"BeliefIsSaid": {"A program that is declared to run an election or a lock reports each time " +
		"that it begins to believe that it leads or holds the lock."},
	"TransientsEnd": {"Once a minute, a leader deletes each empty container that has had a " +
		"child, and each empty node whose time to live is over."},
	"DeadActs": {"A program does nothing when its process has ended."},
	"RefusesClients": {"While a server does not serve clients, it closes each connection that a " +
		"client opens."},
	"QuorumFirst": {"A leader sends a learner its history only after a quorum has promised its " +
		"epoch."},
	"StepsAside": {"Rule R11: a leader that does not yet have a quorum steps down if another " +
		"voter's history is ahead of its own."},
	"SnapshotsInTurn": {"From the beginning of one snapshot to the beginning of the next, a server " +
		"applies a random number of transactions: from snapCount/2+1 to snapCount."},
	"TidyDisk": {"A server keeps its three newest snapshots, and all log files with transactions " +
		"after the oldest of these snapshots. It removes all other snapshots and log files."},
	"ExpiresOnce": {"A leader marks an expired session as closing, and proposes the end of the " +
		"session once. Without the mark, the session may still create ephemeral nodes, which " +
		"nobody deletes (ZOOKEEPER-1208)."},
	"CodeFits": {"A call succeeds if the code of its answer is ok, and fails otherwise. If a session " +
		"ends before a call is sent, the call's code says how the session ended."},
	"WaitsToDial": {"If a server does not accept a client, the client waits for at least 100 ms " +
		"before it dials again."},
	"GivesUp": {"A recipe waits until it has the lock or the leadership. It gives up only when " +
		"its session is over."},
	"ElectedByQuorum": {"A server follows a leader, or leads, only if a quorum has voted for " +
		"that leader since the server last began to look for a leader."},
	"LostInTime": {"A leader and a learner close their connection if the other side has been " +
		"silent for more than syncLimit ticks (initLimit ticks while the learner catches up)."},
	"PingsInTurn": {"A leader pings each learner once every half tick. After a pause of its " +
		"process it does not send the missed pings together."},
	"MarksInOrder": {"A program reports the end of an action, such as holding a lock, only if it " +
		"has reported the beginning of that action."},
	"FencedInOrder": {"After a fenced resource has accepted a write of a later holder, it accepts " +
		"no write of a former holder. It never accepts a write of a program that holds nothing."},
	"WritesInOrder": {"A controller's write checks the epoch in the same transaction: after a " +
		"later controller has been elected, no earlier one can write."},
	"StopsInTime": {"A leader that cannot renew its lease tries again until RenewDeadline has " +
		"passed on its own clock. Then it stops leading, before another client may take the " +
		"lease."},
	"witness/watches": {"A watch reports the first change after it was set: once, and before any " +
		"answer that shows the change. When a client sets its watches again after a " +
		"reconnection, the server compares each watched node with the last zxid that the client " +
		"has seen, and reports the missed changes at once."},
	"witness/sync": {"Rule R10: a read after a sync shows everything that was committed before " +
		"the sync. So a leader that may have been deposed asks a quorum before it answers a sync."},
	"witness/fencing": {"A resource refuses a fencing token that is lower than a token that it " +
		"has seen."},
	"session-order": {"The zxids that a session sees never decrease: a server refuses a client " +
		"that has seen a later zxid than the server has applied."},
	"write-results": {"Each write has the result that follows from the tree before the write."},
	"linearizable-writes": {"There is one order of all writes that explains every answer and " +
		"agrees with real time."},
	"zxid-order": {"The order of the zxids agrees with real time."},
	"ephemerals": {"Unless a client deletes it earlier, an ephemeral node is deleted when " +
		"its session ends, and not later."},
	"reads":            {"A read shows the state of the tree at the zxid in its answer."},
	"stats":            {"A stat shows the versions and the zxids of its node."},
	"sequential-names": {"The numbers of sequential nodes are unique, and increase."},
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
