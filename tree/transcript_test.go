package tree

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
)

// The transcripts in testdata read as a server's day: a command, then the events of the watchers.
// `go test ./tree/ -run Transcripts -rewrite` rewrites them.
//
//	create PATH [owner=N] · delete PATH · set PATH · setacl PATH · close N [PATH …]
//	multi (one of those on each line)
//	data W PATH … · children W PATH … · add W PATH mode=persistent|recursive
//	remove W PATH type=… · contains W PATH type=… · gone W
//	setwatches W rel=Z [data=(…)] [exist=(…)] [child=(…)] [persistent=(…)] [recursive=(…)]
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata/watches", func(t *testing.T, file string) {
		s := &script{tree: New(), watches: NewWatches()}
		s.tree.Watch(s.watches)
		datadriven.RunTest(t, file, s.run)
	})
}

type script struct {
	tree    *Tree
	watches *Watches
	zxid    int64
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	var words []string
	for _, a := range d.CmdArgs {
		if len(a.Vals) == 0 {
			words = append(words, a.Key)
		}
	}
	option := func(name string) string {
		v := ""
		d.MaybeScanArgs(t, name, &v)
		return v
	}
	said := ""
	switch d.Cmd {
	case "create", "delete", "set", "setacl", "close":
		said = s.apply(s.txn(t, d.Cmd, words, option("owner")))
	case "multi":
		b := &MultiTxn{}
		for line := range strings.SplitSeq(strings.TrimSpace(d.Input), "\n") {
			w := strings.Fields(line)
			op, body := s.txn(t, w[0], w[1:], "")
			b.Txns = append(b.Txns, SubTxn{op.Type, body})
		}
		said = s.apply(TxnHeader{Type: OpMulti}, b)
	default:
		said = s.watch(t, d, words, option)
	}
	var out strings.Builder
	out.WriteString(said)
	for _, f := range s.watches.Take(nil) {
		fmt.Fprintf(&out, "W%d: %v\n", f.Watcher, f.WatchEvent)
	}
	if out.Len() == 0 {
		return "no events\n"
	}
	return out.String()
}

func (s *script) apply(h TxnHeader, body Body) string {
	s.zxid++
	h.Zxid, h.TimeMs = 1<<32|s.zxid, s.zxid
	if r := s.tree.Apply(&Txn{h, body}); r.Code != OK {
		return r.Code.String() + "\n"
	}
	return ""
}

func (s *script) txn(t *testing.T, cmd string, words []string, owner string) (TxnHeader, Body) {
	t.Helper()
	switch cmd {
	case "create":
		h := TxnHeader{Type: OpCreate}
		if owner != "" {
			h.Session = s.number(t, owner)
		}
		up, _, _ := SplitPath(words[0])
		return h, &CreateTxn{words[0], nil, OpenACL, owner != "", s.tree.Node(up).CVersion() + 1, 0}
	case "delete":
		return TxnHeader{Type: OpDelete}, &DeleteTxn{words[0]}
	case "set":
		return TxnHeader{Type: OpSetData}, &SetDataTxn{words[0], nil, 1}
	case "setacl":
		return TxnHeader{Type: OpSetACL}, &SetACLTxn{words[0], ReadACL, 1}
	case "close":
		return TxnHeader{Type: OpCloseSession,
			Session: s.number(t, words[0])}, &CloseSessionTxn{words[1:]}
	}
	t.Fatalf("unknown command %s", cmd)
	return TxnHeader{}, nil
}

func (s *script) number(t *testing.T, word string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(word, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var watcherTypes = map[string]WatcherType{"children": WatcherChildren, "data": WatcherData,
	"any": WatcherAny, "persistent": WatcherPersistent, "recursive": WatcherPersistentRecursive}

func (s *script) watch(t *testing.T, d *datadriven.TestData, words []string,
	option func(string) string) string {
	id := WatcherID(s.number(t, words[0]))
	paths := words[1:]
	switch d.Cmd {
	case "data", "children":
		for _, path := range paths {
			if d.Cmd == "data" {
				s.watches.WatchData(id, path)
			} else {
				s.watches.WatchChildren(id, path)
			}
		}
	case "add":
		mode := WatchPersistent
		if option("mode") == "recursive" {
			mode = WatchPersistentRecursive
		}
		s.watches.AddWatch(id, paths[0], mode)
	case "remove":
		return fmt.Sprintf("%v, %s\n", s.watches.Remove(id, paths[0], watcherTypes[option("type")]),
			s.left())
	case "contains":
		return fmt.Sprintln(s.watches.Contains(id, paths[0], watcherTypes[option("type")]))
	case "gone":
		s.watches.RemoveWatcher(id)
	case "setwatches":
		list := func(name string) (paths []string) {
			for _, a := range d.CmdArgs {
				if a.Key == name {
					paths = a.Vals
				}
			}
			return paths
		}
		s.watches.SetWatches(s.tree, id,
			&SetWatches{1<<32 | s.number(t, option("rel")), list("data"),
				list("exist"), list("child"), list("persistent"), list("recursive")})
	default:
		t.Fatalf("unknown command %s", d.Cmd)
	}
	return s.left() + "\n"
}

func (s *script) left() string { return fmt.Sprintf("watches: %d", s.watches.Len()) }
