package report

import (
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/sim"
)

// readsView shows the ways of reading, for one number of servers.
type readsView struct {
	Title  string
	Charts []chart
	Rows   []readRow
}

type readRow struct {
	Class, Name, Promise string
	P50, P99, Rate, N    string
	Stale, Oldest        string
	Cut, CutOldest       string
}

func viewReads(list []compare.Read) (views []readsView) {
	order, parts := partsBy(list, func(x *compare.Read) int { return x.Servers })
	for _, servers := range order {
		v := readsView{Title: sized(servers)}
		v.draw(parts[servers])
		views = append(views, v)
	}
	return views
}

func (v *readsView) draw(list []compare.Read) {
	most := 0.0
	for _, x := range list {
		most = max(most, float64(x.P99)/1000)
	}
	s := newScale(most, 2)
	waits := chart{
		Title: "Waiting time", Note: "median with its 95 % confidence interval; the line ends at " +
			"the 99th percentile",
		Head: [3]string{"Kind of read", "The bars are to scale and begin at 0", "Median, p99"}, Axis: s.axis("ms", false),
	}
	rate := bars{title: "Reads per second", note: "many clients read without pauses", show: whole}
	stale := bars{
		title: "Stale reads",
		note:  "share of all reads; filled bar: no fault; hollow bar: leader and client cut off",
		unit:  "%", show: func(x float64) string { return figure(x) + nbsp + "%" },
	}
	for _, x := range list {
		name, at := engineName(x.Engine)+" "+x.Way, ""
		if x.Enters != "" {
			at = "at the " + x.Enters
		}
		class := engineClass(x.Engine)
		n := "n " + number(x.N)
		r := row{
			Class: class, Name: name, At: at, Plot: plot{Height: 22},
		}
		var interval string
		r.Value, interval = timed(int64(x.P50), int64(x.Low), int64(x.High))
		r.Small = []string{interval + ",", n}
		r.Plot.Title = fmt.Sprintf("%s: half of the reads take at most %s",
			strings.TrimSpace(name+" "+at), r.Value)
		s.grid(&r.Plot)
		if p99 := percentile(x.P99, x.N); p99 != "–" {
			r.Small = []string{interval + ",", "p99 " + p99 + ",", n}
			r.Plot.Title += ", 99 of 100 at most " + p99
			r.Plot.line("range", s.at(float64(x.P50)/1000), 11, s.at(float64(x.P99)/1000), 11)
			r.Plot.line("range", s.at(float64(x.P99)/1000), 6, s.at(float64(x.P99)/1000), 16)
		}
		r.Plot.use("mark", "m-"+class, s.at(float64(x.P50)/1000), 11)
		waits.add("", r)
		rate.list = append(rate.list, bar{
			name: name, at: at, engine: x.Engine, value: x.Rate, expect: -1,
			text: rounded(x.Rate, x.RateLow, x.RateHigh), small: []string{rateBetween(x.RateLow, x.RateHigh), n},
		})
		share := func(stale, n int) float64 { return 100 * float64(stale) / float64(max(n, 1)) }
		stale.list = append(stale.list,
			bar{
				group: strings.TrimSpace(name + " " + at), name: "no fault", engine: x.Engine,
				value: share(x.Stale, x.N), expect: -1,
				small: []string{number(x.Stale) + " of n " + number(x.N)},
			},
			bar{
				group: strings.TrimSpace(name + " " + at), name: "leader cut off", engine: x.Engine,
				value: share(x.CutStale, x.CutN), expect: -1, hollow: true,
				small: []string{answered(x.CutStale, " of n ", x.CutN)},
			})
		v.Rows = append(v.Rows, readRow{
			Class: class, Name: strings.TrimSpace(name + " " + at), Promise: x.Promise,
			P50: r.Value, P99: percentile(x.P99, x.N), Rate: rounded(x.Rate, x.RateLow, x.RateHigh),
			N:     number(x.N),
			Stale: number(x.Stale) + " of " + number(x.N), Oldest: oldest(x.Oldest),
			Cut: answered(x.CutStale, " of ", x.CutN), CutOldest: oldest(x.CutOldest),
		})
	}
	v.Charts = []chart{waits, rate.chart(), stale.chart()}
}

// answered formats k, the word of, and n. If n is 0, it returns "none answered".
func answered(k int, of string, n int) string {
	if n == 0 {
		return "none answered"
	}
	return number(k) + of + number(n)
}

func oldest(t sim.Time) string {
	switch {
	case t == 0:
		return "–"
	case t >= sim.Second:
		return seconds(t)
	}
	return millis(t)
}
