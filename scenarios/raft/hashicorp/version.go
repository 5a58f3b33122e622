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

// Open opens the server program that contains the library's code from the given source. It builds
// that program first if needed, and before a build calls tell, if tell is not nil.
func Open(ctx context.Context, from guest.Source, tell func(string)) (*guest.Host, error) {
	return from.Open(ctx, Library{}.Package(), tell, func(dir string) ([]string, error) {
		return prepare(ctx, from, dir)
	})
}

// prepare writes a go.mod for the code into dir, and returns the flags for go build.
func prepare(ctx context.Context, from guest.Source, dir string) (flags []string, err error) {
	pkg := Library{}.Package()
	flags, err = from.Modfile(ctx, dir, pkg, module, "raft.go", metricsModule,
		"github.com/hashicorp/go-msgpack/v2")
	if err != nil {
		return nil, err
	}
	deps, err := goTool(ctx, append(append([]string{"list"}, flags...), "-deps", module)...)
	if err != nil {
		return nil, err
	}
	if !strings.Contains(deps, oldMetricsModule) {
		return flags, nil
	}
	server, err := goTool(ctx, "list", "-f", "{{.Dir}}", pkg)
	if err != nil {
		return nil, err
	}
	overlay, err := oldMetrics(dir, filepath.Join(strings.TrimSpace(server), "layer.go"))
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
