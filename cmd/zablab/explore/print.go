package explore

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/zablab/zablab/cmd/zablab/story"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/explore"
)

// printResult prints the outcome of a search.
func printResult(out io.Writer, r *explore.Result, t spent) {
	p := terminal.PaintFor(out)
	printFlaw(out, p, &r.Setup)
	mark := p.Green("✓")
	switch {
	case r.Broken != nil || r.Differs != "", r.Goal != nil && r.Complete:
		mark = p.Red("✗")
	case !r.Complete && !r.Reached:
		mark = p.Yellow("?")
	}
	fmt.Fprintf(out, "%s %s\n", mark, terminal.Paragraph(out, r.Sentence(), 2))
	fmt.Fprintf(out, "  %s\n", p.Faint(terminal.Paragraph(out, figures(r, t), 2)))
	for _, why := range slices.Sorted(maps.Keys(r.Exits)) {
		fmt.Fprintf(out, "  %s %s\n", p.Yellow("!"),
			terminal.Paragraph(out, "a server ended its own process: "+why, 4))
	}
	switch {
	case r.Broken != nil:
		fmt.Fprintf(out, "\n%s\n\n", story.Broken(out, r.Broken, ""))
	case r.Reached:
		fmt.Fprintln(out)
	default:
		return
	}
	certain := 0
	if c := r.Certainty; c != nil && c.From > 0 && r.Given+c.From < len(r.Steps) {
		certain = r.Given + c.From
	}
	story.Steps(out, r.Steps, certain)
	for i, v := range r.Servers {
		if i == 0 {
			fmt.Fprintln(out, "\nThe state that is reached:")
		}
		fmt.Fprintf(out, "  %s\n", terminal.Fold(out, v, 5))
	}
	fmt.Fprintf(out, "\n%s\n", p.Faint(terminal.Paragraph(out, "The steps were played again on fresh "+
		"servers. They fix the order of all messages, which a plan of faults cannot do: -o FILE "+
		"writes them as a document of their own, which zablab replay plays.", 0)))
}

// printFlaw names the injected flaw, if there is one.
func printFlaw(out io.Writer, p terminal.Paint, s *explore.Setup) {
	if name := s.FlawName(); name != "" {
		fmt.Fprintf(out, "%s %s\n", p.Yellow("injected flaw:"), name)
	}
}

// figures says what a search took.
func figures(r *explore.Result, t spent) string {
	parts := []string{
		fmt.Sprintf("%s choices", terminal.Thousands(int64(r.Choices))),
		fmt.Sprintf("paths of at most %d steps", r.Depth),
		fmt.Sprintf("%s states without a next step", terminal.Thousands(int64(r.Ends))),
		fmt.Sprintf("%s different states of a single server, %s different states "+
			"of what the checks remember", terminal.Thousands(int64(r.Locals)),
			terminal.Thousands(int64(r.Audits))),
		fmt.Sprintf("%d MB, %d bytes a state", (t.heap+1<<20-1)>>20, t.heap/max(1, r.States)),
	}
	if t.known {
		parts = append(parts, fmt.Sprintf("%.1fs of processor time, %s states/s",
			t.processor.Seconds(), terminal.Thousands(rate(r.States-r.Earlier, t.processor))))
	} else {
		parts = append(parts, fmt.Sprintf("%.1fs, %s states/s", t.wall.Seconds(),
			terminal.Thousands(rate(r.States-r.Earlier, t.wall))))
	}
	return strings.Join(parts, " · ")
}

func rate(n int, t time.Duration) int64 { return int64(float64(n) / max(t.Seconds(), 0.001)) }

// jsonResult is the outcome of a search in the output of --json.
type jsonResult struct {
	Setup     string            `json:"setup"`
	Bounds    string            `json:"bounds"`
	Flaw      string            `json:"flaw,omitempty"`
	Sentence  string            `json:"sentence"`
	Complete  bool              `json:"complete"`
	States    int               `json:"states"`
	Open      int               `json:"open"`
	Cut       int               `json:"cut"`
	Choices   int               `json:"choices"`
	Depth     int               `json:"depth"`
	Ends      int               `json:"ends"`
	Locals    int               `json:"server_states"`
	Audits    int               `json:"audit_states"`
	Pairs     int               `json:"server_events"`
	Bytes     int               `json:"bytes"`
	Seconds   float64           `json:"seconds"`
	Processor float64           `json:"processor_seconds,omitempty"`
	Exits     map[string]int    `json:"exits,omitempty"`
	Broken    *story.JSONBroken `json:"broken,omitempty"`
	Reached   *bool             `json:"reached,omitempty"`     // with --reach
	Servers   []string          `json:"servers,omitempty"`     // the state that --reach has found
	Given     int               `json:"given_steps,omitempty"` // of steps: those of the document
	Steps     []story.JSONStep  `json:"steps,omitempty"`
	Certainty *jsonCertainty    `json:"certainty,omitempty"` // with --certain
}

// jsonCertainty says after how many steps the end was certain, and how many of the choices before
// each step made it certain.
type jsonCertainty struct {
	After  int        `json:"after_steps"`
	States int        `json:"states"`
	Before []jsonOdds `json:"before_step"`
}

type jsonOdds struct {
	Choices int `json:"choices"`
	Certain int `json:"certain"`
}

func certaintyJSON(r *explore.Result) *jsonCertainty {
	c := r.Certainty
	if c == nil {
		return nil
	}
	j := &jsonCertainty{After: r.Given + c.From, States: c.States, Before: []jsonOdds{}}
	for _, o := range c.Before {
		j.Before = append(j.Before, jsonOdds(o))
	}
	return j
}

func resultJSON(r *explore.Result, t spent) jsonResult {
	j := jsonResult{Setup: r.Setup.Name, Bounds: r.Setup.Bounds(), Sentence: r.Sentence(),
		Complete: r.Complete, States: r.States, Open: r.Open, Cut: r.Cut, Choices: r.Choices,
		Depth: r.Depth, Ends: r.Ends, Locals: r.Locals, Audits: r.Audits, Pairs: r.Pairs,
		Bytes: t.heap, Seconds: t.wall.Seconds(), Exits: r.Exits}
	j.Flaw = r.Setup.FlawName()
	if t.known {
		j.Processor = t.processor.Seconds()
	}
	if r.Broken != nil {
		j.Broken = &story.JSONBroken{Name: r.Broken.Name, Text: r.Broken.Text}
	}
	if r.Goal != nil {
		j.Reached, j.Servers = &r.Reached, r.Servers
	}
	j.Given = r.Given
	j.Steps, j.Certainty = story.JSONSteps(r.Steps), certaintyJSON(r)
	return j
}
