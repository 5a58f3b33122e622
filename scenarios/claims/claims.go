package claims

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/zablab/zablab/scenarios"
	"github.com/zablab/zablab/scenarios/book"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/script"
)

//go:embed *.md
var files embed.FS

// Verdict says whether the runs support a statement.
type Verdict string

// The verdicts on claims.
const (
	Holds       Verdict = "holds"
	HoldsIf     Verdict = "holds if"
	DoesNotHold Verdict = "does not hold"
)

// Claim is a statement about ZooKeeper, with its evidence and the resulting verdict.
type Claim struct {
	ID        string     `json:"id"`
	Statement string     `json:"statement"`
	Verdict   Verdict    `json:"verdict"`
	If        string     `json:"if,omitempty"` // of HoldsIf
	Instead   string     `json:"instead,omitempty"`
	Evidence  []Evidence `json:"evidence"`
	Document  string     `json:"document"`
	Line      int        `json:"line"`
}

// Evidence is one run that supports a claim or refutes it.
type Evidence struct {
	Document string `json:"document"`
	Line     int    `json:"line"`
	Seed     string `json:"seed"`
	Seeds    int    `json:"seeds"`
	Supports bool   `json:"supports"`
	If       bool   `json:"under_the_condition,omitempty"` // it counts only under the condition
	Figure   string `json:"figure"`
}

// Documents returns the documents of claims that come with the lab. The first document has the
// claims of the ZooKeeper tutorial, as far as the lab tests them.
//
// A claim is a section of such a document. The heading, of the second level, is the id of the
// claim, and the paragraph below it is the statement. The diagrams and console blocks of the
// section are the evidence:
//
//   - A diagram supports the claim if, with every seed, every arrow happens as drawn. If an arrow
//     has a "%% expect:" line, the arrow must happen as that line says instead. Otherwise the
//     diagram refutes the claim.
//   - The command of a console block supports the claim if its output matches the regular
//     expression RE in <!-- proved: RE --> below the block. It refutes the claim if its output
//     matches RE in <!-- refuted: RE -->.
//   - Evidence after a paragraph "If so:" is conditional: it counts only under the condition in the
//     verdict "Holds if".
//
// The last paragraph has the author's verdict and, if the claim does not always hold, what is true
// instead. If the runs contradict the verdict, [Play] returns an error.
func Documents() ([]book.Chapter, error) {
	var docs []book.Chapter
	for _, name := range []string{"claims/tutorial.md", "claims/book.md"} {
		text, err := files.ReadFile(path.Base(name))
		if err != nil {
			return nil, err
		}
		docs = append(docs, book.Chapter{Name: name, Text: text})
	}
	return docs, nil
}

// Find returns the document of claims with this name, such as claims/tutorial; the name may end in
// .md. ok is false if there is no such document.
func Find(name string) (page book.Chapter, ok bool) {
	docs, err := Documents()
	if err != nil {
		return page, false
	}
	for _, page := range docs {
		if strings.TrimSuffix(name, ".md") == strings.TrimSuffix(page.Name, ".md") {
			return page, true
		}
	}
	return page, false
}

// claimed is a claim as its document states it.
type claimed struct {
	Claim
	told     Verdict // the document's verdict
	from, to int     // its lines
	under    int     // the line after which its condition is assumed; 0 if it has none
	searches []search
}

// search is a comment <!-- proved: RE --> or <!-- refuted: RE -->.
type search struct {
	line     int
	supports bool
	re       *regexp.Regexp
	commands string // the output of the console block before it
}

var (
	verdictWords = regexp.MustCompile(`(?s)^\*\*(Holds\.|Holds if|Does not hold\.)\*\*\s*(.*)$`)
	searchWords  = regexp.MustCompile(`(?s)<!-- (proved|refuted): (.*?) -->`)
	commandLine  = regexp.MustCompile(`(?m)^\$ (.*)$`)
)

// Names returns the ids of the claims in a document, without playing anything.
func Names(c book.Chapter) (names []string, err error) {
	doc, err := diagram.ParseStrict(c.Name, c.Text)
	if err != nil {
		return nil, err
	}
	for _, h := range doc.Headings {
		if h.Level == 2 {
			names = append(names, h.Text)
		}
	}
	return names, nil
}

// Play plays the claims with these names, or all claims of the document, and returns them. The
// function run executes the command of a console block and returns its output.
func Play(c book.Chapter, o scenarios.Options, run func(string) (string, error),
	names ...string) ([]Claim, error) {
	doc, err := diagram.ParseStrict(c.Name, c.Text)
	if err != nil {
		return nil, err
	}
	list, err := parseClaims(doc, string(c.Text), run, names)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	o.Strict = true
	script, err := script.Compile(doc, o.Options)
	if err != nil {
		return nil, err
	}
	result, err := scenarios.Replay(script, o)
	if err != nil {
		return nil, err
	}
	if o.Stop != nil && o.Stop() {
		return nil, errors.New("the replay was stopped before all evidence was collected: " +
			"run it again")
	}
	var out []Claim
	var wrong []error
	for i := range list {
		c := &list[i]
		for k := range result.Diagrams {
			if d := &result.Diagrams[k]; d.Line > c.from && d.Line < c.to {
				c.Evidence = append(c.Evidence, witnessOf(c, d, doc.Name))
			}
		}
		for _, s := range c.searches {
			e := Evidence{Document: doc.Name, Line: s.line, Seed: "0x1", Seeds: 1,
				Supports: s.supports, If: c.under > 0 && s.line > c.under}
			m := s.re.FindStringSubmatch(s.commands)
			if m == nil {
				return nil, &diagram.Error{File: doc.Name, Line: s.line, Column: 1,
					Message: fmt.Sprintf(
						"claim %s has no evidence, because the output of its commands does not "+
							"match %s: correct the command or the expression", c.ID, s.re)}
			}
			e.Figure = strings.TrimSpace(m[0])
			c.Evidence = append(c.Evidence, e)
		}
		if err := c.conclude(); err != nil {
			wrong = append(wrong, &diagram.Error{File: doc.Name, Line: c.Line, Column: 1,
				Message: err.Error()})
		}
		out = append(out, c.Claim)
	}
	return out, errors.Join(wrong...)
}

// witnessOf returns the evidence that a diagram gives.
func witnessOf(c *claimed, d *scenarios.DiagramResult, name string) Evidence {
	e := Evidence{
		Document: name, Line: d.Line, Seed: fmt.Sprintf("%#x", d.Seed), Seeds: d.Seeds,
		Supports: true,
		If:       c.under > 0 && d.Line > c.under,
	}
	arrows := 0
	for i := range d.Arrows {
		a := &d.Arrows[i]
		odd := a.Counts[scenarios.Later] + a.Counts[scenarios.Different] + a.Counts[scenarios.Never]
		if a.Expect != diagram.Unsaid {
			odd = d.Seeds - a.Counts[scenarios.Verdict(a.Expect)]
		}
		if a.Verdict != scenarios.Remark {
			arrows++
		}
		if odd == 0 || !e.Supports {
			continue
		}
		e.Supports, e.Line = false, a.Line
		e.Figure = fmt.Sprintf("%s: %s in %d of %d", diagram.Plain(a.Text), a.Verdict, odd, d.Seeds)
		for _, o := range a.Omitted {
			e.Figure += fmt.Sprintf(" (%s %s)", o.What, o.Us.Brief())
			break
		}
		if a.Instead != "" {
			e.Figure += ": " + a.Instead
		}
	}
	if e.Supports {
		e.Figure = fmt.Sprintf("all %d arrows happen as the author expects with %d of %d seeds",
			arrows, d.Seeds, d.Seeds)
	}
	return e
}

// conclude derives the verdict from the evidence and compares it with the document's.
func (c *claimed) conclude() error {
	var pro, contra, granted, refused int
	for _, e := range c.Evidence {
		switch {
		case e.If && e.Supports:
			granted++
		case e.If:
			refused++
		case e.Supports:
			pro++
		default:
			contra++
		}
	}
	switch {
	case pro+contra+granted+refused == 0:
		return fmt.Errorf("claim %s: no evidence: add a diagram or a console block", c.ID)
	case contra == 0 && pro > 0:
		c.Verdict = Holds
	case granted > 0 && refused == 0:
		c.Verdict = HoldsIf
	default:
		c.Verdict = DoesNotHold
	}
	if c.Verdict != c.told {
		list := make([]string, len(c.Evidence))
		for i, e := range c.Evidence {
			list[i] = fmt.Sprintf("line %d: %s", e.Line, e.Figure)
		}
		return fmt.Errorf("claim %s: the document says %q, but the runs say %q: %s",
			c.ID, c.told, c.Verdict, strings.Join(list, "; "))
	}
	return nil
}

// paragraphs returns the parts of a text that blank lines or fences separate, with their lines.
func paragraphs(text string) (list []diagram.Paragraph) {
	var p diagram.Paragraph
	fenced := false
	end := func() {
		if p.Text != "" {
			list = append(list, p)
		}
		p = diagram.Paragraph{}
	}
	for n, line := range strings.Split(text, "\n") {
		fence := strings.HasPrefix(line, "```")
		if !fenced && (fence || strings.TrimSpace(line) == "") {
			end()
		}
		if fence || fenced || strings.TrimSpace(line) != "" {
			if p.Line == 0 {
				p.Line = n + 1
			}
			p.Text += line + "\n"
		}
		if fence && fenced {
			end()
		}
		fenced = fenced != fence
	}
	end()
	return list
}

// parseClaims reads the claims of a document, and runs the commands of their console blocks.
func parseClaims(doc *diagram.Document, text string, run func(string) (string, error),
	names []string) (list []claimed, err error) {
	all := paragraphs(text)
	for i, h := range doc.Headings {
		if h.Level != 2 || len(names) > 0 && !slices.Contains(names, h.Text) {
			continue
		}
		c := claimed{Claim: Claim{ID: h.Text, Document: doc.Name, Line: h.Line}, from: h.Line,
			to: 1 << 30}
		if i+1 < len(doc.Headings) {
			c.to = doc.Headings[i+1].Line
		}
		commands := ""
		for _, p := range all {
			if p.Line <= c.from || p.Line >= c.to {
				continue
			}
			if err := c.take(p, &commands, run); err != nil {
				return nil, &diagram.Error{File: doc.Name, Line: p.Line, Column: 1,
					Message: err.Error()}
			}
		}
		if c.Statement == "" || c.told == "" {
			return nil, &diagram.Error{File: doc.Name, Line: h.Line, Column: 1,
				Message: fmt.Sprintf(
					"claim %s: missing statement or verdict: begin a paragraph with "+
						"**Holds.**, **Holds if** or **Does not hold.**", h.Text)}
		}
		list = append(list, c)
	}
	return list, nil
}

// take reads one paragraph below the heading of a claim.
func (c *claimed) take(p diagram.Paragraph, commands *string, run func(string) (string,
	error)) error {
	text := strings.TrimSpace(p.Text)
	flat := strings.Join(strings.Fields(searchWords.ReplaceAllString(text, "")), " ")
	if strings.HasPrefix(text, "```console") {
		*commands = ""
		for _, m := range commandLine.FindAllStringSubmatch(text, -1) {
			out, err := run(m[1])
			if err != nil {
				return err
			}
			*commands += out
		}
		return nil
	}
	if strings.HasPrefix(text, "```") || strings.HasPrefix(text, "#") {
		return nil
	}
	for _, m := range searchWords.FindAllStringSubmatch(text, -1) {
		re, err := regexp.Compile(m[2])
		if err != nil {
			return fmt.Errorf("claim %s: %w", c.ID, err)
		}
		c.searches = append(c.searches, search{p.Line, m[1] == "proved", re, *commands})
	}
	m := verdictWords.FindStringSubmatch(flat)
	switch {
	case m != nil:
		c.told = map[string]Verdict{"Holds.": Holds, "Holds if": HoldsIf,
			"Does not hold.": DoesNotHold}[m[1]]
		c.Instead = m[2]
		if c.told == HoldsIf {
			c.If, c.Instead, _ = strings.Cut(m[2], ". ")
			c.If = strings.TrimSuffix(c.If, ".")
		}
	case flat == "If so:":
		c.under = p.Line
	case c.Statement == "" && flat != "":
		c.Statement = flat
	}
	return nil
}
