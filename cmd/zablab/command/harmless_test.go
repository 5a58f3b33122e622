package command

import "testing"

// TestHarmless: a document cannot send commands to a terminal, and other text stays as it is.
func TestHarmless(t *testing.T) {
	for text, want := range map[string]string{
		"a\x1b]0;title\x07\x1b[2Jb": "a␛]0;title␇␛[2Jb", "del\x7f c1\u009b31m": "del␡ c1\ufffd31m",
		"a\tb\r\nc — d": "a\tb\r\nc — d", "zero\x00\x1b": "zero\x00\x1b", "\xff\xfe\x1b": "\xff\xfe\x1b",
	} {
		if got := string(harmless([]byte(text))); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
