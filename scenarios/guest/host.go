package guest

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/zablab/zablab/sim"
)

// Host holds a compiled program, and starts processes of it. Several goroutines may use a Host at
// the same time.
type Host struct {
	runtime wazero.Runtime
	code    wazero.CompiledModule
	Sum     string // sha256 of the program, in hex; a run depends on it and the seed
}

// Open compiles a program. cache is the folder for the compiled code; if it is empty, nothing is
// kept.
func Open(ctx context.Context, p Program, cache string) (*Host, error) {
	config := wazero.NewRuntimeConfig()
	if cache != "" {
		c, err := wazero.NewCompilationCacheWithDir(cache)
		if err != nil {
			return nil, fmt.Errorf("guest: cache: %w", err)
		}
		config = config.WithCompilationCache(c)
	}
	h := &Host{runtime: wazero.NewRuntimeWithConfig(ctx, config), Sum: p.Sum}
	fail := func(format string, err error) (*Host, error) {
		return nil, errors.Join(fmt.Errorf(format, err), h.Close(ctx))
	}
	if err := h.bind(ctx); err != nil {
		return fail("guest: wasi: %w", err)
	}
	var err error
	if h.code, err = h.runtime.CompileModule(ctx, p.Code); err != nil {
		return fail("guest: the program is not a wasm module: %w: build the program again", err)
	}
	return h, nil
}

// Close frees the compiled code.
func (h *Host) Close(ctx context.Context) error { return h.runtime.Close(ctx) }

// bind defines the functions that an instance may call: WASI's, with time, chance and input
// replaced by those of the instance's machine, and one to hand out frames.
func (h *Host) bind(ctx context.Context) error {
	wasi := h.runtime.NewHostModuleBuilder(wasi_snapshot_preview1.ModuleName)
	wasi_snapshot_preview1.NewFunctionExporter().ExportFunctions(wasi)
	const i32, i64 = api.ValueTypeI32, api.ValueTypeI64
	for _, f := range []struct {
		name   string
		call   func(*process, api.Memory, []uint64) (errno uint32)
		params []api.ValueType
	}{
		{"poll_oneoff", (*process).poll, []api.ValueType{i32, i32, i32, i32}},
		{"clock_time_get", (*process).lookAtClock, []api.ValueType{i32, i64, i32}},
		{"random_get", (*process).random, []api.ValueType{i32, i32}},
		{"sched_yield", (*process).yieldThread, nil},
		{"fd_read", (*process).readInbox, []api.ValueType{i32, i32, i32, i32}},
		{"fd_fdstat_get", (*process).describeInbox, []api.ValueType{i32, i32}},
	} {
		call := f.call
		wasi.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(
			func(ctx context.Context, m api.Module, stack []uint64) {
				errno := call(ctx.Value(processKey{}).(*process), m.Memory(), stack)
				stack[0] = uint64(errno)
			}), f.params, []api.ValueType{i32}).Export(f.name)
	}
	if _, err := wasi.Instantiate(ctx); err != nil {
		return err
	}
	lab := h.runtime.NewHostModuleBuilder("zablab")
	lab.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(
		func(ctx context.Context, m api.Module, stack []uint64) {
			frame, ok := m.Memory().Read(uint32(stack[0]), uint32(stack[1]))
			ctx.Value(processKey{}).(*process).emitted(frame, ok)
		}), []api.ValueType{i32, i32}, nil).Export("emit")
	_, err := lab.Instantiate(ctx)
	return err
}

// processKey is the key of a *process in the context of its instance.
type processKey struct{}

// Config describes a machine that runs the program.
type Config struct {
	Settings []string // key=value, for machine.Setting
	// More, if set, returns further settings at each start of the machine.
	More func(m *sim.Machine) []string
	// Yield and Nap are how often, in percent, a goroutine lets others go first at a yield of
	// package machine, and how often it sleeps at a nap there.
	Yield, Nap int
	// Kind, if set, returns the kind of a message that the machine sends on a connection, for plans
	// and traces, and the place in a log that the message is about, for traces. The kind is DATA
	// otherwise.
	Kind func(m *sim.Machine, conn sim.ConnID, data []byte) (kind, place string)
	// Reported, if set, is called when the program calls machine.Report.
	Reported func(m *sim.Machine, a, b uint64, data []byte)
	// Ended, if set, is called when the program exits by itself, before its machine goes down. The
	// code is 2 after a panic; text is the end of what the program wrote to its standard error.
	Ended func(m *sim.Machine, code uint32, text string)
}

// Group has all guests of one world.
type Group struct {
	host      *Host
	world     *sim.World
	processes []*process // by machine, from ID 1; nil for a machine that is not of the group
}

// Join makes a group of guests in a world. It replaces the world's OnCrash hook by a function that
// also calls the previous hook. A caller that sets the hook later must call Join's function in the
// same way.
func (h *Host) Join(w *sim.World) *Group {
	g := &Group{host: h, world: w}
	before := w.OnCrash
	w.OnCrash = func(m *sim.Machine, power bool) {
		if p := g.of(m.ID); p != nil {
			p.kill()
		}
		if before != nil {
			before(m, power)
		}
	}
	return g
}

// Add adds a machine that runs the program. It is off until [sim.World.Start].
func (g *Group) Add(name string, c Config) *sim.Machine {
	return g.world.Add(name, "server", func(m *sim.Machine) sim.Program {
		for len(g.processes) <= int(m.ID) {
			g.processes = append(g.processes, nil)
		}
		p := newProcess(g, m, c)
		g.processes[m.ID] = p
		return p
	})
}

func (g *Group) of(id sim.NodeID) *process {
	if int(id) < len(g.processes) {
		return g.processes[id]
	}
	return nil
}

// Close ends all instances.
func (g *Group) Close() {
	for _, p := range g.processes {
		if p != nil {
			p.kill()
		}
	}
}

// Memory returns the sizes of the memories of all running instances, in bytes.
func (g *Group) Memory() (n uint64) {
	for _, p := range g.processes {
		if p != nil && p.module != nil && !p.ended {
			n += uint64(p.module.Memory().Size())
		}
	}
	return n
}

// Segment is a message that carries the bytes of one write of a program to a connection.
type Segment struct {
	Kind  string
	Place string // in a log; may be empty
	Data  []byte // never changed
}

// Name returns the kind.
func (s *Segment) Name() string { return s.Kind }

// Size returns the number of bytes.
func (s *Segment) Size() int { return len(s.Data) }

// Key returns a hash of the bytes.
func (s *Segment) Key() uint64 { return sim.HashBytes(s.Data) }
