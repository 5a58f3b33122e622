package claims

import (
	"errors"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
)

const claimText = `# Claims

## told

Who watches is told.

%s

%s
`

func page(evidence, verdict string) book.Chapter {
	text := strings.Replace(strings.Replace(claimText, "%s", evidence, 1), "%s", verdict, 1)
	return book.Chapter{Name: "c.md", Text: []byte(text)}
}

const (
	asClaimed = "```mermaid\nsequenceDiagram\nA->>ZK: create /x\nB->>ZK: watch /x\nA->>ZK: " +
		"delete /x\nZK-->>B: notification: /x is gone\n```\n"
	notSo = "```mermaid\nsequenceDiagram\nA->>ZK: create /x\nA->>ZK: create /x\nZK-->>A: " +
		"success\nZK-->>A: success\n```\n"
	expected = "```mermaid\nsequenceDiagram\nA->>ZK: create /x\nZK-->>A: failed\n%% expect: " +
		"different\n```\n"
	printed = "```console\n$ zablab thing\nold\n```\n\n"
)

// TestClaimsFollowFromTheirEvidence: the verdict in a document must be the verdict of the runs.
func TestClaimsFollowFromTheirEvidence(t *testing.T) {
	run := func(line string) (string, error) {
		if line != "zablab thing" {
			return "", errors.New("no such command")
		}
		return "PING 36\n", nil
	}
	for _, c := range []struct {
		name, evidence, verdict string
		want                    string // the verdict, or a part of the error
	}{
		{"drawn", asClaimed, "**Holds.**", "holds"},
		{"as its author expects", expected, "**Holds.**", "holds"},
		{"not so", notSo, "**Does not hold.** It is there.", "does not hold: It is there."},
		{"only if", notSo + "\nIf so:\n\n" + asClaimed, "**Holds if** it is not there. Else not.",
			"holds if it is not there: Else not."},
		{"not even if", notSo + "\nIf so:\n\n" + notSo, "**Holds if** it is not there. Else not.",
			`says "holds if", but the runs say "does not hold"`},
		{"a figure for it", printed + "<!-- proved: PING (\\d+) -->\n", "**Holds.**", "holds"},
		{"a figure against it", asClaimed + "\n" + printed + "<!-- refuted: PING -->\n",
			"**Does not hold.** Pings.", "does not hold: Pings."},
		{"the document is wrong", asClaimed, "**Does not hold.** No.",
			`c.md:3:1: claim told: the document says "does not hold", but the runs say "holds"`},
		{"wrong the other way", notSo, "**Holds.**",
			`the runs say "does not hold": line 12: success: different in 3 of 3`},
		{"no evidence", "Nothing.", "**Holds.**", "no sequence diagram in this document"},
		{"evidence that does not come", asClaimed + "\n" + printed + "<!-- refuted: PONG -->\n",
			"**Holds.**", "the output of its commands does not match PONG"},
		{"a command that fails", asClaimed + "\n```console\n$ rm x\n```\n", "**Holds.**",
			"no such command"},
		{"a bad expression", asClaimed + "\n<!-- proved: ( -->\n", "**Holds.**", "missing closing"},
		{"no verdict", asClaimed, "Well.", "missing statement or verdict"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ch := page(c.evidence, c.verdict)
			if strings.HasPrefix(c.evidence, "```console") {
				ch.Text = append(ch.Text, "\n## other\n\nSo.\n\n"+asClaimed+"\n**Holds.**\n"...)
			}
			list, err := Play(ch, scenarios.Options{Seeds: 3}, run)
			got := ""
			if err != nil {
				got = err.Error()
			} else {
				got = string(list[0].Verdict)
				if list[0].If != "" {
					got += " " + list[0].If
				}
				if list[0].Instead != "" {
					got += ": " + list[0].Instead
				}
			}
			if err != nil && !strings.Contains(got, c.want) || err == nil && got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}
