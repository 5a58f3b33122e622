package explore

import "github.com/zablab/zablab/zab/flaw"

// Hunt says in which world a search finds a flaw, or what the worlds of this package lack to show
// it.
type Hunt struct {
	Flaw  flaw.Entry
	Setup string // in which it is found; empty if in none
	Needs string // what no setup has
}

// Hunts returns a hunt for each bug of servers; bugs of clients and recipes are not listed.
func Hunts() (list []Hunt) {
	for _, e := range flaw.All() {
		if e.Recipe || e.Client {
			continue
		}
		list = append(list, Hunt{Flaw: e, Setup: reached[e.Flaw], Needs: beyond[e.Flaw]})
	}
	return list
}

// reached has the smallest setup in which each flaw breaks a check.
var reached = map[flaw.Flaw]string{
	flaw.EpochFirst:       "ahead-write",
	flaw.AckBeforeFsync:   "oracle",
	flaw.EpochAtUpToDate:  "oracle",
	flaw.DrainUncommitted: "write",
	flaw.NoFastForward:    "write-crash",
	flaw.KeepPartialSnap:  "write-crash",
	flaw.NoSnapFsync:      "newcomer",
	flaw.DiffHeader:       "ahead-power",
	flaw.DiffInWindow:     "stale",
	flaw.SkipCommittedLog: "ahead",
	flaw.ForwardAfterAck:  "write",
	flaw.IDUnguarded:      "versions",
	flaw.RankByZxid:       "figure-8",
	flaw.AckBeforePersist: "oracle",
	flaw.ZxidEarly:        "timeout",
	flaw.AckBeforeLog:     "ahead-write",
	flaw.KeepWriter:       "writes-timeout",
	flaw.TruncKeepsOffset: "ahead-write",
	flaw.SnapBeforeQuorum: "ahead",
	flaw.CountObservers:   "observer",
	flaw.NoRollCheck:      "counter",
	flaw.EmptyVotes:       "wipe",
	flaw.Asynchronous:     "write",
	flaw.AckOrder:         "write",
	flaw.Pull1848:         "ahead-write",
	flaw.Pull1930:         "ahead-write",
	flaw.Pull1993:         "write",
	flaw.Pull2111:         "write",
	flaw.NoCallBack:       "beside",
}

// beyond says what a flaw needs that these worlds lack.
var beyond = map[flaw.Flaw]string{
	flaw.SyncAlone:        "clients that sync and read",
	flaw.CloseNoMark:      "sessions",
	flaw.NoSessionTable:   "sessions, and time",
	flaw.OwnerSkip:        "sessions that move",
	flaw.NoZxidCheck:      "clients that reconnect and read",
	flaw.WallClock:        "sessions, and clocks",
	flaw.SetWatchesBlind:  "watches",
	flaw.IncrementOnApply: "a tree, and servers that take snapshots",
	flaw.KeepUnlisted:     "a tree with ACLs, and servers that take snapshots",
}
