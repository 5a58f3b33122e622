package gateway

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

// peer is a client of the tests: it writes packets, and keeps what it is told.
type peer struct {
	t        *testing.T
	w        *World
	name     string
	socket   uint32
	open     bool
	greeted  bool
	xid      int32
	session  tree.ConnectResponse
	sent     map[int32]tree.Op
	replies  map[int32]*tree.Reply
	events   []tree.WatchEvent
	closings []string
}

func newWorld(t *testing.T, c ensemble.Config) (*World, *map[string]*peer) {
	w, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	peers := &map[string]*peer{}
	w.Out = func(o Output) { (*peers)[o.Client].heard(o) }
	return w, peers
}

func join(t *testing.T, w *World, peers *map[string]*peer, name string) *peer {
	p := &peer{t: t, w: w, name: name, sent: map[int32]tree.Op{}, replies: map[int32]*tree.Reply{}}
	(*peers)[name] = p
	p.inject(Input{Kind: Join})
	return p
}

func (p *peer) inject(in Input) {
	p.t.Helper()
	in.Client, in.Socket = p.name, p.socket
	if err := p.w.Inject(in); err != nil {
		p.t.Fatal(err)
	}
}

// dial opens a connection and resumes the session, if there is one.
func (p *peer) dial(server string) {
	p.t.Helper()
	p.socket++
	p.greeted = false
	p.inject(Input{Kind: Dial, Server: server})
	p.until(func() bool { return p.open })
	p.write(jute.AppendConnect(nil, &tree.ConnectRequest{
		TimeoutMs: 4000, SessionID: p.session.SessionID, Passwd: p.session.Passwd,
	}))
	p.until(func() bool { return p.greeted })
}

func (p *peer) write(frame []byte) { p.inject(Input{Kind: Packet, Data: frame[4:]}) }

// send sends a request under a number of the caller's choice.
func (p *peer) send(xid int32, op tree.Op) {
	p.t.Helper()
	p.sent[xid] = op
	p.write(jute.AppendRequest(nil, &tree.Request{Xid: xid, Op: op}))
}

func (p *peer) do(op tree.Op) *tree.Reply {
	p.t.Helper()
	p.xid++
	p.send(p.xid, op)
	p.until(func() bool { return p.replies[p.xid] != nil })
	return p.replies[p.xid]
}

// until runs the world until something holds, for 30 s at most.
func (p *peer) until(holds func() bool) {
	p.t.Helper()
	e := p.w.Ensemble
	for end := e.Now() + 30*sim.Second; !holds(); {
		if e.Now() > end || p.w.Run(e.Now()+sim.Millisecond) != nil {
			p.t.Fatalf("%s waits in vain at %v: %v", p.name, e.Now(), e.Err())
		}
	}
}

func (p *peer) heard(o Output) {
	switch o.Sign {
	case Opened:
		p.open = true
	case Closed:
		p.open = false
		p.closings = append(p.closings, o.Why)
	case Says:
		if n := binary.BigEndian.Uint32(o.Data); int(n) != len(o.Data)-4 {
			p.t.Errorf("a packet of %d bytes says that it has %d", len(o.Data)-4, n)
		}
		p.packet(o.Data[4:])
	}
}

func (p *peer) packet(b []byte) {
	if !p.greeted {
		m, err := jute.DecodeConnect(b)
		if err != nil {
			p.t.Fatal(err)
		}
		p.greeted, p.session = true, *m
		return
	}
	h, _, err := jute.DecodeHeader(b)
	if err != nil {
		p.t.Fatal(err)
	}
	if h.Xid == tree.XidNotification {
		e, _, err := jute.DecodeEvent(b)
		if err != nil {
			p.t.Fatal(err)
		}
		p.events = append(p.events, e)
		return
	}
	op, ok := p.sent[h.Xid]
	if !ok {
		p.t.Fatalf("%s receives a reply to request %d, which it has not sent", p.name, h.Xid)
	}
	if p.replies[h.Xid], err = jute.DecodeReply(b, &op); err != nil {
		p.t.Fatal(err)
	}
}

func create(path string, mode tree.CreateMode) tree.Op {
	return tree.Op{Type: tree.OpCreate, Path: path, Data: []byte("x"), ACL: tree.OpenACL, Flags: mode}
}

func serving(t *testing.T, w *World) {
	t.Helper()
	for !w.Ensemble.Serves() {
		if err := w.Run(w.Ensemble.Now() + sim.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

// story is the tutorial's: A leads and goes silent; B, which watches, is told and takes over. On the
// way the ensemble's leader crashes, and both move to another server.
func story(t *testing.T, w *World, peers *map[string]*peer) (a, b *peer) {
	serving(t, w)
	a, b = join(t, w, peers, "A"), join(t, w, peers, "B")
	a.dial("S1")
	b.dial("S2")
	if r := a.do(create("/leader", tree.Ephemeral)); r.Code != tree.OK || r.Result.Path != "/leader" {
		t.Fatalf("A creates /leader: %+v", r)
	}
	if r := b.do(create("/leader", tree.Ephemeral)); r.Code != tree.NodeExists {
		t.Fatalf("B creates /leader: %+v", r)
	}
	leader := w.Ensemble.LeaderName()
	if err := w.Inject(Input{Kind: Fault, Line: "crash " + leader}); err != nil {
		t.Fatal(err)
	}
	serving(t, w)
	for _, p := range []*peer{a, b} {
		p.until(func() bool { return !p.open })
		p.dial(w.Ensemble.LeaderName())
		if p.session.TimeoutMs == 0 {
			t.Fatalf("%s has lost its session", p.name)
		}
	}
	if r := b.do(tree.Op{Type: tree.OpExists, Path: "/leader", Watch: true}); r.Code != tree.OK {
		t.Fatalf("B watches /leader: %+v", r)
	}
	a.inject(Input{Kind: HangUp})
	for n := int32(1); len(b.events) == 0; n++ { // B pings, and A's session expires
		b.sent[tree.XidPing] = tree.Op{Type: tree.OpPing}
		b.send(tree.XidPing, tree.Op{Type: tree.OpPing})
		if err := w.Run(w.Ensemble.Now() + sim.Second); err != nil || n > 20 {
			t.Fatalf("B is not told: %v", err)
		}
	}
	if e := b.events[0]; e.Type != tree.NodeDeleted || e.Path != "/leader" {
		t.Fatalf("B is told %+v", e)
	}
	if r := b.do(create("/leader", tree.Ephemeral)); r.Code != tree.OK {
		t.Fatalf("B creates /leader: %+v", r)
	}
	return a, b
}

func TestStory(t *testing.T) {
	for seed := range uint64(20) {
		var file bytes.Buffer
		c := ensemble.Config{}
		c.Seed = seed + 1
		w, peers := newWorld(t, c)
		writer, err := NewWriter(&file, w.Ensemble.Config(), nil)
		if err != nil {
			t.Fatal(err)
		}
		w.In = writer.Write
		story(t, w, peers)
		if err := writer.Close(w.Ensemble); err != nil {
			t.Fatal(err)
		}
		e := w.Ensemble
		h := e.History()
		if len(h) < 5 {
			t.Errorf("seed %d: the history has only %d operations", c.Seed, len(h))
		}
		j, err := judge.Judge(h, e.RecordOf(h), judge.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range j.Checks {
			if check.Promised && check.Verdict != lin.Linearizable {
				t.Errorf("seed %d: %s: %+v", c.Seed, check.Name, check)
			}
		}
		r, err := Replay(bytes.NewReader(file.Bytes()), true)
		if err != nil || !r.Complete || !r.Same {
			t.Errorf("seed %d: replayed %d inputs: complete %v, same %v, error %v", c.Seed, r.Inputs,
				r.Complete, r.Same, err)
		}
		cut := file.Bytes()[:file.Len()-60]
		if r, err := Replay(bytes.NewReader(cut[:bytes.LastIndexByte(cut, '\n')+1]), false); err != nil ||
			r.Complete || r.Same {
			t.Errorf("seed %d: a cut file: complete %v, same %v, error %v", c.Seed, r.Complete, r.Same,
				err)
		}
	}
}

// A reply has the number that the client gave its request, whatever the order of the numbers.
func TestNumbersOutOfOrder(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{})
	serving(t, w)
	p := join(t, w, peers, "A")
	p.dial("S1")
	for _, xid := range []int32{7, 3, 9, 1} {
		p.send(xid, create("/n"+string(rune('0'+xid)), tree.Persistent))
	}
	p.until(func() bool { return len(p.replies) == 4 })
	for xid, r := range p.replies {
		if want := "/n" + string(rune('0'+xid)); r.Code != tree.OK || r.Result.Path != want {
			t.Errorf("request %d: %+v, want %s", xid, r, want)
		}
	}
}

// A malformed packet closes its connection, and nothing else.
func TestMalformed(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{})
	serving(t, w)
	a, b := join(t, w, peers, "A"), join(t, w, peers, "B")
	for _, packet := range []string{"", "x", strings.Repeat("\xff", 100)} {
		a.socket++
		a.inject(Input{Kind: Dial, Server: "S1"})
		a.until(func() bool { return a.open })
		a.inject(Input{Kind: Packet, Data: []byte(packet)})
		if a.open || !strings.Contains(a.closings[len(a.closings)-1], "malformed") {
			t.Errorf("%q: open %v, closed because: %q", packet, a.open, a.closings)
		}
	}
	a.dial("S1")
	a.write([]byte("\x00\x00\x00\x05\x00\x00\x00\x01\x00"))
	if a.open {
		t.Error("half a header is accepted")
	}
	b.dial("S1")
	if r := b.do(create("/b", tree.Persistent)); r.Code != tree.OK {
		t.Errorf("B creates /b: %+v", r)
	}
}

// An input that makes no sense is an error and leaves the world as it is.
func TestRefusedInput(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{})
	join(t, w, peers, "A")
	for want, in := range map[string]Input{
		"no such client":                {Kind: Dial, Client: "B", Server: "S1"},
		"no such server":                {Kind: Dial, Client: "A", Server: "S9"},
		"another machine has this name": {Kind: Join, Client: "S1"},
		"no machine S9":                 {Kind: Fault, Line: "crash S9"},
		"unknown":                       {Kind: 77},
	} {
		before := w.Ensemble.World.Index()
		if err := w.Inject(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", in, err, want)
		}
		if w.Ensemble.World.Index() != before {
			t.Errorf("%+v: the world has changed", in)
		}
	}
}

// A crash of the client's machine closes its connections and ends its calls.
func TestClientCrashes(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{})
	serving(t, w)
	p := join(t, w, peers, "A")
	p.dial("S1")
	p.send(1, create("/a", tree.Persistent))
	if err := w.Inject(Input{Kind: Fault, Line: "crash A"}); err != nil {
		t.Fatal(err)
	}
	if p.open {
		t.Error("the connection of a crashed client is open")
	}
	p.socket++
	p.inject(Input{Kind: Dial, Server: "S1"})
	if n := len(p.closings); n != 2 || !strings.Contains(p.closings[1], "down") {
		t.Errorf("closed because: %q", p.closings)
	}
	if ops := w.Ensemble.Ops(); len(ops) != 1 || !ops[0].Lost {
		t.Errorf("the operations are %+v", ops)
	}
	if err := w.Inject(Input{Kind: Fault, Line: "restart A"}); err != nil {
		t.Fatal(err)
	}
	p.dial("S2")
	if r := p.do(tree.Op{Type: tree.OpExists, Path: "/nothing"}); r.Code != tree.NoNode {
		t.Errorf("after the restart: %+v", r)
	}
}

// Some libraries give a number to addAuth and to pings. A server answers an addAuth before the writes
// that wait, and a ping with a number of its own: neither is an answer out of turn.
func TestNumberedPackets(t *testing.T) {
	w, peers := newWorld(t, ensemble.Config{})
	serving(t, w)
	a := join(t, w, peers, "A")
	a.dial("S1")
	a.send(1, create("/x", tree.Persistent))
	a.send(2, tree.Op{Type: tree.OpAuth, Scheme: "digest", Data: []byte("ann:secret")})
	a.until(func() bool { return a.replies[1] != nil && a.replies[2] != nil })
	a.sent[tree.XidPing] = tree.Op{Type: tree.OpPing}
	a.send(7, tree.Op{Type: tree.OpPing})
	a.send(8, tree.Op{Type: tree.OpExists, Path: "/x"})
	a.until(func() bool { return a.replies[8] != nil })
	if err := w.Ensemble.Err(); err != nil {
		t.Error(err)
	}
}

// What a client proves of itself counts for the judges: they know who may read a node.
func TestIdentities(t *testing.T) {
	for _, xid := range []int32{tree.XidAuth, 2} { // some libraries number it like a request
		w, peers := newWorld(t, ensemble.Config{})
		serving(t, w)
		a, b := join(t, w, peers, "A"), join(t, w, peers, "B")
		a.dial("S1")
		b.dial("S2")
		a.send(xid, tree.Op{Type: tree.OpAuth, Scheme: "digest", Data: []byte("ann:secret")})
		a.until(func() bool { return a.replies[xid] != nil })
		a.xid = 10
		own := create("/own", tree.Persistent)
		own.ACL = []tree.ACL{{Perms: tree.PermAll, Scheme: "auth"}}
		read := tree.Op{Type: tree.OpGetData, Path: "/own"}
		if r := a.do(own); r.Code != tree.OK {
			t.Fatalf("A creates /own: %+v", r)
		}
		if r := a.do(read); r.Code != tree.OK {
			t.Errorf("A reads its node: %+v", r)
		}
		if b.do(tree.Op{Type: tree.OpSync, Path: "/"}); b.do(read).Code != tree.NoAuth {
			t.Errorf("B reads A's node: %+v", b.replies[b.xid])
		}
		checks, err := w.Judge()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range checks {
			if c.Promised && c.Verdict != lin.Linearizable {
				t.Errorf("xid %d: %s: %s", xid, c.Name, c.Text)
			}
		}
	}
}

// A client that does not set its watches again on a new connection gets no events, and one that does
// gets them: the judges expect exactly that.
func TestWatchesAfterReconnection(t *testing.T) {
	for _, again := range []bool{false, true} {
		w, peers := newWorld(t, ensemble.Config{})
		serving(t, w)
		a, b := join(t, w, peers, "A"), join(t, w, peers, "B")
		a.dial("S1")
		b.dial("S2")
		a.do(create("/x", tree.Persistent))
		b.do(tree.Op{Type: tree.OpSync, Path: "/"})
		b.do(tree.Op{Type: tree.OpGetData, Path: "/x", Watch: true})
		b.inject(Input{Kind: HangUp})
		b.dial("S3")
		if again {
			b.send(tree.XidSetWatches, tree.Op{Type: tree.OpSetWatches, SetWatches: &tree.SetWatches{
				RelativeZxid: b.replies[b.xid].Zxid, Data: []string{"/x"},
			}})
		}
		b.do(tree.Op{Type: tree.OpExists, Path: "/"})
		a.do(tree.Op{Type: tree.OpSetData, Path: "/x", Data: []byte("y"), Version: tree.AnyVersion})
		b.do(tree.Op{Type: tree.OpSync, Path: "/"})
		b.do(tree.Op{Type: tree.OpGetData, Path: "/x"})
		if got := len(b.events) == 1; got != again {
			t.Errorf("set again: %v; events: %v", again, b.events)
		}
		checks, err := w.Judge()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range checks {
			if c.Promised && c.Verdict != lin.Linearizable {
				t.Errorf("set again: %v: %s: %s", again, c.Name, c.Text)
			}
		}
	}
}
