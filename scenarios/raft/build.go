package raft

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
)

// Guest is the program of a Raft cluster (package raft/cluster), built for wasip1.
type Guest struct {
	Code []byte
	Sum  string // sha256, in hex
}

const (
	module       = "github.com/zablab/zablab"
	guestPackage = module + "/scenarios/raft/cluster"
)

// Load reads a guest from a .wasm file.
func Load(name string) (g Guest, err error) {
	if g.Code, err = os.ReadFile(name); err != nil {
		return g, fmt.Errorf("raft: guest: %w: build it with GOOS=wasip1 GOARCH=wasm go build %s",
			err, guestPackage)
	}
	sum := sha256.Sum256(g.Code)
	g.Sum = hex.EncodeToString(sum[:])
	return g, nil
}

// Cache returns the folder for built guests and their compiled code. It creates the folder if
// needed.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("raft: cache: %w: set HOME or XDG_CACHE_HOME", err)
	}
	dir = filepath.Join(dir, "zablab")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("raft: cache: %w: make this a writable folder", err)
	}
	return dir, nil
}

// OpenGuest opens the guest in file. If file is empty, it opens the guest that [Build] returns.
func OpenGuest(ctx context.Context, file string) (*Host, error) {
	cache, err := Cache()
	if err != nil {
		return nil, err
	}
	var guest Guest
	if file != "" {
		guest, err = Load(file)
	} else {
		guest, err = Build(ctx, cache)
	}
	if err != nil {
		return nil, err
	}
	return Open(ctx, guest, cache)
}

// Build builds the guest from the source of this module and keeps it in the folder cache. If the
// cache already has this guest, Build returns it. The name of the file has a hash of the Go version
// and of the guest's source.
func Build(ctx context.Context, cache string) (Guest, error) {
	dir, key, err := source(ctx)
	if err != nil {
		return Guest{}, err
	}
	name := filepath.Join(cache, "guest-"+key+".wasm")
	if g, err := Load(name); err == nil {
		return g, nil
	}
	made := fmt.Sprintf("%s.%d", name, os.Getpid())
	defer os.Remove(made)
	_, err = goTool(ctx, dir,
		"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", made, guestPackage)
	if err != nil {
		return Guest{}, fmt.Errorf("%w: the build needs the modules in go.mod: "+
			"run go mod download, or pass a prebuilt guest with --guest", err)
	}
	if err := os.Rename(made, name); err != nil {
		return Guest{}, fmt.Errorf("raft: guest: %w", err)
	}
	return Load(name)
}

var errNoGo = errors.New("raft: build the guest: go is not on the PATH: " +
	"install Go, or pass a prebuilt guest with --guest")

// goTool runs the go command with the guest's GOOS and GOARCH, and returns its output.
func goTool(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	var errOut bytes.Buffer
	cmd.Stderr = &errOut
	out, err := cmd.Output()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, errNoGo
	case err != nil:
		return nil, fmt.Errorf("raft: go %s: %s", args[0], bytes.TrimSpace(errOut.Bytes()))
	}
	return out, nil
}

// source returns the folder of the guest's source, in the current module or in one that it
// requires, and a hash. The hash covers the Go version, all files of the guest's packages, and the
// versions of the other modules that it uses.
func source(ctx context.Context) (dir, hash string, err error) {
	out, err := goTool(ctx, "", "list", "-deps", "-f",
		"{{if .Module}}{{.ImportPath}}\t{{.Module.Version}}"+
			"{{if not .Module.Version}}"+
			"{{range .GoFiles}}\t{{$.Dir}}/{{.}}{{end}}{{end}}{{end}}", guestPackage)
	if errors.Is(err, errNoGo) {
		return "", "", err
	}
	if err != nil {
		return "", "", fmt.Errorf("%w: run zablab in its checkout or in a module that "+
			"requires %s, or pass a prebuilt guest with --guest", err, module)
	}
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version())
	for line := range strings.Lines(string(out)) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(words) < 2 { // the standard library
			continue
		}
		fmt.Fprintln(h, words[0], words[1])
		for _, name := range words[2:] {
			b, err := os.ReadFile(name)
			if err != nil {
				return "", "", fmt.Errorf("raft: guest: %w", err)
			}
			fmt.Fprintln(h, filepath.Base(name), len(b))
			h.Write(b)
			if words[0] == guestPackage {
				dir = filepath.Dir(name)
			}
		}
	}
	return dir, hex.EncodeToString(h.Sum(nil))[:20], nil
}
