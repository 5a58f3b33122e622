//go:build unix

package terminal

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// grace is how long a program waits at its end for the reader of its pipe to leave. A reader that
// wants the whole output stays.
const grace = 50 * time.Millisecond

// abandoned reports whether the reader of a pipe has left before the end.
func abandoned(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return false
	}
	poll := []unix.PollFd{{Fd: int32(file.Fd())}}
	n, err := unix.Poll(poll, int(grace.Milliseconds()))
	return err == nil && n > 0 && poll[0].Revents&unix.POLLERR != 0
}
