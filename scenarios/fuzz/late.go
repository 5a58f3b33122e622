package fuzz

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/calm"
	"github.com/zablab/zablab/scenarios/ensemble"
	"github.com/zablab/zablab/scenarios/rates"
	"github.com/zablab/zablab/sim"
)

// calm judges whether a run in which nothing else broke has lost time in which no fault acted.
func (out *Result) calm(e *ensemble.Ensemble) {
	if out.Property != "" {
		return
	}
	var late []calm.Breach
	late, out.Calm = e.Calm()
	late = slices.DeleteFunc(late, func(b calm.Breach) bool { return out.mutes(b.Name) })
	if len(late) > 0 {
		first := slices.MinFunc(late, func(a, b calm.Breach) int { return cmp.Compare(a.At, b.At) })
		out.Property, out.Text = first.Name, first.Text
	}
}

// measures are the quantities of a run that are not in [Sometimes]. A name is a key in files and
// never changes; people read what it says.
var measures = []struct {
	name, says string
	of         func(*Result) int64
}{
	{"operations that succeeded", "operations that succeeded",
		func(r *Result) int64 { return int64(r.Succeeded) }},
	{"ms without a leader in calm", "milliseconds without a leader while no fault acted",
		func(r *Result) int64 { return ms(r.Calm.Leaderless) }},
	{"elections in calm", "elections while no fault acted",
		func(r *Result) int64 { return int64(r.Calm.Elections) }},
	{"ms of joining a leader in calm", "milliseconds in which a leader had a quorum but was not " +
		"established yet, while no fault acted", func(r *Result) int64 { return ms(r.Calm.Joining) }},
	{"roles left in calm", "times that a server stopped serving while no fault acted",
		func(r *Result) int64 { return int64(r.Calm.Left) }},
	{"ms from healing to a write", "milliseconds from the healing of all faults to the next write",
		func(r *Result) int64 { return ms(r.Healed) }},
	{"ms until all was at rest", "milliseconds from the moment when the last client had ended " +
		"until the ensemble was at rest", func(r *Result) int64 { return ms(r.Rested) }},
}

func ms(t sim.Time) int64 { return int64(t / sim.Millisecond) }

// quantities is what a batch counts of a run, to compare its rates with those of the sound engine:
// see package rates.
func (out *Result) quantities() (list []rates.Quantity) {
	for _, m := range measures {
		list = append(list, rates.Quantity{Name: m.name, N: m.of(out)})
	}
	for _, c := range out.Sometimes.List() {
		list = append(list, rates.Quantity{Name: c.What, N: int64(c.N)})
	}
	return list
}

// quantityText returns what people read for the name of a quantity.
func quantityText(name string) string {
	for _, m := range measures {
		if m.name == name {
			return m.says
		}
	}
	var s Sometimes
	for _, c := range s.List() {
		if c.What == name {
			return c.Text
		}
	}
	return name
}

// mutes reports whether a property is muted, and notes that it broke.
func (out *Result) mutes(property string) bool {
	if !slices.Contains(out.mute, property) {
		return false
	}
	if !slices.Contains(out.Muted, property) {
		out.Muted = append(out.Muted, property)
	}
	return true
}

// HarnessCrash is the property that breaks if the lab itself panics: a bug of the lab.
const HarnessCrash = "HarnessCrash"

// CrashText is what the text of a HarnessCrash begins with; the panic's own text follows.
const CrashText = "the lab itself panicked: "

// recovers turns a panic of the lab into a broken property, so that a batch keeps what it has found
// and the seed is known. Defer it.
func (out *Result) recovers() {
	r := recover()
	if r == nil {
		return
	}
	var frames []string
	pcs := make([]uintptr, 64)
	list := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for more := true; more && len(frames) < 4; {
		var f runtime.Frame
		f, more = list.Next()
		if name, ours := strings.CutPrefix(f.Function, "github.com/zablab/zablab/"); ours {
			frames = append(frames, fmt.Sprintf("%s line %d", name, f.Line))
		}
	}
	out.Property = HarnessCrash
	out.Text = fmt.Sprintf(CrashText+"%v, in %s", r, strings.Join(frames, ", "+
		"called by "))
}
