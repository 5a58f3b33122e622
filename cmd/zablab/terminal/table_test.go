package terminal

import (
	"bytes"
	"strings"
	"testing"
)

// table returns a table of two rows, as a page of this width shows it.
func table(width int, styled bool) string {
	var page bytes.Buffer
	out := NewOutput(&page)
	SetWidth(out, width)
	t := NewTable(out, "Time", "Who", "What happened")
	p := Paint(styled)
	t.Row("0.280s", "A → ZK", p.Green("as drawn")+": the node was created")
	t.Row("6.003s", "ZK", p.Yellow("later: the session of A had to expire first, after 5.67s"))
	t.Render()
	return page.String()
}

// TestTableFits: a table fits its page: a long cell continues on the next line, and on a very
// narrow page a row is a list.
func TestTableFits(t *testing.T) {
	for _, width := range []int{24, 40, 60, 80, 120} {
		for line := range strings.Lines(table(width, true)) {
			if n := visible(strings.TrimRight(line, "\n")); n > width {
				t.Errorf("width %d: %d columns: %q", width, n, line)
			}
		}
	}
	want := ` Time    Who     What happened
─────────────────────────────────────────
 0.280s  A → ZK  as drawn: the node was
                 created
 6.003s  ZK      later: the session of A
                 had to expire first,
                 after 5.67s
`
	if got := table(42, false); got != want {
		t.Errorf("got\n%s", got)
	}
	want = ` Time           0.280s
 Who            A → ZK
 What happened  as
                drawn:
`
	if got := table(24, false); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
	if got := table(0, false); strings.Count(got, "\n") != 4 {
		t.Errorf("where no width is known, a row is a line:\n%s", got)
	}
}

// TestWrapStyled: a style ends at the end of a line, and begins again on the next.
func TestWrapStyled(t *testing.T) {
	got := strings.Join(WrapStyled("\x1b[32mone two\x1b[0m three", 4), "|")
	if want := "\x1b[32mone\x1b[0m|\x1b[32mtwo\x1b[0m|thre|e"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestClip: a document cannot control the terminal of its reader.
func TestClip(t *testing.T) {
	if got := Clip("a\x1b[31m  b\u009b\n c", 20); got != "a·[31m b· c" {
		t.Errorf("%q", got)
	}
	if got := Clip("one two", 5); got != "one…" {
		t.Errorf("%q", got)
	}
}

// TestFitHuge: the widest column is narrowed first, to the width of the next; a huge column takes
// no longer.
func TestFitHuge(t *testing.T) {
	columns, ok := fit([]string{"A", "B", "C"}, [][]string{{"1", strings.Repeat("b ", 4_000_000),
		strings.Repeat("c ", 30)}}, 80)
	if !ok || sum(columns) != 80-6 || columns[1] < 30 || columns[2] < 30 {
		t.Errorf("%v %v", columns, ok)
	}
}

// TestWideCharacters: a character that takes two columns of a terminal counts as two.
func TestWideCharacters(t *testing.T) {
	var page bytes.Buffer
	out := NewOutput(&page)
	SetWidth(out, 40)
	table := NewTable(out, "Line", "What happened")
	table.Row("12", "节点已存在，失败 节点已存在，失败 节点已存在，失败")
	table.Row("13", "节点已存在失败节点已存在失败节点已存在失败")
	table.Render()
	for line := range strings.Lines(page.String()) {
		if n := visible(strings.TrimRight(line, "\n")); n > 40 {
			t.Errorf("%d columns: %q", n, line)
		}
	}
	if n := visible("节点"); n != 4 {
		t.Errorf("two characters of two columns take %d", n)
	}
}
