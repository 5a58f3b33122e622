package hashicorp

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/zablab/zablab/scenarios/guest"
)

// module is the path of the library's module.
const module = "github.com/hashicorp/raft"

// metricsModule and oldMetricsModule are the paths of the metrics of new and of old versions.
const (
	metricsModule    = "github.com/hashicorp/go-metrics"
	oldMetricsModule = "github.com/armon/go-metrics"
)

// Source says which code of the library the server is built with: a version, such as v1.7.3, or a
// folder with a checkout. If both are empty, it is the version that go.mod requires.
type Source struct{ Version, Dir string }

// Open builds the server with that code and opens it. The module's own go.mod does not change: for
// another version or a checkout, Open writes another go.mod in a temporary folder. tell, if not
// nil, is called before a build.
func (s Source) Open(ctx context.Context, tell func(string)) (*guest.Host, error) {
	pkg := Library{}.Package()
	if s == (Source{}) {
		return guest.OpenPackage(ctx, pkg, tell)
	}
	dir, err := os.MkdirTemp("", "zablab-raft")
	if err != nil {
		return nil, fmt.Errorf("raft: %w", err)
	}
	defer os.RemoveAll(dir)
	flags, err := s.prepare(ctx, dir)
	if err != nil {
		return nil, err
	}
	return guest.OpenPackage(ctx, pkg, tell, flags...)
}

// prepare writes a go.mod for the code into dir, and returns the flags for go build.
func (s Source) prepare(ctx context.Context, dir string) (flags []string, err error) {
	out, err := goTool(ctx, "list", "-f", "{{.Dir}}\t{{.Module.GoMod}}", Library{}.Package())
	if err != nil {
		return nil, err
	}
	server, own, _ := strings.Cut(strings.TrimSpace(out), "\t")
	mod := filepath.Join(dir, "go.mod")
	for from, to := range map[string]string{ // order: independent
		own: mod, strings.TrimSuffix(own, ".mod") + ".sum": filepath.Join(dir, "go.sum"),
	} {
		b, err := os.ReadFile(from)
		if err == nil {
			err = os.WriteFile(to, b, 0o644)
		}
		if err != nil {
			return nil, fmt.Errorf("raft: %w", err)
		}
	}
	edit := []string{
		"mod", "edit", "-droprequire=" + metricsModule, "-droprequire=github.com/hashicorp/go-msgpack/v2",
	}
	if s.Dir != "" {
		path, err := filepath.Abs(s.Dir)
		if err != nil {
			return nil, fmt.Errorf("raft: %w", err)
		}
		if _, err := os.Stat(filepath.Join(path, "raft.go")); err != nil {
			return nil, fmt.Errorf("--raft %s: no checkout of hashicorp/raft: %w: name the folder with "+
				"raft.go", s.Dir, err)
		}
		edit = append(edit, "-replace="+module+"="+path)
	} else {
		edit = append(edit, "-require="+module+"@"+s.Version)
	}
	if _, err := goTool(ctx, append(edit, mod)...); err != nil {
		return nil, err
	}
	flags = []string{"-modfile=" + mod, "-mod=mod"}
	deps, err := goTool(ctx, append(append([]string{"list"}, flags...), "-deps", module)...)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(deps, oldMetricsModule) {
		return flags, nil
	}
	overlay, err := oldMetrics(dir, filepath.Join(server, "layer.go"))
	return append(flags, "-overlay="+overlay), err
}

// oldMetrics writes an overlay in which the server's sink is one of the metrics of old versions.
func oldMetrics(dir, file string) (overlay string, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("raft: %w", err)
	}
	changed := filepath.Join(dir, "layer.go")
	text = bytes.Replace(text, []byte(metricsModule), []byte(oldMetricsModule), 1)
	if err := os.WriteFile(changed, text, 0o644); err != nil {
		return "", fmt.Errorf("raft: %w", err)
	}
	doc, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
	if err != nil {
		return "", err
	}
	overlay = filepath.Join(dir, "overlay.json")
	return overlay, os.WriteFile(overlay, doc, 0o644)
}

// goTool runs the go command for the guest's system, and returns its output.
func goTool(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	var failed bytes.Buffer
	cmd.Stderr = &failed
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("raft: go %s: %w: %s", args[0], err, bytes.TrimSpace(failed.Bytes()))
	}
	return string(out), nil
}
