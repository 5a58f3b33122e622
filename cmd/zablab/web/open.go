package web

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Open shows a page in a browser: the browser that the environment variable BROWSER names, else the
// system's default, else any installed browser. Open does not wait until the browser ends.
func Open(file string) error {
	path, err := filepath.Abs(file)
	if err != nil {
		return fmt.Errorf("open %s: %w: open the file in a browser yourself", file, err)
	}
	return OpenAddress(path)
}

// OpenAddress shows an address, or a file by its absolute path, in the browser that [Open] uses.
func OpenAddress(path string) error {
	list := [][]string{{os.Getenv("BROWSER"), path}}
	switch runtime.GOOS {
	case "darwin":
		list = append(list, []string{"open", path})
	case "windows":
		list = append(list, []string{"rundll32", "url.dll,FileProtocolHandler", path})
	}
	for _, name := range []string{"xdg-open", "chromium", "firefox", "google-chrome"} {
		list = append(list, []string{name, path})
	}
	for _, c := range list {
		name, err := exec.LookPath(c[0])
		if err != nil {
			continue
		}
		cmd := exec.Command(name, c[1:]...)
		if cmd.Start() == nil {
			return cmd.Process.Release()
		}
	}
	return fmt.Errorf("open %s: no browser found: open this address in a browser", path)
}
