package scenarios_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
)

// locksHold is a drawing of a lock service, of which every line is true.
const locksHold = `sequenceDiagram
participant A as Worker A
participant LS as Lock Service
participant DB as Accounts
participant B as Worker B
A->>LS: acquire lock (TTL 10s)
LS-->>A: granted (fencing token = 33)
A->>DB: write with token 33
DB-->>A: accepted, highest = 33
Note over A: GC pause for 40 seconds
LS->>LS: the lease expires, releases the lock
B->>LS: acquire lock
LS-->>B: granted (fencing token = 34)
B->>DB: write with token 34
DB-->>B: accepted (34 > 33)
Note over A: wakes up
A->>DB: write with token 33
DB-->>A: rejected (33 < 34)
B->>LS: release lock
LS-->>B: released
`

// lockLies are false lines in place of true ones of locksHold, with the line that must not be as
// drawn.
var lockLies = []struct{ line, lie string }{
	{"LS-->>B: granted (fencing token = 34)", "LS-->>B: granted (fencing token = 32)"},
	{"LS-->>B: granted (fencing token = 34)", "LS-->>B: granted (fencing token = 33)"},
	{"LS-->>B: granted (fencing token = 34)", "LS-->>B: denied"},
	{"LS-->>B: granted (fencing token = 34)", "LS-->>B: lock not granted"},
	{"B->>DB: write with token 34", "B->>DB: write with token 33"},
	{"B->>DB: write with token 34", "B->>DB: write with token 35"},
	{"DB-->>B: accepted (34 > 33)", "DB-->>B: accepted (33 > 34)"},
	{"DB-->>B: accepted (34 > 33)", "DB-->>B: accepted (41 > 33)"},
	{"DB-->>B: accepted (34 > 33)", "DB-->>B: rejected"},
	{"DB-->>B: accepted (34 > 33)", "DB-->>B: not accepted"},
	{"DB-->>B: accepted (34 > 33)", "DB-->>B: cannot accept the write"},
	{"DB-->>A: rejected (33 < 34)", "DB-->>A: rejected (34 < 33)"},
	{"DB-->>A: rejected (33 < 34)", "DB-->>A: rejected (32 < 34)"},
	{"DB-->>A: rejected (33 < 34)", "DB-->>A: accepted (33 < 34)"},
	{"DB-->>A: rejected (33 < 34)", "DB-->>A: not rejected"},
	{"DB-->>A: rejected (33 < 34)", "DB-->>A: rejected: 34 <= 33"},
	{"LS-->>A: granted (fencing token = 33)", "LS-->>A: already held"},
	{"LS-->>A: granted (fencing token = 33)", "LS-->>A: failed — exists"},
	{"LS->>LS: the lease expires, releases the lock", "LS->>LS: the lease does not expire"},
	{"LS-->>B: released", "LS-->>B: failed — no node"},
}

// TestLocks: a lock service in a drawing without ZooKeeper is played as ZooKeeper, and no number or
// outcome that became false is as drawn.
func TestLocks(t *testing.T) {
	r, err := try("locks.md", locksHold, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(r.Notices, func(s string) bool {
		return strings.Contains(s, "LS is played as ZooKeeper")
	}) {
		t.Errorf("not told that LS is played as ZooKeeper: %q", r.Notices)
	}
	for _, a := range r.Diagrams[0].Arrows {
		if a.Verdict.Wrong() || a.Verdict == scenarios.Remark {
			t.Errorf("line %d: %s is %s: %s", a.Line, a.Text, a.Verdict, a.Instead)
		}
	}
	for _, l := range lockLies {
		text := strings.Replace(locksHold, l.line, l.lie, 1)
		before, _, found := strings.Cut(locksHold, l.line)
		line := 1 + strings.Count(before, "\n")
		if !found {
			t.Fatalf("no %q in the drawing", l.line)
		}
		r, err := try("lie.md", text, scenarios.Options{})
		if err != nil {
			continue // refused
		}
		for _, a := range r.Diagrams[0].Arrows {
			if a.Line == line && !a.Verdict.Wrong() {
				t.Errorf("%q is %s %s", l.lie, a.Verdict, a.Answer)
			}
		}
	}
}

// TestLocksOtherwise: what does not say that a lease has ended, or that ZooKeeper gives out the locks,
// is not read so.
func TestLocksOtherwise(t *testing.T) {
	const lives = `sequenceDiagram
participant A
participant B
participant LS as Lock Service
A->>LS: acquire lock
LS-->>A: granted
Note over A: keeps renewing its lease (timeout 10s)
A->>LS: release lock
LS-->>A: released
`
	r, err := try("lives.md", lives, scenarios.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range r.Diagrams[0].Arrows {
		if a.Verdict.Wrong() {
			t.Errorf("line %d: %s is %s: %s", a.Line, a.Text, a.Verdict, a.Instead)
		}
	}
	const held = `sequenceDiagram
participant A
participant B
participant LS as Lock Service
A->>LS: acquire lock
LS-->>A: granted
Note over A: crashes
B->>LS: acquire lock
LS-->>B: granted (lease expires in 10s)
`
	if r, err = try("held.md", held, scenarios.Options{}); err == nil {
		a := r.Diagrams[0].Arrows
		if last := a[len(a)-1]; !last.Verdict.Wrong() {
			t.Errorf("A's session lives, and %q is %s", last.Text, last.Verdict)
		}
	}
	redis := strings.Replace(locksHold, "acquire lock (TTL 10s)", "acquire lock (SETNX, Redis)", 1)
	if r, err := try("redis.md", redis, scenarios.Options{}); err == nil && len(r.Notices) > 0 &&
		strings.Contains(strings.Join(r.Notices, " "), "played as ZooKeeper") {
		t.Errorf("a lock of Redis is played as ZooKeeper: %q", r.Notices)
	}
}
