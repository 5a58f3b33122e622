package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/book"
)

// TestReplayInShort: the whole book is printed as one line per chapter, with the problems below.
func TestReplayInShort(t *testing.T) {
	code, out, errOut := zablab("replay")
	if code != command.OK || errOut != "" || strings.Count(out, "\n") >= 60 {
		t.Errorf("exit %d, %d lines: %s%s", code, strings.Count(out, "\n"), errOut, out)
	}
	for _, want := range []string{
		"the-leader-dies .*✓ 18 .* 3 arrows later: session timeout 5.67s\n",
		"two-leaders .*! 32 ",
		"Read  [0-9]+ of [0-9]+ lines read, [0-9]+ remarks?\n",
		"Checked  ✓ [0-9]+ checks, ! [0-9]+ with an unwanted result that ZooKeeper allows, " +
			"[0-9,]+ events\n",
		"! two-leaders:15: mutual-exclusion: .*4.30s",
		"All details  zablab replay why-consensus",
	} {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("no %q:\n%s", want, out)
		}
	}
	if n := len(book.Chapters()); strings.Count(out, " ✓ ")+strings.Count(out, " ! ") < n {
		t.Errorf("not %d chapters:\n%s", n, out)
	}
	_, out, _ = zablab("replay", "--servers", "3", "--seeds", "2", "1", "2")
	if want := "All details  zablab replay --servers 3 why-consensus, or"; !strings.Contains(out, want) {
		t.Errorf("no %q:\n%s", want, out)
	}
	bad := file(t, "bad.md", "sequenceDiagram\nA->>ZK: create /x\nZK-->>A: failed\n")
	code, out, _ = zablab("replay", "2", bad)
	if want := bad + ":3: ZK → A: failed: different: "; code != command.Surprise ||
		!strings.Contains(out, want) {
		t.Errorf("exit %d, no %q: %s", code, want, out)
	}
	if _, out, _ := zablab("replay", "-v", "2", "3"); strings.Count(out, "What happened") != 4 {
		t.Errorf("-v shows each diagram: %s", out)
	}
}

// TestReplayInShortOnATerminal: on a page of limited width too, the book is printed in under 60
// lines, one row per chapter, and one line for each diagram with a problem.
func TestReplayInShortOnATerminal(t *testing.T) {
	for _, c := range []struct {
		width int
		wants []string
	}{
		{60, []string{
			`^ Document +What came later, and why\n─{60}\n`,
			`\n ✓ why-consensus +8 later: new connection, …; 6 ✗\n`,
			`\n ✓ first-one-wins +all 14 as drawn\n`,
			`\n ✓ the-leader-dies +3 later: session timeout 5\.67s\n`,
			`\n ✓ discovery-and-synch… +4 later: election 10\.3s, …; 2 ✗\n`,
		}},
		{80, []string{
			`\n ✓ why-consensus +8 later: new connection, election; 6 ✗\n`,
			`\n ! hbases-master +5 later: session timeout, new connection; 2 ✗\n`,
		}},
		{120, []string{
			`\n ✓ why-consensus +8 later: new connection 141\.6s, election 247ms; 6 ✗ as expected\n`,
			`\n ✓ kubernetes-lease +1 ✗ as expected\n`,
		}},
	} {
		code, out, errOut := zablab("replay", "--width", fmt.Sprint(c.width))
		if n := strings.Count(out, "\n"); code != command.OK || errOut != "" || n >= 60 {
			t.Errorf("width %d: exit %d, %d lines: %s%s", c.width, code, n, errOut, out)
		}
		c.wants = append(c.wants,
			`\n  ! a-blip-is-not-a-death:41  two holders at once for 2\.31s\n`,
			`\n  ! two-leaders:15 +two holders at once for 4\.30s,\s+1 stale\s+write\s+accepted\n`,
			`\n  ! stale-reads:38 +1 stale read, 1 stale read\s+after a sync\n`,
			`\n✗  arrows with the verdict "different" or "never", where`,
			`\nAll details  zablab replay --width \d+ why-consensus`,
		)
		for _, want := range c.wants {
			if !regexp.MustCompile(want).MatchString(out) {
				t.Errorf("width %d: no %q:\n%s", c.width, want, out)
			}
		}
		rows := regexp.MustCompile(`(?m)^ [✓!] [a-z]`).FindAllString(out, -1)
		if len(rows) != len(book.Chapters()) {
			t.Errorf("width %d: %d rows:\n%s", c.width, len(rows), out)
		}
	}
}

// TestReplayInShortNotWell: a narrow page still says which rows have lines that were not read or
// arrows that their author did not expect, and shows each of them in full.
func TestReplayInShortNotWell(t *testing.T) {
	bad := file(t, "bad.md", "sequenceDiagram\nA->>ZK: create /x\nZK-->>A: failed\n")
	unread := file(t, "unread.md", "sequenceDiagram\nA->>ZK: create /x\nA->>ZK: frobnicate /x\n")
	code, out, _ := zablab("replay", "--width", "60", bad, unread, "2")
	for _, want := range []string{ // where a line breaks depends on the length of the folder's name
		`\n ✗ \S*…\S*/bad\.md +1 ✗ not expected\n`,
		`\n \? \S*…\S*/unread\.md +1 line not read\n`,
		`\n  ✗ \S+/bad\.md:3:\s+ZK\s+→\s+A:\s+failed:`,
		`\n  \? \S+/unread\.md:3:\s+A\s+→\s+ZK:\s+frobnicate\s+/x:`,
	} {
		if code != command.Surprise || !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("exit %d, no %q:\n%s", code, want, out)
		}
	}
}

// TestWidthOfNotices: a notice is wrapped between words at the width of the page.
func TestWidthOfNotices(t *testing.T) {
	doc := file(t, "d.md", "sequenceDiagram\nA->>ZK: connect (session timeout 1h)\n"+
		"A->>ZK: create /x (ephemeral)\nZK-->>A: created\n")
	const notice = "line 2: the session timeout is 40.0s instead of 3600.0s, because servers grant only " +
		"timeouts from 4.00s to 40.0s"
	_, out, _ := zablab("replay", doc)
	if !strings.Contains(out, "\n  "+notice+"\n") {
		t.Errorf("no notice:\n%s", out)
	}
	_, out, _ = zablab("replay", "--width", "60", doc)
	want := "\n  line 2: the session timeout is 40.0s instead of 3600.0s,\n" +
		"  because servers grant only timeouts from 4.00s to 40.0s\n"
	if !strings.Contains(out, want) {
		t.Errorf("the notice is not wrapped:\n%s", out)
	}
}

// TestChecked: each diagram has its own line of checks. A check with nothing to check is not
// counted, and is shown only with -v, as a dot.
func TestChecked(t *testing.T) {
	_, out, _ := zablab("replay", "two-leaders")
	for _, want := range []string{
		"Checked  ✓ 14 checks, ! 3 with an unwanted result that ZooKeeper allows, 246 events\n  ! " +
			"mutual-exclusion ",
		"Checked  ✓ 16 checks, ! 1 with an unwanted result that ZooKeeper allows, 241 events\n  ! " +
			"mutual-exclusion ",
		"! as drawn: accepted without fencing: token 1/3 is older than",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "nothing to check") {
		t.Error("what was not checked is shown")
	}
	_, out, _ = zablab("replay", "-v", "the-leader-dies")
	if !strings.Contains(out, "  · multi                nothing to check") ||
		strings.Count(out, "checked by the audit, which inspects the servers after every event") != 2 ||
		!strings.Contains(out, "15 checks, 253 events since diagram 1 began") {
		t.Errorf("with -v:\n%s", out)
	}
	if n := len(regexp.MustCompile("(?m)^  ✓ ").FindAllString(out, -1)); n != 13+15 {
		t.Errorf("%d ticks", n)
	}
}

// TestByTime: --by time orders the rows by time.
func TestByTime(t *testing.T) {
	order := func(args ...string) []string {
		_, out, _ := zablab(append(args, "the-leader-dies")...)
		return regexp.MustCompile(`ZK → [BC]  notification`).FindAllString(out, -1)
	}
	drawn, timed := order("replay"), order("replay", "--by", "time")
	if fmt.Sprint(drawn) != "[ZK → B  notification ZK → C  notification]" || drawn[0] != timed[1] {
		t.Errorf("drawn %q, by time %q", drawn, timed)
	}
	if code, _, errOut := zablab("replay", "--by", "luck"); code != command.Usage ||
		!strings.Contains(errOut, "--by luck: must be drawing or time") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

// TestWidth: no line is longer than the page, at any width, and no word is broken.
func TestWidth(t *testing.T) {
	for _, width := range []int{60, 80, 120} {
		for _, name := range []string{"two-leaders", "stale-reads", "10", ""} {
			args := []string{"replay", "--width", fmt.Sprint(width)}
			if name != "" {
				args = append(args, "-v", name)
			}
			_, out, _ := zablab(args...)
			for line := range strings.Lines(out) {
				line = strings.TrimRight(line, "\n")
				command := strings.Contains(line, "zablab replay") ||
					strings.HasPrefix(line, "Fingerprint")
				if utf8.RuneCountInString(line) > width && !command {
					t.Errorf("%s at %d: %q", name, width, line)
				}
			}
		}
	}
}

// TestAgainRepeatsAll: the command at the end repeats every option.
func TestAgainRepeatsAll(t *testing.T) {
	doc := filepath.Join(t.TempDir(), "my drawing.md")
	text := "sequenceDiagram\nA->>ZK: create /x\nB->>ZK: create /y\n"
	if err := os.WriteFile(doc, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"replay", "--observers", "1", "--until", "9s", "--race", "--seeds", "2",
		"--by", "time", "--fault", "1s crash S3", "--fault", "2s restart S3", "--strict",
		"--sync", "quorum", doc}
	code, out, errOut := zablab(args...)
	want := "Again  zablab replay --seed 0x1 --by time --fault '1s crash S3' --fault '2s restart S3'" +
		" --observers 1 --race --seeds 2 --strict --sync quorum --until 9s '" + doc + "'\n"
	if code != command.OK || !strings.HasSuffix(out, want) {
		t.Errorf("exit %d: %s%s\nwant %s", code, errOut, out, want)
	}
}

// fullDisk accepts a few bytes, and then fails.
type fullDisk struct{ left int }

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.left {
		return 0, errors.New("no space left on device")
	}
	d.left -= len(p)
	return len(p), nil
}

// TestFullDisk: output that cannot be written is an error.
func TestFullDisk(t *testing.T) {
	for _, args := range [][]string{{"list"}, {"replay", "2"}, {"replay", "--json", "2"}, {"read", "2"},
		{"guide"}, {"flaws"}, {"--help"}} {
		var errOut bytes.Buffer
		code := run(context.Background(), args, &fullDisk{left: 10}, &errOut)
		if code != command.Usage || !strings.Contains(errOut.String(),
			"zablab: write standard output: no space left on device") {
			t.Errorf("%v: exit %d: %s", args, code, errOut.String())
		}
	}
}
