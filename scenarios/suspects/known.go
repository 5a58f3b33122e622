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

// Known is an issue of a library, as its users have reported it.
type Known struct {
	Number int      // in the library's tracker, of an issue or of the change that fixed it
	Fixed  string   // the first version without it; "" if it is open
	In     string   // the version to show it in; "" for the one that go.mod requires
	Title  string   // in a few words
	Says   string   // what it is
	Breaks []string // the checks that convict it
	// Shown says how this library, in the version that go.mod requires, shows it here, or what was
	// tried.
	Shown string
	// schedule is the name of a kept schedule that shows it with some seeds. A run depends on the
	// versions of the library and of Go, so a hunt puts one seed after the other for SEED.
	schedule string
	// try, if set, plays a try in place of a schedule, and says what it plays.
	try func(e *Suspect, i int) (r fuzz.Result, how string, err error)
}

//go:embed testdata/known
var kept embed.FS

// Schedule returns the schedule of the i-th try, counted from 0. It returns false if the lab has no
// schedule for the issue.
func (k *Known) Schedule(i int) (s fuzz.Schedule, ok bool) {
	if k.schedule == "" {
		return s, false
	}
	text, err := kept.ReadFile(path.Join("testdata/known", k.schedule))
	if err != nil {
		return s, false
	}
	s, err = fuzz.Parse(k.schedule, strings.Replace(string(text), "SEED",
		fmt.Sprintf("%#x", 1+i), 1))
	return s, err == nil
}

// played is a try.
type played struct {
	fuzz.Result
	how      string
	schedule *fuzz.Schedule
}

// play plays the i-th try, counted from 0.
func (k *Known) play(e *Suspect, i int) (p played, err error) {
	if k.try != nil {
		p.Result, p.how, err = k.try(e, i)
		return p, err
	}
	s, ok := k.Schedule(i)
	if !ok {
		return p, fmt.Errorf("%s#%d: the lab has no schedule for this issue: choose another issue",
			e.Library.Name(), k.Number)
	}
	p.schedule, p.how = &s, fmt.Sprintf("seed %d of %s", s.Seed, k.schedule)
	p.Result, err = s.Play(fuzz.Playing{Engine: e})
	return p, err
}

// Playable reports whether the lab can try to show the issue.
func (k *Known) Playable() bool { return k.try != nil || k.schedule != "" }

// Tries is the number of schedules that [Suspect.Hunt] plays for an issue by default.
const Tries = 20

// Hunt is the result of [Suspect.Hunt] for a known issue: how many schedules were played, and in
// how many of them the issue appeared.
type Hunt struct {
	Tries, Shown int
	How          string         // what the first that showed it played
	First        *fuzz.Schedule // its schedule, if it has one
	Property     string
	Text         string
}

// Hunt plays schedules of a known issue. The argument tries limits their number. If the argument
// all is false, Hunt stops after the first schedule in which the issue appears. After each
// schedule, Hunt calls the function told, unless this function is nil.
func (e *Suspect) Hunt(ctx context.Context, k *Known, tries int, all bool, told func()) (h Hunt,
	err error) {
	for i := 0; i < tries && ctx.Err() == nil && (all || h.Shown == 0); i++ {
		if !k.Playable() {
			break
		}
		p, err := k.play(e, i)
		if err != nil {
			return h, err
		}
		h.Tries++
		if slices.Contains(k.Breaks, p.Property) {
			if h.Shown++; h.Shown == 1 {
				h.How, h.First, h.Property, h.Text = p.how, p.schedule, p.Property, p.Text
			}
		}
		if told != nil {
			told()
		}
	}
	return h, ctx.Err()
}
