// Package book is the lab's own chapters: Markdown that a reader reads and the lab plays.
//
// [Chapters] are all of them in order, and [Find] finds one by its name, its number or the words of
// its name. What a chapter shows of its runs is held to them by a test in cmd/zablab.
package book
