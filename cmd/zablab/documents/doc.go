// Package documents is what a reader and an author of documents use: zablab list and read show the
// book, guide lists the words that a drawing may use, with an example, and claims plays the evidence for what is
// said about ZooKeeper.
//
// In goes the name of a chapter or of a file; out comes text that fits the terminal, or one JSON
// document.
package documents
