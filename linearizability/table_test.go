package linearizability

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTable compares the table of checks in doc.go with the tests: every test that it names exists,
// and it names every history.
func TestTable(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(doc), "# What is checked")
	table, _, ended := strings.Cut(table, "\n// # ")
	if !found || !ended {
		t.Fatal("doc.go has no section \"What is checked\"")
	}
	tests := ""
	files, err := filepath.Glob("*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		tests += string(text)
	}
	cases := make(map[string]bool)
	for _, n := range neighbours {
		cases[n.name] = false
	}
	for _, n := range offices {
		cases[n.name] = false
	}
	rows := 0
	for _, line := range regexp.MustCompile(`(?m)^//\t(.*)$`).FindAllStringSubmatch(table, -1) {
		_, names, ok := strings.Cut(line[1], "  ")
		if !ok || strings.HasPrefix(line[1], "check ") {
			continue
		}
		for _, name := range regexp.MustCompile(`[A-Z]\w+`).FindAllString(names, -1) {
			rows++
			_, known := cases[name]
			if known {
				cases[name] = true
			} else if !strings.Contains(tests, "func "+name+"(") {
				t.Errorf("doc.go names %s: no such history or test", name)
			}
		}
	}
	if rows < 35 {
		t.Errorf("the table has %d names", rows)
	}
	for name, listed := range cases {
		if !listed {
			t.Errorf("history %s is not in the table of doc.go", name)
		}
	}
}
