package replay

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/zablab/zablab/cmd/zablab/verdict"
	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/judge"
)

// printer prints the result of one document.
type printer struct {
	*verdict.Printer
	r         *scenarios.Result
	o         *scenarios.Options
	f         *flags
	simulated *scenarios.Result // of the simulated run, if r is of a real one
}

func newPrinter(out io.Writer, r *scenarios.Result, o *scenarios.Options, f *flags,
	simulated *scenarios.Result) *printer {
	return &printer{verdict.NewPrinter(out), r, o, f, simulated}
}

// print prints everything. A blank line separates it from the next of many documents.
func (p *printer) print(many bool) {
	if p.r.Title != "" && p.r.Title != p.r.Name {
		p.line("%s  %s", p.Bold(p.r.Title), p.Faint(p.r.Name))
	} else {
		p.line("%s", p.Bold(p.r.Name))
	}
	for _, n := range p.r.Notices {
		p.line("  %s", p.Faint(n))
	}
	for i := range p.r.Diagrams {
		d := &p.r.Diagrams[i]
		p.line("")
		p.heading(d, i)
		if d.Seeds > 1 {
			p.counts(d)
		} else {
			p.story(d, i)
		}
		p.shares("Branch", d.Branches, d.Seeds)
		p.shares("Winner", d.Winners, d.Seeds)
		if d.Seeds == 1 {
			p.leftOut(d)
		}
	}
	p.line("")
	p.checks()
	if p.simulated != nil {
		p.compared()
	}
	p.again()
	if many {
		p.line("")
	}
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p.Out, format+"\n", args...) }

// heading names a diagram, its place in the document, and the seed or the engine.
func (p *printer) heading(d *scenarios.DiagramResult, i int) {
	where := fmt.Sprintf("line %d", d.Line)
	part := ""
	if n := len(p.r.Diagrams); n > 1 {
		part = fmt.Sprintf("iagram %d of %d", i+1, n)
	}
	title := d.Title
	switch named := title != "" && title != p.r.Title; {
	case named && part != "":
		where = "d" + part + ", " + where
	case !named && part != "":
		title = "D" + part
	case !named:
		title = "The diagram"
	}
	on := fmt.Sprintf("seed %#x", d.Seed)
	if d.Seeds > 1 {
		on = fmt.Sprintf("%d seeds from %#x", d.Seeds, d.Seed)
	}
	if p.simulated != nil {
		on = "Apache ZooKeeper"
	}
	p.line("%s  %s", p.Bold(title), p.Faint(where+" · "+on))
}

// checks prints the worst verdict of each check over all diagrams.
func (p *printer) checks() {
	p.line("%s", p.Bold("Checked"))
	var order []string
	worst := make(map[string]judge.Check)
	var figures witness.Figures
	for i := range p.r.Diagrams {
		if d := &p.r.Diagrams[i]; d.Ends {
			figures.Add(&d.Figures)
		}
		for _, c := range p.r.Diagrams[i].Checks {
			old, ok := worst[c.Name]
			if !ok {
				order = append(order, c.Name)
			}
			if !ok || !old.Verdict.Worse(c.Verdict) {
				worst[c.Name] = c
			}
		}
	}
	for _, name := range order {
		c := worst[name]
		if c.Verdict == lin.Linearizable && p.r.Done > 1 {
			c.Text = fmt.Sprintf("in all %d runs", p.r.Done)
			if short, ok := strings.CutPrefix(name, judge.CheckWitness+"/"); ok {
				c.Text = cmp.Or(figures.Say(short), c.Text)
			}
		}
		p.Check(&c)
	}
}
