package scenarios

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// needed are the things, by the first word of a regression's name, that its run has to see: without
// them it has gone dull, because moments drifted, and must be found anew.
var needed = map[string]func(*Sometimes) int{
	"inherited": func(s *Sometimes) int { return s.Handed },
}

// TestRegressions plays schedules that once broke something, each shrunk to what that took.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob("testdata/regressions/*.schedule")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := ParseSchedule(name, string(text))
		if err != nil {
			t.Fatal(err)
		}
		out, err := s.Play(Playing{})
		if err != nil || out.Property != "" || len(out.Undecided) > 0 {
			t.Errorf("%s: %v %s %v\n%s", name, err, out.Property, out.Undecided, out.Text)
		}
		kind, _, _ := strings.Cut(filepath.Base(name), "-")
		if n := needed[kind]; n == nil {
			t.Errorf("%s: say in needed what the run of a regression about %q has to see", name, kind)
		} else if n(&out.Sometimes) == 0 {
			t.Errorf("%s: what it is about does not happen any more", name)
		}
	}
}
