// Package book is the lab's own chapters: Markdown that a reader reads and the lab plays.
//
// [Chapters] are all of them in order, and [Find] finds one by its name, its number or the words of
// its name.
//
// To add a chapter, write 14-its-name.md next to the others: a question, a bet, a Mermaid diagram,
// and console blocks with the commands that a reader should run. A test in cmd/zablab compares what
// a chapter shows with its runs; "go test ./cmd/zablab -run Book -rewrite" fills the blocks in.
package book
