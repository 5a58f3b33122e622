package replay

import (
	"fmt"
	"strings"
)

// again prints the fingerprint and the command that shows the same again, or a failing seed.
func (p *printer) again() {
	if p.simulated != nil {
		p.line("%s  %s", p.Bold("Again"), p.f.again(p.r.Name))
		return
	}
	var prints []string
	for i := range p.r.Diagrams {
		if d := &p.r.Diagrams[i]; d.Fingerprint != 0 {
			prints = append(prints, fmt.Sprintf("%016x", d.Fingerprint))
		}
	}
	p.line("%s  %s", p.Bold("Fingerprint"), strings.Join(prints, " "))
	for i := range p.r.Diagrams {
		d := &p.r.Diagrams[i]
		if d.Failure != nil {
			p.line("%s  %s", p.Red("Broken"), d.Failure)
		}
		if d.FailureSeed != 0 {
			p.line("%s  %s", p.Bold("See it"), p.command(d.FailureSeed))
			p.line("        %s",
				p.Faint("--porcupine page.html draws the history, "+
					"--trace run.ndjson keeps all events"))
			return
		}
	}
	if len(p.r.Diagrams) > 0 {
		p.line("%s  %s", p.Bold("Again"), p.command(p.r.Diagrams[0].Seed))
	}
}

// command shows one seed again.
func (p *printer) command(seed uint64) string {
	words := []string{"zablab replay", fmt.Sprintf("--seed %#x", seed)}
	for _, s := range p.o.Set {
		words = append(words, "--"+s.Key+" "+s.Value)
	}
	for _, f := range p.f.faults {
		words = append(words, "--fault '"+f+"'")
	}
	if p.f.plan != "" {
		words = append(words, "--plan "+p.f.plan)
	}
	if p.o.LinearizableReads {
		words = append(words, "--reads linearizable")
	}
	if p.o.Race {
		words = append(words, "--race")
	}
	if p.o.Strict {
		words = append(words, "--strict")
	}
	return strings.Join(append(words, p.r.Name), " ")
}
