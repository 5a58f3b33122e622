// Package lint is zablab lint: it says how each line of a document is read, without playing it.
//
// In go files, folders, globs or standard input; out comes a table for each diagram, one JSON
// document, or lines that CI systems turn into annotations (github.go). [Print] prints the readings
// of one diagram; zablab replay --explain uses it too.
package lint
