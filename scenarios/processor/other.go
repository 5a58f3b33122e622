//go:build !unix

package processor

import "time"

// Time returns the time since the start of the process. ok is false, because this system does not
// report the processor time of a process.
func Time() (spent time.Duration, ok bool) { return time.Since(started), false }

var started = time.Now()
