package story

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/apache/steps"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/explore"
)

// ReplayReal plays the story of a document on Apache ZooKeeper, prints what became of each step,
// and returns the exit status: 3 if a step or the end differs, and 4 if the servers cannot be held
// in the state at the end.
func ReplayReal(cmd *cobra.Command, doc *diagram.Document) error {
	s, err := explore.ReadStory(doc)
	if err != nil {
		return err
	}
	bar := terminal.NewSpinner(cmd, command.JSON(cmd), doc.Name+": starting the servers")
	p, err := steps.Play(cmd.Context(), s, func(m *explore.Moment) {
		if m != nil {
			bar.Say(fmt.Sprintf("%s:%d: %s", doc.Name, m.Line.Pos.Line, m.Says))
		}
	})
	bar.Done()
	switch {
	case cmd.Context().Err() != nil:
		return command.Status(command.Interrupted)
	case err != nil:
		return fmt.Errorf("replay %s: %w", doc.Name, err)
	}
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), realJSON(doc, s, p))
	} else {
		printReal(cmd.OutOrStdout(), doc, s, p)
	}
	switch same, ahead := p.Same(); {
	case !same:
		return command.Status(command.Surprise)
	case len(ahead) > 0:
		return command.Status(command.Undecided)
	}
	return nil
}

// marks are the marks of steps, by what became of them.
var marks = map[steps.Did]string{steps.Unplayed: " ", steps.Made: "✓", steps.Own: "·",
	steps.Differs: "✗"}

func printReal(out io.Writer, doc *diagram.Document, s *explore.Story, p *steps.Played) {
	paint := terminal.PaintFor(out)
	color := map[steps.Did]func(string) string{steps.Unplayed: paint.Faint, steps.Made: paint.Green,
		steps.Own: paint.Faint, steps.Differs: paint.Red}
	fmt.Fprintf(out, "%s  %s · on Apache ZooKeeper\n", paint.Bold(doc.Title), doc.Name)
	fmt.Fprintf(out, "%s\n\n", paint.Faint(terminal.Paragraph(out, "setup "+s.Setup.Name+": "+
		s.Setup.Bounds(), 0)))
	for i, x := range p.Steps {
		says := x.Says
		if x.Did == steps.Unplayed {
			says = paint.Faint(says)
		}
		fmt.Fprintf(out, " %3d %s %s\n", i+1, color[x.Did](marks[x.Did]), terminal.Fold(out, says, 7))
		if x.Note != "" {
			fmt.Fprintf(out, "       %s\n", terminal.Fold(out, x.Note, 7))
		}
	}
	for i, v := range p.Servers {
		if i == 0 {
			fmt.Fprintln(out, "\nThe servers after the last step:")
		}
		mark, text := paint.Green("✓"), v.Real
		switch {
		case v.Open:
			mark = paint.Yellow("?")
		case v.Story != v.Real:
			mark, text = paint.Red("✗"), v.Real+"; in the story: "+v.Story
		}
		fmt.Fprintf(out, "  S%d %s %s\n", i+1, mark, terminal.Fold(out, text, 7))
	}
	mark := paint.Red("✗")
	switch same, ahead := p.Same(); {
	case same && len(ahead) == 0:
		mark = paint.Green("✓")
	case same:
		mark = paint.Yellow("?")
	}
	fmt.Fprintf(out, "\n%s %s\n", mark, terminal.Paragraph(out, sentence(p), 2))
}

// sentence says what playing a story on real servers has shown.
func sentence(p *steps.Played) string {
	count := map[steps.Did]int{}
	differs := 0
	for i, x := range p.Steps {
		if count[x.Did]++; x.Did == steps.Differs {
			differs = i + 1
		}
	}
	did := fmt.Sprintf("The lab made %s on servers of Apache ZooKeeper, one after the other; %s, an "+
		"fsync or a timer (·), ", terminal.Plural(count[steps.Made], "step", "steps"),
		terminal.Plural(count[steps.Own], "step", "steps"))
	if count[steps.Own] == 1 {
		did += "was the server's own and was not seen"
	} else {
		did += "were the servers' own and were not seen"
	}
	if count[steps.Own] == 0 {
		did, _, _ = strings.Cut(did, ";")
	}
	same, ahead := p.Same()
	switch {
	case differs > 0:
		return fmt.Sprintf("At step %d ZooKeeper differs from the lab, and the rest was not played. %s.",
			differs, did)
	case !same:
		return did + ". At the end the servers differ from the lab's."
	case len(ahead) > 0:
		return fmt.Sprintf("%s. After each step the messages in transit and the disks were as in the "+
			"lab. But at the end an fsync or a snapshot of %s is under way, and a real server cannot be "+
			"held there: this state was not reached.", did, strings.Join(ahead, " and "))
	}
	return did + ". After each step the messages in transit and the disks were as in the lab. So is at " +
		"the end which servers serve clients, and as what; a server that does not serve says no more."
}

// realJSON is a story that was played on real servers, in the output of --json.
func realJSON(doc *diagram.Document, s *explore.Story, p *steps.Played) any {
	type step struct {
		Line int    `json:"line"`
		Says string `json:"says"`
		Did  string `json:"did"`
		Note string `json:"note,omitempty"`
	}
	type server struct {
		Story string `json:"story"`
		Real  string `json:"real"`
		Open  bool   `json:"open,omitempty"`
	}
	words := map[steps.Did]string{steps.Unplayed: "unplayed", steps.Made: "made", steps.Own: "own",
		steps.Differs: "differs"}
	same, ahead := p.Same()
	j := struct {
		Document string   `json:"document"`
		Engine   string   `json:"engine"`
		Setup    string   `json:"setup"`
		Sentence string   `json:"sentence"`
		Same     bool     `json:"same"`
		Steps    []step   `json:"steps"`
		Servers  []server `json:"servers,omitempty"`
	}{Document: doc.Name, Engine: command.EngineZooKeeper, Setup: s.Setup.Name, Sentence: sentence(p),
		Same: same && len(ahead) == 0}
	for _, x := range p.Steps {
		j.Steps = append(j.Steps, step{x.Line.Pos.Line, x.Says, words[x.Did], x.Note})
	}
	for _, v := range p.Servers {
		j.Servers = append(j.Servers, server(v))
	}
	return j
}
