package report

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/sim"
)

// writesView shows the cost of one write.
type writesView struct {
	Link, Fsync sim.Time
	Charts      []chart
	Rows        []writeRow
}

type writeRow struct {
	compare.Write
	Class string
}

func (w writeRow) Figure(x float64) string   { return figure(x) }
func (w writeRow) Millis(us sim.Time) string { return millis(us) }

func sized(servers int) string { return count(servers, "server", "servers") }

// partsBy groups a list by a key. order has the keys in the order of their first occurrence.
func partsBy[K comparable, T any](list []T, key func(*T) K) (order []K, parts map[K][]T) {
	parts = map[K][]T{}
	for i := range list {
		k := key(&list[i])
		if len(parts[k]) == 0 {
			order = append(order, k)
		}
		parts[k] = append(parts[k], list[i])
	}
	return order, parts
}

// several reports whether the rows have different numbers of servers.
func several[T any](list []T, servers func(*T) int) bool {
	for i := range list {
		if servers(&list[i]) != servers(&list[0]) {
			return true
		}
	}
	return false
}

func viewWrites(r *Report) *writesView {
	if len(r.Writes) == 0 {
		return nil
	}
	v := &writesView{Link: r.Link, Fsync: r.Fsync}
	many := several(r.Writes, func(w *compare.Write) int { return w.Servers })
	messages := bars{
		title: "Messages between servers", note: "for one write; hatched: extra messages that " +
			"announce the commit if no message of a later write announces it", show: figure,
	}
	latency := bars{
		title: "Waiting time", note: "from call to answer, median", unit: "ms",
		show: func(x float64) string { return millis(int64(x * 1000)) },
	}
	visible := bars{
		title: "Visible everywhere", note: "from the call until all servers have the write, median", unit: "ms",
		show: latency.show,
	}
	for _, w := range r.Writes {
		b := bar{
			engine: w.Engine, name: engineName(w.Engine), at: "at the " + w.Enters,
			small: []string{"n " + number(w.N)},
		}
		if many {
			b.group = sized(w.Servers)
		}
		b.value, b.expect, b.more, b.moreName = w.Messages, w.Expect, w.Idle, "later"
		messages.list = append(messages.list, b)
		b.more, b.value, b.expect = 0, float64(w.Latency)/1000, float64(w.ExpectLatency)/1000
		latency.list = append(latency.list, b)
		b.value, b.expect = float64(w.Visible)/1000, float64(w.ExpectVisible)/1000
		visible.list = append(visible.list, b)
		v.Rows = append(v.Rows, writeRow{w, engineClass(w.Engine)})
	}
	v.Charts = []chart{messages.chart(), latency.chart(), visible.chart()}
	return v
}

// latencyView shows how long clients wait, for one number of servers, for writes or for reads.
type latencyView struct {
	Title, Note string
	Plot        plot
	Axis        *plot
	Rows        []latencyRow
	Undone      string
	Seeds       string
}

type latencyRow struct {
	Class, Line  string
	Enters       string
	Name         string
	P50, Between string
	P99, P999    string
	N            string
}

func viewLatency(list []compare.Latency) (views []latencyView) {
	type key struct {
		servers int
		read    bool
	}
	order, parts := partsBy(list, func(l *compare.Latency) key { return key{l.Servers, l.Read} })
	for _, k := range order {
		v := latencyView{Title: "Writes", Note: sized(k.servers)}
		if k.read {
			v.Title = "Reads"
			v.Note = sized(k.servers) + "; ZAB's reads are local and may be stale, Raft's are " +
				"confirmed by a quorum"
		}
		v.draw(parts[k])
		views = append(views, v)
	}
	return views
}

// tenths formats a time in milliseconds without the unit, with one decimal, or with none if its
// interval is too wide for it.
func tenths(t, low, high sim.Time) string {
	return fmt.Sprintf("%.*f", compare.Decimals(int64(low), int64(high), 1000, 1), float64(t)/1000)
}

// percentile formats a 99th percentile of n values, if enough of them lie beyond it.
func percentile(t sim.Time, n int) string {
	if n < 100*compare.LeastBeyond {
		return "–"
	}
	return millis(t)
}

// draw draws for each row which share of the operations was answered within each time.
func (v *latencyView) draw(list []compare.Latency) {
	most := 0.0
	for _, l := range list {
		most = max(most, float64(l.P999)/1000)
		if n := len(l.Curve); n > 0 && l.Curve[n-1].At < l.P999*3/2 {
			most = max(most, float64(l.Curve[n-1].At)/1000)
		}
	}
	s := newScale(most, 5)
	const top, bottom = 12, 172
	v.Plot = plot{
		Height: 176,
		Title:  v.Title + ": the share of operations answered within a given time",
	}
	v.Axis = s.axis("ms", true)
	p := &v.Plot
	s.grid(p)
	height := func(percent float64) float64 { return bottom - (bottom-top)*percent/100 }
	for _, y := range []struct {
		at   float64
		name string
	}{{100, "all"}, {50, "half"}, {0, ""}} {
		p.line("grid", 0, height(y.at), 100, height(y.at))
		p.text("tick", "start", 0.4, height(y.at)+13, y.name)
	}
	var told, undone []string
	seeds := 0
	for _, l := range list {
		r := latencyRow{
			Class: engineClass(l.Engine), Line: "line " + l.Enters, Enters: l.Enters,
			Name: engineName(l.Engine) + ", at the " + l.Enters, N: number(l.N), P99: "–", P999: "–",
		}
		r.P50, r.Between = tenths(l.P50, l.Low, l.High), tenths(l.Low, l.Low, l.High)+"–"+
			tenths(l.High, l.Low, l.High)
		if l.Beyond(990) >= compare.LeastBeyond {
			r.P99 = tenths(l.P99, l.P99Low, l.P99High)
		}
		if l.Beyond(999) >= compare.LeastBeyond {
			r.P999 = tenths(l.P999, 0, 0)
		}
		seeds = l.Seeds
		if l.Failed+l.Unknown > 0 {
			undone = append(undone,
				fmt.Sprintf("%s: %d were refused, and %d have no answer", r.Name, l.Failed, l.Unknown))
		}
		v.Rows = append(v.Rows, r)
		text := fmt.Sprintf("%s: half of the operations take at most %s ms", r.Name, r.P50)
		if r.P99 != "–" {
			text += fmt.Sprintf(", 99 of 100 at most %s ms", r.P99)
		}
		told = append(told, text)
		var d strings.Builder
		word := "M"
		for _, q := range l.Curve {
			x := s.at(float64(q.At) / 1000)
			d.WriteString(word + frame(x, height(q.Percent)))
			word = "L"
		}
		if d.Len() > 0 {
			p.path(r.Class+" "+r.Line, d.String())
			p.use(r.Class+" mark "+l.Enters, "m-"+r.Class, s.at(float64(l.P50)/1000), height(50))
		}
	}
	p.Desc = strings.Join(told, "; ")
	v.Undone = "All operations succeeded."
	if undone != nil {
		v.Undone = "Operations that did not succeed: " + strings.Join(undone, "; ") + "."
	}
	v.Seeds = count(seeds, "seed", "seeds")
}

// throughView shows throughput with many concurrent writes, for one number of servers.
type throughView struct {
	Title  string
	Panels []panel
	Rows   []throughRow
}

// panel is a plot of one measure against the number of clients.
type panel struct {
	Title, Note string
	Plot        plot
}

type throughRow struct {
	Class, Name          string
	Clients, Rate        string
	Between              string // of the rate
	P50, P99             string
	Messages, Fsyncs, By string
	N                    string
}

func viewThroughput(list []compare.Throughput) (views []throughView) {
	order, parts := partsBy(list, func(x *compare.Throughput) int { return x.Servers })
	for _, servers := range order {
		part := parts[servers]
		v := throughView{Title: sized(servers)}
		for _, m := range []struct {
			title, note string
			log         bool
			of          func(x *compare.Throughput) float64
			show        func(x *compare.Throughput) string
		}{
			{"Writes per second", "higher is better; each grid line is ten times the one below", true,
				func(x *compare.Throughput) float64 { return x.Rate },
				func(x *compare.Throughput) string { return rounded(x.Rate, x.RateLow, x.RateHigh) }},
			{"Waiting time, ms", "median; lower is better", false,
				func(x *compare.Throughput) float64 { return float64(x.P50) / 1000 },
				func(x *compare.Throughput) string { return fmt.Sprintf("%.1f", float64(x.P50)/1000) }},
			{"Messages per write", "between servers; lower is better", false,
				func(x *compare.Throughput) float64 { return x.Messages },
				func(x *compare.Throughput) string { return figure(x.Messages) }},
			{"Fsyncs per write", "on one server; lower is better", false,
				func(x *compare.Throughput) float64 { return x.Fsyncs },
				func(x *compare.Throughput) string { return figure(x.Fsyncs) }},
		} {
			v.Panels = append(v.Panels, panel{
				m.title, m.note, against(m.title, part, m.log, m.of, m.show),
			})
		}
		for _, x := range part {
			v.Rows = append(v.Rows, throughRow{
				Class: engineClass(x.Engine), Name: engineName(x.Engine),
				Clients: number(x.Clients), Rate: rounded(x.Rate, x.RateLow, x.RateHigh),
				Between: rateBetween(x.RateLow, x.RateHigh), P50: millis(x.P50),
				P99: percentile(x.P99, x.N), Messages: figure(x.Messages), Fsyncs: figure(x.Fsyncs),
				N: number(x.N),
			})
		}
		views = append(views, v)
	}
	return views
}

// against draws a measure against the number of clients. The numbers of clients have equal
// distances on the axis.
func against(title string, list []compare.Throughput, log bool,
	of func(*compare.Throughput) float64, show func(*compare.Throughput) string) plot {
	const top, bottom = 26, 150
	p := plot{Height: 186, Title: title + ", by number of concurrent writers"}
	var clients []int
	most, least := 0.0, math.Inf(1)
	for i := range list {
		clients = append(clients, list[i].Clients)
		most, least = max(most, of(&list[i])), min(least, of(&list[i]))
	}
	slices.Sort(clients)
	clients = slices.Compact(clients)
	if most <= 0 {
		most = 1
	}
	height := func(y float64) float64 { return bottom - (bottom-top)*y/(most*1.05) }
	if log && least > 0 {
		low, high := math.Floor(math.Log10(least)), math.Log10(most*1.2)
		height = func(y float64) float64 {
			return bottom - (bottom-top)*(math.Log10(y)-low)/(high-low)
		}
		for e := low + 1; e <= high; e++ {
			p.line("grid", 0, height(math.Pow(10, e)), 100, height(math.Pow(10, e)))
		}
	}
	p.line("base", 0, bottom, 100, bottom)
	across := func(n int) float64 {
		i := slices.Index(clients, n)
		return (float64(i) + 0.5) / float64(len(clients)) * 100
	}
	for _, n := range clients {
		p.line("grid", across(n), top, across(n), bottom)
		p.text("tick", "middle", across(n), bottom+31, number(n))
	}
	var told []string
	for _, e := range []compare.Engine{compare.ZAB, compare.Raft} {
		class, d, word := engineClass(e), "", "M"
		for i := range list {
			if x := &list[i]; x.Engine == e {
				d += word + frame(across(x.Clients), height(of(x)))
				word = "L"
			}
		}
		if d != "" {
			p.path(class+" line leader", d)
		}
	}
	for i := range list {
		x := &list[i]
		y, class := height(of(x)), engineClass(x.Engine)
		p.use(class+" mark leader", "m-"+class, across(x.Clients), y)
		above := true // the label of the larger value is above its mark
		for j := range list {
			o := &list[j]
			if j != i && o.Clients == x.Clients && (of(o) > of(x) || of(o) == of(x) && j < i) {
				above = false
			}
		}
		dy := -10.0
		if !above {
			dy = 19
		}
		p.text("value", "middle", across(x.Clients), y+dy, show(x))
		told = append(told, fmt.Sprintf("%s with %s: %s",
			engineName(x.Engine), count(x.Clients, "client", "clients"), show(x)))
	}
	p.Desc = strings.Join(told, "; ")
	return p
}
