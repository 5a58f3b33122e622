package why

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/trace"
)

// The limits of a story: lines before the failure, lines after it, and how long after it, in µs.
const (
	mostStory = 28
	mostNext  = 9
	nextSpan  = 2_000_000
)

// tell chooses the events of the story.
func (x *Explanation) tell(s *subjects, d *fold) {
	f := x.failure
	weights := make(map[int64]int)
	early, focus := x.early(), d.focus(s)
	for i := range f.Events[:f.Broke+1] {
		e := &f.Events[i]
		w := d.weight(e, s)
		if n := d.nodes[e.N]; int64(i) < early && n != nil && serving(n.kind) {
			w -= 8
		}
		if w == 3 && slices.ContainsFunc(focus, func(at int64) bool { return at-near < e.T && e.T < at+near }) {
			w = 12
		}
		if w > 0 {
			weights[int64(i)] = w
		}
	}
	x.causes(weights, d.origins(s))
	if s.outside(d) && len(s.zxids) == 0 {
		for i := range weights { // order: each separately
			if between(d, &f.Events[i]) {
				delete(weights, i)
			}
		}
	}
	chosen := pick(f.Events, weights, mostStory)
	for _, i := range chosen {
		if !carries(f.Events, i) {
			x.Story = append(x.Story, d.line(f.Events, &f.Events[i]))
		}
	}
	x.Story = merged(x.Story)
	x.drawn = chosen
	weights = make(map[int64]int)
	from := f.Events[f.Broke].T
	for i := f.Broke + 1; i < int64(len(f.Events)) && f.Events[i].T <= from+nextSpan; i++ {
		e := &f.Events[i]
		if w := d.weight(e, s); (w > 3 || w == 3 && (e.K == "op.call" || e.K == "op.ret")) && (s.hasNode(e.N) || fault(e)) && !strings.Contains(e.Say, " votes for ") {
			if e.K == "crash" && d.nodes[e.N] != nil && d.nodes[e.N].kind == "client" {
				continue // the end of the run
			}
			weights[i] = 100 // in order of time
		}
		if len(weights) == mostNext {
			break
		}
	}
	for _, i := range pick(f.Events, weights, mostNext) {
		if f.Events[i].T == from && x.told(i) {
			continue
		}
		x.Next = append(x.Next, d.line(f.Events, &f.Events[i]))
		x.drawn = append(x.drawn, i)
	}
}

// told reports whether the story already has an event.
func (x *Explanation) told(i int64) bool {
	return slices.ContainsFunc(x.Story, func(l Line) bool { return l.Step == x.failure.Events[i].I })
}

// outside reports whether a failure is one of clients only: then messages between servers say
// nothing.
func (s *subjects) outside(d *fold) bool {
	return !slices.ContainsFunc(s.nodes, func(n string) bool {
		return d.nodes[n] != nil && serving(d.nodes[n].kind) && strings.Contains(s.text, n)
	})
}

// carries reports whether an event is a message that carries a call, an answer or an event of a
// watch: the story tells these themselves, and only the drawing has the message.
func carries(events []trace.Event, i int64) bool {
	e := &events[i]
	if e.K == "recv" && e.Cause >= 0 {
		e = &events[e.Cause]
	}
	if e.Msg == nil || len(e.N) != 1 && len(e.Msg.To) != 1 {
		return false
	}
	switch e.Msg.Kind {
	case "REQUEST", "REPLY", "EVENT":
		return !strings.Contains(e.Drawn, "restore")
	}
	return false
}

// between reports whether an event is a message between two servers, or a server's election.
func between(d *fold, e *trace.Event) bool {
	n := d.nodes[e.N]
	if n == nil || !serving(n.kind) {
		return false
	}
	if e.K == "persist" || e.K == "role" && e.Key != "leader" {
		return true
	}
	if e.K == "recv" && e.Cause >= 0 && e.Cause < int64(len(d.run)) {
		o := d.nodes[d.run[e.Cause].N]
		return o != nil && serving(o.kind)
	}
	o := &node{}
	if e.Msg != nil && d.nodes[e.Msg.To] != nil {
		o = d.nodes[e.Msg.To]
	}
	return serving(o.kind)
}

// early returns the step before which events matter less: shortly before the first fault, or the
// first leader.
func (x *Explanation) early() int64 {
	for i := range x.failure.Events[:x.failure.Broke+1] {
		if e := &x.failure.Events[i]; fault(e) && !ending(e) || x.First != nil && e.I >= x.First.Step {
			for k := e.I; k >= 0; k-- {
				if o := &x.failure.Events[k]; o.T < e.T-shortly {
					return k
				}
			}
			return 0
		}
	}
	return 0
}

// request gives weight to the chain of messages from a client's call to the event at which its
// transaction was first logged.
func (x *Explanation) request(weights map[int64]int, i int64) {
	events := x.failure.Events
	for n := 0; i >= 0 && n < 6; i, n = events[i].Cause, n+1 {
		e := &events[i]
		if dull(e) {
			continue
		}
		weights[i] += 13 - n/2
		if e.K == "send" && e.Msg != nil && e.Msg.Kind == "REQUEST" && i > 0 && events[i-1].K == "op.call" {
			weights[i-1] += 13
		}
	}
}

// near is the distance in time to a focus of the story, in µs.
const near = 400_000

// origins are the events at which the zxids of the sentence were first logged.
func (d *fold) origins(s *subjects) (list []int64) {
	for _, z := range s.zxids[:s.named] {
		for i := range d.run {
			if e := &d.run[i]; e.Patch.Log != nil && parse(e.Patch.Log.Z) == z {
				list = append(list, int64(i))
				break
			}
		}
	}
	return list
}

// focus lists the moments of these events, in µs.
func (d *fold) focus(s *subjects) (list []int64) {
	for _, i := range d.origins(s) {
		list = append(list, d.run[i].T)
	}
	return list
}

// shortly is the time before the first fault in which events matter as much as later, in µs.
const shortly = 100_000

// causes gives weight to the chain of causes of the failure, of its steps, and of the first sign.
func (x *Explanation) causes(weights map[int64]int, origins []int64) {
	f := x.failure
	from := append([]int64{f.Broke}, f.Steps...)
	for _, i := range origins {
		x.request(weights, i)
	}
	if x.First != nil {
		from = append(from, x.First.Step)
	}
	for _, i := range from {
		for n := 0; i >= 0 && i < int64(len(f.Events)) && n < 12; i = f.Events[i].Cause {
			e := &f.Events[i]
			if !dull(e) {
				weights[i] += 12 - n
				n++
			}
		}
	}
	for _, i := range from {
		if i >= 0 && i < int64(len(f.Events)) && !dull(&f.Events[i]) {
			weights[i] += 100
		}
	}
}

// dull is true for an event that says nothing by itself.
func dull(e *trace.Event) bool {
	switch e.K {
	case "timer.set", "timer.fire", "check", "sync", "boot":
		return true
	case "send":
		return e.Msg != nil && e.Msg.Kind == "PING"
	}
	return e.Say == "" || strings.Contains(e.Say, " a connection") || strings.Contains(e.Say, "PING") ||
		strings.Contains(e.Say, " new connection")
}

// pick returns the heaviest events in order of time; of equal weight, the latest.
func pick(events []trace.Event, weights map[int64]int, most int) []int64 {
	list := make([]int64, 0, len(weights))
	for i := range weights { // order: sorted next
		list = append(list, i)
	}
	slices.SortFunc(list, func(a, b int64) int {
		return cmp.Or(cmp.Compare(weights[b], weights[a]), cmp.Compare(b, a))
	})
	list = list[:min(most, len(list))]
	slices.Sort(list)
	return list
}

// weight says how much an event matters for the subjects; 0 for not at all.
func (d *fold) weight(e *trace.Event, s *subjects) int {
	if dull(e) {
		return 0
	}
	own := s.hasNode(e.N)
	w := 0
	switch {
	case fault(e):
		w = 14
	case e.K == "violation":
		return 1
	case e.Key == "leader":
		w = 12
	case e.K == "log" || e.K == "commit" || e.K == "persist" && e.Patch.Durable != nil:
		if slices.Contains(s.zxids, zxidOf(e)) {
			w = 5
		}
		if own && e.K != "commit" && w > 0 {
			w += 5
		}
	case e.K == "persist" && e.Patch.Durable != nil && own:
		w = 4
	case e.K == "persist" && own, e.Why == "snap" && own, e.Why == "trunc" && own:
		w = 11
	case e.Patch.Reload != nil && e.I > 50 && own:
		w = 12
	case e.Why == "sync" && e.K == "send":
		if own || s.hasNode(e.Msg.To) {
			w = 10
		}
		if e.Msg.Kind == "SNAPDATA" {
			w /= 2
		}
	case e.Why == "elected":
		w = 9
	case e.K == "role" && own && e.Why == "role":
		w = 7
	case e.K == "role" && own && e.Why == "vote":
		w = 4
	case e.Why == "epoch" && e.K == "send" && own:
		w = 6
	case (e.Why == "propose" || e.Why == "ack" || e.Why == "commit") && e.K == "send":
		if slices.Contains(s.zxids, parse(e.Msg.Z)) && e.Why != "ack" && strings.Contains(s.text, e.Msg.To) {
			w = 11
		} else if slices.Contains(s.zxids, parse(e.Msg.Z)) || strings.HasSuffix(e.Msg.Z, "/0") && own {
			w = 6
		}
	default:
		w = d.clientWeight(e, s)
	}
	return w
}

// clientWeight is the weight of an event of sessions, watches and operations.
func (d *fold) clientWeight(e *trace.Event, s *subjects) int {
	own := s.hasNode(e.N)
	switch e.K {
	case "op.call", "op.ret":
		path := pathOf(e.Drawn)
		if e.K == "op.ret" {
			path = pathOf(called(d.run, e))
		}
		switch {
		case own && s.hasPath(path):
			return 10
		case s.hasPath(path):
			return 6
		case own:
			return 3
		}
	case "watch.set", "watch.fire":
		if s.hasPath(pathOf(e.Say+" "+e.Drawn)) || e.Patch.Watch != nil && s.hasPath(e.Patch.Watch.Path) {
			switch {
			case own && e.K == "watch.fire":
				return 12
			case e.K == "watch.fire":
				return 3
			}
			return 9
		}
		if own {
			return 3
		}
	case "session.expire", "session.open", "session.move":
		if e.Cause >= 0 && e.Key == "" && d.run[e.Cause].K == "recv" && e.K != "session.move" &&
			!strings.Contains(d.run[e.Cause].Say, " ACK ") {
			return 2 // a follower does it as well
		}
		if slices.ContainsFunc(s.nodes, func(n string) bool { return strings.Contains(e.Say, n+"'s") }) {
			return 9
		}
	case "role", "note":
		if own && d.nodes[e.N].kind == "client" {
			return 11
		}
	}
	return 0
}

// pathOf is the first path in a sentence.
func pathOf(text string) string {
	if m := pathPattern.FindStringSubmatch(text); m != nil {
		return strings.TrimRight(m[1], "…")
	}
	return ""
}

// fault reports whether an event is a fault or its end.
func fault(e *trace.Event) bool {
	if e.Drawn == "release" {
		return false
	}
	switch e.Key {
	case "crash", "restart", "pause", "resume", "split", "heal", "cut", "mend", "delay", "hold", "release",
		"reset", "clock", "wall", "fsync", "tear", "corrupt", "full", "disk", "fail-fsync":
		return true
	}
	return e.Key == "expire" && strings.Contains(e.Say, "forced")
}

// ending reports whether an event ends a fault.
func ending(e *trace.Event) bool {
	switch e.Key {
	case "restart", "resume", "heal", "mend", "release":
		return true
	}
	return false
}

// line tells one event.
func (d *fold) line(events []trace.Event, e *trace.Event) Line {
	l := Line{At: e.T, Step: e.I, Who: e.N, Say: e.Say}
	switch {
	case e.Patch.Log != nil:
		l.Say = e.N + " logs " + e.Patch.Log.Z + ": " + e.Patch.Log.Op
	case e.K == "send" && e.Msg != nil && e.Drawn != "":
		l.Say = e.N + " sends to " + e.Msg.To + ": " + e.Drawn
	case e.K == "recv" && e.Cause >= 0 && events[e.Cause].Drawn != "":
		l.Say = e.N + " gets from " + events[e.Cause].N + ": " + events[e.Cause].Drawn
	case e.K == "op.call":
		l.Say = e.N + " asks: " + e.Drawn
	case e.K == "op.ret":
		l.Say = fmt.Sprintf("%s hears: %s (%s)", e.N, e.Drawn, called(events, e))
	case e.K == "violation":
		name, _, _ := strings.Cut(e.Say, ":")
		l.Say = "✗ " + name + " breaks here"
	case strings.HasSuffix(e.Say, "…") && e.Drawn != "":
		l.Say = e.N + ": " + e.Drawn
	}
	return l
}

// merged puts the ends of several clients at one moment into one line.
func merged(lines []Line) (list []Line) {
	for _, l := range lines {
		k := len(list) - 1
		who, ok := strings.CutSuffix(l.Say, " crashes")
		if ok && k >= 0 && len(who) == 1 && list[k].At == l.At {
			if before, ok := strings.CutSuffix(list[k].Say, " crashes"); ok {
				list[k].Say = before + " " + who + " crashes"
				continue
			}
		}
		list = append(list, l)
	}
	return list
}

// called is the call that an answer belongs to.
func called(events []trace.Event, e *trace.Event) string {
	_, what, _ := strings.Cut(e.Say, "(")
	if what == "" {
		_, what, _ = strings.Cut(e.Say, "answer to ")
	}
	what = strings.TrimRight(what, ")…")
	for i := e.I - 1; i >= 0; i-- {
		if o := &events[i]; o.N == e.N && o.K == "op.call" {
			if _, asked, _ := strings.Cut(o.Say, "asks: "); strings.HasPrefix(asked, what) ||
				strings.HasPrefix(what, strings.TrimRight(asked, "…")) {
				return o.Drawn
			}
		}
	}
	return what
}

// Draw draws the events of the explanation as a sequence diagram with all servers: messages as
// arrows, and everything else as notes.
func (x *Explanation) Draw(title string) string {
	f := x.failure
	if len(f.Events) == 0 {
		return ""
	}
	d := drawing.New(f.Header, drawing.DepthServer)
	tell := make(map[int64]bool)
	for _, i := range x.drawn {
		tell[i] = true
		if e := &f.Events[i]; e.K == "recv" && e.Cause >= 0 {
			tell[e.Cause] = true
			delete(tell, i)
		}
	}
	for i := range f.Events {
		if e := &f.Events[i]; tell[int64(i)] {
			d.Tell(e)
		} else {
			d.Pass(e)
		}
	}
	return d.Print(title)
}
