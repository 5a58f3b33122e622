package main

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/book"
)

// The site of the whole book has at most 8 MB, every address in it is a file of it, and each chapter
// has its drawings, its runs and its bet.
func TestBookSite(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: builds the engine, and plays the book and the claims")
	}
	dir := filepath.Join(t.TempDir(), "site")
	code, out, errOut := zablab("book", "--out", dir, "--seeds", "2")
	if code != command.OK {
		t.Fatalf("exit %d: %s", code, errOut)
	}
	if !strings.Contains(out, "Written  "+dir) {
		t.Errorf("book says %q", out)
	}
	size, pages := int64(0), make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		pages[filepath.ToSlash(rel)] = string(text)
		size += int64(len(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if size > 8_000_000 {
		t.Errorf("the site has %d bytes; the limit is 8,000,000", size)
	}
	if _, ok := pages["engine.js"]; !ok {
		t.Errorf("the site has no engine: %s", errOut)
	}
	addresses := regexp.MustCompile(` (?:href|src|data-src|data-run)="([^"#?]+)`)
	for name, text := range pages {
		if path.Ext(name) != ".html" {
			continue
		}
		for _, m := range addresses.FindAllStringSubmatch(text, -1) {
			to := path.Join(path.Dir(name), m[1])
			if _, ok := pages[to]; !ok && !strings.HasPrefix(m[1], "http") {
				t.Errorf("%s leads to %s, which is missing", name, m[1])
			}
			if strings.Contains(m[0], "src=") && strings.Contains(m[1], ":") {
				t.Errorf("%s loads %s", name, m[1])
			}
		}
		if !strings.Contains(text, "default-src 'none'") || !strings.Contains(text, "connect-src 'none'") {
			t.Errorf("%s may load anything", name)
		}
	}
	for _, c := range book.Chapters() {
		text := pages[strings.TrimSuffix(c.Name, ".md")+".html"]
		drawn := strings.Count(string(c.Text), "```mermaid")
		if n := strings.Count(text, `<svg class="sd"`); n != drawn {
			t.Errorf("%s has %d drawings, not %d", c.Name, n, drawn)
		}
		for _, want := range []string{`class="bet"`, `class="after"`, "<iframe", "Show what happens"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s has no %s", c.Name, want)
			}
		}
		if strings.Count(text, `<details class="answer"><summary>Answer</summary>`) !=
			strings.Count(string(c.Text), "<details>") ||
			strings.Count(text, "<details") != strings.Count(text, "</details>") {
			t.Errorf("%s: the box with its answer is missing, or is not closed", c.Name)
		}
		if strings.Contains(text, "%% expect") || strings.Contains(text, "<!--") {
			t.Errorf("%s shows what only its author should see", c.Name)
		}
	}
	if n := strings.Count(pages["claims.html"], `class="claim"`); n < 40 {
		t.Errorf("%d claims", n)
	}
}

func TestBookRefuses(t *testing.T) {
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"book"}, "nothing to do"},
		{[]string{"book", "--serve", "--listen", "0.0.0.0:80"}, "must be a loopback address"},
		{[]string{"book", "--out", "/dev/null/x", "--no-fork", "--seeds", "0"}, "--seeds 0"},
	} {
		code, _, errOut := zablab(c.args...)
		if code != command.Usage || !strings.Contains(errOut, c.says) {
			t.Errorf("%q: exit %d, %q, without %q", c.args, code, errOut, c.says)
		}
	}
}
