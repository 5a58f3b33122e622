package drawing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/trace"
	"github.com/zablab/zablab/sim"
)

// Depth is how much of a run a drawing shows.
type Depth string

// The depths: all servers as one participant, or each server and the messages between servers.
const (
	DepthClient Depth = "client"
	DepthServer Depth = "server"
)

// Drawing draws the events of a trace as a sequence diagram.
type Drawing struct {
	header  *trace.Header
	depth   Depth
	nodes   []standing // in the header's order
	index   map[string]int
	strokes []stroke
	flying  map[uint64]int    // index of the stroke of each message in transit, by message number
	homes   map[string]string // by client: the server that it first connected to
	before  []standing        // nodes before the first stroke
	arrows  int
	notes   int
}

// standing is the state of a node after the patches of all events so far.
type standing struct {
	trace.Node
	role  string
	epoch uint32
}

// stroke is one arrow or note.
type stroke struct {
	from, to string   // of an arrow
	over     []string // of a note: one participant, or the first and the last
	text     string
	dashed   bool
	lost     bool
	call     bool  // a client's call
	at       int64 // µs
	begin    int64 // the step at which it happens or is sent; a step is an event's number
	end      int64 // the step at which it arrives, or -1
	arrives  int64 // µs
}

// New returns an empty drawing of the run whose trace has the header h.
func New(h *trace.Header, depth Depth) *Drawing {
	d := &Drawing{header: h, depth: depth, index: make(map[string]int),
		flying: make(map[uint64]int),
		homes:  make(map[string]string)}
	for i, n := range h.Nodes {
		d.nodes = append(d.nodes, standing{Node: n})
		d.index[n.ID] = i
	}
	return d
}

// Arrows returns the number of arrows drawn so far.
func (d *Drawing) Arrows() int { return d.arrows }

// Notes returns the number of notes drawn so far.
func (d *Drawing) Notes() int { return d.notes }

// Pass takes the next event of the trace without drawing it.
func (d *Drawing) Pass(e *trace.Event) {
	if i, ok := d.index[e.N]; ok {
		if e.Patch.Role != "" {
			d.nodes[i].role = e.Patch.Role
		}
		if e.Patch.Epoch != nil {
			d.nodes[i].epoch = *e.Patch.Epoch
		}
	}
	if e.K == "send" && e.Msg != nil && e.Msg.Kind == "CONNECT" && d.homes[e.N] == "" {
		d.homes[e.N] = e.Msg.To
	}
	if e.K != "recv" && e.K != "drop" {
		return
	}
	if i, ok := d.flying[e.M]; ok {
		s := &d.strokes[i]
		s.end, s.arrives, s.lost = e.I, e.T, e.K == "drop"
		delete(d.flying, e.M)
	}
}

// Add takes the next event of the trace and draws it, if the drawing's depth shows such events.
func (d *Drawing) Add(e *trace.Event) {
	if len(d.strokes) == 0 {
		d.before = append(d.before[:0], d.nodes...)
	}
	d.draw(e)
	d.Pass(e)
}

// Tell draws the next event of the trace, like [Drawing.Add]. If Add would not draw the event, Tell
// adds a note with the sentence by which the trace describes the event.
func (d *Drawing) Tell(e *trace.Event) {
	n := len(d.strokes)
	d.Add(e)
	if len(d.strokes) > n {
		return
	}
	over, say := d.place(e.N), e.Say
	if len(over) == 1 {
		say = strings.TrimPrefix(say, over[0]+": ") // the note is over that node
	}
	d.note(e, say, over...)
}

// draw draws an event, if the depth of d shows such events.
func (d *Drawing) draw(e *trace.Event) {
	switch {
	case e.K == "op.call":
		d.client(e, stroke{from: e.N, to: ensembleName, call: true})
	case e.K == "op.ret", e.K == "watch.fire" && e.Drawn != "":
		d.client(e, stroke{from: ensembleName, to: e.N, dashed: true})
	case e.K == "send" && e.Msg != nil && d.kind(e.Msg.To) == "resource":
		d.flying[e.M] = len(d.strokes)
		d.arrow(e, stroke{from: e.N, to: e.Msg.To, text: e.Drawn})
	case e.K == "recv" && d.kind(e.N) == "resource":
		if i, ok := d.flying[e.M]; ok {
			d.arrow(e, stroke{from: e.N, to: d.strokes[i].from, text: e.Drawn, dashed: true})
		}
	case e.K == "send":
		d.message(e)
	case e.Key == "leader":
		d.leads(e)
	case e.Drawn == trace.NewSession:
		d.client(e, stroke{from: e.N, to: ensembleName, call: true})
	case e.Drawn != "":
		d.happens(e)
	}
}

// ensembleName is the participant that stands for all servers.
const ensembleName = "ZK"

// client draws a call, an answer or a notification at DepthClient. At DepthServer, message draws
// the messages that carry them.
func (d *Drawing) client(e *trace.Event, s stroke) {
	if d.depth == DepthClient {
		s.text = e.Drawn
		d.arrow(e, s)
	}
}

// arrow adds an arrow.
func (d *Drawing) arrow(e *trace.Event, s stroke) {
	s.at, s.begin, s.end = e.T, e.I, -1
	d.strokes = append(d.strokes, s)
	d.arrows++
}

// note adds a note.
func (d *Drawing) note(e *trace.Event, text string, over ...string) {
	d.strokes = append(d.strokes, stroke{over: over, text: text, at: e.T, begin: e.I, end: -1})
	d.notes++
}

// message draws a message, at DepthServer only. It does not draw pings.
func (d *Drawing) message(e *trace.Event) {
	if d.depth != DepthServer || e.Msg == nil || e.Msg.Kind == "PING" {
		return
	}
	s := stroke{from: e.N, to: e.Msg.To, text: e.Drawn}
	if s.text == "" {
		s.text = strings.TrimSpace(e.Msg.Kind + " " + e.Msg.Z)
	}
	switch e.Msg.Kind {
	case "REPLY", "EVENT", "CONNECTED":
		s.dashed = true
	case "REQUEST":
		s.call = d.kind(e.N) == "client"
	}
	d.flying[e.M] = len(d.strokes)
	d.arrow(e, s)
}

func (d *Drawing) kind(node string) string {
	if i, ok := d.index[node]; ok {
		return d.nodes[i].Kind
	}
	return ""
}

// leads draws that a server becomes an established leader. At DepthClient the leader of epoch 1
// gets no note.
func (d *Drawing) leads(e *trace.Event) {
	epoch := d.nodes[d.index[e.N]].epoch
	switch {
	case d.depth == DepthServer:
		d.note(e, fmt.Sprintf("%s becomes leader of epoch %d", e.N, epoch), e.N)
	case epoch > 1:
		text := fmt.Sprintf("elects %s as leader of epoch %d", e.N, epoch)
		d.note(e, text, ensembleName)
	}
}

// inflections are the verbs for faults, for a note over the victim: "crashes".
var inflections = map[sim.FaultKind]string{
	sim.FaultCrash: "crashes", sim.FaultPower: "loses power",
	sim.FaultRestart: "restarts", sim.FaultWipe: "loses its disk",
	sim.FaultPause: "pauses",
}

// happens draws a fault, the end of a session, or another event with a text in Drawn.
func (d *Drawing) happens(e *trace.Event) {
	f, err := sim.ParseFault(e.Drawn)
	if err != nil {
		d.note(e, e.Drawn, d.place(e.N)...)
		return
	}
	over := d.place(f.Who...)
	if verb := inflections[f.Kind]; verb != "" && over[0] == f.Who[0] {
		if f.Kind == sim.FaultPause {
			verb += " " + f.Span.String()
		}
		d.note(e, verb, over...)
		return
	}
	d.note(e, e.Drawn, over...)
}

// place returns the participants that a note about some nodes is over: all servers, if names has no
// node of the run.
func (d *Drawing) place(names ...string) (over []string) {
	for _, n := range names {
		i, known := d.index[n]
		switch {
		case !known:
		case d.depth == DepthClient && isServing(d.nodes[i].Kind):
			over = append(over, ensembleName)
		default:
			over = append(over, n)
		}
	}
	if over = slices.Compact(over); len(over) > 0 {
		return over
	}
	if d.depth == DepthClient {
		return []string{ensembleName}
	}
	for i := range d.nodes {
		if isServing(d.nodes[i].Kind) {
			over = append(over, d.nodes[i].ID)
		}
	}
	return over
}

func isServing(kind string) bool { return kind == "server" || kind == "observer" }
