package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/trace"
)

// inPage returns the trace in a page, and the page's options.
func inPage(t *testing.T, file string) (text, options string) {
	t.Helper()
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`id="trace">([^<]*)</script>\s*(?:<script[^>]*></script>\s*)?<script type="application/json" id="options">([^<]*)<`).
		FindStringSubmatch(string(page))
	if m == nil {
		t.Fatal("the page has no trace")
	}
	b, err := web.Embedded(page, "trace")
	if err != nil {
		t.Fatal(err)
	}
	return string(b), m[2]
}

// The page of a run has the run's trace, whether replay, trace page or fuzz writes it.
func TestPages(t *testing.T) {
	t.Chdir(t.TempDir())
	must := func(want int, args ...string) string {
		t.Helper()
		code, out, errOut := zablab(args...)
		if code != want {
			t.Fatalf("%s: exit %d, want %d: %s", strings.Join(args, " "), code, want, errOut)
		}
		return out
	}
	out := must(command.OK, "replay", "--trace", "r.ndjson", "--html", "r.html", "--depth", "server",
		"--no-fork", "the-leader-dies")
	if !strings.Contains(out, "Written  r.ndjson r.html\n") {
		t.Errorf("replay does not say what it wrote:\n%s", out)
	}
	want, err := os.ReadFile("r.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	text, options := inPage(t, "r.html")
	if text != string(want) || options != `{"filter":"protocol","whyNot":`+
		`"The page was written with --no-fork, so it has no program that plays runs: write the `+
		`page again without --no-fork."}` {
		t.Errorf("the page has another trace, or other options: %s", options)
	}
	must(command.OK, "trace", "page", "r.ndjson", "--at", "6s", "-o", "p.html")
	if text, options = inPage(t, "p.html"); text != string(want) || !strings.HasPrefix(options, `{"step":472,"whyNot"`) {
		t.Errorf("trace page --at 6s has another trace, or opens elsewhere: %s", options)
	}
	if out := must(command.OK, "--json", "trace", "page", "r.ndjson"); !strings.Contains(out,
		`"file": "r.html"`) || !strings.Contains(out, `"ended": true`) {
		t.Errorf("trace page --json: %s", out)
	}
	must(command.Broken, "fuzz", "--seed", "1", "--flaw", "setwatches.no-compare", "--html", "f.html")
	text, _ = inPage(t, "f.html")
	run, err := trace.Read("f", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(run.End.Broken, func(b trace.Broken) bool { return b.Step >= 0 }) {
		t.Errorf("the page of a failure does not say where it breaks: %+v", run.End.Broken)
	}
}

// A page that cannot be written is an error that says what to do.
func TestPagesRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("half.ndjson", []byte(`{"schema":"zablab.trace/9"}`+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"name its file with --html", []string{"replay", "--open", "the-leader-dies"}},
		{"no folder", []string{"replay", "--html", filepath.Join("none", "x.html"), "the-leader-dies"}},
		{"select it with --seed", []string{"fuzz", "--html", "x.html", "--seeds", "1"}},
		{"no such file", []string{"trace", "page", "none.ndjson"}},
		{"must be zablab.trace/1", []string{"trace", "page", "half.ndjson"}},
	} {
		code, _, errOut := zablab(c.args...)
		if code != command.Usage || !strings.Contains(errOut, c.want) {
			t.Errorf("%s: exit %d, %s; want %d, %s", strings.Join(c.args, " "), code, errOut,
				command.Usage, c.want)
		}
	}
}
