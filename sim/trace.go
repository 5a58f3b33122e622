package sim

// RecordKind is the `k` of a trace event (zablab.trace/1).
type RecordKind uint8

// The kinds that sim emits itself come first; the rest belong to those who build on it.
const (
	KindBoot RecordKind = iota + 1
	KindCrash
	KindRestart
	KindSend
	KindRecv
	KindDrop
	KindDup
	KindTimerSet
	KindTimerFire
	KindSplit
	KindCut
	KindHeal
	KindDelay
	KindHold
	KindPause
	KindResume
	KindDisk
	KindSync
	KindClock
	KindOpen
	KindClose
	KindNote
	KindViolation
	KindCheck

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
	KindBoot: "boot", KindCrash: "crash", KindRestart: "restart", KindSend: "send",
	KindRecv: "recv", KindDrop: "drop", KindDup: "dup", KindTimerSet: "timer.set",
	KindTimerFire: "timer.fire", KindSplit: "split", KindCut: "cut", KindHeal: "heal",
	KindDelay: "delay", KindHold: "hold", KindPause: "pause", KindResume: "resume",
	KindDisk: "disk", KindSync: "sync", KindClock: "clock", KindOpen: "open",
	KindClose: "close", KindNote: "note", KindViolation: "violation", KindCheck: "check",
	KindRole: "role", KindLog: "log", KindCommit: "commit", KindTrunc: "trunc",
	KindSnap: "snap", KindPersist: "persist", KindSessionOpen: "session.open",
	KindSessionExpire: "session.expire", KindSessionMove: "session.move",
	KindWatchSet: "watch.set", KindWatchFire: "watch.fire", KindOpCall: "op.call",
	KindOpRet: "op.ret",
}

// String is the kind as the trace writes it.
func (k RecordKind) String() string { return kindNames[k] }

// Record is one event of a run as it is kept in memory. Words are made from it only when
// somebody reads them.
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
	Body    any    // what a higher floor says about it
	Text    string // a sentence, where one was at hand
}

// Keep makes the world keep its records in memory from now on.
func (w *World) Keep() { w.recording = true }

// Recording is true if records are kept: callers build what only a reader wants only then.
func (w *World) Recording() bool { return w.recording }

// Records are the records kept so far. The slice is the world's own.
func (w *World) Records() []Record { return w.records }

// Forget lets go of the records kept so far, for who reads them as they come and has no room for all. It must not be
// called from within the world.
func (w *World) Forget() {
	clear(w.records)
	w.records = w.records[:0]
}

// Index is the number of records so far, kept or not.
func (w *World) Index() int64 { return w.index }

// Cause is the index of the record that is being handled, or -1.
func (w *World) Cause() int64 { return w.cause }

// SetCause says what the next records follow from, and returns what it was before.
func (w *World) SetCause(index int64) int64 {
	old := w.cause
	w.cause = index
	return old
}

// Emit adds one record to the run and mixes (kind, node, time, key) into its fingerprint. It
// returns the record, to be filled in at once, if records are kept, and nil if they are not.
func (w *World) Emit(kind RecordKind, node NodeID, key uint64) *Record {
	h := w.fingerprint ^ (uint64(kind)<<32 | uint64(node))
	h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
	h ^= uint64(w.now)
	h = (h ^ h>>32) * 0x94d049bb133111eb
	h ^= key
	w.fingerprint = (h ^ h>>30) * 0x9e3779b97f4a7c15
	w.index++
	if !w.recording {
		return nil
	}
	w.records = append(w.records, Record{
		Index: w.index - 1, At: w.now, Node: node, Kind: kind, Cause: w.cause,
	})
	return &w.records[len(w.records)-1]
}
