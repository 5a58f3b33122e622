package explore

// adder adds tuples to the store, in the order in which the search makes them: by itself or, while
// the search makes the next ones, on a thread of its own. The order is the same, so the result is
// too.
//
// A thread looks up each tuple in a large table, and so waits for memory most of the time; that
// takes about two fifths of the time of a search.
type adder struct {
	store *store
	work  chan []uint32 // batches of tuples, each followed by the place that it was reached from
	free  chan []uint32 // batches that were added
	batch []uint32
	full  int

	tuples // of the store, when all batches had been added
}

// batchSize is how many tuples a batch has, and batches how many there are.
const (
	batchSize = 1 << 10
	batches   = 4
)

// newAdder returns an adder. If it has a thread of its own, close it in the end.
func newAdder(t *store, beside bool) *adder {
	x := &adder{store: t, full: batchSize * (t.width + 1), tuples: t.tuples}
	if !beside {
		return x
	}
	x.work, x.free = make(chan []uint32, batches), make(chan []uint32, batches)
	for range batches - 1 {
		x.free <- make([]uint32, 0, x.full)
	}
	x.batch = make([]uint32, 0, x.full)
	go func() {
		w := t.width
		for batch := range x.work {
			for i := 0; i < len(batch); i += w + 1 {
				t.add(batch[i:i+w], int(batch[i+w]))
			}
			x.free <- batch[:0]
		}
	}()
	return x
}

// add adds a tuple that was reached from the state at a place, now or later.
func (x *adder) add(tuple []uint32, from int) {
	if x.work == nil {
		x.store.add(tuple, from)
		return
	}
	x.batch = append(append(x.batch, tuple...), uint32(from))
	if len(x.batch) == x.full {
		x.work <- x.batch
		x.batch = <-x.free
	}
}

// flush returns when all tuples have been added. Until the next tuple, the store may be read.
func (x *adder) flush() {
	if x.work != nil {
		x.work <- x.batch
		var all [batches][]uint32
		for i := range all {
			all[i] = <-x.free
		}
		for _, b := range all[1:] {
			x.free <- b
		}
		x.batch = all[0]
	}
	x.tuples = x.store.tuples
}

// close ends the thread, when all tuples have been added.
func (x *adder) close() {
	if x.flush(); x.work != nil {
		close(x.work)
		x.work = nil
	}
}
