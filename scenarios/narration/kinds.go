package narration

import "github.com/zablab/zablab/sim"

// These are the kinds of records that an ensemble adds to those of package sim. Their numbers and
// names must never change: fingerprints hash the numbers, and traces contain the names.
const (
	_ sim.RecordKind = iota + sim.FirstFreeKind
	KindRole
	KindLog
	KindCommit
	KindTrunc
	KindSnap
	KindPersist
	KindSessionOpen
	KindSessionExpire
	KindSessionMove
	KindWatchSet
	KindWatchFire
	KindOpCall
	KindOpRet
)

var kindNames = [...]string{
	KindRole: "role", KindLog: "log", KindCommit: "commit",
	KindTrunc: "trunc", KindSnap: "snap", KindPersist: "persist", KindSessionOpen: "session.open",
	KindSessionExpire: "session.expire", KindSessionMove: "session.move",
	KindWatchSet: "watch.set", KindWatchFire: "watch.fire", KindOpCall: "op.call",
	KindOpRet: "op.ret",
}

// KindName returns the name of a kind in a trace, or "" if there is no such kind.
func KindName(k sim.RecordKind) string {
	if k < sim.FirstFreeKind {
		return k.String()
	}
	if int(k) >= len(kindNames) {
		return ""
	}
	return kindNames[k]
}
