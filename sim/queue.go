package sim

// entry is one thing that will happen: at, then seq, decides the order. What it carries is kept
// beside the queue (ref), so that moving entries about costs no write barriers.
type entry struct {
	at   Time
	seq  uint64
	kind entryKind
	node NodeID
	inc  uint32 // incarnation of the process that it is meant for; 0 = whichever
	ref  uint32
}

type entryKind uint8

const (
	entryWake entryKind = iota + 1
	entryArrive
	entryFlush
	entrySynced
	entryFault
	entryResume
	entryTold
	entryDial
	entryDialed
	entryBoot
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
