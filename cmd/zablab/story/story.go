package story

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/cmd/zablab/web"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/explore"
)

// Files are the files to write for a story. For an empty name no file is written.
type Files struct {
	Document, Trace, HTML string
	Open                  bool // the page, in the browser

	// Certainty, if set, is drawn in the page: that of the search that has found the story after Given
	// steps of a document.
	Certainty *explore.Certainty
	Given     int
}

// Define defines the flags of a command that finds stories.
func (f *Files) Define(flags *pflag.FlagSet) {
	flags.StringVarP(&f.Document, "output", "o", "",
		"write the steps that are found to this file, as a document that zablab replay plays")
	flags.StringVar(&f.Trace, "trace", "",
		"write the steps that are found to this file, in the format zablab.trace/1")
	flags.StringVar(&f.HTML, "html", "",
		"write the steps that are found to this file, as a page to step through in a browser")
	flags.BoolVar(&f.Open, "open", false, "with --html: open the page in the browser")
}

// Any reports whether a file is to be written.
func (f *Files) Any() bool { return f.Document+f.Trace+f.HTML != "" }

// Check returns an error if the flags contradict each other, or if the command would overwrite a
// file that it also reads or writes (see [command.CheckOutputs]). The parameter more is one more
// file that the command writes. A command calls Check before it searches or plays anything.
func (f *Files) Check(more string, inputs []string) error {
	if f.Open && f.HTML == "" {
		return errors.New("--open: no page is written: add --html FILE")
	}
	return command.CheckOutputs([]string{f.Document, f.Trace, f.HTML, more}, inputs)
}

// Write writes the files of a story. The document begins with a heading, whose text is the argument
// title, and a paragraph, whose text is the argument says.
func (f *Files) Write(s *explore.Story, title, says string) error {
	if f.Document != "" {
		text := s.Document(title, terminal.Wrap(says, 96, ""))
		if err := command.WriteFile(f.Document, []byte(text)); err != nil {
			return err
		}
	}
	if f.Trace+f.HTML == "" {
		return nil
	}
	p, err := s.Play()
	if err != nil {
		return err
	}
	return f.pictures(p, title)
}

// pictures writes the trace and the page of a story that was played.
func (f *Files) pictures(p *explore.Played, title string) error {
	if f.Trace+f.HTML == "" {
		return nil
	}
	var b bytes.Buffer
	if err := p.WriteTrace(&b, title); err != nil {
		return err
	}
	if f.Trace != "" {
		if err := command.WriteFile(f.Trace, b.Bytes()); err != nil {
			return err
		}
	}
	if f.HTML == "" {
		return nil
	}
	page := web.Page{Title: title, Trace: b.Bytes(), Filter: web.FilterProtocol,
		WhyNot: "This run cannot be changed here, because its document fixes the order of all " +
			"steps. Edit the document, and play it with zablab replay --html."}
	if f.Certainty != nil {
		page.Odds, page.OddsWord = p.Odds(f.Certainty, f.Given), "choices here that make the end certain:"
		if at := f.Given + f.Certainty.From; at > 0 && at < len(p.Steps) {
			page.Step = p.Event(at)
		}
	}
	text, err := page.Bytes()
	if err != nil {
		return err
	}
	if err := command.WriteFile(f.HTML, text); err != nil || !f.Open {
		return err
	}
	return web.Open(f.HTML)
}

// Written prints the names of the files.
func (f *Files) Written(out io.Writer) { terminal.Written(out, f.Document, f.Trace, f.HTML) }

// Steps prints steps, and what each step led to. The parameter certain is the number of the step
// after which the end of the story was certain, or 0 if that step is not known.
func Steps(out io.Writer, steps []explore.Step, certain int) {
	p := terminal.PaintFor(out)
	for i, s := range steps {
		says := s.Says
		if s.Fault {
			says = p.Yellow(says)
		}
		if len(s.Then) > 0 {
			says += p.Faint("  → " + strings.Join(s.Then, "; "))
		}
		fmt.Fprintf(out, " %3d  %s\n", i+1, terminal.Fold(out, says, 6))
		if i+1 == certain {
			fmt.Fprintln(out, p.Yellow("      ─── from here on, every continuation leads to "+
				"the same end ───"))
		}
	}
}

// JSONStep is a step in the output of --json.
type JSONStep struct {
	Says  string   `json:"says"`
	Then  []string `json:"then,omitempty"`
	Fault bool     `json:"fault,omitempty"`
}

// JSONSteps returns steps in the form of the output of --json.
func JSONSteps(steps []explore.Step) (list []JSONStep) {
	for _, s := range steps {
		list = append(list, JSONStep(s))
	}
	return list
}

// JSONBroken is a broken check in the output of --json.
type JSONBroken struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Broken returns a broken check with its name, after a mark, as a paragraph.
func Broken(out io.Writer, v *explore.Violation, mark string) string {
	name := mark + v.Name
	text := terminal.Paragraph(out, name+" "+v.Text, 2)
	return strings.Replace(text, name, terminal.PaintFor(out).Red(name)+" ", 1)
}

// mostPossible limits how many possible steps are printed.
const mostPossible = 20

// Replay plays the story of a document, prints it, writes its trace and page, and returns the exit
// status: 1 if a step breaks a check, and 3 if a line is not possible.
func Replay(cmd *cobra.Command, doc *diagram.Document, f *Files) error {
	s, err := explore.ReadStory(doc)
	if err != nil {
		return err
	}
	p, err := s.Play()
	if err != nil {
		return fmt.Errorf("replay %s: %w", doc.Name, err)
	}
	if err := f.pictures(p, doc.Title); err != nil {
		return err
	}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), playedJSON(doc, s, p))
	} else {
		printPlayed(cmd.OutOrStdout(), doc, s, p)
		f.Written(cmd.OutOrStdout())
	}
	switch {
	case p.Broken != nil:
		return command.Status(command.Broken)
	case p.Refused != nil || len(s.Lines) == 0:
		return command.Status(command.Surprise)
	case p.Unjudged():
		return command.Status(command.Undecided)
	}
	return nil
}

func printPlayed(out io.Writer, doc *diagram.Document, s *explore.Story, p *explore.Played) {
	paint := terminal.PaintFor(out)
	fmt.Fprintf(out, "%s  %s · %d of %s played\n", paint.Bold(doc.Title), doc.Name, len(p.Steps),
		terminal.Plural(len(s.Lines), "step", "steps"))
	fmt.Fprintf(out, "%s\n\n", paint.Faint(terminal.Paragraph(out, "setup "+s.Setup.Name+": "+
		s.Setup.Bounds()+flawText(s), 0)))
	Steps(out, p.Steps, 0)
	if p.Refused != nil {
		printRefused(out, doc, p)
	}
	if len(p.Steps) > 0 {
		fmt.Fprintln(out, "\nThe servers after the last step:")
		for _, v := range p.Servers {
			fmt.Fprintf(out, "  %s\n", terminal.Paragraph(out, v, 5))
		}
	}
	fmt.Fprintln(out)
	switch b := p.Broken; {
	case b != nil:
		fmt.Fprintln(out, Broken(out, b, "✗ "))
	case len(p.Steps) == 0:
		fmt.Fprintln(out, paint.Yellow("? nothing was played, and nothing was checked"))
	case p.Unjudged():
		fmt.Fprintf(out, "%s %s\n", paint.Yellow("?"), terminal.Fold(out, "no step breaks a check, but "+
			"whether every server can serve again was not checked: zablab explore "+doc.Name+
			" checks this", 2))
	case p.Refused != nil:
		fmt.Fprintf(out, "%s no step before the refused one breaks a check\n", paint.Yellow("?"))
	default:
		fmt.Fprintf(out, "%s no step breaks a check\n", paint.Green("✓"))
	}
	fmt.Fprintf(out, "\n%s  %016x\n", paint.Bold("Fingerprint"), p.Fingerprint())
	if p.Unplayed > 0 {
		fmt.Fprintf(out, "not played: %s, because a run ends when a check is broken\n",
			terminal.Plural(p.Unplayed, "step", "steps"))
	}
}

func flawText(s *explore.Story) string {
	if name := s.Setup.FlawName(); name != "" {
		return "; injected flaw: " + name
	}
	return ""
}

// printRefused prints the line that is not possible, and what is possible in its place.
func printRefused(out io.Writer, doc *diagram.Document, p *explore.Played) {
	paint := terminal.PaintFor(out)
	fmt.Fprintf(out, "\n%s %s:%d: this step is not possible here: %s\n", paint.Red("✗"), doc.Name,
		p.Refused.Pos.Line, p.Refused)
	if len(p.Possible) == 0 {
		fmt.Fprintln(out, "  Nothing can happen any more.")
		return
	}
	fmt.Fprintln(out, "  What can happen, each as a line of the document:")
	for i, l := range p.Possible {
		if i == mostPossible {
			fmt.Fprintf(out, "    and %d more\n", len(p.Possible)-i)
			break
		}
		fmt.Fprintf(out, "    %s\n", terminal.Fold(out, l.String(), 6))
	}
}

// playedJSON is a story that was played, in the output of --json.
func playedJSON(doc *diagram.Document, s *explore.Story, p *explore.Played) any {
	type line struct {
		Line int    `json:"line"`
		Text string `json:"text"`
	}
	j := struct {
		Document    string      `json:"document"`
		Fingerprint string      `json:"fingerprint"`
		Setup       string      `json:"setup"`
		Bounds      string      `json:"bounds"`
		Flaw        string      `json:"flaw,omitempty"`
		Lines       int         `json:"lines"`
		Steps       []JSONStep  `json:"steps"`
		Servers     []string    `json:"servers"`
		Broken      *JSONBroken `json:"broken,omitempty"`
		Unplayed    int         `json:"unplayed,omitempty"`
		Unjudged    bool        `json:"unjudged,omitempty"` // whether every server can serve again
		Refused     *line       `json:"refused,omitempty"`
		Possible    []string    `json:"possible,omitempty"`
	}{Document: doc.Name, Fingerprint: fmt.Sprintf("%016x", p.Fingerprint()), Setup: s.Setup.Name, Bounds: s.Setup.Bounds(), Flaw: s.Setup.FlawName(),
		Lines: len(s.Lines), Steps: JSONSteps(p.Steps), Servers: p.Servers, Unplayed: p.Unplayed,
		Unjudged: p.Unjudged()}
	if p.Broken != nil {
		j.Broken = &JSONBroken{p.Broken.Name, p.Broken.Text}
	}
	if p.Refused != nil {
		j.Refused = &line{p.Refused.Pos.Line, p.Refused.String()}
		for _, l := range p.Possible {
			j.Possible = append(j.Possible, l.String())
		}
	}
	return j
}
