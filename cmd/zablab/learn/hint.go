package learn

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
)

func (f *flags) hintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "hint N",
		Short: "Print the next hint of an exercise; each hint reveals more than the one before",
		Long: `Prints the next hint of an exercise, after the hints that you have already seen. The file
progress.txt records how many hints you have seen.

Exit status: 0 success; 2 wrong usage, or a file that cannot be read or written.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, all, err := f.opened()
			if err != nil {
				return err
			}
			x, err := one(all, args[0])
			if err != nil {
				return err
			}
			r := p.of(x)
			r.hints = min(r.hints+1, len(x.Hints))
			if err := p.write(); err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if command.JSON(cmd) {
				command.WriteJSON(out, map[string]any{"number": x.Number, "name": x.Name,
					"hints": x.Hints[:r.hints], "left": len(x.Hints) - r.hints})
				return nil
			}
			for i, h := range x.Hints[:r.hints] {
				fmt.Fprintf(out, "%d of %d  %s\n", i+1, len(x.Hints), terminal.Fold(out, h, 8))
			}
			if r.hints == len(x.Hints) && x.Read != "" {
				fmt.Fprintf(out, "That was the last hint. Read chapter %s: zablab read %s\n",
					x.Read, x.Read)
			}
			return nil
		},
	}
}
