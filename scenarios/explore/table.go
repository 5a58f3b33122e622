package explore

import (
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/zab"
)

// pairs maps pairs of numbers to a number: a table with open addressing, which doubles when it is
// three quarters full.
type pairs struct {
	slots []pair
	n     int
	seed  uint64
}

type pair struct {
	a, b uint64
	to   uint32
	set  bool
}

func newPairs() pairs { return pairs{slots: make([]pair, 1<<8)} }

func (t *pairs) at(a, b uint64) *pair {
	mask := uint64(len(t.slots) - 1)
	for i := sim.Mix(a+t.seed^sim.Mix(b+1)) & mask; ; i = (i + 1) & mask {
		if s := &t.slots[i]; !s.set || s.a == a && s.b == b {
			return s
		}
	}
}

func (t *pairs) get(a, b uint64) (to uint32, ok bool) {
	s := t.at(a, b)
	return s.to, s.set
}

func (t *pairs) put(a, b uint64, to uint32) {
	if 4*t.n >= 3*len(t.slots) {
		old := t.slots
		t.slots = make([]pair, 2*len(old))
		for i := range old {
			if old[i].set {
				*t.at(old[i].a, old[i].b) = old[i]
			}
		}
	}
	s := t.at(a, b)
	if !s.set {
		t.n++
	}
	*s = pair{a, b, to, true}
}

// bytes returns how much memory the table has.
func (t *pairs) bytes() int { return len(t.slots) * 24 }

// interner numbers texts from 1, in the order in which they come first.
type interner struct {
	of   map[string]uint32
	keep bool     // list is kept
	list []string // by number less 1
	size int      // of all texts
}

func newInterner() interner { return interner{of: make(map[string]uint32)} }

// number returns the number of a text, and whether it is new.
func (t *interner) number(text []byte) (n uint32, fresh bool) {
	if n, ok := t.of[string(text)]; ok {
		return n, false
	}
	n = uint32(len(t.of) + 1)
	kept := string(text)
	t.of[kept] = n
	if t.keep {
		t.list = append(t.list, kept)
	}
	t.size += len(text)
	return n, true
}

// words are the messages and the votes that a search has met, numbered.
type words struct {
	texts    interner
	messages []sim.Message // by number; 0 is none, and endMark the end of a connection
	votes    []zab.Vote    // by number; 0 is none
	voteOf   map[zab.Vote]uint32
	buf      []byte
}

func newWords() *words {
	return &words{texts: newInterner(), messages: make([]sim.Message, 2),
		votes: make([]zab.Vote, 1), voteOf: map[zab.Vote]uint32{{}: 0}}
}

// message returns the number of a message.
func (w *words) message(m sim.Message) uint32 {
	w.buf = zab.AppendMessage(w.buf[:0], m)
	n, fresh := w.texts.number(w.buf)
	if fresh {
		w.messages = append(w.messages, m)
	}
	return n + endMark
}

// vote returns the number of a vote.
func (w *words) vote(v zab.Vote) uint32 {
	n, ok := w.voteOf[v]
	if !ok {
		n = uint32(len(w.votes))
		w.votes = append(w.votes, v)
		w.voteOf[v] = n
	}
	return n
}
