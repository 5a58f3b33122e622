package diagram

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestDocuments runs the cases in testdata: "parse" shows the parsed document, "print" the
// canonical form. Each line of a document begins with "| ", because an empty line ends a case of
// datadriven.
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
		line = strings.NewReplacer(`\t`, "\t", `\r`,
			"\r", `\x00`, "\x00", `\xff`, "\xff").Replace(line)
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
				fmt.Fprintf(b, " activates=%v deactivates=%v expect=%q",
					it.Sends, it.Ends, it.Expect)
			}
		case *Note:
			fmt.Fprintf(b, "note %s %s %q %s",
				it.Placement, strings.Join(it.Over, "+"), it.Text, it.Expect)
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
			fmt.Fprintf(b, "declare %s %q actor=%v create=%v",
				it.Name, it.Alias, it.Actor, it.Create)
		case *Unread:
			fmt.Fprintf(b, "unread %q", it.Text)
		default:
			fmt.Fprintf(b, "%T %s", it, cmp.Diff(nil, it) /* rarely seen */)
		}
		b.WriteString("\n")
	}
}

// TestTutorial reads the tutorial that the lab began with. The repository may not include it, so
// the test is skipped if the file is not next to the repository.
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
	got := []int{len(doc.Diagrams), doc.Diagrams[0].Line, doc.Diagrams[1].Line}
	if !cmp.Equal(got, []int{2, 25, 41}) {
		t.Errorf("diagrams, first and second line: %v", got)
	}
	if !cmp.Equal(doc.Passed, []Passed{{66, "graph TD"}}) {
		t.Errorf("passed over: %v", doc.Passed)
	}
	for i, last := range []string{"B and C don't poll.", "No timers."} {
		items := doc.Diagrams[i].Items
		a, ok := items[len(items)-1].(*Arrow)
		if !ok || a.From != "C" || a.To != "ZK" || !strings.Contains(a.Text, last) {
			t.Errorf("diagram %d ends with %+v, want an arrow from C to ZK that runs into %q",
				i, a, last)
		}
	}
	if len(doc.Diagrams[0].Items) != 12 || len(doc.Diagrams[1].Items) != 14 {
		t.Errorf("%d and %d items", len(doc.Diagrams[0].Items), len(doc.Diagrams[1].Items))
	}
	t.Logf("%q: %q, %q", doc.Title, doc.Diagrams[0].Title, doc.Diagrams[1].Title)
}

// same returns how two diagrams differ, other than in positions and in the source of their titles.
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

// TestBuilderRoundTrip: for any names and texts, the diagram of a builder, printed and parsed, is
// the same diagram, and [Plain] returns the texts that the builder was given.
func TestBuilderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
			"@{", "x as @{y}", "->>B: x", "-x", "wrap: x", "NOWRAP:y", ":wrap:z", "a;b#c", "#59;",
			"<br/>", "a -> b", "end", "%%{init", "100% & <b>", "x\r\ny",
		}))
		name := rapid.OneOf(rapid.SampledFrom([]string{
			"A", "S1", "App B", "end", "node-x", "Ende", "-", "Note", "étoile",
		}),
			rapid.String())
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
				kinds := []string{"alt", "par", "loop", "critical", "opt", "rect"}
				b.Open(rapid.SampledFrom(kinds).Draw(t, "kind"), text.Draw(t, "label"))
			case 2:
				b.Branch(text.Draw(t, "label"))
			case 3:
				b.Close()
			case 4:
				b.Note(draw(), name.Draw(t, "name"), name.Draw(t, "name"))
				b.Expect(Later)
			case 5:
				b.Directive(Word{
					Key: "servers", Value: "5",
				}, Word{Key: "fresh", Bare: true}, Word{Key: "x", Value: "a b"})
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

func TestPlain(t *testing.T) {
	for _, c := range [][2]string{
		{"a#59;b", "a;b"}, {"#quot;x#quot;", `"x"`},
		{"one<br/>two<BR>three<br />", "one\ntwo\nthree\n"}, {"#no", "#no"}, {"<b>", "<b>"},
		{"#9829;", "♥"}, {"#nosuchthing;", "&nosuchthing;"},
	} {
		if got := Plain(c[0]); got != c[1] {
			t.Errorf("Plain(%q) = %q, want %q", c[0], got, c[1])
		}
	}
}
