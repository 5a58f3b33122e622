// Package book contains the chapters of the lab's book: Markdown documents whose diagrams the lab
// plays.
//
// [Chapters] returns all chapters in order, and [Find] returns the chapter with a name or a number.
//
// To add a chapter, write 22-its-name.md in this folder. A chapter has a question, a bet (the
// reader predicts the answer), a Mermaid diagram, and console blocks with the commands that the
// reader should run. It ends with something to try; the answer is in a <details> box that is closed
// at first. A test in cmd/zablab runs the commands and compares their output with the console
// blocks. To write the output into the blocks, run "go test ./cmd/zablab -run Book -rewrite".
package book
