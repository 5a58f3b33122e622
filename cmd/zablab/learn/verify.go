package learn

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/learn"
)

func (f *flags) verifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify [N]...",
		Short: "Test exercises of your own: the solution passes, and wrong answers fail",
		Long: `Tests the exercises in the folder of --exercises. The solution of each exercise must pass,
the file that learners start from must count as not yet answered, and each wrong answer in
wrong.txt must fail for the reason that wrong.txt gives. "go doc ./scenarios/learn" explains
the format of the exercises.

Exit status: 0 success; 1 an exercise fails its test; 2 wrong usage, or an exercise that cannot
be read; 130 interrupted.`,
		Example: "  zablab learn verify --exercises my-course",
		RunE: func(cmd *cobra.Command, args []string) error {
			list, err := f.load(nil)
			if err != nil {
				return err
			}
			if len(args) > 0 {
				if list, err = named(list, args); err != nil {
					return err
				}
			}
			lab, err := f.lab("", false)
			if err != nil {
				return err
			}
			return verify(cmd, list, lab)
		},
	}
	f.cloneFlags(cmd, "the Git clone that contains the working directory")
	return cmd
}

// jsonVerified is the result of one exercise in the output of zablab learn verify --json.
type jsonVerified struct {
	Number int      `json:"number"`
	Name   string   `json:"name"`
	Wrong  int      `json:"wrong_answers"`
	Faults []string `json:"faults"`
}

func verify(cmd *cobra.Command, list []*learn.Exercise, lab *learn.Lab) error {
	out, rows, bad := cmd.OutOrStdout(), []jsonVerified{}, 0
	for _, x := range list {
		row := jsonVerified{x.Number, x.Name, len(x.Wrong), []string{}}
		err := x.Verify(cmd.Context(), lab)
		if cmd.Context().Err() != nil {
			break // the error may be that
		}
		if err != nil {
			bad++
			var many interface{ Unwrap() []error }
			if errors.As(err, &many) {
				for _, e := range many.Unwrap() {
					row.Faults = append(row.Faults, e.Error())
				}
			} else {
				row.Faults = append(row.Faults, err.Error())
			}
		}
		rows = append(rows, row)
	}
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{"exercises": rows})
	} else {
		for _, r := range rows {
			sign := "✓"
			if len(r.Faults) > 0 {
				sign = "✗"
			}
			fmt.Fprintf(out, "%s %02d-%s: %s\n", sign, r.Number, r.Name,
				terminal.Plural(r.Wrong, "wrong answer", "wrong answers"))
			for _, text := range r.Faults {
				fmt.Fprintln(out, "    "+terminal.Fold(out, text, 4))
			}
		}
	}
	switch {
	case cmd.Context().Err() != nil:
		return command.Status(command.Interrupted)
	case bad > 0:
		return command.Status(command.Broken)
	}
	return nil
}
