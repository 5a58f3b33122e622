// Package flaw lists bugs that ZooKeeper had, or nearly had. A run can inject one of them into the
// lab's servers or clients, to test the fuzzer: only a fuzzer that finds these bugs tells us
// something when it finds no bug in the correct code. By default no bug is injected.
//
// Each bug belongs to one of three packages: zab (the protocol), tree/server (sessions and
// requests) or tree/client (recipes). The list of all bugs is here, because all three packages
// import this one. A run has at most one injected bug, and counts how often the bug has acted.
//
// The code calls [Flaw.At] at each place where a flaw acts. If a flaw needs more than a line, its
// code is in the file flawed.go of its package, apart from the correct code.
package flaw

import "fmt"

// Flaw is a bug that a run can inject. None, the zero value, means no bug.
type Flaw uint8

// The flaws. [All] says what each flaw does, and which properties it should violate.
const (
	None Flaw = iota
	EpochFirst
	AckBeforeFsync
	EpochAtUpToDate
	DrainUncommitted
	NoFastForward
	KeepPartialSnap
	NoSnapFsync
	DiffHeader
	DiffInWindow
	SkipCommittedLog
	ForwardAfterAck
	IDUnguarded
	RankByZxid
	AckBeforePersist
	ZxidEarly
	CloseNoMark
	NoSessionTable
	OwnerSkip
	NoZxidCheck
	WallClock
	SetWatchesBlind
	AckBeforeLog
	KeepWriter
	TruncKeepsOffset
	SnapBeforeQuorum
	CountObservers
	NoRollCheck
	EmptyVotes
	IncrementOnApply
	SyncAlone
	Herd
	NoFence
	LateWatch
	OldSelf
	BlindRetry
	NoSecondLook
	ReleaseByPath
	LeadsOn
	TakesAnyway
	OneShort
	StringOrder
	ReaderDirect
	AnySession
	DeafHolder
	FormerTicket
	Asynchronous
	AckOrder
	Pull1848
	Pull1930
	Pull1993
	Pull2111
	NoCallBack
	GivesUp
	KeepUnlisted
	count
)

// Hits counts how often the injected flaw has acted in a run. The servers and clients of a run
// share one counter.
type Hits int

// String returns how often the flaw has acted, in words.
func (h Hits) String() string {
	switch h {
	case 0:
		return "never reached"
	case 1:
		return "reached once"
	}
	return fmt.Sprintf("reached %d times", int(h))
}

// Places counts, for each flaw, how often a run reached a place where the flaw would have acted,
// whether or not the flaw was injected.
type Places [count]int

// At reports whether the calling code must act wrongly. The parameter implemented is the flaw that
// the calling code implements, and f is the flaw that the run injects: At returns true if the two
// are the same. It then adds 1 to *hits, unless hits is nil.
func (f Flaw) At(implemented Flaw, hits *Hits) bool {
	if f != implemented {
		return false
	}
	if hits != nil {
		*hits++
	}
	return true
}

// Entry describes a flaw.
type Entry struct {
	Flaw    Flaw
	Name    string
	Issue   string // ZooKeeper's number; for a recipe, the hazard in tree/client/doc.go
	Says    string
	Catches []string // the properties that should be violated
	Recipe  bool     // a bug of clients, not of servers
	Client  bool     // a bug of ZooKeeper's client, not of servers or recipes

	// Remix is for how many seconds Remix ran a model checker until it found the bug (Ouyang et al.,
	// EuroSys 2025); 0 if it was not one of its six.
	Remix int
}

var all = [count]Entry{
	EpochFirst: {
		Name: "newleader.epoch-first", Issue: "ZOOKEEPER-4643",
		Catches: []string{"EpochCurrency", "LeaderLogCompleteness"},
		Remix:   17,
		Says: "At NEWLEADER a follower writes its epoch first and the history second. A crash " +
			"between the two leaves a follower with a high epoch and a short history.",
	},
	AckBeforeFsync: {
		Name: "newleader.ack-before-fsync", Issue: "ZOOKEEPER-3911, 4646",
		Catches: []string{"EpochCurrency", "CommitQuorum"},
		Remix:   109,
		Says: "A follower acks NEWLEADER before the received history is on disk, and the leader " +
			"counts this ACK towards the quorum.",
	},
	EpochAtUpToDate: {
		Name: "newleader.epoch-at-uptodate", Issue: "ZOOKEEPER-1264, 1282",
		Catches: []string{"EpochCurrency", "CommitQuorum"},
		Says: "A follower writes currentEpoch only at UPTODATE, after the leader has counted " +
			"its ACK of NEWLEADER: until UPTODATE its votes rank too low.",
	},
	DrainUncommitted: {
		Name: "newleader.drain-uncommitted", Issue: "ZOOKEEPER-4394",
		Catches: []string{"commitInconsistent", "proposalInconsistent"},
		Remix:   9,
		Says: "At NEWLEADER a follower forgets proposals that are not yet committed. When their " +
			"COMMIT comes, the follower does not have them.",
	},
	NoFastForward: {
		Name: "role.no-fast-forward", Issue: "ZOOKEEPER-2845",
		Catches: []string{"VoteTruth", "ProcessConsistency"},
		Says: "A looking server votes with the last zxid that it has applied in memory, not " +
			"with the last zxid in its log.",
	},
	KeepPartialSnap: {
		Name: "sync.keep-partial-snap", Issue: "ZOOKEEPER-3642",
		Catches: []string{"VoteTruth", "StateAtZxid", "TypeOK"},
		Says: "If the connection breaks before a received snapshot is on disk, the snapshot " +
			"stays in memory: memory and disk disagree.",
	},
	NoSnapFsync: {
		Name: "sync.no-snap-fsync", Issue: "ZOOKEEPER-2872",
		Catches: []string{"StateAtZxid", "AckedDurable", "LogContiguous"},
		Says: "A follower acks a received snapshot before the snapshot is fsynced. A loss of " +
			"power leaves " +
			"a log without the snapshot that it continues.",
	},
	DiffHeader: {
		Name: "sync.diff-header-is-state", Issue: "ZOOKEEPER-2355",
		Catches: []string{"VoteTruth", "ProcessConsistency"},
		Says: "A follower adopts the zxid in the header of a DIFF before it has the " +
			"transactions up to that zxid.",
	},
	DiffInWindow: {
		Name: "sync.diff-in-window", Issue: "ZOOKEEPER-1154, 1156",
		Catches: []string{"ProcessConsistency", "StateAtZxid"},
		Says: "A leader keeps its newest committed transactions in memory. It sends a DIFF to " +
			"every follower whose last zxid lies in the range of these transactions, even if no " +
			"transaction in the leader's history has the follower's last zxid: then the follower " +
			"keeps a transaction that the leader does not have.",
	},
	SkipCommittedLog: {
		Name: "sync.skip-committed-log", Issue: "ZOOKEEPER-4925",
		Catches: []string{"CommittedLogDurability", "CommittedLogChain", "proposalInconsistent"},
		Says: "While a server catches up, it applies transactions without adding them to " +
			"committedLog. When it leads later, its DIFFs lack those transactions.",
	},
	ForwardAfterAck: {
		Name: "join.forward-after-ack", Issue: "ZOOKEEPER-962",
		Catches: []string{"proposalInconsistent", "commitInconsistent"},
		Says: "A leader sends proposals to a joining follower only after that follower has acked " +
			"NEWLEADER: the follower never gets what was proposed before that.",
	},
	IDUnguarded: {
		Name: "election.id-unguarded", Issue: "ZOOKEEPER-1419",
		Catches: []string{"VoteOrder", "LiveAfterHealing"},
		Says: "If two votes have the same zxid, the vote for the server with the larger id wins, " +
			"even if that vote has the lower epoch. Then each of two votes can beat the other.",
	},
	RankByZxid: {
		Name: "election.rank-by-zxid", Issue: "ZOOKEEPER-335, 1081",
		Catches: []string{"VoteOrder", "LeaderLogCompleteness", "InitialHistory"},
		Says: "The vote with the larger last zxid wins an election, whatever the epochs: figure " +
			"8 of the Raft paper shows how this loses committed transactions.",
	},
	AckBeforePersist: {
		Name: "epoch.ack-before-persist", Issue: "ZOOKEEPER-1291",
		Catches: []string{"EpochCurrency", "Leadership1"},
		Says: "A follower acks a new epoch before its promise is on disk. After a crash it may " +
			"promise the same epoch to another leader.",
	},
	ZxidEarly: {
		Name: "lead.zxid-early", Issue: "ZOOKEEPER-790",
		Catches: []string{"VoteTruth"},
		Says: "A leader of epoch e that steps down before a quorum has acked NEWLEADER votes in " +
			"the next election with zxid e/0, as if epoch e were established, although no quorum " +
			"has the history of that epoch.",
	},
	CloseNoMark: {
		Name: "close.no-mark", Issue: "ZOOKEEPER-1208",
		Catches: []string{"ExpiresOnce", "EphemeralLifetime", "witness/write-results",
			"linearizable-writes"},
		Says: "When the end of a session is proposed, the session is not marked as closing: a " +
			"later create makes an ephemeral node that outlives its session for ever.",
	},
	NoSessionTable: {
		Name: "sync.no-session-table", Issue: "ZOOKEEPER-1367",
		Catches: []string{"ExpiryInTime", "LiveAfterHealing"},
		Says: "A new leader does not track the sessions that it learned of while it caught up: " +
			"those sessions never expire.",
	},
	OwnerSkip: {
		Name: "owner.skip", Issue: "ZOOKEEPER-710",
		Catches: []string{"FIFOClientOrder"},
		Says: "After a client has moved its session to another server, the leader still accepts " +
			"requests of the session from the former server: an old request may be executed " +
			"after a newer one.",
	},
	NoZxidCheck: {
		Name: "connect.no-zxid-check", Issue: "ZOOKEEPER-1412",
		Catches: []string{"witness/session-order", "session-order"},
		Says: "A server accepts a client that has seen a later zxid than the server has applied: " +
			"then the client reads a state that is older than what it has already read.",
	},
	WallClock: {
		Name: "clock.wall", Issue: "ZOOKEEPER-1366",
		Catches: []string{"NoEarlyExpiry", "ExpiryInTime"},
		Says:    "Sessions expire by the wall clock, which can jump.",
	},
	SetWatchesBlind: {
		Name: "setwatches.no-compare", Issue: "ZOOKEEPER-1667",
		Catches: []string{"witness/watches"},
		Says: "Watches that are set again after a reconnection do not fire for changes made " +
			"while the client was disconnected.",
	},
	AckBeforeLog: {
		Name: "newleader.ack-before-log", Issue: "ZOOKEEPER-3023, 3911",
		Catches: []string{"EpochCurrency", "CommitQuorum"},
		Remix:   11,
		Says: "A follower acks the transactions that it receives while it catches up, but keeps " +
			"them in memory until UPTODATE. The leader counts them as being on the follower's " +
			"disk.",
	},
	KeepWriter: {
		Name: "role.keep-writer", Issue: "ZOOKEEPER-4712, 4541",
		Catches: []string{"VoteTruth", "CommitQuorum", "ProcessConsistency"},
		Remix:   11,
		Says: "When a server's role ends, its log writer continues: records that were queued in " +
			"the old role reach the log after the server has caught up with the next leader.",
	},
	TruncKeepsOffset: {
		Name: "log.trunc-keeps-offset", Issue: "ZOOKEEPER-1489",
		Catches: []string{"AckedDurable", "CommitQuorum"},
		Says: "After the log is truncated, the writer continues at the old offset. The next " +
			"record follows a hole, at which every later reader stops.",
	},
	SnapBeforeQuorum: {
		Name: "lead.snapshot-before-quorum", Issue: "ZOOKEEPER-1558, 4837",
		Catches: []string{"SnapshotLegality", "StateAtZxid"},
		Says: "A new leader writes a snapshot of transactions that may not be committed, and no " +
			"TRUNC removes that file: a later start restores those transactions.",
	},
	CountObservers: {
		Name: "quorum.count-observers", Issue: "ZOOKEEPER-769, 764, 1294",
		Catches: []string{"CommitQuorum", "LeaderLogCompleteness"},
		Says: "Observers are counted as voters: a leader is established, or keeps leading, " +
			"without a quorum of voters.",
	},
	NoRollCheck: {
		Name: "zxid.no-roll-check", Issue: "ZOOKEEPER-1277",
		Catches: []string{"TypeOK"},
		Says: "The counter of an epoch overflows into the next epoch, for which no leader was " +
			"elected.",
	},
	EmptyVotes: {
		Name: "start.empty-votes", Issue: "ZOOKEEPER-261, 2325",
		Catches: []string{"LeaderLogCompleteness"},
		Says: "After a server has lost its disk, it votes like a new server with an empty " +
			"history: its vote can help to elect a server that lacks committed transactions.",
	},
	IncrementOnApply: {
		Name: "txn.increment-on-apply", Issue: "ZOOKEEPER-3125, 3249, 1046",
		Catches: []string{"StateAtZxid"},
		Says: "A transaction stores an increment instead of the result. A replay over a " +
			"snapshot that already includes the transaction counts the increment twice.",
	},
	SyncAlone: {
		Name: "sync.leader-alone", Issue: "ZOOKEEPER-1675, 2136",
		Catches: []string{"witness/sync"},
		Says: "A server that believes that it leads answers a sync without asking a quorum, even " +
			"if it is configured to ask one: a later read may be stale. (ZooKeeper's sync works " +
			"like this.)",
	},
	Herd: {
		Name: "recipe.herd", Issue: "H1", Recipe: true,
		Catches: []string{"NoHerd", "SharesReads"},
		Says: "All clients that wait for a lock watch its holder, not the client before them: " +
			"each release wakes all of them.",
	},
	NoFence: {
		Name: "recipe.no-fence", Issue: "H2", Recipe: true,
		Catches: []string{"witness/fencing"},
		Says: "The resource that a lock guards checks no token: a holder that was paused for " +
			"longer than its session timeout writes again, although another client holds the " +
			"lock.",
	},
	LateWatch: {
		Name: "recipe.late-watch", Issue: "H3", Recipe: true,
		Catches: []string{"NoStuckWaiter"},
		Says: "A waiter reads a node first and sets its watch by a second call. If the node is " +
			"deleted in between, no event ever reports the deletion.",
	},
	OldSelf: {
		Name: "recipe.old-self", Issue: "H4", Recipe: true,
		Catches: []string{"Registration"},
		Says: "A client finds a node that carries the client's name, and takes it for the node " +
			"of its present session, although the node belongs to the client's former session " +
			"and is deleted when that session ends.",
	},
	BlindRetry: {
		Name: "recipe.blind-retry", Issue: "H5, CURATOR-264", Recipe: true,
		Catches: []string{"OneTicket"},
		Says: "A create whose answer was lost is retried under another name: if the first " +
			"create succeeded, its node is an orphan, and all later clients wait for it.",
	},
	NoSecondLook: {
		Name: "recipe.no-second-look", Issue: "H9", Recipe: true,
		Catches: []string{"MutualExclusion", "ReadersWriters", "InOrder"},
		Says: "A waiter that is notified takes the lock without reading the list of waiters " +
			"again. The client before it in the list may have died without ever holding the " +
			"lock, and an earlier client may still hold the lock.",
	},
	ReleaseByPath: {
		Name: "recipe.release-by-path", Issue: "H11", Recipe: true,
		Catches: []string{"OwnRelease"},
		Says: "A leader that resigns, and gets no answer to its delete, deletes the same path " +
			"again: if the first delete succeeded, the second removes the successor's node.",
	},
	LeadsOn: {
		Name: "recipe.leads-on", Issue: "H10", Recipe: true,
		Catches: []string{"StepsDown"},
		Says: "A leader whose session is over continues to lead in its client's next session, in " +
			"which it has no node.",
	},
	TakesAnyway: {
		Name: "recipe.takes-anyway", Issue: "H12", Recipe: true,
		Catches: []string{"TakenOnce"},
		Says: "A client takes an item from a queue even if it could not delete the item's node, " +
			"because another client had already deleted it: both clients take the same item.",
	},
	OneShort: {
		Name: "recipe.one-short", Issue: "H13", Recipe: true,
		Catches: []string{"BarrierSize"},
		Says: "A barrier opens although one of the programs that it waits for has not entered " +
			"yet.",
	},
	StringOrder: {
		Name: "recipe.string-order", Issue: "H14", Recipe: true,
		Catches: []string{"MutualExclusion", "ReadersWriters", "InOrder"},
		Says: "The nodes of the clients that wait for a lock are sorted by their names, not by " +
			"their numbers. Each name begins with its owner's GUID, so a later node may come " +
			"first.",
	},
	ReaderDirect: {
		Name: "recipe.reader-direct", Issue: "H15", Recipe: true,
		Catches: []string{"ReadersWriters", "InOrder"},
		Says: "A reader looks only at the node directly before its own node. If another reader " +
			"owns that node, the reader acquires the lock, even if the other reader still waits " +
			"for a writer.",
	},
	AnySession: {
		Name: "recipe.any-session", Issue: "H10", Recipe: true,
		Catches: []string{"StepsDown"},
		Says: "When a holder asks whether it still holds the lock, it learns only whether its " +
			"client has a session, not whether this is the session that acquired the lock.",
	},
	DeafHolder: {
		Name: "recipe.deaf-holder", Issue: "H10, CURATOR-206", Recipe: true,
		Catches: []string{"StepsDown"},
		Says: "The holder of a lock is not notified when its session is over: it acts as the " +
			"holder while its successor already holds the lock.",
	},
	FormerTicket: {
		Name: "recipe.former-ticket", Issue: "H4, CURATOR-696", Recipe: true,
		Catches: []string{"Registration", "OwnNode"},
		Says: "A candidate in a waiting line finds the node (ticket) that it created in its " +
			"former session, and treats it as a node of its present session. It leads with this " +
			"node until the servers end the former session and delete the node.",
	},
	Asynchronous: {
		Name: "newleader.asynchronous", Issue: "ZOOKEEPER-4785",
		Catches: []string{"EpochCurrency", "CommitQuorum", "LeaderLogCompleteness",
			"commitInconsistent"},
		Says: "At NEWLEADER a follower writes its epoch, gives the received history to its log " +
			"writer, and acks before the history is on disk, as ZooKeeper 3.9.1 did.",
	},
	AckOrder: {
		Name: "newleader.ack-order", Issue: "ZOOKEEPER-4685",
		Catches: []string{"ackInconsistent"},
		Remix:   10,
		Says: "A follower that receives a proposal before NEWLEADER acks the proposal as soon as " +
			"the proposal is on disk, even before it acks NEWLEADER: the leader treats the first " +
			"ACK as the answer to NEWLEADER.",
	},
	Pull1848: {
		Name: "fix.pull-1848", Issue: "ZOOKEEPER-3023, incomplete fix: pull request 1848",
		Catches: []string{"EpochCurrency", "LeaderLogCompleteness"},
		Says: "An incomplete fix: a follower writes its epoch, then the received history, and " +
			"acks NEWLEADER only after both. After a crash between the two writes the follower " +
			"has a high epoch and a short history (newleader.epoch-first).",
	},
	Pull1930: {
		Name: "fix.pull-1930", Issue: "ZOOKEEPER-4394, incomplete fix: pull request 1930",
		Catches: []string{"EpochCurrency", "CommitQuorum", "LeaderLogCompleteness"},
		Says: "An incomplete fix: when NEWLEADER comes, a follower now keeps the proposals that " +
			"are not committed yet. But it still writes its epoch first, and acks before the " +
			"received history is on disk.",
	},
	Pull1993: {
		Name: "fix.pull-1993", Issue: "ZOOKEEPER-4646, incomplete fix: pull request 1993",
		Catches: []string{"EpochCurrency", "LeaderLogCompleteness", "commitInconsistent"},
		Says: "An incomplete fix: a follower acks NEWLEADER only after everything that it " +
			"received is on disk, but it still writes its epoch first, and it forgets the " +
			"proposals that are not committed.",
	},
	Pull2111: {
		Name: "fix.pull-2111", Issue: "ZOOKEEPER-4785, incomplete fix: pull request 2111",
		Catches: []string{"commitInconsistent"},
		Says: "An incomplete fix, released in 3.9.2: at NEWLEADER a follower first writes to " +
			"disk everything that it has received, then writes its epoch, and then acks. But it " +
			"forgets the proposals that are not committed. If their COMMIT comes before " +
			"UPTODATE, the follower does not have them.",
	},
	NoCallBack: {
		Name: "election.no-call-back", Issue: "ZOOKEEPER-4886",
		Catches: []string{"LiveAfterHealing"},
		Says: "In an election, the server with the larger id opens the connection between two " +
			"servers. If the server with the smaller id opens a connection, the other server " +
			"closes it and opens a new connection back. With this flaw, the other server closes " +
			"an observer's connection but opens none: an observer whose id is smaller than those " +
			"of all voters gets no vote, and never joins.",
	},
	GivesUp: {
		Name: "client.gives-up", Issue: "ZOOKEEPER-4921, 4923",
		Catches: []string{"SessionBeforeExpiry"}, Client: true,
		Says: "A client that gets no session within 4/3 of its timeout gives up, and says that its " +
			"session has expired, although no server has given it a session.",
	},
	KeepUnlisted: {
		Name: "snapshot.acl-not-listed", Issue: "ZOOKEEPER-4846",
		Catches: []string{"StateAtZxid"},
		Says: "A snapshot begins with a table of ACLs, and its nodes refer to entries of this " +
			"table. A node that is created while the snapshot is written may refer to an ACL " +
			"that is not in the table, and a replay of the transaction that created the node " +
			"does not add the ACL.",
	},
}

// All returns the flaws, in the order of their values.
func All() []Entry {
	list := make([]Entry, 0, count-1)
	for f := None + 1; f < count; f++ {
		e := all[f]
		e.Flaw = f
		list = append(list, e)
	}
	return list
}

// Find returns the flaw with that name, or false if there is no such flaw.
func Find(name string) (Entry, bool) {
	for _, e := range All() {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// String returns the flaw's name.
func (f Flaw) String() string {
	if f == None || f >= count {
		return "none"
	}
	return all[f].Name
}
