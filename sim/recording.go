package sim

// What a run leaves: its fingerprint and its records. The driver of a world reads them; its hooks
// (an audit, a probe) add to them. A program does neither: its effects go on record by themselves.

// Fingerprint is the running hash over every event so far. Equal runs have equal fingerprints
// on every host, whether or not they are recorded.
func (w *World) Fingerprint() uint64 { return w.fingerprint }

// Keep makes the world keep its records in memory from now on.
func (w *World) Keep() { w.recording = true }

// Recording reports whether records are kept: if not, skip building text for readers.
func (w *World) Recording() bool { return w.recording }

// Records are the records kept so far. The slice is the world's own.
func (w *World) Records() []Record { return w.records }

// Forget drops the records kept so far, for a caller that reads them as they arrive and cannot
// store all. Call it between two events.
func (w *World) Forget() {
	clear(w.records)
	w.records = w.records[:0]
}

// Index is the number of records so far, kept or not.
func (w *World) Index() int64 { return w.index }

// Cause is the index of the record that is being handled, or -1.
func (w *World) Cause() int64 { return w.cause }

// SetCause sets the cause of the next records, and returns the previous one.
func (w *World) SetCause(index int64) int64 { return w.setCause(index) }

// Emit adds one record to the run and mixes (kind, node, time, key) into its fingerprint. It
// returns the record, to be filled in at once, if records are kept, and nil if they are not.
func (w *World) Emit(kind RecordKind, node NodeID, key uint64) *Record {
	return w.emit(kind, node, key)
}
