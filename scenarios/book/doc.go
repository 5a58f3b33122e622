// Package book contains the chapters of the lab's book: Markdown documents whose diagrams the lab
// plays.
//
// [Chapters] returns all chapters in order, and [Find] returns the chapter with a name or a number.
//
// To add a chapter, write 21-its-name.md in this folder: a question, a bet on the answer, a Mermaid
// diagram, console blocks with the commands that a reader should run, and at the end something to
// try, with its answer in a <details> box, which readers see closed. A test in cmd/zablab runs the
// commands and compares their output with the console blocks. To write the output into the blocks,
// run "go test ./cmd/zablab -run Book -rewrite".
package book
