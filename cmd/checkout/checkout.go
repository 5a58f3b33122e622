// Package checkout finds the root folder of the Go module that a command works on.
package checkout

import (
	"fmt"
	"os"
	"path/filepath"
)

// Root returns the absolute path of the given folder. If given is empty, it returns the nearest
// folder with a go.mod file: the working directory, or the nearest of its parent folders that has
// the file.
func Root(given string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	here, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("%s: no go.mod in this folder or in a folder above it: run the "+
				"command in a clone of zablab", here)
		}
	}
}
