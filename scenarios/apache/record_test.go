package apache_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/apache"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/tree"
	"github.com/zablab/zablab/tree/jute"
)

var recordTo = flag.String("record-wire", "",
	"record what a real server answers to every kind of packet in this file")

// exchange is one line of the recording: what a connection sent, and what arrived on it up to the
// answer. Packets are in hex, without their length.
type exchange struct {
	Conn   string   `json:"conn"`
	Sent   string   `json:"sent"`
	Got    []string `json:"got"`
	Closed bool     `json:"closed,omitempty"` // the server then closed the connection
}

// recorder asks a real server.
type recorder struct {
	t       *testing.T
	address string
	conns   map[string]net.Conn
	xids    map[string]int32
	session map[string]*tree.ConnectResponse
	out     *json.Encoder
	pairs   int
}

// TestRecordWire records what gateway's TestWire plays:
//
//	go test ./scenarios/apache -run RecordWire -record-wire ../gateway/testdata/apache-3.8.0.wire
func TestRecordWire(t *testing.T) {
	if *recordTo == "" {
		t.Skip("without -record-wire")
	}
	e := start(t, apache.Config{Stage: engine.Stage{Servers: 1, TTL: true}, NoFsync: true})
	f, err := os.Create(*recordTo)
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{
		t: t, address: e.Address(1), conns: map[string]net.Conn{}, xids: map[string]int32{},
		session: map[string]*tree.ConnectResponse{}, out: json.NewEncoder(f),
	}
	r.all()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d pairs", r.pairs)
}

// dial opens a connection, with a session of its own if m is nil.
func (r *recorder) dial(conn string, m *tree.ConnectRequest, old bool) {
	r.t.Helper()
	c, err := net.Dial("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	r.conns[conn] = c
	if m == nil {
		m = &tree.ConnectRequest{TimeoutMs: 30_000, Passwd: make([]byte, 16)}
	}
	frame := jute.AppendConnect(nil, m)
	if old { // clients before 3.4 do not send the flag for read-only servers
		frame = frame[:len(frame)-1]
		binary.BigEndian.PutUint32(frame, uint32(len(frame)-4))
	}
	got, closed := r.exchange(conn, frame, func([]byte) bool { return true })
	if closed || len(got) != 1 {
		return
	}
	if r.session[conn], err = jute.DecodeConnect(got[0]); err != nil {
		r.t.Fatal(err)
	}
}

// ask sends a request and records the answer.
func (r *recorder) ask(conn string, op tree.Op) {
	r.t.Helper()
	xid := r.xids[conn] + 1
	switch op.Type {
	case tree.OpPing:
		xid = tree.XidPing
	case tree.OpAuth:
		xid = tree.XidAuth
	case tree.OpSetWatches, tree.OpSetWatches2:
		xid = tree.XidSetWatches
	default:
		r.xids[conn] = xid
	}
	r.exchange(conn, jute.AppendRequest(nil, &tree.Request{Xid: xid, Op: op}), func(b []byte) bool {
		h, _, err := jute.DecodeHeader(b)
		return err == nil && h.Xid == xid
	})
}

func (r *recorder) exchange(
	conn string, frame []byte, last func([]byte) bool,
) (got [][]byte, closed bool) {
	r.t.Helper()
	c := r.conns[conn]
	if _, err := c.Write(frame); err != nil {
		r.t.Fatal(err)
	}
	line := exchange{Conn: conn, Sent: hex.EncodeToString(frame[4:]), Got: []string{}}
	for done := false; !done; {
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
		var head [4]byte
		if _, err := io.ReadFull(c, head[:]); err != nil {
			line.Closed = true
			break
		}
		b := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(c, b); err != nil {
			r.t.Fatal(err)
		}
		got, done = append(got, b), last(b)
		line.Got = append(line.Got, hex.EncodeToString(b))
	}
	r.pairs++
	if err := r.out.Encode(line); err != nil {
		r.t.Fatal(err)
	}
	return got, line.Closed
}

// all sends every kind of packet that clients of 3.8 and 3.9 send, with what succeeds and what is
// refused, but for SASL and reconfiguration.
func (r *recorder) all() {
	r.dial("A", nil, false)
	r.dial("B", nil, true)
	r.creates()
	r.reads()
	r.writes()
	r.lists()
	r.multis()
	r.watches()
	r.sessions()
}

// creators gives the client that creates a node all permissions (ZooDefs.Ids.CREATOR_ALL_ACL).
var creators = []tree.ACL{{Perms: tree.PermAll, Scheme: "auth"}}

func made(kind tree.OpCode, path string, mode tree.CreateMode) tree.Op {
	return tree.Op{Type: kind, Path: path, Data: []byte("x"), ACL: tree.OpenACL, Flags: mode}
}

func (r *recorder) creates() {
	r.ask("A", made(tree.OpCreate, "/p", tree.Persistent))
	r.ask("A", made(tree.OpCreate, "/eph", tree.Ephemeral))
	for _, kind := range []tree.OpCode{tree.OpCreate, tree.OpCreate2} {
		for mode := tree.Persistent; mode <= tree.EphemeralSequential; mode++ {
			path := fmt.Sprintf("/p/%d-%d-", kind, mode)
			for _, p := range []string{
				path, path, "/none/x", "/eph/x", "/p//x", "/p/x/", "p", "", "/p/./x", "/p/\x01", "/p/é",
				"/zookeeper", "/zookeeper/x",
			} {
				r.ask("A", made(kind, p, mode))
			}
			for _, data := range [][]byte{nil, {}, bytes.Repeat([]byte("x"), 3000)} {
				op := made(kind, fmt.Sprintf("%sd%d", path, len(data)+cap(data)), mode)
				op.Data = data
				r.ask("A", op)
			}
		}
	}
	for _, x := range []struct {
		kind tree.OpCode
		mode tree.CreateMode
		ttl  int64
	}{
		{tree.OpCreateContainer, tree.Container, 0}, {tree.OpCreateContainer, tree.Persistent, 0},
		{tree.OpCreateContainer, tree.Container, 0}, {tree.OpCreate2, tree.Container, 0},
		{tree.OpCreateTTL, tree.PersistentTTL, 1_000_000}, {tree.OpCreateTTL, tree.SequentialTTL, 7},
		{tree.OpCreateTTL, tree.PersistentTTL, 0}, {tree.OpCreateTTL, tree.PersistentTTL, -5},
		{tree.OpCreateTTL, tree.PersistentTTL, tree.MaxTTL}, {tree.OpCreate, tree.PersistentTTL, 0},
		{tree.OpCreateTTL, tree.PersistentTTL, tree.MaxTTL + 1}, {tree.OpCreateTTL, tree.Persistent, 9},
		{tree.OpCreate, 9, 0}, {tree.OpCreate, -1, 0},
	} {
		op := made(x.kind, fmt.Sprintf("/p/t%d-%d-%d", x.kind, x.mode, x.ttl), x.mode)
		op.TTL = x.ttl
		r.ask("A", op)
	}
	for _, acl := range [][]tree.ACL{
		nil, {}, tree.ReadACL, creators, {{Perms: 3, Scheme: "nobody", ID: "x"}},
		{{Perms: 31, Scheme: "ip", ID: "127.0.0.0/8"}}, {{Perms: 31, Scheme: "digest", ID: "bad"}},
		{{Perms: 31, Scheme: "digest", ID: tree.DigestID("ann:secret")}},
	} {
		op := made(tree.OpCreate, fmt.Sprintf("/p/acl%d", r.pairs), tree.Persistent)
		op.ACL = acl
		r.ask("A", op)
	}
}

func (r *recorder) reads() {
	for _, kind := range []tree.OpCode{
		tree.OpExists, tree.OpGetData, tree.OpGetChildren, tree.OpGetChildren2, tree.OpGetACL,
		tree.OpGetAllChildrenNumber, tree.OpGetEphemerals, tree.OpSync,
	} {
		for _, path := range []string{"/", "/p", "/eph", "/none", "/zookeeper", "/zookeeper/quota"} {
			r.ask("A", tree.Op{Type: kind, Path: path})
		}
	}
	r.ask("A", tree.Op{Type: tree.OpPing})
	r.ask("A", tree.Op{Type: tree.OpWhoAmI})
}

func (r *recorder) writes() {
	for _, version := range []int32{0, 0, 1, -1, 7, -2} {
		r.ask("A", tree.Op{Type: tree.OpSetData, Path: "/p", Data: []byte("y"), Version: version})
		r.ask("A", tree.Op{Type: tree.OpCheck, Path: "/p", Version: version})
	}
	for _, path := range []string{"/none", "/", "", "/p//", "/zookeeper"} {
		r.ask("A", tree.Op{Type: tree.OpSetData, Path: path, Version: -1})
		r.ask("A", tree.Op{Type: tree.OpCheck, Path: path, Version: -1})
		r.ask("A", tree.Op{Type: tree.OpDelete, Path: path, Version: -1})
	}
	r.ask("A", tree.Op{Type: tree.OpDelete, Path: "/p", Version: -1})
	r.ask("A", tree.Op{Type: tree.OpDelete, Path: "/p/1-0-", Version: 4})
	r.ask("A", tree.Op{Type: tree.OpDelete, Path: "/p/1-0-", Version: 0})
	r.ask("A", tree.Op{Type: tree.OpDelete, Path: "/p/1-0-", Version: 0})
	r.ask("A", tree.Op{Type: tree.OpGetChildren2, Path: "/p"})
}

func (r *recorder) lists() {
	private := []tree.ACL{{Perms: tree.PermAll, Scheme: "digest", ID: tree.DigestID("bob:b")}}
	op := made(tree.OpCreate, "/own", tree.Persistent)
	op.ACL = private
	r.ask("A", op)
	refused := func() {
		for _, kind := range []tree.OpCode{
			tree.OpExists, tree.OpGetData, tree.OpGetChildren, tree.OpGetACL,
		} {
			r.ask("A", tree.Op{Type: kind, Path: "/own"})
		}
		r.ask("A", tree.Op{Type: tree.OpSetData, Path: "/own", Version: -1})
		r.ask("A", made(tree.OpCreate, "/own/c", tree.Persistent))
		r.ask("A", tree.Op{Type: tree.OpDelete, Path: "/own/c", Version: -1})
		r.ask("A", tree.Op{Type: tree.OpSetACL, Path: "/own", ACL: private, Version: -1})
		r.ask("A", tree.Op{Type: tree.OpCheck, Path: "/own", Version: -1})
	}
	refused()
	r.ask("A", tree.Op{Type: tree.OpAuth, Scheme: "digest", Data: []byte("bob:b")})
	r.ask("A", tree.Op{Type: tree.OpWhoAmI})
	refused()
	op = made(tree.OpCreate, "/creators", tree.Persistent)
	op.ACL = creators
	r.ask("A", op)
	r.ask("A", tree.Op{Type: tree.OpGetACL, Path: "/creators"})
	r.ask("B", tree.Op{Type: tree.OpGetData, Path: "/creators"})
	r.ask("B", tree.Op{Type: tree.OpGetACL, Path: "/creators"})
	for _, version := range []int32{0, 0, 5, -1} {
		r.ask("A", tree.Op{Type: tree.OpSetACL, Path: "/p", ACL: tree.OpenACL, Version: version})
	}
	r.ask("A", tree.Op{Type: tree.OpSetACL, Path: "/none", ACL: tree.OpenACL, Version: -1})
	r.ask("A", tree.Op{Type: tree.OpSetACL, Path: "/p", ACL: []tree.ACL{}, Version: -1})
	r.ask("A", tree.Op{Type: tree.OpGetACL, Path: "/p"})
}

func (r *recorder) multis() {
	part := func(kind tree.OpCode, path string, version int32) tree.Op {
		return tree.Op{Type: kind, Path: path, Data: []byte("m"), Version: version}
	}
	for _, ops := range [][]tree.Op{
		{},
		{made(tree.OpCreate, "/m", tree.Persistent)},
		{made(tree.OpCreate2, "/m2", tree.Ephemeral), part(tree.OpSetData, "/m2", 0)},
		{part(tree.OpCheck, "/m", 0), part(tree.OpSetData, "/m", 0), part(tree.OpDelete, "/m2", 1)},
		{part(tree.OpCheck, "/m", 0), part(tree.OpDelete, "/m", -1)},
		{part(tree.OpDelete, "/none", -1), made(tree.OpCreate, "/m3", 0)},
		{made(tree.OpCreate, "/m3", 0), made(tree.OpCreate, "/m3/a", 2), made(tree.OpCreate, "/m3/a", 3)},
		{made(tree.OpCreate, "/m4", 0), made(tree.OpCreate, "/m4", 0), part(tree.OpDelete, "/m", -1)},
		{made(tree.OpCreateContainer, "/m5", tree.Container)},
		{part(tree.OpSetData, "/m", 9)},
		{made(tree.OpCreate, "m", 0)},
	} {
		r.ask("A", tree.Op{Type: tree.OpMulti, Ops: ops})
	}
	read := func(kind tree.OpCode, path string) tree.Op { return tree.Op{Type: kind, Path: path} }
	for _, ops := range [][]tree.Op{
		{},
		{read(tree.OpGetData, "/m"), read(tree.OpGetChildren, "/m3")},
		{read(tree.OpGetData, "/none"), read(tree.OpGetData, "/m"), read(tree.OpGetChildren, "/none")},
	} {
		r.ask("A", tree.Op{Type: tree.OpMultiRead, Ops: ops})
	}
}

// watches sets watches of B that fire when A writes. A ping of B takes the events along.
func (r *recorder) watches() {
	r.ask("A", made(tree.OpCreate, "/w", tree.Persistent))
	ping := tree.Op{Type: tree.OpPing}
	set := func(kind tree.OpCode, path string) {
		r.ask("B", tree.Op{Type: kind, Path: path, Watch: true})
	}
	for _, kind := range []tree.OpCode{
		tree.OpExists, tree.OpGetData, tree.OpGetChildren, tree.OpGetChildren2,
	} {
		set(kind, "/w")
		r.ask("A", tree.Op{Type: tree.OpSetData, Path: "/w", Version: -1})
		r.ask("B", ping)
		r.ask("A", made(tree.OpCreate, "/w/c", tree.Persistent))
		r.ask("B", ping)
		r.ask("A", tree.Op{Type: tree.OpDelete, Path: "/w/c", Version: -1})
		r.ask("B", ping)
	}
	set(tree.OpExists, "/w/later")
	r.ask("A", made(tree.OpCreate, "/w/later", tree.Persistent))
	r.ask("B", ping)
	for _, mode := range []tree.AddWatchMode{tree.WatchPersistent, tree.WatchPersistentRecursive, 7} {
		r.ask("B", tree.Op{Type: tree.OpAddWatch, Path: "/w", WatchMode: mode})
		r.ask("A", made(tree.OpCreate, "/w/d", tree.Persistent))
		r.ask("A", tree.Op{Type: tree.OpSetData, Path: "/w/d", Version: -1})
		r.ask("A", tree.Op{Type: tree.OpDelete, Path: "/w/d", Version: -1})
		r.ask("B", ping)
		for _, kind := range []tree.WatcherType{
			tree.WatcherAny, tree.WatcherData, tree.WatcherChildren,
		} {
			r.ask("B", tree.Op{Type: tree.OpCheckWatches, Path: "/w", WatcherType: kind})
		}
		r.ask("B", tree.Op{Type: tree.OpRemoveWatches, Path: "/w", WatcherType: tree.WatcherAny})
		r.ask("B", tree.Op{Type: tree.OpRemoveWatches, Path: "/w", WatcherType: tree.WatcherAny})
	}
	for _, kind := range []tree.OpCode{tree.OpSetWatches, tree.OpSetWatches2} {
		w := &tree.SetWatches{
			RelativeZxid: 1, Data: []string{"/w", "/gone"}, Exist: []string{"/w", "/not-yet"},
			Child: []string{"/w/later", "/gone"},
		}
		if kind == tree.OpSetWatches2 {
			w.Persistent, w.Recursive = []string{"/m"}, []string{"/m3"}
		}
		r.ask("B", tree.Op{Type: kind, SetWatches: w})
		r.ask("B", ping)
	}
}

// sessions ends connections and sessions, and resumes them.
func (r *recorder) sessions() {
	r.dial("C", nil, false)
	r.ask("C", made(tree.OpCreate, "/c", tree.Ephemeral))
	s := r.session["C"]
	r.dial("C2", &tree.ConnectRequest{TimeoutMs: 30_000, SessionID: s.SessionID, Passwd: s.Passwd}, false)
	r.ask("C2", tree.Op{Type: tree.OpGetEphemerals, Path: "/"})
	wrong := []byte(strings.Repeat("w", 16))
	r.dial("D", &tree.ConnectRequest{TimeoutMs: 30_000, SessionID: s.SessionID, Passwd: wrong}, false)
	r.dial("E", &tree.ConnectRequest{TimeoutMs: 1, Passwd: make([]byte, 16)}, false)
	r.dial("F", &tree.ConnectRequest{TimeoutMs: 900_000, Passwd: make([]byte, 16)}, false)
	r.ask("F", tree.Op{Type: tree.OpAuth, Scheme: "nobody", Data: []byte("x")})
	r.ask("C2", tree.Op{Type: tree.OpCloseSession})
	r.ask("A", tree.Op{Type: tree.OpExists, Path: "/c"})
	r.dial("G", &tree.ConnectRequest{TimeoutMs: 30_000, SessionID: s.SessionID, Passwd: s.Passwd}, false)
}
