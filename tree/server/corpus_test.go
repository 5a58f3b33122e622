package server_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// The recorded answers of Apache ZooKeeper 3.8.0 (testdata/README.md), put to one server of ours:
// each step must give the same error, zxid, result and events.

type step struct {
	Seq, Sess, Op string
	N             int
	Args          map[string]any
	Err           *int
	Zxid          int64
	Res           map[string]any
	Events        []string
}

// skipped are the operations that are left out on purpose, wherever they occur.
var skipped = map[string]string{
	"createContainer": "containers need a scan in the server",
	"createTTL":       "nodes with a time to live need a clock in the server",
	"whoAmI":          "only shows what addAuth has done",
}

// skippedSteps are single steps, by sequence and number, whose answers depend on those.
var skippedSteps = map[string]string{
	"bad-flags/2":  "flags 4 is a container",
	"bad-flags/11": "lists the containers",
}

func TestCorpus(t *testing.T) {
	data, err := os.ReadFile("testdata/zookeeper-3.8.0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	sequences := map[string][]step{}
	for in := bufio.NewScanner(bytes.NewReader(data)); in.Scan(); {
		var s step
		if err := json.Unmarshal(in.Bytes(), &s); err != nil {
			t.Fatal(err)
		}
		if sequences[s.Seq] == nil {
			order = append(order, s.Seq)
		}
		sequences[s.Seq] = append(sequences[s.Seq], s)
	}
	if n := bytes.Count(data, []byte("\n")); n != 537 || len(order) != 49 {
		t.Errorf("%d sequences with %d steps, want 49 with 537", len(order), n)
	}
	played, skips := 0, 0
	for _, name := range order {
		t.Run(name, func(t *testing.T) {
			p := newPlayer(t, name)
			for i := range sequences[name] {
				if p.play(&sequences[name][i]) {
					played++
				} else {
					skips++
				}
			}
		})
	}
	t.Logf("%d sequences: %d steps held against their answers, %d skipped", len(order), played, skips)
}

// player plays one sequence.
type player struct {
	t      *testing.T
	w      *world
	wires  map[string]*wire
	ids    map[int64]string // sessions by id
	offset [3]int64         // by epoch: what to add to a counter
	seen   int64            // the newest counter
}

func newPlayer(t *testing.T, name string) *player {
	p := &player{t: t, wires: map[string]*wire{}, ids: map[int64]string{0: "0"}}
	p.w = newWorld(t, 7, 1, server.Config{
		Peer:        zab.Config{TickTime: 200 * sim.Millisecond},
		SuperDigest: tree.DigestID("super:test"),
		Address:     func(sim.NodeID) string { return "127.0.0.1" },
	})
	if name == "sequential-overflow" {
		p.overflow()
	}
	p.w.run(sim.Second)
	return p
}

// overflow gives the server the snapshot that the recording began with: /ovf, whose children have
// been counted to 2147483645.
func (p *player) overflow() {
	tr := tree.New()
	apply := func(op tree.OpCode, b tree.Body) {
		tr.Apply(&tree.Txn{TxnHeader: tree.TxnHeader{Zxid: 1, TimeMs: 1, Type: op}, Body: b})
	}
	apply(tree.OpCreate, &tree.CreateTxn{Path: "/ovf", ACL: tree.OpenACL, ParentCVersion: 1})
	apply(tree.OpCreate, &tree.CreateTxn{Path: "/ovf/x", ACL: tree.OpenACL, ParentCVersion: 2147483645})
	apply(tree.OpDelete, &tree.DeleteTxn{Path: "/ovf/x"})
	snapshot, _ := tree.NewSnapshotter(tr).Next(1 << 20)
	zab.Format(snapshot, p.w.Find("S1").Disk().Preload)
	p.offset[1] = 1
}

// counter is a zxid as a standalone server would have it.
func (p *player) counter(zxid int64) int64 {
	if epoch := zxid >> 32; epoch < 3 {
		return zxid&0xffffffff + p.offset[epoch]
	}
	return -1
}

// wire is a client that says what it is told to and keeps what it hears.
type wire struct {
	conn      sim.ConnID
	in        []sim.Message
	closed    bool
	connected bool
	session   int64
	passwd    []byte
	xid       int32
}

type say struct{ effect sim.Effect }

func (*say) Name() string { return "SAY" }
func (*say) Size() int    { return 0 }
func (*say) Key() uint64  { return 0 }

func (c *wire) Deadline() sim.Time { return sim.Never }
func (c *wire) Step(now sim.Time, e sim.Event, out []sim.Effect) []sim.Effect {
	switch e.Kind {
	case sim.Boot:
		c.conn = e.Conn + 1
		out = append(out, sim.Effect{Kind: sim.Dial, Conn: c.conn, To: 1, Port: zab.PortClient, Span: sim.Second})
	case sim.Connected:
		c.connected = true
	case sim.Received:
		c.in = append(c.in, e.Msg)
	case sim.Closed:
		c.closed = true
	case sim.Told:
		effect := e.Msg.(*say).effect
		effect.Conn = c.conn
		out = append(out, effect)
	}
	return out
}

func (p *player) tell(name string, e sim.Effect) {
	p.w.Tell(p.w.Find(name), &say{e})
}

func (p *player) dial(name string, m *tree.ConnectRequest) (*tree.ConnectResponse, *wire) {
	c := &wire{}
	p.wires[name] = c
	p.w.Start(p.w.Add(name, "client", func(*sim.Machine) sim.Program { return c }))
	p.w.until(sim.Second, name+" is connected", func() bool { return c.connected })
	p.tell(name, sim.Effect{Kind: sim.Send, Msg: m})
	p.w.until(sim.Second, name+" has an answer", func() bool { return len(c.in) > 0 || c.closed })
	if len(c.in) == 0 {
		return nil, c
	}
	r := c.in[0].(*tree.ConnectResponse)
	c.in = c.in[1:]
	c.session, c.passwd = r.SessionID, r.Passwd
	return r, c
}

// play does one step and holds the answer against the recorded one.
func (p *player) play(s *step) bool {
	if why := p.skip(s); why != "" {
		p.t.Logf("skipped %s/%d %s: %s", s.Seq, s.N, s.Op, why)
		if at := p.counter(p.w.server("S1").Tree().LastProcessed()); s.Zxid > at {
			p.offset[1] += s.Zxid - at // it was a write, and ours is not made
		}
		return false
	}
	ms := sim.Time(0)
	if v, ok := s.Args["ms"].(float64); ok {
		ms = sim.Time(v) * sim.Millisecond
	}
	switch s.Op {
	case "connect":
		r, _ := p.dial(s.Sess, &tree.ConnectRequest{TimeoutMs: int32(s.Args["timeout"].(float64))})
		p.same(s, "timeout", float64(r.TimeoutMs), s.Res["timeout"])
		p.ids[r.SessionID] = s.Sess
	case "resume":
		p.resume(s)
	case "dropTCP":
		p.tell(s.Sess, sim.Effect{Kind: sim.Close})
		p.w.run(20 * sim.Millisecond)
	case "sleepPinging":
		for end := p.w.Now() + ms; p.w.Now() < end; p.w.run(100 * sim.Millisecond) {
			for _, name := range strings.Split(s.Args["sessions"].(string), ",") {
				p.tell(name, sim.Effect{Kind: sim.Send, Msg: &tree.Request{Xid: tree.XidPing, Op: tree.Op{Type: tree.OpPing}}})
			}
		}
	case "serverKill9":
		p.w.fault("crash S1")
	case "serverStart":
		p.offset[2] = p.seen
		p.w.fault("restart S1")
		p.w.run(sim.Second)
	case "collectEvents":
		p.w.run(ms)
		p.same(s, "events", p.events(p.wires[s.Sess]), s.Events)
	default:
		p.request(s)
	}
	return true
}

func (p *player) skip(s *step) string {
	if why := skipped[s.Op]; why != "" {
		return why
	}
	if ops, ok := s.Args["ops"].([]any); ok {
		for _, op := range ops {
			if why := skipped[op.(map[string]any)["op"].(string)]; why != "" {
				return why
			}
		}
	}
	return skippedSteps[fmt.Sprintf("%s/%d", s.Seq, s.N)]
}

func (p *player) resume(s *step) {
	of := p.wires[s.Args["of"].(string)]
	passwd := of.passwd
	if bad, _ := s.Args["badPassword"].(bool); bad {
		passwd = make([]byte, 16)
	}
	last := int64(s.Args["lastZxidSeen"].(float64))
	if last > 0 {
		last = 1<<32 | last - p.offset[1]
	}
	r, c := p.dial(s.Sess, &tree.ConnectRequest{
		TimeoutMs: 4000, SessionID: of.session, Passwd: passwd, LastZxidSeen: last,
	})
	c.xid = 100
	if _, failed := s.Res["failed"]; failed {
		if r != nil {
			p.same(s, "timeout", r.TimeoutMs, int32(0))
			p.same(s, "session", r.SessionID, int64(0))
		}
		return
	}
	p.same(s, "timeout", float64(r.TimeoutMs), s.Res["timeout"])
	p.same(s, "session", r.SessionID, of.session)
}

// events takes what has been told to a client.
func (p *player) events(c *wire) []string {
	var events []string
	kept := c.in[:0]
	for _, m := range c.in {
		if e, ok := m.(*tree.WatchNotification); ok {
			events = append(events, fmt.Sprintf("%s %s state=3 hdrzxid=-1", e.Type, e.Path))
		} else if r, ok := m.(*tree.Reply); !ok || r.Xid != tree.XidPing {
			kept = append(kept, m)
		}
	}
	c.in = kept
	return events
}

func (p *player) request(s *step) {
	op := operation(s)
	c := p.wires[s.Sess]
	r := &tree.Request{Op: op}
	switch op.Type {
	case tree.OpPing:
		r.Xid = tree.XidPing
	case tree.OpAuth:
		r.Xid = tree.XidAuth
	case tree.OpSetWatches:
		r.Xid = tree.XidSetWatches
		op.SetWatches.RelativeZxid = 1<<32 | op.SetWatches.RelativeZxid
	default:
		c.xid++
		r.Xid = c.xid
	}
	var early []string
	if op.Type != tree.OpPing {
		early = p.events(c)
	}
	p.tell(s.Sess, sim.Effect{Kind: sim.Send, Msg: r})
	var got *tree.Reply
	p.w.until(sim.Second, fmt.Sprintf("%s/%d is answered", s.Seq, s.N), func() bool {
		for _, m := range c.in {
			if a, ok := m.(*tree.Reply); ok && a.Xid == r.Xid {
				got = a
			}
		}
		return got != nil || c.closed
	})
	if got == nil {
		if s.Err != nil {
			p.t.Errorf("%s/%d %s: the connection is closed, and ZooKeeper answers %d", s.Seq, s.N, s.Op, *s.Err)
		}
		return
	}
	events := append(early, p.events(c)...)
	c.in = nil
	p.same(s, "events", events, s.Events)
	if s.Err == nil {
		p.t.Errorf("%s/%d %s: answered, and ZooKeeper does not", s.Seq, s.N, s.Op)
		return
	}
	p.same(s, "err", int(got.Code), *s.Err)
	p.same(s, "zxid", p.counter(got.Zxid), s.Zxid)
	p.seen = max(p.seen, p.counter(got.Zxid))
	if got.Code == tree.OK {
		p.result(s, &got.Result)
	}
}

func (p *player) same(s *step, what string, got, want any) {
	p.t.Helper()
	if l, ok := got.([]string); ok && len(l) == 0 && len(want.([]string)) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		p.t.Errorf("%s/%d %s %v: %s is %v, and ZooKeeper's %v", s.Seq, s.N, s.Op, s.Args["path"], what, got, want)
	}
}
