//go:build unix

package terminal

import (
	"os"
	"testing"
)

// TestAbandoned: a reader that leaves before the end is noticed, and one that reads on is not
// mistaken for it.
func TestAbandoned(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	out := NewOutput(w)
	if _, err := out.Write([]byte("a line\n")); err != nil || out.Abandoned() {
		t.Errorf("abandoned by a reader that is there: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if !out.Abandoned() {
		t.Error("the reader has left, and nobody noticed")
	}
}
