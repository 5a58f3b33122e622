package main

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/checkout"
)

// TestWords checks that comments, strings and Markdown use no word that the glossary rules out.
func TestWords(t *testing.T) {
	m, root := thisModule(t)
	text, err := fs.ReadFile(root, glossary)
	if err != nil {
		t.Fatal(err)
	}
	rules, err := readRules(string(text))
	if err != nil {
		t.Fatalf("%s: %v", glossary, err)
	}
	for _, o := range offences(m, rules) {
		if o.Held {
			t.Errorf("%s:%d: say %s for %q, or say in %s where it is right:\n\t%s",
				o.File, o.Line, o.But, o.Word, glossary, o.Text)
		}
	}
}

// TestContributing: every file and every name in CONTRIBUTING.md and in the glossary exists.
func TestContributing(t *testing.T) {
	m, root := thisModule(t)
	names := declarations(m)
	for file, every := range map[string]bool{".github/CONTRIBUTING.md": true, glossary: false} {
		text, err := fs.ReadFile(root, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range missing(string(text), root, names, every) {
			t.Errorf("%s:%s", file, c)
		}
	}
}

func thisModule(t *testing.T) (*module, fs.FS) {
	t.Helper()
	dir, err := checkout.Root("")
	if err != nil {
		t.Fatal(err)
	}
	root := os.DirFS(dir)
	m, err := readModule(root)
	if err != nil {
		t.Fatal(err)
	}
	return m, root
}

// declarations returns the names in the packages of a module: each alone, after its package, and,
// if it is a method, after its type (Step, zab.Peer.Step, Peer.Step).
func declarations(m *module) map[string]bool {
	names := map[string]bool{}
	for _, f := range m.files {
		for _, d := range f.syntax.Decls {
			for _, name := range declared(d) {
				names[name] = true
				names[f.syntax.Name.Name+"."+name] = true
			}
		}
	}
	return names
}

var (
	identifier = regexp.MustCompile(`^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$`)
	goFile     = regexp.MustCompile(`\.(go|md)$`)
)

// missing returns the names in backticks or in indented commands of a document that do not exist.
// Names without a dot are checked only if every is set, because a glossary contains other words.
func missing(text string, root fs.FS, names map[string]bool, every bool) []string {
	var list []string
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "    ") {
			command, _, _ := strings.Cut(line, "#")
			for _, word := range strings.Fields(command) {
				if isMissingFile(word, root) {
					list = append(list, fmt.Sprintf("%d: %s is not there", i+1, word))
				}
			}
			continue
		}
		for _, span := range quoted(line) {
			name := identifier.MatchString(span) && (every || strings.Contains(span, "."))
			switch {
			case exists(root, span) || goFile.MatchString(span) && !strings.Contains(span, "/"):
			case isMissingFile(span, root):
				list = append(list, fmt.Sprintf("%d: %s is not there", i+1, span))
			case name && !names[span]:
				list = append(list, fmt.Sprintf("%d: nothing is called %s", i+1, span))
			}
		}
	}
	return list
}

// isMissingFile reports whether a word can only be a file or a folder of this module, and does not
// exist.
func isMissingFile(word string, root fs.FS) bool {
	file := strings.TrimPrefix(strings.TrimSuffix(word, "/..."), "./")
	first, _, below := strings.Cut(file, "/")
	return below && (exists(root, first) || goFile.MatchString(file)) && !exists(root, file)
}

func exists(root fs.FS, file string) bool {
	_, err := fs.Stat(root, file)
	return err == nil
}

func TestMissing(t *testing.T) {
	m := read(t, "a/a.go", "package a\n\ntype T int\n\nfunc (T) M() {}\n\nvar table = 1\n",
		"a/a_test.go", "package a\n\nfunc TestA() {}\n",
		"README.md", "")
	root := files("a/a.go", "", "README.md", "")
	for text, want := range map[string]string{
		"`a/a.go`, `README.md`, `a.T`, `T.M`, `a.T.M`, `table`, `TestA`, `./a/...`": "",
		"\n`a/b.go`":                  "2: a/b.go is not there",
		"`b/b.go`":                    "1: b/b.go is not there",
		"`a/testdata`":                "1: a/testdata is not there",
		"`2/17`, `go test ./...`":     "",
		"`a.U`":                       "1: nothing is called a.U",
		"`TestB`":                     "1: nothing is called TestB",
		"    go test ./a -run TestB":  "",
		"    go test ./a/b # ./a/c":   "1: ./a/b is not there",
		"`1.2s power S3`, `-rewrite`": "",
		"14-its-name.md, `a-b`":       "",
		"`doc.go`":                    "",
	} {
		if got := strings.Join(missing(text, root, declarations(m), true), "; "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := missing("`word`, `a.U`", root, declarations(m), false); len(got) != 1 {
		t.Errorf("%q, want only a.U", got)
	}
}
