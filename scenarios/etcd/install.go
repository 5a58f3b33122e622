package etcd

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
)

// ErrMissing is wrapped by every error about a missing etcd. Its text says how to install it
// on Debian.
var ErrMissing = errors.New("install it with apt-get install etcd-server")

// Find returns the path of the command etcd. On Linux its errors wrap [ErrMissing].
func Find() (string, error) {
	if runtime.GOOS != "linux" {
		return "", fmt.Errorf("start etcd: supported on Linux only, not on %s: "+
			"use --engine lab", runtime.GOOS)
	}
	path, err := exec.LookPath("etcd")
	if err != nil {
		return "", fmt.Errorf("start etcd: etcd is not on the PATH: %w", ErrMissing)
	}
	return path, nil
}
