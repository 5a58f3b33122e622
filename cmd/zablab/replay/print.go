package replay

import (
	"fmt"
	"io"

	"github.com/zablab/zablab/cmd/zablab/lint"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/verdict"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/script"
)

// printer prints the result of one document.
type printer struct {
	*verdict.Printer
	r         *scenarios.Result
	script    *script.Script
	o         *scenarios.Options
	f         *flags
	simulated *scenarios.Result // result of the simulated run, if r is of a run on real servers
	real      *realEngine       // on which r was run; nil if it was simulated
}

func newPrinter(out io.Writer, r *scenarios.Result, o *scenarios.Options, f *flags,
	simulated *scenarios.Result) *printer {
	return &printer{Printer: verdict.NewPrinter(out), r: r, o: o, f: f, simulated: simulated}
}

// print prints the whole result. If many is true, a blank line separates it from the next document.
func (p *printer) print(many bool) {
	if p.r.Title != "" && p.r.Title != p.r.Name {
		p.line("%s", terminal.Fold(p.Out, p.Bold(p.r.Title)+"  "+
			p.Faint(p.r.Name+" · "+p.r.Read.String()), 0))
	} else {
		p.line("%s", terminal.Fold(p.Out, p.Bold(p.r.Name)+"  "+p.Faint(p.r.Read.String()), 0))
	}
	for _, n := range p.r.Notices {
		p.line("  %s", terminal.Fold(p.Out, p.Faint(n), 2))
	}
	for i := range p.r.Diagrams {
		d := &p.r.Diagrams[i]
		p.line("")
		p.heading(d, i)
		if p.f.explain {
			lint.Print(p.Out, p.script.Diagrams[i])
			p.line("")
		}
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
		p.checked(i)
	}
	p.line("")
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
		on = p.real.title
	}
	p.line("%s  %s", p.Bold(title), p.Faint(where+" · "+on))
}
