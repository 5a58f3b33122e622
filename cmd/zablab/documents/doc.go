// Package documents contains the commands for readers and authors of documents: zablab list and
// read show the book, guide lists the words that a drawing may use, with an example, and claims
// plays the evidence for statements about ZooKeeper.
//
// The input is the name of a chapter or a file; the output is text that fits the terminal, or one
// JSON document.
package documents
