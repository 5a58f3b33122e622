package learn

import "testing"

// TestAnswerIn: the answer may stand after "Answer:", below it, or over several lines.
func TestAnswerIn(t *testing.T) {
	for text, want := range map[string]string{
		"q\nAnswer: b\n": "b", "Answer:\nb\n": "b", "Answer:\n\n  b\n\nmore\n": "b",
		"Answer: S1 up\nand S2 up\n\nnotes\n": "S1 up and S2 up", "**Answer:** `7`": "7",
	} {
		if got, err := answerIn([]byte(text)); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "q\nAnswer:\n", "Answer: a\nAnswer: b\n"} {
		if got, err := answerIn([]byte(text)); err == nil {
			t.Errorf("%q: %q", text, got)
		}
	}
}
