// Package trace implements zablab trace, which reads recorded runs from files in the format
// zablab.trace/1.
//
// The command has four subcommands: show prints the events of a run (show.go chooses them, table.go
// prints them, causes.go finds those that led to one event), diff finds where two runs diverge
// (diff.go), trim cuts out a part of a run (trim.go), and diagram draws a run or a part
// (diagram.go). [Command] contains all four; bounds.go has the flags that select a part of a run.
package trace
