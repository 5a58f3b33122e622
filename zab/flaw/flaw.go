// Package flaw names bugs that ZooKeeper had, or nearly had, and that can be injected into a sound
// engine: a fuzzer that finds nothing proves nothing until it has found these. None is injected by
// default.
//
// The bugs of all floors are named here: those of the protocol (zab), of sessions and requests
// (tree/server), and of recipes (tree/client). A run has at most one of them, and one counter of
// hits; this is the lowest package that all three import.
//
// An engine calls [Flaw.At] at each place of a flaw. If a flaw needs more than a line, its code is
// in the file flawed.go of its package, apart from the sound code.
package flaw

import "fmt"

// Flaw is one of the bugs; None is the zero value.
type Flaw uint8

// The flaws. What each does, and what catches it, is in [All].
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
	OldPath
	count
)

// Hits counts how often a run reached the places of the injected flaw. The servers and clients of a
// run share one.
type Hits int

// String reports how often the places were reached.
func (h Hits) String() string {
	switch h {
	case 0:
		return "never reached"
	case 1:
		return "reached once"
	}
	return fmt.Sprintf("reached %d times", int(h))
}

// At reports whether f is the injected flaw, and if so counts the place as reached. hits may be
// nil.
func (f Flaw) At(place Flaw, hits *Hits) bool {
	if f != place {
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
}

var all = [count]Entry{
	EpochFirst: {
		Name: "newleader.epoch-first", Issue: "ZOOKEEPER-4643",
		Catches: []string{"EpochCurrency", "LeaderLogCompleteness"},
		Says: "At NEWLEADER a follower writes its epoch first and the history second. A crash " +
			"between the two leaves a short history of high rank.",
	},
	AckBeforeFsync: {
		Name: "newleader.ack-before-fsync", Issue: "ZOOKEEPER-3911, 4646",
		Catches: []string{"EpochCurrency", "CommitQuorum"},
		Says: "A follower acks NEWLEADER before the received history is on disk, and the leader " +
			"counts it towards the quorum.",
	},
	EpochAtUpToDate: {
		Name: "newleader.epoch-at-uptodate", Issue: "ZOOKEEPER-1264, 1282",
		Catches: []string{"EpochCurrency", "CommitQuorum"},
		Says: "A follower writes its epoch at UPTODATE, when its ack of NEWLEADER has already " +
			"been counted: its rank does not show what it has promised.",
	},
	DrainUncommitted: {
		Name: "newleader.drain-uncommitted", Issue: "ZOOKEEPER-4394",
		Catches: []string{"commitInconsistent", "proposalInconsistent"},
		Says: "At NEWLEADER a follower forgets proposals that are not yet committed. Their " +
			"COMMIT then finds nothing.",
	},
	NoFastForward: {
		Name: "role.no-fast-forward", Issue: "ZOOKEEPER-2845",
		Catches: []string{"VoteTruth", "ProcessConsistency"},
		Says: "A looking follower votes with the last zxid that it has applied in memory, not " +
			"with the last one in its log.",
	},
	KeepPartialSnap: {
		Name: "sync.keep-partial-snap", Issue: "ZOOKEEPER-3642",
		Catches: []string{"VoteTruth", "StateAtZxid", "TypeOK"},
		Says: "A received snapshot stays in memory when the connection breaks before it was " +
			"written: memory and disk disagree.",
	},
	NoSnapFsync: {
		Name: "sync.no-snap-fsync", Issue: "ZOOKEEPER-2872",
		Catches: []string{"StateAtZxid", "AckedDurable", "LogContiguous"},
		Says: "A received snapshot is acked before it is fsynced. A loss of power leaves a log " +
			"without its base.",
	},
	DiffHeader: {
		Name: "sync.diff-header-is-state", Issue: "ZOOKEEPER-2355",
		Catches: []string{"VoteTruth", "ProcessConsistency"},
		Says: "A follower adopts the zxid in the header of a DIFF before it has the " +
			"transactions.",
	},
	DiffInWindow: {
		Name: "sync.diff-in-window", Issue: "ZOOKEEPER-1154, 1156",
		Catches: []string{"ProcessConsistency", "StateAtZxid"},
		Says: "A leader checks only that a follower's last zxid lies within its window, not " +
			"that the window has that transaction: the DIFF leaves a ghost in the follower's " +
			"log.",
	},
	SkipCommittedLog: {
		Name: "sync.skip-committed-log", Issue: "ZOOKEEPER-4925",
		Catches: []string{"CommittedLogDurability", "CommittedLogChain", "proposalInconsistent"},
		Says: "Transactions that a server applies while it catches up are missing from the " +
			"window from which it later serves DIFFs.",
	},
	ForwardAfterAck: {
		Name: "join.forward-after-ack", Issue: "ZOOKEEPER-962",
		Catches: []string{"proposalInconsistent", "commitInconsistent"},
		Says: "A joining follower gets proposals only after it has acked NEWLEADER: earlier " +
			"ones never reach it.",
	},
	IDUnguarded: {
		Name: "election.id-unguarded", Issue: "ZOOKEEPER-1419",
		Catches: []string{"VoteOrder", "LiveAfterHealing"},
		Says: "Of two votes with the same zxid the larger server number wins, whatever their " +
			"epochs: two votes can each beat the other.",
	},
	RankByZxid: {
		Name: "election.rank-by-zxid", Issue: "ZOOKEEPER-335, 1081",
		Catches: []string{"VoteOrder", "LeaderLogCompleteness", "InitialHistory"},
		Says: "The history with the larger last zxid wins an election, whatever epochs were " +
			"promised since: Raft's figure 8.",
	},
	AckBeforePersist: {
		Name: "epoch.ack-before-persist", Issue: "ZOOKEEPER-1291",
		Catches: []string{"EpochCurrency", "Leadership1"},
		Says: "A follower acks a new epoch before its promise is on disk, and may promise it " +
			"again to another leader.",
	},
	ZxidEarly: {
		Name: "lead.zxid-early", Issue: "ZOOKEEPER-790",
		Catches: []string{"VoteTruth"},
		Says: "A leader reports the start of its epoch as its last zxid before a quorum has " +
			"that epoch's history.",
	},
	CloseNoMark: {
		Name: "close.no-mark", Issue: "ZOOKEEPER-1208",
		Catches: []string{"EphemeralLifetime", "witness/write-results", "linearizable-writes"},
		Says: "A session whose end is proposed is not marked as closing: a later create makes " +
			"an ephemeral node that outlives its session for ever.",
	},
	NoSessionTable: {
		Name: "sync.no-session-table", Issue: "ZOOKEEPER-1367",
		Catches: []string{"ExpiryInTime", "LiveAfterHealing"},
		Says: "A new leader does not track the sessions that it learned about while catching " +
			"up: they never expire.",
	},
	OwnerSkip: {
		Name: "owner.skip", Issue: "ZOOKEEPER-710",
		Catches: []string{"FIFOClientOrder"},
		Says: "Requests from a session's former server are let through: an old one may be " +
			"executed after a newer one.",
	},
	NoZxidCheck: {
		Name: "connect.no-zxid-check", Issue: "ZOOKEEPER-1412",
		Catches: []string{"witness/session-order", "session-order"},
		Says: "A server accepts a client that has seen more than the server has: the session goes " +
			"back in time.",
	},
	WallClock: {
		Name: "clock.wall", Issue: "ZOOKEEPER-1366",
		Catches: []string{"NoEarlyExpiry", "ExpiryInTime"},
		Says:    "Sessions expire by the wall clock, which jumps.",
	},
	SetWatchesBlind: {
		Name: "setwatches.no-compare", Issue: "ZOOKEEPER-1667",
		Catches: []string{"witness/watches"},
		Says: "Watches that are set again after a reconnection do not fire for changes made in " +
			"between.",
	},
	AckBeforeLog: {
		Name: "newleader.ack-before-log", Issue: "ZOOKEEPER-3911",
		Catches: []string{"EpochCurrency", "CommitQuorum"},
		Says: "What a follower receives while it catches up stays in memory until UPTODATE, but " +
			"is acked at once. The leader counts it as held by a quorum.",
	},
	KeepWriter: {
		Name: "role.keep-writer", Issue: "ZOOKEEPER-4712, 4541",
		Catches: []string{"VoteTruth", "CommitQuorum", "ProcessConsistency"},
		Says: "The log writer outlives its server's role: its queued records reach the log " +
			"after the server has caught up with the next leader.",
	},
	TruncKeepsOffset: {
		Name: "log.trunc-keeps-offset", Issue: "ZOOKEEPER-1489",
		Catches: []string{"AckedDurable", "CommitQuorum"},
		Says: "After the log is truncated, the open writer continues at the old end. The next " +
			"record follows a hole, at which every later reader stops.",
	},
	SnapBeforeQuorum: {
		Name: "lead.snapshot-before-quorum", Issue: "ZOOKEEPER-1558, 4837",
		Catches: []string{"SnapshotLegality", "StateAtZxid"},
		Says: "A new leader writes a snapshot of transactions that may not be committed, and no " +
			"TRUNC removes that file: a later start restores them.",
	},
	CountObservers: {
		Name: "quorum.count-observers", Issue: "ZOOKEEPER-769, 764, 1294",
		Catches: []string{"CommitQuorum", "LeaderLogCompleteness"},
		Says: "Observers are counted as voters: a leader is established, or stays, without a " +
			"quorum of voters.",
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
		Says: "A server that has lost its disk votes as if it had never had a history, and can " +
			"help to elect a server that lacks committed transactions.",
	},
	IncrementOnApply: {
		Name: "txn.increment-on-apply", Issue: "ZOOKEEPER-3125, 3249, 1046",
		Catches: []string{"StateAtZxid"},
		Says: "A transaction stores an increment instead of the result. Replayed over a " +
			"snapshot that already includes it, it counts twice.",
	},
	SyncAlone: {
		Name: "sync.leader-alone", Issue: "ZOOKEEPER-1675, 2136",
		Catches: []string{"witness/sync"},
		Says: "Even if a sync must ask a quorum, a server that thinks it leads answers it " +
			"alone: a later read may be stale. (ZooKeeper's sync works like this.)",
	},
	Herd: {
		Name: "recipe.herd", Issue: "H1", Recipe: true,
		Catches: []string{"NoHerd"},
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
			"deleted in between, no event ever reports it.",
	},
	OldSelf: {
		Name: "recipe.old-self", Issue: "H4", Recipe: true,
		Catches: []string{"Registration"},
		Says: "A client that finds a node with its own name adopts it, although it belongs to " +
			"the client's former session and is deleted when that ends.",
	},
	BlindRetry: {
		Name: "recipe.blind-retry", Issue: "H5, CURATOR-264", Recipe: true,
		Catches: []string{"OneTicket"},
		Says: "A create whose answer was lost is retried under another name: if the first one " +
			"succeeded, its node is an orphan, and all later clients wait for it.",
	},
	NoSecondLook: {
		Name: "recipe.no-second-look", Issue: "H9", Recipe: true,
		Catches: []string{"MutualExclusion", "ReadersWriters", "InOrder"},
		Says: "A waiter that is woken takes the lock without looking at the line again. The " +
			"client before it may have died in line, and an earlier one holds the lock.",
	},
	ReleaseByPath: {
		Name: "recipe.release-by-path", Issue: "H11", Recipe: true,
		Catches: []string{"OwnRelease"},
		Says: "A leader that resigns, and gets no answer to its delete, deletes the same path " +
			"again: its successor's node, if the first delete succeeded.",
	},
	LeadsOn: {
		Name: "recipe.leads-on", Issue: "H10", Recipe: true,
		Catches: []string{"StepsDown"},
		Says: "A leader whose session is over leads on in its client's next session, in which " +
			"it has no node.",
	},
	TakesAnyway: {
		Name: "recipe.takes-anyway", Issue: "H12", Recipe: true,
		Catches: []string{"TakenOnce"},
		Says: "A taker of a queue returns an item although its delete was told that there is no " +
			"such node: another taker has it too.",
	},
	OneShort: {
		Name: "recipe.one-short", Issue: "H13", Recipe: true,
		Catches: []string{"BarrierSize"},
		Says:    "A barrier opens when all but one have entered it.",
	},
	StringOrder: {
		Name: "recipe.string-order", Issue: "H14", Recipe: true,
		Catches: []string{"MutualExclusion", "ReadersWriters", "InOrder"},
		Says: "The tickets of a line are sorted as strings. Each begins with its owner's GUID, " +
			"so a late one may come first.",
	},
	ReaderDirect: {
		Name: "recipe.reader-direct", Issue: "H15", Recipe: true,
		Catches: []string{"ReadersWriters", "InOrder"},
		Says: "A reader looks only at the ticket directly before its own. If that is another " +
			"reader's, which waits for a writer, it enters.",
	},
	AnySession: {
		Name: "recipe.any-session", Issue: "H10", Recipe: true,
		Catches: []string{"StepsDown"},
		Says: "A holder that asks whether the lock is still its own learns only whether its " +
			"client has a session, not whether it is the one that acquired the lock.",
	},
	DeafHolder: {
		Name: "recipe.deaf-holder", Issue: "H10, CURATOR-206", Recipe: true,
		Catches: []string{"StepsDown"},
		Says: "Nothing tells a holder that its session is over: it goes on as primary next to " +
			"its successor.",
	},
	OldPath: {
		Name: "recipe.old-path", Issue: "H4, CURATOR-696", Recipe: true,
		Catches: []string{"Registration", "OwnNode"},
		Says: "A candidate in a line takes the ticket of its former session for its own, and " +
			"leads by it until that session's end deletes it.",
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

// Find returns the flaw of that name.
func Find(name string) (Entry, bool) {
	for _, e := range All() {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// String is the flaw's name.
func (f Flaw) String() string {
	if f == None || f >= count {
		return "none"
	}
	return all[f].Name
}
