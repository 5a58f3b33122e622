package diagram

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// FuzzMermaid: the parser does not panic on any input, errors have a place in the document, and a
// printed diagram parses to the same diagram.
func FuzzMermaid(f *testing.F) {
	for _, s := range []string{
		"sequenceDiagram\nA->>B: x",
		"```mermaid\nsequenceDiagram\nparticipant A as X\nalt a\nA-->>-B: y\nelse b\n" +
			"Note over A,B: z\n%% expect: later\nend\n```\n",
		"---\ntitle: x\n---\nsequenceDiagram\ncreate actor B\nA-xB: #59; <br/>\ndestroy B\n" +
			"B--)A: z; A->>B: w",
		"sequenceDiagram\n%% lab: a=1 b=\"c d\" e\naccDescr {\nx\n}\nbox red X\n" +
			"participant C@{ \"alias\": \"y\" } as z\nend\n",
		"sequenceDiagram\nparticipant A as @{\nparticipant B@{x as y} as z\n" +
			"participant C@{ \"alias\": \"y\" } as  \nA->>B:\n",
		"sequenceDiagram\ntitle -xB: y\nloop -> z\nA->>B: c\nend",
		"sequenceDiagram\n0// -//-0: x\n0 //- //-0: y\nA//- -B: z\naccDescr {\na\rb\nc\n}",
		"sequenceDiagram\nalt 0\r0\nA->>B: 1\r2\nend\n",
		"~~~mermaid\ngraph TD\nA-->B\n~~~\nTitle\n===\nprose\nsequenceDiagram\nA//--()B: q\n" +
			"autonumber 1 2\nlink A: x @ y\n",
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	f.Fuzz(func(t *testing.T, data []byte, whole bool) {
		name := "doc.md"
		if whole {
			name = "doc.mmd"
		}
		holds(t, name, data)
	})
}

// FuzzPlantUML and FuzzMarkdown check PlantUML and Markdown as FuzzMermaid checks Mermaid.
func FuzzPlantUML(f *testing.F) {
	for _, s := range []string{
		"@startuml\nparticipant \"App A\" as A #red\nA -> B ++ : x\nreturn **y**\n== z ==\n@enduml",
		"A <[#red]-- B\n[-> A : b\nA ->x] : c\n& A o-\\\\ B -- : d\n' lab: a=1",
		"note over A, \"B C\"\ntext\nend note\nA -> \"B C\" : x\nnote left\nx\nend note",
		"alt #red a\nA -> B : x \\\ny\nelse b\nend\n... 5s ...\nautonumber 1 2",
		"group c\nbox \"d\"\nparticipant e [\nf\n]\nend box\nend\n|||\n",
		"/' a '/ title\nx\nend title\nskinparam a {\n}\nactivate A\ndeactivate A",
		"ref over A : b\ncreate C\n' expect: never\nloop",
		"class A\n[*] --> B",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, "doc.puml", data) })
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"> - ```mermaid\n> sequenceDiagram\n> A->>B: x\nend",
		"<pre class=\"mermaid\">sequenceDiagram&#10;A-&gt;&gt;B: x<br/></pre>",
		"<div class=mermaid>\nsequenceDiagram\nloop\n",
		"```java\n```mermaid\nsequenceDiagram\nalt\nwhat\n~~~puml\nA -> B : x\n~~~\n",
		"```sequence\nA->B: y", "@startuml\nA -> B : x\nprose\n",
		"{% mermaid sequenceDiagram %}\nA->>B: \\\nz\n---\ntitle: x\n---\n",
		"\xff\xfes\x00e\x00q\x00", "\xfe\xff\x00s",
		"---\rtitle: x\r---\r# y\r===\rsequenceDiagram\rA->>B: x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, "doc.md", data) })
}

// holds fails the test if Parse breaks its contract on data.
func holds(t *testing.T, name string, data []byte) {
	text, _ := decoded(name, data)
	lines := strings.Split(text, "\n")
	inside := func(p Pos) {
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 ||
			p.Column > len([]rune(lines[p.Line-1]))+1 {
			t.Fatalf("%d:%d lies outside", p.Line, p.Column)
		}
	}
	doc, err := Parse(name, data)
	if err != nil {
		e := err.(*Error)
		inside(Pos{e.Line, e.Column})
		if strings.Contains(e.Message, "\n") {
			t.Fatalf("more than one line: %v", e)
		}
		return
	}
	for _, p := range doc.Problems {
		inside(p.Pos)
		if strings.Contains(p.Error()+p.Nearest, "\n") {
			t.Fatalf("more than one line: %v", p.Error())
		}
	}
	for _, d := range doc.Diagrams {
		Walk(d.Items, func(it Item) bool {
			inside(it.Position())
			switch it := it.(type) {
			case *Arrow:
				inside(it.TextPos)
			case *Note:
				inside(it.TextPos)
			case *Directive:
				for _, w := range it.Words {
					inside(w.Pos)
				}
			}
			return true
		})
		Draw(d, 80)
		printsClean(t, doc, d)
	}
}

// printsClean checks that a printed diagram parses without a problem and prints as the same bytes.
// If the document has no mended lines, it parses to the same diagram, too.
func printsClean(t *testing.T, doc *Document, d *Diagram) {
	if !Walk(d.Items, func(it Item) bool { _, unread := it.(*Unread); return unread }) {
		again := reparse(t, d)
		if strings.HasSuffix(doc.Name, ".puml") { // names that need an alias are declared first
			byName := func(a, b Participant) int { return strings.Compare(a.Name, b.Name) }
			slices.SortFunc(d.Participants, byName)
			slices.SortFunc(again.Participants, byName)
		}
		if diff := same(d, again); diff != "" && len(doc.Problems) == 0 {
			t.Fatalf("printed and parsed (-want +got):\n%s\n%s", diff, Print(d))
		}
		want := unreadLines.ReplaceAllString(Print(d), "")
		if got := Print(again); got != want {
			t.Fatalf("printing again:\n%s\n%s", want, got)
		}
	}
}

var unreadLines = regexp.MustCompile(`(?m)^ *%% unread: .*\n`)
