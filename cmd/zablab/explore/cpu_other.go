//go:build !unix

package explore

import "time"

// processor returns the processor time of this process. ok is false if the system does not say.
func processor() (spent time.Duration, ok bool) { return 0, false }
