package sim

// timeline is what all parts of a world share: the present moment, the queue of what will happen,
// and the record of what has.
type timeline struct {
	now   Time
	queue queue

	index       int64 // of the next record
	cause       int64 // index of the record that is being handled, or -1
	fingerprint uint64
	records     []Record
	recording   bool
}

// Now is the current moment.
func (t *timeline) Now() Time { return t.now }

// Fingerprint is the running hash over every event so far. Equal runs have equal fingerprints
// on every host, whether or not they are recorded.
func (t *timeline) Fingerprint() uint64 { return t.fingerprint }

// Idle is true when nothing is left to happen.
func (t *timeline) Idle() bool { return t.queue.len() == 0 }

// NextAt is the moment of the next event, or Never.
func (t *timeline) NextAt() Time {
	if t.queue.len() == 0 {
		return Never
	}
	return t.queue.heap[0].at
}

// Keep makes the world keep its records in memory from now on.
func (t *timeline) Keep() { t.recording = true }

// Recording is true if records are kept: build what only a reader wants only if it is.
func (t *timeline) Recording() bool { return t.recording }

// Records are the records kept so far. The slice is the world's own.
func (t *timeline) Records() []Record { return t.records }

// Forget drops the records kept so far, for a caller that reads them as they come and has no room
// for all. A program or a hook must not call it.
func (t *timeline) Forget() {
	clear(t.records)
	t.records = t.records[:0]
}

// Index is the number of records so far, kept or not.
func (t *timeline) Index() int64 { return t.index }

// Cause is the index of the record that is being handled, or -1.
func (t *timeline) Cause() int64 { return t.cause }

// SetCause says what the next records follow from, and returns what it was before.
func (t *timeline) SetCause(index int64) int64 {
	old := t.cause
	t.cause = index
	return old
}

// causeIsLast says that the next records follow from the last one.
func (t *timeline) causeIsLast() { t.cause = t.index - 1 }

// Emit adds one record to the run and mixes (kind, node, time, key) into its fingerprint. It
// returns the record, to be filled in at once, if records are kept, and nil if they are not.
func (t *timeline) Emit(kind RecordKind, node NodeID, key uint64) *Record {
	h := t.fingerprint ^ (uint64(kind)<<32 | uint64(node))
	h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
	h ^= uint64(t.now)
	h = (h ^ h>>32) * 0x94d049bb133111eb
	h ^= key
	t.fingerprint = (h ^ h>>30) * 0x9e3779b97f4a7c15
	t.index++
	if !t.recording {
		return nil
	}
	t.records = append(t.records, Record{
		Index: t.index - 1, At: t.now, Node: node, Kind: kind, Cause: t.cause,
	})
	return &t.records[len(t.records)-1]
}
