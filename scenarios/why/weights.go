package why

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
)

// weigh gives a weight to each event up to the failure.
func (x *Explanation) weigh(s *subjects, d *fold) map[int64]int {
	f := x.failure
	weights := make(map[int64]int)
	early, focus := x.early(), d.focus(s)
	for i := range f.Events[:f.Broke+1] {
		e := &f.Events[i]
		w := d.weight(e, s)
		if n := d.nodes[e.N]; int64(i) < early && n != nil && serving(n.kind) {
			w -= 8
			if between(d, e) && e.T < f.Events[early].T-long {
				w = 0
			}
		}
		if w == 3 && slices.ContainsFunc(focus, func(at int64) bool {
			return at-near < e.T &&
				e.T < at+near
		}) {
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
	x.attempts(weights, s, d)
	return weights
}

// attempts gives weight to what the clients of the sentence did in their last attempt: from its
// begin up to its last mark.
func (x *Explanation) attempts(weights map[int64]int, s *subjects, d *fold) {
	f := x.failure
	const most, last = 7, 4
	for _, who := range s.nodes {
		if n := d.nodes[who]; n == nil || n.kind != "client" || !s.speaks(who) {
			continue
		}
		from, to, ok := d.episode(s, who, x.At)
		if x.First != nil && x.First.who[0] == who && ok {
			to = max(to, x.First.At)
		}
		inside, late := 0, 0
		for i := f.Broke; i >= 0; i-- {
			e := &f.Events[i]
			if e.N != who || e.K != "op.call" || !s.hasPath(pathOf(e.Drawn)) && !(d.zxids &&
				late < last) {
				continue
			}
			switch {
			case ok && from <= e.T && e.T <= to && inside < most:
				weights[i] += 40
				inside++
			case late < last && (!ok || e.T > to):
				weights[i] += 15
				late++
			}
		}
	}
}

// pair gives a call the weight of its answer, as one line tells both.
func (x *Explanation) pair(weights map[int64]int, d *fold) {
	for ret, w := range weights { // order: the maximum
		if call, ok := d.clients.calls[ret]; ok {
			weights[call] = max(weights[call], w)
		}
	}
	for ret := range weights { // order: each separately
		if _, ok := d.clients.calls[ret]; ok {
			delete(weights, ret)
		}
	}
}

// outside reports whether a failure is one of clients only: then messages between servers say
// nothing.
func (s *subjects) outside(d *fold) bool {
	return !slices.ContainsFunc(s.nodes, func(n string) bool {
		return d.nodes[n] != nil && serving(d.nodes[n].kind) && strings.Contains(s.text, n)
	})
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
		if e := &x.failure.Events[i]; Fault(e) && !ending(e) || x.First != nil &&
			e.I >= x.First.Step {
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
		if e.K == "send" && e.Msg != nil && e.Msg.Kind == "REQUEST" && i > 0 &&
			events[i-1].K == "op.call" {
			weights[i-1] += 13
		}
	}
}

// long is the time before the first fault from which on what servers do matters not at all, in µs.
const long = 2_000_000

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
			if !dull(e) && !(old(f.Events, e) && e.T < f.Events[f.Broke].T-far) {
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

// old is true for a vote or its arrival: long before the failure it says nothing.
func old(events []trace.Event, e *trace.Event) bool {
	if e.K == "recv" && e.Cause >= 0 {
		e = &events[e.Cause]
	}
	return strings.HasPrefix(e.Drawn, "vote for ")
}

// dull is true for an event that says nothing by itself.
func dull(e *trace.Event) bool {
	switch e.K {
	case "timer.set", "timer.fire", "check", "sync", "boot":
		return true
	case "send":
		return e.Msg != nil && e.Msg.Kind == "PING"
	}
	return e.Say == "" || strings.Contains(e.Say, " a connection") || strings.Contains(e.Say,
		"PING") ||
		strings.Contains(e.Say, " new connection") || strings.HasSuffix(e.Say, " gets a command")
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
	case Fault(e):
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
		if slices.Contains(s.zxids, parse(e.Msg.Z)) && e.Why != "ack" &&
			strings.Contains(s.text, e.Msg.To) {
			w = 11
		} else if slices.Contains(s.zxids, parse(e.Msg.Z)) || strings.HasSuffix(e.Msg.Z,
			"/0") && own {
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
			if call, ok := d.clients.calls[e.I]; ok {
				path = pathOf(d.run[call].Drawn)
			}
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
		if s.hasPath(pathOf(e.Say+" "+e.Drawn)) || e.Patch.Watch != nil &&
			s.hasPath(e.Patch.Watch.Path) {
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
		if slices.ContainsFunc(s.nodes, func(n string) bool {
			return strings.Contains(e.Say,
				n+"'s")
		}) {
			return 9
		}
	case "note":
		if own && d.nodes[e.N].kind == "client" && len(d.clients.record.Marks) == 0 {
			return 11 // else the marks tell it
		}
	case "role":
		switch {
		case !own || d.nodes[e.N].kind != "client":
		case strings.HasSuffix(e.Say, "expired"):
			return 11
		case strings.HasSuffix(e.Say, "connecting"):
			return 0
		default:
			return 5
		}
	}
	return 0
}
