package gateway

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// wire plays a recording of Apache ZooKeeper on the lab's server.
type wire struct {
	t        *testing.T
	w        *World
	conns    map[string]*conn
	sessions map[int64]tree.ConnectResponse // by the recorded session: ours
	ids      map[int64]int64                // our session to the recorded one
	shift    int64                          // our counter of zxids minus the recorded one
	shifted  bool                           // shift is known
	pairs    int
}

type conn struct {
	opened, closed bool
	got            [][]byte
}

// TestWire sends the recorded packets of Apache ZooKeeper 3.8.0's clients to the lab's server and
// compares the answers byte by byte. Replaced are what cannot be the same: session ids, passwords,
// times, the epochs of zxids, and the order of children and ACLs, which in ZooKeeper is a hash
// table's. The recording's own bytes must be what package jute writes for what it reads.
//
// Apache's server does not answer a check outside a multi that succeeds; no client sends one.
func TestWire(t *testing.T) {
	f, err := os.Open("testdata/apache-3.8.0.wire")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	world, err := New(ensemble.Config{
		Stage: engine.Stage{Servers: 1, TTL: true},
		Tweak: func(_ zab.ID, c *server.Config) { c.SingleWatchMode = true }, // as before 3.9
	})
	if err != nil {
		t.Fatal(err)
	}
	p := &wire{
		t: t, w: world, conns: map[string]*conn{}, sessions: map[int64]tree.ConnectResponse{},
		ids: map[int64]int64{},
	}
	world.Out = func(o Output) {
		c := p.conns[o.Client]
		switch o.Sign {
		case Opened:
			c.opened = true
		case Closed:
			c.closed = true
		case Says:
			c.got = append(c.got, bytes.Clone(o.Data[4:]))
		}
	}
	serving(t, world)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var x struct {
			Conn, Sent string
			Got        []string
			Closed     bool
		}
		if err := json.Unmarshal(lines.Bytes(), &x); err != nil {
			t.Fatalf("line %d: %v", n, err)
		}
		sent, want := unhex(t, x.Sent), [][]byte{}
		for _, g := range x.Got {
			want = append(want, unhex(t, g))
		}
		p.pairs++
		if diff := p.exchange(x.Conn, sent, want); diff != "" {
			t.Errorf("line %d, %s: %s", n, x.Conn, diff)
		}
	}
	if p.pairs < 300 {
		t.Errorf("%d pairs", p.pairs)
	}
}

func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// exchange sends one packet and returns how the answers differ, or "".
func (p *wire) exchange(name string, sent []byte, want [][]byte) (diff string) {
	c := p.conns[name]
	if c == nil {
		return p.connect(name, sent, want)
	}
	r, err := jute.DecodeRequest(sent)
	if err != nil {
		return err.Error()
	}
	if again := jute.AppendRequest(nil, r); !bytes.Equal(again[4:], sent) {
		return fmt.Sprintf("the request is %x, read and written again %x", sent, again[4:])
	}
	if !c.closed {
		p.inject(Input{Kind: Packet, Client: name, Socket: 1, Data: sent})
	}
	p.until(func() bool {
		for _, b := range c.got {
			if h, _, err := jute.DecodeHeader(b); err == nil && h.Xid == r.Xid {
				return true
			}
		}
		return c.closed
	})
	if len(want) == 0 && r.Type == tree.OpCheck {
		c.got = nil
		return ""
	}
	got := c.got
	c.got = nil
	if len(got) != len(want) {
		return fmt.Sprintf("%v: %d packets, recorded are %d", r.Op.Type, len(got), len(want))
	}
	if len(want) == 0 {
		return ""
	}
	if !p.shifted {
		p.shifted = true
		z := func(b []byte) int64 { return int64(binary.BigEndian.Uint32(b[8:])) }
		p.shift = z(got[0]) - z(want[0])
	}
	for i := range want {
		ours, err := p.normal(got[i], &r.Op, true)
		if err != nil {
			return err.Error()
		}
		theirs, err := p.normal(want[i], &r.Op, false)
		if err != nil {
			return err.Error()
		}
		if !bytes.Equal(ours, theirs) {
			return fmt.Sprintf("%v %s:\n   ours %x\n theirs %x", r.Op.Type, r.Op.Path, ours, theirs)
		}
	}
	return ""
}

func (p *wire) inject(in Input) {
	p.t.Helper()
	if err := p.w.Inject(in); err != nil {
		p.t.Fatal(err)
	}
}

func (p *wire) until(holds func() bool) {
	p.t.Helper()
	e := p.w.Ensemble
	for end := e.Now() + 2*sim.Second; !holds() && e.Now() < end; {
		if err := p.w.Run(e.Now() + sim.Millisecond); err != nil {
			p.t.Fatal(err)
		}
	}
}

// connect opens a connection with the recorded handshake, in which our session replaces the recorded
// one.
func (p *wire) connect(name string, sent []byte, want [][]byte) (diff string) {
	c := &conn{}
	p.conns[name] = c
	p.inject(Input{Kind: Join, Client: name})
	p.inject(Input{Kind: Dial, Client: name, Socket: 1, Server: "S1"})
	p.until(func() bool { return c.opened })
	m, flag, err := jute.DecodeConnectRequest(sent)
	if err != nil {
		return err.Error()
	}
	theirs, err := jute.DecodeConnect(want[0])
	if err != nil {
		return err.Error()
	}
	if s, ok := p.sessions[m.SessionID]; ok {
		wrong := m.Passwd[0] == 'w' && m.Passwd[1] == 'w'
		if m.SessionID = s.SessionID; !wrong {
			m.Passwd = s.Passwd
		}
	}
	frame := jute.AppendConnect(nil, m)
	if len(frame)-4 != len(sent) { // without the flag for read-only servers
		frame = frame[:4+len(sent)]
	}
	p.inject(Input{Kind: Packet, Client: name, Socket: 1, Data: frame[4:]})
	p.until(func() bool { return len(c.got) > 0 || c.closed })
	if len(c.got) != 1 {
		return fmt.Sprintf("%d packets", len(c.got))
	}
	ours, err := jute.DecodeConnect(c.got[0])
	c.got = nil
	if err != nil {
		return err.Error()
	}
	if theirs.SessionID != 0 {
		p.sessions[theirs.SessionID], p.ids[ours.SessionID] = *ours, theirs.SessionID
	}
	if ours.SessionID != 0 {
		ours.SessionID, ours.Passwd = theirs.SessionID, theirs.Passwd
	}
	if got := jute.AppendConnectResponse(nil, ours, flag)[4:]; !bytes.Equal(got, want[0]) {
		return fmt.Sprintf("connect:\n   ours %x\n theirs %x", got, want[0])
	}
	return ""
}

// normal returns a packet without what may differ.
func (p *wire) normal(b []byte, op *tree.Op, ours bool) ([]byte, error) {
	h, _, err := jute.DecodeHeader(b)
	if err != nil {
		return nil, err
	}
	if h.Xid == tree.XidNotification {
		e, _, err := jute.DecodeEvent(b)
		if again := jute.AppendEvent(nil, &e); err == nil && !bytes.Equal(again[4:], b) {
			return nil, fmt.Errorf("the event %x, read and written again, is %x", b, again[4:])
		}
		return b, err
	}
	r, err := jute.DecodeReply(b, op)
	if err != nil {
		return nil, fmt.Errorf("%v: %w", op.Type, err)
	}
	if again := jute.AppendReply(nil, r); !bytes.Equal(again[4:], b) {
		return nil, fmt.Errorf("the reply %x to %v, read and written again, is %x", b, op.Type, again[4:])
	}
	r.Zxid = p.counter(r.Zxid, ours)
	p.mask(&r.Result, ours)
	return jute.AppendReply(nil, r), nil
}

// counter returns the counter of a zxid, of ours as the recording has it.
func (p *wire) counter(zxid int64, ours bool) int64 {
	n := int64(uint32(zxid))
	if ours && zxid > 0 {
		n -= p.shift
	}
	return n
}

// mask replaces what may differ in a result.
func (p *wire) mask(r *tree.OpResult, ours bool) {
	s := &r.Stat
	for _, z := range []*int64{&s.Czxid, &s.Mzxid, &s.Pzxid} {
		*z = p.counter(*z, ours)
	}
	for _, ms := range []*int64{&s.Ctime, &s.Mtime} {
		*ms = min(*ms, 1) // 0 stays 0: the nodes that a server has from the beginning
	}
	if id, ok := p.ids[s.EphemeralOwner]; ok && ours {
		s.EphemeralOwner = id
	}
	slices.Sort(r.Children)
	slices.SortFunc(r.ACL, func(a, b tree.ACL) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	for i := range r.Results {
		p.mask(&r.Results[i], ours)
	}
}
