package web_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/web"
)

// TestShotsMade takes pictures of pages that commands write: ZAB beside Raft, the report of zablab
// compare, and a chapter of the site with its bet open.
//
//	go test ./cmd/zablab/web -run TestShots -shots DIR
func TestShotsMade(t *testing.T) {
	if web.Shots() == "" {
		t.Skip("no folder: -shots DIR")
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "zablab")
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
	}
	run("go", "build", "-o", program, "github.com/zablab/zablab/cmd/zablab")
	plan := filepath.Join(dir, "crash.plan")
	if err := os.WriteFile(plan, []byte("3s crash LEADER\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	run(program, "compare", "--plan", plan, "--html", filepath.Join(dir, "beside.html"))
	run(program, "compare", "--seeds", "5", "--html", filepath.Join(dir, "report.html"))
	writeSite(t, dir, "05-two-leaders.md")
	b := web.NewBrowser(t)
	for _, p := range []struct{ name, page string }{
		{"zab-beside-raft", "beside-steps.html"}, {"report", "report.html"},
		{"chapter", "05-two-leaders.html"},
	} {
		b.Visit(address(dir, p.page))
		b.Shoot(p.name)
	}
}
