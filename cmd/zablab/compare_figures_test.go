package main

import (
	"context"
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"
)

var allFigures = flag.Bool("figures", false,
	"compare every output of zablab compare in chapter 13 with a run, which takes minutes")

// measured matches a block of the chapter with a command of zablab compare and its output.
var measured = regexp.MustCompile("(?ms)^```text\n\\$ (zablab compare [^\n]*)\n(.*?)^```$")

// TestCompareFigures compares outputs of zablab compare in chapter 13 with runs: of the writes, whose
// figures README shows too; and with -figures, of all commands there. After an intended change:
// go test ./cmd/zablab -run CompareFigures -figures -rewrite.
func TestCompareFigures(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it plays Raft")
	}
	const name, readme = "../../scenarios/book/13-zab-and-raft.md", "../../README.md"
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	blocks, writes := 0, ""
	shown := measured.ReplaceAllStringFunc(string(text), func(block string) string {
		blocks++
		m := measured.FindStringSubmatch(block)
		if !*allFigures && !strings.Contains(m[1], "--only writes") {
			return block
		}
		out, err := shell(context.Background(), m[1])
		if err != nil {
			t.Error(err)
		}
		if strings.Contains(m[1], "--only writes") {
			writes = out
		}
		return "```text\n$ " + m[1] + "\n" + out + "```"
	})
	if blocks < 5 || writes == "" {
		t.Fatalf("%d commands in the chapter, the output of its writes: %q", blocks, writes)
	}
	switch {
	case shown == string(text):
	case *rewrite:
		if err := os.WriteFile(name, []byte(shown), 0o644); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("the figures have changed: go test ./cmd/zablab -run CompareFigures -figures "+
			"-rewrite, and look at the prose:\n%s", difference(string(text), shown))
	}
	front, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(front), "```\n"+writes+"```") {
		t.Errorf("README.md does not show\n%s", writes)
	}
}
