package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zablab/zablab/scenarios/compare"
	"github.com/zablab/zablab/scenarios/raft/spec"
	"github.com/zablab/zablab/sim"
)

// timeline is both runs of a plan, under one axis of time.
type timeline struct {
	Plan     []string
	Seed     string
	Servers  int
	From, To sim.Time
	Whole    sim.Time
	Sides    []sideView
	Axis     *plot
	Moments  []momentRow
	Missed   []string
}

// sideView is one engine's run.
type sideView struct {
	Class, Name string
	Gap         string // the longest time without a write
	Lanes       []lane
	Plot        plot
	Clients     []clientRow
	Total       clientRow
}

// lane is the name of a row of the plot, as high as that.
type lane struct{ Name, Class string }

// clientRow is what one client did within the drawing.
type clientRow struct {
	Name                          string
	Writes, Reads, Failed, Unsure int
}

// momentRow is what happened at one moment, in both.
type momentRow struct {
	N     int // as in the drawing; 0 if it is not within
	At    string
	Said  [2]string
	Fault bool
}

// The heights of what a timeline is made of. style.css has the same, for the names.
const (
	laneHigh    = 24
	momentsHigh = 17 // of one row of numbers; there are three
	gapHigh     = 22 // between servers and clients
)

// longGap is how long no write comes through before that is told.
const longGap = 700 * sim.Millisecond

// faultKeys are what a plan does, in a trace.
var faultKeys = []string{"crash", "pause", "resume", "split", "cut", "mend", "heal", "hold", "release", "delay", "clock", "wall", "fsync", "reset", "restart", "power"}

// moment is one of a side's, and whether the plan did it.
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
	t := &timeline{Seed: r.Seed, Servers: r.Servers, Whole: r.Length}
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

// moments are those of both sides, by time.
func moments(r *Runs) (all []moment) {
	for i := range r.Sides {
		s := &r.Sides[i]
		faults := map[compare.Moment]bool{}
		for j := range s.Run.Events {
			e := &s.Run.Events[j]
			if slices.Contains(faultKeys, e.K) {
				m := compare.Moment{At: sim.Time(e.T), Say: e.Say}
				faults[m] = true
				if e.K == "restart" && e.Key == "" { // not among the moments, and yet a lane changes there
					all = append(all, moment{m.At, m.Say, i, true})
				}
			}
		}
		for _, m := range s.Moments {
			all = append(all, moment{m.At, m.Say, i, faults[m]})
		}
	}
	slices.SortStableFunc(all, func(a, b moment) int { return int(a.at - b.at) })
	return all
}

// window is the part that is drawn: from a second before the first fault until a while after the last moment.
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
	t.From, t.To = max(0, first-sim.Second), min(length, max(last, first)+3*sim.Second/2)
	if t.To <= t.From {
		t.To = t.From + sim.Second
	}
}

// at is where a moment lies, in percent.
func (t *timeline) at(x sim.Time) float64 {
	return float64(min(max(x, t.From), t.To)-t.From) / float64(t.To-t.From) * 100
}

func (t *timeline) within(x sim.Time) bool { return x >= t.From && x <= t.To }

// number makes the list of moments, and says which number each has: a row for both sides if it is the same moment.
func (t *timeline) number(all []moment) (numbers []int) {
	n := 0
	for i, m := range all {
		last := len(t.Moments) - 1
		if i > 0 && m.at == all[i-1].at && t.Moments[last].Said[m.side] == "" && m.fault == all[i-1].fault {
			t.Moments[last].Said[m.side] = m.say
			numbers = append(numbers, numbers[i-1])
			continue
		}
		row := momentRow{At: m.at.Seconds(), Fault: m.fault}
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
	p.Title = fmt.Sprintf("%s, from %s to %s: what each server was, and what each client did", v.Name, t.From.Seconds(), t.To.Seconds())
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
		v.Lanes = append(v.Lanes, lane{name, map[bool]string{true: "lane first", false: "lane"}[i == 0]})
		row := t.client(p, s.Result.Ops, name, float64(middle+gapHigh+i*laneHigh+laneHigh/2))
		v.Clients = append(v.Clients, row)
		told = append(told, fmt.Sprintf("%s: %d writes, %d reads, %d refused, %d unknown", name, row.Writes, row.Reads, row.Failed, row.Unsure))
	}
	p.Desc = strings.Join(told, "; ")
	return v
}

func clientNames(ops []spec.Op) (names []string) {
	for _, o := range ops {
		if !slices.Contains(names, o.Client) {
			names = append(names, o.Client)
		}
	}
	slices.Sort(names)
	return names
}

// numbers draws the moments: a line through all lanes, and its number on top, where there is room; what the plan did
// has it first.
func (t *timeline) numbers(p *plot, index int, all []moment, numbers []int) {
	var taken [3][]float64
	const room = 7.5 // percent that a number takes on a narrow page
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
				return !slices.ContainsFunc(line, func(o float64) bool { return max(x-o, o-x) < room })
			})
			if line < 0 { // the list has it
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

// gaps shades the times in which no write came through, and says how long the longest was.
func (t *timeline) gaps(v *sideView, s *compare.Side, y, high int) {
	var done []sim.Time
	for _, o := range s.Result.Ops {
		if o.Outcome == spec.OK && !o.Read {
			done = append(done, o.Return)
		}
	}
	slices.Sort(done)
	longest, when := sim.Time(0), sim.Time(0)
	var said [2]float64
	for i := 1; i < len(done); i++ {
		gap := done[i] - done[i-1]
		if !t.within(done[i]) {
			continue
		}
		if gap > longest {
			longest, when = gap, done[i-1]
		}
		if gap > longGap {
			v.Plot.rect("gap", t.at(done[i-1]), float64(y), t.at(done[i]), float64(high))
			said = v.Plot.gapText(said, t.at(done[i-1]), t.at(done[i]), float64(y-6), "no write for "+gap.Brief())
		}
	}
	if n := len(done); n > 0 && done[n-1] < t.To-longGap {
		v.Plot.rect("gap", t.at(done[n-1]), float64(y), 100, float64(high))
		v.Gap = "no write came through any more after " + done[n-1].Seconds()
		return
	}
	if longest > 0 {
		v.Gap = fmt.Sprintf("the longest time without a write: %s, from %s on", longest.Brief(), when.Seconds())
	} else {
		v.Gap = "no write came through"
	}
}

// gapText writes over a gap, if nothing is written there yet. The words take a fifth of a wide page and almost half of a
// narrow one, where those that would meet others are left out; said is how far there is writing on either.
func (p *plot) gapText(said [2]float64, x, x2, y float64, text string) [2]float64 {
	const wide, narrow = 20, 45
	anchor, class := "start", "gaptext"
	begin := [2]float64{x, x}
	if x+narrow > 100 {
		x, anchor = x2, "end"
		begin = [2]float64{x2 - wide, x2 - narrow}
	}
	switch {
	case begin[0] < said[0]:
		return said
	case begin[1] < said[1]:
		class = "gaptext odd"
	default:
		said[1] = begin[1] + narrow
	}
	said[0] = begin[0] + wide
	p.text(class, anchor, x, y, text)
	return said
}

// phase is what a server is, from a moment on.
type phase struct {
	at   sim.Time
	role string // leads, joins, follows, looks, down, paused
	term uint64
}

// phases are those of one server, from its states and from what the plan did to it.
func phases(s *compare.Side, server int) (list []phase) {
	role := "looks"
	if s.Engine == compare.Raft {
		role = "follows" // that is what it begins as
	}
	begins := role
	list = append(list, phase{0, role, 0})
	name := "S" + strconv.Itoa(server)
	type change struct {
		at    sim.Time
		kind  string
		state *spec.State
	}
	var changes []change
	for i := range s.Result.States {
		if x := &s.Result.States[i]; x.Server == server {
			changes = append(changes, change{x.At, "state", x})
		}
	}
	for i := range s.Run.Events {
		e := &s.Run.Events[i]
		if e.N == name && slices.Contains([]string{"crash", "power", "restart", "pause", "resume"}, e.K) {
			changes = append(changes, change{sim.Time(e.T), e.K, nil})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return int(a.at - b.at) })
	now := list[0] // what it would be, were it not down or standing still
	stopped := ""
	for _, c := range changes {
		switch c.kind {
		case "state":
			now = phase{c.at, roles[c.state.State], c.state.Term}
			if now.role == "" {
				now.role = c.state.State
			}
		case "crash", "power":
			stopped = "down"
		case "pause":
			stopped = "paused"
		case "restart":
			stopped, now = "", phase{c.at, begins, now.term}
		case "resume":
			stopped = ""
		}
		next := phase{c.at, now.role, now.term}
		if stopped != "" {
			next.role = stopped
		}
		if last := list[len(list)-1]; last.role != next.role || last.term != next.term && next.role == "leads" {
			list = append(list, next)
		}
	}
	return list
}

// roles are both engines' words for what a server is.
var roles = map[string]string{
	"leader": "leads", "leading": "joins", "joining": "joins", "follower": "follows", "looking": "looks", "candidate": "looks",
}

var roleWords = map[string]string{
	"leads": "leads", "joins": "is brought up to date", "follows": "follows", "looks": "looks for a leader", "down": "is down", "paused": "stands still",
}

// server draws what a server was, and says it.
func (t *timeline) server(p *plot, s *compare.Side, server int, y float64) string {
	list := phases(s, server)
	var told []string
	for i, ph := range list {
		until := t.To
		if i+1 < len(list) {
			until = list[i+1].at
		}
		if until <= t.From || ph.at >= t.To {
			continue
		}
		x, x2 := t.at(ph.at), t.at(until)
		word := roleWords[ph.role]
		if ph.role == "leads" {
			word = fmt.Sprintf("leads %d", ph.term)
		}
		told = append(told, word+" from "+max(ph.at, t.From).Seconds())
		switch ph.role {
		case "leads":
			p.rect("role leads", x, y-7, x2, 14)
			switch {
			case x2-x > 22:
				p.text("on", "start", x+1.2, y+4.5, word)
			case x2-x > 5:
				p.text("on", "middle", (x+x2)/2, y+4.5, strconv.FormatUint(ph.term, 10))
			}
		case "down", "paused":
			p.rect("role "+ph.role, x, y-7, x2, 14)
			if ph.role == "down" && ph.at >= t.From {
				p.use("cross", "m-cross", x, y)
			}
			if x2-x > 22 {
				p.text("halo", "start", x+3, y+4.5, map[string]string{"down": "down", "paused": "stands still"}[ph.role])
			}
		default:
			p.line("role "+ph.role, x, y, x2, y)
		}
	}
	return "S" + strconv.Itoa(server) + " " + strings.Join(told, ", ")
}

// client draws a client's operations, each from its call to its answer.
func (t *timeline) client(p *plot, ops []spec.Op, name string, y float64) clientRow {
	row := clientRow{Name: name}
	p.line("thread", 0, y, 100, y)
	for _, o := range ops {
		end := o.Return
		if end < o.Call {
			end = t.To // it never came back
		}
		if o.Client != name || end < t.From || o.Call > t.To {
			continue
		}
		class, ref := "", ""
		switch {
		case o.Outcome == spec.Failed:
			row.Failed++
			class, ref = "op failed", "m-cross"
		case o.Outcome != spec.OK:
			row.Unsure++
			class, ref = "op unsure", "m-unsure"
		case o.Read:
			row.Reads++
			class, ref = "op read", "m-read"
		default:
			row.Writes++
			class, ref = "op write", "m-write"
		}
		if t.at(end)-t.at(o.Call) > 1.2 { // a shorter one is its mark
			p.line(class+" span", t.at(o.Call), y, t.at(end), y)
		}
		p.use(class, ref, t.at(min(end, t.To)), y)
	}
	return row
}
