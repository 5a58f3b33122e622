//go:build !wasip1

package learn

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/zablab/zablab/scenarios/learn/trial"
)

// memoryPages limits the memory of a program in the sandbox: pages of 64 kB, 256 MB in all.
const memoryPages = 4096

// stopped says why a program ended without a report, in a sentence.
type stopped struct{ text string }

func (e *stopped) Error() string { return e.text }

// sandbox has a program that was built for wasm, compiled.
type sandbox struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
	report  []byte // of the trial that goes on
	alive   func() // called after each of its runs
}

// openSandbox compiles a program. A program in it sees no file, no network, no clock but a false
// one, and no true chance; what it writes is cut after a few lines.
func openSandbox(ctx context.Context, file string) (*sandbox, error) {
	code, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	b := &sandbox{}
	ctx = experimental.WithCompilationWorkers(ctx, 2)
	b.runtime = wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCloseOnContextDone(true).WithMemoryLimitPages(memoryPages))
	fail := func(err error) (*sandbox, error) {
		return nil, errors.Join(fmt.Errorf("sandbox: %w", err), b.runtime.Close(ctx))
	}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, b.runtime); err != nil {
		return fail(err)
	}
	lab := b.runtime.NewHostModuleBuilder("zablab")
	lab.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(
		func(_ context.Context, m api.Module, stack []uint64) {
			if data, ok := m.Memory().Read(uint32(stack[0]), uint32(stack[1])); ok {
				b.report = bytes.Clone(data)
			}
		}), []api.ValueType{api.ValueTypeI32, api.ValueTypeI32}, nil).Export("report")
	lab.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(
		func(context.Context, api.Module, []uint64) { b.alive() }), nil, nil).Export("alive")
	if _, err := lab.Instantiate(ctx); err != nil {
		return fail(err)
	}
	if b.code, err = b.runtime.CompileModule(ctx, code); err != nil {
		return fail(err)
	}
	return b, nil
}

func (b *sandbox) close(ctx context.Context) { _ = b.runtime.Close(ctx) }

// run runs the answer with a key. The error is a *stopped if the program ended without a report.
func (b *sandbox) run(ctx context.Context, key string, o *trial.Settings, limit time.Duration) (
	r trial.Report, err error) {
	settings, err := json.Marshal(o)
	if err != nil {
		return r, err
	}
	limited, alive, cancel := limitEach(ctx, limit)
	defer cancel()
	b.report, b.alive = nil, alive
	said := &tail{}
	m, err := b.runtime.InstantiateModule(limited, b.code, wazero.NewModuleConfig().WithName("").
		WithArgs("trial", key, string(settings)).WithEnv("GOTRACEBACK",
		"none").WithStdout(io.Discard).WithStderr(said))
	if m != nil {
		_ = m.Close(ctx)
	}
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case limited.Err() != nil && b.report == nil:
		return r, &stopped{late(limit)}
	case b.report == nil:
		return r, &stopped{said.sentence(err)}
	}
	return r, json.Unmarshal(b.report, &r)
}

// runNative runs a program that was built for this machine, without a sandbox but with the limit of
// time.
func runNative(ctx context.Context, file, key string, o *trial.Settings, limit time.Duration) (
	r trial.Report, err error) {
	settings, err := json.Marshal(o)
	if err != nil {
		return r, err
	}
	limited, alive, cancel := limitEach(ctx, limit)
	defer cancel()
	out := filepath.Join(filepath.Dir(file), key+".json")
	said := &tail{}
	cmd := exec.CommandContext(limited, file, key, string(settings), out)
	cmd.Stderr, cmd.Stdout = said, pulse(alive)
	cmd.Env = append(os.Environ(), "GOTRACEBACK=none")
	err = cmd.Run()
	data, missing := os.ReadFile(out)
	switch {
	case ctx.Err() != nil:
		return r, ctx.Err()
	case missing != nil && limited.Err() != nil:
		return r, &stopped{late(limit)}
	case missing != nil:
		return r, &stopped{said.sentence(err)}
	}
	return r, json.Unmarshal(data, &r)
}

// limitEach returns a context that ends when alive has not been called for the time limit. So a
// slow machine fails no program, however many runs its trial has.
func limitEach(ctx context.Context, limit time.Duration) (c context.Context, alive, cancel func()) {
	c, end := context.WithCancel(ctx)
	timer := time.AfterFunc(limit, end)
	return c, func() { timer.Reset(limit) }, func() { timer.Stop(); end() }
}

// pulse is called for whatever is written.
type pulse func()

func (p pulse) Write(b []byte) (int, error) { p(); return len(b), nil }

// late says that a program did not end in time.
func late(limit time.Duration) string {
	return fmt.Sprintf("a run of the program did not end within %s: the program has a loop that "+
		"never waits", limit)
}

// tail keeps the beginning of what a program writes.
type tail struct{ text []byte }

func (t *tail) Write(p []byte) (int, error) {
	const most = 8 << 10
	t.text = append(t.text, p[:min(len(p), max(0, most-len(t.text)))]...)
	return len(p), nil
}

// sentence says why the program ended.
func (t *tail) sentence(err error) string {
	said := string(t.text)
	switch {
	case strings.Contains(said, "out of memory"), strings.Contains(said, "cannot allocate memory"):
		return "the program used more than 256 MB of memory"
	case strings.Contains(said, "stack overflow"), strings.Contains(said, "stack exceeds"):
		return "a function calls itself for ever"
	case strings.Contains(said, "all goroutines are asleep"):
		return "the program would wait for ever, because all its goroutines are blocked outside " +
			"the calls of its client.Proc: wait only in calls of client.Proc"
	}
	first, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	if first == "" && err != nil {
		first = err.Error()
	}
	return "the program ended too early: " + first
}
