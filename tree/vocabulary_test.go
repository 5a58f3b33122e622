package tree

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Paths that Apache ZooKeeper 3.8.0 accepts or refuses (corpus, bad-paths-create), by its rule.
func TestValidatePath(t *testing.T) {
	good := []string{"/", "/a", "/a/b", "/a.b", "/.a", "/a.", "/...", "/a/...", "/a..b", "/..a",
		"/a b",
		"/é", "/日本", "/a/.b/c", "/ ", "/\u00a0", "/\uf900", "/\uffef"}
	bad := []string{"", "a", "//", "/a/", "/a//b", "//a", "/.", "/..", "/a/.", "/a/..", "/a/./b",
		"/a/../b", "/./a", "/../a", "/\x00", "/a\x00b", "/\x01", "/a\x1f", "/\x7f", "/\u0080",
		"/\u009f",
		"/\ue000", "/\uf8ff", "/\ufff0", "/\uffff", "/😀", "/\xff", "/a\xc3"}
	for _, path := range good {
		if err := ValidatePath(path); err != nil {
			t.Errorf("%q is refused: %v", path, err)
		}
	}
	for _, path := range bad {
		if err := ValidatePath(path); err == nil {
			t.Errorf("%q is accepted", path)
		}
	}
	if err := ValidateCreatePath("/q/", true); err != nil {
		t.Errorf("sequential /q/: %v", err)
	}
	if ValidateCreatePath("/q/", false) == nil {
		t.Error("plain /q/ is accepted")
	}
	if got, want := ValidatePath("/é/\u0001").Error(),
		`path "/é/\x01": invalid character at position 3: remove the character`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestSplitPath(t *testing.T) {
	for _, c := range []struct {
		path, parent, name string
		ok                 bool
	}{{"/a", "/", "a", true}, {"/a/b", "/a", "b", true}, {"/", "", "", false}, {"", "", "", false},
		{"a/b", "", "", false}, {"/a/", "", "", false}} {
		parent, name, ok := SplitPath(c.path)
		if parent != c.parent || name != c.name || ok != c.ok {
			t.Errorf("%q: %q %q %v", c.path, parent, name, ok)
		}
	}
}

// Corpus, acl-basic, acl-invalid and acl-digest.
func TestACL(t *testing.T) {
	bob := DigestID("bob:secret")
	if bob != "bob:fyVmFCwVbTJYrznoSu1koqYEYF0=" {
		t.Errorf("digest of bob:secret is %s", bob)
	}
	local := []Identity{{"ip", "127.0.0.1"}}
	asBob := append([]Identity{{"digest", bob}}, local...)
	digest := []ACL{{PermAll, "digest", bob}}
	for _, c := range []struct {
		name string
		acl  []ACL
		perm int32
		who  []Identity
		want bool
	}{
		{"open", OpenACL, PermWrite, local, true},
		{"read only, read", ReadACL, PermRead, nil, true},
		{"read only, write", ReadACL, PermWrite, asBob, false},
		{"no list", nil, PermAdmin, nil, true},
		{"bob as bob", digest, PermRead, asBob, true},
		{"bob as somebody", digest, PermRead, local, false},
		{"bob as super", digest, PermRead, []Identity{{"super", ""}}, true},
		{"address", []ACL{{PermAll, "ip", "127.0.0.1"}}, PermRead, local, true},
		{"net", []ACL{{PermAll, "ip", "127.0.0.0/8"}}, PermRead, local, true},
		{"other net", []ACL{{PermAll, "ip", "10.0.0.0/8"}}, PermRead, local, false},
		{"odd net", []ACL{{PermAll, "ip", "127.0.0.0/31"}}, PermRead, local, true},
		{"all", []ACL{{PermAll, "ip", "0.0.0.0/0"}}, PermRead, local, true},
		{"v6", []ACL{{PermAll, "ip", "fe80::/10"}}, PermRead,
			[]Identity{{"ip", "febf:0:0:0:0:0:0:1"}}, true},
		{"v6 against v4", []ACL{{PermAll, "ip", "::/0"}}, PermRead, local, false},
	} {
		if got := CheckACL(c.acl, c.perm, c.who); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}

	for _, bad := range [][]ACL{nil, {}, {{31, "nosuch", "x"}}, {{31, "world", "someone"}},
		{{31, "auth", ""}}, {{31, "digest", "nocolon"}}, {{31, "ip", "999.1.1.1"}},
		{{31, "ip", "1.2.3.4/33"}},
		{{31, "ip", "1::2::3"}}, {{31, "ip", "1:2:3:4:5:6:7"}}, {{31, "ip", ":::"}},
		{{31, "ip", "12345::"}}} {
		if _, code := FixupACL(bad, local); code != InvalidACL {
			t.Errorf("%v: %v", bad, code)
		}
	}
	perms99 := []ACL{{99, "world", "anyone"}}
	for _, c := range []struct{ acl, want []ACL }{
		{OpenACL, OpenACL},
		{perms99, perms99},
		{[]ACL{{31, "auth", ""}}, digest},
		{append(digest, digest...), digest},
		{[]ACL{{1, "ip", "::1"}, {2, "ip", "10.0.0.0/8"}},
			[]ACL{{1, "ip", "::1"}, {2, "ip", "10.0.0.0/8"}}},
	} {
		got, code := FixupACL(c.acl, asBob)
		if d := cmp.Diff(c.want, got); code != OK || d != "" {
			t.Errorf("%v: %v %s", c.acl, code, d)
		}
	}
	if got := RedactACL(digest)[0].ID; got != "bob:x" || digest[0].ID != bob {
		t.Errorf("redacted to %s", got)
	}
}

func TestWords(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{OK.String(), "Ok"}, {NoNode.String(), "NoNode"}, {NotEmpty.String(), "NotEmpty"},
		{NoNode.Error(), "no node"}, {Code(-999).String(), "Code-999"},
		{OpCreateSession.String(), "createSession"}, {OpGetChildren2.String(), "getChildren2"},
		{OpCode(77).String(), "opcode 77"}, {FormatZxid(1<<32 | 10), "1/10"},
		{FormatZxid(-1), "-1/4294967295"},
		{EphemeralSequential.String(), "ephemeral, sequential"},
		{NodeDeleted.String(), "NodeDeleted"},
		{(&Request{Xid: XidPing, Op: Op{Type: OpPing}}).Name(), "PING"},
		{(&Reply{Xid: XidPing}).Name(), "PING"},
		{(&Request{}).Name(), "REQUEST"}, {(&Reply{}).Name(), "REPLY"},
		{(&WatchNotification{}).Name(), "EVENT"},
		{(&ConnectRequest{}).Name(), "CONNECT"}, {(&ConnectResponse{}).Name(), "CONNECTED"},
		{sampleTxns()[2].String(), "create2 /a/e (ephemeral) at 1/3"},
	} {
		if c.got != c.want {
			t.Errorf("%s, want %s", c.got, c.want)
		}
	}
	if OK.Err() != nil || NoNode.Err() == nil || ConnectionLoss.Definite() || !NoNode.Definite() {
		t.Error("codes as errors")
	}
}

// Sizes counted by hand from zookeeper.jute; the four bytes of length come first.
func TestSizes(t *testing.T) {
	stat := 68
	for _, c := range []struct {
		name      string
		got, want int
	}{
		{"connect", (&ConnectRequest{Passwd: make([]byte, 16)}).Size(), 4 + 4 + 8 + 4 + 8 + 20 + 1},
		{"connected", (&ConnectResponse{Passwd: make([]byte, 16)}).Size(), 4 + 4 + 4 + 8 + 20 + 1},
		{"ping", (&Request{Op: Op{Type: OpPing}}).Size(), 4 + 8},
		{"create",
			(&Request{Op: Op{Type: OpCreate, Path: "/a", Data: []byte("xyz"),
				ACL: OpenACL}}).Size(),
			4 + 8 + 6 + 7 + (4 + 4 + 9 + 10) + 4},
		{"getData", (&Request{Op: Op{Type: OpGetData, Path: "/a"}}).Size(), 4 + 8 + 6 + 1},
		{"multi", (&Request{Op: Op{Type: OpMulti, Ops: []Op{{Type: OpDelete, Path: "/a"}}}}).Size(),
			4 + 8 + (9 + 6 + 4) + 9},
		{"setWatches",
			(&Request{Op: Op{Type: OpSetWatches,
				SetWatches: &SetWatches{Data: []string{"/a"}}}}).Size(),
			4 + 8 + 8 + (4 + 6) + 4 + 4},
		{"reply", (&Reply{Result: OpResult{Type: OpGetData, Data: []byte("xyz")}}).Size(), 4 + 16 +
			7 + stat},
		{"error", (&Reply{Code: NoNode, Result: OpResult{Type: OpGetData}}).Size(), 4 + 16},
		{"failed multi", (&Reply{Result: OpResult{Type: OpMulti,
			Results: []OpResult{{Type: OpError, Code: NoNode}}}}).Size(), 4 + 16 + (9 + 4) + 9},
		{"event", (&WatchNotification{WatchEvent{NodeDeleted, "/a", 1}}).Size(), 4 + 16 + 8 + 6},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, c.got, c.want)
		}
	}
}

// Every field that a receiver could act on changes the key.
func TestKeysTellMessagesApart(t *testing.T) {
	base := Op{Type: OpCreate, Path: "/a"}
	with := func(f func(*Op)) uint64 {
		op := base
		f(&op)
		return (&Request{1, op}).Key()
	}
	keys := map[uint64]string{}
	add := func(name string, key uint64) {
		if other, twice := keys[key]; twice {
			t.Errorf("%s has the key of %s", name, other)
		}
		keys[key] = name
	}
	add("base", with(func(*Op) {}))
	add("type", with(func(o *Op) { o.Type = OpDelete }))
	add("path", with(func(o *Op) { o.Path = "/b" }))
	add("empty data", with(func(o *Op) { o.Data = []byte{} }))
	add("data", with(func(o *Op) { o.Data = []byte("x") }))
	add("version", with(func(o *Op) { o.Version = 1 }))
	add("acl", with(func(o *Op) { o.ACL = OpenACL }))
	add("flags", with(func(o *Op) { o.Flags = Ephemeral }))
	add("watch", with(func(o *Op) { o.Watch = true }))
	add("watch mode", with(func(o *Op) { o.WatchMode = WatchPersistentRecursive }))
	add("watcher type", with(func(o *Op) { o.WatcherType = WatcherAny }))
	add("scheme", with(func(o *Op) { o.Scheme = "digest" }))
	add("timeout", with(func(o *Op) { o.TimeoutMs = 1 }))
	add("ops", with(func(o *Op) { o.Ops = []Op{{}} }))
	add("watches", with(func(o *Op) { o.SetWatches = &SetWatches{} }))
	add("xid", (&Request{2, base}).Key())
	add("reply", (&Reply{}).Key())
	add("reply xid", (&Reply{Xid: 1}).Key())
	add("reply zxid", (&Reply{Zxid: 1}).Key())
	add("reply code", (&Reply{Code: NoNode}).Key())
	add("reply stat", (&Reply{Result: OpResult{Stat: Stat{Version: 1}}}).Key())
	add("reply children", (&Reply{Result: OpResult{Children: []string{"a"}}}).Key())
	add("event", (&WatchNotification{}).Key())
	add("event zxid", (&WatchNotification{WatchEvent{Zxid: 1}}).Key())
	add("connect", (&ConnectRequest{}).Key())
	add("connected", (&ConnectResponse{}).Key())
}

// The verdicts on paths in the recording of Apache ZooKeeper (server/testdata/README.md).
func TestValidatePathAgainstTheCorpus(t *testing.T) {
	raw, err := os.ReadFile("../scenarios/conformance/testdata/zookeeper-3.8.0.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for line := range strings.Lines(string(raw)) {
		var step struct {
			Seq, Op, ErrName string
			Args             struct {
				Path  *string
				Flags int
			}
		}
		if err := json.Unmarshal([]byte(line), &step); err != nil ||
			step.Seq != "bad-paths-create" ||
			step.Op != "create" || step.Args.Path == nil {
			continue
		}
		verdict := ValidateCreatePath(*step.Args.Path, CreateMode(step.Args.Flags).IsSequential())
		if refused := step.ErrName == "BadArguments"; refused != (verdict != nil) &&
			step.ErrName != "NoNode" &&
			step.ErrName != "NodeExists" {
			t.Errorf("%q: ZooKeeper says %s, we say %v", *step.Args.Path, step.ErrName, verdict)
		}
		checked++
	}
	if checked == 0 {
		t.Error("no path in the corpus")
	}
	t.Logf("%d paths", checked)
}
