package learn

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/learn"
)

func (f *flags) gradeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "grade FOLDER...",
		Short: "Check many learners' folders, and print one table",
		Long: `Checks every answer in the folders of many learners, in the same way as zablab learn
check, and prints a table: a row for each folder, a column for each exercise. It changes
no file. From progress.txt it reads only the numbers of tries and hints. Programs run as
WebAssembly, with limited time and memory. The command compiles them with the lab's sources,
from the Git clone that contains the working directory or from the folder of --clone, and
ignores a learner's go.mod.

Exit status: 0 success; 2 wrong usage; 130 interrupted.`,
		Example: "  zablab learn grade class/*\n" +
			"  zablab learn grade --json class/* > grades.json",
		Args: cobra.MinimumNArgs(1),
		RunE: f.grade,
	}
	f.cloneFlags(cmd, "the Git clone that contains the working directory")
	return cmd
}

// grades are the results of one learner.
type grades struct {
	Folder  string        `json:"folder"`
	Passed  int           `json:"passed"`
	Hints   int           `json:"hints_shown"` // as the learner's progress says
	Tries   int           `json:"tries"`
	Error   string        `json:"error,omitempty"`
	Answers []jsonVerdict `json:"answers"`
}

func (f *flags) grade(cmd *cobra.Command, args []string) error {
	all, err := f.load(nil)
	if err != nil {
		return err
	}
	lab, err := f.lab("", true) // a learner's go.mod could name other sources
	if err != nil {
		return err
	}
	table := make([]grades, len(args))
	for i, folder := range args {
		table[i] = opening(folder, all)
	}
	bar := terminal.NewProgress(cmd, len(args)*len(all), command.JSON(cmd), "answers")
	for i, x := range all {
		if cmd.Context().Err() != nil {
			break
		}
		for j := 0; j < len(table); j += together {
			end := min(len(table), j+together)
			if err := gradeSome(cmd, x, table[j:end], lab); err != nil {
				bar.Done()
				return err
			}
			bar.At(i*len(args)+end, x.ID())
		}
	}
	bar.Done()
	if command.JSON(cmd) {
		command.WriteJSON(cmd.OutOrStdout(), map[string]any{"exercises": len(all),
			"learners": table})
	} else {
		printGrades(cmd, all, table)
	}
	if cmd.Context().Err() != nil {
		return command.Status(command.Interrupted)
	}
	return nil
}

// together is how many programs are compiled together.
const together = 12

// opening returns the results of a learner before any answer is checked.
func opening(folder string, all []*learn.Exercise) grades {
	g := grades{Folder: folder, Answers: []jsonVerdict{}}
	if info, err := os.Stat(folder); err != nil || !info.IsDir() {
		g.Error = "no such folder"
		return g
	}
	p, err := readProgress(folder)
	switch {
	case err != nil:
		g.Error = err.Error()
	case p != nil:
		for _, x := range all {
			g.Hints += p.of(x).hints
			g.Tries += p.of(x).tries
		}
	}
	return g
}

// gradeSome checks the answers of some learners to one exercise.
func gradeSome(cmd *cobra.Command, x *learn.Exercise, some []grades, lab *learn.Lab) error {
	var texts [][]byte
	var whose []int
	verdicts := make([]learn.Verdict, len(some))
	for i := range some {
		text, err := answerFile(some[i].Folder, x)
		if err != nil {
			verdicts[i] = learn.Verdict{Status: learn.Unread, Why: err.Error()}
			continue
		}
		texts, whose = append(texts, text), append(whose, i)
	}
	list, err := x.CheckAll(cmd.Context(), texts, lab)
	if err != nil {
		if cmd.Context().Err() != nil {
			return nil // the caller looks
		}
		return err
	}
	for k, i := range whose {
		verdicts[i] = list[k]
	}
	for i, v := range verdicts {
		if v.Status == learn.Passed {
			some[i].Passed++
		}
		v.Lesson = ""
		some[i].Answers = append(some[i].Answers, jsonOf(x, &v))
	}
	return nil
}

// signs are the statuses in the table, which explains them below.
var signs = map[learn.Status]string{learn.Passed: "✓", learn.Open: "·", learn.Failed: "✗",
	learn.Unread: "?"}

// printGrades prints the table, and below it why answers are wrong.
func printGrades(cmd *cobra.Command, all []*learn.Exercise, table []grades) {
	out := cmd.OutOrStdout()
	header := []string{"Folder", "Passed", "Tries", "Hints"}
	for _, x := range all {
		header = append(header, strconv.Itoa(x.Number))
	}
	t := terminal.NewTable(out, header...)
	for _, g := range table {
		row := []string{filepath.Base(g.Folder), fmt.Sprintf("%d/%d", g.Passed, len(all)),
			strconv.Itoa(g.Tries), strconv.Itoa(g.Hints)}
		for i := range all {
			cell := ""
			if i < len(g.Answers) {
				cell = signs[g.Answers[i].Status]
			}
			row = append(row, cell)
		}
		t.Row(row...)
	}
	t.Render()
	fmt.Fprintln(out, "✓ passed, · no answer yet, ✗ wrong, ? the answer cannot be read")
	for _, g := range table {
		if g.Error != "" {
			fmt.Fprintf(out, "\n%s: %s\n", g.Folder, g.Error)
		}
		for _, a := range g.Answers {
			if a.Status == learn.Failed || a.Status == learn.Unread {
				line := fmt.Sprintf("%s  %d  %s", filepath.Base(g.Folder), a.Number, a.Why)
				fmt.Fprintln(out, terminal.Fold(out, line, 2))
			}
		}
	}
}
