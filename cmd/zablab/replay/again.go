package replay

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// again prints the fingerprint and the command that shows the same again, or a failing seed.
func (p *printer) again() {
	if p.simulated != nil {
		p.line("%s  %s", p.Bold("Again"), p.command(nil))
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
			p.line("%s  %s", p.Bold("See it"), p.command(&d.FailureSeed, "seeds"))
			p.line("        %s",
				p.Faint("--porcupine page.html draws the history, "+
					"--trace run.ndjson keeps all events"))
			return
		}
	}
	if len(p.r.Diagrams) > 0 {
		p.line("%s  %s", p.Bold("Again"), p.command(&p.r.Diagrams[0].Seed))
	}
}

// command shows the same again, from a seed on: with every option that was given, but for those that
// are named. Without a seed it repeats a real run, whose result may differ.
func (p *printer) command(seed *uint64, without ...string) string {
	words := []string{"zablab replay"}
	if seed != nil {
		words = append(words, fmt.Sprintf("--seed %#x", *seed))
	}
	p.f.set.Visit(func(flag *pflag.Flag) {
		if flag.Name == "seed" && seed != nil || slices.Contains(without, flag.Name) {
			return
		}
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			switch {
			case flag.Value.Type() != "bool":
				words = append(words, "--"+flag.Name+" "+quoted(v))
			case v == "true":
				words = append(words, "--"+flag.Name)
			}
		}
	})
	return strings.Join(append(words, quoted(p.r.Name)), " ")
}

// plainWord is a word that no shell changes.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:,@%+=-]+$`)

// quoted is a word as a shell reads it.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
