// Package terminal formats the output of every command of zablab: tables, colours, wrapped and
// clipped text, counts, and a progress bar on standard error.
//
// Colours and bars appear only on a terminal; a file or a pipe gets plain text. A captured output
// therefore has the same bytes everywhere.
package terminal
