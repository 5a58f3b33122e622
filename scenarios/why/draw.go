package why

import (
	"cmp"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/trace"
)

// Draw draws the events of the explanation as a sequence diagram with all servers. Messages are
// arrows; everything else, such as writes to disk and the first wrong step, is a note.
func (x *Explanation) Draw(title string) string {
	f := x.failure
	if len(f.Events) == 0 || len(x.drawn) == 0 {
		return ""
	}
	d := drawing.New(f.Header, drawing.DepthServer)
	tell := x.arrows()
	begin := slices.IndexFunc(f.Events, func(e trace.Event) bool { return tell[e.I] })
	notes := x.notes()
	first := notes[0].T
	for i := range f.Events {
		e := &f.Events[i]
		for len(notes) > 0 && notes[0].T < e.T {
			d.Tell(&notes[0])
			notes = notes[1:]
		}
		if !tell[int64(i)] {
			d.Pass(e)
			continue
		}
		c := *e
		switch {
		case e.K == "send":
			c.Drawn = x.drawable(e.Drawn)
		case e.Key == "leader" || Fault(e):
			c.Drawn = x.drawable(e.Drawn)
		default:
			c.Say, c.Drawn = x.drawable(x.said(e)), ""
		}
		d.Tell(&c)
	}
	for i := range notes {
		d.Tell(&notes[i])
	}
	if begin >= 0 {
		title += ",\nthe drawing begins at " + seconds(min(f.Events[begin].T, first))
	}
	return d.Print(title)
}

// arrows are the events that are drawn: instead of a call, an answer or an arrival, the message.
func (x *Explanation) arrows() map[int64]bool {
	events := x.failure.Events
	tell := make(map[int64]bool)
	for _, i := range x.drawn {
		e := &events[i]
		switch {
		case e.K == "op.call" && i+1 < int64(len(events)) && events[i+1].K == "send" &&
			events[i+1].N == e.N &&
			events[i+1].Msg != nil && events[i+1].Msg.Kind == "REQUEST":
			tell[i+1] = true
			continue
		case e.K == "op.ret" || e.K == "watch.fire":
			if m := carrier(events, i); m >= 0 {
				tell[m] = true
				continue
			}
		case e.K == "recv" && e.Cause >= 0:
			tell[e.Cause] = true
			continue
		case e.K == "violation" || x.fold.doubled(e):
			continue
		}
		tell[i] = true
	}
	return tell
}

// carrier is the message that brought an answer or a notification to a client, or -1.
func carrier(events []trace.Event, i int64) int64 {
	who := events[i].N
	for n := 0; i >= 0 && n < 3; i, n = events[i].Cause, n+1 {
		if e := &events[i]; e.K == "send" && e.Msg != nil && e.Msg.To == who && e.Drawn != "" {
			return i
		}
	}
	return -1
}

// said is the sentence of the story about an event, or the event's own.
func (x *Explanation) said(e *trace.Event) string {
	for _, lines := range [][]Line{x.Story, x.Next} {
		for k := range lines {
			if l := &lines[k]; l.Step == e.I {
				return l.Say
			}
		}
	}
	return e.Say
}

// notes are the lines of the story that are not events, the first wrong step, and the failure.
func (x *Explanation) notes() (list []trace.Event) {
	note := func(at int64, who, say string) {
		step := int64(0)
		for step+1 < int64(len(x.failure.Events)) && x.failure.Events[step+1].T <= at {
			step++
		}
		list = append(list, trace.Event{I: step, T: at, N: who, K: "note", Cause: -1,
			Say: x.drawable(say)})
	}
	for k := range x.Story {
		if l := &x.Story[k]; l.Step < 0 {
			note(l.At, l.Who, l.Say)
		}
	}
	if x.First != nil {
		note(x.First.At, x.failure.Events[x.First.Step].N, "✗ first wrong step")
	}
	note(x.At, x.failure.Events[x.Step].N, "✗ "+x.Property)
	slices.SortStableFunc(list, func(a, b trace.Event) int { return cmp.Compare(a.T, b.T) })
	return list
}

// drawable is a text without the characters that Mermaid interprets, and with short names.
func (x *Explanation) drawable(text string) string {
	return strings.NewReplacer("#", "no. ", ";", ",").Replace(x.short(plain(text)))
}
