package sim

// entry is one thing that will happen. Entries are ordered by at, then by seq. Their data are in a
// pool, at ref, so that moving entries in the queue costs no write barriers.
type entry struct {
	at   Time
	seq  uint64
	kind entryKind
	node NodeID
	inc  uint32 // incarnation of the process that it is meant for; 0 = any
	ref  uint32
}

type entryKind uint8

// The entries, and who handles them.
const (
	entryBoot    entryKind = iota + 1 // machine: it starts
	entryWake                         // machine: a deadline may have passed
	entryTold                         // machine: a word from outside
	entryFsynced                      // machine: an fsync ends
	entryResume                       // machine: a pause ends
	entryDial                         // network: a dial reaches its destination
	entryDialed                       // network: a paused machine learns of a connection
	entryArrive                       // network: a flight ends
	entryFlush                        // network: what was kept back goes on
	entryFault                        // schedule: the moment of a fault
)

// queue is a heap with four children a node: fewer levels and fewer cache misses than two.
type queue struct {
	heap []entry
	seq  uint64
}

func (e *entry) before(f *entry) bool {
	return e.at < f.at || e.at == f.at && e.seq < f.seq
}

func (q *queue) push(e entry) {
	q.seq++
	e.seq = q.seq
	q.heap = append(q.heap, e)
	i := len(q.heap) - 1
	for i > 0 {
		parent := (i - 1) / 4
		if !e.before(&q.heap[parent]) {
			break
		}
		q.heap[i] = q.heap[parent]
		i = parent
	}
	q.heap[i] = e
}

func (q *queue) pop() entry {
	top := q.heap[0]
	last := len(q.heap) - 1
	e := q.heap[last]
	q.heap = q.heap[:last]
	if last == 0 {
		return top
	}
	i := 0
	for {
		first := 4*i + 1
		if first >= last {
			break
		}
		least := first
		for c := first + 1; c < first+4 && c < last; c++ {
			if q.heap[c].before(&q.heap[least]) {
				least = c
			}
		}
		if !q.heap[least].before(&e) {
			break
		}
		q.heap[i] = q.heap[least]
		i = least
	}
	q.heap[i] = e
	return top
}

func (q *queue) len() int { return len(q.heap) }

// pool has the items that queue entries refer to, and reuses the places of items that were taken.
type pool[T any] struct {
	items []T
	free  []uint32
}

func (p *pool[T]) put(item T) (ref uint32) {
	if n := len(p.free); n > 0 {
		ref = p.free[n-1]
		p.free = p.free[:n-1]
		p.items[ref] = item
		return ref
	}
	p.items = append(p.items, item)
	return uint32(len(p.items) - 1)
}

// at returns a pointer to an item, valid until the next put.
func (p *pool[T]) at(ref uint32) *T { return &p.items[ref] }

// take removes an item and returns it.
func (p *pool[T]) take(ref uint32) T {
	item := p.items[ref]
	var none T
	p.items[ref] = none
	p.free = append(p.free, ref)
	return item
}

func (p *pool[T]) used() int { return len(p.items) - len(p.free) }
