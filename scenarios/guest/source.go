package guest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Source says which code of a library a program is built with: a version, such as v1.7.3, or a
// folder with a checkout. If both are empty, it is the version that go.mod requires.
type Source struct{ Version, Dir string }

// String returns the version or the folder; "" for the version that go.mod requires.
func (s Source) String() string {
	if s.Dir != "" {
		return s.Dir
	}
	return s.Version
}

// Open builds the program in package pkg with the library's code from this source, and opens it.
// Unless the source is the version that go.mod requires, Open first calls prepare, which writes the
// files for the build (such as a go.mod) into the temporary folder dir and returns flags for go
// build. tell is as in [OpenPackage].
func (s Source) Open(ctx context.Context, pkg string, tell func(string),
	prepare func(dir string) (flags []string, err error)) (*Host, error) {
	if s == (Source{}) {
		return OpenPackage(ctx, pkg, tell)
	}
	dir, err := os.MkdirTemp("", "zablab-guest")
	if err != nil {
		return nil, fmt.Errorf("guest: %w", err)
	}
	defer os.RemoveAll(dir)
	flags, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	return OpenPackage(ctx, pkg, tell, flags...)
}

// Modfile writes a go.mod into dir that takes the library's module from this source, and returns
// the flags for go build. It does not change the go.mod of the program in package pkg. mark is the
// name of a file that is in the root of every checkout of the library. drop lists modules whose
// requirements are removed from the new go.mod, so that the library's go.mod decides their
// versions.
func (s Source) Modfile(ctx context.Context, dir, pkg, module, mark string, drop ...string) (
	flags []string, err error) {
	out, err := goTool(ctx, "", "list", "-f", "{{.Module.GoMod}}", pkg)
	if err != nil {
		return nil, err
	}
	own, mod := strings.TrimSpace(string(out)), filepath.Join(dir, "go.mod")
	for from, to := range map[string]string{ // order: independent
		own: mod, strings.TrimSuffix(own, ".mod") + ".sum": filepath.Join(dir, "go.sum"),
	} {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, b, 0o644)
		}
		if err != nil {
			return nil, fmt.Errorf("guest: go.mod: %w", err)
		}
	}
	edit := []string{"mod", "edit"}
	for _, module := range drop {
		edit = append(edit, "-droprequire="+module)
	}
	if s.Dir == "" {
		edit = append(edit, "-require="+module+"@"+s.Version)
	} else {
		path, err := filepath.Abs(s.Dir)
		if err != nil {
			return nil, fmt.Errorf("--raft %s: %w", s.Dir, err)
		}
		if _, err := os.Stat(filepath.Join(path, mark)); err != nil {
			return nil, fmt.Errorf("--raft %s: no checkout of %s: %w: give the folder that "+
				"contains %s", s.Dir,
				strings.TrimPrefix(module, "github.com/"), err, mark)
		}
		edit = append(edit, "-replace="+module+"="+path)
	}
	if _, err := goTool(ctx, "", append(edit, mod)...); err != nil {
		return nil, err
	}
	return []string{"-modfile=" + mod, "-mod=mod"}, nil
}
