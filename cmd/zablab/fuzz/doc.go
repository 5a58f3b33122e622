// Package fuzz implements zablab fuzz, zablab fuzz report and zablab flaws.
//
// [Command] generates a schedule of faults from each seed, plays and judges it (fuzz.go, play.go),
// keeps a folder for each failure (keep.go), prints what happened (print.go, json.go), and appends
// its results to a file (results.go); zablab fuzz report merges such files from several machines
// (report.go). [Flaws] lists the bugs that can be injected (flaws.go), and measures how fast the
// fuzzer finds them (hunt.go).
package fuzz
