package judge

import (
	"slices"
	"strings"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/scenarios/trace"
)

// The colours of the annotations in a picture.
const (
	colorReign = "#cfe3f5"
	colorFault = "#f6d3da"
	colorNote  = "#e4dbf9"
)

// annotating collects annotations.
type annotating struct {
	list []lin.Annotation
	open map[[2]string]int // spans that still last, by row and kind
}

// Annotations returns what porcupine's picture shows next to the operations: the periods in which a
// server led, a machine was down or paused, or a network fault was active, and the ends of
// sessions. A period that is still open at the last event ends there.
func Annotations(events []trace.Event) []lin.Annotation {
	a := annotating{open: make(map[[2]string]int)}
	for i := range events {
		a.add(&events[i])
	}
	if n := len(events); n > 0 {
		for i := range a.list {
			if a.list[i].End == lin.Infinity {
				a.list[i].End = events[n-1].T
			}
		}
	}
	return a.list
}

// begin begins a span in a row, unless a span of its kind is open there.
func (a *annotating) begin(row, kind, color string, e *trace.Event) {
	at := [2]string{row, kind}
	if _, lasts := a.open[at]; lasts {
		return
	}
	a.open[at] = len(a.list)
	a.list = append(a.list, lin.Annotation{Tag: row, Start: e.T, End: lin.Infinity, Text: e.Say,
		Color: color})
}

// end ends a span.
func (a *annotating) end(row, kind string, at int64) {
	if i, lasts := a.open[[2]string{row, kind}]; lasts {
		a.list[i].End = at
		delete(a.open, [2]string{row, kind})
	}
}

// endAll ends the spans of some kinds in the network's row.
func (a *annotating) endAll(at int64, kinds ...string) {
	for key := range a.open { // order: each ends separately
		kind, _, _ := strings.Cut(key[1], " ")
		if key[0] == rowNetwork && slices.Contains(kinds, kind) {
			a.end(key[0], key[1], at)
		}
	}
}

// moment adds an annotation without length.
func (a *annotating) moment(row, color string, e *trace.Event) {
	a.list = append(a.list, lin.Annotation{Tag: row, Start: e.T, End: e.T - 1, Text: e.Say,
		Color: color})
}

const (
	rowNetwork  = "network"
	rowLeader   = "leader"
	rowSessions = "sessions"
)

// add takes in one event.
func (a *annotating) add(e *trace.Event) {
	if e.Patch.Role != "" && e.Patch.Role != "leading" {
		a.end(rowLeader, e.N, e.T)
	}
	if e.Patch.Role != "" && e.Patch.Role != "down" {
		a.end(e.N, "down", e.T)
	}
	switch e.Key {
	case "leader":
		a.begin(rowLeader, e.N, colorReign, e)
	case "crash":
		a.begin(e.N, "down", colorFault, e)
	case "pause":
		a.begin(e.N, "pause", colorFault, e)
	case "resume":
		a.end(e.N, "pause", e.T)
	case "split":
		a.endAll(e.T, "split")
		a.begin(rowNetwork, "split", colorFault, e)
	case "cut", "delay", "hold":
		a.begin(rowNetwork, e.Key+" "+e.Say, colorFault, e)
	case "mend":
		a.end(rowNetwork, "cut "+strings.Replace(e.Say, "mend", "cut", 1), e.T)
	case "heal":
		a.endAll(e.T, "split", "cut", "delay")
	case "release":
		a.endAll(e.T, "hold")
	case "expire":
		a.moment(rowSessions, colorNote, e)
	case "clock", "wall", "reset", "disk", "fsync", "tear", "corrupt", "full":
		a.moment(e.N, colorFault, e)
	}
}
