//go:build unix

package terminal

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// grace is how long the end of a program waits for a reader that leaves. A reader that wants all of
// the output does not leave: it waits for the end.
const grace = 50 * time.Millisecond

// abandoned says that a pipe's reader has left before the end.
func abandoned(file *os.File) bool {
	info, err := file.Stat()
	if err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		return false
	}
	poll := []unix.PollFd{{Fd: int32(file.Fd())}}
	n, err := unix.Poll(poll, int(grace.Milliseconds()))
	return err == nil && n > 0 && poll[0].Revents&unix.POLLERR != 0
}
