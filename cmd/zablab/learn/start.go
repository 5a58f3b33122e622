package learn

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/checkout"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/cmd/zablab/terminal"
	"github.com/zablab/zablab/scenarios/learn"
)

// startFolder is the default folder of start.
const startFolder = "zablab-exercises"

func (f *flags) startCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "start [FOLDER]",
		Short: "Write a folder with a file for each exercise",
		Long: `Fills a folder (default: ` + startFolder + `) with a file for each exercise,
progress.txt, and a go.mod, with which an editor finds the lab's packages. Files that
exist are kept: repeat the command after an update, or to restore a deleted file.

Exit status: 0 success; 2 wrong usage, or a folder that cannot be written.`,
		Example: "  zablab learn start my-exercises",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := f.dir
			if len(args) > 0 {
				folder = args[0]
			}
			if folder == "" {
				folder = startFolder
			}
			return f.start(cmd, folder)
		},
	}
}

// start writes the folder.
func (f *flags) start(cmd *cobra.Command, folder string) error {
	if err := command.MakeFolder("start", folder); err != nil {
		return err
	}
	p, err := readProgress(folder)
	if err != nil {
		return err
	}
	if p == nil {
		p = &progress{folder: folder}
		if err := startable(folder); err != nil {
			return err
		}
	}
	list, err := f.load(p)
	if err != nil {
		return err
	}
	if f.exercises != "" {
		if p.exercises, err = filepath.Abs(f.exercises); err != nil {
			return fmt.Errorf("--exercises %s: %w", f.exercises, err)
		}
	}
	written := 0
	for _, x := range list {
		n, err := writeExercise(folder, x)
		if err != nil {
			return err
		}
		written += n
		p.of(x)
	}
	module, there, err := writeModule(folder)
	if err != nil {
		return err
	}
	if err := p.write(); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if command.JSON(cmd) {
		command.WriteJSON(out, map[string]any{"folder": folder, "exercises": len(list),
			"files_written": written, "module": module})
		return nil
	}
	fmt.Fprintf(out, "%s: %s, %s written\n", folder,
		terminal.Plural(len(list), "exercise", "exercises"),
		terminal.Plural(written, "file", "files"))
	switch {
	case module == "" && there:
		fmt.Fprintf(out, "The existing go.mod was kept. For the repair exercises, add the line "+
			"\"replace %s => FOLDER\" to it, where FOLDER is the folder of the lab's sources.\n",
			modulePath)
	case module == "":
		fmt.Fprintln(out, "No go.mod was written, because the lab's sources were not found. Only "+
			"repair exercises need the sources. To check these, run zablab learn check --clone "+
			"FOLDER, where FOLDER has the sources.")
	}
	first := list[0]
	fmt.Fprintf(out, "To begin: cd %s, open %s, write your answer into it, and run zablab learn "+
		"check %d\n", folder, first.File(), first.Number)
	return nil
}

// startable refuses a folder that holds other things: the exercises would be lost among them.
func startable(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("start %s: %w: name a folder that can be read", folder,
			command.Cause(err))
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			return fmt.Errorf("start %s: the folder has other files (%s): name a new folder", folder,
				e.Name())
		}
	}
	return nil
}

// writeExercise writes the files of an exercise that do not exist, and returns their number.
func writeExercise(folder string, x *learn.Exercise) (n int, err error) {
	write := func(name string, make func() ([]byte, error)) error {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err := command.MakeFolder("start", filepath.Dir(path)); err != nil {
			return err
		}
		data, err := make()
		if err != nil {
			return err
		}
		n++
		return command.WriteFile(path, data)
	}
	if err := write(x.File(), x.Contents); err != nil {
		return n, err
	}
	if x.Kind == learn.Read {
		return n, write(x.TraceFile(), x.Trace)
	}
	return n, nil
}

// modulePath is the path of the lab's module.
const modulePath = "github.com/zablab/zablab"

// writeModule writes a go.mod that finds the lab's packages in the clone that the command runs in,
// unless there is a go.mod. It returns the folder of the clone that the go.mod names, "" if it
// names none, and whether there is a go.mod.
func writeModule(folder string) (clone string, there bool, err error) {
	name := filepath.Join(folder, "go.mod")
	if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
		clone, _ = cloneOf(folder)
		return clone, true, nil
	}
	if clone, err = checkout.Root(""); err != nil || !isClone(clone) {
		return "", false, nil
	}
	text := fmt.Sprintf("module exercises\n\ngo 1.26\n\nrequire %s v0.0.0\n\nreplace %s => %s\n",
		modulePath, modulePath, clone)
	return clone, true, command.WriteFile(name, []byte(text))
}

// isClone reports whether a folder is the root of the lab's module.
func isClone(folder string) bool {
	data, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	return err == nil && strings.HasPrefix(string(data), "module "+modulePath+"\n")
}

// cloneOf returns the clone that the go.mod of a learner's folder names; false if it names none.
func cloneOf(folder string) (clone string, ok bool) {
	data, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	if err != nil {
		return "", false
	}
	for line := range strings.Lines(string(data)) {
		if _, path, ok := strings.Cut(line, "replace "+modulePath+" => "); ok {
			return strings.TrimSpace(path), true
		}
	}
	return "", false
}
