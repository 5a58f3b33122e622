package explore

import "github.com/zablab/zablab/zab/flaw"

// Hunt names the setup (a small world to search) in which a search finds an injected bug (package
// flaw). If no setup shows the bug, Hunt says what the setups lack.
type Hunt struct {
	Flaw  flaw.Entry
	Setup string // in which it is found; empty if in none
	Needs string // what no setup has
}

// Hunts returns a hunt for each server bug that can be injected. It leaves out the bugs of clients
// and recipes.
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

// beyond says, for an injected bug that shows in no world of this package, what a world would need
// to show the bug.
var beyond = map[flaw.Flaw]string{
	flaw.SyncAlone:        "clients that call sync and then read",
	flaw.CloseNoMark:      "sessions",
	flaw.NoSessionTable:   "sessions and virtual time",
	flaw.OwnerSkip:        "sessions that move between servers",
	flaw.NoZxidCheck:      "clients that reconnect and read",
	flaw.WallClock:        "sessions and clocks",
	flaw.SetWatchesBlind:  "watches",
	flaw.IncrementOnApply: "a tree, and servers that take snapshots",
	flaw.KeepUnlisted:     "a tree with ACLs, and servers that take snapshots",
}
