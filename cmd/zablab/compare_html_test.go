package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/web"
)

// TestCompareHTMLErrors: for a report that cannot be written, the command prints one line before it
// plays anything, and leaves no file.
func TestCompareHTMLErrors(t *testing.T) {
	dir := t.TempDir()
	nowhere := filepath.Join(dir, "no", "such", "report.html")
	for _, name := range []string{nowhere, dir} {
		code, out, errOut := zablab("compare", "--guest", "nosuch", "--html", name)
		if code != command.Usage || out != "" || strings.Count(errOut, "\n") != 1 ||
			!strings.HasPrefix(errOut, "zablab: --html "+name+": ") ||
			!strings.HasSuffix(errOut, ": name a writable file in an existing folder\n") {
			t.Errorf("exit %d: %q %q", code, out, errOut)
		}
	}
	fine := filepath.Join(dir, "report.html")
	if code, _, errOut := zablab("compare",
		"--guest", "nosuch", "--html", fine); code != command.Usage ||
		strings.Contains(errOut, "--html") {
		t.Errorf("exit %d: %q", code, errOut)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestCompareHTML: a report next to --json, whose output stays the same; a report of one fault,
// with both runs; a report of a plan alone.
func TestCompareHTML(t *testing.T) {
	if testing.Short() {
		t.Skip("it plays Raft")
	}
	dir := t.TempDir()
	page := func(name string, args ...string) (page, printed string) {
		t.Helper()
		file := filepath.Join(dir, name)
		code, printed, errOut := zablab(append([]string{
			"compare", "--servers", "3", "--html", file,
		},
			args...)...)
		text, err := os.ReadFile(file)
		if code != command.OK || errOut != "" || err != nil {
			t.Fatalf("exit %d: %s%v", code, errOut, err)
		}
		return string(text), printed
	}
	plain, _ := page("report.html", "--only", "writes")
	if !strings.Contains(plain, "What one write costs") ||
		strings.Contains(plain, `id="timeline"`) ||
		!strings.Contains(plain, "zablab compare --html report.html --only writes --servers 3") {
		t.Errorf("%s", plain)
	}
	code, with, _ := zablab("compare", "--servers", "3", "--only", "writes", "--json",
		"--html", filepath.Join(dir, "report.html"))
	_, without, _ := zablab("compare", "--servers", "3", "--only", "writes", "--json")
	again, err := os.ReadFile(filepath.Join(dir, "report.html"))
	if code != command.OK || with != without || err != nil || string(again) != plain {
		t.Errorf("exit %d, %v: with a report\n%s\nwithout\n%s", code, err, with, without)
	}
	fault, printed := page("fault.html", "--seeds", "1", "--fault", "6s pause LEADER 300ms")
	if !strings.Contains(printed, "6s pause LEADER 300ms") ||
		strings.Contains(printed, "One write at a time") {
		t.Errorf("%s", printed)
	}
	if !strings.Contains(fault, `id="failover"`) || !strings.Contains(fault, `id="timeline"`) ||
		strings.Contains(fault, `id="writes"`) || strings.Count(fault, "is paused") < 1 {
		t.Errorf("%s", fault)
	}
	plan := file(t, "my.plan", "3s crash LEADER\n")
	if text, _ := page("plan.html", "--plan", plan); !strings.Contains(text,
		"ZAB and Raft under one plan of faults") ||
		strings.Contains(text, `id="failover"`) ||
		strings.Count(text, `<rect class="role leads"`) < 5 ||
		!strings.Contains(text, "writes succeed again") {
		t.Errorf("%s", text)
	} else if steps, err := os.ReadFile(filepath.Join(dir, "plan-steps.html")); err != nil ||
		!strings.Contains(text, `href="plan-steps.html"`) ||
		!strings.Contains(string(steps), `"names":["ZAB","hashicorp/raft"],"at":3000000`) {
		t.Errorf("the report leads to no page of both runs: %v", err)
	}
	if steps, err := os.ReadFile(filepath.Join(dir, "fault-steps-1.html")); err != nil ||
		!strings.Contains(fault, `href="fault-steps-1.html"`) || !strings.Contains(string(steps), `"at":6000000`) {
		t.Errorf("the fail-over leads to no page of its runs: %v", err)
	}
	steps, err := os.ReadFile(filepath.Join(dir, "plan-steps.html"))
	if err != nil || len(steps) > 400_000 {
		t.Errorf("the page of two runs has %d bytes, more than 400,000: %v", len(steps), err)
	}
	for _, id := range []string{"trace", "beside"} {
		text, err := web.Embedded(steps, id)
		if err != nil || !strings.Contains(string(text), `"name":"acknowledged-writes-are-kept","result":"ok"`) {
			t.Errorf("%s of the page has no verdict: %v", id, err)
		}
	}
	etcd, _ := page("etcd.html", "--engine", "etcd-raft", "--only", "writes")
	if !strings.Contains(etcd, "the published etcd-io/raft v3.") || strings.Contains(etcd, "hashicorp") {
		t.Errorf("the page of etcd-io/raft is\n%s", etcd)
	}
	if off, _ := page("off.html", "--only", "prevote", "--seeds", "1"); !strings.Contains(off,
		`href="off-steps-2.html">Step through one run of it, Raft with PreVote beside Raft without PreVote<`) {
		t.Errorf("the table without PreVote leads to no page: %s", off)
	}
	steps, err = os.ReadFile(filepath.Join(dir, "off-steps-1.html"))
	if err != nil || !strings.Contains(string(steps), `"names":["with PreVote","without"]`) {
		t.Errorf("the page without PreVote: %v", err)
	}
}
