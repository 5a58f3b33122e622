package main

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	lin "github.com/zablab/zablab/linearizability"
	"github.com/zablab/zablab/linearizability/witness"
	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/engine"
	"github.com/zablab/zablab/scenarios/judge"
	"github.com/zablab/zablab/scenarios/script"
)

// printer writes a result for a person.
type printer struct {
	verdicts
	r         *scenarios.Result
	o         *scenarios.Options
	f         *replayFlags
	simulated *scenarios.Result // of a run on another engine: what the simulated one came to
}

func printResult(out io.Writer, r *scenarios.Result, o *scenarios.Options, f *replayFlags, many bool, simulated *scenarios.Result) {
	p := &printer{verdicts{paint: painter(out), out: out}, r, o, f, simulated}
	if r.Title != "" && r.Title != r.Name {
		p.line("%s  %s", p.bold(r.Title), p.faint(r.Name))
	} else {
		p.line("%s", p.bold(r.Name))
	}
	for _, n := range r.Notices {
		p.line("  %s", p.faint(n))
	}
	for i := range r.Diagrams {
		d := &r.Diagrams[i]
		p.line("")
		p.heading(d, i)
		if d.Seeds > 1 {
			p.counts(d)
		} else {
			p.story(d, i)
		}
		p.branches(d)
		if d.Seeds == 1 {
			p.leftOut(d)
		}
	}
	p.line("")
	p.checks()
	if simulated != nil {
		comparedWith(out, r, simulated)
	}
	p.again()
	if many {
		p.line("")
	}
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(p.out, format+"\n", args...) }

func (p *printer) heading(d *scenarios.DiagramResult, i int) {
	title, where := d.Title, fmt.Sprintf("line %d", d.Line)
	if n := len(p.r.Diagrams); n > 1 {
		where = fmt.Sprintf("diagram %d of %d, line %d", i+1, n, d.Line)
	}
	if title == p.r.Title || title == "" {
		title, where, _ = strings.Cut("D"+strings.TrimPrefix(where, "d"), ", ")
		if where == "" {
			title, where = "The diagram", fmt.Sprintf("line %d", d.Line)
		}
	}
	seeds := fmt.Sprintf("seed %#x", d.Seed)
	if d.Seeds > 1 {
		seeds = fmt.Sprintf("%d seeds from %#x", d.Seeds, d.Seed)
	}
	if p.simulated != nil {
		seeds = "Apache ZooKeeper"
	}
	p.line("%s  %s", p.bold(title), p.faint(where+" · "+seeds))
}

// story is one run: when, who, what was drawn, and what came of it.
func (p *printer) story(d *scenarios.DiagramResult, diagram int) {
	heads := []string{"Time", "Who", "Drawn", "What happened"}
	if p.simulated != nil {
		heads = append(heads, "The simulated run")
	}
	t := newTable(p.out, heads...)
	for i := range d.Arrows {
		a := &d.Arrows[i]
		at := ""
		if a.At >= 0 {
			at = a.At.Seconds()
			if dot := strings.IndexByte(at, '.'); len(at) > dot+4 {
				at = at[:dot+4] + "s"
			}
		}
		cells := []string{at, who(a), clip(a.Text, 46), p.came(a)}
		if p.simulated != nil {
			cells = append(cells, p.agreed(a, &p.simulated.Diagrams[diagram]))
		}
		t.row(cells...)
	}
	t.render()
	switch {
	case d.Cut && p.o.Until == (scenarios.Until{}):
		p.line("%s", p.yellow("  interrupted here"))
	case d.Cut:
		p.line("%s", p.yellow("  stopped here, as --until asks"))
	}
}

func who(a *scenarios.Arrow) string {
	if a.To == "" {
		return a.From
	}
	return a.From + " → " + a.To
}

// came says what came of an arrow.
func (p *printer) came(a *scenarios.Arrow) string {
	s := ""
	switch a.Verdict {
	case scenarios.Remark:
		if a.Kind == script.Unread {
			return p.faint("left out: not understood")
		}
		return p.faint("·")
	case scenarios.Applied:
		s = p.faint("done")
		if a.Whom != "" {
			s += p.faint(": " + a.Whom)
		}
	case scenarios.AsDrawn:
		s = p.green("✓ as drawn")
		if a.Answer != "" && a.Answer != "ok" {
			s += p.faint(": " + clip(a.Answer, 60))
		}
	case scenarios.Later:
		s = p.yellow("◷ later")
		for n, o := range a.Omitted {
			sep := ", "
			if n == 0 {
				sep = ": "
			}
			s += sep + kindWords(o.What) + " " + o.Us.Brief()
		}
	case scenarios.Different:
		s = p.red("✗ different") + ": " + a.Instead
	case scenarios.Unplayed:
		s = p.yellow("– not here") + ": " + a.Instead
	case scenarios.Never:
		s = p.red("✗ never") + ": " + a.Instead
	}
	return s + p.expected(a)
}

// agreed says whether the simulated run had an arrow come out so too.
func (p *printer) agreed(a *scenarios.Arrow, simulated *scenarios.DiagramResult) string {
	if a.Verdict == scenarios.Remark {
		return p.faint("·")
	}
	g := agree(a, simulated)
	switch {
	case g.Agrees:
		return p.green("agrees")
	case a.Verdict == scenarios.Unplayed, g.Simulated == "":
		return p.faint(g.Why)
	}
	return p.yellow("differs") + ": " + g.Why
}

func (p *printer) expected(a *scenarios.Arrow) string {
	switch {
	case a.Expect == "":
		return ""
	case string(a.Expect) == string(a.Verdict):
		return p.faint(" (expected)")
	}
	return p.yellow(fmt.Sprintf(" (expected: %s)", a.Expect))
}

func kindWords(k scenarios.OmittedKind) string {
	switch k {
	case scenarios.OmittedExpiry:
		return "session timeout"
	case scenarios.OmittedElection:
		return "election"
	}
	return "new connection"
}

// counts is many runs: how often each arrow came out how.
func (p *printer) counts(d *scenarios.DiagramResult) {
	t := newTable(p.out, "Who", "Drawn", "As drawn", "Later", "Different", "Never")
	n := func(a *scenarios.Arrow, v scenarios.Verdict, colour func(string) string) string {
		if a.Counts[v] == 0 {
			return p.faint("·")
		}
		return colour(fmt.Sprint(a.Counts[v]))
	}
	for i := range d.Arrows {
		a := &d.Arrows[i]
		if a.Verdict == scenarios.Remark {
			continue
		}
		drawn := n(a, scenarios.AsDrawn, p.green)
		if k := a.Counts[scenarios.Applied]; k > 0 {
			drawn = p.faint(fmt.Sprintf("done %d", k))
		}
		t.row(who(a), clip(a.Text, 46), drawn, n(a, scenarios.Later, p.yellow),
			n(a, scenarios.Different, p.red), n(a, scenarios.Never, p.red))
	}
	t.render()
}

// branches is how often each branch was taken, and who won.
func (p *printer) branches(d *scenarios.DiagramResult) {
	p.shares("Branch", d.Branches, d.Seeds)
	p.shares("Winner", d.Winners, d.Seeds)
}

func (p *printer) shares(what string, list []scenarios.Count, seeds int) {
	if len(list) == 0 {
		return
	}
	if seeds == 1 {
		for _, c := range list {
			p.line("  %s: %s", what, c.What)
		}
		return
	}
	t := newTable(p.out, what, "Runs", "Share", "")
	for _, c := range list {
		share := 1000 * c.N / seeds
		t.row(c.What, fmt.Sprint(c.N), fmt.Sprintf("%d.%d %%", share/10, share%10), strings.Repeat("█", (share+20)/40))
	}
	t.render()
}

// leftOut is what the drawing does not show.
func (p *printer) leftOut(d *scenarios.DiagramResult) {
	p.line("\n  %s", p.bold("What the drawing leaves out"))
	type note struct {
		say   string
		lines []string
	}
	var notes []note
	for i := range d.Arrows {
		for _, o := range d.Arrows[i].Omitted {
			line := fmt.Sprint(d.Arrows[i].Line)
			found := false
			for k := range notes {
				if notes[k].say == o.Say {
					notes[k].lines = append(notes[k].lines, line)
					found = true
				}
			}
			if !found {
				notes = append(notes, note{o.Say, []string{line}})
			}
		}
	}
	for _, n := range notes {
		word := "line"
		if len(n.lines) > 1 {
			word = "lines"
		}
		p.line("  %s %s  %s", p.yellow("◷"), n.say, p.faint("("+word+" "+strings.Join(n.lines, ", ")+")"))
	}
	f := &d.Facts
	for _, fault := range f.Faults {
		p.line("  %s %s", p.yellow("⚡"), fault)
	}
	for _, r := range f.Reigns {
		end := "to the end"
		if r.To >= 0 {
			end = "until " + r.To.Brief()
		}
		p.line("  · %s led epoch %d from %s %s",
			engine.ServerName(r.Leader), r.Epoch, r.From.Brief(), end)
	}
	if p.simulated != nil {
		p.line("  · %s, %s between servers, for %s", (f.To - f.From).Brief(), plural(int(f.Messages), "message", "messages"),
			plural(f.Commits, "change", "changes")+" of the tree")
	} else {
		p.line("  · %s of virtual time, %d messages in %d bytes, %d fsyncs, for %s",
			(f.To - f.From).Brief(), f.Messages, f.Bytes, f.Syncs, plural(f.Commits, "change", "changes")+" of the tree")
	}
	if len(f.Sent) > 0 {
		var parts []string
		for _, c := range f.Sent {
			parts = append(parts, fmt.Sprintf("%s %d", c.What, c.N))
		}
		p.line("    %s", p.faint(wrap(strings.Join(parts, " · "), 92, "    ")))
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// checks lists the worst of each check over all diagrams.
func (p *printer) checks() {
	p.line("%s", p.bold("Checked"))
	var order []string
	worst := make(map[string]judge.Check)
	for i := range p.r.Diagrams {
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
	var figures witness.Figures
	for i := range p.r.Diagrams {
		if d := &p.r.Diagrams[i]; d.Ends {
			figures.Add(&d.Figures)
		}
	}
	for _, name := range order {
		c := worst[name]
		figure := figures.Say(strings.TrimPrefix(name, judge.CheckWitness+"/"))
		if c.Verdict == lin.Linearizable && p.r.Done > 1 {
			c.Text = fmt.Sprintf("in all %d runs", p.r.Done)
			if figure != "" && strings.HasPrefix(name, judge.CheckWitness+"/") {
				c.Text = figure
			}
		}
		p.check(&c)
	}
}

// again says how to see the same once more.
func (p *printer) again() {
	var prints []string
	for i := range p.r.Diagrams {
		if d := &p.r.Diagrams[i]; d.Fingerprint != 0 {
			prints = append(prints, fmt.Sprintf("%016x", d.Fingerprint))
		}
	}
	if p.simulated != nil {
		p.line("%s  %s", p.bold("Again"), p.f.again(p.r.Name))
		return
	}
	p.line("%s  %s", p.bold("Fingerprint"), strings.Join(prints, " "))
	for i := range p.r.Diagrams {
		d := &p.r.Diagrams[i]
		if d.Failure != nil {
			p.line("%s  %s", p.red("Broken"), d.Failure)
		}
		if d.FailureSeed != 0 {
			p.line("%s  %s", p.bold("See it"), p.command(d.FailureSeed))
			p.line("        %s", p.faint("--porcupine page.html draws it, --trace run.ndjson keeps every event"))
			return
		}
	}
	if len(p.r.Diagrams) > 0 {
		p.line("%s  %s", p.bold("Again"), p.command(p.r.Diagrams[0].Seed))
	}
}

// command is what shows one seed again.
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
	if p.o.Lenient {
		words = append(words, "--lenient")
	}
	return strings.Join(append(words, p.r.Name), " ")
}

// clip shortens a text of a drawing to its beginning.
func clip(s string, most int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimRight(string([]rune(s)[:most-1]), " ") + "…"
}

// wrap breaks a long line at blanks.
func wrap(s string, width int, indent string) string {
	var b strings.Builder
	n := 0
	for i, w := range strings.Fields(s) {
		k := utf8.RuneCountInString(w)
		switch {
		case i == 0:
		case n+1+k > width:
			b.WriteString("\n" + indent)
			n = 0
		default:
			b.WriteByte(' ')
			n++
		}
		b.WriteString(w)
		n += k
	}
	return b.String()
}
