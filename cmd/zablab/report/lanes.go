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

// gaps shades each time without a successful write, and records the longest.
func (t *timeline) gaps(v *sideView, s *compare.Side, y, high int) {
	var done []sim.Time
	for _, o := range s.Result.Ops {
		if o.Outcome == compare.OK && !o.Read {
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
			said = v.Plot.gapText(said, t.at(done[i-1]), t.at(done[i]), float64(y-6),
				"no write for "+gap.Brief())
		}
	}
	if n := len(done); n > 0 && done[n-1] < t.To-longGap {
		v.Plot.rect("gap", t.at(done[n-1]), float64(y), 100, float64(high))
		last := inMs(done[n-1]).Seconds()
		v.Gap = "no successful write after " + last
		return
	}
	if longest > 0 {
		v.Gap = fmt.Sprintf("longest time without a write: %s, starting at %s",
			longest.Brief(), inMs(when).Seconds())
	} else {
		v.Gap = "no successful write"
	}
}

// gapText labels a gap. A label takes a fifth of a wide page and almost half of a narrow one; it is
// left out where it would overlap another label. said has the right end of the last label on each
// of the two pages; the new ends are returned.
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

// phase is a role of a server that begins at a time.
type phase struct {
	at   sim.Time
	role string // leads, joins, follows, looks, down, paused
	term uint64
}

// phases returns the roles of one server over time, from its states and from the faults of the
// plan.
func phases(s *compare.Side, server int) (list []phase) {
	role := "looks"
	if s.Engine == compare.Raft {
		role = "follows" // every server begins as a follower
	}
	begins := role
	list = append(list, phase{0, role, 0})
	name := "S" + strconv.Itoa(server)
	type change struct {
		at    sim.Time
		kind  string
		state *compare.State
	}
	var changes []change
	for i := range s.Result.States {
		if x := &s.Result.States[i]; x.Server == server {
			changes = append(changes, change{x.At, "state", x})
		}
	}
	for i := range s.Run.Events {
		e := &s.Run.Events[i]
		if e.N == name &&
			slices.Contains([]string{"crash", "power", "restart", "pause", "resume"}, e.K) {
			changes = append(changes, change{sim.Time(e.T), e.K, nil})
		}
	}
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	now := list[0] // the role without regard to crashes and pauses
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
		last := list[len(list)-1]
		if last.role != next.role || last.term != next.term && next.role == "leads" {
			list = append(list, next)
		}
	}
	return list
}

// roles maps the states of both engines to the roles that are drawn.
var roles = map[string]string{
	"leader": "leads", "leading": "joins", "joining": "joins", "follower": "follows",
	"looking": "looks", "candidate": "looks",
}

var roleWords = map[string]string{
	"leads": "leads", "joins": "catches up", "follows": "follows",
	"looks": "looks for a leader", "down": "is down", "paused": "is paused",
}

// server draws the roles of one server over time, and returns a description.
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
				p.text("halo", "start", x+3, y+4.5,
					map[string]string{"down": "down", "paused": "paused"}[ph.role])
			}
		default:
			p.line("role "+ph.role, x, y, x2, y)
		}
	}
	return "S" + strconv.Itoa(server) + " " + strings.Join(told, ", ")
}

// client draws the operations of one client, each from call to answer, and counts them.
func (t *timeline) client(p *plot, ops []compare.Op, name string, y float64) clientRow {
	row := clientRow{Name: name}
	p.line("thread", 0, y, 100, y)
	for _, o := range ops {
		end := o.Return
		if end < o.Call {
			end = t.To // no answer
		}
		if o.Client != name || end < t.From || o.Call > t.To {
			continue
		}
		class, ref := "", ""
		switch {
		case o.Outcome == compare.Failed:
			row.Failed++
			class, ref = "op failed", "m-cross"
		case o.Outcome != compare.OK:
			row.Unsure++
			class, ref = "op unsure", "m-unsure"
		case o.Read:
			row.Reads++
			class, ref = "op read", "m-read"
		default:
			row.Writes++
			class, ref = "op write", "m-write"
		}
		if t.at(end)-t.at(o.Call) > 1.2 { // a shorter operation is only a mark
			p.line(class+" span", t.at(o.Call), y, t.at(end), y)
		}
		p.use(class, ref, t.at(min(end, t.To)), y)
	}
	return row
}
