// Package terminal is how every command of zablab prints: tables, colours, wrapped and clipped
// text, counts, and a progress bar on standard error.
//
// Colours and bars appear only where a person watches a terminal; a file or a pipe gets plain text.
// An output is therefore the same to the byte wherever it is captured.
package terminal
