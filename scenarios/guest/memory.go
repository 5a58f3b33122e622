package guest

import "slices"

// heap is the memory of an instance in Go's heap.
type heap struct{ b []byte }

// Reallocate grows the memory to size bytes.
func (h *heap) Reallocate(size uint64) []byte {
	if need := int(size) - len(h.b); need > 0 {
		h.b = slices.Grow(h.b, need)
		h.b = h.b[:size]
	}
	return h.b[:size]
}

// Free leaves the memory to Go's collector.
func (h *heap) Free() { h.b = nil }
