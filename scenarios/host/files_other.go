//go:build !linux

package host

import "os"

func dataSync(f *os.File) error { return f.Sync() }

// lockFile does nothing: only Linux is supported.
func lockFile(*os.File) error { return nil }

func unlockFile(*os.File) error { return nil }
