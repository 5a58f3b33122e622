package scenarios_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/script"
)

// whole is a drawing that agrees with its run: each line is as drawn, later or applied.
const whole = `sequenceDiagram
A->>ZK: create /lock = 7 (ephemeral)
ZK-->>A: success
B->>ZK: create /lock (ephemeral)
ZK-->>B: failed — exists
B->>ZK: watch /lock
A->>ZK: get /lock
ZK-->>A: 7
A->>ZK: set /lock to 8 (version 0)
ZK-->>A: ok
ZK-->>B: notification — /lock changed
A->>ZK: create /q/n- (sequential)
ZK-->>A: /q/n-0000000000
A->>ZK: children /q
ZK-->>A: [n-0000000000]
B->>ZK: watch /lock
Note over A: crashes
Note over ZK: deletes /lock
ZK-->>B: notification — /lock is gone
B->>ZK: exists /lock
ZK-->>B: no node
`

// messages is a drawing of messages between servers that agrees with its run.
const messages = `sequenceDiagram
participant S1
participant S2
participant S3
C->>S3: create /a
S3->>S1: PROPOSAL 1/2 create /a
S1->>S3: ACK 1/2
S3->>S1: COMMIT 1/2
S3-->>C: ok
`

// falsehood changes a true line of a drawing into a false one.
type falsehood struct {
	name   string
	change func(head, text string) (string, bool)
}

var number = regexp.MustCompile(`\b\d+\b`)

// falsehoods are negations, lost messages and numbers that contradict the run.
var falsehoods = []falsehood{
	{"not", negate("does not")}, {"never", negate("never")}, {"stops", negate("stops to")},
	{"refuses", negate("refuses to")},
	{"crossed", func(head, text string) (string, bool) {
		for _, arrow := range []string{"-->>", "->>"} {
			if strings.Contains(head, arrow) {
				return strings.Replace(head, arrow, strings.Replace(arrow, ">>", "x", 1), 1) + text,
					true
			}
		}
		return "", false
	}},
	{"lost", func(head, text string) (string, bool) {
		return head + text + " (lost)", strings.Contains(head, ">>")
	}},
	{"number", func(head, text string) (string, bool) {
		at := number.FindAllStringIndex(text, -1)
		if at == nil || !strings.Contains(head, "-->>") && !strings.HasPrefix(head, "S") {
			return "", false
		}
		last := at[len(at)-1]
		return head + text[:last[0]] + "93" + text[last[1]:], true
	}},
}

func negate(word string) func(head, text string) (string, bool) {
	return func(head, text string) (string, bool) { return head + word + " " + text, true }
}

// TestNoFalseVerdict: if any line of a true drawing is negated, lost or given another number, this
// line, or a line that depends on it, is not as drawn. A negated action is not carried out.
func TestNoFalseVerdict(t *testing.T) {
	for _, text := range []string{whole, messages} {
		r, err := try("x.md", text, scenarios.Options{Options: script.Options{Strict: true}})
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range r.Diagrams[0].Arrows {
			if a.Verdict.Wrong() || a.Verdict == scenarios.Remark {
				t.Fatalf("line %d: %s: %s", a.Line, a.Verdict, a.Instead)
			}
		}
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			head, said, ok := strings.Cut(line, ": ")
			if !ok {
				continue
			}
			for _, f := range falsehoods {
				if changed, ok := f.change(head+": ", said); ok {
					falsified(t, f.name, lines, i, changed)
				}
			}
		}
	}
}

// cut says whether the lab has cut the way of a message that is drawn as lost.
func cut(a *scenarios.Arrow) bool {
	return slices.ContainsFunc(a.Supplied, func(s string) bool {
		return strings.HasPrefix(s, "the link is cut ")
	})
}

// falsified plays a drawing with one line changed. The changed line must not have the verdict and
// the meaning that it had.
func falsified(t *testing.T, name string, lines []string, i int, changed string) {
	t.Helper()
	text := fmt.Sprintf("%s\n%s\n%s", strings.Join(lines[:i], "\n"), changed,
		strings.Join(lines[i+1:], "\n"))
	r, err := try("x.md", text, scenarios.Options{})
	if err != nil {
		return
	}
	expected := strings.Contains(lines[i], "-->>") || strings.HasPrefix(lines[i], "S") ||
		strings.HasPrefix(lines[i], "Note over ZK")
	for _, a := range r.Diagrams[0].Arrows {
		if a.Line == i+2 && a.Kind == script.Reply && !expected && !a.Verdict.Wrong() {
			t.Errorf("%s: %q, and then %q is %s", name, changed, a.Text, a.Verdict)
		}
		if a.Line != i+1 {
			continue
		}
		switch {
		case a.Verdict.Wrong(), a.Kind == script.Absence && !expected:
			continue
		case a.Kind == script.Absence && (name == "crossed" || name == "lost") && cut(&a):
			continue // it is lost indeed
		case a.Verdict == scenarios.Remark && strings.HasPrefix(changed, "Note"):
			t.Errorf("%s: %q is a remark", name, changed)
		case a.Kind == script.Fault && name != "number" && strings.Contains(lines[i], ">>"):
			continue // silence
		case a.Kind == script.Reply && a.Answer != "" && a.Answer != "ok":
			continue
		}
		t.Errorf("%s: %q is %s/%s: %s", name, changed, a.Verdict, a.Kind, a.Says)
	}
}
