// Package raft runs clusters of unmodified hashicorp/raft in a world of package sim. They have the
// links, disks and fault plans of the lab's own engine, and a seed determines a run.
//
// hashicorp/raft starts goroutines and reads clocks, so it is not a pure state machine. To be
// repeatable it runs in a guest: the program raft/cluster, built for wasip1. There Go has a single
// thread, and gets all randomness and time from its host. The host is wazero, with a clock that
// moves only when every goroutine waits.
package raft

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"
	"github.com/zablab/zablab/scenarios/guest"
	"github.com/zablab/zablab/scenarios/raft/task"
	"github.com/zablab/zablab/sim"
)

// Host has a compiled guest, and plays runs on it. Goroutines may share a Host.
type Host struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
	Sum     string // sha256 of the guest; a run depends on it and the seed
}

// Open compiles a guest. cache is the folder for the compiled code; if it is empty, nothing is
// kept.
func Open(ctx context.Context, program guest.Program, cache string) (*Host, error) {
	config := wazero.NewRuntimeConfig()
	if cache != "" {
		c, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, fmt.Errorf("raft: cache: %w", err)
		}
		config = config.WithCompilationCache(c)
	}
	h := &Host{runtime: wazero.NewRuntimeWithConfig(ctx, config), Sum: program.Sum}
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, h.runtime); err != nil {
		return nil, errors.Join(fmt.Errorf("raft: wasi: %w", err), h.Close(ctx))
	}
	var err error
	if h.code, err = h.runtime.CompileModule(ctx, program.Code); err != nil {
		return nil, errors.Join(
			fmt.Errorf("raft: the guest is not a wasm module: %w: build the guest again", err),
			h.Close(ctx))
	}
	return h, nil
}

// Close frees the compiled code.
func (h *Host) Close(ctx context.Context) error { return h.runtime.Close(ctx) }

// base is the time on the guest's clocks at the start, in ns since 1970: a moment in 2023.
const base = 1_700_000_000_000_000_000

// Run plays one run. Its result depends only on the guest and the settings. If ctx is cancelled
// before the run begins, Run returns an error; it does not interrupt a run.
func (h *Host) Run(ctx context.Context, s *task.Settings) (*task.Result, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	var out, errOut bytes.Buffer
	now := int64(base)
	chance := sim.NewRand(s.Seed).Fork("guest")
	config := wazero.NewModuleConfig().WithName("").WithArgs("guest").
		WithStdin(bytes.NewReader(in)).WithStdout(&out).WithStderr(&errOut).
		WithRandSource(chanceReader{chance}).
		WithNanotime(func() int64 { return now }, 1).
		WithWalltime(func() (int64, int32) { return now / 1e9, int32(now % 1e9) }, 1).
		WithNanosleep(func(ns int64) { now += max(ns, 0) }).
		WithOsyield(func() {})
	m, err := h.runtime.InstantiateModule(ctx, h.code, config)
	if m != nil {
		_ = m.Close(ctx)
	}
	var exit *sys.ExitError
	if err != nil && !(errors.As(err, &exit) && exit.ExitCode() == 0) {
		return nil, fmt.Errorf("raft: seed %#x: the guest failed after %s: %w: %s",
			s.Seed, time.Duration(now-base), err, firstLine(errOut.Bytes()))
	}
	var r task.Result
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		return nil, fmt.Errorf("raft: seed %#x: cannot read the guest's result: %w: %s",
			s.Seed, err, firstLine(errOut.Bytes()))
	}
	if r.Error != "" {
		return &r, fmt.Errorf("raft: seed %#x: %s", s.Seed, r.Error)
	}
	return &r, nil
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(bytes.TrimSpace(b), []byte("\n"))
	return line
}

// chanceReader is an io.Reader of seeded random bytes.
type chanceReader struct{ r *sim.Rand }

func (c chanceReader) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(c.r.Uint64())
	}
	return len(b), nil
}
