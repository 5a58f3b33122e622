//go:build linux && (amd64 || arm64)

package fuzz

import "syscall"

// largeHeap is how many bytes of the heap get large pages for each worker. In a virtual machine a
// new page may cost as much as copying it a hundred times.
const largeHeap = 128 << 20

// largePages asks the system to provide the memory of the heap in pages of 2 MB, where it may grow
// for so many workers. The system may say no. No page is touched here.
func largePages(workers int) {
	_ = syscall.Madvise(make([]byte, largeHeap*workers), syscall.MADV_HUGEPAGE)
}
