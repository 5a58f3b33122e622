package apache_test

import (
	"flag"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/conformance"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/sim"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/server"
	"github.com/zablab/zablab/zab"
	"pgregory.net/rapid"
)

// longestSequence is the largest number of operations in a random sequence.
const longestSequence = 60

// TestRandomSequences sends random sequences of operations to a real Apache server and to a
// simulated one. Errors, header zxids, results with every field of their stats, and watch events
// with their order must be equal. It plays 200 sequences, or the number in -rapid.checks:
//
//	go test ./scenarios/apache -run RandomSequences -v -rapid.checks 10000 -timeout 1h
//
// All sequences share the Apache server, each in its own part of the tree. The simulated server is
// new for each sequence; the first create shows the offset between its zxids and the real ones.
// Order is not compared where ZooKeeper's is that of a hash table: children, ACLs, and the events
// of a closed session's nodes.
func TestRandomSequences(t *testing.T) {
	t.Parallel()
	if f := flag.Lookup("rapid.checks"); f.Value.String() == f.DefValue {
		if err := f.Value.Set("200"); err != nil {
			t.Fatal(err)
		}
	}
	e := start(t, apache.Config{
		Stage: engine.Stage{Servers: 1}, SuperDigest: tree.DigestID("super:test"), NoFsync: true,
	})
	admin, err := apache.DialWire(e.Address(1), &tree.ConnectRequest{
		TimeoutMs: 40000, Passwd: make([]byte, 16),
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &both{address: e.Address(1), admin: admin}
	if _, _, err := admin.Ask(super()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if b.first != "" { // rapid does not print a failure that it cannot repeat
			t.Logf("the first difference: %s", b.first)
		}
	})
	began := time.Now()
	rapid.Check(t, func(t *rapid.T) {
		// Without a minimum length nearly all sequences would be short. Shrinking tries the first
		// of these lengths.
		least := rapid.SampledFrom([]int{1, 10, 20, 30, 40, 55}).Draw(t, "at least")
		list := rapid.SliceOfN(rapid.Custom(drawAction), least, longestSequence).Draw(t, "actions")
		b.sequences++
		b.operations += len(list)
		b.play(t, list)
	})
	t.Logf("%d sequences, %d operations, the longest %d, in %s; answers by code: %v",
		b.sequences, b.operations, b.longest,
		time.Since(began).Round(time.Millisecond), b.codes)
	for _, code := range []tree.Code{
		tree.OK, tree.NoNode, tree.NodeExists, tree.BadVersion, tree.NotEmpty, tree.NoAuth,
		tree.NoChildrenForEphemerals, tree.InvalidACL, tree.BadArguments,
	} {
		if b.codes[code] == 0 {
			t.Errorf("too dull: no answer was %s", code)
		}
	}
	if b.events == 0 {
		t.Error("too dull: no watch event")
	}
}

func super() *tree.Request {
	return &tree.Request{
		Xid: tree.XidAuth,
		Op:  tree.Op{Type: tree.OpAuth, Scheme: "digest", Data: []byte("super:test")},
	}
}

// both has the Apache server that all sequences share, and counts what the sequences have covered.
type both struct {
	address    string
	admin      *apache.Wire
	xid        int32
	sequences  int
	operations int
	longest    int
	events     int
	codes      tally
	first      string // difference
}

type tally map[tree.Code]int

// sequence is one sequence of operations in progress on both servers.
type sequence struct {
	*both
	t        *rapid.T
	above    string // its own node
	root     string // a node below it, so that siblings of root are the sequence's own too
	ours     *conformance.Server
	offset   int64 // the real server's counter minus the simulated one's
	last     int64 // the simulated server's newest counter
	pairs    map[string]*pair
	dials    int
	theirIDs map[int64]string
	ourIDs   map[int64]string
}

// pair is a session on the real server, and the same session on the simulated one.
type pair struct {
	theirs *apache.Wire
	ours   *conformance.Wire
	xid    int32
	cut    bool // without a connection; the session is open
	loose  bool // a session with several ephemeral nodes was closed since its last events
}

func (b *both) play(t *rapid.T, list []action) {
	above := fmt.Sprintf("/r%d", b.sequences)
	s := &sequence{
		both: b, t: t, above: above, root: above + "/r", pairs: map[string]*pair{},
		theirIDs: map[int64]string{}, ourIDs: map[int64]string{},
	}
	b.longest = max(b.longest, len(list))
	if b.codes == nil {
		b.codes = tally{}
	}
	s.begin()
	defer s.end()
	for i, a := range list {
		s.step(i, &a)
	}
	for i, name := range []string{"s1", "s2", "s3"} { // events that have arrived but were not read
		if p := s.pairs[name]; p != nil && !p.cut {
			s.step(len(list)+i, &action{session: name, op: tree.Op{Type: tree.OpPing}})
		}
	}
}

func (s *sequence) must(err error) {
	if err != nil {
		s.t.Fatalf("sequence %d: %v", s.sequences, err)
	}
}

// begin creates the sequence's root on both servers.
func (s *sequence) begin() {
	var err error
	s.ours, err = conformance.NewServer(server.Config{
		Peer: zab.Config{TickTime: 2 * sim.Second}, SuperDigest: tree.DigestID("super:test"),
		Address: func(sim.NodeID) string { return "127.0.0.1" }, SingleWatchMode: true,
	}, nil)
	s.must(err)
	_, wire, err := s.ours.Dial("admin", &tree.ConnectRequest{
		TimeoutMs: 40000, Passwd: make([]byte, 16),
	})
	s.must(err)
	for i, path := range []string{s.above, s.root} {
		op := tree.Op{Type: tree.OpCreate, Path: path, ACL: tree.OpenACL}
		s.xid++
		_, theirs, err := s.admin.Ask(&tree.Request{Xid: s.xid, Op: op})
		s.must(err)
		_, ours, err := wire.Ask(&tree.Request{Xid: int32(i + 1), Op: op})
		s.must(err)
		if theirs.Code != tree.OK || ours.Code != tree.OK {
			s.t.Fatalf("the root %s: %v and %v", path, theirs.Code, ours.Code)
		}
		s.last = counter(ours.Zxid)
		s.offset = theirs.Zxid - s.last
	}
}

func counter(zxid int64) int64 { return zxid & 0xffffffff }

// end closes all sessions, also those without a connection. If one expired later, its closeSession
// would take a zxid in the middle of another sequence.
func (s *sequence) end() {
	for _, p := range s.pairs { // order: all are closed
		w := p.theirs
		if p.cut {
			var err error
			w, err = apache.DialWire(s.address, &tree.ConnectRequest{
				TimeoutMs: 30000, SessionID: w.Session, Passwd: w.Passwd,
			})
			if err != nil {
				s.t.Errorf("close a session: %v", err)
				continue
			}
		}
		if _, _, err := w.Ask(&tree.Request{
			Xid: 1 << 20, Op: tree.Op{Type: tree.OpCloseSession},
		}); err == nil {
			w.WaitClosed()
		}
		w.Close()
	}
	s.clear(s.above)
}

func (s *sequence) clear(path string) {
	s.xid++
	_, r, err := s.admin.Ask(&tree.Request{
		Xid: s.xid, Op: tree.Op{Type: tree.OpGetChildren, Path: path},
	})
	if err != nil {
		return // the test has already failed
	}
	for _, name := range r.Result.Children {
		s.clear(path + "/" + name)
	}
	s.xid++
	_, _, _ = s.admin.Ask(&tree.Request{
		Xid: s.xid, Op: tree.Op{Type: tree.OpDelete, Path: path, Version: -1},
	})
}

// session opens a session on both servers, or resumes one.
func (s *sequence) session(name string) *pair {
	p := s.pairs[name]
	if p != nil && !p.cut {
		return p
	}
	m := &tree.ConnectRequest{TimeoutMs: 30000, Passwd: make([]byte, 16)}
	theirs, ours := *m, *m
	if p != nil {
		theirs.SessionID, theirs.Passwd = p.theirs.Session, p.theirs.Passwd
		ours.SessionID, ours.Passwd = p.ours.Session, p.ours.Passwd
	}
	var err error
	next := &pair{}
	if p != nil {
		next.xid = p.xid
	}
	next.theirs, err = apache.DialWire(s.address, &theirs)
	s.must(err)
	s.dials++
	var r *tree.ConnectResponse
	r, next.ours, err = s.ours.Dial(fmt.Sprintf("%s-%d", name, s.dials), &ours)
	s.must(err)
	if r == nil || r.TimeoutMs != next.theirs.TimeoutMs {
		s.t.Logf("sequence %d: %s connects: ours %v, theirs %d ms",
			s.sequences, name, r, next.theirs.TimeoutMs)
		s.t.Fatal("the servers answer the handshake differently")
	}
	if p == nil {
		s.last++
		label := fmt.Sprintf("%s-%d", name, s.dials)
		s.theirIDs[next.theirs.Session], s.ourIDs[next.ours.Session] = label, label
	}
	s.pairs[name] = next
	return next
}

// step performs one action on both servers and compares the answers.
func (s *sequence) step(i int, a *action) {
	p := s.session(a.session)
	if a.resume {
		p.theirs.Drop()
		p.ours.Drop()
		s.must(s.ours.Run(20 * sim.Millisecond))
		p.cut = true
		s.session(a.session)
		return
	}
	r := &tree.Request{Op: s.rooted(a.op)}
	switch a.op.Type {
	case tree.OpPing:
		r.Xid = tree.XidPing
	case tree.OpAuth:
		r.Xid = tree.XidAuth
	case tree.OpSetWatches, tree.OpSetWatches2:
		r.Xid = tree.XidSetWatches
	default:
		p.xid++
		r.Xid = p.xid
	}
	theirs := *r
	if a.op.SetWatches != nil {
		mine, other := *r.SetWatches, *r.SetWatches
		mine.RelativeZxid = 1<<32 | s.last - a.behind
		other.RelativeZxid = s.last - a.behind + s.offset
		r.SetWatches, theirs.SetWatches = &mine, &other
	}
	closing := a.op.Type == tree.OpCloseSession
	several := closing && s.ours.Tree().NumEphemerals(p.ours.Session) > 1
	theirEvents, their, theirErr := p.theirs.Ask(&theirs)
	ourEvents, our, err := p.ours.Ask(r)
	s.must(err)
	if their == nil || our == nil {
		s.t.Logf("sequence %d, action %d, %v: theirs %v (%v), ours %v",
			s.sequences, i, a, their, theirErr, our)
		s.t.Fatal("a server does not answer")
	}
	p.loose = p.loose || several // the session also gets its own nodes' events
	s.events += len(theirEvents)
	s.codes[their.Code]++
	want := s.form(p, theirEvents, their, &theirs, s.offset, s.theirIDs)
	got := s.form(p, ourEvents, our, r, 0, s.ourIDs)
	if got != want {
		detail := fmt.Sprintf("sequence %d, action %d, %v:\n  ours    %s\n  theirs  %s",
			s.sequences, i, a, got, want)
		if s.first == "" {
			s.first = detail
		}
		s.t.Log(detail)
		s.t.Fatal("the answers differ") // the text never varies, so that rapid can shrink
	}
	p.loose = false
	s.last = max(s.last, counter(our.Zxid))
	if closing || their.Code == tree.AuthFailed {
		p.theirs.WaitClosed()
		p.theirs.Close()
		s.must(p.ours.WaitClosed())
		p.cut = true
	}
	if closing {
		delete(s.pairs, a.session)
	}
	if several {
		for _, other := range s.pairs { // order: sessions are independent
			other.loose = true
		}
	}
}

// rooted returns an operation with its paths below the sequence's root.
func (s *sequence) rooted(op tree.Op) tree.Op {
	switch op.Type {
	case tree.OpAuth, tree.OpPing, tree.OpCloseSession, tree.OpMulti, tree.OpMultiRead,
		tree.OpSetWatches, tree.OpSetWatches2:
	default:
		op.Path = s.root + op.Path
	}
	op.Ops = slices.Clone(op.Ops)
	for i := range op.Ops {
		op.Ops[i] = s.rooted(op.Ops[i])
	}
	if w := op.SetWatches; w != nil {
		under := func(list []string) (out []string) {
			for _, path := range list {
				out = append(out, s.root+path)
			}
			return out
		}
		op.SetWatches = &tree.SetWatches{
			Data: under(w.Data), Exist: under(w.Exist), Child: under(w.Child),
			Persistent: under(w.Persistent), Recursive: under(w.Recursive),
		}
	}
	return op
}

// form is a whole answer as text, with counters minus the offset and sessions by name.
func (s *sequence) form(p *pair, events []tree.WatchEvent, r *tree.Reply, q *tree.Request,
	offset int64, ids map[int64]string) string {
	f := conformance.Forms{
		Session: func(id int64) string { return ids[id] },
		Counter: func(zxid int64) int64 { return counter(zxid) - offset },
		Times:   times,
	}
	list := make([]string, len(events))
	for i, e := range events {
		list[i] = e.Type.String() + " " + e.Path
	}
	if p.loose {
		slices.Sort(list)
	}
	zxid := fmt.Sprint(f.Counter(r.Zxid))
	if r.Xid == tree.XidAuth {
		zxid = fmt.Sprint(r.Zxid) // an answer without a zxid
	}
	text := fmt.Sprintf("events %q, xid %d, zxid %s, %s", list, r.Xid, zxid, r.Code)
	if r.Code == tree.OK {
		text += " " + f.Result(q.Type, &r.Result)
	}
	return text
}

// times describes a stat's ctime and mtime independently of the clock: equal for a node that was
// never set, else mtime is later.
func times(s *tree.Stat) string {
	switch {
	case s.Ctime == 0 || s.Mtime < s.Ctime:
		return "wrong"
	case s.Version == 0:
		return fmt.Sprint("same: ", s.Ctime == s.Mtime)
	}
	return "set"
}
