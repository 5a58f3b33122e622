package terminal

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// Watched returns standard error, and reports whether the command may draw progress there: the
// result is false if standard error is not a terminal, or if the command runs with --json.
func Watched(cmd *cobra.Command, asJSON bool) (*os.File, bool) {
	file, ok := cmd.ErrOrStderr().(*os.File)
	return file, ok && !asJSON && term.IsTerminal(int(file.Fd()))
}

// Progress is a progress bar or a spinner on standard error. If standard error is a file or a pipe,
// a bar prints a line every ten seconds instead, and a spinner shows nothing. With --json, neither
// shows anything.
type Progress struct {
	bar *progressbar.ProgressBar
	log *progressLog
}

// progressLog prints a line now and then, where standard error is a file or a pipe.
type progressLog struct {
	out         io.Writer
	n           int
	unit        string
	began, last time.Time
}

// logEvery is the time between two lines of progress in a file.
const logEvery = 10 * time.Second

// at prints a line if the last one is old enough.
func (l *progressLog) at(now time.Time, done int, what string) {
	if now.Sub(l.last) < logEvery {
		return
	}
	l.last = now
	took := now.Sub(l.began)
	fmt.Fprintf(l.out, "%s: %d of %d %s, %.1f/s, %s\n", took.Round(time.Second), done, l.n, l.unit,
		float64(done)/took.Seconds(), what)
}

// NewProgress returns a bar that counts up to n and shows the rate. unit is the plural noun for
// what is counted.
func NewProgress(cmd *cobra.Command, n int, asJSON bool, unit string) Progress {
	file, ok := Watched(cmd, asJSON)
	if !ok {
		if file == nil || asJSON {
			return Progress{}
		}
		now := time.Now()
		return Progress{log: &progressLog{out: file, n: n, unit: unit, began: now, last: now}}
	}
	return Progress{bar: progressbar.NewOptions(n, progressbar.OptionSetWriter(file),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(),
		progressbar.OptionSetItsString(unit), progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish(), progressbar.OptionSetWidth(30))}
}

// NewSpinner returns a spinner, for work of unknown length. It shows the given text.
func NewSpinner(cmd *cobra.Command, asJSON bool, what string) Progress {
	file, ok := Watched(cmd, asJSON)
	if !ok {
		return Progress{}
	}
	bar := progressbar.NewOptions(-1, progressbar.OptionSetWriter(file),
		progressbar.OptionSetDescription(what), progressbar.OptionClearOnFinish(),
		progressbar.OptionSpinnerType(14))
	_ = bar.RenderBlank()
	return Progress{bar: bar}
}

// Shown reports whether the bar is visible.
func (p Progress) Shown() bool { return p.bar != nil }

// At shows the number of completed items and the name of the current one.
func (p Progress) At(done int, what string) {
	if p.bar != nil {
		p.bar.Describe(what)
		_ = p.bar.Set(done)
	}
	if p.log != nil {
		p.log.at(time.Now(), done, what)
	}
}

// Say shows the name of the current item.
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
