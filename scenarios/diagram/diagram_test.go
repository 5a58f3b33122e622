package diagram

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestDocuments reads testdata: "parse" shows what was parsed, "print" the canonical form. Lines of
// a document begin with "| ", because an empty line means something to datadriven.
func TestDocuments(t *testing.T) {
	datadriven.Walk(t, "testdata/documents", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			name := "doc.md"
			d.MaybeScanArgs(t, "name", &name)
			parse := Parse
			if d.Cmd == "strict" {
				parse = ParseStrict
			}
			doc, err := parse(name, []byte(document(d)))
			if err != nil {
				return err.Error() + "\n"
			}
			switch d.Cmd {
			case "strict":
				return "no problem\n"
			case "parse":
				return show(doc)
			case "print":
				var b strings.Builder
				for _, g := range doc.Diagrams {
					b.WriteString(Print(g))
				}
				return b.String()
			}
			return "unknown command " + d.Cmd
		})
	})
}

func document(d *datadriven.TestData) string {
	var b strings.Builder
	for line := range strings.Lines(d.Input + "\n") {
		line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(line, "|"), " "), "\n")
		line = strings.NewReplacer(`\t`, "\t", `\r`, "\r", `\x00`, "\x00", `\xff`, "\xff").Replace(line)
		b.WriteString(line + "\n")
	}
	return b.String()
}

func show(doc *Document) string {
	var b strings.Builder
	fmt.Fprintf(&b, "document %q\n", doc.Title)
	for _, p := range doc.Passed {
		fmt.Fprintf(&b, "%d: passed %q\n", p.Line, p.Kind)
	}
	for _, n := range doc.Notices {
		fmt.Fprintf(&b, "%d:%d: notice: %s\n", n.Line, n.Column, n.Message)
	}
	for _, p := range doc.Problems {
		fmt.Fprintf(&b, "%d:%d: problem: %s\n", p.Line, p.Column, p.Error())
		if p.Nearest != "" {
			fmt.Fprintf(&b, "  nearest: %s\n", p.Nearest)
		}
		if p.Mended != "" {
			fmt.Fprintf(&b, "  mended: %s\n", p.Mended)
		}
	}
	for _, g := range doc.Diagrams {
		fmt.Fprintf(&b, "%d-%d: diagram %q\n", g.Line, g.EndLine, g.Title)
		for _, p := range g.Participants {
			fmt.Fprintf(&b, "  %s %q declared=%v line %d\n", p.Name, p.Label(), p.Declared, p.Line)
		}
		showItems(&b, "  ", g.Items)
	}
	return b.String()
}

func showItems(b *strings.Builder, indent string, items []Item) {
	for _, it := range items {
		at := it.Position()
		fmt.Fprintf(b, "%s%d:%d ", indent, at.Line, at.Column)
		switch it := it.(type) {
		case *Arrow:
			fmt.Fprintf(b, "%s %s %s %q", it.From, it.Token(), it.To, it.Text)
			if it.Sends || it.Ends || it.Expect != "" {
				fmt.Fprintf(b, " activates=%v deactivates=%v expect=%q", it.Sends, it.Ends, it.Expect)
			}
		case *Note:
			fmt.Fprintf(b, "note %s %s %q %s", it.Placement, strings.Join(it.Over, "+"), it.Text, it.Expect)
		case *Block:
			fmt.Fprintf(b, "%s", it.Kind)
			for i := range it.Branches {
				fmt.Fprintf(b, "\n%s %q", indent, it.Branches[i].Label)
				b.WriteString("\n")
				showItems(b, indent+"    ", it.Branches[i].Items)
			}
			continue
		case *Directive:
			b.WriteString("lab")
			for _, w := range it.Words {
				fmt.Fprintf(b, " %d:%q=%q", w.Column, w.Key, w.Value)
			}
		case *Declare:
			fmt.Fprintf(b, "declare %s %q actor=%v create=%v", it.Name, it.Alias, it.Actor, it.Create)
		case *Unread:
			fmt.Fprintf(b, "unread %q", it.Text)
		default:
			fmt.Fprintf(b, "%T %s", it, cmp.Diff(nil, it) /* rarely seen */)
		}
		b.WriteString("\n")
	}
}

// TestTutorial reads the tutorial that the lab began with, if it is beside the repository: it is
// not ours to include.
func TestTutorial(t *testing.T) {
	const path = "../../../shared/tutorial/zookeeper-election.txt"
	data, err := os.ReadFile(path)
	if err != nil {
		t.Skip("the tutorial is not next to this repository: ", err)
	}
	doc, err := Parse(path, data)
	if err != nil {
		t.Fatal(err)
	}
	if got := []int{len(doc.Diagrams), doc.Diagrams[0].Line, doc.Diagrams[1].Line}; !cmp.Equal(got, []int{2, 25, 41}) {
		t.Errorf("diagrams, first and second line: %v", got)
	}
	if !cmp.Equal(doc.Passed, []Passed{{66, "graph TD"}}) {
		t.Errorf("passed over: %v", doc.Passed)
	}
	for i, last := range []string{"B and C don't poll.", "No timers."} {
		items := doc.Diagrams[i].Items
		a, ok := items[len(items)-1].(*Arrow)
		if !ok || a.From != "C" || a.To != "ZK" || !strings.Contains(a.Text, last) {
			t.Errorf("diagram %d ends with %+v, want an arrow from C to ZK that runs into %q", i, a, last)
		}
	}
	if len(doc.Diagrams[0].Items) != 12 || len(doc.Diagrams[1].Items) != 14 {
		t.Errorf("%d and %d items", len(doc.Diagrams[0].Items), len(doc.Diagrams[1].Items))
	}
	t.Logf("%q: %q, %q", doc.Title, doc.Diagrams[0].Title, doc.Diagrams[1].Title)
}

// same compares two diagrams without positions, and without where a title came from.
func same(a, b *Diagram) string {
	return cmp.Diff(a, b,
		cmp.FilterPath(func(p cmp.Path) bool {
			switch p.Last().String() {
			case ".Line", ".EndLine", ".Pos", ".TextPos", ".Title":
				return true
			}
			return false
		}, cmp.Ignore()),
		cmp.Comparer(func(x, y Pos) bool { return true }))
}

func reparse(t interface{ Fatalf(string, ...any) }, d *Diagram) *Diagram {
	text := Print(d)
	doc, err := ParseStrict("printed.mmd", []byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	if len(doc.Diagrams) != 1 {
		t.Fatalf("%d diagrams in\n%s", len(doc.Diagrams), text)
	}
	return doc.Diagrams[0]
}

// TestBuilderRoundTrip: whatever a builder is given, the printed diagram parses to the same one,
// and every text reads as it was given.
func TestBuilderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"@{", "x as @{y}", "->>B: x", "-x", "wrap: x", "NOWRAP:y", ":wrap:z", "a;b#c", "#59;", "<br/>", "a -> b", "end", "%%{init", "100% & <b>", "x\r\ny",
		}))
		name := rapid.OneOf(rapid.SampledFrom([]string{"A", "S1", "App B", "end", "node-x", "Ende", "-", "Note", "étoile"}), rapid.String())
		b := NewDiagram(text.Draw(t, "title"))
		var texts []string
		draw := func() string {
			s := text.Draw(t, "text")
			texts = append(texts, s)
			return s
		}
		b.Participant(name.Draw(t, "name"), "first")
		for range rapid.IntRange(1, 20).Draw(t, "items") {
			switch rapid.IntRange(0, 7).Draw(t, "item") {
			case 0:
				b.Actor(name.Draw(t, "name"), text.Draw(t, "alias"))
			case 1:
				b.Open(rapid.SampledFrom([]string{"alt", "par", "loop", "critical", "opt", "rect"}).Draw(t, "kind"), text.Draw(t, "label"))
			case 2:
				b.Branch(text.Draw(t, "label"))
			case 3:
				b.Close()
			case 4:
				b.Note(draw(), name.Draw(t, "name"), name.Draw(t, "name"))
				b.Expect(Later)
			case 5:
				b.Directive(Word{Key: "servers", Value: "5"}, Word{Key: "fresh", Bare: true}, Word{Key: "x", Value: "a b"})
			default:
				tok := rapid.SampledFrom(tokens[:]).Draw(t, "arrow")
				b.Draw(name.Draw(t, "from"), name.Draw(t, "to"), tok.head, tok.dashed, draw())
			}
		}
		d := b.Diagram()
		again := reparse(t, d)
		if diff := same(d, again); diff != "" {
			t.Fatalf("printed and parsed (-want +got):\n%s\n%s", diff, Print(d))
		}
		if Print(again) != Print(d) {
			t.Fatalf("printing again:\n%s\n%s", Print(d), Print(again))
		}
		Walk(again.Items, func(it Item) bool {
			got := ""
			switch it := it.(type) {
			case *Arrow:
				got = it.Text
			case *Note:
				got = it.Text
			default:
				return true
			}
			want := texts[0]
			texts = texts[1:]
			if Plain(got) != trim(noZeros.Replace(strings.ToValidUTF8(want, "\ufffd"))) {
				t.Fatalf("%q came back as %q, which reads %q", want, got, Plain(got))
			}
			return true
		})
	})
}

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
		{"elements", strings.Repeat("<pre class=mermaid>", size/19) + "\nsequenceDiagram\nA->>B: x"},
		{"page", strings.Repeat("<pre class=mermaid>sequenceDiagram&#10;A-&gt;B: x</pre>", size/55)},
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
		{"one line", "sequenceDiagram\n" + strings.Repeat(strings.TrimSpace(line)+";", size/len(line))},
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
	if err == nil || !strings.Contains(err.Error(), "big.md:1:1: the document has 20971520 bytes; the limit is 16777216") {
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
	for i := range n {
		fmt.Fprintf(&b, "\"%s\" -> B : x\n", strings.NewReplacer("0", "+", "1", "!").Replace(fmt.Sprintf("%b", i)))
	}
	return b.String()
}

func calls(n int) string {
	return strings.Repeat("activate B\n", n) + strings.Repeat("activate A\n", n) + strings.Repeat("deactivate B\n", n)
}

func many(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "participant P%d\n", i)
	}
	return b.String()
}

func TestPlain(t *testing.T) {
	for _, c := range [][2]string{
		{"a#59;b", "a;b"}, {"#quot;x#quot;", `"x"`}, {"one<br/>two<BR>three<br />", "one\ntwo\nthree\n"},
		{"#no", "#no"}, {"<b>", "<b>"}, {"#9829;", "♥"}, {"#nosuchthing;", "&nosuchthing;"},
	} {
		if got := Plain(c[0]); got != c[1] {
			t.Errorf("Plain(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}

// BenchmarkParse reads 100,000 lines.
func BenchmarkParse(b *testing.B) {
	for _, c := range []struct{ name, head, line string }{
		{"mermaid", "sequenceDiagram\n", "A->>ZK: create /leader (ephemeral)\n"},
		{"plantuml", "@startuml\n", "A -> ZK : create /leader (ephemeral)\n"},
		{"unread", "```mermaid\nsequenceDiagram\n", "A->>ZK create /leader (ephemeral)\n"},
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

// FuzzMermaid: no input makes the parser panic, errors point into the document, and a printed diagram
// parses to the same diagram.
func FuzzMermaid(f *testing.F) {
	for _, s := range []string{
		"sequenceDiagram\nA->>B: x",
		"```mermaid\nsequenceDiagram\nparticipant A as X\nalt a\nA-->>-B: y\nelse b\nNote over A,B: z\n%% expect: later\nend\n```\n",
		"---\ntitle: x\n---\nsequenceDiagram\ncreate actor B\nA-xB: #59; <br/>\ndestroy B\nB--)A: z; A->>B: w",
		"sequenceDiagram\n%% lab: a=1 b=\"c d\" e\naccDescr {\nx\n}\nbox red X\nparticipant C@{ \"alias\": \"y\" } as z\nend\n",
		"sequenceDiagram\nparticipant A as @{\nparticipant B@{x as y} as z\nparticipant C@{ \"alias\": \"y\" } as  \nA->>B:\n",
		"sequenceDiagram\ntitle -xB: y\nloop -> z\nA->>B: c\nend",
		"sequenceDiagram\n0// -//-0: x\n0 //- //-0: y\nA//- -B: z\naccDescr {\na\rb\nc\n}",
		"sequenceDiagram\nalt 0\r0\nA->>B: 1\r2\nend\n",
		"~~~mermaid\ngraph TD\nA-->B\n~~~\nTitle\n===\nprose\nsequenceDiagram\nA//--()B: q\nautonumber 1 2\nlink A: x @ y\n",
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

// FuzzPlantUML and FuzzMarkdown: the same of the other readers.
func FuzzPlantUML(f *testing.F) {
	for _, s := range []string{
		"@startuml\nparticipant \"App A\" as A #red\nA -> B ++ : x\nreturn **y**\n== z ==\n@enduml",
		"A <[#red]-- B\n[-> A : b\nA ->x] : c\n& A o-\\\\ B -- : d\nnote over A, \"B C\"\ntext\nend note\n' lab: a=1",
		"alt #red a\nA -> B : x \\\ny\nelse b\nend\ngroup c\nbox \"d\"\nparticipant e [\nf\n]\nend box\nend\n... 5s ...\nautonumber 1 2",
		"/' a '/ title\nx\nend title\nskinparam a {\n}\nactivate A\ndeactivate A\nref over A : b\ncreate C\n' expect: never\nloop",
		"class A\n[*] --> B",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, "doc.puml", data) })
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"> - ```mermaid\n> sequenceDiagram\n> A->>B: x\nend",
		"<pre class=\"mermaid\">sequenceDiagram&#10;A-&gt;&gt;B: x<br/></pre><div class=mermaid>\nsequenceDiagram\nloop\n",
		"```java\n```mermaid\nsequenceDiagram\nalt\nwhat\n~~~puml\nA -> B : x\n~~~\n```sequence\nA->B: y",
		"@startuml\nA -> B : x\nprose\n{% mermaid sequenceDiagram %}\nA->>B: \\\nz\n---\ntitle: x\n---\n",
		"\xff\xfes\x00e\x00q\x00", "\xfe\xff\x00s", "---\rtitle: x\r---\r# y\r===\rsequenceDiagram\rA->>B: x",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) { holds(t, "doc.md", data) })
}

// holds checks what Parse promises for every input.
func holds(t *testing.T, name string, data []byte) {
	text, _ := decoded(name, data)
	lines := strings.Split(text, "\n")
	inside := func(p Pos) {
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len([]rune(lines[p.Line-1]))+1 {
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

// printsClean: what is printed parses without a problem, to the same diagram if nothing had to be
// mended, and prints as the same bytes.
func printsClean(t *testing.T, doc *Document, d *Diagram) {
	if !Walk(d.Items, func(it Item) bool { _, unread := it.(*Unread); return unread }) {
		again := reparse(t, d)
		if strings.HasSuffix(doc.Name, ".puml") { // where names that Mermaid cannot show are declared first
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
