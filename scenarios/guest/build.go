package guest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Program is a program built for wasip1.
type Program struct {
	Code []byte
	Sum  string // sha256, in hex
}

// Load reads a program from a .wasm file.
func Load(name string) (p Program, err error) {
	if p.Code, err = os.ReadFile(name); err != nil {
		return p, fmt.Errorf("guest: %w: build the program with GOOS=wasip1 GOARCH=wasm go "+
			"build", err)
	}
	sum := sha256.Sum256(p.Code)
	p.Sum = hex.EncodeToString(sum[:])
	return p, nil
}

// Cache returns the folder for built programs and their compiled code. It creates the folder if
// needed.
func Cache() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("guest: find the cache folder: %w: set HOME or XDG_CACHE_HOME", err)
	}
	dir = filepath.Join(dir, "zablab")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("guest: create the cache folder: %w: make its parent folder "+
			"writable", err)
	}
	return dir, nil
}

// OpenPackage builds the program in a package, unless it is built already, and opens it. tell, if
// not nil, is called before a build, which takes some seconds.
//
// flags are flags for go list and go build, such as -modfile=FILE.
func OpenPackage(ctx context.Context, pkg string, tell func(text string), flags ...string) (*Host,
	error) {
	cache, err := Cache()
	if err != nil {
		return nil, err
	}
	p, err := Build(ctx, cache, pkg, tell, flags...)
	if err != nil {
		return nil, err
	}
	return Open(ctx, p, cache)
}

// OpenFile opens a program that was built before.
func OpenFile(ctx context.Context, name string) (*Host, error) {
	cache, err := Cache()
	if err != nil {
		return nil, err
	}
	p, err := Load(name)
	if err != nil {
		return nil, err
	}
	return Open(ctx, p, cache)
}

// Build builds the program in package pkg, of the current module or of one that it requires, and
// keeps it in the folder cache. If the cache already has this program, Build returns it. The name
// of the file has a hash of the Go version and of the program's source. tell and flags are as in
// [OpenPackage].
func Build(ctx context.Context, cache, pkg string, tell func(text string), flags ...string) (Program,
	error) {
	dir, key, err := source(ctx, pkg, flags)
	if err != nil {
		return Program{}, err
	}
	name := filepath.Join(cache, path.Base(pkg)+"-"+key+".wasm")
	if p, err := Load(name); err == nil {
		return p, nil
	}
	if tell != nil {
		tell("building " + pkg + " for wasm: this takes some seconds, but only once")
	}
	made := fmt.Sprintf("%s.%d", name, os.Getpid())
	defer os.Remove(made)
	args := slices.Concat([]string{"build"}, flags,
		[]string{"-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", made, pkg})
	_, err = goTool(ctx, dir, args...)
	if err != nil {
		return Program{}, fmt.Errorf("%w: the build needs the modules in go.mod: run go mod download",
			err)
	}
	if err := os.Rename(made, name); err != nil {
		return Program{}, fmt.Errorf("guest: %w", err)
	}
	return Load(name)
}

var errNoGo = errors.New("guest: build: go is not on the PATH: install Go")

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
		return nil, fmt.Errorf("guest: go %s: %s", args[0], bytes.TrimSpace(errOut.Bytes()))
	}
	return out, nil
}

// source returns the folder of the program's source, and a hash. The hash covers the Go version,
// all files of packages without a version, and the versions of the other modules that it uses. It
// does not depend on the folders of a -modfile and an -overlay, which may be temporary.
func source(ctx context.Context, pkg string, flags []string) (dir, hash string, err error) {
	const form = "{{with .Module}}{{$v := .Version}}{{with .Replace}}{{$v = .Version}}{{end}}" +
		"{{$.ImportPath}}\t{{$v}}{{if not $v}}{{range $.GoFiles}}\t{{$.Dir}}/{{.}}{{end}}{{end}}{{end}}"
	args := slices.Concat([]string{"list"}, flags, []string{"-deps", "-f", form, pkg})
	out, err := goTool(ctx, "", args...)
	if errors.Is(err, errNoGo) {
		return "", "", err
	}
	if err != nil {
		return "", "", fmt.Errorf("%w: run this command in the module of %s, or in a module "+
			"that requires it", err, pkg)
	}
	replaced, err := overlay(flags)
	if err != nil {
		return "", "", err
	}
	h := sha256.New()
	fmt.Fprintln(h, runtime.Version(), strings.Join(withoutFolders(flags), " "))
	for line := range strings.Lines(string(out)) {
		words := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(words) < 2 { // the standard library
			continue
		}
		fmt.Fprintln(h, words[0], words[1])
		for _, name := range words[2:] {
			b, err := os.ReadFile(cmp.Or(replaced[name], name))
			if err != nil {
				return "", "", fmt.Errorf("guest: %w", err)
			}
			fmt.Fprintln(h, filepath.Base(name), len(b))
			h.Write(b)
			if words[0] == pkg {
				dir = filepath.Dir(name)
			}
		}
	}
	return dir, hex.EncodeToString(h.Sum(nil))[:20], nil
}

// The flags that name a file, which may be in a temporary folder.
const (
	flagModfile = "-modfile="
	flagOverlay = "-overlay="
)

// withoutFolders returns the flags, of -modfile and -overlay only the base names of the files.
func withoutFolders(flags []string) []string {
	list := slices.Clone(flags)
	for i, f := range list {
		for _, flag := range []string{flagModfile, flagOverlay} {
			if name, ok := strings.CutPrefix(f, flag); ok {
				list[i] = flag + filepath.Base(name)
			}
		}
	}
	return list
}

// overlay returns the files that the flag -overlay puts in the place of others.
func overlay(flags []string) (replaced map[string]string, err error) {
	for _, f := range flags {
		name, ok := strings.CutPrefix(f, flagOverlay)
		if !ok {
			continue
		}
		var doc struct{ Replace map[string]string }
		text, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(text, &doc)
		}
		if err != nil {
			return nil, fmt.Errorf("guest: overlay %s: %w", name, err)
		}
		return doc.Replace, nil
	}
	return nil, nil
}
