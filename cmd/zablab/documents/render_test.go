package documents

import (
	"testing"
)

// In a terminal what is emphasised is so, in its own colours; elsewhere the marks stay.
func TestEmphasise(t *testing.T) {
	text := "  # One\n\n  **Bet\n  now.** It is *so* 2*3.\n  ## Two\n"
	if got := emphasise(text, false); got != text {
		t.Errorf("%q", got)
	}
	want := "  \x1b[1;4mOne\x1b[0m\n\n  \x1b[1mBet\n  now.\x1b[0m It is \x1b[3mso\x1b[0m 2*3.\n" +
		"  \x1b[1;4mTwo\x1b[0m\n"
	if got := emphasise(text, true); got != want {
		t.Errorf("%q", got)
	}
}
