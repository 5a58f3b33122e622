package suspects

import (
	"context"
	"embed"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/fuzz"
)

// Known is an open issue of a library, as its users have reported it.
type Known struct {
	Number int      // in the library's tracker
	Title  string   // in a few words
	Says   string   // what it is
	Breaks []string // the checks that convict it
	// Shown says how this library, in the version that go.mod requires, shows it here, or what was
	// tried.
	Shown string
	// Schedules are kept schedules that show it, or may: how many looks at the clock a server takes
	// depends on the version of the library and of Go, so a kept schedule has SEED and LOOKS, for which
	// a hunt puts other values.
	schedule string
	looks    []int // the values of LOOKS, in the order of the tries
}

//go:embed testdata/known
var kept embed.FS

// KnownIssues returns the open issues of hashicorp/raft that the lab knows, by number.
func KnownIssues() []Known { return slices.Clone(knownIssues) }

// Schedule returns the schedule of the i-th try, counted from 0; false if the lab has none.
func (k *Known) Schedule(i int) (s fuzz.Schedule, ok bool) {
	if k.schedule == "" {
		return s, false
	}
	text, err := kept.ReadFile(path.Join("testdata/known", k.schedule))
	if err != nil {
		return s, false
	}
	seed, looks := 1+i, 0
	if n := len(k.looks); n > 0 {
		looks = k.looks[i%n]
	}
	words := strings.NewReplacer("SEED", fmt.Sprintf("%#x", seed), "LOOKS", fmt.Sprint(looks))
	s, err = fuzz.Parse(k.schedule, words.Replace(string(text)))
	return s, err == nil
}

// Hunt is how often the tries for a known issue showed it.
type Hunt struct {
	Tries, Shown int
	First        *fuzz.Schedule // the first that showed it
	Property     string
	Text         string
}

// Hunt plays up to tries schedules of a known issue, and stops at the first that shows it unless all
// is set. told, if not nil, is called after each.
func (e *Suspect) Hunt(ctx context.Context, k *Known, tries int, all bool, told func()) (h Hunt,
	err error) {
	for i := 0; i < tries && ctx.Err() == nil && (all || h.Shown == 0); i++ {
		s, ok := k.Schedule(i)
		if !ok {
			break
		}
		r, err := s.Play(fuzz.Playing{Engine: e})
		if err != nil {
			return h, err
		}
		h.Tries++
		if slices.Contains(k.Breaks, r.Property) {
			if h.Shown++; h.First == nil {
				h.First, h.Property, h.Text = &s, r.Property, r.Text
			}
		}
		if told != nil {
			told()
		}
	}
	return h, ctx.Err()
}
