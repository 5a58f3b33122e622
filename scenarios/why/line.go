package why

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
)

// doubled reports whether a mark says more than a note of a client.
func (d *fold) doubled(e *trace.Event) bool {
	return e.K == "note" && slices.ContainsFunc(d.clients.record.Marks, func(m lin.Mark) bool {
		return string(m.Client) == e.N && m.At == e.T && (m.Kind == lin.Holds ||
			m.Kind == lin.LetsGo)
	})
}

// woven puts extra lines between the lines of a story, in order of time.
func woven(lines, extras []Line) []Line {
	lines = append(lines, extras...)
	slices.SortStableFunc(lines, func(a, b Line) int { return cmp.Compare(a.At, b.At) })
	return lines
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

// line describes one event. A call is told with its answer, if that came up to the step broke.
func (d *fold) line(events []trace.Event, e *trace.Event, broke int64) Line {
	l := Line{At: e.T, Step: e.I, Who: e.N, Say: e.Say}
	switch {
	case e.Patch.Log != nil:
		l.Say = e.N + " logs " + e.Patch.Log.Z + ": " + e.Patch.Log.Op + d.numbered(events, e)
	case e.K == "persist" && e.Patch.Durable != nil:
		l.Say = fmt.Sprintf("%s's log writer reports that the log is on disk up to %s%s", e.N,
			*e.Patch.Durable, began(events, e))
	case e.K == "persist" && e.Patch.Cur != nil || e.K == "persist" && e.Patch.Acc != nil:
		l.Say = e.Say + began(events, e)
	case e.Patch.Reload != nil && e.Why == "boot":
		l.Say = e.N + " reads its disk: " + found(e)
	case e.K == "send" && e.Msg != nil && e.Drawn != "":
		l.Say = e.N + " sends to " + e.Msg.To + ": " + e.Drawn + d.numbered(events, e)
	case e.K == "recv" && e.Cause >= 0 && events[e.Cause].Drawn != "":
		l.Say = e.N + " gets from " + events[e.Cause].N + ": " + events[e.Cause].Drawn +
			d.numbered(events, e)
	case e.K == "watch.set" && e.Patch.Watch != nil:
		l.Say = fmt.Sprintf("%s sets the watch of %s on %s", e.N, e.Patch.Watch.Client,
			e.Patch.Watch.Path)
	case e.K == "op.call":
		l.Say = d.call(events, e, broke)
	case e.K == "op.ret":
		call, ok := d.clients.calls[e.I]
		if !ok {
			break
		}
		l.Say = fmt.Sprintf("%s gets the answer to #%d (%s): %s", e.N, d.clients.number[call],
			events[call].Drawn,
			d.answered(call, e))
	case e.K == "watch.fire" && strings.Contains(e.Say, " tells "):
		l.Say = strings.Replace(strings.TrimSuffix(e.Say, "…"), " tells ", " notifies ", 1)
		if e.Drawn != "" {
			l.Say = strings.Replace(e.Drawn, "notification", e.N+" notifies", 1)
		}
	case e.K == "watch.fire" && e.Drawn != "":
		l.Say = e.N + " gets the " + e.Drawn
	case e.K == "violation":
		name, _, _ := strings.Cut(e.Say, ":")
		l.Say = "✗ " + name + " breaks here"
	case strings.HasSuffix(e.Say, "…") && e.Drawn != "":
		l.Say = e.N + ": " + e.Drawn
	}
	return l
}

// start is when a write to disk began: the last earlier moment of its server in its causes, in µs.
func start(events []trace.Event, e *trace.Event) (int64, bool) {
	for i, n := e.Cause, 0; i >= 0 && i < int64(len(events)) && n < 3; i, n = events[i].Cause, n+1 {
		if o := &events[i]; o.N == e.N && o.T < e.T {
			return o.T, true
		}
	}
	return 0, false
}

// began says when a write to disk began.
func began(events []trace.Event, e *trace.Event) string {
	if t, ok := start(events, e); ok {
		return " (write begun at " + seconds(t) + ")"
	}
	return ""
}

// found says what a server finds on its disk.
func found(e *trace.Event) string {
	r := e.Patch.Reload
	text := "no snapshot"
	if z := parse(r.Base); z.e > 0 {
		text = "a snapshot at " + r.Base
	}
	if k := len(r.Records); k > 0 {
		return text + ", a log up to " + r.Records[k-1].Z
	}
	return text + ", no log records"
}

// numbered says which client's call a message or a log record carries.
func (d *fold) numbered(events []trace.Event, e *trace.Event) string {
	for i, n := e.I, 0; i >= 0 && i < int64(len(events)) && n < 8; i, n = events[i].Cause, n+1 {
		o := &events[i]
		if o.K != "send" || o.Msg == nil || d.nodes[o.N] == nil || d.nodes[o.N].kind != "client" {
			continue
		}
		if i > 0 && events[i-1].K == "op.call" && events[i-1].N == o.N {
			return fmt.Sprintf(" (%s's #%d)", o.N, d.clients.number[i-1])
		}
		return ""
	}
	return ""
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
