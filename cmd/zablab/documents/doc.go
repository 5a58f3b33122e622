// Package documents contains the commands for readers and authors of documents. The commands zablab
// list and zablab read show the chapters of the book. The command zablab guide lists the phrases
// that a drawing (a sequence diagram) may use, and an example. The command zablab claims plays the
// evidence for statements about ZooKeeper.
//
// The input is the name of a chapter or a file; the output is text that fits the terminal, or one
// JSON document.
package documents
