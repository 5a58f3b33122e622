package drawing

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/stage"
	"github.com/zablab/zablab/sim"
)

// Print returns the drawing as Mermaid text. part describes the part of the run that the drawing
// shows; it is empty for a whole run. The drawing of a part begins with a note that has this
// description and names the leader and the servers that are down. The drawing has only the
// participants that occur in the part.
func (d *Drawing) Print(part string) string {
	strokes := d.strokes
	if d.depth == DepthServer {
		strokes = settled(strokes)
	}
	b := diagram.NewDiagram(d.header.Title)
	if words := stage.Words(d.header); len(words) > 0 {
		b.Directive(words...)
	}
	if d.depth == DepthClient && part == "" {
		d.settle()
	}
	all := d.participants(b, part != "")
	if part != "" {
		b.Note(part+d.standings(), all...) // in two lines
	}
	last := int64(-1)
	for len(strokes) > 0 {
		if t := strokes[0].at; last >= 0 && t-last >= longGap {
			b.Note(sim.Time(t-last).Brief()+" go by", all...)
		}
		n := together(strokes)
		for i := range strokes[:n] {
			switch {
			case n > 1 && i == 0:
				b.Open("par", "")
			case n > 1:
				b.Branch("")
			}
			strokes[i].print(b)
			last = max(last, strokes[i].at)
		}
		if n > 1 {
			b.Close()
		}
		strokes = strokes[n:]
	}
	return diagram.Print(b.Diagram())
}

// settle draws the first call of a client to the server that the client was connected to, unless
// the player would choose the same server: it assigns servers to clients in turn. What a client
// reads may depend on its server.
func (d *Drawing) settle() {
	var servers []string
	for i := range d.nodes {
		if isServing(d.nodes[i].Kind) {
			servers = append(servers, d.nodes[i].ID)
		}
	}
	turn := 0
	for i := range d.nodes {
		n := &d.nodes[i]
		if n.Kind != "client" {
			continue
		}
		home := d.homes[n.ID]
		usual := home == "" || home == servers[turn%len(servers)]
		turn++
		at := slices.IndexFunc(d.strokes, func(s stroke) bool { return s.call && s.from == n.ID })
		if !usual && at >= 0 {
			d.strokes[at].to = home
		}
	}
}

// longGap is the shortest time without an event, in µs, that a note mentions.
const longGap = 1_000_000

// together returns how many strokes at the head of list are calls that different clients make at
// the same moment; it is at least 1. Such calls need a par block, because calls outside one are
// played one after the other.
func together(list []stroke) int {
	n := 0
	for n < len(list) && list[n].call && list[n].at == list[0].at {
		for _, other := range list[:n] {
			if other.from == list[n].from {
				return n
			}
		}
		n++
	}
	return max(1, n)
}

func (s *stroke) print(b *diagram.Builder) {
	switch {
	case len(s.over) > 0:
		b.Note(s.text, s.over...)
	case s.lost:
		b.Draw(s.from, s.to, diagram.HeadCross, s.dashed, s.text)
	default:
		b.Draw(s.from, s.to, diagram.HeadArrow, s.dashed, s.text)
	}
}

// participants declares the participants, clients first, and returns the first and the last name.
// For a part of a run it declares only participants that occur in the drawing.
func (d *Drawing) participants(b *diagram.Builder, part bool) []string {
	used := make(map[string]bool)
	for i := range d.strokes {
		s := &d.strokes[i]
		used[s.from], used[s.to] = true, true
		for _, n := range s.over {
			used[n] = true
		}
	}
	var names []string
	for _, serving := range []bool{false, true} {
		for i := range d.nodes {
			n := &d.nodes[i]
			mustBeUsed := part || n.Kind == "resource" || serving && d.depth == DepthClient
			if isServing(n.Kind) == serving && (used[n.ID] || !mustBeUsed) {
				names = append(names, n.ID)
				b.Participant(n.ID, "")
			}
		}
	}
	if d.depth == DepthClient {
		names = append(names, ensembleName)
		b.Participant(ensembleName, "ZooKeeper")
	}
	if len(names) > 1 {
		return []string{names[0], names[len(names)-1]}
	}
	return names
}

// standings returns a line that names the leader and the servers that are down before the first
// stroke. It is empty if there are neither.
func (d *Drawing) standings() string {
	var words, down []string
	for i := range d.before {
		switch n := &d.before[i]; n.role {
		case "leading":
			words = append(words, fmt.Sprintf("with %s as leader of epoch %d", n.ID, n.epoch))
		case "down":
			down = append(down, n.ID)
		}
	}
	switch n := len(down); n {
	case 0:
	case 1:
		words = append(words, "while "+down[0]+" is down")
	default:
		words = append(words, "while "+strings.Join(down[:n-1], ", ")+" and "+down[n-1]+" are down")
	}
	if len(words) == 0 {
		return ""
	}
	return "\n" + strings.Join(words, ", ")
}
