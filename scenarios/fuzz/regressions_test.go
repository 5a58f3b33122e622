package fuzz

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zablab/zablab/zab/flaw"
)

// needed is what the run of a regression has to see, by the first word of its name. Without,
// timings have drifted, and the regression must be found again.
var needed = map[string]func(*Sometimes) int{
	"inherited": func(s *Sometimes) int { return s.Handed },
	"lost":      func(s *Sometimes) int { return s.Lost },
	"synced":    func(s *Sometimes) int { return s.Diffs + s.Snaps + s.Truncs },
	"clock":     func(s *Sometimes) int { return s.Faults },
	"gap":       func(s *Sometimes) int { return s.Faults },
	"observer":  func(s *Sometimes) int { return s.Lost },
	"slow":      func(s *Sometimes) int { return s.Lost },
	"purged":    func(s *Sometimes) int { return s.Blackouts },
	"identity":  func(s *Sometimes) int { return s.Elections },
	"multi":     func(s *Sometimes) int { return s.Elections },
	"refused":   func(s *Sometimes) int { return s.Elections },
	"holder":    func(s *Sometimes) int { return s.Outlived },
	"joins":     func(s *Sometimes) int { return s.Truncs },
	"moves":     func(s *Sometimes) int { return min(s.Moved, s.Expired) },
	"promised":  func(s *Sometimes) int { return s.Elections },
	"hurried":   func(s *Sometimes) int { return s.Moved },
	"rest":      func(s *Sometimes) int { return s.Blackouts },
	"void":      func(s *Sometimes) int { return min(s.Truncs, s.Snaps) },
}

// TestRegressions plays schedules that once broke a property, each shrunk. One with a flaw must
// still break the property of its first line, and nothing without the flaw: zablab flaws --hunt
// --out scenarios/fuzz/testdata/regressions finds them again.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob("testdata/regressions/*.schedule")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	kept := map[flaw.Flaw]bool{}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Parse(name, string(text))
		if err != nil {
			t.Fatal(err)
		}
		if s.Flaw != flaw.None {
			kept[s.Flaw] = true
			breaks, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# breaks "), ":")
			out, err := s.Play(Playing{})
			if err != nil || out.Property != breaks {
				t.Errorf("%s: with its flaw it breaks %q, not %s: %v %s", name, out.Property,
					breaks, err, out.Text)
			}
			e, _ := flaw.Find(s.Flaw.String())
			if !slices.Contains(e.Catches, breaks) {
				t.Errorf("%s: it breaks %s, and %s is said to be caught by %s", name, breaks,
					e.Name, e.Catches)
			}
			if n := len(s.Plan); n > long {
				t.Errorf("%s: its plan has %d lines, more than %d", name, n, long)
			}
			s.Flaw = flaw.None
		}
		out, err := s.Play(Playing{})
		if err != nil || out.Property != "" || len(out.Undecided) > 0 {
			t.Errorf("%s: %v %s %v\n%s", name, err, out.Property, out.Undecided, out.Text)
		}
		if strings.HasPrefix(string(text), "# breaks ") {
			continue
		}
		kind, _, _ := strings.Cut(filepath.Base(name), "-")
		if n := needed[kind]; n == nil {
			t.Errorf("%s: say in needed what a regression about %q has to see", name, kind)
		} else if n(&out.Sometimes) == 0 {
			t.Errorf("%s: what it is about no longer happens", name)
		}
	}
	for _, e := range flaw.All() {
		if !kept[e.Flaw] {
			t.Errorf("%s: no regression is kept: zablab flaws --hunt --out "+
				"scenarios/fuzz/testdata/regressions %s", e.Name, e.Name)
		}
	}
}
