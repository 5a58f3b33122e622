package report

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/sim"
)

// share returns a horizontal position, in percent.
func share(t *testing.T, n *node, key string) float64 {
	t.Helper()
	x, err := strconv.ParseFloat(strings.TrimSuffix(n.attr(key), "%"), 64)
	if err != nil {
		t.Fatalf("%s=%q: %v", key, n.attr(key), err)
	}
	return x
}

// alike checks that two lists are proportional, up to the rounding of positions to two decimals.
func alike(t *testing.T, what string, places []float64, values []float64) {
	t.Helper()
	if len(places) != len(values) || len(values) == 0 {
		t.Errorf("%s: %d places for %d values", what, len(places), len(values))
		return
	}
	i := 0
	for j := range values {
		if values[j] > values[i] {
			i = j
		}
	}
	for j := range values {
		if want := values[j] * places[i] / values[i]; math.Abs(places[j]-want) > 0.02 {
			t.Errorf("%s: %v is drawn at %.2f%%, and %v at %.2f%%: %.2f%% were right",
				what, values[i], places[i], values[j], places[j], want)
		}
	}
}

// rows returns the rows of a chart or a table as text, with single blanks.
func rows(n *node) (list []string) {
	for _, tr := range n.all("tr") {
		list = append(list, tr.text())
	}
	return list
}

func says(t *testing.T, doc *node, id string, words ...string) {
	t.Helper()
	text := doc.section(t, id).text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not say %q: %s", id, w, text)
		}
	}
}

// TestFigures: every figure of the report is in the right row.
func TestFigures(t *testing.T) {
	r := sample(t)
	_, doc := write(t, r)
	has := func(section, row string) {
		t.Helper()
		if !slices.Contains(rows(doc.section(t, section)), row) {
			t.Errorf("%s: no row %q in %q", section, row, rows(doc.section(t, section)))
		}
	}
	for _, row := range []string{
		"ZAB at the leader 6 as expected, n 26", "ZAB at the leader 12 as expected, n 26",
		"Raft at the leader 4 + 14.35 later, as expected, n 23",
		"Raft at the leader 8 + 14.35 later, as expected, n 23",
		"Raft at the leader 107.7 ms expected 78.0 ms, n 23",
		"ZAB at the leader 18.0 ms as expected, n 26",
		"Raft 5 leader 8 8 14.35 2662 1 28.0 ms 28.0 ms 107.7 ms 78.0 ms 2(n-1); 4δ+2f; 4δ+2f+c 23",
	} {
		has("writes", row)
	}
	has("latency", "ZAB, at the follower 19.4 19.2–20.1 25 – 1,652") // p99: 23.9 to 26.1
	has("latency", "Raft, at the leader 15.4 15.2–15.7 – – 698")
	says(t, doc, "latency",
		"7 seeds. Operations that did not succeed: Raft, at the leader: 9 were refused, and 2 have no answer.")
	has("throughput", "ZAB 64 4,800 4,600–4,900 16.7 ms 19.9 ms 12.12 0.25 9,536")
	has("throughput", "Raft 4 262 260–264 16.1 ms – 2.6 0.45 524")
	has("reads", "ZAB local at the follower 5.9 ms 5.9–6.0, p99 9.5 ms, n 2,411")
	has("reads", "ZAB sync at the follower 11 ms 10–12, p99 15.0 ms, n 1,907")
	has("reads", "Raft verify at the leader 10.8 ms 10.8–10.9, n 812")
	has("reads", "ZAB local at the follower 9,900 9,700–10,100, n 2,411")
	has("reads", "no fault 1.29 % 31 of n 2,411")
	has("reads", "leader cut off 9.61 % 77 of n 801")
	has("reads", "leader cut off 0 % none answered")
	has("reads",
		"ZAB local at the follower what others were told in the last moments 5.9 ms 9.5 ms "+
			"9,900 31 of 2,411 4.2 ms 77 of 801 1.23 s")
	settings := doc.section(t, "settings").text()
	for _, words := range []string{
		r.Command, r.Guest, r.Version, "1 to 7", r.Settings[0], r.Differences[0], r.AsTheyCome[0], "v1.8.0", "0x1",
	} {
		if !strings.Contains(settings, words) {
			t.Errorf("settings: no %s in %s", words, settings)
		}
	}
}

// TestFailoverFigures: each card shows the stages of its fail-overs, and what went wrong.
func TestFailoverFigures(t *testing.T) {
	r := sample(t)
	_, doc := write(t, r)
	for id, list := range map[string][]compare.Failover{
		"failover": r.Failover, "missing": r.Missing, "load": r.Load, "defaults": r.Defaults,
	} {
		s := doc.section(t, id)
		cards := s.all(".fault")
		if len(cards) != len(list)/2 {
			t.Errorf("%s: %d cards for %d rows", id, len(cards), len(list))
			continue
		}
		for i := range list {
			x, card := &list[i], cards[i/2]
			name := map[compare.Engine]string{compare.ZAB: "ZAB", compare.Raft: "Raft"}[x.Engine]
			var want []string
			parts := []*compare.Part{&x.Detected, &x.Elected, &x.Recovered, &x.First, &x.Led}
			if id == "missing" { // no client was connected to the leader
				parts = parts[:4]
			}
			for _, p := range parts {
				if p.N == 0 {
					want = append(want, name+" never n 0/7")
					continue
				}
				want = append(want, fmt.Sprintf("%s %s n %d/%d", name, inSeconds(p), p.N, x.Seeds))
			}
			want = append(want, name+" 1 (1–3) 11 13 7/1,200",
				fmt.Sprintf("%s %d %d %d %s", name, x.Lost, x.Doubled, x.Never, x.Linearizable))
			var got []string
			for _, row := range rows(card) {
				if strings.HasPrefix(row, name+" ") {
					got = append(got, row)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %s\n got %q\nwant %q", id, card.text(), got, want)
			}
		}
	}
	alone, detected := doc.section(t, "prevote"), r.NoPreVote[0].Detected
	want := fmt.Sprintf("Raft %s n %d/7", inSeconds(&detected), detected.N)
	if cards := alone.all(".fault"); len(cards) != 1 ||
		!strings.Contains(alone.text(), "a follower is alone") ||
		!slices.Contains(rows(cards[0]), want) {
		t.Errorf("without PreVote there is no %s: %s", want, alone.text())
	}
	for _, words := range []string{"10,000 transactions missing", "100 transactions missing"} {
		if !strings.Contains(doc.section(t, "missing").text(), words) {
			t.Error(words)
		}
	}
	says(t, doc, "load", "8 clients write all the time", "0 clients write")
	says(t, doc, "failover", "Raft lost 3 writes after acknowledging them",
		"Raft carried out 2 writes more than once",
		"Raft: in 1 run no write succeeded after the fault",
		"this bar has its own scale")
}

// inSeconds formats a median and its interval as the page must: with two decimals, or fewer if the
// interval has fewer than two of the last digit.
func inSeconds(p *compare.Part) string {
	d := 2
	for unit := int64(10_000); d > 0 && p.High-p.Low >= 20*unit; unit *= 10 {
		d--
	}
	return fmt.Sprintf("%.*f s %.*f–%.*f", d, float64(p.Median)/1e6, d, float64(p.Low)/1e6, d,
		float64(p.High)/1e6)
}

// TestUnreached: a stage that no run of either engine reached is named, and has no empty strips; one
// that a single engine reached stays.
func TestUnreached(t *testing.T) {
	r := sample(t)
	r.Failover = r.Failover[2:4] // only Raft's runs reach the first three stages
	r.Failover[1].Elected, r.Failover[1].Recovered = compare.Part{}, compare.Part{}
	_, doc := write(t, r)
	card := doc.section(t, "failover").all(".fault")[0]
	text := card.text()
	if !strings.Contains(text, "In no run of either engine: elected, serves.") ||
		strings.Count(text, "never n 0/7") != 1 || len(card.all("td.pic")) != 2*3+1 {
		t.Errorf("%d strips: %s", len(card.all("td.pic")), text)
	}
}

// TestPlaces: each mark is at the position of its value. Bars begin at zero; each run has one dot.
func TestPlaces(t *testing.T) {
	r := sample(t)
	_, doc := write(t, r)
	chart := doc.section(t, "writes").all("table.chart")[0]
	var bars, targets, messages, expected []float64
	for _, rect := range chart.all("rect.fill") {
		if share(t, rect, "x") != 0 {
			t.Error("a bar does not begin at zero")
		}
		bars = append(bars, share(t, rect, "width"))
	}
	for _, use := range chart.all("use.target") {
		targets = append(targets, share(t, use, "x"))
	}
	for _, w := range r.Writes {
		messages, expected = append(messages, w.Messages), append(expected, w.Expect)
	}
	alike(t, "messages", append(bars, targets...), append(messages, expected...))
	places, values := []float64{}, []float64{}
	for _, use := range doc.section(t, "writes").all("table.chart")[2].all("use") {
		if use.is("use.target") || use.is("use.cap") {
			places = append(places, share(t, use, "x"))
		}
	}
	for _, w := range r.Writes {
		values = append(values, float64(w.Visible), float64(w.ExpectVisible))
	}
	alike(t, "until all can show it", places, values)
	for id, list := range map[string][]compare.Failover{
		"failover": r.Failover, "missing": r.Missing,
	} {
		shown := stages
		if id == "missing" { // no client was connected to the leader
			shown = stages[:4]
		}
		for i, card := range doc.section(t, id).all(".fault") {
			var places, values []float64
			for _, dot := range card.all("use.dot") {
				places = append(places, share(t, dot, "x"))
			}
			for j := range shown {
				for _, x := range list[2*i : 2*i+2] {
					part := []compare.Part{x.Detected, x.Elected, x.Recovered, x.First, x.Led}[j]
					for _, v := range part.Values {
						values = append(values, float64(v))
					}
				}
			}
			for _, m := range card.all("line.median") {
				places = append(places, share(t, m, "x1"))
			}
			for j := range shown {
				for _, x := range list[2*i : 2*i+2] {
					part := []compare.Part{x.Detected, x.Elected, x.Recovered, x.First, x.Led}[j]
					if part.N > 0 {
						values = append(values, float64(part.Median))
					}
				}
			}
			alike(t, id+" "+strconv.Itoa(i), places, values)
			intervals, ranges := len(card.all("rect.interval")), len(card.all("line.range"))
			enough := list[2*i].Seeds >= compare.EnoughRuns
			if enough && (intervals != 2*len(shown) || ranges != 0) ||
				!enough && (intervals != 0 || ranges == 0) {
				t.Errorf("%s %d: %d intervals and %d ranges", id, i, intervals, ranges)
			}
		}
	}
}

// TestAnatomy: the bar of a fail-over shows its stages in order, with marks at the medians. If the
// medians are not in order, only the marks are drawn.
func TestAnatomy(t *testing.T) {
	r := sample(t)
	_, doc := write(t, r)
	charts := doc.section(t, "missing").all("table.anatomy")
	if len(charts) != 1 {
		t.Fatalf("%d charts", len(charts))
	}
	var places, values []float64
	i := 0
	for _, row := range charts[0].all("tr") {
		stages, marks := row.all("rect.stage"), row.all("use.mark")
		if len(marks) == 0 {
			continue
		}
		x := r.Missing[i]
		i++
		medians := []int64{
			0, x.Detected.Median, x.Elected.Median, x.Recovered.Median, x.First.Median,
		}
		if len(stages) != 4 {
			t.Fatalf("%d stages", len(stages))
		}
		for j, rect := range stages {
			places = append(places, share(t, rect, "x"),
				share(t, rect, "x")+share(t, rect, "width"))
			values = append(values, float64(medians[j]), float64(medians[j+1]))
		}
		for j, m := range marks {
			places = append(places, share(t, m, "x"))
			values = append(values, float64([]int64{x.Led.Median, x.First.Median}[j]))
		}
	}
	alike(t, "anatomy", places, values)
	got := len(doc.section(t, "failover").all("table.anatomy")[0].all("rect.stage"))
	if got != 4*5 {
		t.Errorf("%d parts: of 6 fail-overs one has none", got)
	}
}

// TestAgainst: a larger value is higher, in proportion or by its logarithm; the label at a mark is
// its value.
func TestAgainst(t *testing.T) {
	r := sample(t)
	_, doc := write(t, r)
	plots := doc.section(t, "throughput").all("svg.plot")
	if len(plots) != 4 {
		t.Fatalf("%d plots", len(plots))
	}
	for i, of := range []func(x *compare.Throughput) float64{
		func(x *compare.Throughput) float64 { return math.Log10(x.Rate) - 1 }, // axis begins at 10
		func(x *compare.Throughput) float64 { return float64(x.P50) },
		func(x *compare.Throughput) float64 { return x.Messages },
		func(x *compare.Throughput) float64 { return x.Fsyncs },
	} {
		var heights, values []float64
		for j, mark := range plots[i].all("use.mark") {
			heights = append(heights, 150-share(t, mark, "y"))
			values = append(values, of(&r.Throughput[j]))
		}
		alike(t, "against "+strconv.Itoa(i), heights, values)
		for j, path := range plots[i].all("path.line") {
			var want string
			for k, mark := range plots[i].all("use.mark") {
				if k%2 == j {
					want += map[bool]string{true: "M", false: "L"}[want == ""] +
						px(share(t, mark, "x")*10) + " " + mark.attr("y")
				}
			}
			if path.attr("d") != want {
				t.Errorf("a line is %s and its marks lie on %s", path.attr("d"), want)
			}
		}
	}
	rates := plots[0].all("text.value")
	if len(rates) != 8 || rates[6].FirstChild.Data != "4,800" || rates[7].FirstChild.Data != "4,190" {
		t.Errorf("%d rates", len(rates))
	}
	values := (&node{plots[2].Node}).all("text.value")
	if len(values) != 8 || values[1].FirstChild.Data != "10.4" ||
		values[6].FirstChild.Data != "12.12" {
		t.Errorf("%d values", len(values))
	}
}

// TestTiles: the key figures at the top are figures of the report.
func TestTiles(t *testing.T) {
	_, doc := write(t, sample(t))
	var got []string
	for _, tile := range doc.all("table.tile") {
		got = append(got, tile.text())
	}
	want := []string{
		"Messages per write 3 servers Who The bars are to scale and begin at 0 Measured ZAB 6 n 26 Raft 4 n 23",
		"A write takes links 2ms, disks 10ms Who The bars are to scale and begin at 0 Measured ZAB 18.0 ms n 26 " +
			"Raft 28.0 ms n 23",
		"Writes per second 64 clients at once Who The bars are to scale and begin at 0 Measured " +
			"ZAB 4,800 4,600–4,900, n 9,536 Raft 4,190 4,160–4,220, n 8,384",
		"First write after the fault " + hostile +
			" Who The bars are to scale and begin at 0 Measured ZAB 1.6 s 1.5–1.7, n 7/7 " +
			"Raft 1.9 s 1.8–2.0, n 7/7",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// TestCurves: a distribution passes through its quantiles.
func TestCurves(t *testing.T) {
	r := sample(t)
	_, doc := write(t, r)
	paths := doc.section(t, "latency").all("path.line")
	if len(paths) != len(r.Latency) {
		t.Fatalf("%d curves for %d distributions", len(paths), len(r.Latency))
	}
	var across, times []float64
	for i, l := range r.Latency[:3] {
		points := strings.FieldsFunc(paths[i].attr("d"), func(r rune) bool {
			return r == 'M' || r == 'L'
		})
		if len(points) != len(l.Curve) {
			t.Fatalf("%d points for %d quantiles", len(points), len(l.Curve))
		}
		for j, q := range l.Curve {
			var x, y float64
			if _, err := fmt.Sscan(points[j], &x, &y); err != nil {
				t.Fatal(err)
			}
			if q.Percent < 100 { // the largest value may be cut off at the edge
				across, times = append(across, x/10), append(times, float64(q.At))
			}
			if want := 172 - 160*q.Percent/100; math.Abs(y-want) > 0.01 {
				t.Errorf("%v%% is drawn at %v, not at %v", q.Percent, y, want)
			}
		}
	}
	for i, mark := range doc.section(t, "latency").all("svg.plot")[0].all("use.mark") {
		across = append(across, share(t, mark, "x"))
		times = append(times, float64(r.Latency[i].P50))
	}
	alike(t, "quantiles", across, times)
}

// TestTimeline: each server has the role that the run says at each time; each operation is a mark;
// faults are lines.
func TestTimeline(t *testing.T) {
	r := sample(t)
	_, doc := write(t, r)
	s := doc.section(t, "timeline")
	sides := s.all("div.side")
	if len(sides) != 2 {
		t.Fatalf("%d sides", len(sides))
	}
	if text := s.text(); !strings.Contains(text, "Drawn from 2.000s to 6.500s of 8.000s") ||
		!strings.Contains(text, "3s crash LEADER") ||
		!strings.Contains(text, "not carried out: Raft: 5s restart S1: S1 is running") {
		t.Error(text)
	}
	from, to := 2*sim.Second, 6500*sim.Millisecond
	at := func(x sim.Time) float64 {
		return math.Round(float64(x-from)/float64(to-from)*10000) / 100
	}
	raft := sides[1]
	leads := raft.all("rect.leads")
	if len(leads) != 2 || share(t, leads[1], "x") != 0 ||
		share(t, leads[1], "width") != at(3*sim.Second) ||
		share(t, leads[0], "x") != at(4200*sim.Millisecond) {
		t.Errorf("leads: %v", leads)
	}
	down := raft.all("rect.down")
	if len(down) != 1 || share(t, down[0], "x") != at(3*sim.Second) ||
		math.Abs(share(t, down[0], "x")+share(t, down[0], "width")-at(5*sim.Second)) > 0.02 {
		t.Errorf("down: %v", down)
	}
	looks := raft.all("line.looks")
	if len(looks) != 1 || share(t, looks[0], "x1") != at(4100*sim.Millisecond) ||
		share(t, looks[0], "x2") != at(4200*sim.Millisecond) {
		t.Errorf("looks: %v", looks)
	}
	for class, want := range map[string]int{
		"use.op.write": 2, "use.op.read": 1, "use.op.failed": 1, "use.op.unsure": 2,
		"line.op.unsure.span": 2, "line.moment.fault": 2, "rect.gap": 2,
	} {
		if got := len(raft.all(class)); got != want {
			t.Errorf("%d of %s, want %d", got, class, want)
		}
	}
	all := rows(s)
	for _, row := range []string{
		"– 0.900s S2 leads term 2", "1 3.000s S3 crashes crash S2",
		"2 3.050s S1 looks for a leader", "3 3.300s S2 leads: epoch 2 is established",
		"4 4.200s S1 leads term 4", "5 5.000s S3 restarts restart at S2", "Raft, A 2 1 1 1",
		"Raft, B 0 0 0 1",
	} {
		if !slices.Contains(all, row) {
			t.Errorf("no %q in %q", row, all)
		}
	}
	zab := sides[0]
	desc := zab.all("desc")
	if len(desc) != 1 ||
		!strings.Contains((&node{desc[0].Node}).text(),
			"S3 leads 1 from 2.000s, is down from 3.000s, ") {
		t.Errorf("%s", (&node{desc[0].Node}).text())
	}
	n := 0
	for _, o := range r.Runs.Sides[0].Result.Ops {
		if o.Return >= from && o.Call <= to {
			n++
		}
	}
	if got := len(zab.all("use.op")); got != n || n < 20 {
		t.Errorf("%d marks for %d operations", got, n)
	}
}
