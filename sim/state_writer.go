package sim

import "encoding/binary"

// StateWriter encodes a state as bytes, which it appends to B. If two states are written with the
// same sequence of calls, their bytes are equal only if the states are equal, so a search can
// compare states by their bytes.
type StateWriter struct{ B []byte }

// Numbers appends numbers.
func (w *StateWriter) Numbers(list ...uint64) {
	for _, n := range list {
		w.B = binary.AppendUvarint(w.B, n)
	}
}

// Flags appends up to 64 flags as one number.
func (w *StateWriter) Flags(list ...bool) {
	n := uint64(0)
	for i, set := range list {
		if set {
			n |= 1 << i
		}
	}
	w.Numbers(n)
}

// Bytes appends the length of b, and then b.
func (w *StateWriter) Bytes(b []byte) {
	w.Numbers(uint64(len(b)))
	w.B = append(w.B, b...)
}

// Text appends the length of t, and then t.
func (w *StateWriter) Text(t string) {
	w.Numbers(uint64(len(t)))
	w.B = append(w.B, t...)
}
