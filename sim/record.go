package sim

import "strconv"

// RecordKind says what a record is about. Numbers and names never change, because the number of a
// kind is part of a run's fingerprint, and its name is the value of the key "k" in traces
// (zablab.trace/1).
type RecordKind uint8

// The kinds of records that sim makes, and KindViolation for checks that find a violation. Packages
// that import sim number their own kinds from FirstFreeKind.
const (
	KindBoot RecordKind = iota + 1
	KindCrash
	KindRestart
	KindSend
	KindRecv
	KindDrop
	_
	_
	KindTimerFire
	KindSplit
	KindCut
	KindHeal
	KindDelay
	KindHold
	KindPause
	KindResume
	KindDisk
	KindFsync
	KindClock
	KindOpen
	KindClose
	KindNote
	KindViolation
	FirstFreeKind
)

var kindNames = [...]string{
	KindBoot: "boot", KindCrash: "crash", KindRestart: "restart", KindSend: "send",
	KindRecv: "recv", KindDrop: "drop", KindTimerFire: "timer.fire", KindSplit: "split",
	KindCut: "cut", KindHeal: "heal", KindDelay: "delay", KindHold: "hold", KindPause: "pause",
	KindResume: "resume", KindDisk: "disk", KindFsync: "sync", KindClock: "clock",
	KindOpen: "open", KindClose: "close", KindNote: "note",
	KindViolation: "violation",
}

// String returns the kind's name in a trace, if this package defines the kind.
func (k RecordKind) String() string {
	if int(k) < len(kindNames) && kindNames[k] != "" {
		return kindNames[k]
	}
	return "kind " + strconv.Itoa(int(k))
}

// Record is one event of a run, kept in memory. It becomes text only when a trace is written.
type Record struct {
	Index   int64 // dense from 0: the total order
	At      Time
	Node    NodeID // 0 is the network
	Kind    RecordKind
	Cause   int64 // index of the direct cause, or -1
	To      NodeID
	Port    Port
	Number  uint64 // of the message, for send, recv and drop
	Arrive  Time   // when a sent message is planned to arrive
	Message Message
	Body    any    // what the package that emitted it adds
	Text    string // a sentence, if it has one
}
