package terminal

import (
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Watched is the terminal on which a person sees progress, if there is one.
func Watched(cmd *cobra.Command, asJSON bool) (*os.File, bool) {
	file, ok := cmd.ErrOrStderr().(*os.File)
	return file, ok && !asJSON && term.IsTerminal(int(file.Fd()))
}

// Progress is a bar on standard error, or nothing where nobody watches.
type Progress struct{ bar *progressbar.ProgressBar }

// NewProgress counts up to n. The unit names what it counts: its rate is shown.
func NewProgress(cmd *cobra.Command, n int, asJSON bool, unit string) Progress {
	file, ok := Watched(cmd, asJSON)
	if !ok {
		return Progress{}
	}
	return Progress{progressbar.NewOptions(n, progressbar.OptionSetWriter(file),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(unit), progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))}
}

// NewSpinner shows that work of unknown length is in progress.
func NewSpinner(cmd *cobra.Command, asJSON bool, what string) Progress {
	file, ok := Watched(cmd, asJSON)
	if !ok {
		return Progress{}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(file),
		progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(),
		progressbar.OptionSpinnerType(14))
	_ = bar.RenderBlank()
	return Progress{bar}
}

// Shown is true if the bar is visible.
func (p Progress) Shown() bool { return p.bar != nil }

// At shows how many are done, and the current work.
func (p Progress) At(done int, what string) {
	if p.bar != nil {
		p.bar.Describe(what)
		_ = p.bar.Set(done)
	}
}

// Say shows the current work.
func (p Progress) Say(what string) {
	if p.bar != nil {
		p.bar.Describe(what)
	}
}

// Done removes the bar.
func (p Progress) Done() {
	if p.bar != nil {
		_ = p.bar.Finish()
		_ = p.bar.Clear()
	}
}
