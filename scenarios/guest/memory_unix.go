//go:build unix

package guest

import (
	"syscall"

	"github.com/tetratelabs/wazero/experimental"
)

// mostMemory is the largest memory of an instance, in bytes. Only what an instance touches counts.
const mostMemory = 512 << 20

// memory is the memory of an instance, outside of Go's heap: it grows in place, without a copy, and
// is given back when the instance ends, whenever Go's collector runs.
type memory struct{ room []byte }

// newMemory reserves a memory. If the system has no room for it, wazero uses Go's heap.
func newMemory(_, most uint64) experimental.LinearMemory {
	room, err := syscall.Mmap(-1, 0, int(min(most, mostMemory)), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return &heap{}
	}
	return &memory{room}
}

// Reallocate returns nil, which the program sees as out of memory, beyond the room.
func (m *memory) Reallocate(size uint64) []byte {
	if size > uint64(len(m.room)) {
		return nil
	}
	return m.room[:size]
}

// Free gives the memory back. Nothing may use it any more.
func (m *memory) Free() {
	_ = syscall.Munmap(m.room)
	m.room = nil
}
