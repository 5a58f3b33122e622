//go:build unix

package explore

import (
	"syscall"
	"time"
)

// processor returns the processor time of this process. ok is false if the system does not say.
func processor() (spent time.Duration, ok bool) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, false
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), true
}
