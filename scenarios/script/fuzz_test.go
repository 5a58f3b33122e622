package script

import (
	"strings"
	"testing"
	"time"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/processor"
)

// seedLines are lines of every kind.
var seedLines = []string{
	"A->>ZK: create /x (ephemeral)", "ZK-->>A: failed — exists", "A-xZK: does not create /x",
	"Note over A: 💥 Broker 1 crashes (or not)", "ZK->>ZK: session expires, delete /x",
	"L->>F1: PROPOSAL(zxid=0x300000001, create /a)", "Note over ZK: 10s pass",
	"A->>ZK: multi create /a, set /b to 1", "alt A fails\nZK-->>B: /x is gone\nend",
	"A->>ZK: setData(/a, \"2\", version=0)", "participant S1 as Service 1",
	"A->>ZK: create(\"/j-\", EPHEMERAL_SEQUENTIAL", "Note over A,ZK: split A | S1 S2",
	"%% lab: servers=5", "ZK-xS1", "A->>ZK: 创建 /x", "loop 1000000000 times\nA->>ZK: ping\nend",
}

// FuzzCompile: for every document, Compile does not panic, and counts each line.
func FuzzCompile(f *testing.F) {
	for _, line := range seedLines {
		f.Add("sequenceDiagram\n" + line + "\n")
	}
	f.Add("sequenceDiagram\n" + strings.Join(seedLines, "\n") + "\n")
	f.Fuzz(func(t *testing.T, text string) {
		doc, err := diagram.Parse("x.md", []byte(text))
		if err != nil {
			return
		}
		for _, o := range []Options{{}, {Strict: true, Race: true}} {
			s, _ := Compile(doc, o)
			n := s.Read()
			if n.Lines != n.Read+n.Remarks+n.Unread {
				t.Errorf("%+v", n)
			}
			for _, r := range s.Readings() {
				if r.Kind == Unread && r.Problem == "" || r.Says == "" {
					t.Errorf("line %d, %s: it says %q, because %q", r.Line, r.Kind, r.Says, r.Problem)
				}
			}
		}
	})
}

// long returns a document of n lines.
func long(n int) string {
	var b strings.Builder
	b.WriteString("sequenceDiagram\nparticipant A as Broker 1\nparticipant ZK\n")
	for i := range n {
		switch i % 4 {
		case 0:
			b.WriteString("A->>ZK: create /election/n- (ephemeral, sequential)\n")
		case 1:
			b.WriteString("ZK-->>A: failed — node exists\n")
		case 2:
			b.WriteString("Note over A: the lowest number leads\n")
		default:
			b.WriteString("ZK-->>A: notification — /election/n-0000000001 is gone\n")
		}
	}
	return b.String()
}

// TestLinear: Compile reads 100,000 lines in less than a second. For ten times as many lines it
// takes at most twenty times as long, also if each line is only for the reader, or asks who has set
// a watch above it.
func TestLinear(t *testing.T) {
	if testing.Short() {
		t.Skip("it measures time")
	}
	took := func(text string) time.Duration {
		doc, err := diagram.Parse("x.md", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		best := time.Hour
		for range 3 {
			began, _ := processor.Time()
			if _, err := Compile(doc, Options{}); err != nil {
				t.Fatal(err)
			}
			ended, _ := processor.Time() // another program of the machine may have the processor
			best = min(best, ended-began)
		}
		return best
	}
	few, many := took(long(10_000)), took(long(100_000))
	if many > 20*few+100*time.Millisecond {
		t.Errorf("10,000 lines take %s, 100,000 lines %s", few, many)
	}
	for _, line := range []string{"%% expect: remark\nA->>ZK: create /x\n",
		"ZK-->>B: notification if any watch\n"} {
		text := "sequenceDiagram\nA->>ZK: create /x\n"
		few, many := took(text+strings.Repeat(line, 3_000)), took(text+strings.Repeat(line, 30_000))
		if many > 20*few+100*time.Millisecond {
			t.Errorf("%q: 3,000 times takes %s, 30,000 times %s", line, few, many)
		}
	}
	for _, words := range []string{"aa bb ", "version ", "v3 "} { // in one line
		text := "sequenceDiagram\nA->>ZK: create /x\nA->>ZK: set /x to 1 "
		few, many := took(text+strings.Repeat(words, 150)), took(text+strings.Repeat(words, 1_500))
		if many > 20*few+100*time.Millisecond {
			t.Errorf("%q: 150 times takes %s, 1,500 times %s", words, few, many)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	doc, err := diagram.Parse("x.md", []byte(long(100_000)))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile(doc, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

// A text of 400 kB in one line is unread, and not looked at word by word.
func TestLongText(t *testing.T) {
	doc, err := diagram.Parse("x.md", []byte("sequenceDiagram\nA->>ZK: create /b\nA->>ZK: "+
		strings.Repeat("create /a ", 40_000)+"\nNote over A: "+strings.Repeat("/a and ", 10_000)+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(doc, Options{})
	if err != nil {
		t.Fatal(err)
	}
	unread := 0
	for _, r := range s.Readings() {
		if strings.Contains(r.Problem, "bytes: write at most") {
			unread++
		}
		if len(r.Text) > mostText {
			t.Errorf("line %d keeps %d bytes of its text", r.Line, len(r.Text))
		}
	}
	if unread != 2 {
		t.Errorf("%d of 2 long lines are unread", unread)
	}
}
