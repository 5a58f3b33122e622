package report

import (
	"fmt"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/compare/schedules"
	"github.com/zablab/zablab/sim"
)

// Drawn has the results of several engines with the same schedules, which the fuzzer generated.
type Drawn struct {
	Batch *schedules.Batch
	Asked int // schedules; fewer are done if the batch was interrupted
	// Again returns the command that plays the schedule of a seed on all engines.
	Again  func(seed uint64) string
	Builds []Build // the libraries of the engines; hashicorp/raft alone if there are none
}

// drawnView shows drawn schedules.
type drawnView struct {
	Summary  string
	Done     string
	Broken   []brokenRow
	Figures  []drawnFigure
	Checked  []checkedView
	Differ   []string
	Print    string // fingerprint
	Complete bool
}

type brokenRow struct {
	Class, Engine, Property, Kind, Runs, Text, Again string
}

// drawnFigure is one figure of all engines.
type drawnFigure struct {
	Name string
	Rows []drawnRow
}

type drawnRow struct {
	Class, Engine, Median, Between, P95, Worst, Some, N, Again string
}

type checkedView struct {
	Class, Engine string
	Lines         []string
}

// viewDrawn returns the view of drawn schedules.
func viewDrawn(d *Drawn) *drawnView {
	if d == nil {
		return nil
	}
	b := d.Batch
	v := &drawnView{
		Summary: schedules.Summary(b), Done: number(b.Done) + " of " + number(d.Asked),
		Complete: b.Done == d.Asked, Differ: schedules.Differences(),
		Print: fmt.Sprintf("%016x", b.Fingerprint),
	}
	for k, e := range b.Engines {
		class, name := engineClass(compare.Engine(e.Name)), engineName(compare.Engine(e.Name))
		for _, x := range b.Breaks(k) {
			v.Broken = append(v.Broken, brokenRow{
				class, name, x.Property, string(x.Outcome), number(x.Runs), x.Text, d.Again(x.First),
			})
		}
		v.Checked = append(v.Checked, checkedView{class, e.Says, b.Checked(k)})
	}
	for _, m := range schedules.Measures() {
		f := drawnFigure{Name: m.Says}
		for k, e := range b.Engines {
			x := b.Of(&m, k)
			r := drawnRow{
				Class:  engineClass(compare.Engine(e.Name)),
				Engine: engineName(compare.Engine(e.Name)), Some: number(x.Some), N: number(x.N),
				Median: drawnCell(x.Median, m.Time, x.N > 0), P95: drawnCell(x.P95, m.Time, x.Enough),
				Worst: drawnCell(x.Worst, m.Time, x.N > 0), Between: "–",
			}
			if x.N >= compare.EnoughRuns && x.Median != nil && x.Low != nil && x.High != nil {
				var between string
				r.Median, between = drawnInterval(*x.Median, *x.Low, *x.High, m.Time)
				if *x.Low != *x.High {
					r.Between = between
				}
			}
			if x.Some > 0 {
				r.Again = d.Again(x.Seed)
			}
			f.Rows = append(f.Rows, r)
		}
		v.Figures = append(v.Figures, f)
	}
	return v
}

// drawnInterval formats a median and its interval.
func drawnInterval(median, low, high int64, time bool) (value, between string) {
	if !time {
		return number(int(median)), number(int(low)) + "–" + number(int(high))
	}
	return timed(median, low, high)
}

// drawnCell formats a figure; x is nil for what never happened.
func drawnCell(x *int64, time, known bool) string {
	switch {
	case !known:
		return "–"
	case x == nil:
		return "never"
	case !time:
		return number(int(*x))
	}
	return sim.Time(*x).Brief()
}
