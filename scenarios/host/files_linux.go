package host

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// dataSync is fdatasync: it writes the size of a file too, but not its times.
func dataSync(f *os.File) error {
	for {
		err := unix.Fdatasync(int(f.Fd()))
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}

// lockFile locks a file until it is closed, or the process ends.
func lockFile(f *os.File) error {
	return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
}

// unlockFile gives a lock back. To close the file is not enough while a child process that is about
// to be started still has it.
func unlockFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_UN) }
