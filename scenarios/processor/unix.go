//go:build unix

package processor

import (
	"syscall"
	"time"
)

// Time returns the time that all threads of this process have had of a processor. ok is false if the
// system does not say; then it is the time since the start.
func Time() (spent time.Duration, ok bool) {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return time.Since(started), false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}

var started = time.Now()
