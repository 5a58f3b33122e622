package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
)

// Report is the result of a replay.
type Report struct {
	Sequences   int
	Steps       int
	Held        int // the number of steps whose answers were compared
	Differences []Difference
	Skipped     []Skip
}

// Place identifies a step of a recording.
type Place struct {
	Seq  string `json:"seq"`
	N    int    `json:"n"`
	Line int    `json:"line"`
	Op   string `json:"op"`
	Path string `json:"path,omitempty"`
}

// Difference is one part of the simulated server's answer that differs from the recorded answer.
type Difference struct {
	Place
	What     string `json:"what"` // err, zxid, result, events, timeout, session, connection
	Ours     string `json:"ours"`
	Recorded string `json:"recorded"`
}

// Skip is a step that was not replayed. Its field Why has the reason.
type Skip struct {
	Place
	Why string `json:"why"`
}

// Replay sends the requests of every sequence to a new simulated server and compares the answers.
// With singleWatchMode the server handles watches as ZooKeeper did before 3.9 (see
// [tree.Watches.SingleMode]). Differences are in the report. Replay returns an error only for a
// step that it cannot play, such as starting a server that is already running.
func (r *Recording) Replay(singleWatchMode bool) (*Report, error) {
	out := &Report{Sequences: r.Sequences(), Steps: r.Steps()}
	for _, name := range r.order {
		p, err := newPlayer(name, out, singleWatchMode)
		if err != nil {
			return nil, fmt.Errorf("%s: sequence %s: %w", r.Name, name, err)
		}
		for _, s := range r.steps[name] {
			if err := p.play(s); err != nil {
				return nil, fmt.Errorf("%s: line %d: %s/%d %s: %w",
					r.Name, s.line, s.Seq, s.N, s.Op, err)
			}
		}
	}
	return out, nil
}

// player plays one sequence.
type player struct {
	out    *Report
	s      *Server
	wires  map[string]*Wire
	xids   map[string]int32
	ids    map[int64]string // session names by ID
	offset [3]int64         // by epoch: add this to a counter of ours
	seen   int64            // the newest counter, with the offset added
	unmade []string         // nodes that skipped steps created on the real server
	forms  Forms
}

func newPlayer(name string, out *Report, singleWatchMode bool) (*player, error) {
	p := &player{
		out: out, wires: make(map[string]*Wire), xids: make(map[string]int32),
		ids: make(map[int64]string),
	}
	p.forms = Forms{Session: func(id int64) string { return p.ids[id] }, Counter: p.counter}
	c := server.Config{
		Peer:        zab.Config{TickTime: 200 * sim.Millisecond},
		SuperDigest: tree.DigestID("super:test"),
		Address:     func(sim.NodeID) string { return "127.0.0.1" },

		SingleWatchMode: singleWatchMode,
		ExtendedTypes:   true, // as the recorded server had
	}
	var disk func(func(string, []byte))
	if name == overflowing {
		disk = overflow
		p.offset[1] = 1
	}
	var err error
	p.s, err = NewServer(c, disk)
	return p, err
}

// overflowing is the sequence of the 3.8.0 recording whose server starts from a snapshot, because a
// sequence counter overflows only after two thousand million creates.
const overflowing = "sequential-overflow"

// overflow puts the snapshot for that sequence on the server's disk. Its node /ovf has the child
// counter 2147483645.
func overflow(put func(string, []byte)) {
	tr := tree.New()
	apply := func(op tree.OpCode, b tree.Body) {
		tr.Apply(&tree.Txn{TxnHeader: tree.TxnHeader{Zxid: 1, TimeMs: 1, Type: op}, Body: b})
	}
	apply(tree.OpCreate, &tree.CreateTxn{Path: "/ovf", ACL: tree.OpenACL, ParentCVersion: 1})
	apply(tree.OpCreate, &tree.CreateTxn{
		Path: "/ovf/x", ACL: tree.OpenACL, ParentCVersion: 2147483645,
	})
	apply(tree.OpDelete, &tree.DeleteTxn{Path: "/ovf/x"})
	snapshot, _ := tree.NewSnapshotter(tr).Next(nil, 1<<20)
	zab.Format(snapshot, put)
}

// counter converts a zxid of the simulated server to the counter of a standalone server's zxid.
func (p *player) counter(zxid int64) int64 {
	if epoch := zxid >> 32; epoch < int64(len(p.offset)) {
		return zxid&0xffffffff + p.offset[epoch]
	}
	return -1
}

func (s *step) place() Place { return Place{s.Seq, s.N, s.line, s.Op, s.Args.Path} }

func (p *player) same(s *step, what, ours, recorded string) {
	if ours != recorded {
		p.out.Differences = append(p.out.Differences, Difference{s.place(), what, ours, recorded})
	}
}

// play plays one step and compares its answer with the recorded answer.
func (p *player) play(s *step) error {
	if why := p.skip(s); why != "" {
		p.out.Skipped = append(p.out.Skipped, Skip{s.place(), why})
		if t := p.s.Tree(); t != nil {
			if at := p.counter(t.LastProcessed()); s.Zxid > at {
				p.offset[1] += s.Zxid - at // the skipped write used a zxid on the real server
			}
		}
		return nil
	}
	p.out.Held++
	ms := sim.Time(s.Args.Ms) * sim.Millisecond
	switch s.Op {
	case "connect":
		return p.connect(s)
	case "resume":
		return p.resume(s)
	case "dropTCP":
		p.wires[s.Sess].Drop()
		return p.s.Run(20 * sim.Millisecond)
	case "sleepPinging":
		return p.sleep(s, ms)
	case "serverKill9":
		return p.s.Fault("crash S1")
	case "serverStart":
		p.offset[2] = p.seen
		if err := p.s.Fault("restart S1"); err != nil {
			return err
		}
		return p.s.Run(sim.Second)
	case "collectEvents":
		err := p.s.Run(ms)
		p.same(s, "events", eventsForm(p.wires[s.Sess].Events()), strings.Join(s.Events, ", "))
		return err
	}
	return p.request(s)
}

// skip returns the reason to skip a step, or "".
func (p *player) skip(s *step) string {
	why := skipped[s.Op]
	for i := range s.Args.Ops {
		if w := skipped[s.Args.Ops[i].Op]; w != "" {
			why = w
		}
	}
	made := s.Err != nil && *s.Err == int32(tree.OK)
	switch {
	case why != "" && made && s.Args.Path != "":
		p.unmade = append(p.unmade, s.Args.Path)
		return why
	case why != "":
		return why
	}
	for _, path := range p.unmade {
		if s.Args.Path == path || parentOf(path) == s.Args.Path && shows(s.Op) {
			return "the recorded answer depends on " + path + ", and the step that creates " + path +
				" was skipped"
		}
	}
	return ""
}

// shows is true for an operation whose answer depends on the children of its node.
func shows(op string) bool {
	switch op {
	case "exists", "getData", "setData", "setACL", "getACL",
		"getChildren", "getChildren2", "getAllChildrenNumber":
		return true
	}
	return false
}

// answer has the fields of the result of connect or resume that are compared.
type answer struct {
	Timeout *int32 `json:"timeout"`
	Failed  any    `json:"failed"`
}

func (s *step) answer() (a answer, err error) { return a, unmarshal("res", s.Res, &a) }

func (p *player) connect(s *step) error {
	want, err := s.answer()
	if err != nil {
		return err
	}
	r, c, err := p.s.Dial(s.Sess, &tree.ConnectRequest{TimeoutMs: s.Args.Timeout})
	if err != nil {
		return err
	}
	p.wires[s.Sess] = c
	if r == nil {
		p.same(s, "connection", "closed", "open")
		return nil
	}
	p.ids[r.SessionID] = s.Sess
	p.same(s, "timeout", fmt.Sprint(r.TimeoutMs), number(want.Timeout))
	return nil
}

func number(n *int32) string {
	if n == nil {
		return "none"
	}
	return fmt.Sprint(*n)
}

func (p *player) resume(s *step) error {
	want, err := s.answer()
	of := p.wires[s.Args.Of]
	switch {
	case err != nil:
		return err
	case of == nil:
		return fmt.Errorf(`key "of": no session named %q`, s.Args.Of)
	}
	passwd := of.Passwd
	if s.Args.BadPassword {
		passwd = make([]byte, 16)
	}
	last := s.Args.LastZxidSeen
	if last > 0 {
		last = 1<<32 | last - p.offset[1]
	}
	r, c, err := p.s.Dial(s.Sess, &tree.ConnectRequest{
		TimeoutMs: 4000, SessionID: of.Session, Passwd: passwd, LastZxidSeen: last,
	})
	if err != nil {
		return err
	}
	p.wires[s.Sess] = c
	p.xids[s.Sess] = 100
	switch {
	// a server that refuses may close the connection, or answer with timeout 0
	case want.Failed != nil && r != nil:
		p.same(s, "timeout", fmt.Sprint(r.TimeoutMs), "0")
		p.same(s, "session", fmt.Sprint(r.SessionID), "0")
	case want.Failed != nil:
	case r == nil:
		p.same(s, "connection", "closed", "open")
	default:
		p.same(s, "timeout", fmt.Sprint(r.TimeoutMs), number(want.Timeout))
		p.same(s, "session", fmt.Sprint(r.SessionID), fmt.Sprint(of.Session))
	}
	return nil
}

// sleep lets the time ms pass, while the step's sessions send pings.
func (p *player) sleep(s *step, ms sim.Time) error {
	for past := sim.Time(0); past < ms; past += 100 * sim.Millisecond {
		for name := range strings.SplitSeq(s.Args.Sessions, ",") {
			c := p.wires[name]
			if c == nil {
				return fmt.Errorf(`key "sessions": no session named %q`, name)
			}
			c.Send(&tree.Request{Xid: tree.XidPing, Op: tree.Op{Type: tree.OpPing}})
		}
		if err := p.s.Run(100 * sim.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// eventsForm is a list of watch events as a recording writes it.
func eventsForm(events []tree.WatchEvent) string {
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = fmt.Sprintf("%s %s state=3 hdrzxid=-1", e.Type, e.Path)
	}
	return strings.Join(list, ", ")
}

func (p *player) request(s *step) error {
	c := p.wires[s.Sess]
	r := &tree.Request{Op: s.op}
	switch s.op.Type {
	case tree.OpPing:
		r.Xid = tree.XidPing
	case tree.OpAuth:
		r.Xid = tree.XidAuth
	case tree.OpSetWatches:
		r.Xid = tree.XidSetWatches
		set := *s.op.SetWatches
		set.RelativeZxid |= 1 << 32
		r.SetWatches = &set
	default:
		p.xids[s.Sess]++
		r.Xid = p.xids[s.Sess]
	}
	var early []tree.WatchEvent
	if s.op.Type != tree.OpPing {
		early = c.Events()
	}
	events, got, err := c.Ask(r)
	if err != nil {
		return err
	}
	if got == nil {
		if s.Err != nil {
			p.same(s, "connection", "closed", "answered "+tree.Code(*s.Err).String())
		}
		return nil
	}
	p.same(s, "events", eventsForm(slices.Concat(early, events)), strings.Join(s.Events, ", "))
	if s.Err == nil {
		p.same(s, "connection", "answered "+got.Code.String(), "not answered")
		return nil
	}
	p.same(s, "err", got.Code.String(), tree.Code(*s.Err).String())
	p.same(s, "zxid", fmt.Sprint(p.counter(got.Zxid)), fmt.Sprint(s.Zxid))
	p.seen = max(p.seen, p.counter(got.Zxid))
	switch {
	case got.Code != tree.OK:
	case s.op.Type == tree.OpCloseSession:
		return c.WaitClosed()
	default:
		p.same(s, "result", p.forms.Result(s.op.Type, &got.Result), canonicalRaw(s.Res))
	}
	return nil
}
