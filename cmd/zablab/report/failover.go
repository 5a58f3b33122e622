package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/compare"
)

// failView shows fail-overs: first a summary of where the time goes, then every fault in detail.
type failView struct {
	Summary []chart
	Faults  []faultView
	Explain bool // explain the stages, because this is the first such view on the page
}

// faultView shows the fail-overs of one fault, on both engines.
type faultView struct {
	Title string
	Steps string // the address of a page that steps through one run; may be empty
	Scale string // a remark, if this fault has its own scale
	Chart chart
	// Unreached has the stages that no run of any engine reached. They are not drawn.
	Unreached []string
	Beside    string // what that page shows
	row       *compare.Failover
	Runs      string // the number of runs that Facts summarises
	Facts     []fact
}

// fact has the costs of a fail-over that are not times.
type fact struct {
	Class, Name                            string
	Terms                                  string
	Unknown, Refused, Stale, Lost, Doubled string
	Never, Linearizable                    string
	Bad                                    []string
}

// link gives each fault the page that steps through a run of it.
func (v *failView) link(table compare.Table, steps []Step) {
	if v == nil {
		return
	}
	for _, s := range steps {
		for i := range v.Faults {
			f := &v.Faults[i]
			if s.Table != table || f.row.Fault != s.Fault || f.row.Servers != s.Servers ||
				f.row.Missing != s.Missing || f.row.Load != s.Load {
				continue
			}
			if f.Steps, f.Beside = s.File, "ZAB beside Raft"; table == compare.TablePreVote {
				f.Beside = "Raft with PreVote beside Raft without PreVote"
			}
		}
	}
}

// stripHigh is the height of a strip of dots.
const stripHigh = 24

const leadersClient = "Leader’s client"

// stages are the stages of a fail-over, in order.
var stages = []struct {
	name, note string
	of         func(*compare.Failover) *compare.Part
}{
	{"Detected", "a server starts to look for another leader",
		func(x *compare.Failover) *compare.Part { return &x.Detected }},
	{"Elected", "a new leader is elected",
		func(x *compare.Failover) *compare.Part { return &x.Elected }},
	{"Serves", "the new leader answers clients",
		func(x *compare.Failover) *compare.Part { return &x.Recovered }},
	{"First write", "the first write of any client is acknowledged",
		func(x *compare.Failover) *compare.Part { return &x.First }},
	{leadersClient, "the first write of the old leader's client is acknowledged",
		func(x *compare.Failover) *compare.Part { return &x.Led }},
}

// labelled returns a function that names a fail-over by what distinguishes it, and by its fault if
// several faults were measured.
func labelled(list []compare.Failover,
	what func(*compare.Failover) string) func(*compare.Failover) string {
	return func(x *compare.Failover) string {
		for i := range list {
			if list[i].Fault != list[0].Fault {
				return what(x) + ": " + x.Fault
			}
		}
		return what(x)
	}
}

// viewFailovers draws fail-overs. The list without has the names of stages that were not measured.
func viewFailovers(list []compare.Failover,
	label func(*compare.Failover) string, without ...string) *failView {
	if len(list) == 0 {
		return nil
	}
	type key struct {
		servers int
		label   string
	}
	var order []key
	parts := map[key][]*compare.Failover{}
	for i := range list {
		k := key{list[i].Servers, label(&list[i])}
		if len(parts[k]) == 0 {
			order = append(order, k)
		}
		parts[k] = append(parts[k], &list[i])
	}
	slices.SortStableFunc(order, func(a, b key) int { return cmp.Compare(a.servers, b.servers) })
	v := &failView{}
	var tops []float64
	for _, k := range order {
		tops = append(tops, latest(parts[k]))
	}
	common := slices.Sorted(slices.Values(tops))
	most := 0.0 // a fault far slower than the others gets its own scale, so that they stay visible
	for _, t := range common {
		if t <= 1.6*common[(len(common)-1)/2] {
			most = t
		}
	}
	several := order[0].servers != order[len(order)-1].servers
	for i, k := range order {
		if i == 0 || order[i-1].servers != k.servers {
			c := chart{
				Title: "Where the time goes", Note: sized(k.servers) + "; medians",
				Class: "anatomy",
				Head:  [3]string{"Who", "Time since the fault, to scale", "First write"},
			}
			var of []*compare.Failover
			for j := range list {
				if list[j].Servers == k.servers {
					of = append(of, &list[j])
				}
			}
			c.anatomy(of, label)
			v.Summary = append(v.Summary, c)
		}
		f := faultView{Title: k.label, row: parts[k][0]}
		if several {
			f.Title += ", " + sized(k.servers)
		}
		s := newScale(most/1e6, 4)
		if tops[i] > most {
			s = newScale(tops[i]/1e6, 4)
			f.Scale = "this bar has its own scale"
		}
		f.draw(parts[k], s, without)
		v.Faults = append(v.Faults, f)
	}
	return v
}

// anatomy draws one bar for each row, all on the same scale.
func (c *chart) anatomy(list []*compare.Failover, label func(*compare.Failover) string) {
	top := int64(0)
	for _, x := range list {
		top = max(top, x.First.Median, x.Led.Median)
	}
	s := newScale(float64(top)/1e6, 5)
	c.Axis = s.axis("s", true)
	for _, x := range list {
		c.add(label(x), anatomy(x, &s))
	}
}

// follow reports whether the medians of the stages increase from each stage to the next.
func follow(x *compare.Failover) bool {
	before := int64(0)
	for _, st := range stages[:4] {
		p := st.of(x)
		if p.N == 0 || p.Median < before {
			return false
		}
		before = p.Median
	}
	return true
}

// latest returns the largest time of a fault, in µs.
func latest(list []*compare.Failover) (t float64) {
	for _, x := range list {
		for _, st := range stages {
			p := st.of(x)
			t = max(t, float64(p.High), float64(p.Median))
			for _, y := range p.Values {
				t = max(t, float64(y))
			}
		}
	}
	return t
}

// runs formats the number of runs in which a stage was reached, out of all.
func runs(p *compare.Part, x *compare.Failover) string {
	return fmt.Sprintf("n %d/%d", p.N, x.Seeds)
}

// medians below this are in milliseconds, the others in seconds.
const fewMillis = 100_000

// timed formats the median of a time and the interval around it, in the same unit, with the
// decimals that the interval allows.
func timed(median, low, high int64) (value, between string) {
	one, most, unit := int64(1e6), 2, "s"
	if median < fewMillis {
		one, most, unit = 1000, 1, "ms"
	}
	d := compare.Decimals(low, high, one, most)
	text := func(x int64) string { return fmt.Sprintf("%.*f", d, float64(x)/float64(one)) }
	return text(median) + nbsp + unit, text(low) + "–" + text(high)
}

// short formats the median of a part.
func short(p *compare.Part) string {
	value, _ := timed(p.Median, p.Low, p.High)
	return value
}

// between formats the interval around the median of a part.
func between(p *compare.Part) string {
	_, text := timed(p.Median, p.Low, p.High)
	return text
}

func (f *faultView) draw(list []*compare.Failover, s scale, without []string) {
	f.Chart = chart{
		Class: "strips",
		Head:  [3]string{"Who", "A dot for each run: time since the fault", "Median"},
		Axis:  s.axis("s", true),
	}
	for _, st := range stages {
		if slices.Contains(without, st.name) {
			continue
		}
		if !slices.ContainsFunc(list, func(x *compare.Failover) bool { return st.of(x).N > 0 }) {
			f.Unreached = append(f.Unreached, strings.ToLower(st.name))
			continue
		}
		g := group{Label: st.name, Note: st.note}
		for _, x := range list {
			g.Rows = append(g.Rows, strip(st.name, x, st.of(x), &s))
		}
		f.Chart.Groups = append(f.Chart.Groups, g)
	}
	for _, x := range list {
		f.Facts = append(f.Facts, facts(x))
		f.Runs = "of n " + number(x.Seeds)
	}
}

// strip draws the values of a stage in all runs, their median, and its interval.
func strip(stage string, x *compare.Failover, part *compare.Part, s *scale) row {
	r := row{
		Class: engineClass(x.Engine), Name: engineName(x.Engine), Plot: plot{Height: stripHigh},
	}
	p := &r.Plot
	s.grid(p)
	r.Small = []string{runs(part, x)}
	if part.N == 0 {
		r.Value, p.Title = "never", fmt.Sprintf("%s, %s: in 0 of %s",
			r.Name, stage, count(x.Seeds, "run", "runs"))
		return r
	}
	bounds := between(part)
	r.Value, r.Small = short(part), []string{bounds, runs(part, x)}
	at := func(us int64) float64 { return s.at(float64(us) / 1e6) }
	interval := "minimum to maximum"
	if part.N >= compare.EnoughRuns {
		interval = "95 % interval"
		p.swarm("dot many", r.Class, part.Values, at)
		p.rect("interval", at(part.Low), stripHigh/2-2.5, max(at(part.High), at(part.Low)+0.3), 5)
	} else {
		p.line("range", at(part.Low), stripHigh/2, at(part.High), stripHigh/2)
		p.swarm("dot", r.Class, part.Values, at)
	}
	p.line("median", at(part.Median), 1, at(part.Median), stripHigh-1)
	p.Title = fmt.Sprintf("%s, %s: median %s, %s %s, in %d of %s",
		r.Name, stage, r.Value, interval, bounds, part.N, count(x.Seeds, "run", "runs"))
	return r
}

// swarm draws a dot for each value. Dots that would overlap alternate above and below the line.
func (p *plot) swarm(class, engine string, values []int64, at func(int64) float64) {
	last, turn := -10.0, 0
	for _, v := range values {
		x := at(v)
		if x-last < 1.5 {
			turn++
		} else {
			last, turn = x, 0
		}
		dy := float64((turn+1)/2%3) * 3
		if turn%2 == 1 {
			dy = -dy
		}
		p.use(class, "d-"+engine, x, stripHigh/2+dy)
	}
}

// anatomy draws one fail-over as a bar: silence, election, recovery, and the wait of clients after
// that.
func anatomy(x *compare.Failover, s *scale) row {
	r := row{Class: engineClass(x.Engine), Name: engineName(x.Engine), Plot: plot{Height: 24}}
	p := &r.Plot
	s.grid(p)
	at := func(us int64) float64 { return s.at(float64(us) / 1e6) }
	var told []string
	reached := int64(0)
	for i, class := range []string{"silence", "election", "recovery", "waiting"} {
		part := stages[i].of(x)
		if part.N > 0 {
			told = append(told,
				fmt.Sprintf("%s after %s", strings.ToLower(stages[i].name), short(part)))
		}
		if follow(x) {
			p.rect("stage "+class, at(reached), 6, at(part.Median), 12)
			reached = part.Median
		}
	}
	if x.Led.N > 0 && x.First.N > 0 {
		p.line("range", at(x.First.Median), 12, at(x.Led.Median), 12)
		told = append(told, "old leader’s client: first write after "+short(&x.Led))
		p.use("mark hollow", "m-"+r.Class, at(x.Led.Median), 12)
	}
	if x.First.N == 0 {
		r.Value, r.Small = "never", []string{runs(&x.First, x)}
	} else {
		p.use("mark", "m-"+r.Class, at(x.First.Median), 12)
		r.Value, r.Small = short(&x.First), []string{between(&x.First), runs(&x.First, x)}
	}
	p.Title = r.Name + ": " + strings.Join(told, ", ")
	return r
}

func facts(x *compare.Failover) fact {
	f := fact{
		Class: engineClass(x.Engine), Name: engineName(x.Engine),
		Unknown: number(x.Unknown), Refused: number(x.Failed),
		Stale: number(x.Stale) + "/" + number(x.Reads), Lost: number(x.Lost),
		Doubled: number(x.Doubled), Never: number(x.Never), Linearizable: string(x.Linearizable),
		Terms: "–",
	}
	if t := &x.Terms; t.N > 0 {
		f.Terms = fmt.Sprintf("%d", t.Median)
		if t.Low != t.High {
			f.Terms += fmt.Sprintf(" (%d–%d)", t.Low, t.High)
		}
	}
	if x.Lost > 0 {
		f.Bad = append(f.Bad, fmt.Sprintf("%s lost %s after acknowledging them",
			f.Name, count(x.Lost, "write", "writes")))
	}
	if x.Doubled > 0 {
		f.Bad = append(f.Bad,
			fmt.Sprintf("%s carried out %s more than once", f.Name, count(x.Doubled, "write",
				"writes")))
	}
	if x.Never > 0 {
		f.Bad = append(f.Bad, fmt.Sprintf("%s: in %s no write succeeded after the fault",
			f.Name, count(x.Never, "run", "runs")))
	}
	if x.Linearizable == lin.Broken && x.Engine == compare.Raft {
		f.Bad = append(f.Bad, f.Name+"’s reads and writes are not linearizable")
	}
	return f
}
