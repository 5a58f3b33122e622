package diagram

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestLinear(t *testing.T) {
	line := "A->>ZK: create /leader (ephemeral)\n"
	uml, size := "@startuml\n", 7<<20
	if testing.Short() {
		size = 1 << 20
	}
	documents := []struct{ name, text string }{
		{"continued", "sequenceDiagram\nA->>B: a\\\n" + strings.Repeat("b\\\n", size/3)},
		{"parts", "sequenceDiagram\nA->>B: a" + strings.Repeat(";b", size/2)},
		{"config", "sequenceDiagram\nparticipant A@{\n" + strings.Repeat("b\n", size/2)},
		{"fences", strings.Repeat("```mermaid\nsequenceDiagram\nA->>B: x\n", size/37)},
		{"backquotes", fences()},
		{"quotes", strings.Repeat(">", size) + "\nsequenceDiagram\nA->>B: x"},
		{"elements",
			strings.Repeat("<pre class=mermaid>", size/19) + "\nsequenceDiagram\nA->>B: x"},
		{"page",
			strings.Repeat("<pre class=mermaid>sequenceDiagram&#10;A-&gt;B: x</pre>", size/55)},
		{"unclosed", "sequenceDiagram\n" + strings.Repeat("loop\nwhat is this\n", size/18)},
		{"marks", strings.Repeat("@startuml\nA -> B : x\n", size/21) + "@enduml"},
		{"arrows", uml + strings.Repeat("A -> B ++ : x\n", size/14)},
		{"one arrow", uml + "A -> B : " + strings.Repeat("**a", size/3)},
		{"one note", uml + "note over " + strings.Repeat("a,", size/2)},
		{"a note", uml + "note over A\n" + strings.Repeat("a\n", size/2) + "end note"},
		{"held", uml + strings.Repeat("a\\\n", size/3)},
		{"alike", uml + alike(size/25)},
		{"deep calls", uml + calls(size/40)},
		{"comments", uml + "A -> B : x" + strings.Repeat("/' '/", size/5)},
		{"lines", "sequenceDiagram\n" + strings.Repeat(line, size/len(line))},
		{"one line",
			"sequenceDiagram\n" + strings.Repeat(strings.TrimSpace(line)+";", size/len(line))},
		{"participants", "sequenceDiagram\n" + many(size/25)},
		{"one text", "sequenceDiagram\nA->>B: " + strings.Repeat("-", size)},
		{"one name", "sequenceDiagram\n" + strings.Repeat("-a", size/2) + "->>B: x"},
		{"prose", strings.Repeat("# x\n\ntext\n", size/10) + "\nsequenceDiagram\nA->>B: x"},
		{"entities", "sequenceDiagram\nA->>B: " + strings.Repeat("#59;", size/4)},
		{"signs", "sequenceDiagram\nA->>B: x\n" + strings.Repeat("#a", size/2)},
	}
	for _, d := range documents {
		start := time.Now()
		_, err := Parse("big.md", []byte(d.text))
		took := time.Since(start)
		t.Logf("%s: %d bytes in %v (%v)", d.name, len(d.text), took, err)
		if took > 10*time.Second {
			t.Errorf("%s: not linear", d.name)
		}
	}
	_, err := Parse("big.md", make([]byte, 20<<20))
	const want = "big.md:1:1: the document has 20971520 bytes, and the limit is 16777216: split the document"
	if err == nil || err.Error() != want {
		t.Errorf("20 MB: %v", err)
	}
}

func fences() string {
	var b strings.Builder
	for n := 3500; n > 3; n-- {
		b.WriteString(strings.Repeat("`", n) + "\nsequenceDiagram\nA->>B: x\n")
	}
	return b.String()
}

func alike(n int) string {
	var b strings.Builder
	signs := strings.NewReplacer("0", "+", "1", "!")
	for i := range n {
		fmt.Fprintf(&b, "\"%s\" -> B : x\n", signs.Replace(fmt.Sprintf("%b", i)))
	}
	return b.String()
}

func calls(n int) string {
	return strings.Repeat("activate B\n", n) + strings.Repeat("activate A\n", n) +
		strings.Repeat("deactivate B\n", n)
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "participant P%d\n", i)
	}
	return b.String()
}

// BenchmarkParse parses a document of 100,000 lines.
func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, head, line string }{
		{"mermaid", "sequenceDiagram\n", "A->>ZK: create /leader (ephemeral)\n"},
		{"plantuml", "@startuml\n", "A -> ZK : create /leader (ephemeral)\n"},
		{"quoted", "> ```mermaid\n> sequenceDiagram\n", "> A->>ZK: create /leader (ephemeral)\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			data := []byte(c.head + strings.Repeat(c.line, 100_000))
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				if _, err := Parse("big.md", data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
