package sim

import "encoding/binary"

// StateWriter appends values to B so that different lists of values of the same kinds never append
// the same bytes. The states that a search tells apart are written with it.
type StateWriter struct{ B []byte }

// Numbers appends numbers.
func (w *StateWriter) Numbers(list ...uint64) {
	for _, n := range list {
		w.B = binary.AppendUvarint(w.B, n)
	}
}

// Flags appends up to 64 flags.
func (w *StateWriter) Flags(list ...bool) {
	n := uint64(0)
	for i, set := range list {
		if set {
			n |= 1 << i
		}
	}
	w.Numbers(n)
}

// Bytes appends b, with its length.
func (w *StateWriter) Bytes(b []byte) {
	w.Numbers(uint64(len(b)))
	w.B = append(w.B, b...)
}

// Text appends t, with its length.
func (w *StateWriter) Text(t string) {
	w.Numbers(uint64(len(t)))
	w.B = append(w.B, t...)
}
