// Package story prints and writes stories: runs of small worlds, step by step (scenarios/explore).
// The commands explore and replay share it.
//
// The input is a story: the steps that a search has found, or the steps in a document. The package
// prints the steps on the screen, and writes them as a document that replay plays, as a trace, or
// as a page.
package story
