package learn

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/drawing"
	"github.com/zablab/zablab/scenarios/script"
	"github.com/zablab/zablab/sim"
)

// played is the run of a document. Its owner calls close.
type played struct {
	res *scenarios.Result
}

// playDocument plays a document with faults, and n seeds.
func playDocument(name string, text []byte, plan sim.Plan, n int) (*played, error) {
	doc, err := diagram.Parse(name, text)
	if err != nil {
		return nil, err
	}
	s, err := script.Compile(doc, script.Options{})
	if err != nil {
		return nil, err
	}
	res, err := scenarios.Replay(s, scenarios.Options{Seeds: n, Plan: plan, Keep: true})
	if err != nil {
		return nil, err
	}
	return &played{res}, nil
}

func (p *played) close() {
	for i := range p.res.Worlds {
		p.res.Worlds[i].Close()
	}
}

// arrows returns the arrows and notes of all diagrams, in order.
func (p *played) arrows() (list []*scenarios.Arrow) {
	for i := range p.res.Diagrams {
		for j := range p.res.Diagrams[i].Arrows {
			list = append(list, &p.res.Diagrams[i].Arrows[j])
		}
	}
	return list
}

// arrow returns an arrow or note by its number, from 1; nil if there is none.
func (p *played) arrow(n int) *scenarios.Arrow {
	if list := p.arrows(); n >= 1 && n <= len(list) {
		return list[n-1]
	}
	return nil
}

// won returns how many seeds this client won.
func (p *played) won(name string) (n int) {
	for i := range p.res.Diagrams {
		for _, c := range p.res.Diagrams[i].Winners {
			if c.What == name {
				n += c.N
			}
		}
	}
	return n
}

// table says what became of each line of the document.
func (p *played) table() (lines []string) {
	for i, a := range p.arrows() {
		at := "        "
		if a.At >= 0 {
			at = fmt.Sprintf("%8s", seconds(a.At))
		}
		who := a.From
		if a.To != "" && a.To != a.From {
			who += " → " + a.To
		}
		became := strings.ReplaceAll(string(a.Verdict), "-", " ")
		text := fmt.Sprintf("%2d  %s  %-8s %s: %s", i+1, at, who, a.Text, became)
		if a.Instead != "" {
			text += ", " + a.Instead
		}
		for _, o := range a.Omitted {
			text += fmt.Sprintf(", %s %s", o.What.Words(), seconds(sim.Time(o.Us)))
		}
		lines = append(lines, text)
	}
	return lines
}

// seconds prints a moment or a span in seconds, to the millisecond.
func seconds(t sim.Time) string {
	return fmt.Sprintf("%d.%03ds", t/sim.Second, t%sim.Second/sim.Millisecond)
}

// picture draws the run as its clients saw it, as Mermaid.
func (p *played) picture() string {
	var b bytes.Buffer
	for i := range p.res.Worlds {
		_ = p.res.Worlds[i].WriteDiagram(&b, drawing.DepthClient) // to memory
	}
	return b.String()
}
