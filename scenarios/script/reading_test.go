package script

import (
	"fmt"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/diagram"
)

// readings returns the readings of a document, one in a line.
func readings(t *testing.T, text string) string {
	t.Helper()
	doc, err := diagram.Parse("x.md", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(doc, Options{})
	var b strings.Builder
	if err != nil {
		fmt.Fprintln(&b, err)
	}
	for _, r := range s.Readings() {
		fmt.Fprintf(&b, "%d %s: %s", r.Line, r.Kind, r.Says)
		if r.Nearest != "" {
			fmt.Fprintf(&b, "; write: %s", r.Nearest)
		}
		for _, s := range r.Supplied {
			fmt.Fprintf(&b, "; supplied: %s", s)
		}
		b.WriteByte('\n')
	}
	fmt.Fprintln(&b, s.Read())
	return b.String()
}

// TestReadings: every line has a reading, and Compile finds all problems at once.
func TestReadings(t *testing.T) {
	got := readings(t, `sequenceDiagram
%% lab: servers=5
participant ZK as ZooKeeper
A->>ZK: create /a = 1 (ephemeral)
ZK-->>A: failed — exists
A->>ZK: creat /b
Note over A: thinks
Note over A: crashes
loop 3 times
B->>ZK: get /a (watch)
end
ZK-->>B: hums
ZK-->>B: notification — /a is gone
`)
	want := `2 stage: stage: servers=5
3 participant: the ensemble
4 call: create /a = "1", ephemeral, as A
5 reply: answer: node exists
6 unread: this text contains no call (did you mean "create"?): write create, get, set, exists, children, delete, sync, watch, multi, close, or alive; write: create /b
7 remark: remark
8 fault: fault: crash A
9 block: this block is played 3 times
10 call: get /a, and watch it, as B
12 reply: answer: [hums]
13 event: notification: NodeDeleted for /a
6 of 8 lines read, 1 remark, 1 unread
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestProperties: a call about something of a node that is not its data is not read as a call about
// its data.
func TestProperties(t *testing.T) {
	for text, unread := range map[string]bool{
		"set ACL /x to read": true, "get the ACL of /x": true, "set quota on /x": true,
		"delete the quota of /x": true, "set data and ACL of /x": true, "set the TTL of /x to 5": true,
		"set permissions of /x to read": true, "create /x with ACL world:anyone:r": true,
		"create /x with read-only permissions": true,
		"create /x (acl read-only)":            true, "create /x (ephemeral, acl world:anyone:r)": true,
		"create /x (ephemeral) = acl": false, "create /x (no ACL)": false, "get /x (permission granted)": false,
		"set /x to quota": false, `set /x = "acl"`: false, "set /acl": false, "create /quota/acl": false,
		"create(/x, data, OPEN_ACL_UNSAFE, EPHEMERAL)": false,
	} {
		got := readings(t, "sequenceDiagram\nparticipant ZK as ZooKeeper\nA->>ZK: "+text+"\n")
		if is := strings.Contains(got, "3 unread: a document cannot set or read the "); is != unread {
			t.Errorf("%s: unread %v, want %v:\n%s", text, is, unread, got)
		}
	}
}

// TestWatchAbove: a watch that a diagram above sets is one, for a notification that comes "if set".
func TestWatchAbove(t *testing.T) {
	const first, second = "participant ZK as ZooKeeper\nA->>ZK: get /x%s\nZK-->>A: ok\n",
		"participant ZK as ZooKeeper\nB->>ZK: delete /x\nZK-->>B: ok\nZK-->>A: /x deleted, if set\n"
	for watch, want := range map[string]string{" (watch)": "reply: an answer if a call waits for one, otherwise a notification", "": "remark: "} {
		got := readings(t, "```mermaid\nsequenceDiagram\n"+fmt.Sprintf(first, watch)+
			"```\n\n```mermaid\nsequenceDiagram\n"+second+"```\n")
		if !strings.Contains(got, "\n13 "+want) {
			t.Errorf("get%s: want %s\n%s", watch, want, got)
		}
	}
}
