package documents

import (
	"strings"
	"testing"
)

// TestMarkdown: a reader sees what the Markdown means: lists are indented, emphasis continues
// across lines, tables fit.
func TestMarkdown(t *testing.T) {
	source := "# One\n\n**Bet\nnow.** It is *so*, 2*3*4 and snake_case_word, `a *b*`, " +
		"[here](http://x.org/y), [there](other.md), A &amp; B\\*.\n\n" +
		"- one that is long enough to go on below itself\n- two\n  1. deep\n  2. deeper\n- [ ] task\n\n" +
		"1. first\n\n   more\n2. second\n\n> said\n> so\n\n| A | B |\n| --- | ---: |\n| *x* | y |\n\n" +
		"End<br/>line.\n"
	want := `  # One

  **Bet now.** It is *so*, 2*3*4 and
  snake_case_word, a *b*, here
  (http://x.org/y), there, A & B*.

  • one that is long enough to go on
    below itself
  • two
    1. deep
    2. deeper
  • [ ] task

  1. first

     more

  2. second

  │ said so

   A    B
  ────────
   *x*  y

  End
  line.

`
	if got := markdown(source, 40, false); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	got := markdown("# One\n\nIt is **so *very* so** that\nit goes on.\n", 20, true)
	want = "  \x1b[1;4mOne\x1b[0m\n\n  It is \x1b[1mso \x1b[3mvery\x1b[0m\x1b[1m so\x1b[0m\n  that it goes on.\n\n"
	if got != want {
		t.Errorf("%q\nwant\n%q", got, want)
	}
}

// TestCommandsStayWhole: no command is broken across lines.
func TestCommandsStayWhole(t *testing.T) {
	const command = "zablab replay --fault 'at A crashes crash S3' the-leader-dies"
	for _, source := range []string{
		"Run `" + command + "` now.\n", "    " + command + "\n", "```sh\n" + command + "\n```\n",
		"- say `" + command + "`\n",
	} {
		if got := markdown(source, 40, false); !strings.Contains(got, command) {
			t.Errorf("%s", got)
		}
	}
}
