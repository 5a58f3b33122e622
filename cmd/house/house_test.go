package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// files returns a file system with these files: name, text, name, text, and so on.
func files(names ...string) fstest.MapFS {
	root := fstest.MapFS{}
	for i := 0; i+1 < len(names); i += 2 {
		root[names[i]] = &fstest.MapFile{Data: []byte(names[i+1])}
	}
	return root
}

// read returns a module with these files.
func read(t *testing.T, names ...string) *module {
	t.Helper()
	m, err := readModule(files(names...))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestWhatIsRead(t *testing.T) {
	m := read(t,
		"a/a.go", "package a\n",
		"a/a_test.go", "package a\n",
		"a/testdata/no.go", "no Go at all",
		"a/testdata/no.md", "",
		exercises+"/one/exercise.md", "mend it",
		exercises+"/one/task.go", "no Go at all",
		".hidden/no.go", "no Go at all",
		"_old/no.go", "no Go at all",
		".github/HELP.md", "help",
		"README.md", "read",
		"a/notes.txt", "")
	var got []string
	for _, f := range m.files {
		got = append(got, f.path)
	}
	for _, p := range m.prose {
		got = append(got, p.path)
	}
	want := []string{"a/a.go", "a/a_test.go", ".github/HELP.md", "README.md",
		exercises + "/one/exercise.md"}
	if !slices.Equal(got, want) {
		t.Errorf("read %q, want %q", got, want)
	}
	if _, err := readModule(fstest.MapFS{"a.go": {Data: []byte("no Go")}}); err == nil {
		t.Error("a file that cannot be parsed is no error")
	}
	if _, err := readModule(fstest.MapFS{}); err == nil {
		t.Error("an empty module is no error")
	}
}

// TestOfThisModule runs the command on this module.
func TestOfThisModule(t *testing.T) {
	for _, args := range [][]string{
		{}, {"--json"}, {"--tests", "--top", "3"}, {"--texts", "5", "--paragraphs", "2"},
		{"--words"}, {"--help"},
	} {
		var out bytes.Buffer
		if err := run(args, &out); err != nil || out.Len() == 0 {
			t.Errorf("%q: %v, %d bytes", args, err, out.Len())
		}
	}
	for _, args := range [][]string{{"--no-such"}, {"./..."}, {"--root", os.DevNull}} {
		if err := run(args, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

func TestJSONHasEveryList(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"--json", "--top", "2"}, &out); err != nil {
		t.Fatal(err)
	}
	var got map[string][]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"packages", "files", "functions"} {
		if len(got[key]) != 2 {
			t.Errorf("%s: %d rows, want 2", key, len(got[key]))
		}
	}
	for _, key := range []string{"lines", "alike"} {
		if got[key] == nil {
			t.Errorf("%s: missing", key)
		}
	}
}

func TestTablesFitATerminal(t *testing.T) {
	var out bytes.Buffer
	if err := run([]string{"--tests"}, &out); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := columns(strings.TrimRight(line, "\n")); n > 120 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
