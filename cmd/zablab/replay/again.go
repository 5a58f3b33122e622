package replay

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// again prints the fingerprint and a command: it repeats the run or, if a seed failed, replays that
// seed.
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
					"--trace run.ndjson records all events"))
			return
		}
	}
	if len(p.r.Diagrams) > 0 {
		p.line("%s  %s", p.Bold("Again"), p.command(&p.r.Diagrams[0].Seed))
	}
}

// command returns the command line that repeats the run from a seed. If seed is nil, the run is one
// on real servers, and its repetition may differ.
func (p *printer) command(seed *uint64, without ...string) string {
	return p.f.command(p.r.Name, seed, without...)
}

// command returns the command line that plays a document, from a seed if it is not nil, with all
// given flags except those in the list without.
func (f *flags) command(name string, seed *uint64, without ...string) string {
	words := []string{"zablab replay"}
	if seed != nil {
		words = append(words, fmt.Sprintf("--seed %#x", *seed))
	}
	f.set.Visit(func(flag *pflag.Flag) {
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
	return strings.Join(append(words, quoted(name)), " ")
}

// plainWord matches a word that needs no quotes in a shell.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:,@%+=-]+$`)

// quoted returns a word in quotes for a shell, if necessary.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
