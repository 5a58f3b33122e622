package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
)

// drawings has what is right for each file of ../shared/drawings, as its first line says: the exit
// code, and what the output of replay has in any case. Runs of spaces count as one space. The
// drawings themselves are not part of this repository: scenarios/testdata/play/drawings has a
// drawing of each kind, with all that is told of it.
var drawings = map[string]struct {
	exit int
	want []string
}{
	"alias-1": {command.OK, []string{"F → ZK create /a (ephemeral) ✓ as drawn",
		"node exists ✓ as drawn: node exists"}},
	"altfault-1": {command.OK, []string{"A A fails done",
		"session timeout, delete znode ◷ later: session timeout", "the label of the branch names it"}},
	"arrowfault-1": {command.OK, []string{"A → X crashes done",
		"deletes /a ◷ later: session timeout"}},
	"callrow-1": {command.OK, []string{"set /a to 1 ✓ as drawn",
		"connection loss ✓ as drawn: connection lost"}},
	"crash-1": {command.OK, []string{"A Broker 1 crashes done",
		"deletes /a ◷ later: session timeout", "its timeout is 4s"}},
	"crash-2": {command.OK, []string{"A kill -9 done", "deletes /a ◷ later: session timeout"}},
	"crossing-1": {command.OK, []string{"S1 → S2 vote for S1 ✓ as drawn",
		"S2 → S1 vote for S2 ✓ as drawn"}},
	"empty-1": {command.Usage, []string{"empty-1.md:3:1: nothing to play"}},
	"event-1": {command.Surprise, []string{
		"WatchEvent: /a deleted ✗ never: /a still exists"}},
	"flag-1": {command.OK, []string{"create /a/b ✓ as drawn",
		"no children for ephemerals ✓ as drawn", "✓ as drawn: ok: /n-0000000001"}},
	"huge-1": {command.Surprise, []string{"played only once: 1000000000 times exceed the limit of 1000",
		"? unread: the wait is too long: the limit is 24h", "get /a ✓ as drawn"}},
	"lease-1": {command.Usage, []string{
		"lease-1.md:3:1: nothing to play: etcd is not ZooKeeper"}},
	"library-1": {command.OK, []string{"L calls for A", "L calls for B",
		"✓ as drawn: ok: /election/m-0000000000",
		"✓ as drawn: ok: /election/m-0000000001", "ZK → B notification: /election/m-0001 is gone ◷ later",
		"L gets the notification on behalf of B"}},
	"lost-1": {command.OK, []string{"exists /a ✓ as drawn", "no ✓ as drawn: no node",
		"the message is lost in transit"}},
	"lost-2": {command.OK, []string{"heartbeat lost done", "deletes /a ◷ later: session timeout",
		"A is cut off from all servers"}},
	"newline-1": {command.OK, []string{"/r0000000000 ✓ as drawn: ok: /r0000000000"}},
	"newsession-1": {command.OK, []string{"reconnect with a new session ✓ as drawn",
		"create /a (ephemeral) ✓ as drawn",
		"A opens a new session"}},
	"not-1": {command.OK, []string{"does not create /a ✓ as drawn", "never deletes /b ✓ as drawn",
		"stops sending heartbeats done", "A is cut off from all servers"}},
	"not-2": {command.OK, []string{"A crashes done", "ZK 30s pass done", "yes ✓ as drawn"}},
	"oldest-1": {command.Surprise, []string{"getChildren /a ✓ as drawn",
		"[n7, n8] ✗ different: ok: [n1]"}},
	"parent-1": {command.OK, []string{"lock acquired ✓ as drawn",
		"node exists ✓ as drawn: node exists",
		"/locks exists before the drawing begins"}},
	"path-1": {command.OK, []string{"a new path: /node-", "(line 7)",
		"the path whose children were listed last: /e"}},
	"pause-1": {command.OK, []string{"deletes /a ◷ later: session timeout",
		"the pause lasts 12.0s, longer than the session timeout of 4s"}},
	"plantuml-1": {command.OK, []string{"2 of 2 lines read",
		"A → ZK create /a (ephemeral) ✓ as drawn",
		"ZK → A OK ✓ as drawn"}},
	"relative-1": {command.OK, []string{"the path is read as /master, without the dot before it", "ok ✓ as drawn"}},
	"role-1": {command.OK, []string{"L is the current leader", "F1 is follower 1", "F2 is follower 2",
		"C → L create /a ✓ as drawn", "L → F2 PROPOSAL ✓ as drawn", "L → C ok ✓ as drawn"}},
	"self-1": {command.OK, []string{"ZK → ZK session expires, delete /a ◷ later: session timeout",
		"ZK → B ok ✓ as drawn"}},
	"seq-1": {command.OK, []string{"/e/n-0001 ✓ as drawn: ok: /e/n-0000000000",
		"/e/n-0001 is /e/n-0000000000 here", "NodeDeleted ✓ as drawn"}},
	"servernote-1": {command.Surprise, []string{
		"S3 deletes /a ✗ never: /a still exists, because no client deleted it"}},
	"sname-1": {command.OK, []string{"S1 is a client, named Service1 in the run", "S2 is a client",
		"S1 → ZK create /a (ephemeral) ✓ as drawn"}},
	"spell-1": {command.OK, []string{`get_children("/a") ✓ as drawn`,
		`setData(/a, "2", version=0) ✓ as drawn`}},
	"twoservers-1": {command.OK, []string{"A → S3 exists /a ◷ later: new connection",
		"A moves from S1 to S3, with its session", "yes ✓ as drawn"}},
	"typo-1": {command.Surprise, []string{
		`crahses ? unread: unknown word "crahses": did you mean "crashes"?`,
		"deletes /a ✗ never: /a still exists"}},
	"unwatched-1": {command.OK, []string{"B sets a watch on /a (line 6)",
		"Watch fired: /a deleted ✓ as drawn"}},
	"unwatched-2": {command.Surprise, []string{
		`✗ never: B had set no watch on /a: add "B->>ZK: watch /a"`}},
	"value-1": {command.Surprise, []string{"42 ✗ different: ok, without a value",
		`7 ✓ as drawn: ok: "7"`}},
	"vote-1": {command.Surprise, []string{
		"Vote(leader=1, zxid=100) ✗ different: vote for S1 with zxid 0/0",
		"Vote(leader=2, zxid=0) ✗ never: S1 sent S2 only:", "vote for S3 with zxid 0/0"}},
	"wipe-1": {command.OK, []string{"elects a new leader ✓ as drawn",
		"every disk was wiped: the servers start an empty ensemble", "! 1 with an unwanted " +
			"result that ZooKeeper allows"}},
	"words-1": {command.OK, []string{"KeeperException.NodeExists ✓ as drawn: node exists",
		"you are follower ✓ as drawn: node exists"}},
	"zxid-1": {command.Surprise, []string{"C → S3 create /a ✓ as drawn",
		"✗ never: S3 sent S1 only: PROPOSAL 1/2 create /a", "S3 → C ok ✓ as drawn"}},
}

// readings has what lint must say of lines whose meaning the run alone does not show.
var readings = map[string][]string{
	"altfault-1": {"A fails fault: crash A"},
	"empty-1":    {"A → L: acquire remark"},
	"flag-1":     {"create -s -e /n- create /n-, ephemeral, sequential, as A"},
	"lost-1":     {"lost in transit: create /a, as A"},
	"newline-1":  {"create /r, ephemeral, sequential, as A"},
	"not-1": {"between this line and the next, this must not happen: create /a, as A",
		"between this line and the next, this must not happen: delete /b, as A"},
	"not-2":        {"sequential=false) create /a, as A"},
	"spell-1":      {`get_children("/a") children /a, as A`, `set /a to "2", version 0, as A`},
	"servernote-1": {"deletes /a expected of the ensemble: deletes /a"},
}

// TestDrawings plays each of the files in ../shared/drawings, and reads some.
func TestDrawings(t *testing.T) {
	const folder = "../../../shared/drawings"
	files, err := filepath.Glob(folder + "/*-*.md")
	if err != nil || len(files) == 0 {
		t.Skip("no folder ../shared/drawings beside this repository")
	}
	for _, name := range files {
		base := strings.TrimSuffix(filepath.Base(name), ".md")
		d, ok := drawings[base]
		if !ok {
			t.Errorf("%s: what is right is not known", base)
			continue
		}
		code, out, errOut := zablab("replay", "--width", "200", name)
		said(t, base, out+errOut, d.want)
		if code != d.exit {
			t.Errorf("%s: exit %d, want %d", base, code, d.exit)
		}
		if want := readings[base]; len(want) > 0 {
			_, out, _ := zablab("lint", "--width", "200", name)
			said(t, base, out, want)
		}
	}
}

// said checks that an output has all of some texts.
func said(t *testing.T, name, out string, want []string) {
	t.Helper()
	flat := strings.Join(strings.Fields(out), " ")
	for _, w := range want {
		if !strings.Contains(flat, w) {
			t.Errorf("%s: no %q:\n%s", name, w, out)
			return
		}
	}
}

// TestDrawingsHaveTwins: for each kind of drawing there is one in testdata/play/drawings.
func TestDrawingsHaveTwins(t *testing.T) {
	text, err := os.ReadFile("../../scenarios/testdata/play/drawings")
	if err != nil {
		t.Fatal(err)
	}
	for name := range drawings {
		if !strings.Contains(string(text), "# "+name+":") {
			t.Errorf("testdata/play/drawings has no %s", name)
		}
	}
}
