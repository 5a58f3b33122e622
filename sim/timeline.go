package sim

// timeline is what all parts of a world share: the present moment, the queue of future entries, and
// the records of past events.
type timeline struct {
	now   Time
	queue queue

	index       int64 // of the next record
	cause       int64 // index of the record that is being handled, or -1
	fingerprint uint64
	records     []Record
	recording   bool
	counts      *[256]int64 // records by kind, or nil
}

// nextAt is the moment of the next event, or Never.
func (t *timeline) nextAt() Time {
	if t.queue.len() == 0 {
		return Never
	}
	return t.queue.heap[0].at
}

// setCause sets the cause of the next records, and returns the previous cause.
func (t *timeline) setCause(index int64) int64 {
	old := t.cause
	t.cause = index
	return old
}

// causeIsLast makes the last record the cause of the next records.
func (t *timeline) causeIsLast() { t.cause = t.index - 1 }

// emit adds one record to the run and mixes (kind, node, time, key) into its fingerprint. If
// records are kept, it returns the record, for the caller to fill in at once; if not, it returns
// nil.
func (t *timeline) emit(kind RecordKind, node NodeID, key uint64) *Record {
	h := t.fingerprint ^ (uint64(kind)<<32 | uint64(node))
	h = (h ^ h>>29) * 0xbf58476d1ce4e5b9
	h ^= uint64(t.now)
	h = (h ^ h>>32) * 0x94d049bb133111eb
	h ^= key
	t.fingerprint = (h ^ h>>30) * 0x9e3779b97f4a7c15
	t.index++
	if t.counts != nil {
		t.counts[kind]++
	}
	if !t.recording {
		return nil
	}
	t.records = append(t.records, Record{
		Index: t.index - 1, At: t.now, Node: node, Kind: kind, Cause: t.cause,
	})
	return &t.records[len(t.records)-1]
}
