package learn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/diagram"
	"github.com/zablab/zablab/scenarios/fuzz"
	"github.com/zablab/zablab/scenarios/learn"
)

// maxAnswer is the largest file that is checked, in bytes.
const maxAnswer = 64 << 10

func (f *flags) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [N|FILE|all]...",
		Short: "Check your answers by playing them",
		Long: `Checks your answers to one or more exercises. Name an exercise by its number, its name or
its file, or write all. Without an argument the command checks the first exercise that you
have not passed. It plays your drawing, your faults or your program. For a wrong answer it
shows what happens instead.

Exit status: 0 passed; 1 wrong or missing; 2 wrong usage, or a file that cannot be
read or written; 130 interrupted.`,
		Example: "  zablab learn check\n  zablab learn check 3\n  zablab learn check all",
		RunE:    f.check,
	}
	f.cloneFlags(cmd, "the Git clone that your go.mod names, or the one that contains the working "+
		"directory")
	cmd.Flags().BoolVar(&f.sandbox, "sandbox", false,
		"run programs as zablab learn grade does: as WebAssembly, with limited memory")
	return cmd
}

// jsonVerdict is a verdict in the output of zablab learn check --json.
type jsonVerdict struct {
	Number  int          `json:"number"`
	Name    string       `json:"name"`
	Kind    learn.Kind   `json:"kind"`
	File    string       `json:"file"`
	Status  learn.Status `json:"status"`
	Why     string       `json:"why,omitempty"`
	Details []string     `json:"details"`
	Drawing string       `json:"drawing,omitempty"`
	Faults  string       `json:"schedule,omitempty"`
	Again   string       `json:"again,omitempty"`
	Lines   int          `json:"lines"`
	Par     int          `json:"par"`
	Lesson  string       `json:"lesson,omitempty"`
}

func jsonOf(x *learn.Exercise, v *learn.Verdict) jsonVerdict {
	return jsonVerdict{x.Number, x.Name, x.Kind, x.File(), v.Status, v.Why,
		append([]string{}, v.Details...), v.Drawing, v.Schedule, v.Again, v.Lines, v.Par, v.Lesson}
}

func (f *flags) check(cmd *cobra.Command, args []string) error {
	p, all, err := f.opened()
	if err != nil {
		return err
	}
	list, err := picked(p, all, args)
	if err != nil {
		return err
	}
	lab, err := f.lab(f.folder(), f.sandbox)
	if err != nil {
		return err
	}
	out, wrong := cmd.OutOrStdout(), 0
	verdicts := []jsonVerdict{}
	for i, x := range list {
		if cmd.Context().Err() != nil {
			return command.Status(command.Interrupted)
		}
		v, err := checkFile(cmd.Context(), f.folder(), x, lab)
		if err != nil {
			return err
		}
		p.note(x, &v)
		if err := p.write(); err != nil {
			return err
		}
		if v.Status != learn.Passed {
			wrong++
		}
		if !command.JSON(cmd) {
			if i > 0 {
				fmt.Fprintln(out)
			}
			printVerdict(out, x, &v, p)
			continue
		}
		verdicts = append(verdicts, jsonOf(x, &v))
	}
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{"checked": verdicts, "passed": len(list) - wrong})
	}
	if wrong > 0 {
		return command.Status(command.Broken)
	}
	return nil
}

// picked returns the exercises that the arguments name; without an argument, the first that is not
// passed.
func picked(p *progress, all []*learn.Exercise, args []string) ([]*learn.Exercise, error) {
	if i := slices.Index(args, "all"); i >= 0 {
		_, err := named(all, args[:i])
		return all, err
	}
	if len(args) > 0 {
		return named(all, args)
	}
	for _, x := range all {
		if p.of(x).status != learn.Passed {
			return []*learn.Exercise{x}, nil
		}
	}
	return nil, errors.New("learn check: you have passed every exercise: to check them again, run " +
		"zablab learn check all")
}

// named returns the exercises that the arguments name.
func named(all []*learn.Exercise, args []string) (list []*learn.Exercise, err error) {
	for _, arg := range args {
		x, err := one(all, arg)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, nil
}

// checkFile checks the answer in a learner's folder. A missing or unreadable file is part of the
// verdict.
func checkFile(ctx context.Context, folder string, x *learn.Exercise, lab *learn.Lab) (
	learn.Verdict, error) {
	data, err := answerFile(folder, x)
	if err != nil {
		return learn.Verdict{Status: learn.Unread, Why: err.Error()}, nil
	}
	return x.Check(ctx, data, lab)
}

// answerFile reads a learner's file.
func answerFile(folder string, x *learn.Exercise) ([]byte, error) {
	name := filepath.Join(folder, filepath.FromSlash(x.File()))
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such file: zablab learn start %s writes it again", x.File(),
			folder)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", x.File(), command.Cause(err))
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: not a file: remove it, and run zablab learn start %s", x.File(),
			folder)
	case info.Size() > maxAnswer:
		return nil, fmt.Errorf("%s: the file has %d bytes, but the limit is %d: make it shorter",
			x.File(), info.Size(), maxAnswer)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: make the file readable", x.File(), command.Cause(err))
	}
	return data, nil
}

// note takes a verdict into the progress. A passed exercise stays passed only while its answer
// does.
func (p *progress) note(x *learn.Exercise, v *learn.Verdict) {
	r := p.of(x)
	if v.Status != learn.Open {
		r.tries++
	}
	r.status = v.Status
	if v.Status == learn.Passed && v.Lines > 0 && (r.lines == 0 || v.Lines < r.lines) {
		r.lines = v.Lines
	}
}

// printVerdict prints a verdict for its learner.
func printVerdict(out io.Writer, x *learn.Exercise, v *learn.Verdict, p *progress) {
	paint := terminal.PaintFor(out)
	fmt.Fprintf(out, "%s\n", paint.Bold(fmt.Sprintf("%d. %s (%s)", x.Number, x.Title, x.Kind)))
	switch v.Status {
	case learn.Passed:
		text := "passed"
		if v.Par > 0 {
			text += fmt.Sprintf(", with %s (the shortest known answer has %d)",
				terminal.Plural(v.Lines, "line", "lines"), v.Par)
		}
		fmt.Fprintf(out, "%s %s\n", paint.Green("✓"), text)
	case learn.Open:
		fmt.Fprintf(out, "· %s: write your answer into %s\n", v.Why, x.File())
		return
	default:
		fmt.Fprintf(out, "%s %s\n", paint.Red("✗"), terminal.Fold(out, v.Why, 2))
	}
	if faults := faultsOf(v.Schedule); len(faults) > 0 {
		fmt.Fprintf(out, "\n  This happens in a run with %s:\n",
			terminal.Plural(len(faults), "fault", "faults"))
		for _, line := range faults {
			fmt.Fprintln(out, "    "+line)
		}
	}
	// The drawing of a program's run has the same events.
	if len(v.Details) > 0 && (x.Kind != learn.Repair || v.Drawing == "") {
		fmt.Fprintln(out)
		for _, line := range v.Details {
			fmt.Fprintln(out, strings.TrimRight("  "+line, " "))
		}
	}
	if v.Status != learn.Passed {
		printDrawing(out, v.Drawing)
	}
	if v.Lesson != "" {
		fmt.Fprintf(out, "\n%s\n", terminal.Fold(out, v.Lesson, 0))
	}
	if v.Again != "" {
		fmt.Fprintf(out, "\nSee more  %s\n", v.Again)
	}
	if v.Status != learn.Passed && p.of(x).hints < len(x.Hints) {
		fmt.Fprintf(out, "\nFor a hint  zablab learn hint %d\n", x.Number)
	}
}

// faultsOf returns the faults of a schedule, one a line.
func faultsOf(schedule string) (list []string) {
	s, err := fuzz.Parse("schedule", schedule)
	if err != nil {
		return nil // there is no schedule
	}
	for _, f := range s.Plan {
		list = append(list, f.String())
	}
	return list
}

// printDrawing draws a diagram, given as Mermaid, as text.
func printDrawing(out io.Writer, mermaid string) {
	if mermaid == "" {
		return
	}
	doc, err := diagram.Parse("run.mmd", []byte(mermaid))
	if err != nil {
		return // a run in which nothing happened has no diagram
	}
	width := terminal.Width(out)
	for _, d := range doc.Diagrams {
		fmt.Fprintln(out)
		for line := range strings.Lines(diagram.Draw(d, width-2)) {
			fmt.Fprint(out, "  "+line)
		}
	}
}
