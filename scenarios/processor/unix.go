//go:build unix

package processor

import (
	"syscall"
	"time"
)

// Time returns the processor time that all threads of this process have used. If the system does
// not report it, ok is false, and spent is the time since the start of the process.
func Time() (spent time.Duration, ok bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return time.Since(started), false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}

var started = time.Now()
