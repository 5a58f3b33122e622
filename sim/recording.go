package sim

// The results of a run: its fingerprint and its records. The caller that runs a world reads them;
// the world's hooks (an audit, a probe) add records. A program does neither: the world records its
// effects.

// Fingerprint returns the running hash over every record of the run so far. Two equal runs have the
// same fingerprint on every host, even if only one of them keeps its records.
func (w *World) Fingerprint() uint64 { return w.fingerprint }

// Keep makes the world keep its records in memory from now on.
func (w *World) Keep() { w.recording = true }

// Recording reports whether records are kept. If not, the caller need not build a record's text.
func (w *World) Recording() bool { return w.recording }

// Records returns the records kept so far. The caller must not change the slice.
func (w *World) Records() []Record { return w.records }

// Forget drops the records kept so far, for a caller that reads them as they arrive and cannot
// store all. Call it between two events.
func (w *World) Forget() {
	clear(w.records)
	w.records = w.records[:0]
}

// Index returns the number of records so far, kept or not.
func (w *World) Index() int64 { return w.index }

// Count begins to count records by kind: see [World.Tally].
func (w *World) Count() { w.counts = new([256]int64) }

// Tally returns how many records of each kind were added since [World.Count]. The index in the
// slice is the kind's number. The slice is empty if Count was not called.
func (w *World) Tally() []int64 {
	if w.counts == nil {
		return nil
	}
	return w.counts[:]
}

// Cause returns the index of the record that the world now gives as the cause of each record it
// adds, or -1 if there is none.
func (w *World) Cause() int64 { return w.cause }

// SetCause sets the cause of the next records, and returns the previous cause.
func (w *World) SetCause(index int64) int64 { return w.setCause(index) }

// Emit adds one record to the run, and mixes its kind, node, time and key into the run's
// fingerprint. If records are kept, Emit returns the record, which the caller must fill in at once;
// otherwise Emit returns nil.
func (w *World) Emit(kind RecordKind, node NodeID, key uint64) *Record {
	return w.emit(kind, node, key)
}
