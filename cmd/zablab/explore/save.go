package explore

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/zablab/zablab/cmd/zablab/command"
	"github.com/zablab/zablab/scenarios/explore"
)

// checkSave returns what is wrong with the file of --save: it may replace only an earlier search.
func (f *flags) checkSave() error {
	if f.save == "" {
		return nil
	}
	info, err := os.Stat(f.save)
	if err != nil {
		return nil // there is no such file yet
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("--save %s: this is not a file: name a file", f.save)
	}
	file, err := os.Open(f.save)
	if err != nil {
		return fmt.Errorf("--save %s: %w", f.save, command.Cause(err))
	}
	defer file.Close()
	start := make([]byte, len(explore.SavedPrefix))
	if _, err := io.ReadFull(file, start); info.Size() > 0 && (err != nil ||
		string(start) != explore.SavedPrefix) {
		return fmt.Errorf("--save %s: this file exists, and has no saved search: name another file",
			f.save)
	}
	return nil
}

// keep writes a search that has ended early to the file of --save.
func (f *flags) keep(cmd *cobra.Command, x *explore.Search, r *explore.Result) error {
	if f.save == "" {
		return nil
	}
	if !x.Unfinished() {
		if f.resume != "" && r.Why != "" {
			fmt.Fprintf(cmd.ErrOrStderr(), "zablab: the command ended before it had read the "+
				"whole saved search: nothing was saved, and %s still has the search\n", f.resume)
		}
		return nil
	}
	version, err := program()
	if err != nil {
		return err
	}
	if err := writeSearch(f.save, x, version); err != nil {
		return fmt.Errorf("write %s: %w: the search was not saved", f.save, command.Cause(err))
	}
	if !command.JSON(cmd) {
		more := ""
		if strings.HasPrefix(r.Why, explore.OutOfMemory) {
			more = fmt.Sprintf(" --memory %d", 2*f.memory)
		}
		fmt.Fprintf(cmd.OutOrStdout(), "\nSaved  %s\nGo on  zablab explore --resume %[1]s --save "+
			"%[1]s%[2]s\n", f.save, more)
	}
	return nil
}

// writeSearch writes a search to another file first, so that a full disk does not destroy what an
// earlier search has saved.
func writeSearch(name string, x *explore.Search, version string) error {
	file, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	err = x.Save(file, version)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(file.Name(), name)
	}
	if err != nil {
		os.Remove(file.Name())
	}
	return err
}

// goOn goes on with a saved search.
func (f *flags) goOn(cmd *cobra.Command, args []string) error {
	other := command.OtherFlag(cmd, "resume", "save", "spill", "memory", "output", "trace", "html", "open",
		"json")
	switch {
	case len(args) > 0:
		return fmt.Errorf("explore --resume %s: the file has the setup: leave out %s", f.resume,
			args[0])
	case other != "":
		return fmt.Errorf("explore --resume %s: the file has the bounds and the goal of the search: "+
			"leave out --%s", f.resume, other)
	}
	file, err := os.Open(f.resume)
	if err != nil {
		return fmt.Errorf("read %s: %w", f.resume, command.Cause(err))
	}
	defer file.Close()
	version, err := program()
	if err != nil {
		return err
	}
	return f.search(cmd, explore.Options{}, func(o explore.Options) (*explore.Search, error) {
		x, err := explore.Resume(file, version, o)
		if err != nil {
			return nil, fmt.Errorf("explore --resume %s: %w", f.resume, err)
		}
		return x, nil
	})
}

// program returns a hash of this program, which says whether a saved search is its own.
func program() (string, error) {
	name, err := os.Executable()
	if err != nil {
		return "", err
	}
	file, err := os.Open(name)
	if err != nil {
		return "", fmt.Errorf("read this program: %w", err)
	}
	defer file.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", fmt.Errorf("read this program: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8]), nil
}
