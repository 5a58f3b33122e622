//go:build unix

package raft

import (
	"syscall"
	"testing"
)

// processor is the processor time of this process in µs.
func processor(b *testing.B) int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	user, system := r.Utime, r.Stime
	return int64(user.Sec+system.Sec)*1e6 + int64(user.Usec) + int64(system.Usec)
}
