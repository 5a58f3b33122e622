//go:build unix

package guest

import (
	"sync"
	"syscall"

	"github.com/tetratelabs/wazero/experimental"
)

// mostMemory is the largest memory of an instance, in bytes. Only what an instance touches counts.
const mostMemory = 512 << 20

// memory is the memory of an instance, outside of Go's heap: it grows in place, without a copy, and
// is given back when the instance ends, whenever Go's collector runs.
type memory struct {
	room []byte
	used int // the largest size that the instance has had
}

// spare are rooms of instances that have ended, full of zeros. A new instance that gets one of them
// causes no page faults, which cost more than the zeros.
var spare struct {
	sync.Mutex
	rooms [][]byte
}

// mostSpare is the number of rooms that are kept, and mostKept the largest that is, in bytes.
const (
	mostSpare = 9
	mostKept  = 32 << 20
)

// newMemory reserves a memory. If the system has no room for it, wazero uses Go's heap.
func newMemory(_, most uint64) experimental.LinearMemory {
	size := int(min(most, mostMemory))
	if room := takeSpare(size); room != nil {
		return &memory{room: room}
	}
	room, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return &heap{}
	}
	return &memory{room: room}
}

// takeSpare returns a spare room of exactly that size, or nil.
func takeSpare(size int) (room []byte) {
	spare.Lock()
	defer spare.Unlock()
	if n := len(spare.rooms); n > 0 && len(spare.rooms[n-1]) == size {
		room, spare.rooms = spare.rooms[n-1], spare.rooms[:n-1]
	}
	return room
}

// Reallocate returns nil, which the program sees as out of memory, beyond the room.
func (m *memory) Reallocate(size uint64) []byte {
	if size > uint64(len(m.room)) {
		return nil
	}
	m.used = max(m.used, int(size))
	return m.room[:size]
}

// Free gives the memory back. Nothing may use it any more.
func (m *memory) Free() {
	room := m.room
	if m.room = nil; m.used <= mostKept {
		clear(room[:m.used])
		spare.Lock()
		defer spare.Unlock()
		if len(spare.rooms) < mostSpare {
			spare.rooms = append(spare.rooms, room)
			return
		}
	}
	_ = syscall.Munmap(room)
}
