// Package flaw names bugs that ZooKeeper really had, or nearly, so that an engine which is right can
// be made wrong in one of these ways: a fuzzer that finds nothing proves nothing until it has found
// these. None is on by default. Each is one value here and a line or two where the code is right.
package flaw

// Flaw is one of them; None is the zero value.
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
	count
)

// Entry tells of a flaw.
type Entry struct {
	Flaw    Flaw
	Name    string
	Issue   string // ZooKeeper's number
	Says    string
	Catches string // the properties that should
}

var all = [count]Entry{
	EpochFirst: {Name: "newleader.epoch-first", Issue: "ZOOKEEPER-4643", Catches: "EpochCurrency, LeaderLogCompleteness",
		Says: "At NEWLEADER a follower writes its epoch first and the history second. A crash between the two leaves a short history of high rank."},
	AckBeforeFsync: {Name: "newleader.ack-before-fsync", Issue: "ZOOKEEPER-3911, 4646", Catches: "CommitQuorum, EpochCurrency",
		Says: "A follower acknowledges NEWLEADER before what it received is on disk, and the leader counts it as held by a quorum."},
	EpochAtUpToDate: {Name: "newleader.epoch-at-uptodate", Issue: "ZOOKEEPER-1264, 1282", Catches: "EpochCurrency",
		Says: "The epoch is written at UPTODATE, when the acknowledgement of NEWLEADER has been counted: the server's rank does not show what it has promised."},
	DrainUncommitted: {Name: "newleader.drain-uncommitted", Issue: "ZOOKEEPER-4394", Catches: "commitInconsistent, proposalInconsistent",
		Says: "At NEWLEADER a follower forgets what was proposed and not committed yet. Its commit then finds nothing."},
	NoFastForward: {Name: "role.no-fast-forward", Issue: "ZOOKEEPER-2845", Catches: "VoteTruth",
		Says: "A follower that looks for a leader votes with what its memory has applied, and not with what its log holds."},
	KeepPartialSnap: {Name: "sync.keep-partial-snap", Issue: "ZOOKEEPER-3642", Catches: "StateAtZxid, PrefixConsistency",
		Says: "A received snapshot stays in memory when the connection breaks before it was written: memory and disk tell of two histories."},
	NoSnapFsync: {Name: "sync.no-snap-fsync", Issue: "ZOOKEEPER-2872", Catches: "AckedDurable",
		Says: "A received snapshot is acknowledged before it is synced. A loss of power leaves a log without its base."},
	DiffHeader: {Name: "sync.diff-header-is-state", Issue: "ZOOKEEPER-2355", Catches: "VoteTruth, ProcessConsistency",
		Says: "A follower takes the zxid of a DIFF's header for its own, before it has the transactions."},
	DiffInWindow: {Name: "sync.diff-in-window", Issue: "ZOOKEEPER-1154, 1156", Catches: "ProcessConsistency, StateAtZxid",
		Says: "A leader only asks whether a follower's last zxid lies within its window, and not whether it has that transaction: a ghost stays below the DIFF."},
	SkipCommittedLog: {Name: "sync.skip-committed-log", Issue: "ZOOKEEPER-4925", Catches: "proposalInconsistent, CommittedLogChain",
		Says: "What is applied while a server is synchronised is left out of the window from which it will serve DIFFs itself."},
	ForwardAfterAck: {Name: "join.forward-after-ack", Issue: "ZOOKEEPER-962", Catches: "proposalInconsistent, commitInconsistent",
		Says: "A joining follower gets proposals only once it has acknowledged NEWLEADER: what falls in between never reaches it."},
	IDUnguarded: {Name: "election.id-unguarded", Issue: "ZOOKEEPER-1419", Catches: "LiveAfterHealing, LeaderLogCompleteness",
		Says: "Of two votes with the same zxid the larger server number wins, whatever their epochs: each of two votes can be better than the other."},
	RankByZxid: {Name: "election.rank-by-zxid", Issue: "ZOOKEEPER-335, 1081", Catches: "LeaderLogCompleteness",
		Says: "The history with the larger last zxid wins an election, whatever epochs were promised since: Raft's figure 8."},
	AckBeforePersist: {Name: "epoch.ack-before-persist", Issue: "ZOOKEEPER-1291", Catches: "EpochCurrency, Leadership1",
		Says: "A follower acknowledges a new epoch before its promise is on disk, and may promise it again to another."},
	ZxidEarly: {Name: "lead.zxid-early", Issue: "ZOOKEEPER-790", Catches: "VoteTruth",
		Says: "A leader calls the beginning of its epoch its last zxid before a quorum has that epoch's history."},
	CloseNoMark: {Name: "close.no-mark", Issue: "ZOOKEEPER-1208", Catches: "EphemeralLifetime",
		Says: "A session whose end is proposed is not marked: a create behind it makes a node whose owner is dead, for ever."},
	NoSessionTable: {Name: "sync.no-session-table", Issue: "ZOOKEEPER-1367", Catches: "ExpiryInTime, LiveAfterHealing",
		Says: "A new leader does not watch over the sessions that it knows by synchronisation: they never end."},
	OwnerSkip: {Name: "owner.skip", Issue: "ZOOKEEPER-710", Catches: "FIFOClientOrder",
		Says: "Requests of a session's former server are let through: an old one may be done behind a newer."},
	NoZxidCheck: {Name: "connect.no-zxid-check", Issue: "ZOOKEEPER-1412", Catches: "session-order",
		Says: "A server takes a client that has seen more than the server has: the session goes back in time."},
	WallClock: {Name: "clock.wall", Issue: "ZOOKEEPER-1366", Catches: "NoEarlyExpiry, ExpiryInTime",
		Says: "Sessions expire by the wall clock, which jumps."},
	SetWatchesBlind: {Name: "setwatches.no-compare", Issue: "ZOOKEEPER-1667", Catches: "witness/watches",
		Says: "Watches that are set again after a reconnection do not fire for what changed meanwhile."},
}

// All are the flaws, in the order of their values.
func All() []Entry {
	list := make([]Entry, 0, count-1)
	for f := None + 1; f < count; f++ {
		e := all[f]
		e.Flaw = f
		list = append(list, e)
	}
	return list
}

// Find is the flaw of that name.
func Find(name string) (Entry, bool) {
	for _, e := range All() {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

func (f Flaw) String() string {
	if f == None || f >= count {
		return "none"
	}
	return all[f].Name
}
