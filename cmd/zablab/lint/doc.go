// Package lint implements zablab lint, which shows how each line of a document is read, without
// playing it.
//
// The input is files, folders, globs or standard input; the output is a table for each diagram,
// one JSON document, or lines that CI systems turn into annotations (github.go). [Print] prints
// the readings of one diagram; zablab replay --explain uses it too.
package lint
