// Package trace is zablab trace: it reads runs from files of zablab.trace/1.
//
// show prints a run's events (show.go chooses them, table.go prints them, causes.go those that
// led to one event), diff finds where two runs diverge (diff.go), trim cuts out a part (trim.go),
// and diagram draws one (diagram.go). [Command] contains all four; bounds.go has the flags that
// select a part of a run.
package trace
