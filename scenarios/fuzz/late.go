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

// quantities is what a batch counts of a run, to compare its rates with those of the sound engine:
// see package rates. Times are in milliseconds.
func (out *Result) quantities() []rates.Quantity {
	ms := func(t sim.Time) int64 { return int64(t / sim.Millisecond) }
	list := []rates.Quantity{
		{Name: "operations that succeeded", N: int64(out.Succeeded)},
		{Name: "ms without a leader in calm", N: ms(out.Calm.Leaderless)},
		{Name: "elections in calm", N: int64(out.Calm.Elections)},
		{Name: "ms of joining a leader in calm", N: ms(out.Calm.Joining)},
		{Name: "roles left in calm", N: int64(out.Calm.Left)},
		{Name: "ms from healing to a write", N: ms(out.Healed)},
		{Name: "ms until all was at rest", N: ms(out.Rested)},
	}
	for _, c := range out.Sometimes.List() {
		list = append(list, rates.Quantity{Name: c.What, N: int64(c.N)})
	}
	return list
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
	out.Text = fmt.Sprintf("the lab itself panicked: %v, in %s", r, strings.Join(frames, ", "+
		"called by "))
}
