package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/checkout"
)

// around has texts that a program joins with others, in each way that a climber follows, and texts
// that it must not join: a result that two rows use, a value that changes only sometimes, an error
// that its caller does not wrap, a call of a function within itself.
const around = `// Package open opens things.
package open

import (
	"os"
	"fmt"

	"example/cmd/tool/terminal"
)

const (
	all   = "all of them"
	limit = 5
)

// Command returns the command tool open.
func Command() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "open FILE",
		Short: "Open a file",
	}
	cmd.Flags().StringVar(&name, "out", "", "write to this file: "+all)
	cmd.Flags().StringVarP(&name, "in", "i", "", "read from this file")
	return cmd
}

func show() *cobra.Command {
	return &cobra.Command{
		Use:   "show NAME",
		Short: "Show one of the files",
	}
}

func direct(lastZxid int, err error) error {
	fmt.Printf("\r\x1b[Kthere are %d open files", len(names))
	reason := "the file was closed twice"
	fmt.Printf("<p class=\"note\">%s: %s</p>", reason, why)
	fmt.Printf("%5d files, of which %s, up to %d%%, at %#x\n", len(names), all, limit, lastZxid)
	return fmt.Errorf("open %q: "+hint(lastZxid)+": the file has a hole: %w", s.fileName, err)
}

func hint(n int) string {
	if n > 0 {
		return "although it was closed"
	}
	return ""
}

func local(deep bool) {
	end := ""
	if deep {
		end = "to any depth at all"
	}
	fmt.Println("searched the folder " + end)
	line := fmt.Sprintf("%d files", total)
	if deep {
		line += ", of which none is open"
	}
	fmt.Println(line)
	complain("the file that was opened first", "closed")
}

func complain(what, how string) {
	fmt.Printf("%s is now %s\n", what, how)
}

// A rule says what must hold.
type rule struct{ name, says string }

var rules = []rule{
	{"FirstRule", "a file is open or closed"},
	{name: "SecondRule", says: "a file has only one name"},
}

var hints = map[string]string{
	"EACCES": "ask the owner of the file",
}

// endings are the phrases after which nothing follows.
var endings = []string{"is over and done"}

func say(n int) string {
	if n > 0 {
		return "the writes agree with real time"
	}
	return ""
}

func amount(what, how string) string { return fmt.Sprintf("5 %s, %s", what, how) }

var texts = map[string]string{
	"order": say(1), "stale": say(0),
	"stats": amount("stat", "each of the right version"),
	"multi": amount("multi", "all parts or nothing"),
}

func conditional(lost bool) string {
	says := "the message says hello"
	if lost {
		says = "lost in transit: " + says
	}
	return says
}

func closure() {
	never := func(why string) { fmt.Println(clientName + " " + why) }
	never("did not start to write")
	if err := first(); err != nil {
		return
	}
	if err := second(); err != nil {
		panic(fmt.Errorf("second step: %w", err))
	}
}

type act struct {
	path     string
	supplied []string
}

type book struct{ note []string }

func (a *act) note(format string, args ...any) {
	a.supplied = append(a.supplied, fmt.Sprintf(format, args...))
}

func (a *act) fill() {
	a.note("the path in full is %s", a.path)
	a.supplied = append(a.supplied, "a slash before it")
}

func (a *act) print() {
	for _, s := range a.supplied {
		fmt.Println("supplied: " + s)
	}
}

func meaning(denied bool) string {
	if denied {
		return "must not happen here: " + meaning(false)
	}
	return "the session is alive"
}

func twice(a, b act) {
	fmt.Printf("the paths %s and %s, not %s, of %d", a.path, b.path, a.path, a.N)
}

func letter(names []string, raw string) {
	for _, n := range names {
		fmt.Printf("the folder lacks the file %s\n", n)
	}
	w := lastWord(raw)
	fmt.Printf("%q is the last of the words\n", w)
	k, err := strconv.Atoi(raw)
	fmt.Printf("there are %d items in it\n", k)
	x := lastWord(raw)
	if deep {
		x := firstWord(raw)
		fmt.Printf("%q is one of the words\n", x)
	}
	fmt.Println(x)
}

type unread struct{ why, nearest string }

func (u *unread) Error() string { return u.why }

func third() error {
	return &unread{why: "the third step is unclear", nearest: "take the next step"}
}

func first() error { return errors.New("the first step failed") }

func second() error { return errors.New("the other step failed") }

var errGone = errors.New("restore the entry " + "from a backup")

func lost(entry string) error { return fmt.Errorf("%q is not in its list: %w", entry, errGone) }

func print(out io.Writer) {
	terminal.NewTable(out, "Time", "What happened")
	terminal.NewTable(out, heads...)
}

func columns(p printer, first string) {
	who := column[row]{"Who", name}
	table(p, "The open files", fmt.Sprintf("up to %d of them", limit), rows, who,
		column[row]{"Size", size}, column[row]{first, size}, column[row]{"Age", age})
}
`

func TestShown(t *testing.T) {
	const tool = "package main\n\nvar cmd = cobra.Command{\n\tUse: \"tool\",\n}\n"
	m := read(t, "go.mod", "module example\n", "cmd/tool/main.go", tool,
		"cmd/tool/open/open.go", around)
	got := map[string]text{}
	for _, x := range messages(m) {
		got[x.Text] = x
	}
	for _, want := range []struct{ text, in, shown string }{
		{"open FILE", "tool open, usage", "tool open FILE"},
		{"Open a file", "tool open, summary", "tool open   Open a file"},
		{"write to this file: …", "tool open, flag", "--out   write to this file: all of them"},
		{"read from this file", "tool open, flag", "-i, --in   read from this file"},
		{"show NAME", "tool open show, usage", "tool open show NAME"},
		{"Show one of the files", "tool open show, summary", "tool open show   Show one of the files"},
		{"\x1b[Kthere are %d open files", "tool open, in direct",
			"there are ‹number of names› open files"},
		{"the file was closed twice", "tool open, in direct", "⟦the file was closed twice⟧: ‹why›"},
		{"%5d files, of which %s, up to %d%%, at %#x", "tool open, in direct",
			"‹number of names› files, of which all of them, up to 5%, at ‹last zxid›"},
		{`open %q: …: the file has a hole: %w`, "tool open, in direct",
			`open "‹file name›": ‹hint›: the file has a hole: ‹error›`},
		{"although it was closed", "tool open, in hint",
			`open "‹file name›": ⟦although it was closed⟧: the file has a hole: ‹error›`},
		{"to any depth at all", "tool open, in local",
			"searched the folder ⟦to any depth at all⟧"},
		{", of which none is open", "tool open, in local",
			"‹total› files⟦, of which none is open⟧"},
		{"the file that was opened first", "tool open, in local",
			"⟦the file that was opened first⟧ is now closed"},
		{"a file is open or closed", "tool open, in rules (rule: a rule says what must hold)",
			"FirstRule: ⟦a file is open or closed⟧"},
		{"a file has only one name", "tool open, in rules (rule: a rule says what must hold)",
			"SecondRule: ⟦a file has only one name⟧"},
		{"ask the owner of the file", "tool open, in hints", "EACCES: ⟦ask the owner of the file⟧"},
		{"is over and done", "tool open, in endings: the phrases after which nothing follows",
			"is over and done"},
		{"the writes agree with real time", "tool open, in say", "the writes agree with real time"},
		{"each of the right version", "tool open, in texts",
			"stats: 5 stat, ⟦each of the right version⟧"},
		{"all parts or nothing", "tool open, in texts", "multi: 5 multi, ⟦all parts or nothing⟧"},
		{"the message says hello", "tool open, in conditional", "the message says hello"},
		{"did not start to write", "tool open, in closure",
			"‹client name› ⟦did not start to write⟧"},
		{"the folder lacks the file %s", "tool open, in letter",
			"the folder lacks the file ‹name›"},
		{"%q is the last of the words", "tool open, in letter",
			`"‹last word›" is the last of the words`},
		{"there are %d items in it", "tool open, in letter", "there are ‹number› items in it"},
		{"%q is one of the words", "tool open, in letter", `"‹…›" is one of the words`},
		{"the third step is unclear", "tool open, in third", "the third step is unclear"},
		{"the first step failed", "tool open, in first", "the first step failed"},
		{"the other step failed", "tool open, in second", "second step: ⟦the other step failed⟧"},
		{"the path in full is %s", "tool open, in act.fill",
			"supplied: ⟦the path in full is ‹path›⟧"},
		{"a slash before it", "tool open, in act.fill", "supplied: ⟦a slash before it⟧"},
		{"must not happen here: …", "tool open, in meaning", "must not happen here: ‹meaning›"},
		{"the session is alive", "tool open, in meaning", "the session is alive"},
		{"the paths %s and %s, not %s, of %d", "tool open, in twice",
			"the paths ‹path 1› and ‹path 2›, not ‹path 1›, of ‹number›"},
		{"%q is not in its list: %w", "tool open, in lost",
			`"‹entry›" is not in its list: restore the entry from a backup`},
		{"restore the entry from a backup", "tool open, in errGone",
			"restore the entry from a backup"},
		{"Time | What happened", "tool open, in print", "Time | What happened"},
		{"Who | Size | Age", "tool open, in columns",
			"The open files  up to 5 of them\n⟦Who | Size | ‹first› | Age⟧"},
	} {
		x, ok := got[want.text]
		if !ok {
			t.Errorf("%q is not among the messages", want.text)
			continue
		}
		if x.Shown != want.shown {
			t.Errorf("%q is shown as\n\t%s\nwant\n\t%s", want.text, x.Shown, want.shown)
		}
		if x.In != want.in {
			t.Errorf("%q is placed in %q, want %q", want.text, x.In, want.in)
		}
	}
}

// TestCommandOfFile: a folder may define several commands. An exported function returns a command of
// the tool, and an unexported function returns a subcommand.
func TestCommandOfFile(t *testing.T) {
	const define = "package open\n\nfunc %s() *cobra.Command {\n" +
		"\treturn &cobra.Command{Use: %q, Short: \"Does %s.\"}\n}\n"
	m := read(t, "go.mod", "module example\n",
		"cmd/tool/open/open.go", fmt.Sprintf(define, "Command", "open", "the opening")+
			"\nfunc init() { cmd.AddCommand(newReport()) }\n",
		"cmd/tool/open/report.go", fmt.Sprintf(define, "newReport", "report", "the reporting"),
		"cmd/tool/open/locks.go", fmt.Sprintf(define, "Locks", "locks", "the locking"))
	got := map[string]string{}
	for _, x := range messages(m) {
		got[x.Text] = x.In
	}
	for text, want := range map[string]string{
		"Does the opening.":   "tool open, summary",
		"Does the reporting.": "tool open report, summary",
		"Does the locking.":   "tool locks, summary",
	} {
		if got[text] != want {
			t.Errorf("%q is placed in %q, want %q", text, got[text], want)
		}
	}
}

// TestNothingIsLost draws all texts of this module: each of them is shown whole.
func TestNothingIsLost(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the whole module")
	}
	root, err := checkout.Root("")
	if err != nil {
		t.Fatal(err)
	}
	m, err := readModule(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range messages(m.withoutTests()) {
		plain := verb.ReplaceAllString(x.Text, "")
		for _, w := range word.FindAllString(plain, -1) {
			if !strings.Contains(x.Shown, w) {
				t.Errorf("%s:%d: %q is not in %q", x.File, x.Line, w, x.Shown)
			}
		}
	}
}
