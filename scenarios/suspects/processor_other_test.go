//go:build !unix

package suspects

import "time"

var start = time.Now()

// cpu is the time since the start. The processor time of this process is read only on Unix.
func cpu() time.Duration { return time.Since(start) }
