package gateway

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// crowd is a number of clients that call at random, set watches, lose their connections and close
// their sessions.
type crowd struct {
	t      *testing.T
	w      *World
	peers  *map[string]*peer
	list   []*peer
	rand   *sim.Rand
	writer *Writer
	names  int
	calls  int
	tidy   bool // no node stays for ever
	// faults are carried out one after the other, every 5 s.
	faults []string
	next   sim.Time
	dials  map[*peer]sim.Time // when each began to dial; -1: it has sent its first packet
}

func newCrowd(t *testing.T, c ensemble.Config, n int, file io.Writer) *crowd {
	t.Helper()
	w, peers := newWorld(t, c)
	writer, err := NewWriter(file, w.Ensemble.Config(), nil)
	if err != nil {
		t.Fatal(err)
	}
	w.In = writer.Write
	serving(t, w)
	k := &crowd{t: t, w: w, writer: writer, peers: peers, rand: w.Ensemble.Chance("crowd"),
		dials: map[*peer]sim.Time{}}
	for range n {
		k.list = append(k.list, k.newcomer())
	}
	return k
}

func (k *crowd) newcomer() *peer {
	k.names++
	return join(k.t, k.w, k.peers, fmt.Sprintf("C%d", k.names))
}

// op is a call at random.
func (k *crowd) op() tree.Op {
	path := fmt.Sprintf("/n%d", k.rand.Intn(4))
	data := fmt.Append(nil, k.calls)
	modes := []tree.CreateMode{0, 0, tree.Ephemeral, tree.EphemeralSequential, tree.PersistentSequential}
	if k.tidy {
		modes = modes[:4]
	}
	switch k.rand.Intn(12) {
	case 0, 1, 2:
		return tree.Op{Type: tree.OpCreate, Path: path, Data: data, ACL: tree.OpenACL,
			Flags: modes[k.rand.Intn(len(modes))]}
	case 3:
		return tree.Op{Type: tree.OpDelete, Path: path, Version: -1}
	case 4, 5:
		return tree.Op{Type: tree.OpSetData, Path: path, Data: data, Version: -1}
	case 6, 7:
		return tree.Op{Type: tree.OpGetData, Path: path, Watch: k.rand.Intn(2) == 0}
	case 8:
		return tree.Op{Type: tree.OpExists, Path: path, Watch: true}
	case 9:
		return tree.Op{Type: tree.OpGetChildren2, Path: "/", Watch: k.rand.Intn(3) == 0}
	case 10:
		return tree.Op{Type: tree.OpMulti, Ops: []tree.Op{
			{Type: tree.OpCheck, Path: path, Version: -1},
			{Type: tree.OpSetData, Path: path, Data: data, Version: -1},
		}}
	}
	return tree.Op{Type: tree.OpSync, Path: path}
}

// step lets every client that waits for nothing do something.
func (k *crowd) step() {
	e := k.w.Ensemble
	if len(k.faults) > 0 && e.Now() > k.next {
		k.next = e.Now() + 5*sim.Second
		_ = k.w.Inject(Input{Kind: Fault, Line: k.faults[0]}) // it may be impossible now
		k.faults = k.faults[1:]
	}
	for i, p := range k.list {
		switch {
		case k.dials[p] == 0 && !p.open:
			p.socket++
			p.greeted, p.xid = false, p.xid+1000 // later answers to earlier requests do not come
			k.dials[p] = e.Now()
			p.inject(Input{Kind: Dial, Server: fmt.Sprintf("S%d", 1+k.rand.Intn(3))})
		case k.dials[p] > 0 && p.open:
			k.dials[p] = -1
			p.write(connecting(p))
		case !p.open && e.Now() < k.dials[p]+sim.Second && len(p.closings) == 0:
		case !p.open || !p.greeted && k.rand.Intn(2000) == 0:
			p.inject(Input{Kind: HangUp})
			p.closings, p.open, k.dials[p] = nil, false, 0
		case !p.greeted:
		case p.session.TimeoutMs == 0 || k.rand.Intn(400) == 0 && p.replies[p.xid] != nil:
			if p.session.TimeoutMs != 0 {
				p.xid++
				p.send(p.xid, tree.Op{Type: tree.OpCloseSession})
			}
			k.list[i] = k.newcomer()
		case p.sent[p.xid].Type != 0 && p.replies[p.xid] == nil:
		default:
			p.events = nil
			clear(p.sent)
			clear(p.replies)
			p.xid++
			k.calls++
			p.sent[tree.XidPing] = tree.Op{Type: tree.OpPing}
			p.send(p.xid, k.op())
		}
	}
	if err := k.w.Run(e.Now() + sim.Time(1+k.rand.Intn(5000))); err != nil {
		k.t.Fatal(err)
	}
}

// play lets the crowd call a number of times. After every so many operations it checks the history
// and forgets it.
func (k *crowd) play(calls, every int) {
	k.t.Helper()
	end, steps := k.calls+calls, 0
	for ; k.calls < end; steps++ {
		if steps > 100*calls {
			k.t.Fatalf("the clients have made only %d of %d calls", k.calls-end+calls, calls)
		}
		k.step()
		if e := k.w.Ensemble; every > 0 && len(e.Ops()) >= every {
			for n := 0; n < 200 && !k.w.Settled(); n++ {
				if err := k.w.Run(e.Now() + sim.Millisecond); err != nil {
					k.t.Fatal(err)
				}
			}
			if k.w.Settled() {
				if err := k.w.Inject(Input{Kind: Check}); err != nil {
					k.t.Fatal(err)
				}
			}
		}
	}
}

func broken(t *testing.T, w *World) (names []string) {
	t.Helper()
	checks, err := w.Judge()
	if err != nil {
		t.Fatal(err)
	}
	for i := range checks {
		if c := &checks[i]; c.Promised && c.Verdict != lin.Linearizable {
			names = append(names, c.Name+": "+c.Text)
		}
	}
	return names
}

var crowdFaults = []string{"crash S1", "restart S1", "pause S2 3s", "split S1 | S2 S3", "heal",
	"power S3", "restart S3", "pause C2 2s", "cut S1 > S2", "heal"}

// TestParts: a history that is checked part by part holds as the whole does, under faults too. It is
// played again from its inputs with the same parts.
func TestParts(t *testing.T) {
	parts := 0
	for seed := range uint64(8) {
		c := ensemble.Config{}
		c.Seed, c.SnapCount = seed+1, 40
		var file bytes.Buffer
		k := newCrowd(t, c, 5, &file)
		k.faults = crowdFaults
		k.play(3000, 100)
		parts += k.w.Parts()
		if n := len(k.w.Ensemble.Ops()); n > 1000 {
			t.Errorf("seed %d: %d operations are not forgotten", c.Seed, n)
		}
		for _, text := range broken(t, k.w) {
			t.Errorf("seed %d, after %d parts: %s", c.Seed, k.w.Parts(), text)
		}
		if seed > 0 {
			continue
		}
		if err := k.writer.Close(k.w.Ensemble); err != nil {
			t.Fatal(err)
		}
		r, err := Replay(&file, false)
		if err != nil || !r.Same || r.World.Parts() != k.w.Parts() {
			t.Errorf("played again: same %v, %d parts instead of %d, error %v", r.Same,
				r.World.Parts(), k.w.Parts(), err)
		}
	}
	if parts < 100 {
		t.Errorf("only %d parts were checked and forgotten", parts)
	}
}

// TestPartsMemory: over hours of virtual time, memory does not grow.
func TestPartsMemory(t *testing.T) {
	c := ensemble.Config{SnapCount: 100}
	k := newCrowd(t, c, 4, io.Discard)
	k.tidy = true
	live := func() uint64 {
		k.w.Wait()
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	calls := 10_000
	k.play(calls, 500)
	first, parts := live(), k.w.Parts()
	for range 3 {
		k.play(calls, 500)
	}
	last := live()
	t.Logf("%d kB after %d calls, %d kB after %d, at %v", first>>10, calls, last>>10, 4*calls,
		k.w.Ensemble.Now())
	if last > first+first/4 || k.w.Parts() < 2*parts {
		t.Errorf("memory grows from %d kB to %d kB, %d parts", first>>10, last>>10, k.w.Parts())
	}
	if names := broken(t, k.w); len(names) > 0 {
		t.Error(names)
	}
	runtime.KeepAlive(k)
}

// TestNonsense: requests that make no sense do not keep the history from being judged, whether they
// are answered or not.
func TestNonsense(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{})
	serving(t, w)
	p := join(t, w, peers, "A")
	p.dial("S1")
	for _, path := range []string{"x", "", "/a//b", "/a/", "/.", "\x00"} {
		for _, op := range []tree.Op{
			create(path, 0), {Type: tree.OpGetData, Path: path},
			{Type: tree.OpSetData, Path: path, Version: -1}, {Type: tree.OpGetEphemerals, Path: path},
			{Type: tree.OpMulti, Ops: []tree.Op{{Type: tree.OpCheck, Path: path}}},
			{Type: tree.OpAddWatch, Path: path, WatchMode: 7},
		} {
			if r := p.do(op); r.Code == tree.OK && path != "" && op.Type != tree.OpMulti &&
				op.Type != tree.OpGetEphemerals {
				t.Errorf("%v %q: ok", op.Type, path)
			}
			p.xid++
			p.send(p.xid, op)
			p.inject(Input{Kind: HangUp})
			p.open = false
			p.dial("S1")
		}
	}
	if names := broken(t, w); len(names) > 0 {
		t.Error(names)
	}
}

// TestNegative: a client may give a request any number, also a negative one and one that it has used.
func TestNegative(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{})
	serving(t, w)
	p := join(t, w, peers, "A")
	p.dial("S1")
	for _, xid := range []int32{1, -1006632928, -2, -4, -8, 1, 0, 1<<31 - 1, -1 << 31} {
		p.send(xid, create("/n-", tree.PersistentSequential))
		p.until(func() bool { return p.replies[xid] != nil })
		if r := p.replies[xid]; r.Code != tree.OK {
			t.Errorf("request %d: %v", xid, r.Code)
		}
		delete(p.replies, xid)
	}
	if names := broken(t, w); len(names) > 0 {
		t.Error(names)
	}
}

// liar changes what a server says, from the moment of a fault on.
type liar struct {
	sim.Program
	lies func(msg sim.Message) sim.Message // nil: it is not said
}

func (l *liar) Unwrap() sim.Program { return l.Program }

func (l *liar) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	begin := len(out)
	out = l.Program.Step(now, e, out)
	if now < 20*sim.Second {
		return out
	}
	kept := out[:begin]
	for _, f := range out[begin:] {
		if f.Msg != nil {
			if f.Msg = l.lies(f.Msg); f.Msg == nil {
				continue
			}
		}
		kept = append(kept, f)
	}
	return kept
}

// TestPartsFindLies: what is wrong in a later part is found, although what shows it may be in an
// earlier part, which was forgotten.
func TestPartsFindLies(t *testing.T) {
	for name, lies := range map[string]func(sim.Message) sim.Message{
		"no event": func(m sim.Message) sim.Message {
			if _, ok := m.(*tree.WatchNotification); ok {
				return nil
			}
			return m
		},
		"old zxid": func(m sim.Message) sim.Message {
			if r, ok := m.(*tree.Reply); ok && r.Zxid > 50 {
				own := *r
				own.Zxid -= 50
				return &own
			}
			return m
		},
		"wrong version": func(m sim.Message) sim.Message {
			if r, ok := m.(*tree.Reply); ok && r.Result.Stat.Mzxid != 0 {
				own := *r
				own.Result.Stat.Version++
				return &own
			}
			return m
		},
		"old czxid": func(m sim.Message) sim.Message {
			if r, ok := m.(*tree.Reply); ok && r.Result.Stat.Mzxid != 0 {
				own := *r
				own.Result.Stat.Czxid--
				return &own
			}
			return m
		},
	} {
		c := ensemble.Config{}
		c.Tamper = func(m *sim.Machine, p sim.Program) sim.Program {
			if m.Kind != "server" {
				return p
			}
			return &liar{p, lies}
		}
		k := newCrowd(t, c, 4, io.Discard)
		for k.w.Ensemble.Now() < 20*sim.Second {
			k.play(10, 100)
		}
		before := k.w.Parts()
		k.play(2000, 100)
		if names := broken(t, k.w); before < 10 || len(names) == 0 {
			t.Errorf("%s: %d parts before it, and %v", name, before, names)
		}
		if n := k.w.Parts(); n > before+5 {
			t.Errorf("%s: %d more parts were forgotten", name, n-before)
		}
	}
}

func connecting(p *peer) []byte {
	return jute.AppendConnect(nil, &tree.ConnectRequest{
		TimeoutMs: 4000, SessionID: p.session.SessionID, Passwd: p.session.Passwd,
	})
}
