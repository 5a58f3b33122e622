//go:build !unix

package processor

import "time"

// Time returns the time since the start. ok is false: this system does not say how much of it the
// process had of a processor.
func Time() (spent time.Duration, ok bool) { return time.Since(started), false }

var started = time.Now()
