package lint

import (
	"fmt"
	"io"

	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/explore"
)

// steps is a story of a small world, whose steps were tried one after the other.
type steps struct {
	story   *explore.Story
	breaks  string      // the check that the last step breaks
	problem error       // why a line cannot be played, or nil
	at      diagram.Pos // of that line
}

// stepsOf reads the story of a document and tries its steps.
func stepsOf(doc *diagram.Document) (*steps, error) {
	s, err := explore.ReadStory(doc)
	if err != nil {
		return nil, err
	}
	p, err := s.Play()
	if err != nil {
		return nil, err
	}
	out := &steps{story: s}
	if p.Broken != nil {
		out.breaks = p.Broken.Name
	}
	switch n := len(p.Steps); {
	case len(s.Lines) == 0:
		out.problem, out.at = fmt.Errorf("there are no steps: add one below this line"),
			diagram.Pos{Line: s.Line, Column: 1}
	case p.Refused != nil:
		out.problem, out.at = fmt.Errorf("this step is not possible after the steps before it: %s: "+
			"zablab replay lists what is", p.Refused), p.Refused.Pos
	case p.Unplayed > 0:
		out.problem, out.at = fmt.Errorf("the step before this line breaks %s, and nothing can follow: "+
			"leave out this line and what follows it", out.breaks), s.Lines[n].Pos
	}
	return out, nil
}

func (s *steps) print(out io.Writer, name string) {
	p := terminal.PaintFor(out)
	set := &s.story.Setup
	fmt.Fprintf(out, "%s  %s of a small ensemble\n", p.Bold(name), terminal.Plural(len(s.story.Lines),
		"step", "steps"))
	fmt.Fprintf(out, "  %s\n", terminal.Fold(out, "setup "+set.Name+": "+set.Bounds(), 2))
	if name := set.FlawName(); name != "" {
		fmt.Fprintf(out, "  injected flaw: %s\n", name)
	}
	switch {
	case s.problem != nil:
		text := fmt.Sprintf("line %d, column %d: %v", s.at.Line, s.at.Column, s.problem)
		fmt.Fprintf(out, "  %s %s\n", p.Red("✗"), terminal.Fold(out, text, 4))
		return
	case s.breaks != "":
		fmt.Fprintf(out, "  every step is possible, and the last one breaks %s\n", s.breaks)
	default:
		fmt.Fprintln(out, "  every step is possible")
	}
	fmt.Fprintf(out, "  %s\n", terminal.Fold(out, "zablab replay plays it, and zablab explore goes on "+
		"from its end", 2))
}

func (s *steps) json() *jsonStory {
	set := &s.story.Setup
	j := &jsonStory{Setup: set.Name, Bounds: set.Bounds(), Flaw: set.FlawName(),
		Lines: len(s.story.Lines), Breaks: s.breaks}
	if s.problem != nil {
		j.Line, j.Problem = s.at.Line, s.problem.Error()
	}
	return j
}
