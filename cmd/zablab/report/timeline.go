package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/sim"
)

// timeline shows both runs of a plan on one time axis.
type timeline struct {
	Plan     []string
	Steps    string // the address of a page that steps through the runs; may be empty
	Seed     string
	Servers  int
	From, To sim.Time
	Whole    sim.Time
	Sides    []sideView
	Axis     *plot
	Moments  []momentRow
	Missed   []string
}

// sideView shows the run of one engine.
type sideView struct {
	Class, Name string
	Gap         string // the longest time without a write
	Lanes       []lane
	Plot        plot
	Clients     []clientRow
	Total       clientRow
}

// lane is the name of a row of the plot, with the row's height.
type lane struct{ Name, Class string }

// clientRow counts the operations of one client in the drawn part of the run.
type clientRow struct {
	Name                          string
	Writes, Reads, Failed, Unsure int
}

// momentRow says what happened at one time, in each of the two runs.
type momentRow struct {
	N     int // number in the picture; 0 if outside of it
	At    string
	Said  [2]string
	Fault bool
}

// Heights of the parts of a timeline, in pixels. style.css repeats them for the names.
const (
	laneHigh    = 24
	momentsHigh = 17 // height of one of the three rows of numbers
	gapHigh     = 22 // between servers and clients
)

// longGap is the shortest time without a successful write that gets a label.
const longGap = 700 * sim.Millisecond

// faultKeys are the values of Event.Key that mark a fault of the plan.
var faultKeys = []string{
	"crash", "pause", "resume", "split", "cut", "mend", "heal", "hold", "release", "delay", "clock",
	"wall", "fsync", "reset", "restart", "power",
}

// moment is a key moment of one run. fault is true for a fault of the plan.
type moment struct {
	at    sim.Time
	say   string
	side  int
	fault bool
}

func viewRuns(r *Runs) *timeline {
	if r == nil || len(r.Sides) == 0 {
		return nil
	}
	t := &timeline{Seed: r.Seed, Servers: r.Servers, Whole: r.Length, Steps: r.Steps}
	for line := range strings.Lines(r.Plan) {
		if line = strings.TrimSpace(line); line != "" {
			t.Plan = append(t.Plan, line)
		}
	}
	all := moments(r)
	t.window(all, r.Length)
	numbers := t.number(all)
	for i := range r.Sides {
		t.Sides = append(t.Sides, t.side(&r.Sides[i], i, all, numbers))
		for _, m := range r.Sides[i].Result.Missed {
			t.Missed = append(t.Missed, engineName(r.Sides[i].Engine)+": "+m)
		}
	}
	t.axis()
	return t
}

// moments returns the key moments of both runs, ordered by time.
func moments(r *Runs) (all []moment) {
	for i := range r.Sides {
		s := &r.Sides[i]
		faults := map[compare.Moment]bool{}
		for j := range s.Run.Events {
			e := &s.Run.Events[j]
			if slices.Contains(faultKeys, e.K) {
				m := compare.Moment{At: sim.Time(e.T), Say: e.Say}
				faults[m] = true
				if e.K == "restart" && e.Key == "" { // changes a lane without being a moment
					all = append(all, moment{m.At, m.Say, i, true})
				}
			}
		}
		for _, m := range s.Moments {
			all = append(all, moment{m.At, m.Say, i, faults[m]})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return cmp.Compare(a.at, b.at) })
	return all
}

// window sets the drawn part: it begins a second before the first fault and ends a while after the
// last moment.
func (t *timeline) window(all []moment, length sim.Time) {
	first, last := sim.Never, sim.Time(0)
	for _, m := range all {
		if m.fault {
			first = min(first, m.at)
		}
		last = max(last, m.at)
	}
	if first == sim.Never {
		first = 0
	}
	t.From, t.To = inMs(max(0, first-sim.Second)), min(length, inMs(max(last, first)+3*sim.Second/2))
	if t.To <= t.From {
		t.To = t.From + sim.Second
	}
}

// at returns the position of a time, in percent.
func (t *timeline) at(x sim.Time) float64 {
	return float64(min(max(x, t.From), t.To)-t.From) / float64(t.To-t.From) * 100
}

// inMs is a time to the millisecond: a reader of a report has no use for more digits.
func inMs(t sim.Time) sim.Time { return (t + sim.Millisecond/2) / sim.Millisecond * sim.Millisecond }

func (t *timeline) within(x sim.Time) bool { return x >= t.From && x <= t.To }

// number fills in the list of moments and numbers them. Simultaneous moments of both runs share a
// row.
func (t *timeline) number(all []moment) (numbers []int) {
	n := 0
	for i, m := range all {
		last := len(t.Moments) - 1
		if i > 0 && m.at == all[i-1].at && t.Moments[last].Said[m.side] == "" &&
			m.fault == all[i-1].fault {
			t.Moments[last].Said[m.side] = m.say
			numbers = append(numbers, numbers[i-1])
			continue
		}
		row := momentRow{At: inMs(m.at).Seconds(), Fault: m.fault}
		row.Said[m.side] = m.say
		if t.within(m.at) {
			n++
			row.N = n
		}
		t.Moments = append(t.Moments, row)
		numbers = append(numbers, row.N)
	}
	return numbers
}

func (t *timeline) axis() {
	t.Axis = &plot{Height: 22, Class: "axis"}
	span := t.To - t.From
	step := sim.Second
	for _, k := range []sim.Time{1, 2, 5, 10, 20, 60, 120} {
		if step = k * sim.Second; span/step <= 7 {
			break
		}
	}
	for x := (t.From + step - 1) / step * step; x <= t.To; x += step {
		text, anchor := strconv.FormatInt(int64(x/sim.Second), 10), "middle"
		if x+step > t.To {
			text += nbsp + "s"
		}
		switch {
		case t.at(x) < 2:
			anchor = "start"
		case t.at(x) > 95:
			anchor = "end"
		}
		t.Axis.line("grid", t.at(x), 0, t.at(x), 5)
		t.Axis.text("tick", anchor, t.at(x), 17, text)
	}
}

func (t *timeline) side(s *compare.Side, index int, all []moment, numbers []int) sideView {
	v := sideView{Class: engineClass(s.Engine), Name: engineName(s.Engine)}
	clients := clientNames(s.Result.Ops)
	top := 3 * momentsHigh
	middle := top + t.Servers*laneHigh
	v.Plot = plot{Height: middle + gapHigh + len(clients)*laneHigh, Class: "lanes"}
	p := &v.Plot
	begin, end := t.From.Seconds(), t.To.Seconds()
	p.Title = fmt.Sprintf("%s, from %s to %s: the role of each server and the operations of each "+
		"client", v.Name, begin, end)
	t.gaps(&v, s, middle+gapHigh, len(clients)*laneHigh)
	for x := t.From / sim.Second * sim.Second; x <= t.To; x += sim.Second {
		if x >= t.From {
			p.line("grid", t.at(x), float64(top), t.at(x), float64(p.Height))
		}
	}
	t.numbers(p, index, all, numbers)
	var told []string
	for i := range t.Servers {
		v.Lanes = append(v.Lanes, lane{"S" + strconv.Itoa(i+1), "lane"})
		told = append(told, t.server(p, s, i+1, float64(top+i*laneHigh+laneHigh/2)))
	}
	for i, name := range clients {
		v.Lanes = append(v.Lanes, lane{
			name, map[bool]string{true: "lane first", false: "lane"}[i == 0],
		})
		row := t.client(p, s.Result.Ops, name, float64(middle+gapHigh+i*laneHigh+laneHigh/2))
		v.Clients = append(v.Clients, row)
		told = append(told, fmt.Sprintf("%s: %d writes and %d reads succeeded, %d operations "+
			"were refused, %d have an unknown outcome",
			name, row.Writes, row.Reads, row.Failed, row.Unsure))
	}
	p.Desc = strings.Join(told, "; ")
	return v
}

func clientNames(ops []compare.Op) (names []string) {
	for _, o := range ops {
		if !slices.Contains(names, o.Client) {
			names = append(names, o.Client)
		}
	}
	slices.Sort(names)
	return names
}

// numbers draws each moment as a line through all lanes, with its number at the top if it fits.
// Faults of the plan are placed first.
func (t *timeline) numbers(p *plot, index int, all []moment, numbers []int) {
	var taken [3][]float64
	const room = 7.5 // width of a number on a narrow page, in percent
	for _, faults := range []bool{true, false} {
		for i, m := range all {
			if m.side != index || numbers[i] == 0 || m.fault != faults {
				continue
			}
			x, class := t.at(m.at), "moment"
			if m.fault {
				class = "moment fault"
			}
			line := slices.IndexFunc(taken[:], func(line []float64) bool {
				return !slices.ContainsFunc(line, func(o float64) bool {
					return max(x-o, o-x) < room
				})
			})
			if line < 0 { // no room: only the list has it
				p.line(class, x, 3*momentsHigh, x, float64(p.Height))
				continue
			}
			taken[line] = append(taken[line], x)
			y := float64(line*momentsHigh + 12)
			p.line(class, x, y+3, x, float64(p.Height))
			anchor := "middle"
			switch {
			case x < 2:
				anchor = "start"
			case x > 98:
				anchor = "end"
			}
			p.text("number "+class, anchor, x, y, strconv.Itoa(numbers[i]))
		}
	}
}
