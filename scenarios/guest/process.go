package guest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"
	"github.com/zablab/zablab/scenarios/guest/wire"
	"github.com/zablab/zablab/sim"
)

// process is one life of a machine's program: the state of its instance, between two steps.
type process struct {
	group   *Group
	machine *sim.Machine
	config  Config
	chance  *sim.Rand

	next   func() (struct{}, bool) // lets the instance run until it yields
	stop   func()
	yield  func(struct{}) bool // of the instance's side
	module api.Module
	err    error // how the instance ended
	stderr tail

	now, wall sim.Time // of the step that runs
	effects   []sim.Effect
	inbox     []byte // frames that the program has not read
	late      []late // frames from a pause, until the next step without one

	deadline sim.Time // local, of the poll in which the instance waits
	listens  bool     // that poll also waits for the inbox
	midway   bool     // it stands still at a look at the clock
	looks    int      // at the clock, in this step
	ended    bool
}

// late is a frame that arrived during a pause. Frames with the same key keep their order.
type late struct {
	key   uint64
	frame []byte
}

func newProcess(g *Group, m *sim.Machine, c Config) *process {
	return &process{
		group: g, machine: m, config: c, deadline: sim.Never,
		chance: g.world.Rand(fmt.Sprintf("guest %s %d", m.Name, m.Incarnation())),
	}
}

// Deadline is when the first timer of the program is due; now, if it stands still in the middle of
// its code or has frames from a pause to handle.
func (p *process) Deadline() sim.Time {
	switch {
	case p.ended:
		return sim.Never
	case p.midway || len(p.late) > 0:
		return p.now
	}
	return p.deadline
}

// Step hands the event to the program, and lets it run until it waits.
func (p *process) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	p.now, p.wall, p.effects, p.looks = now, e.Wall, out, 0
	frame, key := p.frame(&e)
	if e.Late && frame != nil {
		p.late = append(p.late, late{key, frame})
		return p.effects
	}
	p.mixLate()
	p.inbox = append(p.inbox, frame...)
	if e.Kind == sim.Boot {
		p.begin()
	}
	if !p.ended && (e.Kind == sim.Boot || p.ready()) {
		p.resume()
	}
	out, p.effects = p.effects, nil
	return out
}

// frame is what the program reads of an event; nil if the event is for the instance's timers only.
func (p *process) frame(e *sim.Event) (frame []byte, key uint64) {
	conn := uint64(e.Conn)
	switch e.Kind {
	case sim.Boot:
		return wire.Put(nil, wire.Boot, conn, 0, p.start()), 0
	case sim.Connected:
		return wire.Put(nil, wire.Connected, conn, 0), conn
	case sim.Refused:
		return wire.Put(nil, wire.Refused, conn, 0), conn
	case sim.Accepted:
		from := p.group.world.Machine(e.From)
		return wire.Put(nil, wire.Accepted, conn, uint64(e.Port), []byte(from.Name)), conn
	case sim.Received:
		if s, ok := e.Msg.(*Segment); ok {
			return wire.Put(nil, wire.Received, conn, 0, s.Data), conn
		}
	case sim.Closed:
		return wire.Put(nil, wire.Closed, conn, 0), conn
	case sim.Fsynced:
		return wire.Put(nil, wire.Synced, e.Token, 0), 1
	case sim.DiskFailed:
		return wire.Put(nil, wire.Failed, e.Token, 0), 1
	case sim.Told:
		if s, ok := e.Msg.(*Segment); ok {
			return wire.Put(nil, wire.Told, 0, 0, s.Data), 2
		}
	}
	return nil, 0
}

// start is what the program knows when it starts.
func (p *process) start() []byte {
	m := p.machine
	s := wire.Start{
		Name: m.Name, Life: (m.Incarnation() + 1) / 2, Seed: p.chance.Uint64(),
		Yield: uint32(p.config.Yield), Nap: uint32(p.config.Nap), Settings: p.config.Settings,
	}
	if p.config.More != nil {
		s.Settings = append(slices.Clone(s.Settings), p.config.More(m)...)
	}
	for _, other := range p.group.world.Machines() {
		s.Machines = append(s.Machines, other.Name)
	}
	for _, name := range m.Disk().Names() {
		s.Files = append(s.Files, wire.File{Name: name, Data: m.Disk().Read(name)})
	}
	return s.Bytes()
}

// mixLate puts the frames from a pause into the inbox: those with one key in order, otherwise by
// chance.
func (p *process) mixLate() {
	if len(p.late) == 0 {
		return
	}
	place := map[uint64]int{} // by key, in queues
	var queues [][][]byte
	for _, l := range p.late {
		i, ok := place[l.key]
		if !ok {
			i = len(queues)
			place[l.key], queues = i, append(queues, nil)
		}
		queues[i] = append(queues[i], l.frame)
	}
	p.late = nil
	for len(queues) > 0 {
		i, last := p.chance.Intn(len(queues)), len(queues)-1
		p.inbox = append(p.inbox, queues[i][0]...)
		if queues[i] = queues[i][1:]; len(queues[i]) == 0 {
			queues[i] = queues[last]
			queues = queues[:last]
		}
	}
}

// begin makes the instance. It runs at the first resume.
func (p *process) begin() {
	ctx := context.WithValue(context.Background(), processKey{}, p)
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(newMemory))
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions().WithArgs(p.machine.Name).
		WithStdout(&p.stderr).WithStderr(&p.stderr)
	h := p.group.host
	p.next, p.stop = iter.Pull(func(yield func(struct{}) bool) {
		p.yield = yield
		p.module, p.err = h.runtime.InstantiateModule(ctx, h.code, config)
		if p.err != nil {
			return
		}
		_, p.err = p.module.ExportedFunction("_start").Call(ctx)
		_ = p.module.Close(ctx)
		p.module = nil
	})
}

// resume lets the instance run until it waits, stands still, or ends.
func (p *process) resume() {
	p.midway = false
	if _, goes := p.next(); goes {
		return
	}
	p.ended = true
	var exit *sys.ExitError
	code := uint32(0)
	switch {
	case errors.As(p.err, &exit):
		code = exit.ExitCode()
	case p.err != nil:
		p.group.world.Fail(fmt.Errorf("guest: %s: the instance failed: %w: %s", p.machine.Name, p.err,
			p.stderr.text()))
		return
	}
	if p.config.Ended != nil {
		p.config.Ended(p.machine, code, p.stderr.text())
	}
	p.effects = append(p.effects,
		sim.Effect{Kind: sim.Exit, Name: fmt.Sprintf("exit status %d", code)})
}

// suspend gives control back to the world. It does not return if the process ends meanwhile.
func (p *process) suspend() {
	if !p.yield(struct{}{}) {
		panic(sys.NewExitError(killed))
	}
}

// killed is the exit status of an instance whose machine has gone down.
const killed = 137

// kill ends the instance, whose machine has gone down.
func (p *process) kill() {
	if !p.ended && p.stop != nil {
		p.ended = true
		p.stop()
	}
	p.inbox, p.late = nil, nil
}

// emitted carries out a frame of the program.
func (p *process) emitted(frame []byte, ok bool) {
	f, rest, whole := wire.Next(frame)
	if !ok || !whole || len(rest) > 0 {
		panic(fmt.Errorf("%s sent its host an invalid frame: build the program with the lab's "+
			"version of package machine",
			p.machine.Name))
	}
	data := string(f.Data) // the instance's memory changes
	do := func(e sim.Effect) { p.effects = append(p.effects, e) }
	conn := sim.ConnID(f.A)
	switch f.Kind {
	case wire.Dial:
		p.dial(conn, data, f.B)
	case wire.Send:
		s := &Segment{Kind: "DATA", Data: []byte(data)}
		if p.config.Kind != nil {
			s.Kind, s.Place = p.config.Kind(p.machine, conn, s.Data)
		}
		do(sim.Effect{Kind: sim.Send, Conn: conn, Msg: s})
	case wire.Close:
		do(sim.Effect{Kind: sim.Close, Conn: conn})
	case wire.Append:
		do(sim.Effect{Kind: sim.Append, File: data[:f.B], Data: []byte(data[f.B:]), Token: f.A})
	case wire.Truncate:
		do(sim.Effect{Kind: sim.Truncate, File: data, N: int64(f.B)})
	case wire.Rename:
		do(sim.Effect{Kind: sim.Rename, File: data[:f.B], Name: data[f.B:]})
	case wire.Remove:
		do(sim.Effect{Kind: sim.Remove, File: data})
	case wire.Fsync:
		do(sim.Effect{Kind: sim.Fsync, File: data, Token: f.A})
	case wire.Report:
		if p.config.Reported != nil {
			p.config.Reported(p.machine, f.A, f.B, []byte(data))
		}
	default:
		panic(fmt.Errorf("%s sent its host a frame of unknown kind %d: build the program with "+
			"the lab's version of package machine", p.machine.Name, f.Kind))
	}
}

// dial opens a connection. A machine that does not exist refuses, as an unknown host does.
func (p *process) dial(conn sim.ConnID, name string, how uint64) {
	to := p.group.world.Find(name)
	if to == nil {
		p.inbox = append(p.inbox, wire.Put(nil, wire.Refused, uint64(conn), 0)...)
		return
	}
	p.effects = append(p.effects, sim.Effect{
		Kind: sim.Dial, Conn: conn, To: to.ID, Port: sim.Port(how), Span: sim.Time(how >> 8),
	})
}

// tail keeps the end of what a program writes.
type tail struct{ b []byte }

const tailSize = 1 << 13

func (t *tail) Write(b []byte) (int, error) {
	if t.b = append(t.b, b...); len(t.b) > 2*tailSize {
		t.b = append(t.b[:0], t.b[len(t.b)-tailSize:]...)
	}
	return len(b), nil
}

func (t *tail) text() string { return string(t.b) }
