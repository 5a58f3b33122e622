package client_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every hazard that this package's code cites is defined in doc.go, every one that is defined is
// cited, and every test that a definition names exists.
func TestHazards(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	defined, cited := make(map[string]bool), make(map[string]bool)
	var code strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if name == "doc.go" {
			for _, m := range regexp.MustCompile(`(?m)^//   - (H\d+), `).FindAllSubmatch(text, -1) {
				defined[string(m[1])] = true
			}
			continue
		}
		code.Write(text)
		for _, m := range regexp.MustCompile(`//.*`).FindAll(text, -1) {
			for _, hazard := range regexp.MustCompile(`\bH\d+\b`).FindAll(m, -1) {
				cited[string(hazard)] = true
			}
		}
	}
	for hazard := range cited {
		if !defined[hazard] {
			t.Errorf("%s is cited, but doc.go does not define it", hazard)
		}
	}
	for hazard := range defined {
		if !cited[hazard] {
			t.Errorf("%s is defined in doc.go, but cited nowhere", hazard)
		}
	}
	text, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range regexp.MustCompile(`\bTest\w+`).FindAllString(string(text), -1) {
		if !strings.Contains(code.String(), "func "+test+"(") {
			t.Errorf("doc.go names %s, which does not exist", test)
		}
	}
}
