// Package trace implements zablab trace, which reads recorded runs from files in the format
// zablab.trace/1.
//
// The command has five subcommands. show prints the events of a run (show.go chooses the events,
// table.go prints them, causes.go finds the causes of an event), diff finds where two runs diverge
// (diff.go), trim copies a part of a run (trim.go), diagram draws a run or a part of it
// (diagram.go), and page writes a run as an HTML page (page.go). [Command] returns the command with
// all five; bounds.go has the flags that select a part of a run.
package trace
