package explore

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// spill is a file without a name, of which the states of a search are a part of the address space. The
// kernel writes them to the disk when memory is short.
type spill struct {
	file *os.File
	size int64
	maps [][]byte
}

// newSpill makes a file in a folder. It goes when the program ends.
func newSpill(folder string) (*spill, error) {
	file, err := os.CreateTemp(folder, "zablab-states-*")
	if err != nil {
		return nil, err
	}
	return &spill{file: file}, os.Remove(file.Name())
}

// room returns n numbers in the file. The disk keeps place for them, so that a full disk is an error
// here, and not the end of the program later.
func (s *spill) room(n int) ([]uint32, error) {
	page := int64(os.Getpagesize())
	bytes := (int64(n)*4 + page - 1) / page * page
	fd := int(s.file.Fd())
	if err := syscall.Fallocate(fd, 0, s.size, bytes); err != nil {
		return nil, fmt.Errorf("no room for more states in the folder of --spill: %w", err)
	}
	m, err := syscall.Mmap(fd, s.size, int(bytes), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("no room for more states: %w", err)
	}
	s.size += bytes
	s.maps = append(s.maps, m)
	return unsafe.Slice((*uint32)(unsafe.Pointer(&m[0])), n), nil
}

// close gives the file back to the disk.
func (s *spill) close() {
	for _, m := range s.maps {
		_ = syscall.Munmap(m)
	}
	s.file.Close()
}
