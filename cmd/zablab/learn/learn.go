package learn

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/checkout"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/learn"
)

// flags are the flags of zablab learn and its subcommands.
type flags struct {
	dir       string // the learner's folder; "" for the working directory
	exercises string // folder of exercises; "" for those of the lab
	clone     string // folder of the lab's sources
	sandbox   bool
	limit     time.Duration
}

// Command returns the command zablab learn with its subcommands.
func Command() *cobra.Command {
	var f flags
	cmd := &cobra.Command{
		Use:   "learn",
		Short: "Do exercises, from beginner to expert, and let the lab check your answers",
		Long: `Lists the exercises, and your progress. There are seven kinds of exercises:

  predict   predict what happens when the lab plays a drawing
  read      find the event, or the cause of an event, in a recorded run
  judge     say whether a history is linearizable, or which operation has a wrong result
  draw      write a drawing whose run has the property that the exercise asks for
  break     write the faults that make a bug visible
  reach     describe a state that a small ensemble can reach
  repair    correct a client program in Go

zablab learn start writes a folder with one small file for each exercise. Write your answer
into the file of an exercise, and run zablab learn check. The file progress.txt in the folder
records your progress.

Exit status: 0 success; 2 wrong usage, or a file that cannot be read or written.`,
		Example: "  zablab learn start my-exercises\n" +
			"  cd my-exercises\n" +
			"  zablab learn check 1\n" +
			"  zablab learn hint 1\n" +
			"  zablab learn grade class/*",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return f.list(cmd) },
	}
	cmd.PersistentFlags().StringVar(&f.dir, "dir", "", "your folder of exercises (default: the "+
		"working directory)")
	cmd.PersistentFlags().StringVar(&f.exercises, "exercises", "",
		"folder with a set of exercises to use instead of the lab's exercises")
	cmd.AddCommand(f.startCommand(), f.checkCommand(), f.hintCommand(), f.showCommand(),
		f.gradeCommand(), f.verifyCommand())
	return cmd
}

// folder is the learner's folder.
func (f *flags) folder() string {
	if f.dir != "" {
		return f.dir
	}
	return "."
}

// load reads the exercises: those of the flag --exercises, those that the learner's progress names,
// or those of the lab.
func (f *flags) load(p *progress) ([]*learn.Exercise, error) {
	from := f.exercises
	if from == "" && p != nil {
		from = p.exercises
	}
	if from == "" {
		return learn.All(), nil
	}
	if info, err := os.Stat(from); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("--exercises %s: no such folder: name a folder that has a folder for "+
			"each exercise", from)
	}
	list, err := learn.Load(os.DirFS(from))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("--exercises %s: no exercise in this folder: an exercise is a folder such as "+
			"01-its-name with a file exercise.md", from)
	}
	return list, err
}

// lab finds the lab's sources, which programs are compiled with: those of the flag --clone,
// those that the go.mod in a learner's folder names, if a folder is given, or those that the
// command runs in.
func (f *flags) lab(folder string, sandbox bool) (*learn.Lab, error) {
	lab := &learn.Lab{Clone: f.clone, Sandbox: sandbox, Limit: f.limit}
	if f.limit < 0 {
		return nil, fmt.Errorf("--limit %s: must not be negative: omit the flag for %s", f.limit,
			learn.DefaultLimit)
	}
	if f.clone != "" && !isClone(f.clone) {
		return nil, fmt.Errorf("--clone %s: not the root of a clone of %s: name the folder that has its "+
			"go.mod", f.clone, modulePath)
	}
	if lab.Clone == "" && folder != "" {
		if clone, ok := cloneOf(folder); ok && isClone(clone) {
			lab.Clone = clone
		}
	}
	if lab.Clone == "" {
		if root, err := checkout.Root(""); err == nil && isClone(root) {
			lab.Clone = root
		}
	}
	return lab, nil
}

// cloneFlags are the flags of the commands that compile programs. clone is the default of --clone.
func (f *flags) cloneFlags(cmd *cobra.Command, clone string) {
	cmd.Flags().StringVar(&f.clone, "clone", "", "folder of the lab's sources (default: "+clone+")")
	cmd.Flags().DurationVar(&f.limit, "limit", learn.DefaultLimit,
		"how long a single run of a program may take")
}

// one returns the exercise that an argument names.
func one(list []*learn.Exercise, name string) (*learn.Exercise, error) {
	if x := learn.Find(list, filepath.ToSlash(name)); x != nil {
		return x, nil
	}
	return nil, fmt.Errorf("learn %s: no such exercise: write a number from %d to %d, or the name of "+
		"one of your files", name, list[0].Number, list[len(list)-1].Number)
}

// opened reads the learner's progress and the exercises that it is about.
func (f *flags) opened() (*progress, []*learn.Exercise, error) {
	p, err := readProgress(f.folder())
	if err != nil {
		return nil, nil, err
	}
	if p == nil {
		return nil, nil,
			fmt.Errorf("learn: %s has no %s, so it is not a folder of exercises: run zablab "+
				"learn start, and work in the folder that it writes", shown(f.folder()),
				progressFile)
	}
	list, err := f.load(p)
	return p, list, err
}

func shown(folder string) string {
	if folder == "." {
		return "the working directory"
	}
	return folder
}

func (f *flags) showCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show N",
		Short: "Print an exercise",
		Long:  "Prints the text of an exercise.\n\nExit status: 0 success; 2 wrong usage.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := readProgress(f.folder())
			if err != nil {
				return err
			}
			list, err := f.load(p)
			if err != nil {
				return err
			}
			x, err := one(list, args[0])
			if err != nil {
				return err
			}
			text, err := x.Shown()
			if err != nil {
				return err
			}
			if command.JSON(cmd) {
				command.WriteJSON(cmd.OutOrStdout(), map[string]any{"number": x.Number, "name": x.Name,
					"kind": x.Kind, "title": x.Title, "file": x.File(), "read": x.Read,
					"text": text})
				return nil
			}
			fmt.Fprintf(cmd.OutOrStdout(), "%d. %s (%s)\n\n%s\nYour file: %s\n", x.Number, x.Title, x.Kind,
				text, x.File())
			return nil
		},
	}
}
